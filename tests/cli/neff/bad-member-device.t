A device is no member.

  $ neff-text > bad.neff <<'END'
  > type info.json 3
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member info.json is a device, pipe or socket, expected a file or directory
  ? 4
