# SPDX-License-Identifier: Apache-2.0
"""packager_input.py DIRECTORY MIB: adds MIB MiB of members to an unpacked NEFF: constants of
subgraph sg00 (random bf16, float32 of bf16, sparse float32), instruction streams and JSON."""
import json
import sys

import numpy as np

root, mib = sys.argv[1], int(sys.argv[2])
random = np.random.default_rng(1)
size = mib * (1 << 20) // 16


def normal(count):
    return random.standard_normal(count, dtype=np.float32) * np.float32(0.02)


def bf16():
    return (normal(size // 2).view(np.uint32) >> 16).astype(np.uint16)


def widened():
    return normal(size // 4).view(np.uint32) & np.uint32(0xFFFF0000)


def sparse():
    values = normal(size // 4)
    return np.where(random.random(values.size, dtype=np.float32) < 0.1, values, np.float32(0))


def instructions():
    words = np.zeros((size // 64, 64), np.uint8)
    words[:, 0] = random.choice([0x01, 0x02, 0x21, 0x43], len(words))
    words[:, 1] = 0x10
    words[:, 4:8] = random.integers(0, 8, (len(words), 4))
    words[:, 16:20] = (np.arange(len(words), dtype=np.uint32) * 512).view(np.uint8).reshape(-1, 4)
    words[:, 48] = random.integers(0, 16, len(words))
    return words


kinds = [bf16] * 8 + [widened] * 2 + [sparse] * 3
path = root + "/sg00/def.json"
with open(path) as file:
    definition = json.load(file)
for i, make in enumerate(kinds):
    array = make()
    name = f"bench_{i}"
    np.save(f"{root}/sg00/{name}.npy", array if array.dtype == np.float32 else
            array.view("V2" if array.itemsize == 2 else np.float32))
    definition["var"][name] = {"type": "file", "var_id": len(definition["var"]), "ops": [],
                               "size": array.nbytes, "alignment": 64, "file_name": name + ".npy"}
with open(path, "w") as file:
    json.dump(definition, file)
for i in range(2):
    instructions().tofile(f"{root}/sg00/stream_{i}.bin")
with open(f"{root}/trace.json", "w") as file:
    file.write('{"events": [\n')
    written, i = 0, 0
    while written < size:
        block = ",\n".join('  {"name": "layer_%d/matmul", "engine": "PE", "begin": %d, "end": %d}'
                           % (i + k, (i + k) * 977, (i + k) * 977 + int(v))
                           for k, v in enumerate(random.integers(64, 4096, 4096)))
        written += file.write((",\n" if i else "") + block)
        i += 4096
    file.write("\n]}\n")
