// SPDX-License-Identifier: Apache-2.0
#include "neff/extract.h"

#include <set>

#include "neff/diff.h"
#include "tests/catch.h"
#include "tests/conformance.h"
#include "tests/unit/neff/sample.h"

using namespace neuron;
using namespace neuron::neff;

namespace {

Bytes sample_file() {
  const auto package = REQUIRE_OK(package_of(sample_model(), sample_build()));
  return REQUIRE_OK(neff::bytes_of(package, Compression::Gzip));
}

Bytes around(std::initializer_list<ByteView> parts) {
  Writer out;
  for (ByteView part : parts) out.append(part);
  return std::move(out).take();
}

std::vector<Embedded> found_in(ByteView file) {
  std::vector<Embedded> found;
  REQUIRE_OK(find_packages(SharedBytes::borrowed(file), [&](const Embedded& e) {
    found.push_back(e);
    return Result<>();
  }));
  return found;
}

}  // namespace

TEST_CASE("packages are found at any offset, one behind the other") {
  const Bytes neff = sample_file();
  for (std::size_t before : {0, 1, 7, 8, 1023, 4097}) {
    const Bytes file = around({Bytes(before, std::byte{4}), neff, Bytes(3), neff});
    const auto found = found_in(file);
    REQUIRE(found.size() == 2);
    CHECK(found[0].offset == before);
    CHECK(found[1].offset == before + neff.size() + 3);
    for (const Embedded& e : found) {
      CHECK(e.hash_form == "MD5");
      CHECK(std::equal(e.bytes.begin(), e.bytes.end(), neff.begin(), neff.end()));
    }
  }
}

TEST_CASE("a package that was changed or cut is named, and the next one is still found") {
  const Bytes neff = sample_file();
  Bytes changed = neff;
  changed.back() ^= std::byte{1};
  auto found = found_in(around({changed, neff}));
  REQUIRE(found.size() == 2);
  CHECK(found[0].reason == "its hash does not hold");
  CHECK(found[1].hash_form == "MD5");
  found = found_in(ByteView(neff).first(neff.size() - 1));
  REQUIRE(found.size() == 1);
  CHECK(found[0].reason.starts_with("it ends early"));
  CHECK(found[0].bytes.empty());
}

TEST_CASE("bytes that only look a little like a header are passed by") {
  Bytes noise(100000);
  for (std::size_t at = 0; at + 16 < noise.size(); at += 40) {
    noise[at] = std::byte{2};
    noise[at + 9] = std::byte{4};
  }
  CHECK(found_in(noise).empty());
  CHECK(found_in({}).empty());
  CHECK(found_in(ByteView(noise).first(20)).empty());
}

TEST_CASE("every real package is found in a file around it") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const auto& entry : fs::directory_iterator(*dir)) {
    if (entry.path().extension() != ".neff") continue;
    INFO(entry.path());
    const Bytes neff = REQUIRE_OK(read_file(entry.path()));
    const Bytes file = around({Bytes(5), neff, Bytes(5)});
    const auto found = found_in(file);
    REQUIRE(found.size() == 1);
    CHECK(found[0].size == neff.size());
    CHECK(found[0].hash_form.starts_with("MD5"));
  }
}

TEST_CASE(
    "a package does not differ from itself, and differs from a changed one where it was changed") {
  const auto package = REQUIRE_OK(parse(sample_file()));
  CHECK(REQUIRE_OK(differences_of(package, package, {})).empty());
  Model m = sample_model();
  m.subgraphs[0].queues[0].rings = 1;
  m.subgraphs[0].queues[0].semaphores = {8};
  const auto built = REQUIRE_OK(package_of(m, sample_build()));
  const auto other = REQUIRE_OK(parse(REQUIRE_OK(neff::bytes_of(built, Compression::Gzip))));
  std::set<std::string> things;
  for (const Difference& d : REQUIRE_OK(differences_of(package, other, {})))
    if (d.part != "header") things.insert(d.part + " " + d.thing);
  CHECK(things == std::set<std::string>{"members sg00/def.json", "queues sg00 qSPIO0"});
}
