// SPDX-License-Identifier: Apache-2.0
// Constants stay in the bytes that a package was loaded from, where that is safe.
#include "nrt/model.h"
#include "tests/catch.h"
#include "tests/unit/nrt/graph_package.h"

using namespace graph_package;

namespace {

constexpr std::uint64_t kWeights = 1 << 16;

/// Brings the front of a constant to y; `overwrites`: and writes it back to the constant.
neff::Package package(bool overwrites) {
  neff::Model m;
  m.name = "constants";
  m.target = "cayman";
  m.nodes = {{"x", neff::Executor::Input, "", "", false, {}, {slot("x")}},
             core_node("core", 0, "y")};
  m.heads = {{1, 0}};
  neff::Subgraph s = copier("sg00", 1, "x", "y", 1);
  s.variables.push_back(variable("w", 3, neff::VariableKind::File, kWeights));
  Bytes weights(kWeights);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::byte>(i * 7 >> 3);
  s.constants["w"] = {DType::UInt8, {static_cast<std::int64_t>(kWeights)}, std::move(weights)};
  auto& transfers = s.engines[0].transfers;
  transfers[0].descriptors[0].from[0].variable = "w";
  if (overwrites) {
    transfers[1].descriptors.push_back(transfers[1].descriptors[0]);
    transfers[1].descriptors.back().to.variable = "w";
  }
  m.subgraphs = {std::move(s)};
  return REQUIRE_OK(neff::package_of(std::move(m), {}));
}

/// Whether constant w of a placed model lies in `bytes`; its values are checked.
bool stays(const SharedBytes& bytes) {
  const auto model = REQUIRE_OK(nrt::load(bytes));
  REQUIRE_OK(nrt::place(*model, 0));
  nrt::let_go(*model);
  const auto w = model->placements[0].resident[0][3];
  REQUIRE(w.size() == kWeights);
  for (std::size_t i = 0; i < w.size(); i += 1001)
    CHECK(w[i] == static_cast<std::byte>(i * 7 >> 3));
  return w.data() >= bytes.data() && w.data() < bytes.data() + bytes.size();
}

}  // namespace

TEST_CASE("constants stay in a package that is kept, if nothing writes to them") {
  for (const bool overwrites : {false, true}) {
    const SharedBytes plain(
        REQUIRE_OK(neff::bytes_of(package(overwrites), neff::Compression::None)));
    CHECK(stays(plain) == !overwrites);
    CHECK(!stays(SharedBytes::borrowed(plain)));
    CHECK(!stays(REQUIRE_OK(neff::bytes_of(package(overwrites), neff::Compression::Gzip))));
  }
}

TEST_CASE("what a compressed package inflates to is kept for its constants") {
  const SharedBytes packed(REQUIRE_OK(neff::bytes_of(package(false), neff::Compression::Gzip)));
  const auto model = REQUIRE_OK(nrt::load(packed));
  const auto member = model->package.find("sg00/value_w.npy");
  REQUIRE(member != nullptr);
  REQUIRE_OK(nrt::place(*model, 0));
  const auto w = model->placements[0].resident[0][3];
  CHECK(w.data() > member->bytes.data());
  CHECK(w.data() < member->bytes.data() + member->bytes.size());
}
