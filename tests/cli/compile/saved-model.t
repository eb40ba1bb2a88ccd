A SavedModel becomes a SavedModel around one package, by the words of the service's own tool. This
one has a function and no variables; the package is taken out again and executed.

  $ mkdir model; cat > model/saved_model.pbtxt <<'end'
  > saved_model_schema_version: 1
  > meta_graphs {
  >   meta_info_def { tags: "serve" }
  >   graph_def {
  >     node { name: "in" op: "Placeholder" attr { key: "dtype" value { type: 1 } } }
  >     node { name: "call" op: "StatefulPartitionedCall" input: "in" attr { key: "f" value { func { name: "twice" } } } }
  >     node { name: "out" op: "Identity" input: "call" }
  >     library { function {
  >       signature { name: "twice" input_arg { name: "a" type: 1 } output_arg { name: "r" type: 1 } }
  >       node_def { name: "s" op: "AddV2" input: "a" input: "a" }
  >       ret { key: "r" value: "s:z:0" } } }
  >   }
  >   signature_def { key: "serving_default" value {
  >     inputs { key: "x" value { name: "in:0" dtype: 1 tensor_shape { dim { size: -1 } dim { size: 2 } } } }
  >     outputs { key: "y" value { name: "out:0" dtype: 1 } } } }
  > }
  > end
  $ ln -s "$(command -v neuron)" kaena_tf_compile
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model compiled --input_data_shapes '{"x": [1, 2]}'
  compiled/saved_model.pb: one NeuronOp, 4178 bytes for inf2
  $ neuron packager extract compiled/saved_model.pb
  Successfully extracted: saved_model-1.neff
  $ printf '\0\0\200\077\0\0\0\100' > x.bin  # 1 2
  $ neuron run saved_model-1.neff x x.bin --top 2 | head -n 3
  y: float32 [1,2] -> ./y.out
     1. [1]              4
     2. [0]              2

What TensorFlow serves is executed as it is, and gives what the model itself gives.

  $ neuron run compiled x x.bin --top 2 -o out | head -n 3
  y: float32 [1,2] -> out/y.out
     1. [1]              4
     2. [0]              2
  $ neuron compile model --target inf2 --io-config '{"inputs": {"x": [1, 2]}}' -o plain.neff >/dev/null; neuron run plain.neff x x.bin --npy >/dev/null; neuron run compiled/saved_model.pb x x.bin --expect y y.npy | grep 'y: as'
  y: as in y.npy
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model again --input_data_shapes '{"in:0": [1, 2]}' >/dev/null; cmp compiled/saved_model.pb again/saved_model.pb
  $ protoc --decode_raw < compiled/saved_model.pb | grep -c -e 'serving_default' -e '"NeuronOp"' -e '"in:0"' -e '"out:0"'
  4

Whatever the package has of its own, such as codes for float64 that only this simulator runs, goes with it.

  $ mkdir parts; sed -e 's/node_def { name: "s" .*/node_def { name: "w" op: "Cast" input: "a" attr { key: "DstT" value { type: 2 } } } node_def { name: "t" op: "AddV2" input: "w:y:0" input: "w:y:0" } node_def { name: "s" op: "Cast" input: "t:z:0" attr { key: "DstT" value { type: 1 } } }/' -e 's/s:z:0/s:y:0/' model/saved_model.pbtxt > parts/saved_model.pbtxt
  $ neuron compile-saved-model --in_saved_model parts --out_saved_model file://served --input_data_shapes '{"x": "y.npy"}' --target trn2 --report text
  served/saved_model.pb: one NeuronOp, 4628 bytes for trn2
  parts for trn2: 1 NeuronCore
  operators on the NeuronCore: 3 of 3 (100.0 %)
  multiplications on the NeuronCore: 0 of 0 (100.0 %)
  parts, in the order in which they run:
    sg00                     NeuronCore      3 operators, 0.5 us of work
  ! neuron: warning: uses instruction codes of our own (see neuron-neff(5)), which only this simulator runs
  $ neuron run served x x.bin --expect y y.npy --no-save | tail -n 1
  y: as in y.npy

An operator that no engine does, such as a sine of float64, runs on the CPU, and its library goes with
the package. It is our own, so it runs without being allowed.

  $ mkdir sine; sed -e 's/node_def { name: "s" .*/node_def { name: "w" op: "Cast" input: "a" attr { key: "DstT" value { type: 2 } } } node_def { name: "t" op: "Sin" input: "w:y:0" } node_def { name: "s" op: "Cast" input: "t:y:0" attr { key: "DstT" value { type: 1 } } }/' -e 's/s:z:0/s:y:0/' model/saved_model.pbtxt > sine/saved_model.pbtxt
  $ ./kaena_tf_compile --in_saved_model sine --out_saved_model sine-served --input_data_shapes '{"x": [1, 2]}' --report text | sed 's/[0-9.]* us/<any> us/'
  sine-served/saved_model.pb: one NeuronOp, <any> bytes for inf2
  sine for inf2: 2 NeuronCores
  operators on the NeuronCore: 2 of 3 (66.7 %)
  multiplications on the NeuronCore: 0 of 0 (100.0 %)
  parts, in the order in which they run:
    sg00                     NeuronCore      1 operators, <any> us of work
    cpu01_Sin                CPU             1 operators
    sg01                     NeuronCore      1 operators, <any> us of work
  balance of the 2 stages: 100.0 % (their mean over the slowest)
  on the CPU:
    Sin 't': on float64; supported is arithmetic, comparisons, Abs, Neg, Sign, Relu, Floor, Ceil, Round and Cast
  ! neuron: warning: uses instruction codes of our own (see neuron-neff(5)), which only this simulator runs
  $ neuron run sine-served x x.bin --top 2 --no-save | sed -n '2,3p'  # sin 2, sin 1
     1. [1]              0.909297
     2. [0]              0.841471

The shapes may stand as documented, without quotes: a shell takes them apart.

  $ bash -c './kaena_tf_compile --in_saved_model model --out_saved_model bare --input_data_shapes {"in:0":[1,2]} --target inf2' >/dev/null; cmp bare/saved_model.pb compiled/saved_model.pb
  $ sh -c './kaena_tf_compile --in_saved_model model --out_saved_model bare --input_data_shapes {"x":[1,2]}' >/dev/null; cmp bare/saved_model.pb compiled/saved_model.pb

Mistakes are one line, and nothing is written.

  $ ./kaena_tf_compile --in_saved_model model --out_saved_model other
  ! neuron: model: input 'x': dimension 0 has no fixed size; give one with --dim x.0=SIZE
  ? 2
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model other --input_data_shapes '{"x": [1, 2], "z": [1, 2]}'
  ! neuron: model: no input 'z' to give a shape to, or no output needs it
  ? 2
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model by-size --dim x.0=1 >/dev/null; cmp by-size/saved_model.pb compiled/saved_model.pb
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model other --input_data_shapes '{"x": [0, 2]}'
  ! neuron: --input_data_shapes: size 0 of 'x', expected 1 or more
  ? 2
  $ ./kaena_tf_compile --in_saved_model nowhere --out_saved_model other
  ! neuron: nowhere: cannot open: No such file or directory
  ? 3
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model other --input_data_shapes '{"x": 3}'
  ! neuron: --input_data_shapes: 'x' is 3, expected a list of sizes or the name of an .npy file
  ? 2
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model other --input_data_shapes '{x:0'
  ! neuron: --input_data_shapes: json is broken at byte 2
  ? 4
  $ ./kaena_tf_compile --in_saved_model model --out_saved_model model --input_data_shapes '{"x": [1, 2]}'
  ! neuron: model: is the model itself; name another --out_saved_model
  ? 2
  $ ./kaena_tf_compile --in_saved_model s3://bucket/model --out_saved_model other
  ! neuron: s3://bucket/model: only file:// is read; fetch the file first
  ? 2
  $ ./kaena_tf_compile --in_saved_model model
  ! neuron: --out_saved_model is required; see 'neuron compile-saved-model --help'
  ? 2
  $ neuron compile compiled --target inf2
  ! neuron: compiled: node 'neuron_op' (NeuronOp): operator 'NeuronOp' is not supported; nearest supported form: the model that was compiled; this one holds a package, which 'neuron run' executes
  ? 6
  $ neuron run model x x.bin
  ! neuron: model: no NeuronOp in its graphs; compile it first: neuron compile-saved-model
  ? 13
  $ mkdir two; op='node { name: "op" op: "NeuronOp" attr { key: "executable" value { s: "bytes" } } }'; echo "meta_graphs { meta_info_def { tags: \"serve\" } graph_def { $op $op } }" > two/saved_model.pbtxt; neuron run two
  ! neuron: two: 2 packages, expected one; 'neuron packager extract' takes them out
  ? 13
  $ mkdir one; op='node { name: "op" op: "NeuronOp" attr { key: "executable" value { s: "bytes" } } }'; echo "meta_graphs { meta_info_def { tags: \"serve\" } graph_def { $op } }" > one/saved_model.pbtxt; neuron run one
  ! neuron: one: header: the file has 5 bytes, a header has 1024
  ? 4
  $ ls other
  ! ls: cannot access 'other': No such file or directory
  ? 2
