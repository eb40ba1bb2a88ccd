// SPDX-License-Identifier: Apache-2.0
// Operators of the CPU where the ONNX cases of Debian do not look: exact integers, bounds of open
// shapes, hostile arguments.
#include <limits>

#include "base/stored.h"
#include "cpu/cpu.h"
#include "tests/catch.h"

using namespace neuron;

namespace {

template <class T>
Tensor tensor(DType type, const Shape& shape, const std::vector<T>& data) {
  Tensor t{type, shape, Bytes(data.size() * sizeof(T))};
  std::memcpy(t.bytes.data(), data.data(), t.bytes.size());
  return t;
}
Tensor int64s(const Shape& shape, const std::vector<std::int64_t>& data) {
  return tensor(DType::Int64, shape, data);
}
template <class T>
std::vector<T> numbers(const Tensor& t) {
  std::vector<T> out(t.bytes.size() / sizeof(T));
  std::memcpy(out.data(), t.bytes.data(), t.bytes.size());
  return out;
}

struct Call {
  std::vector<Tensor> inputs;
  Attributes attributes = {};
  std::int64_t opset = 13;
  bool only_forms = false;
  std::size_t outputs = 1;
  std::vector<Tensor> out = {};
  std::vector<std::pair<std::size_t, std::size_t>> open = {};

  std::optional<std::string> run(const char* op) {
    cpu::Step step{
        .op = {}, .attributes = attributes, .opset = opset, .inputs = {}, .outputs = outputs};
    step.only_forms = only_forms;
    std::vector<cpu::Operand> operands;
    for (const Tensor& t : inputs) operands.push_back({t.type, t.shape, t.bytes, !only_forms});
    for (const cpu::Operand& o : operands) step.inputs.push_back(&o);
    auto words = cpu::run(op, step);
    out = std::move(step.out);
    open = std::move(step.open);
    return words;
  }
};

}  // namespace

TEST_CASE("64-bit integers stay exact on the CPU") {
  const std::int64_t big = (std::int64_t{1} << 62) + 1,
                     least = std::numeric_limits<std::int64_t>::min();
  Call add{{int64s({2}, {big, least}), int64s({2}, {1, -1})}};
  REQUIRE(!add.run("Add"));
  CHECK(numbers<std::int64_t>(add.out[0]) ==
        std::vector<std::int64_t>{big + 1, std::numeric_limits<std::int64_t>::max()});
  Call divide{{int64s({3}, {big, least, 7}), int64s({3}, {2, -1, 0})}};
  REQUIRE(!divide.run("Div"));
  CHECK(numbers<std::int64_t>(divide.out[0]) == std::vector<std::int64_t>{big / 2, least, 0});
  const std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
  Call most{{tensor<std::uint64_t>(DType::UInt64, {2}, {top, 1}),
             tensor<std::uint64_t>(DType::UInt64, {2}, {1, top - 1})}};
  REQUIRE(!most.run("Max"));
  CHECK(numbers<std::uint64_t>(most.out[0]) == std::vector<std::uint64_t>{top, top - 1});
}

TEST_CASE("forms of results whose shape data tell are the largest, with the open axes") {
  const Tensor x = tensor<float>(DType::Float32, {2, 3}, {0, 1, 2, 0, 0, 3});
  Call places{{x}};
  places.only_forms = true;
  REQUIRE(!places.run("NonZero"));
  CHECK(places.out[0].shape == Shape{2, 6});
  CHECK(places.open == std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}});
  places.only_forms = false;
  REQUIRE(!places.run("NonZero"));
  CHECK(numbers<std::int64_t>(places.out[0]) == std::vector<std::int64_t>{0, 0, 1, 1, 2, 2});
}

TEST_CASE("arguments that do not belong together are refused with words") {
  const Tensor x = tensor<float>(DType::Float32, {2, 2}, {1, 2, 3, 4});
  const auto words = [](std::vector<Tensor> inputs, const char* op, Attributes attributes = {}) {
    Call call{std::move(inputs), std::move(attributes)};
    return call.run(op).value_or("it ran");
  };
  CHECK(words({x, int64s({1}, {5})}, "Gather") == "index 5 of an axis of 2");
  CHECK(words({x, int64s({1}, {-3})}, "Reshape") == "shape [-3] has a negative dimension");
  CHECK(words({x, int64s({2}, {1, std::int64_t{1} << 40})}, "Tile").find("too many elements") !=
        std::string::npos);
  CHECK(words({x}, "Softmax", {{"axis", std::int64_t{7}}}) == "axis is 7 of 2");
  CHECK(words({x, int64s({2}, {9, 9})}, "Slice") == "starts, ends, axes and steps do not fit");
  CHECK(words({x}, "Add") == "1 inputs and 1 outputs");
  CHECK(words({x, x, x}, "ScatterND").find("index") != std::string::npos);
}

TEST_CASE("a product with its second factor turned is that of the factor as it stands") {
  const Tensor a = tensor<double>(DType::Float64, {1, 2}, {1, 10}),
               b = tensor<double>(DType::Float64, {2, 2}, {1, 2, 3, 4});
  Call plain{{a, b}};
  REQUIRE(!plain.run("MatMul"));
  CHECK(numbers<double>(plain.out[0]) == std::vector<double>{31, 42});
  Call turned{{a, b}, {{"transB", std::int64_t{1}}}};
  REQUIRE(!turned.run("MatMul"));
  CHECK(numbers<double>(turned.out[0]) == std::vector<double>{21, 43});
}

TEST_CASE("numbers are quantized to packed integers and small floats, by blocks") {
  const Tensor x = tensor<float>(DType::Float32, {1, 4}, {1, -20, 3, 40}),
               scales = tensor<float>(DType::Float32, {1, 2}, {2, 4});
  const Tensor zeros{stored::Int4, {1, 2}, {std::byte{1}, std::byte{0}}};
  Call pack{{x, scales, zeros}, {{"axis", std::int64_t{1}}, {"block_size", std::int64_t{2}}}, 21};
  REQUIRE(!pack.run("QuantizeLinear"));
  CHECK(pack.out[0].type == stored::Int4);
  CHECK(numbers<std::int8_t>(pack.out[0]) == std::vector<std::int8_t>{1, -8, 1, 7});
  Call back{{pack.out[0], scales, zeros},
            {{"axis", std::int64_t{1}}, {"block_size", std::int64_t{2}}},
            21};
  REQUIRE(!back.run("DequantizeLinear"));
  CHECK(numbers<float>(back.out[0]) == std::vector<float>{0, -18, 4, 28});
  Call wrong{{x, tensor<float>(DType::Float32, {3}, {1, 1, 1})}, {}, 21};
  CHECK(wrong.run("QuantizeLinear") == "scales do not fit the axis");
}

TEST_CASE("a cast to a small float saturates unless told not to") {
  const Tensor x = tensor<float>(DType::Float32, {2}, {1000, -1000});
  const auto to = static_cast<std::int64_t>(stored::Fp8E4M3Fn);
  Call saturated{{x}, {{"to", to}}, 21};
  REQUIRE(!saturated.run("Cast"));
  CHECK(numbers<std::uint8_t>(saturated.out[0]) == std::vector<std::uint8_t>{0x7e, 0xfe});
  Call free{{x}, {{"to", to}, {"saturate", std::int64_t{0}}}, 21};
  REQUIRE(!free.run("Cast"));
  CHECK(numbers<std::uint8_t>(free.out[0]) == std::vector<std::uint8_t>{0x7f, 0x7f});
}
