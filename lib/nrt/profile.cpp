// SPDX-License-Identifier: Apache-2.0
// Schedules to device traces: the same images, records and rings that a real capture holds.
#include "nrt/profile.h"

#include <algorithm>
#include <map>

#include "nrt/generation.h"
#include "nrt/runtime.h"

namespace neuron::nrt {
namespace {

using isa::Engine;

// The window of an execution begins here on the trace's clock; any number would do.
constexpr std::uint64_t kWindowBegin = 1'000'000'000;
// Duration of a NOTIFY, as in public traces (4 ns).
constexpr std::uint64_t kNotifyPs = 4'000;
constexpr std::uint64_t kImageBase = 0x3c0000000;
constexpr std::uint8_t kNotifyBegin = 2, kNotifyEnd = 3;
// Record codes, spec of the trace: lib/ntff/ntff.h.
constexpr std::uint8_t kStart = 0, kEnd = 1, kPacketStart = 1, kPacketEnd = 5, kPacketDone = 6;
constexpr std::uint8_t kIncrement = 0xf3, kOutside = 6;
constexpr std::uint16_t kNoCrc = 0xffff;

double engine_ghz(Engine engine, const isa::Arch& arch) {
  switch (engine) {
    case Engine::Tensor:
      return arch.base_ghz;
    case Engine::Scalar:
      return arch.scalar_ghz;
    case Engine::Gpsimd:
      return arch.gpsimd_ghz;
    case Engine::Vector:
      return arch.vector_ghz;
    case Engine::Sync:
      return arch.base_ghz;
  }
  return arch.base_ghz;
}

/// What the runtime makes of an instruction when it loads a program: pseudo DMA becomes real.
isa::Word loaded_word(const isa::Instruction& instruction) {
  isa::Word word = instruction.word;
  if (std::holds_alternative<isa::pseudo_dma_trigger>(instruction.op))
    return isa::encode(instruction.sync, isa::write{}).word;
  if (std::holds_alternative<isa::pseudo_dma_direct2d>(instruction.op))
    word[0] = static_cast<std::byte>(isa::dma_direct2d::kOpcode);
  return word;
}

/// NOTIFY(begin), the program, NOTIFY(end).
ntff::Image image_of(Engine engine, const std::vector<isa::Instruction>& program,
                     std::uint64_t base) {
  Writer out;
  out.append(isa::encode({}, isa::notify{kNotifyBegin}).word);
  for (const isa::Instruction& i : program) out.append(loaded_word(i));
  out.append(isa::encode({}, isa::notify{kNotifyEnd}).word);
  const std::uint64_t last = out.size() - isa::kInstructionBytes;
  return {
      static_cast<std::uint8_t>(engine), base, std::move(out).take(), {{0, 1, 0}, {last, 1, 0}}};
}

/// Adds the start and end records of one instruction of an image.
void add_instruction(ntff::CoreTrace& core, const ntff::Image& image, std::uint64_t slot,
                     std::uint64_t begin, std::uint64_t end, std::uint64_t wait_cycles) {
  const auto pc20 = static_cast<std::uint32_t>(((image.base >> 6) + slot) & 0xfffff);
  const auto wait = static_cast<std::uint16_t>(std::min<std::uint64_t>(wait_cycles, 0xffff));
  core.instructions.push_back({begin, pc20, image.engine, kStart, false, 0, wait});
  core.instructions.push_back({end, pc20, image.engine, kEnd, false, kNoCrc, kNoCrc});
}

void add_instructions(ntff::CoreTrace& core, const sim::Schedule& schedule, const isa::Arch& arch,
                      std::uint64_t window_end) {
  for (const ntff::Image& image : core.images) {
    const std::uint64_t last = image.bytes.size() / isa::kInstructionBytes - 1;
    add_instruction(core, image, 0, kWindowBegin - kNotifyPs, kWindowBegin, 0);
    add_instruction(core, image, last, window_end - kNotifyPs, window_end, 0);
  }
  const std::uint64_t first = kWindowBegin + schedule.preamble_ps;
  for (const sim::InstructionTime& i : schedule.instructions) {
    const double cycles = static_cast<double>(i.wait_ps) * engine_ghz(i.engine, arch) / 1000.0;
    add_instruction(core, core.images[static_cast<std::size_t>(i.engine)], i.pc + 1,
                    first + i.begin_ps, first + i.end_ps, static_cast<std::uint64_t>(cycles));
  }
}

void add_packets(ntff::CoreTrace& core, const sim::Schedule& schedule, std::uint32_t core_index) {
  const std::uint64_t first = kWindowBegin + schedule.preamble_ps;
  for (const sim::PacketTime& p : schedule.packets) {
    const auto engine = static_cast<std::uint8_t>((core_index * 16 + p.ring) % 64);
    const auto ring = static_cast<std::uint8_t>(p.queue.value & 15);
    core.dma.push_back({first + p.begin_ps, 0, engine, kPacketStart, ring, 0});
    core.dma.push_back({first + p.end_ps, p.bytes, engine, kPacketEnd, ring, kNoCrc});
    core.dma.push_back({first + p.end_ps, 0, engine, kPacketDone, ring, 0});
  }
}

/// The begin and the end of every collective operation, on the two CC-cores that a core has.
void add_collectives(ntff::CoreTrace& core, const sim::Schedule& schedule,
                     std::uint32_t core_index) {
  const std::uint64_t first = kWindowBegin + schedule.preamble_ps;
  for (const sim::CollectiveSpan& c : schedule.collectives) {
    const ntff::Image& image = core.images[static_cast<std::size_t>(c.issuer)];
    const auto pc20 = static_cast<std::uint32_t>(((image.base >> 6) + c.pc + 1) & 0xfffff);
    const auto cc_core = static_cast<std::uint8_t>(core_index * 2 + c.what->stream % 2);
    const auto* known =
        std::find(std::begin(ntff::kCollectiveAlgorithms), std::end(ntff::kCollectiveAlgorithms),
                  std::string_view(c.algorithm));
    const auto algorithm = known == std::end(ntff::kCollectiveAlgorithms)
                               ? std::ptrdiff_t{0}
                               : known - std::begin(ntff::kCollectiveAlgorithms);
    core.collectives.push_back({first + c.begin_ps, pc20, image.engine, kStart, cc_core,
                                static_cast<std::uint8_t>(algorithm)});
    core.collectives.push_back({first + c.end_ps, pc20, image.engine, kEnd, cc_core, 0});
  }
}

/// Rings of every queue, with the packets that each trigger made on them.
void add_rings(ntff::CoreTrace& core, const sim::Program& program, const sim::Schedule& schedule,
               std::uint32_t core_index) {
  std::map<std::array<std::uint32_t, 3>, std::uint32_t> packets;  // queue, ring, dma id
  for (const sim::PacketTime& p : schedule.packets) {
    const auto& stream = program.streams[static_cast<std::size_t>(p.issuer)];
    if (const auto* trigger = std::get_if<isa::pseudo_dma_trigger>(&stream[p.pc].op))
      ++packets[{p.queue.value, p.ring, trigger->dma_id}];
  }
  for (std::uint32_t q = 0; q < program.queues.size(); ++q) {
    const sim::Queue& queue = program.queues[q];
    for (std::uint32_t r = 0; r < queue.rings; ++r) {
      ntff::Ring ring{core_index * 16 + r,
                      q & 15,
                      queue.kind == sim::QueueKind::Static ? 3u : 2u,
                      queue.name,
                      {}};
      for (auto at = packets.lower_bound({q, r, 0});
           at != packets.end() && at->first[0] == q && at->first[1] == r; ++at)
        ring.triggers.push_back({at->first[2], at->second, at->second, at->second});
      core.rings.push_back(std::move(ring));
    }
  }
}

enum class MemoryKind : std::uint32_t {
#define NRT_MEMORY_KIND(name, number, text) name = number,
#include "nrt/memory_kinds.def"
#undef NRT_MEMORY_KIND
};

std::uint64_t bytes_of_kind(MemoryKind kind, const nrt_model& model, std::size_t stage) {
  const neff::Subgraph& subgraph = model.neff.subgraphs[stage];
  const auto code = [&](const char* token) -> std::uint64_t {
    for (const neff::EngineProgram& e : subgraph.engines)
      if (e.token == token) return e.instructions.size();
    return 0;
  };
  const auto sum = [&](std::initializer_list<neff::VariableKind> kinds) {
    std::uint64_t total = 0;
    for (const neff::Variable& v : subgraph.variables)
      if (std::find(kinds.begin(), kinds.end(), v.kind) != kinds.end()) total += v.size;
    return total;
  };
  switch (kind) {
    case MemoryKind::TensorInstructions:
      return code("pe");
    case MemoryKind::ScalarInstructions:
      return code("act");
    case MemoryKind::GpsimdInstructions:
      return code("pool");
    case MemoryKind::VectorInstructions:
      return code("dve");
    case MemoryKind::SyncInstructions:
      return code("sp");
    case MemoryKind::Io:
      return sum({neff::VariableKind::Input, neff::VariableKind::Output});
    case MemoryKind::Weight:
      return sum({neff::VariableKind::File});
    case MemoryKind::Scratchpad:
      return sum({neff::VariableKind::TmpBuf});
    case MemoryKind::SharedScratchpad: {
      std::uint64_t most = 0;
      for (const neff::Variable& v : subgraph.variables)
        if (v.kind == neff::VariableKind::Virtual) most = std::max(most, v.backing_offset + v.size);
      return most;
    }
    case MemoryKind::DmaRings: {
      std::uint64_t descriptors = 0;
      for (const neff::EngineProgram& e : subgraph.engines)
        for (const neff::Transfer& t : e.transfers) descriptors += t.descriptors.size();
      return descriptors * 16;  // a descriptor is 16 bytes
    }
  }
  return 0;
}

ntff::CoreTrace core_trace(nrt_model& model, const sim::Schedule& schedule, std::size_t stage,
                           std::uint64_t window_end) {
  const sim::Program& program = sim::program_of(*model.stages[stage].loaded);
  const auto core_index = model.placements.at(0).first_core + static_cast<std::uint32_t>(stage);
  ntff::CoreTrace core;
  core.subgraph = model.neff.subgraphs[stage].name;
  core.nc_index = core_index;
  core.duration_ps = schedule.total_ps;
  std::uint64_t base = kImageBase;
  for (int e = 0; e < isa::kEngines; ++e) {
    core.images.push_back(
        image_of(static_cast<Engine>(e), program.streams[static_cast<std::size_t>(e)], base));
    base = (base + core.images.back().bytes.size() + 0xffff) & ~std::uint64_t{0xffff};
  }
  add_instructions(core, schedule, isa::arch(program.arch), window_end);
  add_packets(core, schedule, core_index);
  add_rings(core, program, schedule, core_index);
  add_collectives(core, schedule, core_index);
  const std::uint64_t first = kWindowBegin + schedule.preamble_ps;
  for (const sim::SemaphoreTime& s : schedule.semaphores) {
    const auto by =
        s.originator < isa::kEngines ? static_cast<std::uint8_t>(s.originator + 1) : kOutside;
    core.events.push_back({first + s.at_ps, s.semaphore.value, true, kIncrement, by, s.value});
  }
  for (const sim::ThrottleTime& t : schedule.throttles)
    core.throttles.push_back({first + t.at_ps, 0, static_cast<std::uint8_t>(t.n),
                              static_cast<std::uint8_t>(t.k),
                              static_cast<std::uint8_t>(t.k < t.n)});
#define NRT_MEMORY_KIND(name, number, text) \
  core.memory.push_back({number, bytes_of_kind(MemoryKind::name, model, stage), text});
#include "nrt/memory_kinds.def"
#undef NRT_MEMORY_KIND
  const auto earlier = [](const auto& a, const auto& b) { return a.time_ps < b.time_ps; };
  std::stable_sort(core.instructions.begin(), core.instructions.end(), earlier);
  std::stable_sort(core.events.begin(), core.events.end(), earlier);
  std::stable_sort(core.dma.begin(), core.dma.end(), earlier);
  return core;
}

struct Session {
  nrt_model* model;
  std::uint64_t executions;  ///< of the model when the session began
};
std::mutex guard;
std::map<std::string, Session> sessions;

}  // namespace

Result<ntff::Trace> trace_of(nrt_model& model) {
  if (model.stages.empty())
    return fail(Code::BadInput, "{}: all of it runs on the CPU, there is no device trace",
                model.name);
  const auto schedules = TRY(schedules_of(model));
  const auto total = TRY(modelled_time_ps(model));
  ntff::Trace trace;
  trace.neff_name = model.name;
  trace.uuid = model.package.header.uuid;
  trace.runtime = {2, 0, 0, "simulated"};
  trace.is_simulated = true;
  trace.lnc_size = std::max(1u, model.package.header.lnc_size);
  const auto* box = TRY(host::instance());
  const auto arch = sim::program_of(*model.stages[0].loaded).arch;
  if (!box) box = &host::default_instance(generation_of(arch));
  trace.instance_type = box->type;
  trace.begin_ps = kWindowBegin;
  trace.end_ps = kWindowBegin + total;
  for (std::size_t s = 0; s < model.stages.size(); ++s)
    trace.cores.push_back(core_trace(model, (*schedules)[s], s, trace.end_ps));
  return trace;
}

Result<> start_profile(nrt_model& model, const std::string& filename) {
  std::lock_guard lock(guard);
  for (const auto& [name, session] : sessions)
    if (session.model == &model)
      return fail(Code::BadUsage, "the model is already being profiled into {}", name);
  if (!sessions.try_emplace(filename, Session{&model, model.executions.load()}).second)
    return fail(Code::BadUsage, "{} is already being written", filename);
  return {};
}

Result<> stop_profile(const std::string& filename) {
  std::lock_guard lock(guard);
  const auto at = sessions.find(filename);
  if (at == sessions.end()) return fail(Code::NotFound, "no profile session writes {}", filename);
  const Session session = at->second;
  sessions.erase(at);
  if (session.model->executions == session.executions)
    return fail(Code::BadUsage, "{}: the model was not executed while it was profiled", filename);
  auto trace = TRY(trace_of(*session.model));
  const auto framing = filename.ends_with(".zst") ? ntff::Framing::Zstd : ntff::Framing::None;
  return write_file(filename, ntff::bytes_of(trace, framing));
}

void drop_profiles(const nrt_model& model) {
  std::lock_guard lock(guard);
  std::erase_if(sessions, [&](const auto& s) { return s.second.model == &model; });
}

}  // namespace neuron::nrt
