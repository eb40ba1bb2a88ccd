# SPDX-License-Identifier: Apache-2.0
"""Compiles a small network with the module for MXNet's users, as their guide does, and compares
what the partitioned network gives with numpy."""
import contextlib
import io
import json
import os
import subprocess

import numpy

import mx_neuron


def node(op, name, inputs=(), **attributes):
    return {"op": op, "name": name, "attrs": attributes, "inputs": [[i, 0, 0] for i in inputs]}


nodes = [node("null", "data"), node("null", "w"), node("null", "b"),
         node("FullyConnected", "fc", (0, 1, 2), num_hidden="3"),
         node("Activation", "act", (3,), act_type="relu"),
         node("softmax", "prob", (4,)), node("null", "v"),
         node("FullyConnected", "last", (5, 6), num_hidden="2", no_bias="True")]
symbol = mx_neuron.Symbol({"nodes": nodes, "arg_nodes": [0, 1, 2, 6], "heads": [[7, 0, 0]],
                           "attrs": {"mxnet_version": ["int", 10700]}})
random = numpy.random.RandomState(1)
args = {name: random.rand(*shape).astype("float32") for name, shape in
        (("w", (3, 4)), ("b", (3,)), ("v", (2, 3)))}
data = random.rand(1, 4).astype("float32")

mx_neuron.save_checkpoint("small", 0, symbol, args, {})
sym, args, aux = mx_neuron.load_checkpoint("small", 0)


def sym_nodes(sym):
    return json.loads(sym.tojson())["nodes"]


def count_ops(graph_nodes):
    return len([x["op"] for x in graph_nodes if x["op"] != "null"])


def get_compile_stats(sym):
    cnt = count_ops(sym_nodes(sym))
    subgraphs = compiled = 0
    for g in sym_nodes(sym):
        if g["op"] == "_neuron_subgraph_op":
            subgraphs += 1
            for sg in g["subgraphs"]:
                compiled += count_ops(sg["nodes"])
    return cnt, subgraphs, compiled


def softmax(x):
    e = numpy.exp(x - x.max())
    return e / e.sum()


hidden = numpy.maximum(data @ args["w"].T + args["b"], 0)
expected = softmax(hidden) @ args["v"].T
numpy.save("data.npy", data)
numpy.save("expected.npy", expected)
for words in ({}, {"excl_node_names": ["prob"]}, {"excl_node_names": ["fc", "prob"]},
              {"compile_args": {"--neuroncore-pipeline-cores": 2}},
              {"flags": ["--target", "trn2", "--auto-cast", "none"]}):
    csym, cargs, caux = mx_neuron.compile(sym, args, aux, {"data": data}, **words)
    print(words, "operators, subgraphs, operators on NeuronCores:", get_compile_stats(csym))
    mx_neuron.save_checkpoint("compiled", 0, csym, cargs, caux)
    got = mx_neuron.run(*mx_neuron.load_checkpoint("compiled", 0), {"data": data})
    print("same as numpy:", bool(numpy.allclose(got[0], expected, rtol=1e-4)))
    run = subprocess.run(["neuron", "run", "compiled-symbol.json", "data", "data.npy", "--no-save",
                          "--expect", csym.list_outputs()[0], "expected.npy", "--rtol", "1e-4"],
                         capture_output=True, text=True, check=False)
    print("neuron run:", run.stdout.splitlines()[-1] if run.stdout else "", run.stderr.strip())

try:
    mx_neuron.compile(sym, args, aux, {"data": data}, excl_node_names=["nobody"])
except mx_neuron.NeuronError as error:
    print(error)
os.environ["SUBGRAPH_INFO"] = "1"
said = io.StringIO()
with contextlib.redirect_stdout(said):
    mx_neuron.compile(sym, args, aux, {"data": data},
                      flags=["--target", "trn2", "--verbose info", "--pipeline compile SaveTemps"])
print(sorted(name for name in os.listdir(".") if name.startswith("._neuron")))
print("stage import" in said.getvalue(), len(os.listdir("_neuron_subgraph_op0-symbol-stages")) > 2)
