The end of a variable is a number too.

  $ neff-text > bad.neff <<'END'
  > set sg00/def.json /var/v {"type":"virtual","var_id":8,"size":18446744073709551615,"backing_variable_off":1}
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/def.json: var v: "size" 18446744073709551615 at 1 overflows
  ? 4
