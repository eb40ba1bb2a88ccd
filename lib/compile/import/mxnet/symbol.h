// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/import/draft.h"
#include "compile/import/onnx.h"

/// The rooms behind import/mxnet.h; nobody else includes it.
namespace neuron::compile::mxnet {

/// Output `port` of node `node`.
struct Edge {
  std::uint32_t node = 0, port = 0;
};
struct Operator {
  std::string op, name;
  std::vector<Edge> inputs;
  std::map<std::string, std::string> attributes;  ///< as the file has them: text
};
struct Symbol {
  std::vector<Operator> nodes;
  std::vector<Edge> heads;
  std::int64_t version = 0;  ///< MMmmpp; 0 for files of 0.8 and older
};
/// Dialects: attributes in "attrs", "attr" or "param"; references of two or three numbers.
Result<Symbol> read_symbol(ByteView bytes);
/// What parse() does behind reading.
Result<Graph> graph_of(Symbol symbol, const std::map<std::string, Tensor>& arrays,
                       const onnx::Options& options);

/// "node 'conv1' (Convolution)", for messages.
std::string title_of(const Operator& node);
/// As outputs of the graph are called: the node's name, or "NAME_output1".
std::string output_name(const Operator& node, std::uint32_t port);
/// The inputs that matter when nobody trains: those before labels.
std::size_t inputs_that_count(const Operator& node);
/// Nodes that heads depend on.
std::vector<bool> needed_of(const Symbol& symbol);

using Translate = Values (*)(Draft& d, const char* onnx);
struct Row {
  std::string_view op;
  std::size_t min_inputs, max_inputs;
  std::size_t labels;  ///< inputs at the end that only training reads
  Translate translate;
  const char* onnx;
};
const Row* find_row(std::string_view op);
Error unknown_operator(const std::string& op);

#define NEURON_MX(op, min, max, labels, function, word) Values function(Draft& d, const char* onnx);
#include "compile/import/mxnet/mx_rows.def"
#undef NEURON_MX

// Attributes are text: "(3, 3)", "True", "1e-05", "None" (which is as if it were absent).
std::int64_t int_at(Draft& d, const char* name, std::int64_t fallback);
double real_at(Draft& d, const char* name, double fallback);
bool flag_at(Draft& d, const char* name, bool fallback);
std::string word_at(Draft& d, const char* name, const char* fallback);
/// Numbers of a tuple, or the one number; empty when absent.
Ints tuple_at(Draft& d, const char* name);
/// The same; an entry that is None is nothing.
std::vector<std::optional<std::int64_t>> open_tuple_at(Draft& d, const char* name);
bool has_at(Draft& d, const char* name);
/// "float32"; stops the import for words that are no type.
DType type_at(Draft& d, const char* name, DType fallback);

/// Numbers in a text such as "(1, -1L, None)"; nothing when it is no such list.
std::optional<std::vector<std::optional<std::int64_t>>> numbers_in(std::string_view text);

}  // namespace neuron::compile::mxnet
