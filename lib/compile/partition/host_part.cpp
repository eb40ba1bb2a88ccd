// SPDX-License-Identifier: Apache-2.0
#include "compile/partition/host_part.h"

#include <algorithm>

#include "compile/attributes.h"
#include "compile/partition/host.h"

extern "C" const std::byte neuron_cpu_library[], neuron_cpu_library_end[];

namespace neuron::compile {
namespace {

constexpr std::size_t kInline = 1024;  // bytes of a constant that travels inside of the program

std::string name_of(const Graph& graph, std::size_t number) {
  std::vector<std::string> ops;
  for (const Node& node : graph.nodes) ops.push_back(host::operator_of(node));
  std::string name = fmt::format("cpu{:02}", number);
  for (std::size_t i = 0; i < std::min<std::size_t>(ops.size(), 3); ++i) name += "_" + ops[i];
  if (ops.size() > 3) name += fmt::format("_and_{}_more", ops.size() - 3);
  return name;
}

bool is_graph_output(const Graph& whole, ValueId id) {
  return std::find(whole.outputs.begin(), whole.outputs.end(), id) != whole.outputs.end();
}

/// Constants that the nodes read: small ones in the program, others as parameters.
void add_constants(const Graph& graph, HostPart& out) {
  for (std::uint32_t v = 0; v < graph.values.size(); ++v) {
    const Value& value = graph.values[v];
    if (!value.constant) continue;
    if (value.constant->bytes.size() > kInline) {
      out.program.inputs.push_back(static_cast<std::int32_t>(v));
      out.names.push_back(value.name);
      out.parameters[value.name] = &*value.constant;
      continue;
    }
    out.program.calls.push_back({"Constant",
                                 value.name,
                                 0,
                                 {{"value", *value.constant}},
                                 {},
                                 {static_cast<std::int32_t>(v)}});
  }
}

void add_calls(const Graph& graph, cpu::Program& program) {
  for (const Node& node : graph.nodes) {
    cpu::Call call{host::operator_of(node), node.name, node.host->opset, node.attributes, {}, {}};
    for (const auto& input : node.inputs)
      call.inputs.push_back(input ? static_cast<std::int32_t>(input->value) : -1);
    for (const ValueId id : node.outputs)
      call.outputs.push_back(static_cast<std::int32_t>(id.value));
    program.calls.push_back(std::move(call));
  }
}

/// A result whose shape data tell leaves in as much room as it can need, with its shape beside it.
Result<> add_outputs(const Cut& part, const Graph& whole, HostPart& out) {
  for (std::size_t o = 0; o < part.outputs.size(); ++o) {
    const Value& value = part.graph.value(part.graph.outputs[o]);
    const auto number = static_cast<std::int32_t>(part.graph.outputs[o].value);
    out.program.outputs.push_back({number, false});
    out.outputs.push_back({value.name, {value.type, value.shape}});
    if (value.open.empty()) continue;
    if (!is_graph_output(whole, part.outputs[o]))
      return fail(Code::UnsupportedOperator, "'{}': its shape depends on data", value.name);
    out.program.outputs.push_back({number, true});
    out.outputs.push_back(
        {value.name + ".shape", {DType::Int64, {static_cast<std::int64_t>(value.shape.size())}}});
  }
  return {};
}

}  // namespace

Result<HostPart> host_part_of(const Cut& part, const Graph& whole, std::size_t number) {
  HostPart out;
  out.name = name_of(part.graph, number);
  for (const Value& v : part.graph.values)
    out.program.values.push_back({v.name, v.type, v.shape, !v.open.empty()});
  for (const ValueId id : part.graph.inputs) {
    out.program.inputs.push_back(static_cast<std::int32_t>(id.value));
    out.names.push_back(part.graph.value(id).name);
  }
  add_constants(part.graph, out);
  add_calls(part.graph, out.program);
  TRY(add_outputs(part, whole, out));
  return out;
}

ByteView cpu_library() { return {neuron_cpu_library, neuron_cpu_library_end}; }

}  // namespace neuron::compile
