// SPDX-License-Identifier: Apache-2.0
#include "base/npy.h"

#include "tests/catch.h"

using namespace neuron;

TEST_CASE("what is written to npy is read back") {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{0, 4}}) {
    Tensor t{DType::BFloat16, shape, Bytes(static_cast<std::size_t>(count_of(shape)) * 2)};
    const Tensor back = REQUIRE_OK(npy::parse(npy::bytes_of(t)));
    CHECK(back.type == t.type);
    CHECK(back.shape == t.shape);
    CHECK(back.bytes == t.bytes);
  }
}

TEST_CASE("a damaged npy says what is wrong") {
  Bytes bytes = npy::bytes_of({DType::Float32, {2, 2}, Bytes(16)});
  bytes.pop_back();
  const auto result = npy::parse(bytes);
  REQUIRE(!result);
  CHECK(result.error().message ==
        "npy shape [2,2] of float32 needs 16 bytes, 15 follow the header");
}
