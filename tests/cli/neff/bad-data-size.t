A file that is shorter than its header says was cut off on the way.

  $ neff-text > bad.neff <<'END'
  > header data_size 999999
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: header: data_size at byte 16 is 999999, but <any> bytes follow the header
  ? 4
