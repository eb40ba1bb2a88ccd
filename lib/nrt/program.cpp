// SPDX-License-Identifier: Apache-2.0
// From the words of a package to those of the machine: names become indices, once.
#include "nrt/program.h"

#include <algorithm>
#include <map>

namespace neuron::nrt {
namespace {

using neff::VariableKind;

Result<isa::ArchId> arch_of(const neff::Model& model) {
  const auto arch = isa::arch_of_kelf_target(model.target);
  if (!arch)
    return fail(Code::UnsupportedVersion,
                "target '{}' is not simulated, known are inferentia, sunda, cayman and mariana "
                "(real packages for "
                "Inferentia1 name none; their instructions have another layout)",
                model.target);
  return *arch;
}

Result<isa::Engine> engine_of(const std::string& token) {
  for (int e = 0; e < isa::kEngines; ++e)
    if (const auto engine = static_cast<isa::Engine>(e); token == isa::info(engine).token)
      return engine;
  return fail(Code::Malformed, "no engine '{}', known are pe, act, pool, dve and sp", token);
}

sim::Storage storage_of(VariableKind kind) {
  if (kind == VariableKind::StateBuffer) return sim::Storage::Local;
  if (kind == VariableKind::Remote) return sim::Storage::RemoteCore;
  return sim::Storage::Device;
}

static_assert(static_cast<int>(sim::CollectiveOp::SendReceive) ==
                  static_cast<int>(neff::CollectiveOp::SendReceive),
              "the operations of both are the same, in the same order");

class Translator {
 public:
  Translator(const neff::Subgraph& subgraph, isa::ArchId arch) : from_(subgraph) {
    to_.arch = arch;
    to_.name = subgraph.name;
  }

  Result<sim::Program> run() {
    const std::string definition = from_.name + "/def.json";
    TRY(add_variables().within(definition));
    TRY(add_queues().within(definition));
    for (const neff::EngineProgram& engine : from_.engines) TRY(add_engine(engine));
    return std::move(to_);
  }

 private:
  Result<> add_variables() {
    to_.variables.resize(from_.variables.size());
    is_constant_.resize(from_.variables.size());
    bool has_table = false;
    for (const neff::Variable& v : from_.variables) {
      if (v.id >= to_.variables.size())
        return fail(Code::Malformed,
                    "{}: var_id is {}, expected less than {}, the variables' count", v.name, v.id,
                    to_.variables.size());
      to_.variables[v.id] = {v.name, storage_of(v.kind), v.size};
      is_constant_[v.id] = v.kind == VariableKind::File;
      if (!variable_ids_.emplace(v.name, sim::VariableId{v.id}).second)
        return fail(Code::Malformed, "variable {} appears twice", v.name);
      if (v.kind != VariableKind::DgeTable) continue;
      if (std::exchange(has_table, true))
        return fail(Code::UnsupportedVersion, "{}: a second DGE table, one is supported", v.name);
      for (const std::uint32_t id : v.list) to_.dge_table.push_back({id});
    }
    return {};
  }

  Result<> add_queues() {
    if (from_.queues.size() > 0xffff)
      return fail(Code::Malformed, "{} queues, at most 65535 are allowed", from_.queues.size());
    for (const neff::Queue& q : from_.queues) {
      sim::Queue queue;
      queue.name = q.name;
      queue.rings = q.rings;
      // A queue without an owner is rung by whoever holds its transfers.
      if (!q.owner.empty()) queue.owner = TRY(engine_of(q.owner).within(q.name));
      // GpSimd writes descriptors in software; the other engines have hardware that does.
      if (q.kind == neff::QueueKind::Dynamic)
        queue.kind = queue.owner == isa::Engine::Gpsimd ? sim::QueueKind::SoftwareDynamic
                                                        : sim::QueueKind::HardwareDynamic;
      queue_ids_.emplace(q.name, sim::QueueId{static_cast<std::uint16_t>(to_.queues.size())});
      to_.queues.push_back(std::move(queue));
    }
    return {};
  }

  Result<> add_engine(const neff::EngineProgram& from) {
    const auto engine = TRY(engine_of(from.token).within(from_.name + "/def.json"));
    to_.streams[static_cast<int>(engine)] =
        TRY(isa::decode(engine, from.instructions).within(from_.name + "/" + from.bin_name));
    for (const neff::Transfer& t : from.transfers) {
      auto transfer = transfer_of(t);
      if (!transfer)
        return std::move(transfer).error().within(
            fmt::format("{}/{}: dma {}", from_.name, from.json_name, t.id));
      to_.transfers[static_cast<int>(engine)].push_back(*std::move(transfer));
    }
    return {};
  }

  Result<sim::Transfer> transfer_of(const neff::Transfer& from) const {
    const auto queue = queue_ids_.find(from.queue);
    if (queue == queue_ids_.end())
      return fail(Code::Malformed, "queue {} is not in def.json", from.queue);
    if (!from.semaphore)
      return fail(Code::Malformed, "no semaphore; completion by event alone is not supported");
    if (*from.semaphore > 0xff)
      return fail(Code::Malformed, "semaphore is {}, expected at most 255", *from.semaphore);
    sim::Transfer to;
    to.id = from.id;
    to.queue = queue->second;
    to.semaphore = {static_cast<std::uint8_t>(*from.semaphore)};
    to.increment = to_.queues[to.queue.value].rings;
    if (from.collective) to.collective = collective_of(*from.collective);
    to.at_load = from.at_load;
    for (const neff::Descriptor& d : from.descriptors) {
      if (to.at_load) TRY(check_constants(d));
      auto descriptor = descriptor_of(d);
      if (!descriptor)
        return std::move(descriptor).error().within(fmt::format("desc {}", to.descriptors.size()));
      to.descriptors.push_back(*std::move(descriptor));
    }
    return to;
  }

  /// What comes to SBUF once must be the same at every execution.
  Result<> check_constants(const neff::Descriptor& d) const {
    for (const neff::Side& side : d.from) {
      const auto at = variable_ids_.find(side.variable);  // side_of() says where there is none
      if (at != variable_ids_.end() && !is_constant_[at->second.value])
        return fail(Code::Malformed, "moves {} at load, which is no constant", side.variable);
    }
    return {};
  }

  static std::shared_ptr<const sim::Collective> collective_of(const neff::Collective& from) {
    auto to = std::make_shared<sim::Collective>();
    to->op = static_cast<sim::CollectiveOp>(from.op);
    to->reduction = from.reduction == "max"   ? sim::CollectiveReduction::Max
                    : from.reduction == "min" ? sim::CollectiveReduction::Min
                                              : sim::CollectiveReduction::Add;
    to->type = from.type;
    to->groups = from.replica_groups;
    for (const auto& pair : from.pairs) to->pairs.emplace_back(pair[0], pair[1]);
    to->stream = from.stream;
    return to;
  }

  Result<sim::Descriptor> descriptor_of(const neff::Descriptor& from) const {
    sim::Descriptor to;
    to.op = TRY(op_of(from.op));
    to.to = TRY(side_of(from.to));
    for (const neff::Side& side : from.from) {
      auto source = TRY(side_of(side));
      to.from.push_back(source);
    }
    to.transpose_shape = from.transpose_shape;
    to.element_size = from.transpose_element_size;
    return to;
  }

  static Result<sim::DmaOp> op_of(neff::DmaOp op) {
    switch (op) {
      case neff::DmaOp::Copy:
      case neff::DmaOp::Cast:
        return sim::DmaOp::Copy;
      case neff::DmaOp::Add:
        return sim::DmaOp::Add;
      case neff::DmaOp::Min:
        return sim::DmaOp::Min;
      case neff::DmaOp::Max:
        return sim::DmaOp::Max;
      case neff::DmaOp::Transpose:
        return sim::DmaOp::Transpose;
      case neff::DmaOp::Fma:
        break;
    }
    return fail(Code::UnsupportedVersion, "op fma is not simulated");
  }

  Result<sim::Side> side_of(const neff::Side& from) const {
    const auto variable = variable_ids_.find(from.variable);
    if (variable == variable_ids_.end())
      return fail(Code::Malformed, "variable {} is not in def.json", from.variable);
    if (from.sizes.size() > 4 || from.sizes.size() != from.steps.size())
      return fail(Code::Malformed, "{} sizes and {} steps, expected as many, at most 4",
                  from.sizes.size(), from.steps.size());
    sim::Side to;
    to.variable = variable->second;
    to.offset = from.offset;
    std::copy(from.sizes.begin(), from.sizes.end(), to.sizes.begin());
    std::copy(from.steps.begin(), from.steps.end(), to.steps.begin());
    to.type = from.type;
    return to;
  }

  const neff::Subgraph& from_;
  sim::Program to_;
  std::map<std::string, sim::VariableId> variable_ids_;
  std::vector<bool> is_constant_;  ///< by id
  std::map<std::string, sim::QueueId> queue_ids_;
};

}  // namespace

Result<sim::Program> program_of(const neff::Model& model, std::size_t subgraph) {
  if (subgraph >= model.subgraphs.size())
    return fail(Code::NotFound, "subgraph {}, the package has {}", subgraph,
                model.subgraphs.size());
  const auto arch = TRY(arch_of(model));
  return Translator(model.subgraphs[subgraph], arch).run();
}

}  // namespace neuron::nrt
