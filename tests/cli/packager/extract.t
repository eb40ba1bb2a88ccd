Frameworks hide packages in their own files. Two of them, and where they end up.

  $ neff-text > one.neff <<'END'
  > text info.json {"name": "one"}
  > plain
  > END
  $ neff-text > two.neff <<'END'
  > text info.json {"name": "two"}
  > plain
  > END
  $ neff-hide pickle one.neff > data.pkl
  $ neff-hide torchscript one.neff two.neff > model.pt
  $ neff-hide deflated one.neff two.neff > small.pt
  $ neff-hide protobuf two.neff one.neff > saved_model.pb

Each comes out byte for byte.

  $ neuron packager extract data.pkl
  Successfully extracted: data-1.neff
  $ cmp data-1.neff one.neff
  $ neuron packager extract model.pt -o torch
  Successfully extracted: torch/model-1.neff
  Successfully extracted: torch/model-2.neff
  $ cmp torch/model-1.neff one.neff && cmp torch/model-2.neff two.neff
  $ neuron packager extract small.pt -o small
  Successfully extracted: small/small-1.neff
  Successfully extracted: small/small-2.neff
  $ cmp small/small-1.neff one.neff && cmp small/small-2.neff two.neff
  $ neuron packager extract saved_model.pb --output tf
  Successfully extracted: tf/saved_model-1.neff
  Successfully extracted: tf/saved_model-2.neff
  $ cmp tf/saved_model-1.neff two.neff && cmp tf/saved_model-2.neff one.neff

A list writes nothing. A package is one that its hash speaks for.

  $ neuron packager extract --list model.pt | tr -s ' ' | cut -d ' ' -f 3-
  Size Hash Name Entry Output
  11776 MD5 good model/code/data0.pkl
  11776 MD5 good model/code/data1.pkl
  $ neuron packager extract --list small.pt | tr -s ' ' | cut -d ' ' -f 3-
  Size Hash Name Entry Output
  11776 MD5 good model/code/data0.pkl (inflated)
  11776 MD5 good model/code/data1.pkl (inflated)
  $ neff-text > changed.neff <<'END'
  > header hash 1
  > plain
  > END
  $ neff-hide torchscript changed.neff one.neff one.neff > three.pt
  $ neuron packager extract --list three.pt | tr -s ' ' | cut -d ' ' -f 3-
  Size Hash Name Entry Output
  12288 bad: its hash does not hold good model/code/data0.pkl
  11776 MD5 good model/code/data1.pkl
  11776 MD5 good model/code/data2.pkl
  $ neuron packager extract three.pt -o three
  Successfully extracted: three/three-1.neff
  $ head -c 9000 data.pkl > cut.pkl
  $ neuron packager extract cut.pkl
  ! neuron: cut.pkl: no whole NEFF in it; the only header at byte 7: it ends early: the header tells of 10752 bytes, 7969 follow
  ? 13
  $ neuron packager extract --list cut.pkl
      Offset     Size                                                                Hash    Name    Entry    Output
           7    11776    bad: it ends early: the header tells of 10752 bytes, 7969 follow
  ! neuron: cut.pkl: no whole NEFF in it; the only header at byte 7: it ends early: the header tells of 10752 bytes, 7969 follow
  ? 13
  $ neuron packager extract --json --list cut.pkl
  {
    "file": "cut.pkl",
    "packages": [
      {
        "part": "",
        "offset": 7,
        "inflated": false,
        "size": 11776,
        "name": "",
        "uuid": "",
        "hash": "",
        "reason": "it ends early: the header tells of 10752 bytes, 7969 follow",
        "output": null
      }
    ]
  }
  ! neuron: cut.pkl: no whole NEFF in it; the only header at byte 7: it ends early: the header tells of 10752 bytes, 7969 follow
  ? 13
  $ head -c 100000 /dev/zero > zeros
  $ neuron packager extract zeros
  ! neuron: zeros: no NEFF in it
  ? 13
  $ neuron packager extract missing.pt
  ! neuron: missing.pt: cannot open: No such file or directory
  ? 3
