// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdlib>
#include <fstream>
#include <random>

#include "isa/isa.h"
#include "neff/model.h"
#include "tests/catch.h"

/// Packages of several nodes, built by hand: subgraphs copy 4096 bytes through the state buffer,
/// CPU nodes are compiled from C.
namespace graph_package {

using namespace neuron;
inline constexpr std::int64_t kFloats = 1024, kBytes = 4096;

inline neff::Variable variable(const char* name, std::uint32_t id, neff::VariableKind kind,
                               std::uint64_t size) {
  neff::Variable v;
  v.name = name;
  v.id = id;
  v.kind = kind;
  v.size = size;
  return v;
}

/// Copies `from` to `to`, `times` over.
inline neff::Subgraph copier(const char* name, std::uint32_t node, const char* from, const char* to,
                             std::uint32_t times) {
  neff::Subgraph s;
  s.name = name;
  s.node = node;
  s.variables = {variable("SB", 0, neff::VariableKind::StateBuffer, 0),
                 variable(from, 1, neff::VariableKind::Input, kBytes),
                 variable(to, 2, neff::VariableKind::Output, kBytes)};
  s.queues.push_back({"qSPIO0", neff::QueueKind::Data, 1, "sp", {8}});
  neff::EngineProgram sp;
  sp.token = "sp";
  const neff::Side in{from, 0, {1}, {kBytes}, DType::UInt8},
      sb{"SB", 0, {1}, {kBytes}, DType::UInt8}, out{to, 0, {1}, {kBytes}, DType::UInt8};
  sp.transfers.push_back({0, "qSPIO0", {{neff::DmaOp::Copy, {in}, sb, {}, 0}}, 8, ""});
  sp.transfers.push_back({1, "qSPIO0", {{neff::DmaOp::Copy, {sb}, out, {}, 0}}, 8, ""});
  const auto emit = [&sp](const isa::Instruction& i) {
    Bytes& all = sp.instructions.edit();
    all.insert(all.end(), i.word.begin(), i.word.end());
  };
  isa::Sync wait;
  wait.wait_mode = isa::kWaitGreaterEqual;
  wait.wait_semaphore = 8;
  for (std::uint32_t i = 0; i < 2 * times; ++i) {
    emit(isa::encode({}, isa::pseudo_dma_trigger{"qSPIO0", i % 2}));
    wait.wait_value = i + 1;
    emit(isa::encode(wait, isa::nop{}));
  }
  s.engines.push_back(std::move(sp));
  return s;
}

inline Bytes compiled(const std::string& source) {
  const fs::path base =
      fs::temp_directory_path() / fmt::format("cpu_node_{}", std::random_device()());
  std::ofstream(base.string() + ".c") << source;
  const std::string command = fmt::format("cc -shared -fPIC -O1 -I{}/lib {}.c -o {}.so",
                                          NEURON_SOURCE_DIR, base.string(), base.string());
  REQUIRE(std::system(command.c_str()) == 0);
  Bytes bytes = REQUIRE_OK(read_file(base.string() + ".so"));
  fs::remove(base.string() + ".c");
  fs::remove(base.string() + ".so");
  return bytes;
}

inline neff::Slot slot(const char* name) { return {name, DType::Float32, {kFloats}}; }

inline neff::Node core_node(const char* name, std::uint32_t from, const char* output) {
  return {name,          neff::Executor::NeuronCore, "__kelf", "kelf-0.json", false, {{from, 0}},
          {slot(output)}};
}
inline neff::Node cpu_node(const char* function, std::uint32_t from, const char* output) {
  return {function, neff::Executor::Cpu, function, "", false, {{from, 0}}, {slot(output)}};
}

inline Bytes bytes_of(const neff::Model& model, const std::string& cpu_source = "") {
  auto package = REQUIRE_OK(neff::package_of(model, {}));
  if (!cpu_source.empty()) package.members.push_back({"cpu.so", compiled(cpu_source)});
  return REQUIRE_OK(neff::bytes_of(package, neff::Compression::None));
}

/// x -> subgraphs sg00 and sg01 on two cores -> y.
inline neff::Model two_subgraphs() {
  neff::Model m;
  m.name = "two";
  m.target = "cayman";
  m.nodes = {{"x", neff::Executor::Input, "", "", false, {}, {slot("x")}},
             core_node("core", 0, "y")};
  m.heads = {{1, 0}};
  m.subgraphs = {copier("sg00", 1, "x", "between", 1), copier("sg01", 1, "between", "y", 1)};
  return m;
}

/// x -> CPU twice -> NeuronCore -> CPU plus_one -> y.
inline neff::Model sandwich(std::uint32_t copies) {
  neff::Model m;
  m.name = "sandwich";
  m.target = "cayman";
  m.nodes = {{"x", neff::Executor::Input, "", "", false, {}, {slot("x")}},
             cpu_node("twice", 0, "a"),
             core_node("core", 1, "b"),
             cpu_node("plus_one", 2, "y")};
  m.heads = {{3, 0}};
  m.subgraphs = {copier("sg00", 2, "a", "b", copies)};
  return m;
}

/// C of the two CPU nodes; `before_twice` and `before_plus_one` are statements that come first.
/// They may count calls in `twices` and `plus_ones` and return `reached(&counter, n)`: 0 once the
/// counter is at least n, 8 after a minute.
inline std::string sandwich_source(std::string_view before_twice = "",
                                   std::string_view before_plus_one = "") {
  return fmt::format(R"(
#include <nrt/nrt_cpu_node.h>
#include <stdatomic.h>
#include <unistd.h>
atomic_int twices, plus_ones;
int reached(atomic_int* counter, int n) {{
  int i;
  for (i = 0; i < 60000 && *counter < n; i++) usleep(1000);
  return *counter < n ? 8 : 0;
}}
static int each(nrt_cpu_value_t* v, int count, float a, float b) {{
  int64_t i;
  if (count != 2 || v[0].tensor->ndim != 1 || v[0].tensor->dtype.bits != 32) return 7;
  for (i = 0; i < v[0].tensor->shape[0]; i++)
    ((float*)v[1].tensor->data)[i] = a * ((float*)v[0].tensor->data)[i] + b;
  return 0;
}}
int twice(nrt_cpu_value_t* v, int* c, int n, void* r, int* rc, void* x) {{
  (void)c; (void)r; (void)rc; (void)x;
  {}
  return each(v, n, 2, 0);
}}
int plus_one(nrt_cpu_value_t* v, int* c, int n, void* r, int* rc, void* x) {{
  (void)c; (void)r; (void)rc; (void)x;
  {}
  return each(v, n, 1, 1);
}}
)",
                     before_twice, before_plus_one);
}

}  // namespace graph_package
