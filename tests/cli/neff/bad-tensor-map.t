Formats are told of shapes that can be.

  $ neff-text > bad.neff <<'END'
  > text sg00/tensor_map.json {"x": {"tf_shape": [-1]}}
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: sg00/tensor_map.json: x: dimension 0 of a shape is no natural number
  ? 4
