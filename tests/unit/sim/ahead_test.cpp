// SPDX-License-Identifier: Apache-2.0
// What is done by products ahead of its time. That it is right is for random programs to tell.
#include <algorithm>

#include "sim/plan/kernel.h"
#include "tests/catch.h"
#include "tests/unit/sim/both_ways.h"

using namespace neuron;
using namespace neuron::sim;

namespace {

constexpr std::uint32_t kA = test::RandomDraw::kAny, kB = kA + 800, kC = kA + 1600;

/// Two products leave the halves of a row of 200 columns; two instructions go on with all of it.
struct Halves : test::RandomProgram {
  /// `between`: where something is written before them; 0 writes nothing.
  explicit Halves(std::uint32_t between = 0) : RandomProgram(1) {
    program.streams = {};
    program.transfers = {};
    count_ = 0;
    strict_ = true;
    for (unsigned i = 0; i < 2; ++i) {
      const auto from = line(isa::kPsumBase + 2048 * i, 100);
      weights(128, 16, kIdentity, DType::Float32, 0, false);
      product(128, 16, line(400 * i, 100), from, DType::Float32, 1, 3, false);
      raise(from, line(kA + 400 * i, 100), 16);
    }
    if (between) fill(line(between, 1), 1, 16);
    raise(line(kA, 200), line(kB, 200), 16);
    isa::tensor_tensor t;
    t.op = isa::Alu::Mult;
    t.lhs = line(kA, 200), t.rhs = line(kB, 200), t.dst = line(kC, 200);
    t.lhs_type = t.rhs_type = t.dst_type = DType::Float32;
    t.partitions = 16;
    add(isa::Engine::Vector, t);
    rows(Sbuf, kC, isa::kPartitionStride, SbufOut, 0, 16384, 800, 16);
  }
};

/// Weights are loaded, then changed by what would follow the instruction that wrote them.
struct Changing : test::RandomProgram {
  Changing() : RandomProgram(1) {
    program.streams = {};
    program.transfers = {};
    count_ = 0;
    strict_ = true;
    raise(line(0, 16), line(kA, 16), 128);
    weights(128, 16, kA, DType::Float32, 0, false);
    raise(line(kA, 16), line(kA, 16), 128);
    product(128, 16, line(kB, 100), line(isa::kPsumBase, 100), DType::Float32, 1, 3, false);
    rows(Sbuf, isa::kPsumBase, isa::kPartitionStride, PsumOut, 0, 16384, 400, 16);
    rows(Sbuf, kA, isa::kPartitionStride, SbufOut, 0, 16384, 64, 128);
  }
};

/// The kernels that are no products, but for moves and packing; and the links behind products.
struct Found {
  std::size_t alone = 0, links = 0;
};
Found found_in(const Halves& halves) {
  const auto loaded = REQUIRE_OK(load(halves.program));
  const auto plan = REQUIRE_OK(make_plan(*loaded, {}));
  Found found;
  for (const Kernel& k : plan->kernels) {
    found.alone += k.what.starts_with("TENSOR_");
    for (auto at = k.what.find(", then "); k.what.starts_with("product") && at != k.what.npos;
         at = k.what.find(", then ", at + 1))
      ++found.links;
  }
  return found;
}

}  // namespace

TEST_CASE("products go on with their columns of what reads all of them") {
  const Found found = found_in(Halves());
  CHECK(found.alone == 0);
  CHECK(found.links == 6);
}

TEST_CASE("a column that changes in between is left to its time") {
  const Found found = found_in(Halves(kA + 4));
  CHECK(found.links == 4);  // of the second half
  CHECK(found.alone > 0);
}

TEST_CASE("weights are loaded before what changes them follows what wrote them") {
  CHECK(REQUIRE_OK(test::difference_of(Changing())) == "");
}
