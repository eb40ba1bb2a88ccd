// SPDX-License-Identifier: Apache-2.0
// Runs the pages of tests/cli: prose that says why, commands, and exactly what they print.
//
//   A wrong word is answered with the near one.          prose starts in the first column
//
//     $ neuron packer                                    a command, run by sh in a fresh directory
//     ! neuron: no command 'packer'; ...                 a line of standard error
//     ? 2                                                the exit status, when it is not 0
//     $ seq 2                                            indented by two spaces, as all of these
//     1                                                  a line of standard output
//     <any>                                              any text within a line
//     <lines>                                            any number of lines
//
// A line "Needs: fish tmux" skips the page, with the reason, where one of the programs is missing;
// "Needs: /usr/bin/python3:numpy" where a module of Python is.
// All commands of a page share the directory. UPDATE=1 writes what was printed into the page.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <span>
#include <sstream>

#include "base/file.h"
#include "tests/catch.h"

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

namespace {

struct Step {
  std::size_t at = 0;  // line of the command in the page
  std::string command;
  Lines expected;  // as they stand in the page, without the two spaces
};
struct Page {
  Lines lines;
  std::vector<Step> steps;
  Lines needs;  // programs
};

Lines lines_of(const fs::path& path) {
  std::ifstream in(path);
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Page read_page(const fs::path& path) {
  Page page{lines_of(path), {}, {}};
  bool within = false;
  for (std::size_t i = 0; i < page.lines.size(); ++i) {
    const std::string& line = page.lines[i];
    if (line.starts_with("  $ ")) {
      page.steps.push_back({i, line.substr(4), {}});
      within = true;
    } else if (line.starts_with("  > ") && within && page.steps.back().expected.empty()) {
      page.steps.back().command += "\n" + line.substr(4);  // the command goes on
      page.steps.back().at = i;
    } else if (line.starts_with("  ") && within) {
      page.steps.back().expected.push_back(line.substr(2));
    } else {
      within = false;
      if (line.starts_with("Needs: ")) {
        std::istringstream words(line.substr(7));
        for (std::string word; words >> word;) page.needs.push_back(word);
      }
    }
  }
  return page;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The environment of a page: nothing of the user's but the data that tests may need.
std::string environment(const fs::path& home) {
  const char* data = std::getenv("NEURON_CONFORMANCE_DIR");
  std::string out = "env -i LANG=C LC_ALL=C TZ=UTC TERM=dumb";
  out += " PATH=" + quoted(NEURON_TEST_PATH ":/usr/local/bin:/usr/bin:/bin");
  out += " HOME=" + quoted(home) + " NEURON_PROFILE_DIR=" + quoted(home / "profiles");
  // tests/main.cpp made it; each page has a box of its own.
  out += " NEURON_SIM_ROOT=" +
         quoted(fs::path(std::getenv("NEURON_SIM_ROOT")) / home.parent_path().filename());
  out += " SOURCE=" + quoted(NEURON_SOURCE_DIR) + " BUILD=" + quoted(NEURON_BINARY_DIR);
  if (data) out += " NEURON_CONFORMANCE_DIR=" + quoted(data);
  return out;
}

Lines run_step(const std::string& command, const fs::path& work, const fs::path& home) {
  const fs::path out = home / "stdout", err = home / "stderr";
  const std::string line = "cd " + quoted(work) + " && " + environment(home) + " sh -c " +
                           quoted(command) + " >" + quoted(out) + " 2>" + quoted(err) +
                           " </dev/null";
  const int status = std::system(line.c_str());
  Lines printed = lines_of(out);
  for (const std::string& error : lines_of(err)) printed.push_back("! " + error);
  const int exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (exit != 0) printed.push_back("? " + std::to_string(exit));
  while (!printed.empty() && printed.back().empty()) printed.pop_back();
  return printed;
}

bool line_matches(std::string_view expected, std::string_view printed) {
  const std::size_t any = expected.find("<any>");
  if (any == expected.npos) return expected == printed;
  if (printed.substr(0, any) != expected.substr(0, any)) return false;
  for (std::size_t from = any; from <= printed.size(); ++from)
    if (line_matches(expected.substr(any + 5), printed.substr(from))) return true;
  return false;
}

bool matches(std::span<const std::string> expected, std::span<const std::string> printed) {
  if (expected.empty()) return printed.empty();
  if (expected[0] == "<lines>") {
    for (std::size_t from = 0; from <= printed.size(); ++from)
      if (matches(expected.subspan(1), printed.subspan(from))) return true;
    return false;
  }
  return !printed.empty() && line_matches(expected[0], printed[0]) &&
         matches(expected.subspan(1), printed.subspan(1));
}

void rewrite(const fs::path& path, Page page, const std::vector<Lines>& printed) {
  for (std::size_t i = page.steps.size(); i-- > 0;) {
    const Step& step = page.steps[i];
    if (matches(step.expected, printed[i])) continue;  // keeps <any> where it still holds
    const auto begin = page.lines.begin() + static_cast<std::ptrdiff_t>(step.at) + 1;
    auto at = page.lines.erase(begin, begin + static_cast<std::ptrdiff_t>(step.expected.size()));
    for (const std::string& line : printed[i]) at = page.lines.insert(at, "  " + line) + 1;
  }
  std::ofstream out(path);
  for (const std::string& line : page.lines) out << line << "\n";
}

std::string joined(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += "  " + line + "\n";
  return out;
}

class TemporaryDirectory {  // gone when the page ends, whichever way
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "neuron-page.XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { fs::remove_all(path); }
  fs::path path;
};

/// The command that succeeds where a program, or "python:module", is there.
std::string test_for(const std::string& need) {
  const std::size_t colon = need.find(':');
  if (colon == std::string::npos) return "command -v " + need;
  return need.substr(0, colon) + " -c 'import " + need.substr(colon + 1) + "'";
}

void run_page(const fs::path& path) {
  const Page page = read_page(path);
  REQUIRE_FALSE(page.steps.empty());
  for (const std::string& program : page.needs)
    if (std::system((test_for(program) + " >/dev/null 2>&1").c_str()) != 0) {
      std::cout << "skipped: " << path.string() << " needs " << program << "\n";
      return;
    }
  const TemporaryDirectory temporary;
  const fs::path work = temporary.path / "work", home = temporary.path / "home";
  fs::create_directories(work);
  fs::create_directories(home / "profiles");
  std::vector<Lines> printed;
  for (const Step& step : page.steps) {
    printed.push_back(run_step(step.command, work, home));
    if (std::getenv("UPDATE")) continue;
    INFO(path.string() << ":" << step.at + 1 << "\n$ " << step.command << "\nexpected:\n"
                       << joined(step.expected) << "printed:\n"
                       << joined(printed.back()) << "UPDATE=1 rewrites the page");
    CHECK(matches(step.expected, printed.back()));
  }
  if (std::getenv("UPDATE")) rewrite(path, page, printed);
}

struct PageCase : Catch::ITestInvoker {
  explicit PageCase(fs::path page) : path(std::move(page)) {}
  void invoke() const override { run_page(path); }
  fs::path path;
};

void add(const fs::path& path, const fs::path& root) {
  const fs::path name = fs::relative(path, root);
  const std::string text = name.string(), tag = "[" + name.begin()->string() + "]";
#if __has_include(<catch2/catch_all.hpp>)
  Catch::Detail::unique_ptr<Catch::ITestInvoker> page(new PageCase(path));
  Catch::AutoReg(std::move(page), CATCH_INTERNAL_LINEINFO, "", {text, tag});
#else
  Catch::AutoReg(new PageCase(path), CATCH_INTERNAL_LINEINFO, "", {text, tag});
#endif
}

// Catch2 registers cases before main; a page is a case with the tag of its folder.
const bool registered = [] {
  const fs::path root = fs::path(NEURON_SOURCE_DIR) / "tests/cli";
  std::vector<fs::path> pages;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().extension() == ".t") pages.push_back(entry.path());
  std::sort(pages.begin(), pages.end());
  for (const fs::path& path : pages) add(path, root);
  return !pages.empty();
}();

}  // namespace
