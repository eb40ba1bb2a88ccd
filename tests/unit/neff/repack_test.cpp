// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "neff/model.h"
#include "tests/catch.h"
#include "tests/conformance.h"
#include "tests/unit/neff/sample.h"

using namespace neuron;
using namespace neuron::neff;

namespace {

/// A directory that goes away at the end of the test.
struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "neff-test.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
};

std::size_t files_below(const fs::path& root) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) count += entry.is_regular_file();
  return count;
}

/// All constants of a package, by subgraph and variable.
std::map<std::string, Bytes> constants_of(const Package& package) {
  std::map<std::string, Bytes> all;
  const auto model = REQUIRE_OK(model_of(package));
  for (const Subgraph& s : model.subgraphs)
    for (const Variable& v : s.variables)
      if (v.kind == VariableKind::File) {
        const auto bytes = REQUIRE_OK(constant_of(package, s, v));
        all[s.name + "/" + v.name] = Bytes(bytes.begin(), bytes.end());
      }
  return all;
}

std::vector<Package> packages() {
  std::vector<Package> all{REQUIRE_OK(package_of(sample_model(), sample_build()))};
  if (const auto dir = conformance("neff"))
    for (const auto& file : fs::directory_iterator(*dir))
      if (file.path().extension() == ".neff") all.push_back(REQUIRE_OK(read(file.path())));
  return all;
}

}  // namespace

TEST_CASE("what unpack leaves as neff.tgz makes the same payload again, byte for byte") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const auto& file : fs::directory_iterator(*dir)) {
    if (file.path().extension() != ".neff") continue;
    INFO(file.path());
    const Scratch scratch;
    const auto package = REQUIRE_OK(read(file.path()));
    const auto count = REQUIRE_OK(unpack(file.path(), scratch.path / "out"));
    CHECK(count == files_below(scratch.path / "out"));
    CHECK(count == package.members.size() + 1);
    for (const Member& m : package.members)
      CHECK(REQUIRE_OK(read_file(scratch.path / "out" / m.path)) == m.bytes);
    const auto archive = REQUIRE_OK(read_file(scratch.path / "out/neff.tgz"));
    CHECK(archive == package.archive);
    const auto around = REQUIRE_OK(package_around(archive));
    CHECK(text_of(around.header.name) == text_of(package.header.name));
    CHECK(std::uint32_t{around.header.lnc_size} == std::uint32_t{package.header.lnc_size});
    REQUIRE_OK(write_around(around.header, archive, scratch.path / "again.neff"));
    const auto back = REQUIRE_OK(read(scratch.path / "again.neff"));
    CHECK(back.archive == package.archive);
    CHECK(hash_matches(back.header, back.archive));
    const auto files = REQUIRE_OK(package_from(scratch.path / "out"));
    CHECK(files.members.size() == package.members.size());
    for (const Member& m : files.members) CHECK(m.bytes == package.find(m.path)->bytes);
  }
}

TEST_CASE("unpack refuses a directory that is there, and replaces an unpacked package on request") {
  const Scratch scratch;
  const fs::path file = scratch.path / "a.neff", out = scratch.path / "out";
  const auto package = REQUIRE_OK(package_of(sample_model(), sample_build()));
  REQUIRE_OK(write(package, file, {}));
  fs::create_directories(out);
  const auto count = REQUIRE_OK(unpack(file, out));  // an empty one holds nothing to lose
  CHECK(files_below(out) == count);
  REQUIRE_OK(write_file(out / "sg00/def.json", view_of("old")));
  REQUIRE_OK(write_file(out / "old.txt", view_of("old")));
  CHECK(unpack(file, out).error().code == Code::Io);
  CHECK(fs::exists(out / "old.txt"));
  REQUIRE_OK(unpack(file, out, {.limits = {}, .replace = true}));
  CHECK(files_below(out) == count);
  CHECK(REQUIRE_OK(read_file(out / "sg00/def.json")) == package.find("sg00/def.json")->bytes);
  fs::remove(out / "neff.tgz");  // now it is nothing that unpack made
  CHECK(unpack(file, out, {.limits = {}, .replace = true}).error().code == Code::Io);
  fs::remove_all(out);
  fs::create_directory_symlink(scratch.path, out);
  CHECK(unpack(file, out, {.limits = {}, .replace = true}).error().code == Code::Io);
  CHECK(files_below(scratch.path) == 1);  // nothing half-made stays behind
}

TEST_CASE("unpack refuses names that differ in case only, and leaves nothing behind") {
  const Scratch scratch;
  auto package = REQUIRE_OK(package_of(sample_model(), sample_build()));
  package.members.push_back({"sg00/DEF.json", Bytes(3)});
  REQUIRE_OK(write(package, scratch.path / "a.neff", {}));
  const auto result = unpack(scratch.path / "a.neff", scratch.path / "out");
  REQUIRE(!result);
  CHECK(result.error().message.find("differ only in upper and lower case") != std::string::npos);
  CHECK(files_below(scratch.path) == 1);
}

TEST_CASE("names that file systems cannot hold are refused at the door") {
  const auto refused = [](const std::string& path) {
    auto package = REQUIRE_OK(package_of(sample_model(), {}));
    package.members.push_back({path, Bytes(3)});
    const auto bytes = bytes_of(package, Compression::Gzip);
    return bytes ? std::string() : bytes.error().message;
  };
  CHECK(refused(std::string(255, 'n')) == "");
  CHECK(refused(std::string(256, 'n')).find("more than 255 bytes") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 63; ++i) deep += "d/";
  CHECK(refused(deep + "f") == "");
  CHECK(refused(deep + "d/f").find("more than 64 directories deep") != std::string::npos);
}

TEST_CASE("limits of count, size and ratio are limits") {
  const Scratch scratch;
  const fs::path file = scratch.path / "a.neff";
  REQUIRE_OK(write(REQUIRE_OK(package_of(sample_model(), sample_build())), file, {}));
  CHECK(read(file, {.members = 3}).error().message.find("more than 3 members") !=
        std::string::npos);
  CHECK(read(file, {.bytes = 100}).error().message.find("more than 100 bytes") !=
        std::string::npos);
}

TEST_CASE("an optimized package holds the same constants and programs in fewer members") {
  for (Package& package : packages()) {
    INFO(text_of(package.header.name));
    const auto before = constants_of(package);
    const auto model = REQUIRE_OK(model_of(package));
    for (bool keep_debug : {false, true}) {
      const auto small = REQUIRE_OK(optimize(package, keep_debug));
      const auto bytes = REQUIRE_OK(bytes_of(small, Compression::None));
      const auto back = REQUIRE_OK(parse(bytes));
      CHECK(constants_of(back) == before);
      CHECK((back.header.feature_bits & 1) == 1);
      CHECK(std::uint64_t{back.header.neff_version_major} == 2);
      const auto after = REQUIRE_OK(model_of(back));
      for (std::size_t i = 0; i < model.subgraphs.size(); ++i) {
        CHECK(back.find(model.subgraphs[i].directory + "weights.bin"));
        for (std::size_t e = 0; e < model.subgraphs[i].engines.size(); ++e)
          CHECK(after.subgraphs[i].engines[e].instructions ==
                model.subgraphs[i].engines[e].instructions);
      }
      const auto debug = std::count_if(back.members.begin(), back.members.end(), [](auto& m) {
        return m.path.find(".dbg") != std::string::npos;
      });
      CHECK((debug > 0) == keep_debug);
      const auto twice = REQUIRE_OK(optimize(back, keep_debug));
      CHECK(REQUIRE_OK(bytes_of(twice, Compression::None)).size() == bytes.size());
    }
  }
}

TEST_CASE("equal constants of a subgraph lie once in the merged member") {
  Model model = sample_model();
  Subgraph& s = model.subgraphs[0];
  for (const char* name : {"copy_a", "copy_b"}) {
    Variable v = *s.find("weights");
    v.name = name;
    v.id = static_cast<std::uint32_t>(s.variables.size());
    s.variables.push_back(v);
    s.constants[name] = s.constants.at("weights");
  }
  const auto small = REQUIRE_OK(optimize(REQUIRE_OK(package_of(model, {})), false));
  CHECK(small.find("sg00/weights.bin")->bytes.size() == 64 + 8);  // weights padded, then bias
}

TEST_CASE("both package versions and both byte orders of a hash are known") {
  const auto package = REQUIRE_OK(package_of(sample_model(), {}));
  for (std::uint64_t version : {1, 2}) {
    Package copy = package;
    copy.header.pkg_version = version;
    const auto file = REQUIRE_OK(bytes_of(copy, Compression::Gzip));
    auto back = REQUIRE_OK(parse(file));
    CHECK(hash_matches(back.header, back.archive));
    for (std::size_t at = 0; at < 32; at += 4)
      std::reverse(&back.header.hash[at], &back.header.hash[at] + 4);
    CHECK(hash_matches(back.header, back.archive));
    back.header.hash[1] ^= std::byte{1};
    CHECK(!hash_matches(back.header, back.archive));
  }
}
