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
