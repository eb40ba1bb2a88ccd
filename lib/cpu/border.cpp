// SPDX-License-Identifier: Apache-2.0
// cpu.so: what a package brings for its CPU nodes. One function runs any program (cpu/program.h).
#include "cpu/program.h"
#include "nrt/nrt_cpu_node.h"

namespace {

using namespace neuron;

Shape shape_of(const nrt_cpu_tensor_t& t) { return {t.shape, t.shape + t.ndim}; }

std::size_t bytes_of(const nrt_cpu_tensor_t& t) {
  std::size_t bytes = t.dtype.bits / 8;
  for (std::int32_t d = 0; d < t.ndim; ++d) bytes *= static_cast<std::size_t>(t.shape[d]);
  return bytes;
}

std::byte* data_of(const nrt_cpu_tensor_t& t) {
  return static_cast<std::byte*>(t.data) + t.byte_offset;
}

}  // namespace

extern "C" {

/// Filled by the runtime: takes the reason of a failure.
__attribute__((visibility("default"))) void (*__TVMAPISetLastError)(const char*) = nullptr;

/// values[0] is the program, then come its inputs, then its outputs.
__attribute__((visibility("default"))) int neuron_cpu_graph(nrt_cpu_value_t* values, int*,
                                                            int count, void*, int*, void*) {
  const auto fails = [](const char* words) {
    if (__TVMAPISetLastError) __TVMAPISetLastError(words);
    return 1;
  };
  try {
    if (count < 1) return fails("no program");
    const nrt_cpu_tensor_t& code = *values[0].tensor;
    const auto program = cpu::decode({data_of(code), bytes_of(code)});
    if (!program) return fails("its parameter is no program");
    const auto inputs = program->inputs.size();
    if (static_cast<std::size_t>(count) != 1 + inputs + program->outputs.size())
      return fails("its inputs and outputs are not those of the program");
    std::vector<cpu::Operand> operands;
    std::vector<Shape> shapes(program->outputs.size());
    std::vector<cpu::Room> rooms;
    for (std::size_t i = 0; i < inputs; ++i) {
      const nrt_cpu_tensor_t& t = *values[1 + i].tensor;
      operands.push_back({DType::Unknown, shape_of(t), {data_of(t), bytes_of(t)}, true});
    }
    for (std::size_t o = 0; o < shapes.size(); ++o) {
      const nrt_cpu_tensor_t& t = *values[1 + inputs + o].tensor;
      shapes[o] = shape_of(t);
      rooms.push_back({&shapes[o], {data_of(t), bytes_of(t)}});
    }
    if (const auto words = cpu::run(*program, operands, rooms)) return fails(words->c_str());
    return 0;
  } catch (...) {
    return fails("not enough memory");
  }
}
}
