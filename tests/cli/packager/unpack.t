A directory that is there stays as it is, unless it is an unpacked NEFF and to be replaced.

  $ neff-text > model.neff </dev/null
  $ mkdir model
  $ neuron packager unpack model.neff
  Unpacking NEFF in "model" directory...
  $ neuron packager unpack model.neff
  Unpacking NEFF in "model" directory...
  ! neuron: <any>/model: exists and is not empty (see --force)
  ? 3
  $ touch model/old && neuron packager unpack --force model.neff && ls model
  Unpacking NEFF in "model" directory...
  info.json
  kelf-0.json
  neff.json
  neff.tgz
  sg00
  $ mkdir mine && touch mine/file && neuron packager unpack --force -o mine model.neff
  Unpacking NEFF in "mine" directory...
  ! neuron: <any>/mine: is no unpacked NEFF, for it holds no neff.tgz; remove it first
  ? 3

Members that a file system may take for one another are refused, and so is more than the limits
allow; nothing stays behind.

  $ echo 'text sg00/DEF.json words' | neff-text > case.neff
  $ neuron packager unpack case.neff
  Unpacking NEFF in "case" directory...
  ! neuron: case.neff: archive: members sg00/def.json and sg00/DEF.json differ only in upper and lower case
  ? 4
  $ neuron packager unpack --max-members 3 -o out model.neff
  Unpacking NEFF in "out" directory...
  ! neuron: model.neff: archive: more than 3 members (see --max-members)
  ? 4
  $ neuron packager unpack --max-size 1000 -o out model.neff
  Unpacking NEFF in "out" directory...
  ! neuron: model.neff: archive: member <any>: more than 1000 bytes of members (see --max-size)
  ? 4
  $ ls -A
  case.neff
  mine
  model
  model.neff
