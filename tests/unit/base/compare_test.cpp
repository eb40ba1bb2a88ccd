// SPDX-License-Identifier: Apache-2.0
#include "base/compare.h"

#include <cmath>

#include "base/npy.h"
#include "base/npz.h"
#include "tests/catch.h"

using namespace neuron;

namespace {

Tensor floats(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {DType::Float32,
          {static_cast<std::int64_t>(values.size())},
          Bytes(bytes.begin(), bytes.end())};
}

/// A zip of one stored member, as numpy.savez writes it but for the checksum, which nobody reads.
Bytes zip_of(const std::string& name, const Bytes& data, std::uint16_t method = 0) {
  Writer out;
  const auto sizes = [&] {
    out.put(std::uint32_t{0});  // checksum
    out.put(static_cast<std::uint32_t>(data.size()));
    out.put(static_cast<std::uint32_t>(data.size()));
    out.put(static_cast<std::uint16_t>(name.size()));
    out.put(std::uint16_t{0});  // extra
  };
  out.put(std::uint32_t{0x04034b50});
  out.zeros(4);
  out.put(method);
  out.zeros(4);
  sizes();
  out.append(view_of(name));
  out.append(data);
  const auto directory = static_cast<std::uint32_t>(out.size());
  out.put(std::uint32_t{0x02014b50});
  out.zeros(6);
  out.put(method);
  out.zeros(4);
  sizes();
  out.zeros(14);  // comment, disk, attributes, offset
  out.append(view_of(name));
  out.put(std::uint32_t{0x06054b50});
  out.zeros(6);
  out.put(std::uint16_t{1});
  out.zeros(4);
  out.put(directory);
  out.zeros(2);
  return std::move(out).take();
}

}  // namespace

TEST_CASE("tensors are compared within a tolerance, and NaN equals NaN only") {
  const Tensor expected = floats({1, 2, NAN, 4});
  CHECK(REQUIRE_OK(compare(floats({1, 2.001f, NAN, 4}), expected, {})).outside == 0);
  const auto d = REQUIRE_OK(compare(floats({1, 2, NAN, 5}), expected, {}));
  CHECK(d.outside == 1);
  CHECK(d.worst == 3);
  CHECK(d.value == 5);
  CHECK(REQUIRE_OK(compare(floats({1, NAN, NAN, 4}), expected, {})).outside == 1);
  CHECK(REQUIRE_OK(compare(floats({1, 2, 3, 4}), expected, {})).outside == 1);
  CHECK_FALSE(compare(floats({1}), expected, {}));
}

TEST_CASE("tensors of an npz file are found by name, and its lies are told") {
  const Tensor value = floats({1, 2, 3});
  const Bytes whole = zip_of("x.npy", npy::bytes_of(value));
  CHECK(npz::is_npz(whole));
  const auto tensors = REQUIRE_OK(npz::parse(whole));
  REQUIRE(tensors.count("x") == 1);
  CHECK(tensors.at("x").bytes == value.bytes);
  CHECK_FALSE(npz::parse(zip_of("x.npy", npy::bytes_of(value), 8)));
  for (std::size_t cut = 1; cut < whole.size(); cut += 7)
    CHECK_FALSE(npz::parse(ByteView(whole).first(whole.size() - cut)));
}
