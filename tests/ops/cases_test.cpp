// SPDX-License-Identifier: Apache-2.0
// The cases of the ONNX backend suite that Debian's libonnx-testdata brings, held to a committed
// table: a case may get better, never worse. UPDATE=1 writes the table anew.
#include "tests/ops/cases.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/catch.h"

using namespace neuron;
using namespace neuron::test;

namespace {

constexpr const char* kData = "/usr/share/libonnx-testdata/data";
constexpr const char* kWords[] = {"pass", "cpu", "given", "refused", "differs"};

/// suite/name -> word. `differs`: the data of that old case contradict today's ONNX.
std::map<std::string, std::string> table_at(const fs::path& path) {
  std::map<std::string, std::string> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && line[0] != '#') out[line.substr(0, tab)] = line.substr(tab + 1);
  }
  return out;
}

int rank_of(const std::string& word) {
  return static_cast<int>(std::find(std::begin(kWords), std::end(kWords), word) -
                          std::begin(kWords));
}

std::vector<fs::path> folders() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(kData))
    if (entry.path().filename() == "model.onnx") out.push_back(entry.path().parent_path());
  std::sort(out.begin(), out.end());
  return out;
}

void write_table(const fs::path& path, const std::map<std::string, std::string>& results) {
  std::ofstream file(path);
  file << "# Cases of libonnx-testdata 1.12: pass, cpu (passes with nodes on the CPU), given\n# "
          "(passes with values given when it is compiled), refused (with a reason), differs (its "
          "data\n# contradict today's ONNX).\n";
  for (const auto& [name, word] : results) file << name << '\t' << word << '\n';
}

}  // namespace

TEST_CASE("backend cases give what the committed table says, or better") {
  if (!fs::exists(kData)) {
    std::puts("skipped: libonnx-testdata is not installed");
    return;
  }
  const fs::path path = fs::path(NEURON_SOURCE_DIR) / "tests/ops/testdata.tsv";
  const auto table = table_at(path);
  const bool update = std::getenv("UPDATE") != nullptr;
  std::map<std::string, std::string> results;
  for (const fs::path& folder : folders()) {
    const std::string name =
        folder.parent_path().filename().string() + "/" + folder.filename().string();
    const auto at = table.find(name);
    if (at == table.end() && !update) continue;  // of another version of the package
    const CaseResult r = run_case({folder / "model.onnx", folder / "test_data_set_0", {}});
    results[name] = kWords[static_cast<int>(r.verdict)];
    if (update) continue;
    CAPTURE(name, at->second, results[name], r.reason);
    CHECK(rank_of(results[name]) <= rank_of(at->second));
  }
  if (update) write_table(path, results);
}
