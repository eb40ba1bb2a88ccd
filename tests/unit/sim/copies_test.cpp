// SPDX-License-Identifier: Apache-2.0
// Copies that a plan does not make. That what it reads in their stead is right is for random
// programs to tell, too.
#include "sim/plan/kernel.h"
#include "tests/catch.h"
#include "tests/unit/sim/both_ways.h"

using namespace neuron;
using namespace neuron::sim;

namespace {

constexpr std::uint32_t kOut = test::RandomDraw::kAny;
constexpr std::int64_t kStride = isa::kPartitionStride;

/// Two copies of 8 rows of 60 floats between zeros, one product of both, and what is done in
/// between.
struct Staged : test::RandomProgram {
  enum Step { BeforeProduct, BeforeEviction };
  using Do = std::function<void(Staged&)>;

  explicit Staged(Variable from = Sbuf, Step step = BeforeProduct, const Do& between = {})
      : RandomProgram(1) {
    program.streams = {};
    program.transfers = {};
    count_ = 0;
    strict_ = true;
    const std::int64_t pitch = from == Sbuf ? kStride : std::int64_t{kRow} * 4;
    for (std::int64_t row = 0; row < 8; ++row)  // so that SBUF has what the input has
      rows(Input, row * kRow * 4, kRow * 4, Sbuf, row * kStride, kStride, 240, 1);
    zeros(0);
    zeros(61);
    rows(from, 0, pitch, Sbuf, kCopies + 4, kStride, 240, 8);
    rows(from, 0, pitch, Sbuf, kCopies + 8 * kStride + 4, kStride, 240, 8);
    if (step == BeforeProduct && between) between(*this);
    weights(16, 16, kIdentity, DType::Float32, 0, false);
    product(16, 16, line(kCopies, 62), line(isa::kPsumBase, 62), DType::Float32, 1, 3, false);
    if (step == BeforeEviction && between) between(*this);
    raise(line(isa::kPsumBase, 62), line(kOut, 62), 16);
    rows(Sbuf, kOut, kStride, SbufOut, 0, 16384, 248, 16);
  }

  void zeros(unsigned column) {
    isa::memset m;
    m.count = 1;
    m.dst_type = DType::Float32;
    m.dst = line(kCopies + 4 * column, 1);
    m.partitions = 16;
    add(isa::Engine::Vector, m);
  }
  void write(std::uint32_t at) { fill(line(at, 1), 1, 1); }
  void copy_out() { rows(Sbuf, kCopies, kStride, Scratch, 0, kRow * 4, 248, 16); }
  /// Something goes to the device.
  void leave() { rows(Sbuf, kIdentity, kStride, Scratch, 0, kRow * 4, 248, 8); }
};

struct Found {
  std::size_t moves = 0, zeros = 0, products = 0, fused = 0;
};
Found found_in(const Staged& staged) {
  const auto loaded = REQUIRE_OK(load(staged.program));
  const auto plan = REQUIRE_OK(make_plan(*loaded, {}));
  Found found;
  for (const Kernel& k : plan->kernels) {
    found.moves += k.what.starts_with("move");
    found.zeros += k.what.starts_with("MEMSET");
    found.products += k.what.find(" without copies") != k.what.npos;
    found.fused += k.what.find("product") < k.what.find(", then TENSOR_SCALAR") &&
                   k.what.find(", then TENSOR_SCALAR") != k.what.npos;
  }
  CHECK(REQUIRE_OK(test::difference_of(staged)) == "");
  return found;
}
/// The moves to SBUF at the start, which nobody needs who reads the input, and one from it.
constexpr std::size_t kFirst = 8, kLast = 1, kOthers = kFirst + kLast;

}  // namespace

TEST_CASE("copies that only a product reads are not made") {
  for (const auto from : {Staged::Sbuf, Staged::Input}) {
    const Found found = found_in(Staged(from));
    CHECK(found.products == 1);
    CHECK(found.moves == (from == Staged::Sbuf ? kOthers : kLast));
    CHECK(found.zeros == 0);
  }
}

TEST_CASE("copies that somebody else reads are made") {
  const Found found = found_in(Staged(Staged::Sbuf, Staged::BeforeProduct, &Staged::copy_out));
  CHECK(found.products == 1);
  CHECK(found.moves == kOthers + 3);
  CHECK(found.zeros == 2);
}

TEST_CASE("what changes behind a copy is not read in its stead") {
  const auto change = [](Staged& s) { s.write(4); };
  const Found found = found_in(Staged(Staged::Sbuf, Staged::BeforeProduct, change));
  CHECK(found.products == 0);
  CHECK(found.moves == kOthers + 2);
  CHECK(found.zeros == 2 + 1);
}

TEST_CASE("an input may be the output, too") {
  // Nobody knows which variables share their bytes.
  const Found before = found_in(Staged(Staged::Input, Staged::BeforeProduct, &Staged::leave));
  CHECK(before.products == 0);
  CHECK(before.moves == 2 + 1 + kLast);
  const Found behind = found_in(Staged(Staged::Input, Staged::BeforeEviction, &Staged::leave));
  CHECK(behind.products == 1);
  CHECK(behind.fused == 1);
  CHECK(behind.moves == 1 + kLast);
}

TEST_CASE("a copy that changes itself is read as it is") {
  const auto change = [](Staged& s) { s.write(Staged::kCopies + 8); };
  CHECK(found_in(Staged(Staged::Sbuf, Staged::BeforeProduct, change)).products == 0);
}

TEST_CASE("a sum is taken away before what it reads changes") {
  const auto change = [](Staged& s) { s.write(4); };
  const Found found = found_in(Staged(Staged::Sbuf, Staged::BeforeEviction, change));
  CHECK(found.products == 1);
  CHECK(found.fused == 1);
  CHECK(found.moves == kOthers);
}

TEST_CASE("copies stay where a sum cannot be taken away in time") {
  const auto change = [](Staged& s) {
    s.write(4);
    s.write(kOut);  // before the eviction writes it
  };
  const Found found = found_in(Staged(Staged::Sbuf, Staged::BeforeEviction, change));
  CHECK(found.products == 0);
  CHECK(found.fused == 1);
  CHECK(found.moves == kOthers + 2);
}
