A sound package is one line.

  $ neff-text > good.neff </dev/null
  $ neuron packager verify good.neff
  good.neff: sound; 7 members, 1 subgraph, 2 instructions; hash MD5

Where a runtime says that a NEFF is invalid, the reason is named: here a byte changed on the way.

  $ neff-text > bad.neff <<'END'
  > header hash 1
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions
    error    hash-mismatch: header, byte 172
             the hash in the header is not that of the archive: the header says <any>, the MD5 of the <any> bytes is another in either byte order
             remedy: the package was changed or damaged after it was made: copy it again from its source, or, if you changed it, pack it again with 'neuron packager create'
  ! neuron: bad.neff is not sound
  ? 4

All that is wrong is told at once, each with its member, its byte and what to do.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/x/type "imput"
  > set sg00/def.json /dma_queue/qSPIO0/num_queues 17
  > set sg00/SP.json /dma/0/desc/0/to "nothing"
  > text info.json {"name":
  > header num_tpb 0
  > END
  $ neuron packager verify bad.neff
  bad.neff: 6 errors, 1 warning; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    json: info.json, byte 9
             a member is no valid JSON: json is broken at byte 9
             remedy: put the original member back and pack again, or compile the model again
    error    variable: sg00/def.json, byte 354, /var/x
             a variable is not described as it must be: var x: "type" imput is not known
             remedy: compile the model again
    error    queue: sg00/def.json, byte 91, /dma_queue/qSPIO0
             a DMA queue is not described as it must be: dma_queue qSPIO0: "num_queues" is 17, expected 1 to 16
             remedy: compile the model again
    error    reference: sg00/SP.json, byte 8, /dma/0
             a name or id leads to nothing: dma 0: no queue is called qSPIO0
             remedy: a member belongs to another build; take all members from one compilation
    error    reference: sg00/SP.json, byte 17, /dma/0/desc/0
             a name or id leads to nothing: dma 0: no variable is called nothing
             remedy: a member belongs to another build; take all members from one compilation
    error    reference: sg00/SP.json, byte 17, /dma/0/desc/0
             a name or id leads to nothing: dma 0: no variable is called x
             remedy: a member belongs to another build; take all members from one compilation
    warning  header-cores: header, byte 168
             the header asks for a number of cores that does not fit: num_tpb is 0, expected at least 1
             remedy: pack it again with 'neuron packager create --num-nc'
  ! neuron: bad.neff is not sound
  ? 4

A transfer that leaves its variable, and one whose sides differ.

  $ neff-text > bad.neff <<'END'
  > set sg00/SP.json /dma/0/desc/0/from_off 8
  > set sg00/SP.json /dma/0/desc/0/to_sizes [8]
  > END
  $ neuron packager verify bad.neff
  bad.neff: 2 errors; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    bounds: sg00/SP.json, byte 17, /dma/0/desc/0
             bytes beyond the end of a variable are moved: dma 0 of queue qSPIO0 moves bytes 8 to 23 of x, which has 16
             remedy: compile the model again; running it would read or overwrite foreign memory
    error    transfer-sizes: sg00/SP.json, byte 17, /dma/0/desc/0
             a DMA transfer reads and writes different counts of elements: dma 0 of queue qSPIO0 reads 16 elements of x and writes 8 of SB
             remedy: compile the model again
  ! neuron: bad.neff is not sound
  ? 4

A wait that no one meets would hang; it is found without running.

  $ neff-text > bad.neff <<'END'
  > byte sg00/SP.bin 72 5
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    wait: sg00/SP.bin, byte 64
             an engine waits for something that never comes: instruction 1 (NOP) waits for semaphore 8 to reach 5, which the whole program raises to 1
             remedy: compile the model again; running it would hang until the timeout
  ! neuron: bad.neff is not sound
  ? 4

Instructions that we do not know are a warning: a device may know them. With --strict that fails too.

  $ neff-text > odd.neff <<'END'
  > byte sg00/SP.bin 64 0x66
  > header feature_bits 0x1000
  > END
  $ neuron packager verify odd.neff
  odd.neff: sound, 2 warnings, 1 note; 7 members, 1 subgraph, 2 instructions; hash MD5
    warning  feature-version: header, byte 24
             features are set, but the version is below 2: the version is 1.0, the features are 0x1000
             remedy: pack it again with 'neuron packager create --neff-version 2.0'
    warning  unknown-instruction: sg00/SP.bin, byte 64
             instructions are not known here: 0x66; first is instruction 1: opcode 0x66 is not known
             remedy: a device may know them; 'neuron run' stops at the first
    note     feature-unknown: header, byte 544
             feature bits have no public name: 0x1000
             remedy: nothing; a runtime that does not know it refuses the package
  $ neuron packager verify --strict good.neff odd.neff > strict.txt
  ! neuron: 1 of 2 packages are not sound
  ? 4

A trigger and its transfer belong together.

  $ neff-text > bad.neff <<'END'
  > byte sg00/SP.bin 48 7
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error, 1 warning; 7 members, 1 subgraph, 2 instructions; hash MD5
    error    reference: sg00/SP.bin, byte 0
             a name or id leads to nothing: instruction 0 starts dma 7 of queue qSPIO0, and SP.json lists none
             remedy: a member belongs to another build; take all members from one compilation
    warning  transfer-idle: sg00/SP.json, byte 8, /dma/0
             a DMA transfer is never started: dma 0 of queue qSPIO0
             remedy: the engine's JSON and its instructions come from different builds; take both from one
  ! neuron: bad.neff is not sound
  ? 4

Content that needs a feature which the header does not name.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /neff_features ["neff_feature_vnc"]
  > END
  $ neuron packager verify bad.neff
  bad.neff: sound, 1 warning; 7 members, 1 subgraph, 2 instructions; hash MD5
    warning  feature-missing: sg00/def.json, byte 246, /neff_features
             the content uses a feature that the header does not name: virtual-core: the subgraph is one core of a logical core
             remedy: pack it again with 'neuron packager create --enable-feature'; older runtimes may load it and fail

What is no package, or only a part of one.

  $ head -c 700 good.neff > part.neff
  $ neuron packager verify part.neff
  part.neff: 1 error
    error    file-short: header, byte 700
             the file ends within its header: the file has 700 bytes, a header has 1024
             remedy: it was cut off, or is no NEFF; copy it again, or look for a NEFF inside it with 'neuron packager extract'
  ! neuron: part.neff is not sound
  ? 4
  $ head -c 1200 good.neff > part.neff
  $ neuron packager verify part.neff
  part.neff: 1 error
    error    data-size: header, byte 16
             the archive is not as long as the header says: data_size is <any>, but <any> bytes follow the header
             remedy: the file was cut off or something was appended; copy it again from where it was made
  ! neuron: part.neff is not sound
  ? 4
  $ (cat good.neff; echo tail) > tail.neff
  $ neuron packager verify tail.neff
  tail.neff: 1 error; hash MD5
    error    data-size: header, byte 16
             the archive is not as long as the header says: data_size is <any>, but <any> bytes follow the header
             remedy: the file was cut off or something was appended; copy it again from where it was made
  ! neuron: tail.neff is not sound
  ? 4
  $ neuron packager verify missing.neff
  ! neuron: missing.neff: cannot open: No such file or directory
  ? 3

For a pipeline.

  $ neuron packager verify --json bad.neff part.neff
  {
    "files": [
      {
        "file": "bad.neff",
        "sound": true,
        "errors": 0,
        "warnings": 1,
        "notes": 0,
        "hash": "MD5",
        "members": 7,
        "subgraphs": 1,
        "instructions": 2,
        "findings": [
          {
            "id": "feature-missing",
            "severity": "warning",
            "member": "sg00/def.json",
            "offset": 246,
            "pointer": "/neff_features",
            "meaning": "the content uses a feature that the header does not name",
            "reason": "virtual-core: the subgraph is one core of a logical core",
            "remedy": "pack it again with 'neuron packager create --enable-feature'; older runtimes may load it and fail"
          }
        ]
      },
      {
        "file": "part.neff",
        "sound": false,
        "errors": 1,
        "warnings": 0,
        "notes": 0,
        "hash": "",
        "members": 0,
        "subgraphs": 0,
        "instructions": 0,
        "findings": [
          {
            "id": "data-size",
            "severity": "error",
            "member": "header",
            "offset": 16,
            "pointer": "",
            "meaning": "the archive is not as long as the header says",
            "reason": "data_size is <any>, but <any> bytes follow the header",
            "remedy": "the file was cut off or something was appended; copy it again from where it was made"
          }
        ]
      }
    ]
  }
  ! neuron: 1 of 2 packages are not sound
  ? 4
