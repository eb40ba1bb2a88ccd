Every command that prints JSON prints the schema of it, and keeps it.

  $ neff-text > a.neff </dev/null
  $ neff-text > b.neff <<'END'
  > set sg00/def.json /dma_queue/qSPIO0/num_queues 2
  > set sg00/def.json /dma_queue/qSPIO0/semaphore_set [8,9]
  > text sg00/note.txt new
  > END
  $ head -c 1500 a.neff > cut.neff
  $ neff-hide deflated a.neff cut.neff > model.pt
  $ for command in info verify diff extract; do
  >   neuron packager $command --json-schema > $command.json
  > done
  $ neuron packager info --json a.neff > out && json-breach info.json out
  $ neuron packager verify --json a.neff b.neff cut.neff > out
  ! neuron: 1 of 3 packages are not sound
  ? 4
  $ json-breach verify.json out
  $ neuron packager diff --json a.neff b.neff > out
  ? 1
  $ json-breach diff.json out
  $ neuron packager extract --json model.pt > out && json-breach extract.json out
  $ grep -c '"reason": "it ends early' out
  1

The check itself tells a breach.

  $ json-breach diff.json out
  : no a
  ? 1
