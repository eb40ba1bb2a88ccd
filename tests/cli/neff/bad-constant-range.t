A raw constant lies inside its member.

  $ neff-text > bad.neff <<'END'
  > text sg00/all.bin twelve bytes
  > set sg00/def.json /var/w/file_name "all.bin"
  > set sg00/def.json /var/w/file_offset 8
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var w: sg00/all.bin: 16 bytes at 8 end beyond its 12 bytes of data
  ? 4
