// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/sharing.h"

#include "tests/catch.h"

using neuron::sim::Sharing;

namespace {

/// Executes kernels that take `shared` or `alone` nanoseconds, and `change` more where the kernel
/// before was not as this one, until the times decide.
void learn(Sharing& sharing, const std::vector<double>& alone, const std::vector<double>& shared,
           double change = 0) {
  for (int execution = 0; execution < 50; ++execution, sharing.next())
    for (std::size_t k = 0; sharing.is_timed() && k < alone.size(); ++k) {
      const bool is_change = k > 0 && sharing.is_shared(k) != sharing.is_shared(k - 1);
      sharing.took(k, (sharing.is_shared(k) ? shared[k] : alone[k]) + (is_change ? change : 0));
    }
  CHECK_FALSE(sharing.is_timed());
}

std::vector<bool> shared_of(const Sharing& sharing, std::size_t kernels) {
  std::vector<bool> all;
  for (std::size_t k = 0; k < kernels; ++k) all.push_back(sharing.is_shared(k));
  return all;
}

}  // namespace

TEST_CASE("other threads help at first with what is thought to cost much") {
  CHECK(shared_of(Sharing({0, 9'000, 11'000}), 3) == std::vector{false, false, true});
}

TEST_CASE("other threads help later where that was faster") {
  Sharing sharing({0, 11'000, 11'000, 1e9});
  learn(sharing, {5'000, 40'000, 8'000, 2e6}, {1'000, 25'000, 9'000, 3e6});
  // The first kernel has one unit, say: nothing to share.
  CHECK(shared_of(sharing, 4) == std::vector{false, true, false, false});
}

TEST_CASE("other threads help all or nowhere if the mixture was slower") {
  const std::vector<double> costs{11'000, 11'000, 11'000};
  Sharing all(costs), none(costs);
  learn(all, {40'000, 20'000, 40'000}, {20'000, 21'000, 20'000}, 5'000);
  CHECK(shared_of(all, 3) == std::vector{true, true, true});
  learn(none, {20'000, 21'000, 20'000}, {40'000, 20'000, 40'000}, 5'000);
  CHECK(shared_of(none, 3) == std::vector{false, false, false});
}

TEST_CASE("one execution that something else disturbed decides nothing") {
  Sharing sharing({11'000});
  int shared = 0;
  for (int execution = 0; execution < 50; ++execution, sharing.next()) {
    if (!sharing.is_timed()) continue;
    const bool is_disturbed = sharing.is_shared(0) && ++shared == 1;
    sharing.took(0, is_disturbed ? 1e9 : sharing.is_shared(0) ? 20'000 : 30'000);
  }
  CHECK(shared == 10);
  CHECK(sharing.is_shared(0));
}
