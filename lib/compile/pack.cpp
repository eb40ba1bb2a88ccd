// SPDX-License-Identifier: Apache-2.0
#include "compile/pack.h"

#include <algorithm>

#include "compile/emit.h"
#include "neff/parameters.h"

namespace neuron::compile {
namespace {

/// The nodes of a package: who gives each named value, and who reads it.
class Nodes {
 public:
  Nodes(neff::Model& model, const Graph& whole) : model_(model) {
    for (ValueId id : whole.inputs) {
      const Value& v = whole.value(id);
      neff::Node input;
      input.name = v.name;
      input.outputs = {{v.name, v.type, v.shape}};
      add(std::move(input));
    }
  }

  void add_core(const Packed& part, std::size_t number, std::size_t of) {
    neff::Node core;
    core.name = of == 1 ? "sg_coreV10" : fmt::format("sg_coreV10_{}", number);
    core.executor = neff::Executor::NeuronCore;
    core.function = "__kelf";
    core.kelf = fmt::format("kelf-{}.json", number);
    for (ValueId id : part.graph->inputs)
      core.inputs.push_back(givers_.at(part.graph->value(id).name));
    for (ValueId id : part.graph->outputs) {
      const Value& v = part.graph->value(id);
      core.outputs.push_back({v.name, v.type, v.shape});
    }
    add(std::move(core));
  }

  void add_host(const HostPart& part, std::map<std::string, Tensor>& parameters) {
    neff::Node node;
    node.name = part.name;
    node.executor = neff::Executor::Cpu;
    node.function = "neuron_cpu_graph";
    Bytes code = cpu::encode(part.program);
    const Shape length{static_cast<std::int64_t>(code.size())};
    const std::string program = part.name + ".program";
    node.inputs.push_back(parameter(program, {DType::UInt8, length, std::move(code)}, parameters));
    for (const std::string& name : part.names) {
      const auto at = part.parameters.find(name);
      node.inputs.push_back(at == part.parameters.end() ? givers_.at(name)
                                                        : parameter(name, *at->second, parameters));
    }
    for (const auto& [name, form] : part.outputs)
      node.outputs.push_back({name, form.type, form.shape});
    add(std::move(node));
  }

  /// Outputs of the model, in its order, and the shapes that belong to some of them.
  void add_heads(const Graph& whole) {
    for (ValueId id : whole.outputs) {
      model_.heads.push_back(givers_.at(whole.value(id).name));
      const auto shape = givers_.find(whole.value(id).name + ".shape");
      if (!whole.value(id).open.empty() && shape != givers_.end())
        model_.heads.push_back(shape->second);
    }
  }

 private:
  void add(neff::Node node) {
    const auto at = static_cast<std::uint32_t>(model_.nodes.size());
    for (std::uint32_t o = 0; o < node.outputs.size(); ++o) givers_[node.outputs[o].name] = {at, o};
    model_.nodes.push_back(std::move(node));
  }

  neff::Edge parameter(const std::string& name, Tensor tensor,
                       std::map<std::string, Tensor>& parameters) {
    if (!parameters.count(name)) {
      neff::Node node;
      node.name = name;
      node.is_param = true;
      node.outputs = {{name, tensor.type, tensor.shape}};
      parameters.emplace(name, std::move(tensor));
      add(std::move(node));
    }
    return givers_.at(name);
  }

  neff::Model& model_;
  std::map<std::string, neff::Edge> givers_;
};

/// Numbers that follow from the programs, summed over them.
struct Numbers {
  std::uint64_t macs = 0, traffic = 0, constants = 0, scratch = 0, tensors = 0;
  double bound_ms = 0, last_ms = 0;

  /// The bound is the time that the array or the rings need when nothing makes them wait, which no
  /// run can beat.
  void add(const Kernel& kernel, bool beside) {
    std::uint64_t moved = 0;
    for (const KernelTransfer& t : kernel.transfers)
      for (const Move& m : t.moves) {
        std::uint64_t bytes = static_cast<std::uint64_t>(m.run);
        for (const Loop& l : m.loops) bytes *= static_cast<std::uint64_t>(l.count);
        moved += bytes;
      }
    for (const KernelVariable& v : kernel.variables) {
      if (v.use == VariableUse::Constant) constants += v.bytes;
      if (v.use == VariableUse::Input || v.use == VariableUse::Output) tensors += v.bytes;
    }
    // float32 goes through the array in four passes.
    const double array_ns = static_cast<double>(kernel.macs) * 4 /
                            (isa::kPartitions * isa::kPartitions * kernel.arch.tensor_ghz);
    const double dma_ns =
        static_cast<double>(moved) / (kernel.arch.dma_bytes_per_ns * kernel.arch.dma_engines);
    const double own_ms = std::max(dma_ns, array_ns) / 1e6;
    bound_ms += beside ? std::max(0.0, own_ms - last_ms) : own_ms;  // cores beside work at once
    last_ms = own_ms;
    macs += kernel.macs;
    traffic += moved;
    scratch += kernel.scratch->high_water();
  }

  void put(neff::Model& model, neff::BuildInfo& build) const {
    build.metrics["TPBCount"] = static_cast<double>(model.subgraphs.size());
    build.metrics["EstimatedLowerBoundLatency"] = bound_ms;
    build.metrics["EstimatedUpperBoundThroughput"] = bound_ms > 0 ? 1000 / bound_ms : 0;
    build.metrics["InferentiaDRAMUsage"] = static_cast<double>(constants + scratch + tensors);
    build.hlo["HloMacCount"] = static_cast<std::int64_t>(macs);
    build.hlo["Traffic"] = static_cast<std::int64_t>(traffic);
    build.hlo["ConstantSize"] = static_cast<std::int64_t>(constants);
    model.stats = neff::HloStats{macs, traffic};
  }
};

void add_member(neff::Package& package, std::string path, Bytes bytes) {
  package.members.insert(package.members.begin(), neff::Member{std::move(path), std::move(bytes)});
}

}  // namespace

Result<neff::Package> pack(const std::vector<Packed>& parts, const Graph& whole,
                           const Options& options) {
  neff::Model model;
  model.name = options.name.empty() ? whole.name : options.name;
  model.target = isa::arch(options.target->arch).target;
  model.tool_version = "neuron 0.1.0";
  const auto cores = static_cast<std::size_t>(std::count_if(
      parts.begin(), parts.end(), [](const Packed& part) { return part.kernel && !part.beside; }));
  Nodes nodes(model, whole);
  Numbers numbers;
  std::map<std::string, Tensor> parameters;
  for (const Packed& part : parts) {
    if (part.host) {
      nodes.add_host(*part.host, parameters);
      continue;
    }
    const std::size_t number = model.subgraphs.size();
    if (!part.beside) nodes.add_core(part, number, cores);
    model.subgraphs.push_back(
        subgraph_of(*part.kernel, *part.graph, fmt::format("sg{:02}", number)));
    model.subgraphs.back().node = static_cast<std::uint32_t>(model.nodes.size() - 1);
    numbers.add(*part.kernel, part.beside);
    if (part.kernel->extended || part.kernel->is_joint() || !part.kernel->at_load.empty() ||
        part.kernel->arch.is_parametric)
      model.tool_version = "neuron 0.1.0 +extensions";
  }
  nodes.add_heads(whole);
  neff::BuildInfo build;
  build.framework_file = whole.name;
  build.lnc_size = std::max(options.target->lnc_size, options.logical_core);
  numbers.put(model, build);
  auto package = TRY(neff::package_of(std::move(model), build));
  if (parameters.empty()) return package;
  const ByteView library = cpu_library();
  add_member(package, "cpu.so", {library.begin(), library.end()});
  add_member(package, "cpu.params", neff::parameter_bytes(parameters));
  return package;
}

}  // namespace neuron::compile
