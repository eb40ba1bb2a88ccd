# SPDX-License-Identifier: Apache-2.0
"""Executes a package through ctypes, as Python frameworks call the runtime: client.py LIB MODEL."""
import ctypes as c
import sys


class Info(c.Structure):
    _fields_ = [("name", c.c_char * 256), ("usage", c.c_uint32), ("size", c.c_size_t),
                ("dtype", c.c_uint32), ("shape", c.POINTER(c.c_uint32)), ("ndim", c.c_uint32)]


class Infos(c.Structure):
    _fields_ = [("count", c.c_uint64), ("first", Info)]


nrt = c.CDLL(sys.argv[1])
nrt.nrt_get_status_as_str.restype = c.c_char_p


def must(status):
    if status:
        sys.exit(nrt.nrt_get_status_as_str(status).decode())


neff = open(sys.argv[2], "rb").read()
model, infos = c.c_void_p(), c.POINTER(Infos)()
must(nrt.nrt_init(1, b"", b""))
must(nrt.nrt_load(neff, c.c_size_t(len(neff)), -1, -1, c.byref(model)))
must(nrt.nrt_get_model_tensor_info(model, c.byref(infos)))
rows = c.cast(c.byref(infos.contents.first), c.POINTER(Info))
sets = [c.c_void_p(), c.c_void_p()]
for s in sets:
    must(nrt.nrt_allocate_tensor_set(c.byref(s)))
outputs = []
for i in range(infos.contents.count):
    info, tensor = rows[i], c.c_void_p()
    must(nrt.nrt_tensor_allocate(0, 0, c.c_size_t(info.size), info.name, c.byref(tensor)))
    must(nrt.nrt_add_tensor_to_tensor_set(sets[info.usage], info.name, tensor))
    if info.usage == 1:
        outputs.append((info.name.decode(), [info.shape[d] for d in range(info.ndim)], info.size,
                        tensor))
must(nrt.nrt_execute(model, sets[0], sets[1]))
for name, shape, size, tensor in outputs:
    data = c.create_string_buffer(size)
    must(nrt.nrt_tensor_read(tensor, data, c.c_size_t(0), c.c_size_t(size)))
    print(f"{name}: {shape}, {size} bytes")
must(nrt.nrt_unload(model))
nrt.nrt_close()
