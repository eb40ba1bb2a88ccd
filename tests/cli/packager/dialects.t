Compilers of six years wrote packages in many ways. All are read, none is mistaken for damage.

Since Trn1: gzip with zeros up to a multiple of 10240, and, from 2.18 on, a hash of swapped words.

  $ neff-text > trn1.neff <<'END'
  > set kelf-0.json /target "sunda"
  > pad 10240
  > END
  $ neuron packager verify trn1.neff
  trn1.neff: sound; 7 members, 1 subgraph, 2 instructions; hash MD5
  $ neff-text > trn2.neff <<'END'
  > pad 10240
  > swap
  > END
  $ neuron packager verify trn2.neff
  trn2.neff: sound; 7 members, 1 subgraph, 2 instructions; hash MD5, words byte-swapped

A plain archive, directories in it, paths that begin with a dot, and names that only GNU tar can hold.

  $ neff-text > plain.neff <<'END'
  > plain
  > text sg00/ words
  > type sg00/ 5
  > rename info.json ./info.json
  > END
  $ neuron packager verify plain.neff
  plain.neff: sound; 7 members, 1 subgraph, 2 instructions; hash MD5
  $ name=sg00/$(printf 'long%.0s' $(seq 40)).npy; neff-text > gnu.neff <<END
  > gnu
  > copy sg00/value_w.npy $name
  > set sg00/def.json /var/w/file_name "${name#sg00/}"
  > END
  $ neuron packager verify gnu.neff
  gnu.neff: sound; 8 members, 1 subgraph, 2 instructions; hash MD5

Package version 1 is hashed with SHA-256.

  $ neff-text > old.neff <<'END'
  > digest 1
  > END
  $ neuron packager verify old.neff
  old.neff: sound; 7 members, 1 subgraph, 2 instructions; hash SHA-256
  $ neuron packager info old.neff | grep Package
        Package Version:               1

Bits without a public name are numbers, in the text and in the JSON.

  $ neff-text > bits.neff <<'END'
  > bits 0x8000000001209c01
  > END
  $ neuron packager info bits.neff | grep Features
        Enabled Features:              bin-weights, virtual-core, v3-2x-4x-dve-perf-mode, 0x1000, 0x8000, 0x200000, 0x1000000, 0x8000000000000000
  $ neuron packager info --json-output bits.neff | grep -A 2 '"bit": [69]'
          "bit": 63,
          "name": null
        }

A logical core of two: the node names each output once for each core, the table once.

  $ neff-text > lnc2.neff <<'END'
  > bits 0xc00
  > header lnc_size 2
  > set neff.json /nodes/1/output_names ["y","y"]
  > set neff.json /nodes/1/attrs/num_outputs "2"
  > set neff.json /attrs/shape/1 [[4],[4],[4]]
  > set neff.json /attrs/dltype/1 ["float32","float32","float32"]
  > set neff.json /node_row_ptr [0,1,3]
  > set sg00/def.json /neff_features ["neff_feature_vnc"]
  > copy sg00/def.json sg01/def.json
  > copy sg00/SP.json sg01/SP.json
  > copy sg00/SP.bin sg01/SP.bin
  > copy sg00/value_w.npy sg01/value_w.npy
  > set kelf-0.json /graphs/1 {"name":"sg01","definition":"sg01/def.json"}
  > END
  $ neuron packager verify lnc2.neff
  lnc2.neff: sound; 11 members, 2 subgraphs, 4 instructions; hash MD5
  $ neuron packager info lnc2.neff | tail -n 6
  NEFF Nodes:
      NODE      Executor    Name    Variable    Size    Type    Format    Shape    DataType    TimeSeries
         1    NeuronCore    sg00
                                           x      16      IN                [4]     float32
                                           y      16     OUT                [4]     float32    false
         1    NeuronCore    sg01

Inf1: GNU tar in a gzip stream with a name, kelf-a.json without a target, engine files of other names,
a constant without a size, and operators for the CPU. Its header has no logical core size, and the tail
of its hash is the digit 0.

  $ neff-text > inf1.neff <<'END'
  > gnu
  > named _tmp_neff.tgz
  > header lnc_size 0
  > digits
  > rename kelf-0.json kelf-a.json
  > unset kelf-a.json /target
  > set neff.json /nodes/1/attrs/kelf "kelf-a.json"
  > set neff.json /nodes/1/name "sg_tonga0"
  > set neff.json /nodes/2 {"op":"null","name":"constant0","inputs":[],"output_names":["constant0"],"is_param":"1"}
  > set neff.json /nodes/3 {"op":"tvm_op","name":"fused_11_copy","attrs":{"func_name":"fused_11_copy","flatten_data":"0","num_inputs":"2","num_outputs":"1"},"inputs":[[1,0,0],[2,0,0]],"output_names":["z"]}
  > set neff.json /attrs/shape/1 [[4],[4],[1],[]]
  > set neff.json /attrs/dltype/1 ["float32","float32","float16","unknown"]
  > set neff.json /node_row_ptr [0,1,2,3,4]
  > set neff.json /heads [[3,0,0]]
  > text cpu.so ELF
  > text cpu.params words
  > set sg00/def.json /version "0.6-"
  > set sg00/def.json /debug_info {"wavegraph":"wavegraph-bin.json"}
  > set sg00/def.json /var/x/#transfer-type "input"
  > set sg00/def.json /var/x/fabric_path "repl"
  > unset sg00/def.json /var/w/size
  > unset sg00/def.json /sp
  > unset sg00/def.json /sp_instr
  > set sg00/def.json /pool "pool.json"
  > set sg00/def.json /pool_instr "TrivNet-pool.bin"
  > set sg00/def.json /dma_queue {"qPoolIn0":{"type":"in","owner":"pool","pinned":true,"semaphore":8}}
  > rename sg00/SP.json sg00/pool.json
  > rename sg00/SP.bin sg00/TrivNet-pool.bin
  > set sg00/pool.json /dma/0/queue "qPoolIn0"
  > set sg00/pool.json /dma/0/#block_num_bytes 16
  > END
  $ neuron packager verify inf1.neff
  inf1.neff: sound, 1 note; 9 members, 1 subgraph, 0 instructions; hash MD5
    note     unchecked: sg00/
             programs of this generation are not decoded: the kelf's target is ""
             remedy: nothing; their size and transfers were checked
  $ neuron packager info -w inf1.neff | tail -n 9
  NEFF Nodes:
      NODE      Executor             Name     Variable    Size      Type    Format    Shape    DataType    TimeSeries
         1    NeuronCore             sg00
                                                     x      16        IN                [4]     float32
                                                     y      16       OUT                [4]     float32    false
                                                     w      16    WEIGHT                 []
         3           CPU    fused_11_copy
                                             constant0       2        IN                [1]     float16
                                                     z       0       OUT                 []
