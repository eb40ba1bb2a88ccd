What decides shapes must be known when a model is compiled: --value gives an input what it always is,
and it becomes a constant of the package.

  $ cat > make.sh <<'end'
  > npy() { printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '$1', 'fortran_order': False, 'shape': $2, }"; }
  > end
  $ protoc --encode=onnx.ModelProto -I /usr/include/onnx onnx.proto > shaped.onnx <<'end'
  > ir_version: 8 opset_import { version: 13 } graph { name: "g"
  >   input { name: "x" type { tensor_type { elem_type: 1 shape { dim { dim_value: 2 } dim { dim_value: 3 } } } } }
  >   input { name: "shape" type { tensor_type { elem_type: 7 shape { dim { dim_value: 2 } } } } }
  >   output { name: "y" } node { op_type: "Reshape" input: "x" input: "shape" output: "y" } }
  > end
  $ neuron compile shaped.onnx --target trn2
  ! neuron: shaped.onnx: node 'y' (Reshape): input 1 ('shape') is not known when the model is compiled, and the model declares no shape of the result; supported are a constant, or a declared shape
  ? 6
  $ . ./make.sh; { npy '<i8' '(2,)'; printf '\003\0\0\0\0\0\0\0\002\0\0\0\0\0\0\0'; } > shape.npy
  $ neuron compile shaped.onnx --target trn2 --value shape=shape.npy | sed 's/:.*//'
  shaped.neff
  predicted
  $ neuron run shaped.neff --no-save 2>&1 | head -n 2
  Input tensor x will be zero-filled
  y: float32 [3,2]
  $ neuron compile shaped.onnx --target trn2 --value shape=file://shape.npy -o again.neff --no-cache >/dev/null; cmp shaped.neff again.neff

Another value is another package, also for the cache.

  $ . ./make.sh; { npy '<i8' '(2,)'; printf '\006\0\0\0\0\0\0\0\001\0\0\0\0\0\0\0'; } > other.npy; neuron compile shaped.onnx --target trn2 --value shape=other.npy -o other.neff >/dev/null; neuron run other.neff --no-save 2>/dev/null | head -n 1
  y: float32 [6,1]

Mistakes are one line.

  $ neuron compile shaped.onnx --target trn2 --value shape
  ! neuron: --value shape: expected NAME=FILE, such as shape=shape.npy
  ? 2
  $ neuron compile shaped.onnx --target trn2 --value shape=missing.npy
  ! neuron: missing.npy: cannot open: No such file or directory
  ? 3
  $ neuron compile shaped.onnx --target trn2 --value shape=shaped.onnx
  ! neuron: shaped.onnx: no .npy file; --value needs the type and shape of 'shape'
  ? 8
  $ neuron compile shaped.onnx --target trn2 --value shape=shape.npy --value shape=other.npy
  ! neuron: --value shape=other.npy: 'shape' is given twice
  ? 2
  $ neuron compile shaped.onnx --target trn2 --value form=shape.npy --value shape=shape.npy
  ! neuron: shaped.onnx: no input 'form' to give a value to
  ? 2
  $ . ./make.sh; { npy '<f4' '(2,)'; printf '\0\0\0\100\0\0\100\100'; } > float.npy; neuron compile shaped.onnx --target trn2 --value shape=float.npy
  ! neuron: shaped.onnx: input 'shape': given as float32, the model has int64
  ? 2
  $ . ./make.sh; { npy '<i8' '(1,)'; printf '\006\0\0\0\0\0\0\0'; } > short.npy; neuron compile shaped.onnx --target trn2 --value shape=short.npy
  ! neuron: shaped.onnx: input 'shape': given as [1], which is not what the model says
  ? 2
