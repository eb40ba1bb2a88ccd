// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "cmd/command.h"
#include "isa/isa.h"
#include "neff/neff.h"
#include "ntff/ntff.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path session_file = "profile.ntff", neff;
  bool json = false, show_trace = false, show_dma = false;
};

/// Executions of instructions that began, by engine.
using Counts = std::array<std::uint64_t, isa::kEngines>;
Counts counts_of(const ntff::CoreTrace& core) {
  Counts counts{};
  ntff::for_each(core.instructions, [&](const ntff::InstructionRecord& r) {
    if (r.kind == 0 && r.engine < counts.size()) ++counts[r.engine];
  });
  return counts;
}
const char* engine_of(std::size_t index) {
  return isa::info(static_cast<isa::Engine>(index)).shown;
}

std::uint64_t duration_ns(const ntff::Trace& trace) {
  return trace.end_ps > trace.begin_ps ? (trace.end_ps - trace.begin_ps) / 1000 : 0;
}

void print_table(const ntff::Trace& trace, Terminal& io) {
  io.out << fmt::format("Model Name      {}\n", fs::path(trace.neff_name).filename().string());
  io.out << fmt::format("NTFF version    {}\n", trace.version);
  io.out << fmt::format("Exec time (ns)  {}\n", duration_ns(trace));
  for (const ntff::CoreTrace& core : trace.cores) {
    io.out << fmt::format("\nND {} NC {}\n", core.device_index, core.nc_index);
    const Counts counts = counts_of(core);
    for (std::size_t i = 0; i < counts.size(); ++i)
      io.out << fmt::format("  {:<12}  {} instructions\n", engine_of(i), counts[i]);
    io.out << fmt::format("  {:<12}  {} records\n", "DMA", core.dma.count());
    io.out << fmt::format("  {:<12}  {} records\n", "Events", core.events.count());
    io.out << fmt::format("  {:<12}  {} records\n", "Throttling", core.throttles.size());
    io.out << fmt::format("  {:<12}  {} records\n", "CC-cores", core.collectives.size());
  }
}

Json json_of(const ntff::Trace& trace) {
  Json cores = Json::array();
  for (const ntff::CoreTrace& core : trace.cores) {
    Json instructions = Json::object();
    const Counts counts = counts_of(core);
    for (std::size_t i = 0; i < counts.size(); ++i) instructions[engine_of(i)] = counts[i];
    cores.push_back({{"nd", core.device_index},
                     {"nc", core.nc_index},
                     {"subgraph", core.subgraph},
                     {"instructions", std::move(instructions)},
                     {"dma_records", core.dma.count()},
                     {"event_records", core.events.count()},
                     {"throttle_records", core.throttles.size()},
                     {"cc_core_records", core.collectives.size()}});
  }
  return {{"model", fs::path(trace.neff_name).filename().string()},
          {"ntff_version", trace.version},
          {"exec_time_ns", duration_ns(trace)},
          {"is_simulated", trace.is_simulated},
          {"cores", std::move(cores)},
          {"warnings", trace.oddities}};
}

/// Nanoseconds since the execution began; records may lie before it.
double at_ns(const ntff::Trace& trace, std::uint64_t time_ps) {
  return static_cast<double>(static_cast<std::int64_t>(time_ps - trace.begin_ps)) / 1000;
}

void print_instructions(const ntff::Trace& trace, const ntff::CoreTrace& core, Terminal& io) {
  constexpr const char* kKinds[] = {"START", "END", "OTHER"};
  io.out << fmt::format("\nInstruction trace for ND {} NC {}\n", core.device_index, core.nc_index);
  ntff::for_each(core.instructions, [&](const ntff::InstructionRecord& r) {
    io.out << fmt::format("{:14.3f} {:<8} {:<5} pc 0x{:05x}\n", at_ns(trace, r.time_ps),
                          r.engine < isa::kEngines ? engine_of(r.engine) : "?",
                          kKinds[std::min<std::size_t>(r.kind, 2)], r.pc20);
  });
  for (const ntff::CollectiveRecord& r : core.collectives)
    io.out << fmt::format("{:14.3f} CC-core {} {}\n", at_ns(trace, r.time_ps), r.cc_core,
                          kKinds[std::min<std::size_t>(r.kind, 2)]);
}

void print_packets(const ntff::Trace& trace, const ntff::CoreTrace& core, Terminal& io) {
  io.out << fmt::format("\nDMA trace for ND {} NC {}\n", core.device_index, core.nc_index);
  ntff::for_each(core.dma, [&](const ntff::DmaRecord& r) {
    const char* kind = r.kind == 1 ? "M2S_SOP" : r.kind == 5 ? "S2M_EOP" : "S2M_COMPLETION";
    io.out << fmt::format("{:14.3f} engine {:<2} ring {:<2} {}", at_ns(trace, r.time_ps), r.engine,
                          r.ring, kind);
    if (r.kind == 5) io.out << fmt::format(", {} bytes, crc 0x{:04x}", r.size, r.crc);
    io.out << "\n";
  });
}

/// A package that is not the one that was captured is told before anything is shown.
Result<> check_package(const Options& o, const ntff::Trace& trace) {
  if (o.neff.empty()) return {};
  const Bytes bytes = TRY(read_file(o.neff));
  const auto package = TRY(neff::parse(bytes).within(o.neff.string()));
  const auto known = static_cast<std::ptrdiff_t>(std::min<std::size_t>(trace.uuid_bytes, 16));
  if (std::equal(trace.uuid.begin(), trace.uuid.begin() + known, package.header.uuid.begin()))
    return {};
  return fail(Code::Mismatch, "{}: the trace is not of {}", o.session_file.string(),
              o.neff.string());
}

Result<> show_session(const Options& o, Terminal& io) {
  std::error_code none;  // then in memory
  const ntff::Trace trace = TRY(ntff::open(o.session_file, fs::temp_directory_path(none)));
  TRY(check_package(o, trace));
  for (const std::string& oddity : trace.oddities) io.err << "neuron: warning: " << oddity << "\n";
  if (o.json)
    io.out << json::text_of(json_of(trace), 2) << "\n";
  else
    print_table(trace, io);
  for (const ntff::CoreTrace& core : trace.cores) {
    if (o.show_trace) print_instructions(trace, core, io);
    if (o.show_dma) print_packets(trace, core, io);
  }
  return {};
}

}  // namespace

const Command profile_show_session{
    .path = "profile show-session",
    .summary = "Show what records a trace holds, as they are",
    .details =
        "Prints the model, the duration and the records of each core of a trace, and on request "
        "every record in the order of its arrival. Nothing is paired or named: that is what "
        "`profile view` does. neuron-ntff(5) tells what the records mean.",
    .examples =
        "neuron profile show-session -s profile.ntff\n"
        "neuron profile show-session -s profile.ntff --show-trace --show-dma  # each record",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("-s,--session-file", o->session_file, "trace to show")
          ->type_name("NTFF")
          ->capture_default_str();
      app.add_option("-n,--neff", o->neff, "package it must be of")->type_name("NEFF");
      app.add_flag("-j,--json", o->json, "print as JSON");
      CLI::Option* trace = app.add_flag("--show-trace", o->show_trace,
                                        "also print each record of instructions and CC-cores");
      CLI::Option* dma = app.add_flag("--show-dma", o->show_dma, "also print each record of DMA");
      for (CLI::Option* records : {trace, dma}) records->excludes("--json");
      return [o](Terminal& io) { return show_session(*o, io); };
    }};

}  // namespace neuron::cmd
