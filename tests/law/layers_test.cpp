// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "tests/catch.h"
#include "tests/law/sources.h"

// The architecture: which floor may name which. Includes within a floor are always fine.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"isa", {"base"}},
    {"neff", {"base"}},
    {"ntff", {"base"}},
    {"sim", {"base", "isa"}},
    {"host", {"base"}},
    {"nrt", {"base", "isa", "neff", "ntff", "sim", "host"}},
    {"cpu", {"base", "nrt"}},  // of nrt the published header of CPU nodes only
    {"compile", {"base", "isa", "neff", "cpu"}},
    {"view", {"base", "isa", "neff", "ntff"}},
    {"cmd", {"base", "isa", "neff", "ntff", "sim", "host", "nrt", "cpu", "compile", "view"}},
};

// Which files may name what comes from elsewhere: few places for each, so that it can be replaced.
struct Guest {
  const char* prefix;  // of the header
  const char* home;    // of the files that may include it
};
const Guest kGuests[] = {
    {"CLI/", "cmd/"},
    {"catch2/", "tests/"},
    {"nlohmann/", "lib/base/json.h"},
    {"httplib.h", "lib/view/"},              // the page, and the client of InfluxDB
    {"httplib.h", "lib/host/exporter.cpp"},  // what Prometheus asks
    {"curses.h", "cmd/top.cpp"},
    {"onnx/", "lib/compile/import/"},
    {"google/protobuf", "lib/compile/import/"},
    {"archive", "lib/neff/"},
    {"isa-l/", "lib/neff/"},
    {"isa-l/", "lib/compile/import/tensorflow/bundle.cpp"},  // checksums of checkpoints
    {"zlib.h", "lib/view/"},                                 // the data of a mailed page
    {"sqlite3.h", "lib/view/"},
    {"openssl/", "lib/base/"},
};

// "lib/neff/header.h" and "neff/header.h" are both of the floor "neff".
std::string floor_of(std::string path) {
  if (path.starts_with("lib/")) path.erase(0, 4);
  const std::string floor = path.substr(0, path.find('/'));
  return kMayInclude.count(floor) ? floor : "";
}

TEST_CASE("every include points down the floors") {
  std::size_t seen = 0;
  for (const Source& source : sources({"lib", "sim", "cmd"})) {
    const std::string from = floor_of(source.path);
    INFO(source.path);
    REQUIRE(!from.empty());
    for (const auto& [number, header] : includes_of(source)) {
      const std::string to = floor_of(header);
      if (to.empty() || to == from) continue;
      ++seen;
      INFO("line " << number << ": " << header);
      CHECK(kMayInclude.at(from).count(to) == 1);
    }
  }
  CHECK(seen > 50);  // the reader of includes itself works
}

TEST_CASE("our own headers are named by their full path") {
  const fs::path top = NEURON_SOURCE_DIR;
  for (const Source& source : sources({"lib", "sim", "cmd"}))
    for (const auto& [number, header] : includes_of(source)) {
      if (source.lines[number - 1].find('"') == std::string::npos) continue;
      INFO(source.path << ":" << number << ": " << header);
      CHECK((fs::exists(top / header) || fs::exists(top / "lib" / header)));
    }
}

TEST_CASE("each guest library stays in its homes") {
  const fs::path top = NEURON_SOURCE_DIR;
  for (const Source& source : sources({"lib", "sim", "cmd"}))
    for (const auto& [number, header] : includes_of(source)) {
      std::string homes;
      bool at_home = false;
      for (const Guest& guest : kGuests) {
        if (!header.starts_with(guest.prefix) || fs::exists(top / "lib" / header)) continue;
        homes += std::string(" ") + guest.home;
        at_home = at_home || source.path.starts_with(guest.home);
      }
      INFO(source.path << ":" << number << ": " << header << " belongs to" << homes);
      CHECK((homes.empty() || at_home));
    }
}
