The bundled model, the whole way: compiled, run, recognised, profiled and summed up.

  $ D=$SOURCE/tests/data/digits; cp $D/digits.onnx $D/*.npy $D/labels.txt .
  $ for t in trn1 inf2 trn2; do neuron compile digits.onnx --target $t -o $t.neff >/dev/null; done

Every example is recognised, on every target.

  $ for t in trn1 inf2 trn2; do for d in 0 1 2 3 4 5 6 7 8 9 3b 7b; do neuron run $t.neff image $d.npy --top 1 --labels labels.txt --no-save | sed -n 2p | cut -c1-8 | tr -d '\n'; done; echo; done
     1. 0    1. 1    1. 2    1. 3    1. 4    1. 5    1. 6    1. 7    1. 8    1. 9    1. 3    1. 7 
     1. 0    1. 1    1. 2    1. 3    1. 4    1. 5    1. 6    1. 7    1. 8    1. 9    1. 3    1. 7 
     1. 0    1. 1    1. 2    1. 3    1. 4    1. 5    1. 6    1. 7    1. 8    1. 9    1. 3    1. 7 

Outputs are files named after tensors: raw, or npy on request. Inputs without a file are zeros, and said.

  $ neuron run trn2.neff image 7.npy -o out && neuron run trn2.neff --npy -o out
  probabilities: float32 [1,10] -> out/probabilities.out
  1 execution: host <any> ms (fastest), modelled device time <any> us
  probabilities: float32 [1,10] -> out/probabilities.npy
  1 execution: host <any> ms (fastest), modelled device time <any> us
  ! Input tensor image will be zero-filled
  $ wc -c out/* | head -n 2
  168 out/probabilities.npy
   40 out/probabilities.out
  $ neuron run trn2.neff image 7.npy --num-exec 3 --json --no-save | grep -v _ns | head -n 13
  {
    "neff": "trn2.neff",
    "inputs": [
      {
        "name": "image",
        "dtype": "float32",
        "shape": [
          1,
          1,
          28,
          28
        ],
        "bytes": 3136,

The trace of a run is a file like that of a device, framed when its name asks for it.

  $ neuron profile capture -n trn2.neff -s p.ntff image 7.npy && neuron profile capture -n trn2.neff -s p.ntff.zst image 7.npy
  Profile of execution 1 written to p.ntff
  Profile of execution 1 written to p.ntff.zst
  $ neuron profile view -n trn2.neff -s p.ntff --output-format summary-text > a && neuron profile view -n trn2.neff -s p.ntff.zst --output-format summary-text > b && cmp a b
  $ grep -c . a
  110
  $ test "$(wc -c < p.ntff.zst)" -lt "$(wc -c < p.ntff)" && neuron profile capture -n trn2.neff -s q.ntff image 7.npy >/dev/null && cmp p.ntff q.ntff

A trace belongs to its package.

  $ neuron profile view -n trn1.neff -s p.ntff --output-format summary-text
  ! neuron: p.ntff: the trace is of the package <any>, but the package given is <any>; give the NEFF that was captured
  ? 12
  $ neuron profile capture -n trn2.neff --num-exec 2 --profile-nth-exec 3
  ! neuron: --profile-nth-exec is 3, but --num-exec is 2
  ? 2
