// SPDX-License-Identifier: Apache-2.0
// onnx-cases FOLDER [WORD]: runs every case below FOLDER (with WORD in its name) and prints a line
// for each, then how often each operator passed or was refused, and the reasons by frequency.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "tests/ops/cases.h"

using namespace neuron;
using namespace neuron::test;

namespace {

std::string first_operator(const fs::path& model) {
  const auto bytes = read_file(model);
  onnx::ModelProto proto;
  if (!bytes || !proto.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) return "?";
  for (const auto& node : proto.graph().node())
    if (node.op_type() != "Constant") return node.op_type();
  return "?";
}

/// The reason without the names and numbers of one model.
std::string kind_of(const std::string& reason) {
  std::string out;
  for (std::size_t i = 0; i < reason.size(); ++i) {
    if (reason.compare(i, 6, "node '") == 0) {
      i = reason.find('\'', i + 6);
      if (i == std::string::npos) break;
      continue;
    }
    if (!std::isdigit(static_cast<unsigned char>(reason[i])))
      out += reason[i];
    else if (out.empty() || out.back() != '#')
      out += '#';
  }
  return out.substr(0, 140);
}

struct Count {
  int passed = 0, cpu = 0, given = 0, refused = 0, wrong = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("onnx-cases FOLDER [WORD]\n", stderr), 1;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::recursive_directory_iterator(argv[1]))
    if (entry.path().filename() == "model.onnx") folders.push_back(entry.path().parent_path());
  std::sort(folders.begin(), folders.end());
  std::map<std::string, Count> operators;
  std::map<std::string, int> reasons;
  Count all;
  for (const fs::path& folder : folders) {
    const std::string name = folder.filename().string();
    if (argc > 2 && name.find(argv[2]) == std::string::npos) continue;
    const CaseResult r = run_case({folder / "model.onnx", folder / "test_data_set_0", {}});
    static constexpr const char* kWords[] = {"pass", "cpu", "given", "refused", "wrong"};
    fmt::print("{}/{}\t{}\t{}\n", folder.parent_path().filename().string(), name,
               kWords[static_cast<int>(r.verdict)], r.reason);
    std::fflush(stdout);
    for (Count* c : {&all, &operators[first_operator(folder / "model.onnx")]})
      ++*std::array{&c->passed, &c->cpu, &c->given, &c->refused,
                    &c->wrong}[static_cast<std::size_t>(r.verdict)];
    if (r.verdict > Verdict::Given) ++reasons[kind_of(r.reason)];
  }
  fmt::print("\n{:<28} {:>7} {:>7} {:>7}\n", "operator", "passed", "refused", "wrong");
  for (const auto& [op, c] : operators)
    if (c.refused + c.wrong > 0)
      fmt::print("{:<28} {:>7} {:>7} {:>7}\n", op, c.passed, c.refused, c.wrong);
  std::vector<std::pair<int, std::string>> ranked;
  for (const auto& [reason, count] : reasons) ranked.emplace_back(-count, reason);
  std::sort(ranked.begin(), ranked.end());
  fmt::print("\n");
  for (const auto& [count, reason] : ranked) fmt::print("{:>5}  {}\n", -count, reason);
  fmt::print("\n{} passed, {} with nodes on the CPU, {} with values given, {} refused, {} wrong\n",
             all.passed, all.cpu, all.given, all.refused, all.wrong);
  nrt_close();
  return 0;
}
