# SPDX-License-Identifier: Apache-2.0
# One file of more than 400 lines, so that it can be copied beside the scripts that use it.
"""Compile models of MXNet for NeuronCores, with or without MXNet.

    import mx_neuron
    sym, args, aux = mx_neuron.load_checkpoint("model", 0)
    sym, args, aux = mx_neuron.compile(sym, args, aux, inputs={"data": image})
    mx_neuron.save_checkpoint("compiled", 0, sym, args, aux)
    outputs = mx_neuron.run(sym, args, aux, inputs={"data": image})

Where MXNet is installed, importing this module also gives `mx.contrib.neuron.compile` and its first
form, `mx.contrib.inferentia.compile`, which take and return MXNet's own objects. Arrays are numpy's
otherwise. The work is done by the program `neuron`: the one that NEURON names, else the one on PATH,
else the one installed beside this file.
"""
import copy
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy

SUBGRAPH = "_neuron_subgraph_op"
TARGET = "inf2"  # what is compiled for when no option says it
# Exit statuses of `neuron`: for the command line, for files and for operators that it does not have.
USAGE, IO, MALFORMED, UNSUPPORTED = 2, 3, 4, 6


class NeuronError(RuntimeError):
    """What `neuron` says, or what is wrong with the call; `status` is as the program exits."""

    def __init__(self, message, status=MALFORMED):
        super().__init__(message)
        self.status = status


# Checkpoints. Layout of arrays: apache/mxnet, src/ndarray/ndarray.cc.

_LIST, _V1, _V2, _V3 = 0x112, 0xF993FAC8, 0xF993FAC9, 0xF993FACA
_TYPES = ["float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool", "int16",
          "uint16", "uint32", "uint64"]


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise NeuronError("the file of arrays is cut short at byte %d" % self.at)
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]


def _read_array(reader):
    first = reader.number("I")
    if first in (_V2, _V3) and reader.number("i") != 0:
        raise NeuronError("a sparse array; supported are dense ones")
    wide = first in (_V1, _V2, _V3)
    axes = reader.number("I") if wide else first
    if axes > 32:
        raise NeuronError("an array of %d axes" % axes)
    shape = [reader.number("q" if wide else "I") for _ in range(axes)]
    if axes == 0 and first != _V3:
        return None
    reader.take(8)  # the device that it was on
    kind = reader.number("I")
    if kind >= len(_TYPES):
        raise NeuronError("an array of element type %d" % kind)
    dtype = numpy.dtype(_TYPES[kind])
    count = 1
    for size in shape:
        if size < 0:
            raise NeuronError("an array of shape %s" % shape)
        count *= size
    return numpy.frombuffer(reader.take(count * dtype.itemsize), dtype).reshape(shape).copy()


def load_params(path):
    """All arrays of a file, as {"arg:NAME" or "aux:NAME": array}."""
    with open(path, "rb") as file:
        reader = _Reader(file.read())
    try:
        if reader.number("Q") != _LIST:
            raise NeuronError("not a list of MXNet's arrays")
        reader.take(8)
        arrays = [_read_array(reader) for _ in range(reader.number("Q"))]
        names = [reader.take(reader.number("Q")).decode() for _ in range(reader.number("Q"))]
    except (NeuronError, ValueError) as error:
        raise NeuronError("%s: %s" % (path, error)) from None
    return {name: array for name, array in zip(names, arrays) if array is not None}


def save_params(path, arrays):
    """Writes arrays by name; the file appears whole or not at all."""
    out = [struct.pack("<QQQ", _LIST, 0, len(arrays))]
    for name, array in arrays.items():
        array = numpy.ascontiguousarray(array).reshape(numpy.shape(array) or (1,))
        if str(array.dtype) not in _TYPES:
            raise NeuronError("array '%s' is %s, which MXNet does not store" % (name, array.dtype))
        out.append(struct.pack("<IiI", _V2, 0, array.ndim))
        out.append(struct.pack("<%dq" % array.ndim, *array.shape))
        out.append(struct.pack("<iii", 1, 0, _TYPES.index(str(array.dtype))))
        out.append(array.tobytes())
    out.append(struct.pack("<Q", len(arrays)))
    for name in arrays:
        out.append(struct.pack("<Q", len(name.encode())) + name.encode())
    _write(path, b"".join(out))


def _write(path, data):
    aside = "%s.%d.tmp" % (path, os.getpid())
    try:
        with open(aside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        if os.path.exists(aside):
            os.unlink(aside)
        raise


class Symbol:
    """A graph as MXNet writes it; what tojson() gives is what a symbol.json holds."""

    def __init__(self, graph):
        self.graph = graph

    def tojson(self):
        return json.dumps(self.graph, indent=2)

    def save(self, path, **_):
        """As mx.model.save_checkpoint() calls it, too."""
        _write(path, self.tojson().encode())

    def list_outputs(self):
        return [_output_name(self.graph["nodes"], head) for head in self.graph["heads"]]


def _graph_of(text):
    """The graph in the text of a symbol.json, with all that is relied on checked."""
    try:
        graph = json.loads(text)
        nodes = graph["nodes"]
        for index, node in enumerate(nodes):
            node.setdefault("inputs", [])
            if not (isinstance(node["op"], str) and isinstance(node["name"], str)):
                raise NeuronError("node %d has no name or operator" % index)
            for edge in node["inputs"]:
                if not (0 <= edge[0] < index and 0 <= edge[1]):
                    raise NeuronError("node '%s' reads %s, expected a node before it" %
                                      (node["name"], edge))
        for head in graph["heads"]:
            if not (0 <= head[0] < len(nodes) and 0 <= head[1]):
                raise NeuronError("head %s is no output of a node" % head)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise NeuronError("not a symbol of MXNet: %s %s" % (type(error).__name__, error)) from None
    return graph


def load(path):
    with open(path, "rb") as file:
        text = file.read()
    try:
        return Symbol(_graph_of(text))
    except NeuronError as error:
        raise NeuronError("%s: %s" % (path, error)) from None


def load_checkpoint(prefix, epoch):
    """The symbol, the arguments and the auxiliary states of PREFIX-symbol.json and
    PREFIX-EPOCH.params."""
    args, aux = {}, {}
    for name, array in load_params("%s-%04d.params" % (prefix, epoch)).items():
        kind, _, plain = name.rpartition(":")
        (aux if kind == "aux" else args)[plain] = array
    return load("%s-symbol.json" % prefix), args, aux


def save_checkpoint(prefix, epoch, sym, args, aux):
    """Writes what load_checkpoint() reads."""
    arrays = {"arg:" + name: _numpy(array) for name, array in args.items()}
    arrays.update({"aux:" + name: _numpy(array) for name, array in aux.items()})
    save_params("%s-%04d.params" % (prefix, epoch), arrays)
    _as_symbol(sym).save("%s-symbol.json" % prefix)


def _numpy(array):
    return array.asnumpy() if hasattr(array, "asnumpy") else numpy.asarray(array)


def _as_symbol(sym):
    if isinstance(sym, Symbol):
        return sym
    return Symbol(_graph_of(sym.tojson() if hasattr(sym, "tojson") else sym))


def _output_name(nodes, edge):
    name = nodes[edge[0]]["name"]
    return name if edge[1] == 0 else "%s_output%d" % (name, edge[1])


# The program.

def _program():
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "bin", "neuron")
    for path in (os.environ.get("NEURON"), shutil.which("neuron"), beside):
        if path and os.path.exists(path):
            return os.path.abspath(path)
    raise NeuronError("there is no program 'neuron' on PATH; name it with the variable NEURON", IO)


def _neuron(*words, directory=None):
    done = subprocess.run([_program(), *words], cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode().strip()


# Partitioning: nodes in the order of the graph have a depth, which grows where a result of the host
# is read by a NeuronCore. Nodes of one depth are one subgraph: no path leaves it and comes back.

def _depths(nodes, on_core):
    depth = []
    for index, node in enumerate(nodes):
        deepest = 0
        for edge in node["inputs"][:_counted(node)]:
            source = edge[0]
            if nodes[source]["op"] != "null":
                grows = on_core[index] and not on_core[source]
                deepest = max(deepest, depth[source] + (1 if grows else 0))
        depth.append(deepest)
    return depth


def _needed(graph):
    """Nodes that outputs depend on; labels that only training reads hang on nothing else."""
    nodes, needed = graph["nodes"], set()
    stack = [head[0] for head in graph["heads"]]
    while stack:
        index = stack.pop()
        if index in needed:
            continue
        needed.add(index)
        stack.extend(edge[0] for edge in nodes[index]["inputs"][:_counted(nodes[index])])
    return needed


def _counted(node):
    """How many inputs matter when nobody trains: labels stand at the end."""
    labelled = node["op"].endswith("Output") or node["op"] == "Softmax"
    return max(1, len(node["inputs"]) - 1) if labelled else len(node["inputs"])


def inputs_of(sym, args, aux):
    """Names of the inputs: variables without arrays that outputs depend on."""
    graph = _as_symbol(sym).graph
    nodes = [graph["nodes"][index] for index in sorted(_needed(graph))]
    return [node["name"] for node in nodes
            if node["op"] == "null" and node["name"] not in {**args, **aux}]


class _Subgraph:
    """Some nodes as a symbol of their own: `inputs` and `outputs` are edges of the whole graph."""

    def __init__(self, graph, indices, name, arrays):
        self.name, self.inputs, self.outputs = name, [], []
        nodes, inside = graph["nodes"], set(indices)
        self.nodes, self.weights, places = [], [], {}
        for index in indices:
            for place, edge in enumerate(nodes[index]["inputs"]):
                self._bring(nodes, edge, inside, places, arrays, place < _counted(nodes[index]))
            node = copy.deepcopy(nodes[index])
            node["inputs"] = [self._place(edge, places) for edge in node["inputs"]]
            places[index] = len(self.nodes)
            self.nodes.append(node)
        self._find_outputs(graph, inside)
        self.heads = [[places[edge[0]], edge[1], 0] for edge in self.outputs]

    def _bring(self, nodes, edge, inside, places, arrays, is_read):
        source = edge[0]
        key = source if source in inside or nodes[source]["op"] == "null" else (source, edge[1])
        if key in places or source in inside:
            return
        name = _output_name(nodes, edge) if nodes[source]["op"] != "null" else nodes[source]["name"]
        places[key] = len(self.nodes)
        self.nodes.append({"op": "null", "name": name, "inputs": []})
        if nodes[source]["op"] == "null" and name in arrays:
            self.weights.append(name)
        elif is_read:
            self.inputs.append((source, edge[1], name))

    @staticmethod
    def _place(edge, places):
        inner = places.get(edge[0])
        return [inner, edge[1], 0] if inner is not None else [places[(edge[0], edge[1])], 0, 0]

    def _find_outputs(self, graph, inside):
        read = [edge for index, node in enumerate(graph["nodes"]) if index not in inside
                for edge in node["inputs"]]
        for edge in read + graph["heads"]:
            if edge[0] in inside and (edge[0], edge[1]) not in self.outputs:
                self.outputs.append((edge[0], edge[1]))
        self.outputs.sort()
        self.output_names = [_output_name(graph["nodes"], edge) for edge in self.outputs]

    def symbol(self, version):
        arguments = [i for i, node in enumerate(self.nodes) if node["op"] == "null"]
        return {"nodes": self.nodes, "arg_nodes": arguments, "heads": self.heads,
                "node_row_ptr": list(range(len(self.nodes) + 1)),
                "attrs": {"mxnet_version": ["int", version]}}


class _Unsupported(Exception):
    """A node that cannot be compiled, and its operator where no form of that can."""

    def __init__(self, node, message):
        super().__init__(message)
        operator = re.search(r"operator '([^']*)' is not supported", message)
        self.node, self.message = node, message
        self.operator = operator.group(1) if operator else None


def _options(compile_args):
    words = ["--target", TARGET]  # the last one counts
    for key, value in compile_args.items():
        if key == "flags":  # a flag and its value may be one word
            for flag in [value] if isinstance(value, str) else value:
                words += flag.split() if flag.startswith("-") else [flag]
        elif key.startswith("--"):
            words += [key] if value is True else [key, str(value)]
        elif key != "excl_node_names":
            raise NeuronError("compile() takes 'flags', 'excl_node_names' and options such as "
                              "'--neuroncore-pipeline-cores', not '%s'" % key, USAGE)
    return words


def _build(subgraph, version, arrays, forms, words):
    """The package of a subgraph. `forms`: arrays, for their shapes and types, by name."""
    keep = os.environ.get("SUBGRAPH_INFO") == "1"
    with tempfile.TemporaryDirectory() as directory:
        stem = os.path.join(directory, subgraph.name)
        weights = {"arg:" + name: arrays[name] for name in subgraph.weights}
        for node in subgraph.nodes:  # states of before 0.9 are no nodes
            for state in (node["name"] + "_moving_mean", node["name"] + "_moving_var"):
                if state in arrays:
                    weights["aux:" + state] = arrays[state]
        Symbol(subgraph.symbol(version)).save(stem + "-symbol.json")
        save_params(stem + "-0000.params", weights)
        config = {"inputs": {name: [list(forms[name].shape), str(forms[name].dtype)]
                             for _, _, name in subgraph.inputs}}
        status, out, said = _neuron("compile", *words, stem + "-symbol.json", "--io-config",
                                  json.dumps(config), "-o", stem + ".neff")
        out, said = (text.replace(directory + os.sep, "") for text in (out, said))
        if keep:
            for end in ("-symbol.json", "-0000.params", ".neff"):
                if os.path.exists(stem + end):
                    shutil.copy(stem + end, "." + subgraph.name + end)
        if "--verbose" in words or "--debug" in words:
            print(out, end="")
        if status == 0 and said:
            print(said, file=sys.stderr)
        if status != 0:
            node = re.search(r"node '([^']*)'", said)
            if status == UNSUPPORTED and node and any(n["name"] == node.group(1) and n["op"] != "null"
                                                      for n in subgraph.nodes):
                raise _Unsupported(node.group(1), said)
            raise NeuronError(said, status)
        with open(stem + ".neff", "rb") as file:
            return numpy.frombuffer(file.read(), numpy.uint8).copy()


def _results(directory, model, inputs):
    """Names and outputs of what `neuron run` executes."""
    words = []
    for place, (name, array) in enumerate(inputs.items()):
        numpy.save(os.path.join(directory, "%d.npy" % place), numpy.ascontiguousarray(_numpy(array)))
        words += [name, "%d.npy" % place]
    status, out, said = _neuron("run", model, *words, "--npy", "--json", directory=directory)
    if status != 0:
        raise NeuronError(said, status)
    return [(output["name"], numpy.load(os.path.join(directory, output["file"])))
            for output in json.loads(out)["outputs"]]


def _execute(package, values):
    """Outputs of a package by name, on the simulated NeuronCores."""
    with tempfile.TemporaryDirectory() as directory:
        package.tofile(os.path.join(directory, "model.neff"))
        return dict(_results(directory, "model.neff", values))


def _run_package(subgraph, package, values):
    """Results of a package, by the edges of the whole graph."""
    results = _execute(package, {name: values[(source, port)]
                                 for source, port, name in subgraph.inputs})
    return {edge: results[name] for edge, name in zip(subgraph.outputs, subgraph.output_names)}


class _Partition:
    """The graph with a node for each subgraph, and the packages as arrays."""

    def __init__(self, graph, arrays, inputs, on_core, words):
        self.graph, self.nodes, self.arrays, self.words = graph, graph["nodes"], arrays, words
        self.on_core, self.needed = on_core, _needed(graph)
        self.version = graph.get("attrs", {}).get("mxnet_version", ["int", 0])[1]
        self.new, self.places, self.packages = [], {}, {}
        # What is known of edges: given inputs, and results that a later subgraph is built with.
        self.values = {(index, 0): inputs[node["name"]] for index, node in enumerate(self.nodes)
                       if node["op"] == "null" and node["name"] in inputs}
        self.values.update({(index, 0): arrays[node["name"]] for index, node in enumerate(self.nodes)
                            if node["op"] == "null" and node["name"] in arrays})

    def write(self):
        depths = _depths(self.nodes, self.on_core)
        last = max([depth for depth, core in zip(depths, self.on_core) if core], default=0)
        for index in sorted(self.needed):
            if self.nodes[index]["op"] == "null" and self._is_read(index):
                self._copy(index)
        for depth in range(max(depths, default=0) + 1):
            level = [index for index in sorted(self.needed)
                     if depths[index] == depth and self.nodes[index]["op"] != "null"]
            group = [index for index in level if self.on_core[index]]
            if group:
                self._write_subgraph(group, depth, depth < last)
            for index in level:
                if not self.on_core[index]:
                    self._copy(index)
                    if depth < last:
                        self.values.update(_run_node(self.graph, index, self.arrays, self.values))
        heads = [self.places[(head[0], head[1])] for head in self.graph["heads"]]
        return _whole(self.new, heads, self.version)

    def _is_read(self, index):
        """By nodes of the host, or as an input of a subgraph."""
        if self.nodes[index]["name"] not in self.arrays:
            return True
        return any(edge[0] == index for other in self.needed if not self.on_core[other]
                   for edge in self.nodes[other]["inputs"])

    def _copy(self, index):
        node = copy.deepcopy(self.nodes[index])
        node["inputs"] = [self.places[(edge[0], edge[1])] for edge in node["inputs"]
                          if edge[0] in self.needed]
        self.new.append(node)
        for port in _ports(self.graph, index):
            self.places[(index, port)] = [len(self.new) - 1, port, 0]

    def _write_subgraph(self, group, depth, is_read_later):
        name = "%s%d" % (SUBGRAPH, len(self.packages))
        subgraph = _Subgraph(self.graph, group, name, self.arrays)
        forms = {}
        for source, port, inner in subgraph.inputs:
            if (source, port) not in self.values:
                raise NeuronError("input '%s' is not given; its shape and type are needed" % inner,
                                  USAGE)
            forms[inner] = self.values[(source, port)]
        package = _build(subgraph, self.version, self.arrays, forms, self.words)
        self.packages[name + "_neff"] = package
        self.new.append({"op": "null", "name": name + "_neff", "inputs": []})
        inputs = [[len(self.new) - 1, 0, 0]]
        inputs += [self.places[(source, port)] for source, port, _ in subgraph.inputs]
        names = {"data_names": json.dumps([inner for _, _, inner in subgraph.inputs]),
                 "output_names": json.dumps(subgraph.output_names)}
        self.new.append({"op": SUBGRAPH, "name": name, "attrs": names, "inputs": inputs,
                         "subgraphs": [subgraph.symbol(self.version)]})
        for port, edge in enumerate(subgraph.outputs):
            self.places[edge] = [len(self.new) - 1, port, 0]
        if is_read_later:
            self.values.update(_run_package(subgraph, package, self.values))


def _ports(graph, index):
    """Outputs of a node that somebody reads."""
    edges = [edge for node in graph["nodes"] for edge in node["inputs"]] + graph["heads"]
    return sorted({edge[1] for edge in edges if edge[0] == index})


def _whole(nodes, heads, version):
    rows = [0]
    for node in nodes:
        count = len(json.loads(node["attrs"]["output_names"])) if node["op"] == SUBGRAPH else 1
        rows.append(rows[-1] + count)
    return {"nodes": nodes, "heads": heads, "node_row_ptr": rows,
            "arg_nodes": [i for i, node in enumerate(nodes) if node["op"] == "null"],
            "attrs": {"mxnet_version": ["int", version]}}


def _run_node(graph, index, arrays, values):
    """Results of one node of the host, by edge: computed as a model of its own."""
    subgraph = _Subgraph(graph, [index], "_host_node", arrays)
    forms = {inner: values[(source, port)] for source, port, inner in subgraph.inputs}
    try:
        package = _build(subgraph, graph.get("attrs", {}).get("mxnet_version", ["int", 0])[1], arrays,
                         forms, ["--target", TARGET])
    except _Unsupported as error:
        raise NeuronError("%s; the host cannot compute it without MXNet, and what depends on it "
                          "cannot be built or run" % error.message, UNSUPPORTED) from None
    return _run_package(subgraph, package, values)


def compile(sym, args, aux, inputs, **compile_args):  # pylint: disable=redefined-builtin
    """Sends what NeuronCores can do to the compiler; the rest stays as it is.

    sym      Symbol, MXNet's symbol or the text of a symbol.json
    args     arrays of the checkpoint by name
    aux      auxiliary states by name
    inputs   input arrays by name, which tell shapes and types
    compile_args: options of `neuron compile` such as **{"--neuroncore-pipeline-cores": 2}, or
             "flags": [words]; "excl_node_names": [names of nodes that stay on the host], or one text
             with commas; or all of them as compile_args={...}

    Returns the partitioned symbol, its args and its aux. With SUBGRAPH_INFO=1 in the environment the
    subgraphs stay in the current directory as hidden files.
    """
    compile_args.update(compile_args.pop("compile_args", {}))  # as a dictionary, too
    graph = copy.deepcopy(_as_symbol(sym).graph)
    inputs = {name: _numpy(array) for name, array in inputs.items()}
    arrays = {name: _numpy(array) for name, array in {**args, **aux}.items() if name not in inputs}
    words, missing = _options(compile_args), set()
    excluded = compile_args.get("excl_node_names", [])
    excluded = {*(excluded.split(",") if isinstance(excluded, str) else excluded)} - {""}
    unknown = excluded - {node["name"] for node in graph["nodes"]}
    if unknown:
        raise NeuronError("excl_node_names: no node '%s' in the symbol" % sorted(unknown)[0], USAGE)
    needed = _needed(graph)
    while True:
        on_core = [index in needed and node["op"] != "null" and node["op"] not in missing and
                   node["name"] not in excluded for index, node in enumerate(graph["nodes"])]
        partition = _Partition(graph, arrays, inputs, on_core, words)
        try:
            whole = partition.write()
            break
        except _Unsupported as error:
            excluded.add(error.node)
            missing.add(error.operator)
    read = {node["name"] for node in whole["nodes"] if node["op"] == "null"}
    states = {node["name"] + end for node in whole["nodes"] for end in ("_moving_mean", "_moving_var")}
    new_args = {name: array for name, array in args.items() if name in read}
    new_args.update(partition.packages)
    new_aux = {name: array for name, array in aux.items() if name in read or name in states}
    return _returned(sym, Symbol(whole), new_args, new_aux)


def _returned(given, symbol, args, aux):
    """In MXNet's own classes where those were given. Its symbols can hold subgraphs only where
    Neuron's operators are registered; elsewhere the symbol is ours, which saves as its own do."""
    if not hasattr(given, "list_arguments"):
        return symbol, args, aux
    import mxnet  # pylint: disable=import-outside-toplevel,import-error
    wrap = lambda array: array if hasattr(array, "asnumpy") else mxnet.nd.array(array, dtype=array.dtype)
    try:
        symbol = mxnet.sym.load_json(symbol.tojson())
    except mxnet.MXNetError:
        pass
    return (symbol, {name: wrap(a) for name, a in args.items()},
            {name: wrap(a) for name, a in aux.items()})


def run(sym, args, aux, inputs):
    """Outputs of a partitioned symbol, in the order of its heads: subgraphs on the simulated
    NeuronCores, other nodes on the host, as `neuron run` executes a checkpoint."""
    graph = _as_symbol(sym).graph
    read = {graph["nodes"][index]["name"] for index in _needed(graph)}
    inputs = {name: array for name, array in inputs.items() if name in read}
    args = {name: array for name, array in args.items() if name not in inputs}
    with tempfile.TemporaryDirectory() as directory:
        save_checkpoint(os.path.join(directory, "model"), 0, sym, args, aux)
        return [array for _, array in _results(directory, "model-symbol.json", inputs)]


class _Inferentia:  # pylint: disable=too-few-public-methods
    """The first form of the same: mx.contrib.inferentia.compile(sym, args, aux, data=image)."""

    @staticmethod
    def compile(sym, args, aux, **inputs):
        """Inputs by name; the last result is how many operators are compiled."""
        sym, args, aux = compile(sym, args, aux, inputs)
        parts = [part for node in _as_symbol(sym).graph["nodes"] for part in node.get("subgraphs", [])]
        return sym, args, aux, sum(node["op"] != "null" for part in parts for node in part["nodes"])


def _register():
    """`mx.contrib.neuron` and `mx.contrib.inferentia` where MXNet is there."""
    try:
        import mxnet  # pylint: disable=import-outside-toplevel
    except ImportError:
        return
    if hasattr(mxnet, "contrib"):
        mxnet.contrib.neuron = sys.modules[__name__]
        mxnet.contrib.inferentia = _Inferentia


_register()
