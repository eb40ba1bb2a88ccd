A name may not steer a terminal.

  $ printf 'rename info.json a\033[2Jb\n' | neff-text > bad.neff
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member a\x1b[2Jb has control characters in its name
  ? 4
