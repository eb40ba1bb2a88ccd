Products are exact float32 unless --auto-cast rounds their operands. Sums stay float32, and so do the
inputs and outputs of the package.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" "$SOURCE/tests/data/digits/7.npy" .
  $ neuron compile digits.onnx --target trn2 -o exact.neff >/dev/null; neuron run exact.neff image 7.npy --npy --top 1 | sed -n 2p
     1. [7]              0.991003
  $ for type in bf16 fp16 tf32 fp8_e4m3; do
  >   neuron compile digits.onnx --target trn2 --auto-cast matmult --auto-cast-type $type -o $type.neff >/dev/null
  >   neuron run $type.neff image 7.npy --no-save --top 1 | sed -n 2p
  > done
     1. [7]              0.990981
     1. [7]              0.99101
     1. [7]              0.990998
     1. [7]              0.988641
  $ neuron compile digits.onnx --target trn2 --auto-cast all -o all.neff >/dev/null; neuron run all.neff image 7.npy --no-save --top 1 | sed -n 1,2p
  probabilities: float32 [1,10]
     1. [7]              0.990981
  $ neuron run bf16.neff image 7.npy --expect probabilities probabilities.npy --rtol 0.05 --atol 0.01 | tail -n 1
  probabilities: as in probabilities.npy

The older words say the same.

  $ neuron compile digits.onnx --target trn2 --fp32-cast matmult -o old.neff --no-cache >/dev/null; cmp bf16.neff old.neff
  $ neuron compile digits.onnx --target trn2 --fast-math fp32-cast-matmult-fp16,no-fast-relayout -o old.neff --no-cache >/dev/null; cmp fp16.neff old.neff
  $ neuron compile digits.onnx --target trn2 --fp32-cast none -o old.neff
  ! neuron: --fp32-cast: no choice 'none'; choices are all, all-fp16, matmult, matmult-bf16 and matmult-fp16
  ? 2
  $ neuron compile digits.onnx --target trn2 --fast-math quickly -o old.neff
  ! neuron: --fast-math: no choice 'quickly'; see 'neuron compile --help'
  ? 2
  $ neuron compile digits.onnx --target trn2 --auto-cast-type bf8 -o old.neff
  ! neuron: --auto-cast-type: bf8 not in {bf16,fp16,tf32,fp8_e4m3}; see 'neuron compile --help'
  ? 2
