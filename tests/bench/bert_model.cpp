// SPDX-License-Identifier: Apache-2.0
// Writes a model of the size and form of BERT-base: bert_model FILE [LAYERS [LENGTH]]. Weights are
// seeded noise of the usual spread; what is measured with it is time, not sense.
#include <onnx/onnx_pb.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

namespace {

constexpr std::int64_t kWidth = 768, kHeads = 12, kInner = 3072, kWords = 30522;

class Model {
 public:
  explicit Model(std::int64_t length) : length_(length) {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(17);
    model_.mutable_graph()->set_name("bert-base");
  }

  void build(int layers) {
    input("input_ids", onnx::TensorProto::INT64);
    weights("words", {kWords, kWidth});
    weights("places", {1, length_, kWidth});
    std::string x = node("Add", {node("Gather", {"words", "input_ids"}), "places"});
    x = norm(x, "embedding");
    for (int i = 0; i < layers; ++i) x = layer(x, "layer" + std::to_string(i));
    rename_last("last_hidden_state");
    output("last_hidden_state");
  }
  bool write(const char* path) {
    std::ofstream out(path, std::ios::binary);
    return model_.SerializeToOstream(&out) && out.flush();
  }

 private:
  using Names = std::vector<std::string>;

  onnx::GraphProto& graph() { return *model_.mutable_graph(); }
  static void form(onnx::ValueInfoProto& v, const std::string& name, int type,
                   const std::vector<std::int64_t>& shape) {
    v.set_name(name);
    auto& tensor = *v.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (std::int64_t n : shape) tensor.mutable_shape()->add_dim()->set_dim_value(n);
  }
  void input(const std::string& name, int type) {
    form(*graph().add_input(), name, type, {1, length_});
  }
  void output(const std::string& name) {
    form(*graph().add_output(), name, onnx::TensorProto::FLOAT, {1, length_, kWidth});
  }
  std::string weights(const std::string& name, const std::vector<std::int64_t>& shape,
                      float mean = 0) {
    std::int64_t count = 1;
    for (std::int64_t n : shape) count *= n;
    std::normal_distribution<float> pick(mean, 0.02f);
    std::string bytes(static_cast<std::size_t>(count) * sizeof(float), '\0');
    auto* to = reinterpret_cast<float*>(bytes.data());
    for (std::int64_t i = 0; i < count; ++i) to[i] = pick(random_);
    constant(name, onnx::TensorProto::FLOAT, shape, bytes);
    return name;
  }
  std::string number(float value) {
    const std::string name = "number" + std::to_string(next_++);
    constant(name, onnx::TensorProto::FLOAT, {},
             std::string(reinterpret_cast<const char*>(&value), sizeof value));
    return name;
  }
  std::string shape(const std::vector<std::int64_t>& sizes) {
    const std::string name = "shape" + std::to_string(next_++);
    constant(name, onnx::TensorProto::INT64, {static_cast<std::int64_t>(sizes.size())},
             std::string(reinterpret_cast<const char*>(sizes.data()), sizes.size() * 8));
    return name;
  }
  void constant(const std::string& name, int type, const std::vector<std::int64_t>& dims,
                const std::string& bytes) {
    auto& t = *graph().add_initializer();
    t.set_name(name);
    t.set_data_type(type);
    for (std::int64_t n : dims) t.add_dims(n);
    t.set_raw_data(bytes);
  }
  std::string node(const std::string& op, const Names& inputs,
                   const std::vector<std::int64_t>& perm = {}) {
    auto& n = *graph().add_node();
    n.set_op_type(op);
    n.set_name(op + std::to_string(next_++));
    for (const std::string& i : inputs) n.add_input(i);
    n.add_output(n.name() + "_out");
    if (!perm.empty()) {
      auto& a = *n.add_attribute();
      a.set_name("perm");
      a.set_type(onnx::AttributeProto::INTS);
      for (std::int64_t p : perm) a.add_ints(p);
    }
    return n.output(0);
  }
  void rename_last(const std::string& name) {
    graph().mutable_node(graph().node_size() - 1)->set_output(0, name);
  }
  std::string norm(const std::string& x, const std::string& name) {
    return node("LayerNormalization",
                {x, weights(name + ".scale", {kWidth}, 1), weights(name + ".shift", {kWidth})});
  }
  std::string dense(const std::string& x, const std::string& name, std::int64_t from,
                    std::int64_t to) {
    return node("Add", {node("MatMul", {x, weights(name + ".weight", {from, to})}),
                        weights(name + ".bias", {to})});
  }
  std::string heads(const std::string& x, const std::vector<std::int64_t>& perm) {
    const auto parts = node("Reshape", {x, shape({1, length_, kHeads, kWidth / kHeads})});
    return node("Transpose", {parts}, perm);
  }
  /// x / 2 * (1 + erf(x / sqrt(2))), as exporters write it.
  std::string gelu(const std::string& x) {
    const auto erf = node("Erf", {node("Div", {x, number(1.41421356f)})});
    return node("Mul", {node("Mul", {x, node("Add", {erf, number(1)})}), number(0.5f)});
  }
  std::string layer(const std::string& x, const std::string& name) {
    const auto q = heads(dense(x, name + ".query", kWidth, kWidth), {0, 2, 1, 3});
    const auto k = heads(dense(x, name + ".key", kWidth, kWidth), {0, 2, 3, 1});
    const auto v = heads(dense(x, name + ".value", kWidth, kWidth), {0, 2, 1, 3});
    const auto scores = node("Div", {node("MatMul", {q, k}), number(8)});
    const auto mixed = node("MatMul", {node("Softmax", {scores}), v});
    const auto joined =
        node("Reshape", {node("Transpose", {mixed}, {0, 2, 1, 3}), shape({1, length_, kWidth})});
    const auto seen =
        norm(node("Add", {dense(joined, name + ".out", kWidth, kWidth), x}), name + ".norm1");
    const auto inner = gelu(dense(seen, name + ".inner", kWidth, kInner));
    return norm(node("Add", {dense(inner, name + ".outer", kInner, kWidth), seen}),
                name + ".norm2");
  }

  onnx::ModelProto model_;
  std::int64_t length_;
  std::mt19937 random_{1};
  int next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: bert_model FILE [LAYERS [LENGTH]]\n";
    return 2;
  }
  Model model(argc > 3 ? std::atoll(argv[3]) : 128);
  model.build(argc > 2 ? std::atoi(argv[2]) : 12);
  if (model.write(argv[1])) return 0;
  std::cerr << "bert_model: " << argv[1] << ": cannot write\n";
  return 3;
}
