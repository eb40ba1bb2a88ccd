// SPDX-License-Identifier: Apache-2.0
#include "compile/emit.h"

#include <algorithm>

#include "compile/sync.h"

namespace neuron::compile {
namespace {

using isa::Sync;

// Semaphores as real packages number them: one an engine, then a set for each owner of queues.
constexpr std::uint8_t kEngineSemaphore[isa::kEngines] = {5, 4, 7, 6, 3};
struct QueueRow {
  const char* name;
  neff::QueueKind kind;
  std::uint8_t semaphore;  ///< first of a set, one a ring
  std::uint32_t rings;
};
constexpr QueueRow kQueueRows[kQueues] = {{"qSPIO0", neff::QueueKind::In, 8, 16},
                                          {"qPoolIO0", neff::QueueKind::In, 24, 16},
                                          {"qPoolCC0", neff::QueueKind::Data, 40, 1},
                                          {"qPoolDynamic", neff::QueueKind::Dynamic, 41, 16}};

struct Stream {
  Bytes bytes;
  std::vector<neff::Transfer> transfers;
  std::vector<neff::DebugNote> notes;
  std::uint32_t signals = 0;               ///< increments of the engine's semaphore so far
  std::vector<std::uint32_t> signal_at{};  ///< value of the semaphore after instruction n
};

class Emitter {
 public:
  explicit Emitter(const Kernel& kernel) : kernel_(kernel), sync_(plan_sync(kernel)) {}

  void run() {
    count_signals();
    for (int e = 0; e < isa::kEngines; ++e) {
      put(e, {}, isa::set_ordering_mode{}, "", "SET_ORDERING_MODE");
      if (kernel_.arch.id > isa::ArchId::V2) put(e, {}, isa::start_marker{}, "", "START_MARKER");
    }
    std::array<std::uint32_t, isa::kEngines> ordinal{};
    for (std::size_t s = 0; s < kernel_.steps.size(); ++s) {
      const auto engine = static_cast<int>(kernel_.steps[s].engine);
      step(kernel_.steps[s], sync_.steps[s], ordinal[engine]++);
    }
    drain();
    fill_at_load();
  }

  Stream& stream(Engine engine) { return streams_[static_cast<int>(engine)]; }

 private:
  void count_signals() {
    for (int e = 0; e < isa::kEngines; ++e) {
      std::uint32_t value = 0;
      for (bool awaited : sync_.awaited[e]) streams_[e].signal_at.push_back(value += awaited);
    }
  }

  void put(int engine, const Sync& sync, const isa::Operation& op, const std::string& layer,
           const std::string& type) {
    Stream& s = streams_[engine];
    const isa::Instruction i = isa::encode(sync, op);
    s.bytes.insert(s.bytes.end(), i.word.begin(), i.word.end());
    s.notes.push_back({fmt::format("I-{}", next_name_++), layer, type});
  }

  /// The semaphore and the value that stand for a wait.
  std::pair<std::uint8_t, std::uint32_t> semaphore_of(const Wait& w) const {
    if (w.agent < isa::kEngines)
      return {kEngineSemaphore[w.agent], streams_[w.agent].signal_at[w.count - 1]};
    const QueueRow& row = kQueueRows[w.agent - isa::kEngines];
    return {row.semaphore, w.count * row.rings};
  }

  /// Puts all waits but one before an instruction, two at a time; the last goes on it.
  Sync wait_for(int engine, const std::vector<Wait>& waits, const Note& note) {
    Sync own;
    if (waits.empty()) return own;
    for (std::size_t w = 0; w + 1 < waits.size(); w += 2) {
      const auto [first, value] = semaphore_of(waits[w]);
      isa::event_semaphore event;
      if (w + 2 < waits.size()) {
        const auto [second, second_value] = semaphore_of(waits[w + 1]);
        event = {isa::kWaitGreaterEqual, second, second_value};
      }
      put(engine, {isa::kWaitGreaterEqual, first, isa::kNoUpdate, 0, value}, event, note.layer,
          note.op);
    }
    const auto [last, value] = semaphore_of(waits.back());
    own.wait_mode = isa::kWaitGreaterEqual;
    own.wait_semaphore = last;
    own.wait_value = value;
    return own;
  }

  void step(const Step& step, const StepSync& plan, std::uint32_t ordinal) {
    const int engine = static_cast<int>(step.engine);
    const Note& note = kernel_.notes[step.note];
    Sync sync = wait_for(engine, plan.waits, note);
    if (step.transfer >= 0) return trigger(step, sync, note);
    if (sync_.awaited[engine][ordinal]) {
      sync.update_mode = isa::kIncrement;
      sync.update_semaphore = kEngineSemaphore[engine];
    }
    put(engine, sync, step.op, note.layer, note.op);
  }

  void trigger(const Step& step, const Sync& sync, const Note& note) {
    const KernelTransfer& t = kernel_.transfers[step.transfer];
    const QueueRow& row = kQueueRows[static_cast<int>(t.queue)];
    Stream& s = stream(step.engine);
    if (t.rows) {
      isa::dma_indirect op = *t.rows;
      op.semaphore = row.semaphore;
      op.increment = static_cast<std::uint8_t>(row.rings);
      return put(static_cast<int>(step.engine), sync, op, note.layer, note.op);
    }
    neff::Transfer out;
    out.id = static_cast<std::uint32_t>(s.transfers.size());
    out.queue = row.name;
    out.semaphore = row.semaphore;
    for (const Move& m : t.moves) describe(m, out.descriptors);
    if (t.together) describe(*t.together, out);
    isa::pseudo_dma_trigger op;
    op.queue = row.name;
    op.dma_id = out.id;
    s.transfers.push_back(std::move(out));
    put(static_cast<int>(step.engine), sync, op, note.layer, note.op);
  }

  /// One side of a move: contiguous loops become one; steps and sizes in bytes, innermost first.
  neff::Side side(const Place& place, const Move& m, std::size_t loops, bool from) const {
    neff::Side out;
    out.variable = kernel_.variables[place.variable.value].name;
    out.offset = place.offset;
    out.steps = {1};
    out.sizes = {m.run};
    for (std::size_t l = 0; l < loops; ++l) {
      const std::int64_t step = from ? m.loops[l].from : m.loops[l].to;
      if (m.loops[l].count == 1) continue;
      if (out.steps.back() * out.sizes.back() == step) {
        out.sizes.back() *= m.loops[l].count;
      } else {
        out.steps.push_back(step);
        out.sizes.push_back(m.loops[l].count);
      }
    }
    return out;
  }

  /// A move as descriptors of at most four dimensions a side; outer loops become several.
  void describe(const Move& m, std::vector<neff::Descriptor>& out) const {
    std::size_t loops = m.loops.size();
    neff::Descriptor d;
    for (;; --loops) {
      d.from = {side(m.from, m, loops, true)};
      d.to = side(m.to, m, loops, false);
      if (d.from[0].sizes.size() <= 4 && d.to.sizes.size() <= 4) break;
    }
    std::vector<std::int64_t> at(m.loops.size(), 0);
    for (;;) {
      out.push_back(d);
      for (std::size_t l = loops; l < m.loops.size(); ++l) {
        out.back().from[0].offset += at[l] * m.loops[l].from;
        out.back().to.offset += at[l] * m.loops[l].to;
      }
      std::size_t l = loops;
      while (l < m.loops.size() && ++at[l] == m.loops[l].count) at[l++] = 0;
      if (l >= m.loops.size()) return;
    }
  }

  /// One run of bytes that each rank gives, one that each gets.
  void describe(const Together& what, neff::Transfer& out) const {
    const auto run = [&](const Place& place, std::int64_t bytes) {
      return neff::Side{
          kernel_.variables[place.variable.value].name, place.offset, {1}, {bytes}, DType::UInt8};
    };
    neff::Descriptor d;
    d.from = {run(what.from, what.bytes)};
    d.to = run(what.to, what.sums ? what.bytes : what.bytes * what.ranks);
    out.descriptors.push_back(std::move(d));
    neff::Collective together;
    together.op = what.sums ? neff::CollectiveOp::AllReduce : neff::CollectiveOp::AllGather;
    together.type = what.sums ? DType::Float32 : DType::UInt8;
    auto& all = together.replica_groups.emplace_back();
    for (std::uint32_t rank = 0; rank < what.ranks; ++rank) all.push_back(rank);
    out.collective = std::move(together);
  }

  /// The last slot: nothing ends before all stores have landed.
  void drain() {
    const int engine = static_cast<int>(owner_of(Queue::Store));
    const Note note{"", "DRAIN"};
    put(engine, wait_for(engine, sync_.last, note), isa::nop{}, note.layer, note.op);
  }

  /// What no instruction starts: the constants that stay in SBUF.
  void fill_at_load() {
    if (kernel_.at_load.empty()) return;
    const QueueRow& row = kQueueRows[static_cast<int>(Queue::Load)];
    Stream& s = stream(owner_of(Queue::Load));
    neff::Transfer out;
    out.id = static_cast<std::uint32_t>(s.transfers.size());
    out.queue = row.name;
    out.semaphore = row.semaphore;
    out.at_load = true;
    for (const Move& m : kernel_.at_load) describe(m, out.descriptors);
    s.transfers.push_back(std::move(out));
  }

  const Kernel& kernel_;
  SyncPlan sync_;
  std::array<Stream, isa::kEngines> streams_;
  std::uint32_t next_name_ = 0;
};

neff::VariableKind kind_of(VariableUse use) {
  switch (use) {
    case VariableUse::Input:
      return neff::VariableKind::Input;
    case VariableUse::Output:
      return neff::VariableKind::Output;
    case VariableUse::Constant:
      return neff::VariableKind::File;
    case VariableUse::Scratch:
      return neff::VariableKind::Virtual;
    case VariableUse::Remote:
      return neff::VariableKind::Remote;
    case VariableUse::Local:
      break;
  }
  return neff::VariableKind::StateBuffer;
}

const char* format_of(const Shape& shape) {
  switch (shape.size()) {
    case 1:
      return "N";
    case 2:
      return "NC";
    case 3:
      return "NHC";
    case 4:
      return "NCHW";
    default:
      return "";
  }
}

void add_variables(Kernel& kernel, const Graph& graph, neff::Subgraph& out) {
  for (std::size_t v = 0; v < kernel.variables.size(); ++v) {
    KernelVariable& from = kernel.variables[v];
    neff::Variable to;
    to.name = from.name;
    to.id = static_cast<std::uint32_t>(v);
    to.kind = kind_of(from.use);
    to.size = from.bytes;
    to.backing_offset = from.offset;
    if (from.use == VariableUse::Constant) {
      to.file_name = from.name + ".npy";
      to.alignment = 64;
      out.tensors[from.name] = {
          from.constant.type, format_of(from.constant.shape), from.constant.shape, true, "",
          from.name};
      out.constants[from.name] = std::move(from.constant);
    }
    out.variables.push_back(std::move(to));
  }
  const auto note = [&](ValueId id, const char* kind) {
    const Value& v = graph.value(id);
    out.tensors[v.name] = {v.type, format_of(v.shape), v.shape, false, kind, v.name};
  };
  for (ValueId id : graph.inputs) note(id, "input");
  for (ValueId id : graph.outputs) note(id, "output");
}

bool is_used(const Kernel& kernel, Queue queue) {
  return std::any_of(kernel.transfers.begin(), kernel.transfers.end(),
                     [&](const KernelTransfer& t) { return t.queue == queue; });
}

/// Queues of collective operations and of rows are only there when there are some.
void add_queues(const Kernel& kernel, neff::Subgraph& out) {
  for (int q = 0; q < kQueues; ++q) {
    if (q > static_cast<int>(Queue::Store) && !is_used(kernel, static_cast<Queue>(q))) continue;
    neff::Queue queue;
    queue.name = kQueueRows[q].name;
    queue.kind = kQueueRows[q].kind;
    queue.rings = kQueueRows[q].rings;
    queue.owner = isa::info(owner_of(static_cast<Queue>(q))).token;
    for (std::uint32_t r = 0; r < queue.rings; ++r)
      queue.semaphores.push_back(kQueueRows[q].semaphore + r);
    out.queues.push_back(std::move(queue));
  }
}

void add_engines(const Kernel& kernel, neff::Subgraph& subgraph) {
  Emitter emitter(kernel);
  emitter.run();
  for (int e = 0; e < isa::kEngines; ++e) {
    const isa::EngineInfo& row = isa::info(static_cast<Engine>(e));
    Stream& stream = emitter.stream(static_cast<Engine>(e));
    neff::EngineProgram program;
    program.token = row.token;
    program.json_name = std::string(row.file) + ".json";
    program.bin_name = std::string(row.file) + ".bin";
    program.instructions = std::move(stream.bytes);
    program.transfers = std::move(stream.transfers);
    if (static_cast<Engine>(e) == Engine::Scalar) program.activation_sets = kernel.activation_sets;
    for (neff::DebugNote& note : stream.notes) {
      program.backend_names.push_back(std::move(note.instruction));
      program.layers.push_back(std::move(note.layer));
      program.op_types.push_back(std::move(note.op_type));
    }
    subgraph.engines.push_back(std::move(program));
  }
}

}  // namespace

neff::Subgraph subgraph_of(Kernel& kernel, const Graph& graph, std::string name) {
  neff::Subgraph subgraph;
  subgraph.name = std::move(name);
  add_variables(kernel, graph, subgraph);
  add_queues(kernel, subgraph);
  add_engines(kernel, subgraph);
  return subgraph;
}

}  // namespace neuron::compile
