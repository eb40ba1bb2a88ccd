// SPDX-License-Identifier: Apache-2.0
#include "compile/checkpoint.h"

#include <set>

#include "base/json.h"
#include "compile/import/mxnet.h"
#include "compile/import/mxnet/symbol.h"
#include "compile/lower.h"
#include "compile/partition/host.h"
#include "compile/passes/passes.h"
#include "neff/neff.h"

namespace neuron::compile::mxnet {
namespace {

constexpr std::string_view kSubgraph = "_neuron_subgraph_op";

Place place_of(const Edge& edge) { return {edge.node, edge.port}; }

/// Takes a checkpoint apart into steps.
class Splitter {
 public:
  Splitter(const Symbol& symbol, Checkpoint& out)
      : symbol_(symbol), out_(out), needed_(needed_of(symbol)) {}
  Result<> run();

 private:
  /// The array of a variable, under the name that the file has, or null.
  Tensor* array_of(const Operator& node) {
    for (const char* prefix : {"arg:", "aux:", ""})
      if (const auto at = out_.arrays.find(prefix + node.name); at != out_.arrays.end())
        return &at->second;
    return nullptr;
  }
  bool is_package(const Operator& node) const { return node.op == kSubgraph; }
  void find_ports();
  Result<> check_ports() const;
  void add_variable(std::uint32_t index);
  Result<std::vector<std::string>> names_at(const Operator& node, const char* key) const;
  Result<> take_package(const Operator& node, Step& step);
  Result<> wire_package(const Operator& node, Step& step);
  void wire_host(const Operator& node, Step& step);

  const Symbol& symbol_;
  Checkpoint& out_;
  std::vector<bool> needed_;
  std::map<std::uint32_t, std::set<std::uint32_t>> ports_;  ///< outputs that somebody reads
};

void Splitter::find_ports() {
  for (const Edge& head : symbol_.heads) ports_[head.node].insert(head.port);
  for (std::size_t i = 0; i < symbol_.nodes.size(); ++i)
    for (const Edge& edge : symbol_.nodes[i].inputs)
      if (needed_[i]) ports_[edge.node].insert(edge.port);
}

void Splitter::add_variable(std::uint32_t index) {
  const Operator& node = symbol_.nodes[index];
  if (const Tensor* array = array_of(node))
    out_.constants[{index, 0}] = array;
  else
    out_.inputs.push_back({node.name, {index, 0}});
}

Result<std::vector<std::string>> Splitter::names_at(const Operator& node, const char* key) const {
  const auto at = node.attributes.find(key);
  if (at == node.attributes.end()) return fail(Code::Malformed, "attribute '{}' is missing", key);
  const Json list = TRY(json::parse(view_of(at->second)).within(key));
  std::vector<std::string> names;
  for (const Json& name : list) {
    if (!list.is_array() || !name.is_string())
      return fail(Code::Malformed, "attribute '{}' is {}, expected a list of names", key,
                  at->second);
    names.push_back(name.get<std::string>());
  }
  return names;
}

/// The first input of a subgraph is its package, as an array of bytes.
Result<> Splitter::take_package(const Operator& node, Step& step) {
  if (node.inputs.empty()) return fail(Code::Malformed, "no inputs, expected a package first");
  const Operator& source = symbol_.nodes[node.inputs[0].node];
  Tensor* array = array_of(source);
  if (!array || array->type != DType::UInt8)
    return fail(Code::Malformed,
                "array '{}' {}, expected the package as uint8; are these the .params of this "
                "symbol?",
                source.name, array ? fmt::format("is {}", name_of(array->type)) : "is missing");
  if (array->bytes.empty())
    return fail(Code::Malformed, "the package '{}' is empty, or read twice", source.name);
  step.neff = std::move(array->bytes);
  *array = {DType::UInt8, {0}, {}};  // whoever else reads it finds nothing
  return {};
}

Result<> Splitter::wire_package(const Operator& node, Step& step) {
  TRY(take_package(node, step));
  const auto inputs = TRY(names_at(node, "data_names"));
  const auto outputs = TRY(names_at(node, "output_names"));
  if (inputs.size() + 1 != node.inputs.size())
    return fail(Code::Malformed, "{} data_names for {} inputs beside the package", inputs.size(),
                node.inputs.size() - 1);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    step.inputs.push_back({inputs[i], place_of(node.inputs[i + 1])});
  for (std::uint32_t o = 0; o < outputs.size(); ++o)
    step.outputs.push_back({outputs[o], {step.node, o}});
  for (const std::uint32_t port : ports_[step.node])
    if (port >= outputs.size())
      return fail(Code::Malformed, "output {} is read, it has {}", port, outputs.size());
  return {};
}

void Splitter::wire_host(const Operator& node, Step& step) {
  for (std::size_t k = 0; k < inputs_that_count(node); ++k) {
    const Edge& edge = node.inputs[k];
    const Operator& source = symbol_.nodes[edge.node];
    if (source.op == "null" && array_of(source)) continue;  // it becomes a constant
    step.inputs.push_back({fmt::format("{}.input{}", node.name, k), place_of(edge)});
  }
  for (const std::uint32_t port : ports_[step.node])
    step.outputs.push_back({output_name(node, port), {step.node, port}});
}

/// Variables have one value.
Result<> Splitter::check_ports() const {
  for (const auto& [index, ports] : ports_) {
    const Operator& node = symbol_.nodes[index];
    if (node.op == "null" && *ports.rbegin() > 0)
      return fail(Code::Malformed, "output {} of variable '{}' is read, it has 1", *ports.rbegin(),
                  node.name);
  }
  return {};
}

Result<> Splitter::run() {
  find_ports();
  TRY(check_ports());
  for (std::uint32_t i = 0; i < symbol_.nodes.size(); ++i) {
    const Operator& node = symbol_.nodes[i];
    if (!needed_[i]) continue;
    if (node.op == "null") {
      add_variable(i);
      continue;
    }
    Step step{i, node.name, node.op, {}, {}, {}};
    if (is_package(node))
      TRY(wire_package(node, step).within(title_of(node)));
    else
      wire_host(node, step);
    out_.steps.push_back(std::move(step));
  }
  for (const Edge& head : symbol_.heads)
    out_.outputs.push_back({output_name(symbol_.nodes[head.node], head.port), place_of(head)});
  return {};
}

/// The node with variables for all that it reads; what has an array keeps its name.
Symbol alone(const Symbol& whole, const Step& step) {
  Symbol symbol;
  symbol.version = whole.version;
  Operator node = whole.nodes[step.node];
  auto wire = step.inputs.begin();
  for (std::uint32_t k = 0; k < node.inputs.size(); ++k) {
    Operator& variable = symbol.nodes.emplace_back();
    variable = {"null", whole.nodes[node.inputs[k].node].name, {}, {}};
    if (wire != step.inputs.end() && wire->name == fmt::format("{}.input{}", node.name, k))
      variable.name = (wire++)->name;
    node.inputs[k] = {k, 0};
  }
  const auto last = static_cast<std::uint32_t>(symbol.nodes.size());
  symbol.nodes.push_back(std::move(node));
  for (const Step::Wire& output : step.outputs) symbol.heads.push_back({last, output.place.port});
  return symbol;
}

Result<Graph> graph_of_step(const Checkpoint& checkpoint, const Step& step, const Known& known) {
  onnx::Options options;
  for (const Step::Wire& input : step.inputs) {
    const Tensor& value = known.at(input.place);
    options.io.inputs[input.name] = {value.shape, value.type};
  }
  Graph graph = TRY(graph_of(alone(*checkpoint.symbol, step), checkpoint.arrays, options));
  TRY(verify(graph));
  TRY(passes::run_all(graph));
  TRY(passes::check_canonical(graph));
  TRY(passes::rewrite_each(
      graph, [](Graph& g, const Node& node) -> Result<std::optional<std::vector<Node>>> {
        if (host::is_host(node)) return std::optional<std::vector<Node>>{};
        return host::moved(g, node, "the symbol has it outside of subgraphs");
      }));
  TRY(verify(graph));
  return graph;
}

}  // namespace

bool is_checkpoint(const fs::path& path) {
  const auto file = MappedFile::open(path);
  return file && (is_params((*file)->bytes()) || is_symbol((*file)->bytes()));
}

Result<Checkpoint> checkpoint_of(ByteView symbol, Arrays arrays) {
  Checkpoint checkpoint;
  checkpoint.arrays = std::move(arrays);
  Symbol read = TRY(read_symbol(symbol));
  Splitter splitter(read, checkpoint);
  TRY(splitter.run());
  checkpoint.symbol = std::make_shared<const Symbol>(std::move(read));
  return checkpoint;
}

Result<Checkpoint> read_checkpoint(const fs::path& path) {
  const auto file = TRY(MappedFile::open(path));
  const bool arrays_first = is_params(file->bytes());
  const fs::path symbol_path = arrays_first ? symbol_beside(path) : path;
  std::optional<fs::path> arrays_path = path;
  if (!arrays_first) arrays_path = TRY(params_beside(path).within(path.string()));
  Arrays arrays;
  if (arrays_path) {
    const auto packed = TRY(MappedFile::open(*arrays_path));
    arrays = TRY(read_params(packed->bytes()).within(arrays_path->string()));
  }
  const Bytes text = TRY(read_file(symbol_path));
  return checkpoint_of(text, std::move(arrays)).within(symbol_path.string());
}

Result<Bytes> host_package(const Checkpoint& checkpoint, const Step& step, const Known& known) {
  const std::string title = title_of(checkpoint.symbol->nodes[step.node]);
  Graph graph = TRY(graph_of_step(checkpoint, step, known));
  graph.name = step.name;
  Options options;
  options.target = isa::find_target("trn2");
  std::vector<std::string> warnings;
  const auto package = TRY(lower(std::move(graph), options, warnings).within(title));
  return neff::bytes_of(package, neff::Compression::None);
}

}  // namespace neuron::compile::mxnet
