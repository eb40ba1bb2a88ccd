Nesting is limited, so that no reader runs out of stack.

  $ echo "text neff.json $(printf '[%.0s' $(seq 300))$(printf ']%.0s' $(seq 300))" | neff-text > bad.neff
  $ neuron packager info bad.neff
  ! neuron: bad.neff: neff.json: json nests deeper than 200
  ? 4
