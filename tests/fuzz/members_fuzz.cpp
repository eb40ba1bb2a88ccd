// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "neff/info.h"
#include "neff/verify.h"
#include "tests/unit/neff/sample.h"

// The JSON members of a package, without the archive around them: the first byte chooses one of a
// good package, the rest takes its place. What 'verify' calls sound, 'info' must be able to show.
namespace {

using namespace neuron;
using namespace neuron::neff;

constexpr const char* kMembers[] = {
    "neff.json", "kelf-0.json",          "sg00/def.json", "sg00/SP.json", "sg00/tensor_map.json",
    "info.json", "sg00/Activation.json", "hlo_stats.json"};

/// Every instruction has a wait and a signal, so that semaphores are followed too.
std::optional<InstructionFacts> tiny(std::string_view, std::string_view, ByteView word) {
  InstructionFacts f;
  f.name = "X";
  f.signals[0] = Signal{std::to_integer<std::uint32_t>(word[7]), 1};
  f.starts = Started{"qSPIO0", 3};
  f.accesses[0] = Access{word[1] == std::byte{1}, std::to_integer<std::uint32_t>(word[0]), 0, 8};
  return f;
}

const Package& good() {
  static const Package package = [] {
    auto made = package_of(sample_model(), sample_build());
    if (!made) std::abort();
    return *std::move(made);
  }();
  return package;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Package package = good();
  const std::string path = kMembers[data[0] % std::size(kMembers)];
  const auto member = std::find_if(package.members.begin(), package.members.end(),
                                   [&](const Member& m) { return m.path == path; });
  const auto text = std::as_bytes(std::span(data + 1, size - 1));
  if (member == package.members.end()) std::abort();
  member->bytes = Bytes(text.begin(), text.end());
  const auto file = neff::bytes_of(package, Compression::None);
  if (!file) std::abort();
  const Verdict verdict = verify(*file, tiny);
  (void)verdict_text(verdict);
  (void)json::text_of(verdict_json(verdict));
  const auto read = parse(*file);
  if (!read) std::abort();
  const auto info =
      info_json(*read, {.weights = true, .spills = true, .memory = true, .reader = tiny});
  if (!info && verdict.count(Severity::Error) == 0) std::abort();
  return 0;
}
