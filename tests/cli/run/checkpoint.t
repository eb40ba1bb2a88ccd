A checkpoint of MXNet that was partitioned holds packages among its arrays: it is executed as it is,
subgraphs on the NeuronCores and what lies between them on the CPU.

Here by hand, as the module mx_neuron writes it: y = log_softmax(x * w) * v, of which softmax stays
with the host.

  $ cat > make.sh <<'end'
  > le() { n=$1; for _ in 1 2 3 4 5 6 7 8; do printf "\\$(printf %03o $((n % 256)))"; n=$((n / 256)); done; }
  > list() { le 274; le 0; le "$1"; }  # how many arrays
  > array() { printf '\002\0\0\0'; printf "\\$(printf %03o "$1")\\0\\0\\0\\$(printf %03o "$2")\\0\\0\\0"; printf '\001\0\0\0\0\0\0\0\0\0\0\0'; }  # float32 [a,b]
  > bytes() { size=$(wc -c < "$1"); printf '\311\372\223\371\0\0\0\0\001\0\0\0'; le "$size"; printf '\001\0\0\0\0\0\0\0\003\0\0\0'; cat "$1"; }
  > names() { le $#; for name; do le ${#name}; printf %s "$name"; done; }
  > part() {  # NAME INPUT WEIGHT: a product by a weight as a symbol
  >   echo "{\"nodes\": [{\"op\": \"null\", \"name\": \"$2\", \"inputs\": []}, {\"op\": \"null\", \"name\": \"$3\", \"inputs\": []}, {\"op\": \"FullyConnected\", \"name\": \"$1\", \"attrs\": {\"num_hidden\": \"2\", \"no_bias\": \"True\"}, \"inputs\": [[0, 0, 0], [1, 0, 0]]}], \"heads\": [[2, 0, 0]]}"; }
  > end
  $ . ./make.sh; part a data w > a-symbol.json; { list 1; array 2 2; printf '\0\0\200\077\0\0\0\0\0\0\0\0\0\0\0\100'; names arg:w; } > a-0000.params  # w: 1 0, 0 2
  $ . ./make.sh; part b soft v > b-symbol.json; { list 1; array 2 2; printf '\0\0\200\077\0\0\200\077\0\0\200\077\0\0\0\0'; names arg:v; } > b-0000.params  # v: 1 1, 1 0
  $ neuron compile a-symbol.json --target inf2 --io-config '{"inputs": {"data": [1, 2]}}' -o a.neff >/dev/null
  $ neuron compile b-symbol.json --target inf2 --io-config '{"inputs": {"soft": [1, 2]}}' -o b.neff >/dev/null
  $ cat > net-symbol.json <<'end'
  > {"nodes": [{"op": "null", "name": "data", "inputs": []}, {"op": "null", "name": "s0_neff", "inputs": []},
  >  {"op": "_neuron_subgraph_op", "name": "s0", "attrs": {"data_names": "[\"data\"]", "output_names": "[\"a\"]"}, "inputs": [[1, 0, 0], [0, 0, 0]]},
  >  {"op": "log_softmax", "name": "soft", "attrs": {"axis": "-1"}, "inputs": [[2, 0, 0]]}, {"op": "null", "name": "s1_neff", "inputs": []},
  >  {"op": "_neuron_subgraph_op", "name": "s1", "attrs": {"data_names": "[\"soft\"]", "output_names": "[\"b\"]"}, "inputs": [[4, 0, 0], [3, 0, 0]]}],
  >  "heads": [[5, 0, 0], [3, 0, 0]]}
  > end
  $ . ./make.sh; { list 2; bytes a.neff; bytes b.neff; names arg:s0_neff arg:s1_neff; } > net-0000.params

  $ printf '\0\0\200\077\0\0\200\077' > x.bin  # 1 1, so that x * w is 1 2
  $ neuron run net-symbol.json data x.bin --top 2 --npy
  s1: float32 [1,2] -> ./s1.npy
     1. [1]              -1.31326
     2. [0]              -1.62652
  soft: float32 [1,2] -> ./soft.npy
     1. [1]              -0.313262
     2. [0]              -1.31326
  2 subgraphs on NeuronCores, 1 operator on the host: modelled device time 35.704 us
  $ neuron run net-0000.params data x.bin --no-save --json --expect soft soft.npy | sed -n '/"subgraphs"/,$p'
    "subgraphs": 2,
    "host_operators": 1,
    "device_ns": 35703.716,
    "parametric": false,
    "steps": [
      {
        "name": "s0",
        "op": "_neuron_subgraph_op",
        "on_host": false,
        "device_ns": 17851.858
      },
      {
        "name": "soft",
        "op": "log_softmax",
        "on_host": true,
        "device_ns": 0.0
      },
      {
        "name": "s1",
        "op": "_neuron_subgraph_op",
        "on_host": false,
        "device_ns": 17851.858
      }
    ]
  }

The whole model in one package gives the same.

  $ . ./make.sh; cat > whole-symbol.json <<'end'
  > {"nodes": [{"op": "null", "name": "data", "inputs": []}, {"op": "null", "name": "w", "inputs": []},
  >  {"op": "FullyConnected", "name": "a", "attrs": {"num_hidden": "2", "no_bias": "True"}, "inputs": [[0, 0, 0], [1, 0, 0]]},
  >  {"op": "log_softmax", "name": "soft", "attrs": {"axis": "-1"}, "inputs": [[2, 0, 0]]}, {"op": "null", "name": "v", "inputs": []},
  >  {"op": "FullyConnected", "name": "s1", "attrs": {"num_hidden": "2", "no_bias": "True"}, "inputs": [[3, 0, 0], [4, 0, 0]]}],
  >  "heads": [[5, 0, 0]]}
  > end
  > { list 2; array 2 2; printf '\0\0\200\077\0\0\0\0\0\0\0\0\0\0\0\100'; array 2 2; printf '\0\0\200\077\0\0\200\077\0\0\200\077\0\0\0\0'; names arg:w arg:v; } > whole-0000.params
  $ neuron compile whole-symbol.json --target inf2 --io-config '{"inputs": {"data": [1, 2]}}' -o whole.neff >/dev/null; neuron run whole.neff data x.bin --no-save --expect s1 s1.npy | tail -n 1
  s1: as in s1.npy
  ! neuron: warning: uses instruction codes of our own (see neuron-neff(5)), which only this simulator runs

What nobody gives is zero where a package tells its form. What does not fit is one line.

  $ neuron run net-symbol.json --no-save | head -n 1
  s1: float32 [1,2]
  ! Input tensor data will be zero-filled
  $ neuron run net-symbol.json picture x.bin
  ! neuron: x.bin: the model has no input picture; its inputs are data
  ? 8
  $ neuron run net-symbol.json data
  ! neuron: input data has no file; inputs are given as NAME FILE
  ? 2
  $ printf 123 > short.bin; neuron run net-symbol.json data short.bin
  ! neuron: net-symbol.json: node 's0' (_neuron_subgraph_op): value: 3 bytes, input data needs 8
  ? 8
  $ neuron run net-symbol.json data x.bin --threads 2
  ! neuron: net-symbol.json: a checkpoint with nodes of the host is executed once, for its outputs; measure and look into a package: compile the unpartitioned model to a NEFF
  ? 2
  $ neuron run net-symbol.json data x.bin --dump all
  ! neuron: net-symbol.json: a checkpoint with nodes of the host is executed once, for its outputs; measure and look into a package: compile the unpartitioned model to a NEFF
  ? 2
  $ neuron run net-symbol.json data x.bin --no-save --expect s1 soft.npy | tail -n 1
  2 subgraphs on NeuronCores, 1 operator on the host: modelled device time 35.704 us
  ! neuron: output s1: 2 of 2 elements differ from soft.npy; most at 1: -1.31326, expected -0.313262
  $ . ./make.sh; mkdir other; cp net-symbol.json other; neuron run other/net-symbol.json data x.bin
  ! neuron: other/net-symbol.json: node 's0' (_neuron_subgraph_op): array 's0_neff' is missing, expected the package as uint8; are these the .params of this symbol?
  ? 4
  $ . ./make.sh; { list 1; bytes a.neff; names arg:s0_neff; } > other/net-0000.params; neuron run other/net-symbol.json data x.bin
  ! neuron: other/net-symbol.json: node 's1' (_neuron_subgraph_op): array 's1_neff' is missing, expected the package as uint8; are these the .params of this symbol?
  ? 4
  $ . ./make.sh; { list 2; bytes x.bin; bytes b.neff; names arg:s0_neff arg:s1_neff; } > other/net-0000.params; neuron run other/net-symbol.json data x.bin
  ! neuron: other/net-symbol.json: node 's0' (_neuron_subgraph_op): s0: header: the file has 8 bytes, a header has 1024
  ? 4
  $ cp net-0000.params other; sed 's/"op": "log_softmax"/"op": "logsoft"/' net-symbol.json > other/net-symbol.json; neuron run other/net-symbol.json data x.bin
  ! neuron: other/net-symbol.json: node 'soft' (logsoft): operator 'logsoft' is not supported; nearest supported form: the same computation in operators that are
  ? 6
  $ sed 's/"output_names": "\[\\"a\\"\]"/"output_names": "a"/' net-symbol.json > other/net-symbol.json; neuron run other/net-symbol.json data x.bin
  ! neuron: other/net-symbol.json: node 's0' (_neuron_subgraph_op): output_names: json is broken at byte 1
  ? 4
  $ sed 's/\[\\"data\\"\]/[]/' net-symbol.json > other/net-symbol.json; neuron run other/net-symbol.json data x.bin
  ! neuron: other/net-symbol.json: node 's0' (_neuron_subgraph_op): 0 data_names for 1 inputs beside the package
  ? 4
  $ sed 's/\[3, 0, 0\]\]}\],/[3, 4, 0]]}],/' net-symbol.json > other/net-symbol.json; neuron run other/net-symbol.json data x.bin
  ! neuron: other/net-symbol.json: heads: node 'soft' has no output 4
  ? 4
