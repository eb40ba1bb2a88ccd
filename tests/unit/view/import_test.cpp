// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>

#include "isa/isa.h"
#include "tests/catch.h"
#include "view/formats/json.h"
#include "view/formats/perfetto.h"
#include "view/metrics.h"
#include "view/names.h"
#include "view/view.h"

namespace neuron::view {
namespace {

constexpr std::uint64_t kBase = 0x3c0068000;  // bits above the 20 that records keep

void append(Bytes& bytes, const isa::Operation& op, const isa::Sync& sync = {}) {
  const isa::Word word = isa::encode(sync, op).word;
  bytes.insert(bytes.end(), word.begin(), word.end());
}

isa::matmul some_matmul() {
  isa::matmul op;
  op.src = {0x5600, {1, 0, 0, 1}, {512, 1, 1, 1}};
  op.dst = {isa::kPsumBase, {1, 0, 0, 1}, {512, 1, 1, 1}};
  op.src_type = DType::BFloat16;
  op.rows = op.columns = 128;
  return op;
}

/// One core whose tensor engine ran: an inserted NOP, a MATMUL twice, one more after a gap where
/// the runtime took two compiler instructions out.
ntff::Trace sample_trace() {
  ntff::Trace trace;
  trace.uuid.fill(std::byte{0xab});
  trace.neff_name = "/home/someone/model.neff";
  trace.runtime = {2, 30, 51, "faafe12345"};
  trace.instance_type = "trn2.3xlarge";
  trace.begin_ps = 1'000'000;
  trace.end_ps = 2'000'000;
  ntff::CoreTrace core;
  core.subgraph = "sg00";
  core.nc_index = 4;
  ntff::Image image;
  image.base = kBase;
  append(image.bytes, isa::nop{});
  append(image.bytes, some_matmul(), {0, 0, isa::kIncrement, 5, 0});
  append(image.bytes, some_matmul());
  image.ranges = {{0, 1, 0}, {2 * isa::kInstructionBytes, 2, 2}};
  core.images.push_back(std::move(image));
  trace.cores.push_back(std::move(core));
  return trace;
}

ntff::InstructionRecord record(std::uint64_t at_ns, std::uint32_t pc, std::uint8_t kind,
                               std::uint16_t high = 0) {
  const auto pc20 = static_cast<std::uint32_t>((kBase >> 6) + pc) & 0xfffff;
  return {at_ns * 1000, pc20, 0, kind, false, 7, high};
}
ntff::DmaRecord packet(std::uint64_t at_ns, std::uint8_t engine, std::uint8_t kind,
                       std::uint32_t size = 0) {
  return {at_ns * 1000, size, engine, kind, 1, 9};
}

bool warns_of(const Timeline& timeline, const std::string& words) {
  for (const std::string& warning : timeline.warnings)
    if (warning.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("an end closes the oldest open start of its own pc, whatever else is open") {
  ntff::Trace trace = sample_trace();
  trace.cores[0].instructions = {record(1100, 1, 0, 36), record(1110, 2, 0), record(1120, 1, 0),
                                 record(1300, 2, 1),     record(1400, 1, 1), record(1500, 1, 1)};
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  REQUIRE(t.instructions.size() == 3);
  CHECK(t.instructions[0].begin_ps == 100'000);
  CHECK(t.instructions[0].end_ps == 400'000);
  CHECK(t.instructions[0].wait_cycles == 36);
  CHECK(t.instructions[0].crc_in == 7);
  CHECK(t.instructions[1]->pc == 2);
  CHECK(t.instructions[1].end_ps == 300'000);
  CHECK(t.instructions[2].end_ps == 500'000);
}

TEST_CASE("slots that the runtime inserted have no compiler pc, and removed ones are skipped") {
  ntff::Trace trace = sample_trace();
  for (std::uint32_t pc : {0u, 1u, 2u}) {
    trace.cores[0].instructions.push_back(record(1100 + 10 * pc, pc, 0));
    trace.cores[0].instructions.push_back(record(1105 + 10 * pc, pc, 1));
  }
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  REQUIRE(t.instructions.size() == 3);
  CHECK(t.instructions[0]->compiler_pc == -1);
  CHECK(t.instructions[1]->compiler_pc == 0);
  CHECK(t.instructions[2]->compiler_pc == 3);
  CHECK(t.instructions[1]->sbuf_read == 1024);
  CHECK(t.instructions[1]->psum_write == 1024);
  CHECK(t.instructions[1]->flops == 2ull * 128 * 128 * 512);
  CHECK(t.text(t.instructions[1]->operands).starts_with("S[5]++@complete"));
}

TEST_CASE("only what lies in the window is shown, unless the rest is asked for") {
  ntff::Trace trace = sample_trace();
  trace.cores[0].instructions = {record(900, 0, 0),  record(950, 0, 1),   // before
                                 record(990, 1, 0),  record(1010, 1, 1),  // across the begin
                                 record(1500, 2, 0), record(1600, 2, 1)};
  trace.cores[0].events = {{900'000, 5, true, 0xf3, 1, 1}, {1'200'000, 5, true, 0xf3, 1, 2}};
  CHECK(REQUIRE_OK(import(nullptr, trace, {})).instructions.size() == 1);
  CHECK(REQUIRE_OK(import(nullptr, trace, {})).semaphores.size() == 1);
  ImportOptions all;
  all.show_preamble = true;
  const Timeline t = REQUIRE_OK(import(nullptr, trace, all));
  REQUIRE(t.instructions.size() == 3);
  CHECK(t.instructions[0].begin_ps == -100'000);
  CHECK(t.semaphores.size() == 2);
}

TEST_CASE("a packet across the window's begin takes no end from the packets after it") {
  ntff::Trace trace = sample_trace();
  trace.cores[0].rings = {{66, 1, 3, "qSPIO0", {}}};
  trace.cores[0].dma = {packet(990, 2, 1),    packet(1020, 2, 1),      packet(1030, 2, 5, 64),
                        packet(1031, 2, 6),   packet(1050, 2, 5, 128), packet(1100, 3, 1),
                        packet(1200, 2, 5, 1)};
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  REQUIRE(t.packets.size() == 1);
  CHECK(t.packets[0].begin_ps == 20'000);
  CHECK(t.packets[0].end_ps == 50'000);
  CHECK(t.packets[0].bytes == 128);
  CHECK(t.packets[0].engine == 66);  // 2 of records, 66 of the ring
  CHECK(t.packets[0].index == 0);
  CHECK(t.rings[0].queue == "qSyncIO0");
  CHECK(warns_of(t, "2 DMA packets with a start or an end missing"));
}

TEST_CASE("a limit on use holds until the next one, the last until the last instruction ends") {
  ntff::Trace trace = sample_trace();
  trace.cores[0].instructions = {record(1100, 1, 0), record(1900, 1, 1)};
  trace.cores[0].throttles = {{1'200'000, 0, 8, 8, 0}, {1'500'000, 1, 8, 4, 1}};
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  REQUIRE(t.throttles.size() == 2);
  CHECK(t.throttles[0].end_ps == 500'000);
  CHECK(t.throttles[1].end_ps == 900'000);
  CHECK(t.throttles[1].k == 4);
}

TEST_CASE("an operation of ranks counts from the last execution of its trigger before it") {
  ntff::Trace trace = sample_trace();
  ntff::CoreTrace& core = trace.cores[0];
  core.instructions = {record(1100, 1, 0), record(1110, 1, 1), record(1200, 2, 0),
                       record(1210, 2, 1), record(1300, 1, 0), record(1310, 1, 1),
                       record(1700, 1, 0), record(1710, 1, 1)};
  const auto operation = [](std::uint64_t at_ns, std::uint32_t pc, std::uint8_t kind) {
    const ntff::InstructionRecord r = record(at_ns, pc, kind);
    return ntff::CollectiveRecord{r.time_ps, r.pc20, 0, kind, 3, 4};
  };
  core.collectives = {operation(1150, 1, 0),     operation(1250, 1, 1),     operation(1400, 1, 0),
                      operation(1500, 0xfff, 0), operation(1550, 0xfff, 1), operation(1600, 1, 1),
                      operation(1900, 1, 0)};  // never ends
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  REQUIRE(t.collectives.size() == 3);
  CHECK(t.collectives[0].trigger_ps == 100'000);
  CHECK(t.collectives[0].begin_ps == 150'000);
  CHECK(t.collectives[0].end_ps == 250'000);
  CHECK(t.collectives[0].pc == 1);
  CHECK(t.text(t.collectives[0].algorithm) == "ring");
  CHECK(t.collectives[1].trigger_ps == 300'000);
  CHECK(t.collectives[2].trigger_ps == t.collectives[2].begin_ps);  // no program holds it
}

TEST_CASE("a trace of another package is refused, and the message names both") {
  neff::Package package;
  package.header.uuid.fill(std::byte{0xcd});
  const auto result = import(&package, sample_trace(), {});
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Code::Mismatch);
  CHECK(result.error().message.find("abababababababababababababababab") != std::string::npos);
  CHECK(result.error().message.find("cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd") != std::string::npos);
}

TEST_CASE("an old trace that lost bytes of its uuid is matched by those it kept") {
  ntff::Trace trace = sample_trace();
  trace.uuid_bytes = 4;
  neff::Package package;
  package.header.uuid.fill(std::byte{0xcd});
  std::fill_n(package.header.uuid.begin(), 4, std::byte{0xab});
  CHECK(warns_of(REQUIRE_OK(import(&package, trace, {})), "cut uuid"));
}

TEST_CASE("without its package a trace shows opcodes, and says what is missing") {
  ntff::Trace trace = sample_trace();
  trace.cores[0].instructions = {record(1100, 1, 0), record(1200, 1, 1), record(1300, 500, 0),
                                 record(1310, 500, 1), record(1320, 0, 1)};
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  CHECK(t.neff_name == "model.neff");  // no directory of the host
  CHECK(t.runtime_version == "2.30.51 (faafe)");
  CHECK(opcode_name(t.instructions[0]->opcode) == "MATMUL");
  CHECK(warns_of(t, "give the NEFF with -n"));
  CHECK(warns_of(t, "1 instructions outside the programs"));
  CHECK(warns_of(t, "1 instruction ends without a start"));
}

TEST_CASE("times, counts and words of a damaged trace do not hurt") {
  ntff::Trace trace = sample_trace();
  constexpr std::uint64_t kHuge = UINT64_MAX;
  trace.begin_ps = 0;
  trace.end_ps = kHuge;
  ntff::CoreTrace& core = trace.cores[0];
  core.images[0].ranges = {{kHuge, kHuge, 0}, {0, kHuge, 2}, {64, kHuge, 0}, {3, 1, 77}};
  core.images[0].bytes.resize(4 * isa::kInstructionBytes + 13, std::byte{0xff});
  core.images.push_back({200, kHuge, {}, {}});
  core.instructions = {{kHuge, 0xfffff, 4, 0, false, 0, 0},
                       {kHuge, 0xfffff, 4, 1, false, 0, 0},
                       {5, 3, 77, 0, false, 0, 0},
                       {std::uint64_t{1} << 63, 1, 1, 0, false, 0, 0},
                       {7, 1, 1, 1, false, 0, 0}};
  for (std::uint32_t pc : {0u, 1u, 2u, 3u}) {
    core.instructions.push_back(record(pc, pc, 0));
    core.instructions.push_back(record(4'000'000'000'000, pc, 1));
  }
  core.dma = {{kHuge, 0, 255, 1, 255, 0}, {0, 0, 255, 5, 255, 0}};
  core.events = {{kHuge, 255, true, 0, 0, 0}};
  core.throttles = {{kHuge, 0, 0, 0, 0}, {1, 0, 0, 200, 9}};
  core.rings = {{UINT32_MAX, UINT32_MAX, 9, "", {}}};
  core.memory = {{999, kHuge, ""}};
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  CHECK(t.instructions.size() == 4);
  for (const Metric& m : metrics_of(t))
    if (const auto* real = std::get_if<double>(&m.value)) CHECK(*real == *real);
}

TEST_CASE("packets go to the triggers that started them, in the order in which these ran") {
  neff::Model model;
  model.name = "made up";
  model.target = "cayman";
  model.nodes = {{"x", neff::Executor::Input, "", "", false, {}, {{"x", DType::UInt8, {96}}}},
                 {"core",
                  neff::Executor::NeuronCore,
                  "__kelf",
                  "kelf-0.json",
                  false,
                  {{0, 0}},
                  {{"y", DType::UInt8, {96}}}}};
  model.heads = {{1, 0}};
  neff::Subgraph subgraph;
  subgraph.name = "sg00";
  subgraph.node = 1;
  neff::Variable sb, x, y;
  sb.name = "SB";
  x.name = "x";
  x.id = 1;
  x.kind = neff::VariableKind::Input;
  y.name = "y";
  y.id = 2;
  y.kind = neff::VariableKind::Output;
  x.size = y.size = 96;
  subgraph.variables = {sb, x, y};
  subgraph.queues = {{"qSPIO0", neff::QueueKind::In, 1, "sp", {8}}};
  neff::EngineProgram program;
  program.token = "sp";
  program.json_name = "SP.json";
  program.bin_name = "SP.bin";
  for (std::uint32_t id : {4u, 7u}) {
    isa::pseudo_dma_trigger trigger;
    trigger.queue = "qSPIO0";
    trigger.dma_id = id;
    append(program.instructions.edit(), trigger);
    neff::Descriptor d;
    d.from = {{id == 4 ? "x" : "SB", 0, {1}, {96}, DType::UInt8}};
    d.to = {id == 4 ? "SB" : "y", 0, {1}, {96}, DType::UInt8};
    program.transfers.push_back({id, "qSPIO0", {d}, 8, ""});
  }
  subgraph.engines = {program};
  model.subgraphs = {subgraph};
  const neff::Package package = REQUIRE_OK(neff::package_of(model, {}));

  ntff::Trace trace = sample_trace();
  std::copy(package.header.uuid.begin(), package.header.uuid.end(), trace.uuid.begin());
  ntff::CoreTrace& core = trace.cores[0];
  ntff::Image image;
  image.engine = 4;
  append(image.bytes, isa::write{});
  append(image.bytes, isa::write{});
  core.images = {image};
  core.instructions = {{1'100'000, 1, 4, 0, false, 0, 0},
                       {1'110'000, 1, 4, 1, false, 0, 0},
                       {1'300'000, 0, 4, 0, false, 0, 0},
                       {1'310'000, 0, 4, 1, false, 0, 0}};
  core.rings = {{0, 1, 3, "qSPIO0", {{4, 1, 1, 1}, {7, 2, 2, 2}}}};
  core.dma = {packet(1120, 0, 1),     packet(1130, 0, 5, 60), packet(1131, 0, 1),
              packet(1150, 0, 5, 36), packet(1320, 0, 1),     packet(1390, 0, 5, 96)};
  const Timeline t = REQUIRE_OK(import(&package, trace, {}));
  REQUIRE(t.instructions.size() == 2);
  CHECK(opcode_name(t.instructions[0]->compiler_opcode) == "PSEUDO_DMA_TRIGGER");
  CHECK(t.instructions[0]->hbm_write == 96);  // id 7 ran first
  CHECK(t.instructions[0]->sbuf_read == 96);
  CHECK(t.instructions[1]->hbm_read == 96);
  REQUIRE(t.transfers.size() == 2);
  CHECK(t.transfers[0].id == 7);
  CHECK(t.transfers[0].packets == 2);
  CHECK(t.transfers[0].bytes == 96);
  CHECK(t.transfers[0].begin_ps == 120'000);
  CHECK(t.transfers[0].end_ps == 150'000);
  CHECK(t.text(t.transfers[0].variable) == "y");
  CHECK(t.text(t.transfers[1].variable) == "x");
  CHECK(t.packets[2].transfer == 2);
  CHECK(t.rings[0].type == QueueType::Input);
  CHECK(t.cores[0].semaphore_names[8] == "qSyncIO0");
}

TEST_CASE("engine tokens in names of queues become the names of engines") {
  CHECK(shown_queue("qSPDynamicHW") == "qSyncDynamicHW");
  CHECK(shown_queue("qActDynamicHW") == "qScalarDynamicHW");
  CHECK(shown_queue("qPoolDynamic") == "qGpSimdDynamic");
  CHECK(shown_queue("qDveTable") == "qDveTable");  // as published exports have it
  CHECK(with_owners("S[2]>=1 S[5]++@complete S[999] $S[", {"", "", "Tensor", "", "", "x"}) ==
        "S[2] (Tensor)>=1 S[5] (x)++@complete S[999] $S[");
}

TEST_CASE("a profile's id tells both files and where one ends") {
  const std::string id = profile_id(view_of("neff"), view_of("ntff"));
  CHECK(id.size() == 42);
  CHECK(id.starts_with("n_"));
  CHECK(id == profile_id(view_of("neff"), view_of("ntff")));
  CHECK(id != profile_id(view_of("nef"), view_of("fntff")));
}

TEST_CASE("speed of an import", "[.bench]") {
  ntff::Trace trace = sample_trace();
  constexpr std::uint64_t kPairs = 1'000'000;
  trace.end_ps = trace.begin_ps + kPairs * 10'000 + 1'000'000;
  ntff::CoreTrace& core = trace.cores[0];
  for (std::uint64_t i = 0; i < kPairs; ++i) {
    core.instructions.push_back(record(1001 + 10 * i, 1 + i % 2, 0));
    if (i > 0) core.instructions.push_back(record(1002 + 10 * i, 1 + (i - 1) % 2, 1));
    core.dma.push_back(packet(1001 + 10 * i, i % 16, 1));
    core.dma.push_back(packet(1006 + 10 * i, i % 16, 5, 512));
    core.dma.push_back(packet(1007 + 10 * i, i % 16, 6));
    core.events.push_back({(1001 + 10 * i) * 1000, 5, true, 0xf3, 1, 1});
  }
  const auto start = std::chrono::steady_clock::now();
  const Timeline t = REQUIRE_OK(import(nullptr, trace, {}));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const std::size_t records = core.instructions.size() + core.dma.size() + core.events.size();
  std::printf("%zu records in %.3f s: %.1f million a second\n", records, took.count(),
              static_cast<double>(records) / took.count() / 1e6);
  CHECK(t.packets.size() == kPairs);
  for (auto [name, write] :
       {std::pair("json", &write_json), std::pair("perfetto", &write_perfetto)}) {
    const auto begin = std::chrono::steady_clock::now();
    std::size_t bytes = 0;
    REQUIRE_OK(write(t, [&](ByteView part) -> Result<> {
      bytes += part.size();
      return {};
    }));
    const std::chrono::duration<double> wrote = std::chrono::steady_clock::now() - begin;
    std::printf("%s: %zu MB in %.3f s\n", name, bytes >> 20, wrote.count());
  }
}

}  // namespace neuron::view
