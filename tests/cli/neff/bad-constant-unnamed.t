A constant names its file.

  $ neff-text > bad.neff <<'END'
  > unset sg00/def.json /var/w/file_name
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var w: "file_name" is missing
  ? 4
