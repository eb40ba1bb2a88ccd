Two captures side by side: the first is the base. A build is held to a summary that was kept.

  $ D=$SOURCE/tests/data/digits; cp $D/digits.onnx $D/7.npy . && for t in trn1 trn2; do neuron compile digits.onnx --target $t -o $t.neff >/dev/null; neuron profile capture -n $t.neff -s $t.ntff image 7.npy >/dev/null; done
  $ neuron profile compare trn2.ntff trn2.ntff
  metric: no difference
  
  layer (s): no difference
  
  opcode (s): no difference
  $ neuron profile compare trn2.ntff trn1.ntff | head -n 1 | tr -s ' '
  metric trn2.ntff trn1.ntff change
  $ neuron profile compare trn2.ntff trn1.ntff --json | grep -c '"name": "total_time"'
  1
  $ neuron profile view -n trn2.neff -s trn2.ntff --output-format summary-json --output-file baseline.json
  $ neuron profile compare baseline.json trn2.ntff --fail-if 'total_time>+5%'
  metric: no difference
  $ neuron profile compare baseline.json trn1.ntff --fail-if 'total_time>0' >/dev/null
  ! neuron: total_time>0: baseline.json is <any>, trn1.ntff has <any> (<any> %)
  ? 12
  $ neuron profile compare baseline.json trn2.ntff --fail-if 'total_time>+5%' >/dev/null && echo held
  held
  $ neuron profile compare baseline.json trn2.ntff --fail-if 'total_time>5%'
  ! neuron: --fail-if 'total_time>5%': expected METRIC>+5%, METRIC<-0.1 or METRIC>2
  ? 2
  $ neuron profile compare baseline.json nothing --data-path store
  ! neuron: nothing: no such file, and no profile of that name is kept
  ? 13
  $ neuron profile compare baseline.json
  ! neuron: profiles: At least 2 required but received 1; see 'neuron profile compare --help'
  ? 2

What bounds the run, with numbers and proof, is printed without any model asked.

  $ neuron profile view -n trn2.neff -s trn2.ntff --insights | grep -c 'see: MATMUL on Tensor' >/dev/null && echo proof
  proof
  $ neuron profile view -n trn2.neff -s trn2.ntff --insights --output-format json | grep '"rule": "waits_dominate"'
        "rule": "waits_dominate",
  $ neuron profile view -n trn2.neff -s trn2.ntff --insights --output-format perfetto
  ! neuron: --insights are text or json, not perfetto
  ? 2

One file to mail.

  $ neuron profile view -n trn2.neff -s trn2.ntff --output-format html && grep -c 'neuron_file = ' ntff.html && grep -c 'src="/' ntff.html
  1
  0
  ? 1
