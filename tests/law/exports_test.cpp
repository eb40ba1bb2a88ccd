// SPDX-License-Identifier: Apache-2.0
#include <regex>
#include <set>

#include "tests/catch.h"
#include "tests/law/sources.h"

namespace {

std::set<std::string> matches_in(const fs::path& path, const char* pattern) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at)
    found.insert((*at)[1]);
  return found;
}

const fs::path kNrt = fs::path(NEURON_SOURCE_DIR) / "lib/nrt";

std::set<std::string> exported() { return matches_in(kNrt / "libnrt.map", R"(\n\s+(n\w+_\w+);)"); }

/// What the headers declare: names in the first column behind their type, and what older clients
/// link to instead.
std::set<std::string> declared() {
  std::set<std::string> names;
  for (const char* header :
       {"nrt.h", "nrt_status.h", "nrt_version.h", "nrt_experimental.h", "nrt_profile.h",
        "nrt_sys_trace.h", "nrt_async.h", "nrt_async_sendrecv.h", "ndebug_stream.h", "nec.h",
        "ndl/ndl.h", "nds/neuron_ds.h"}) {
    names.merge(matches_in(
        kNrt / header,
        R"(\n(?:NRT_STATUS|void|const char|size_t|int|nds_obj_handle_t)[ *]+((?:nrta?|nec|ndl|nds)_\w+)\()"));
    for (const auto& name : matches_in(kNrt / header, R"(NRT_GUIDE_SYMBOL\((\w+)\);)"))
      names.insert(name + "_guide");
    for (const auto& name : matches_in(kNrt / header, R"(NRTA_SYMBOL\((\w+)\);)"))
      names.insert(name + "_v2");
  }
  return names;
}

}  // namespace

// The border is said twice: in the headers and in the version script.
TEST_CASE("libnrt exports what its headers declare, and nothing else") {
  CHECK(exported().size() > 250);
  CHECK(exported() == declared());
}

TEST_CASE("functions that need a driver stand in the table of those that fail") {
  const auto table = matches_in(kNrt / "driver_names.def", R"(\nNEURON_DRIVER_NAME\((\w+)\))");
  CHECK(table.size() > 100);
  for (const std::string& name : table) {
    INFO(name);
    CHECK(exported().count(name) == 1);
  }
}

TEST_CASE("small programs in tests/api call every exported name") {
  std::set<std::string> called;
  const fs::path api = fs::path(NEURON_SOURCE_DIR) / "tests/api";
  for (const auto& entry : fs::directory_iterator(api))
    called.merge(matches_in(entry.path(), R"(\b((?:nrta?|nec|ndl|nds)_\w+)\b)"));
  for (const std::string& name : exported()) {
    INFO(name);
    std::string plain = name;  // older clients spell the same name and get another symbol
    for (const char* ending : {"_guide", "_v2"})
      if (const std::string e = ending; plain.ends_with(e) && plain != "nrt_get_dmabuf_fd_v2")
        plain.resize(plain.size() - e.size());
    CHECK(called.count(plain) == 1);
  }
}

TEST_CASE("every variable of the environment that the runtime reads stands in its table") {
  const auto table = matches_in(kNrt / "settings.def", R"(\nNEURON_SETTING\((\w+),)");
  CHECK(table.size() > 50);
  std::size_t seen = 0;
  for (const Source& source : sources({"lib"})) {
    if (!source.path.starts_with("lib/nrt/") && source.path != "lib/base/log.cpp") continue;
    for (const std::string& name : matches_in(fs::path(NEURON_SOURCE_DIR) / source.path,
                                              R"re("((?:NEURON|AWS_NEURON)_[A-Z_]+)")re")) {
      // How the simulator itself works is told elsewhere.
      if (name == "NEURON_SIM_INTERPRET") continue;
      INFO(source.path << ": " << name);
      CHECK(table.count(name) == 1);
      ++seen;
    }
  }
  CHECK(seen > 20);
}
