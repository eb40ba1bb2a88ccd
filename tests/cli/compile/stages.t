A compile tells what it does when asked: debug and info on standard output, the rest on standard error.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" .
  $ neuron compile digits.onnx --target trn2 --no-cache --verbose info --logfile log.txt -o a.neff 2>/dev/null | sed 's/[0-9]* ms/N ms/'
  neuron 0.1.0
  stage import: N ms
  stage passes: N ms
  a.neff: 43174 bytes for trn2
  predicted: 37.8 us on NeuronCore-v3, bound by waits between engines: the busiest, the Tensor engine, works 22 % of the time
  $ cut -d ' ' -f 2- log.txt | sed 's/[0-9]* ms/N ms/'
  info neuron 0.1.0
  info stage import: N ms
  info stage passes: N ms
  $ neuron compile digits.onnx --target trn2 --verbose loud -o b.neff
  ! neuron: --verbose: no level 'loud'; levels are debug, info, warning, error and critical
  ? 2
  $ neuron compile digits.onnx --target trn2 --verbose warnin -o b.neff
  ! neuron: --verbose: no level 'warnin'; did you mean 'warning'?
  ? 2

What stands after each stage can be kept, as text.

  $ neuron compile digits.onnx --target trn2 --save-stages made -o a.neff >/dev/null; ls made
  01-import.txt
  02-passes.txt
  03-sg00-act.txt
  04-sg00-dve.txt
  05-sg00-pe.txt
  06-sg00-pool.txt
  07-sg00-sp.txt
  $ head -n 2 made/01-import.txt
  graph "digits"
  input %image float32[1,1,28,28]
  $ tail -n 1 made/05-sg00-pe.txt
  MATMUL update=19:5 src=0x28b0[1,1,1][10,1,1] src_type=fp32 fp32_mode=3 transpose=0 rows=16 columns=1 dst_type=unknown acc_flags=2 row_groups=1 column_groups=1 dst=0x2002000[1,1,1][10,1,1]
  $ neuron-cc compile digits.onnx --target trn2 --pipeline compile SaveTemps -o a.neff >/dev/null; ls
  a.neff
  digits-stages
  digits.onnx
  log.txt
  made
  $ neuron compile digits.onnx --target trn2 --pipeline compile All -o a.neff
  ! neuron: --pipeline compile All: only 'compile SaveTemps' is known
  ? 2
