// SPDX-License-Identifier: Apache-2.0
// The rules that a program must keep before it may run, and how the breaking of each is told.
#include <set>

#include "sim/binder.h"
#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;
using isa::Engine;

namespace {

isa::copy copy_of(isa::Pattern src, isa::Pattern dst, std::uint8_t partitions) {
  isa::copy c;
  c.src_type = c.dst_type = DType::Float32;
  c.partitions = partitions;
  c.src = src;
  c.dst = dst;
  return c;
}

std::string refused(Engine engine, const isa::Operation& op, isa::ArchId arch = isa::ArchId::V3) {
  Bench b(arch);
  b.add(engine, op);
  return b.error();
}

}  // namespace

TEST_CASE("an operand stays inside the partitions of its generation") {
  const auto last = [](std::uint32_t kib) { return row(kib * 1024 - 16, 4); };
  CHECK(refused(Engine::Vector, copy_of(row(0, 4), last(224), 128)) == "");
  CHECK(refused(Engine::Vector, copy_of(row(0, 4), last(224), 128), isa::ArchId::V2) ==
        "sg00: Vector pc 0: COPY: dst reaches bytes 229360 to 229376 of a partition of SBUF 196608 "
        "bytes (partition rule)");
  CHECK(refused(Engine::Vector, copy_of(row(0, 5), row(224 * 1024 - 16, 5), 1)) != "");
  CHECK(refused(Engine::Vector, copy_of(row(8, 4, -1), row(0x100, 4), 1)) != "");
  CHECK(refused(Engine::Vector, copy_of(row(isa::kPsumBase + 16380, 1), row(0, 1), 1)) == "");
  CHECK(refused(Engine::Vector, copy_of(row(isa::kPsumBase + 16384, 1), row(0, 1), 1)) != "");
  CHECK(refused(Engine::Vector, copy_of(row(2 * isa::kPsumBase, 1), row(0, 1), 1)) ==
        "sg00: Vector pc 0: COPY: src starts at 0x4000000, memory ends at 0x4000000");
  CHECK(refused(Engine::Vector, copy_of({0, {0, 0, 0, 0}, {65535, 65535, 65535, 65535}},
                                        {0, {0, 0, 0, 0}, {65535, 65535, 65535, 65535}}, 1)) != "");
}

TEST_CASE("an operand starts at a quadrant that its partitions allow") {
  const auto at = [](unsigned partition, std::uint8_t partitions) {
    return refused(Engine::Vector,
                   copy_of(row(partition * isa::kPartitionStride, 4), row(0x1000, 4), partitions));
  };
  CHECK(at(96, 32) == "");
  CHECK(at(64, 64) == "");
  CHECK(at(0, 128) == "");
  CHECK(at(16, 1) ==
        "sg00: Vector pc 0: COPY: src of 1 partitions starts at partition 16, expected 0, 32, 64 "
        "or 96 (quadrant rule)");
  CHECK(at(32, 33) != "");
  CHECK(at(64, 65) != "");
  CHECK(at(0, 0) != "");
  CHECK(at(0, 129) != "");
}

TEST_CASE("engines reach only the memories that they have ports to") {
  CHECK(refused(Engine::Gpsimd, copy_of(row(isa::kPsumBase, 4), row(0, 4), 1)) ==
        "sg00: GpSimd pc 0: COPY: src lies in PSUM: the GpSimd engine has no port to it (GpSimd "
        "port rule)");
  isa::ldweights w;
  w.src = row(isa::kPsumBase, 1);
  w.src_type = DType::Float32;
  w.rows = w.columns = 1;
  w.row_groups = w.column_groups = 1;
  CHECK(refused(Engine::Tensor, w) ==
        "sg00: Tensor pc 0: LDWEIGHTS: src lies in PSUM: the tensor engine reads SBUF and writes "
        "PSUM (tensor port rule)");
  isa::matmul p;
  p.src = row(0, 1);
  p.src_type = DType::Float32;
  p.rows = p.columns = 1;
  p.acc_flags = 3;
  p.row_groups = p.column_groups = 1;
  p.dst = row(isa::kPsumBase + 2044, 1);
  CHECK(refused(Engine::Tensor, p) == "");
  p.src.nums[0] = p.dst.nums[0] = 2;
  CHECK(refused(Engine::Tensor, p) ==
        "sg00: Tensor pc 0: MATMUL: dst leaves its PSUM bank of 2048 bytes (PSUM bank rule)");
  p.dst.start = 0;
  CHECK(refused(Engine::Tensor, p) != "");
  p.dst.start = isa::kPsumBase;
  p.row_groups = 0;
  CHECK(refused(Engine::Tensor, p) ==
        "sg00: Tensor pc 0: MATMUL: row_groups is 0x0, expected bit 0 for 1 from 0 (array rule)");
}

TEST_CASE("rules have names of their own and generations in order") {
  std::set<std::string> names;
#define NEURON_RULE(id, title, from, to, sentence, source) \
  CHECK(names.insert(rule(RuleId::id).name).second);       \
  CHECK(isa::ArchId::from <= isa::ArchId::to);
#include "sim/rules.def"
#undef NEURON_RULE
}

TEST_CASE("counts, types and engines are checked") {
  CHECK(refused(Engine::Vector, copy_of(row(0, 4), row(64, 5), 1)) ==
        "sg00: Vector pc 0: COPY: src has 4 elements a partition, dst has 5");
  CHECK(refused(Engine::Tensor, copy_of(row(0, 4), row(64, 4), 1)) ==
        "sg00: Tensor pc 0: COPY does not run on this engine");
  isa::copy c = copy_of(row(0, 4), row(64, 4), 1);
  c.src_type = DType::Unknown;
  CHECK(refused(Engine::Vector, c) == "sg00: Vector pc 0: COPY: src has no dtype");
  CHECK(refused(Engine::Vector, copy_of(row(0, 0), row(64, 0), 1)) ==
        "sg00: Vector pc 0: COPY: src has no elements");
  CHECK(refused(Engine::Sync, isa::write{}) ==
        "sg00: Sync pc 0: WRITE: is made by a runtime on the device, a package holds "
        "PSEUDO_DMA_TRIGGER instead");
}

TEST_CASE("transfers stay inside their variables and move as much as they take") {
  const auto refused_transfer = [](const Descriptor& d) {
    Bench b;
    b.program.variables.push_back({"x", Storage::Device, 64});
    b.program.variables.push_back({"SB{1}", Storage::RemoteCore, 0});
    b.program.queues.push_back({"q", QueueKind::Static, Engine::Sync, 16});
    b.program.transfers[4].push_back({7, {0}, {8}, 16, {d}});
    auto loaded = load(b.program);
    return loaded ? "" : loaded.error().message;
  };
  Descriptor d;
  d.from.push_back({{1}, 0, {1, 0, 0, 0}, {64, 1, 1, 1}, DType::Float32});
  d.to = {{0}, 0x100, {1, 0, 0, 0}, {64, 1, 1, 1}, DType::Float32};
  CHECK(refused_transfer(d) == "");
  const auto with = [&](auto change) {
    Descriptor changed = d;
    change(changed);
    return refused_transfer(changed);
  };
  CHECK(with([](Descriptor& x) { x.from[0].offset = 1; }) ==
        "sg00: Sync transfer 7: descriptor 0: source: bytes from offset 1 leave x, which has 64 "
        "bytes");
  CHECK(with([](Descriptor& x) { x.from[0].variable = {9}; }) != "");
  CHECK(with([](Descriptor& x) { x.from[0].variable = {2}; }) == "");  // of the other core
  CHECK(with([](Descriptor& x) {
          x.from[0].variable = {2};
          x.from[0].offset = 224 * 1024;
        }) ==
        "sg00: Sync transfer 7: descriptor 0: source: bytes from offset 0x38000 leave a "
        "partition of 229376 bytes");
  CHECK(with([](Descriptor& x) { x.to.type = DType::Float16; }) ==
        "sg00: Sync transfer 7: descriptor 0: source has 16 elements of float32, destination 32 of "
        "float16");
  CHECK(with([](Descriptor& x) { x.to.offset = 224 * 1024; }) != "");
  CHECK(with([](Descriptor& x) { x.to.offset = -1; }) != "");
  CHECK(with([](Descriptor& x) { x.to.sizes[1] = 0; }) != "");
  CHECK(with([](Descriptor& x) {
          x.from[0].sizes = x.to.sizes = {1, INT64_MAX, INT64_MAX, INT64_MAX};
        }) != "");
  CHECK(with([](Descriptor& x) {
          x.from[0].sizes[1] = x.to.sizes[1] = 2;
          x.from[0].steps[1] = INT64_MIN;
        }) != "");
  CHECK(with([](Descriptor& x) { x.op = DmaOp::Transpose; }) != "");
  CHECK(with([](Descriptor& x) { x.from.clear(); }) != "");
}
