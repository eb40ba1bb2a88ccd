Models of MXNet compiled from Python, as MXNet's users do: what NeuronCores can do becomes subgraphs,
the rest stays. MXNet is not needed.

Needs: /usr/bin/python3:numpy

  $ cp "$SOURCE/tests/api/mxnet_client.py" . && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE/cmd/python /usr/bin/python3 mxnet_client.py
  {} operators, subgraphs, operators on NeuronCores: (1, 1, 4)
  same as numpy: True
  neuron run: _neuron_subgraph_op0: as in expected.npy 
  {'excl_node_names': ['prob']} operators, subgraphs, operators on NeuronCores: (3, 2, 3)
  same as numpy: True
  neuron run: _neuron_subgraph_op1: as in expected.npy 
  {'excl_node_names': ['fc', 'prob']} operators, subgraphs, operators on NeuronCores: (4, 2, 2)
  same as numpy: True
  neuron run: _neuron_subgraph_op1: as in expected.npy 
  {'compile_args': {'--neuroncore-pipeline-cores': 2}} operators, subgraphs, operators on NeuronCores: (1, 1, 4)
  same as numpy: True
  neuron run: _neuron_subgraph_op0: as in expected.npy 
  {'flags': ['--target', 'trn2', '--auto-cast', 'none']} operators, subgraphs, operators on NeuronCores: (1, 1, 4)
  same as numpy: True
  neuron run: _neuron_subgraph_op0: as in expected.npy 
  excl_node_names: no node 'nobody' in the symbol
  ['._neuron_subgraph_op0-0000.params', '._neuron_subgraph_op0-symbol.json', '._neuron_subgraph_op0.neff']
  True True
  ! neuron: warning: keeps constants in SBUF from execution to execution in a form of our own (see neuron-neff(5)), which only this simulator runs

Where MXNet is, the module is its mx.contrib.neuron and gives MXNet's arrays back; a symbol, only where
Neuron's operators are registered, since no other MXNet reads one that holds subgraphs. MXNet itself
is not on the machines that test this: a stand-in answers as it does.

  $ cat > mxnet.py <<'end'
  > import json, types, numpy
  > class MXNetError(RuntimeError): pass
  > class NDArray:
  >     def __init__(self, array): self.array = array
  >     def asnumpy(self): return self.array
  > class Symbol:
  >     def __init__(self, text): self.text = text
  >     def list_arguments(self): return []
  >     def tojson(self): return self.text
  > known = {"null", "FullyConnected"}
  > def load_json(text):
  >     for node in json.loads(text)["nodes"]:
  >         if node["op"] not in known: raise MXNetError("Operator %s is not registered" % node["op"])
  >     return Symbol(text)
  > nd = types.SimpleNamespace(array=lambda array, dtype=None: NDArray(numpy.array(array, dtype)))
  > sym = types.SimpleNamespace(load_json=load_json)
  > contrib = types.SimpleNamespace()
  > end
  $ cat > client.py <<'end'
  > import numpy, mx_neuron, mxnet as mx
  > graph = {"nodes": [{"op": "null", "name": "x", "inputs": []}, {"op": "null", "name": "w", "inputs": []},
  >   {"op": "FullyConnected", "name": "y", "attrs": {"num_hidden": "2", "no_bias": "True"}, "inputs": [[0, 0, 0], [1, 0, 0]]}], "heads": [[2, 0, 0]]}
  > sym, args = mx.sym.load_json(mx_neuron.Symbol(graph).tojson()), {"w": mx.nd.array(numpy.eye(2, dtype="float32"))}
  > for registered in (False, True):
  >     mx.known |= {"_neuron_subgraph_op"} if registered else set()
  >     csym, cargs, caux = mx.contrib.neuron.compile(sym, args, {}, inputs={"x": mx.nd.array(numpy.ones((1, 2), "float32"))})
  >     print(type(csym).__module__, {name: (type(a).__module__, a.asnumpy().dtype) for name, a in cargs.items()})
  > print(mx.contrib.inferentia.compile(sym, args, {}, x=numpy.ones((1, 2), "float32"))[3])
  > mx_neuron._as_symbol(csym).save("c-symbol.json", remove_amp_cast=True)  # as mx.model.save_checkpoint() calls it
  > print(mx_neuron.run(csym, cargs, caux, {"x": numpy.float32([[3, 4]])}))
  > end
  $ PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE/cmd/python:. /usr/bin/python3 client.py
  mx_neuron {'_neuron_subgraph_op0_neff': ('mxnet', dtype('uint8'))}
  mxnet {'_neuron_subgraph_op0_neff': ('mxnet', dtype('uint8'))}
  1
  [array([[3., 4.]], dtype=float32)]

Symbols and arrays that are damaged are refused in one line.

  $ cat > bad.py <<'end'
  > import mx_neuron
  > def refuse(call, *words):
  >     try: print("accepted", call(*words))
  >     except mx_neuron.NeuronError as error: print(str(error)[:60])
  > for text in ("", "[]", "{}", '{"nodes": 3, "heads": []}', '{"nodes": [{"op": "null"}], "heads": []}',
  >              '{"nodes": [{"op": "relu", "name": "y", "inputs": [[0, 0]]}], "heads": []}',
  >              '{"nodes": [{"op": "null", "name": "x", "inputs": []}], "heads": [[1, 0]]}',
  >              '{"nodes": [{"op": "null", "name": "x", "inputs": [["a", 0]]}], "heads": []}', "[" * 100000):
  >     refuse(mx_neuron.compile, text, {}, {}, {})
  > whole = open("compiled-0000.params", "rb").read()
  > for size in (0, 8, 40, len(whole) - 1):
  >     open("cut.params", "wb").write(whole[:size])
  >     refuse(mx_neuron.load_params, "cut.params")
  > end
  $ PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE/cmd/python /usr/bin/python3 bad.py
  not a symbol of MXNet: JSONDecodeError Expecting value: line
  not a symbol of MXNet: TypeError list indices must be intege
  not a symbol of MXNet: KeyError 'nodes'
  not a symbol of MXNet: TypeError 'int' object is not iterabl
  not a symbol of MXNet: KeyError 'name'
  node 'y' reads [0, 0], expected a node before it
  head [1, 0] is no output of a node
  not a symbol of MXNet: TypeError '<=' not supported between 
  not a symbol of MXNet: RecursionError maximum recursion dept
  cut.params: the file of arrays is cut short at byte 0
  cut.params: the file of arrays is cut short at byte 8
  cut.params: the file of arrays is cut short at byte 36
  cut.params: the file of arrays is cut short at byte 5838
