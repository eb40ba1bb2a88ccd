Two packages that hold the same are not different, however they are packed.

  $ neff-text > a.neff </dev/null
  $ cp a.neff same.neff
  $ neuron packager diff a.neff same.neff

What differs is shown by part, and the exit status is 1, as diff(1) has it.

  $ neff-text > b.neff <<'END'
  > set sg00/def.json /var/y/size 32
  > set neff.json /attrs/shape/1/1 [8]
  > set sg00/def.json /dma_queue/qSPIO0/num_queues 2
  > set sg00/def.json /dma_queue/qSPIO0/semaphore_set [8,9]
  > byte sg00/SP.bin 64 0x66
  > text sg00/note.txt new
  > plain
  > END
  $ neuron packager diff a.neff b.neff
  header
    data_size
      - <any>
      + <any>
    hash
      - <any>
      + <any>
    uuid
      - <any>
      + <any>
  members
    neff.json
      - <any> bytes, sha256 <any>
      + <any> bytes, sha256 <any>
    sg00/SP.bin
      - <any> bytes, sha256 <any>
      + <any> bytes, sha256 <any>
    sg00/def.json
      - <any> bytes, sha256 <any>
      + <any> bytes, sha256 <any>
    sg00/note.txt
      + <any> bytes, sha256 <any>
  tensors
    sg00 OUT y
      - 16 bytes, [4] float32
      + 32 bytes, [8] float32
  instructions
    sg00 sp 0x66
      + 1
    sg00 sp NOP
      - 1
  queues
    sg00 qSPIO0
      - in, rings 1, owner sp, transfers 1, descriptors 1
      + in, rings 2, owner sp, transfers 1, descriptors 1
  ? 1
  $ neuron packager diff --json a.neff b.neff | tail -n 14
      {
        "part": "instructions",
        "thing": "sg00 sp NOP",
        "a": "1",
        "b": null
      },
      {
        "part": "queues",
        "thing": "sg00 qSPIO0",
        "a": "in, rings 1, owner sp, transfers 1, descriptors 1",
        "b": "in, rings 2, owner sp, transfers 1, descriptors 1"
      }
    ]
  }
  $ neuron packager diff a.neff missing.neff
  ! neuron: missing.neff: cannot open: No such file or directory
  ? 3
