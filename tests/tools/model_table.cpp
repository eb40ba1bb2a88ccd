// SPDX-License-Identifier: Apache-2.0
// model-table FOLDER [WORD]: of every model below FOLDER (with WORD in its name), as lines of a
// table in Markdown: where its operators and its products run, and how far its results are from the
// reference in every mode of --auto-cast.
#include <cstdio>

#include "tests/ops/model_cases.h"

using namespace neuron;
using namespace neuron::test;

namespace {

struct Mode {
  const char* name;
  compile::AutoCast cast;
  compile::CastType type;
};
constexpr Mode kModes[] = {
    {"none", compile::AutoCast::None, compile::CastType::Bf16},
    {"matmult bf16", compile::AutoCast::Matmult, compile::CastType::Bf16},
    {"matmult fp16", compile::AutoCast::Matmult, compile::CastType::Fp16},
    {"matmult tf32", compile::AutoCast::Matmult, compile::CastType::Tf32},
    {"matmult fp8", compile::AutoCast::Matmult, compile::CastType::Fp8E4m3},
    {"all bf16", compile::AutoCast::All, compile::CastType::Bf16},
    {"all fp16", compile::AutoCast::All, compile::CastType::Fp16},
};

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string line_of(const ModelCase& c) {
  std::string line = fmt::format("| {} | {} |", c.name, c.framework);
  for (const Mode& mode : kModes) {
    compile::Options options = c.options;
    options.auto_cast = mode.cast;
    options.cast_type = mode.type;
    const auto result = run_model(c, options, execute_plan);
    if (!result) {
      fmt::print(stderr, "{}, {}: {}\n", c.name, mode.name, result.error().message);
      if (mode.cast == compile::AutoCast::None) return line + " refused |";
      line += " refused |";
      continue;
    }
    if (mode.cast == compile::AutoCast::None)
      line +=
          fmt::format(" {} of {} | {} |", result->report.device_operators, result->report.operators,
                      share(result->report.device_macs, result->report.macs));
    line += fmt::format(" {:.1e} |", worst(*result));
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("model-table FOLDER [WORD]\n", stderr), 1;
  const auto models = all_models(argv[1]);
  if (!models) return fmt::print(stderr, "{}\n", models.error().message), 1;
  std::string head = "| model | framework | operators on NeuronCores | of products |", rule = "|";
  for (const Mode& mode : kModes) head += fmt::format(" {} |", mode.name);
  for (std::size_t column = 0; column < 4 + std::size(kModes); ++column) rule += "---|";
  fmt::print("{}\n{}\n", head, rule);
  for (const ModelCase& c : *models) {
    if (argc > 2 && c.name.find(argv[2]) == std::string::npos) continue;
    fmt::print("{}\n", line_of(c));
    std::fflush(stdout);
  }
  nrt_close();
  return 0;
}
