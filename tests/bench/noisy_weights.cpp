// SPDX-License-Identifier: Apache-2.0
// Fills a model of ONNX whose weights are ConstantOfShape: noisy_weights MODEL FILE. Each weight
// becomes seeded noise between 0 and twice what it was, so that a package of it compresses as a
// trained one does; what is measured with it is time and memory, not sense.
#include <onnx/onnx_pb.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <vector>

namespace {

using Shape = std::vector<std::int64_t>;

/// The numbers of an initializer of int64, wherever it keeps them.
Shape shape_in(const onnx::TensorProto& t) {
  Shape shape(t.int64_data().begin(), t.int64_data().end());
  if (!t.has_raw_data()) return shape;
  shape.resize(t.raw_data().size() / sizeof(std::int64_t));
  std::memcpy(shape.data(), t.raw_data().data(), shape.size() * sizeof(std::int64_t));
  return shape;
}

float value_of(const onnx::NodeProto& node) {
  for (const auto& a : node.attribute()) {
    if (a.name() != "value") continue;
    if (a.t().float_data_size() > 0) return a.t().float_data(0);
    float value = 0;
    if (a.t().raw_data().size() == sizeof(value))
      std::memcpy(&value, a.t().raw_data().data(), sizeof(value));
    return value;
  }
  return 0;
}

onnx::TensorProto noise(const std::string& name, const Shape& shape, float value,
                        std::mt19937& random) {
  onnx::TensorProto out;
  out.set_name(name);
  out.set_data_type(onnx::TensorProto::FLOAT);
  std::size_t count = 1;
  for (const std::int64_t dim : shape) {
    out.add_dims(dim);
    count *= static_cast<std::size_t>(dim);
  }
  std::uniform_real_distribution<float> pick(0, 2 * value);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = pick(random);
  out.set_raw_data(numbers.data(), count * sizeof(float));
  return out;
}

void fill(onnx::GraphProto& graph) {
  std::map<std::string, Shape> shapes;
  for (const auto& t : graph.initializer())
    if (t.data_type() == onnx::TensorProto::INT64) shapes[t.name()] = shape_in(t);
  std::mt19937 random(1);
  google::protobuf::RepeatedPtrField<onnx::NodeProto> kept;
  for (const auto& node : graph.node()) {
    const auto shape =
        node.op_type() == "ConstantOfShape" ? shapes.find(node.input(0)) : shapes.end();
    if (shape == shapes.end())
      *kept.Add() = node;
    else
      *graph.add_initializer() = noise(node.output(0), shape->second, value_of(node), random);
  }
  graph.mutable_node()->Swap(&kept);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "noisy_weights MODEL FILE\n", 1;
  std::ifstream in(argv[1], std::ios::binary);
  onnx::ModelProto model;
  if (!model.ParseFromIstream(&in)) return std::cerr << argv[1] << ": not a model of ONNX\n", 1;
  fill(*model.mutable_graph());
  std::ofstream out(argv[2], std::ios::binary);
  if (!model.SerializeToOstream(&out) || !out.flush())
    return std::cerr << argv[2] << ": cannot be written\n", 1;
  return 0;
}
