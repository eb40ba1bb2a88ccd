A changed package shows by its hash.

  $ neff-text > bad.neff <<'END'
  > header hash 7
  > END
  $ neuron packager verify bad.neff
  bad.neff: 1 error; 7 members, 1 subgraph, 2 instructions
    error    hash-mismatch: header, byte 172
             the hash in the header is not that of the archive: the header says <any>, the MD5 of the <any> bytes is another in either byte order
             remedy: the package was changed or damaged after it was made: copy it again from its source, or, if you changed it, pack it again with 'neuron packager create'
  ! neuron: bad.neff is not sound
  ? 4
