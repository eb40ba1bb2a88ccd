#!/usr/bin/env python3
"""Run digits.onnx on the example inputs and write expected.json.

This is a plain numpy evaluation of the six operators the model has. The
arithmetic is float64 and only the result is rounded to float32, so that the
reference does not depend on the order in which some library adds floats.
The script stops with an error if an example is not recognised.

    python3 evaluate.py            renew expected.json
    python3 evaluate.py --check    compare only; exit status 1 on a difference
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
# --check allows for a different summation order inside BLAS, no more.
TOLERANCE = 1e-6


def conv(x, weight, bias, kernel_shape, pads, strides):
    if kernel_shape != [3, 3] or pads != [1, 1, 1, 1] or strides != [1, 1]:
        raise ValueError("only 3x3 convolutions with padding 1 and stride 1 are known here")
    height, width = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = bias[None, :, None, None]
    for i in range(3):
        for j in range(3):
            part = padded[:, :, i:i + height, j:j + width]
            out = out + np.einsum("nchw,mc->nmhw", part, weight[:, :, i, j], optimize=True)
    return out


def max_pool(x, kernel_shape, strides):
    if kernel_shape != [2, 2] or strides != [2, 2]:
        raise ValueError("only 2x2 pooling with stride 2 is known here")
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def gemm(a, b, c, transB=0):
    return a @ (b.T if transB else b) + c


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


OPERATORS = {
    "Conv": conv,
    "Relu": lambda x: np.maximum(x, 0),
    "MaxPool": max_pool,
    "Flatten": lambda x, axis: x.reshape(int(np.prod(x.shape[:axis])), -1),
    "Gemm": gemm,
    "Softmax": softmax,
}


def run(model, images):
    """Return float32 probabilities [N,10] for images [N,1,28,28].

    The model's own batch is 1; none of its operators mixes images, so any
    number may be given here.
    """
    values = {t.name: numpy_helper.to_array(t).astype(np.float64)
              for t in model.graph.initializer}
    values[model.graph.input[0].name] = images.astype(np.float64)
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [values[name] for name in node.input]
        values[node.output[0]] = OPERATORS[node.op_type](*inputs, **attributes)
    return values[model.graph.output[0].name].astype(np.float32)


def cases(model):
    """One entry per example; the first character of its name is the digit drawn."""
    found = []
    for path in sorted(HERE.glob("[0-9]*.npy")):
        expected = int(path.name[0])
        probabilities = run(model, np.load(path))[0]
        if probabilities.argmax() != expected:
            sys.exit(f"{path.name}: recognised as {probabilities.argmax()}")
        found.append({"file": path.name, "class": expected,
                      # str() of a float32 is the shortest text that reads back the same
                      "probabilities": [float(str(p)) for p in probabilities]})
    return found


def as_text(found):
    lines = ",\n".join("    " + json.dumps(case) for case in found)
    return ('{\n  "model": "digits.onnx",\n  "input": "image",\n  "output": "probabilities",\n'
            '  "cases": [\n' + lines + "\n  ]\n}\n")


def check(found, path):
    recorded = json.loads(path.read_text())["cases"]
    if [c["file"] for c in recorded] != [c["file"] for c in found]:
        sys.exit("expected.json lists other files")
    worst = max(np.abs(np.subtract(a["probabilities"], b["probabilities"])).max()
                for a, b in zip(recorded, found))
    print(f"largest difference {worst:.2g}")
    if worst > TOLERANCE or any(a["class"] != b["class"] for a, b in zip(recorded, found)):
        sys.exit("expected.json is out of date")


def main():
    parser = argparse.ArgumentParser(description="Write or check expected.json.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    found = cases(onnx.load(str(HERE / "digits.onnx")))
    for case in found:
        print(f"{case['file']:7} class {case['class']}  {max(case['probabilities']):.4f}")
    if arguments.check:
        check(found, HERE / "expected.json")
    else:
        (HERE / "expected.json").write_text(as_text(found))


if __name__ == "__main__":
    main()
