// SPDX-License-Identifier: Apache-2.0
// Programs of CPU nodes: written, read back, run; damaged ones are refused.
#include "cpu/program.h"

#include "tests/catch.h"

using namespace neuron;

namespace {

Tensor floats(const Shape& shape, const std::vector<float>& data) {
  Tensor t{DType::Float32, shape, Bytes(data.size() * sizeof(float))};
  std::memcpy(t.bytes.data(), data.data(), t.bytes.size());
  return t;
}
cpu::Operand view_of(const Tensor& t) { return {t.type, t.shape, t.bytes, true}; }

/// The places of x that are above 1, in room for six of them.
cpu::Program places_of_large() {
  cpu::Program p;
  p.values = {{"x", DType::Float32, {2, 3}, false},
              {"one", DType::Float32, {}, false},
              {"large", DType::Bool, {2, 3}, false},
              {"places", DType::Int64, {2, 6}, true}};
  p.inputs = {0};
  p.outputs = {{3, false}, {3, true}};
  p.calls = {{"Constant", "one", 0, {{"value", floats({}, {1})}}, {}, {1}},
             {"Greater", "compare", 13, {}, {0, 1}, {2}},
             {"NonZero", "find", 13, {}, {2}, {3}}};
  return p;
}

std::optional<std::string> run(const cpu::Program& p, const Tensor& x,
                               std::vector<std::int64_t>& out, const Shape& room = {2, 6}) {
  const Shape rank{2};
  out.assign(14, -1);
  const auto bytes = std::as_writable_bytes(std::span(out));
  const cpu::Operand in = view_of(x);
  const cpu::Room rooms[] = {{&room, bytes.first(96)}, {&rank, bytes.subspan(96)}};
  return cpu::run(p, {&in, 1}, rooms);
}

}  // namespace

TEST_CASE("a result whose shape data tell fills a corner of its room, and its shape is beside it") {
  const auto program = cpu::decode(cpu::encode(places_of_large()));
  REQUIRE(program);
  std::vector<std::int64_t> out;
  REQUIRE(!run(*program, floats({2, 3}, {0, 2, 1, 5, 0, 3}), out));
  CHECK(out == std::vector<std::int64_t>{0, 1, 1, 0, 0, 0, 1, 0, 2, 0, 0, 0, 2, 3});
}

TEST_CASE("what does not fit is told by name") {
  std::vector<std::int64_t> out;
  const Tensor x = floats({2, 3}, {0, 2, 1, 5, 0, 3});
  CHECK(run(places_of_large(), x, out, {2, 2}) ==
        "places is [2,3], the package was compiled for [2,2]");
  CHECK(run(places_of_large(), floats({2, 2}, {1, 2, 3, 4}), out) ==
        "compare: large is [2,2], the package was compiled for [2,3]");
  cpu::Program p = places_of_large();
  p.calls[2].op = "NonSense";
  CHECK(run(p, x, out) == "find (NonSense): the CPU has no operator NonSense");
  p = places_of_large();
  p.calls.erase(p.calls.begin());
  CHECK(run(p, x, out) == "compare: an input is not computed yet");
}

TEST_CASE("a program cut or changed anywhere is refused or stays in its bounds") {
  const Bytes whole = cpu::encode(places_of_large());
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(!cpu::decode(ByteView(whole).first(size)));
  std::vector<std::int64_t> out;
  const Tensor x = floats({2, 3}, {0, 2, 1, 5, 0, 3});
  std::size_t read = 0;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int change : {1, 0x80, 0xff}) {
      Bytes bytes = whole;
      bytes[at] ^= static_cast<std::byte>(change);
      const auto program = cpu::decode(bytes);
      if (!program || program->inputs.size() != 1 || program->outputs.size() != 2) continue;
      ++read;
      (void)run(*program, x, out);  // the sanitizers watch
    }
  CHECK(read > 0);
}
