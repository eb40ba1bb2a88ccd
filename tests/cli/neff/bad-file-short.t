A file that ends within its header is no package.

  $ neff-text < /dev/null | head -c 500 > bad.neff
  $ neuron packager info bad.neff
  ! neuron: bad.neff: header: the file has 500 bytes, a header has 1024
  ? 4
