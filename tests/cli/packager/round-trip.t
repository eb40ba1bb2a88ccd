A package is unpacked, packed again from its own archive, and keeps every byte of it.

  $ neff-text > model.neff </dev/null
  $ neuron packager unpack model.neff
  Unpacking NEFF in "model" directory...
  $ ls model
  info.json
  kelf-0.json
  neff.json
  neff.tgz
  sg00
  $ neuron packager create -i model/neff.tgz
  Successfully generated: NN.neff
  $ tail -c +1025 NN.neff | cmp - model/neff.tgz
  $ neuron packager info NN.neff
  NEFF Header:
        Package Version:               2
        Header Size:                   1024      (bytes)
        Data Size:                     <any>(bytes)
        Major Version:                 0
        Minor Version:                 4
        Build Version:                 0.1.0
        Number of Neuron cores:        1
        Hash:                          <any>
        UUID:                          <any>
        Network Name:                  good
        Enabled Features:              N/A
  
  
  NEFF Nodes:
      NODE      Executor    Name    Variable    Size    Type    Format    Shape    DataType    TimeSeries
         1    NeuronCore    sg00
                                           x      16      IN                [4]     float32
                                           y      16     OUT                [4]     float32    false
  $ neuron packager create --input model/neff.tgz --tool-version 9 --neff-version 2.0 --header-version 1 --name other --num-nc 2 --output other --enable-feature bin-weights --enable-feature coalesced-cc
  Successfully generated: other.neff
  $ neuron packager info other.neff | head -n 12
  NEFF Header:
        Package Version:               1
        Header Size:                   1024      (bytes)
        Data Size:                     <any>(bytes)
        Major Version:                 2
        Minor Version:                 0
        Build Version:                 9
        Number of Neuron cores:        2
        Hash:                          <any>
        UUID:                          <any>
        Network Name:                  other
        Enabled Features:              bin-weights, coalesced-cc

Optimizing replaces the file; sizes stay, formats are no longer known.

  $ neuron packager optimize model.neff NN.neff
  Successfully generated: model.neff
  Successfully generated: NN.neff
  $ neuron packager info -w model.neff | tail -n 6
  NEFF Nodes:
      NODE      Executor    Name    Variable    Size      Type    Format    Shape    DataType    TimeSeries
         1    NeuronCore    sg00
                                           x      16        IN                [4]     float32
                                           y      16       OUT                [4]     float32    false
                                           w      16    WEIGHT                 []
  $ ls
  NN.neff
  model
  model.neff
  other.neff

Mistakes are answered before anything is written.

  $ neuron packager create -i missing.tgz
  ! neuron: missing.tgz: cannot open: No such file or directory
  ? 3
  $ neuron packager create -i model/neff.json
  ! neuron: model/neff.json: archive: tar: unrecognized archive format
  ? 4
  $ neuron packager create -i model/neff.tgz -k four
  ! neuron: --neff-version is four, expected MAJOR.MINOR such as 0.4
  ? 2
  $ neuron packager create -i model/neff.tgz -e speed
  ! neuron: --enable-feature: speed not in {bin-weights,collectives-offset,custom-ops,coalesced-cc}; see 'neuron packager create --help'
  ? 2
  $ neuron packager unpack model -o out
  Unpacking NEFF in "out" directory...
  ! neuron: model: not a regular file
  ? 3
  $ neuron packager optimize missing.neff
  ! neuron: missing.neff: cannot open: No such file or directory
  ? 3
