Nor may one have an absolute path.

  $ neff-text > bad.neff <<'END'
  > rename info.json /etc/info.json
  > END
  $ neuron packager info bad.neff
  ! neuron: bad.neff: archive: member /etc/info.json has an absolute path, expected one inside the package
  ? 4
