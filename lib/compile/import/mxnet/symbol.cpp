// SPDX-License-Identifier: Apache-2.0
#include "compile/import/mxnet/symbol.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "compile/import/mxnet.h"
#include "compile/unsupported.h"

namespace neuron::compile::mxnet {
namespace {

constexpr Row kRows[] = {
#define NEURON_MX(op, min, max, labels, function, onnx) {op, min, max, labels, function, onnx},
#include "compile/import/mxnet/mx_rows.def"
#undef NEURON_MX
};
constexpr Advice kAdvice[] = {
#define NEURON_MX_ADVICE(op, form) {op, form},
#include "compile/import/mxnet/mx_advice.def"
#undef NEURON_MX_ADVICE
};

Result<Edge> edge_of(const Json& value, std::size_t before) {
  if (!value.is_array() || value.size() < 2 || value.size() > 3 ||
      !json::holds<std::uint32_t>(value[0]) || !json::holds<std::uint32_t>(value[1]))
    return fail(Code::Malformed, "{} is no reference to a node", json::text_of(value));
  const Edge edge{value[0].get<std::uint32_t>(), value[1].get<std::uint32_t>()};
  if (edge.node >= before)
    return fail(Code::Malformed, "it refers to node {} of the {} before it", edge.node, before);
  return edge;
}

void take_attributes(const Json& node, Operator& out) {
  for (const char* key : {"attr", "attrs", "param"}) {
    const Json* map = json::find(node, key);
    if (!map || !map->is_object()) continue;
    for (const auto& [name, value] : map->items())
      out.attributes[name] = value.is_string() ? value.get<std::string>() : json::text_of(value);
  }
}

Result<Operator> node_of(const Json& node, std::size_t index) {
  Operator out;
  out.op = TRY(json::get<std::string>(node, "op"));
  out.name = TRY(json::get<std::string>(node, "name"));
  take_attributes(node, out);
  const Json* inputs = json::find(node, "inputs");
  if (inputs && !inputs->is_array()) return fail(Code::Malformed, "\"inputs\" is no list");
  if (!inputs) return out;
  for (const Json& input : *inputs) {
    const Edge edge = TRY(edge_of(input, index));
    out.inputs.push_back(edge);
  }
  return out;
}

std::int64_t version_of(const Json& symbol) {
  const Json* attributes = json::find(symbol, "attrs");
  const Json* version = attributes ? json::find(*attributes, "mxnet_version") : nullptr;
  if (!version || !version->is_array() || version->size() != 2) return 0;
  return json::holds<std::int64_t>((*version)[1]) ? (*version)[1].get<std::int64_t>() : 0;
}

std::optional<std::string> given(Draft& d, const char* name) {
  const auto at = d.node().attributes.find(name);
  if (at == d.node().attributes.end()) return std::nullopt;
  const auto* text = std::get_if<std::string>(&at->second);
  if (!text || *text == "None") return std::nullopt;
  return *text;
}

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  if (text.starts_with("+")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

const Row* find_row(std::string_view op) {
  const auto at = std::find_if(std::begin(kRows), std::end(kRows),
                               [&](const Row& row) { return row.op == op; });
  return at == std::end(kRows) ? nullptr : at;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.op);
  std::sort(names.begin(), names.end());
  return names;
}

Error unknown_operator(const std::string& op) { return unsupported(op, kAdvice, operator_names()); }

bool is_symbol(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != text.npos && text[start] == '{' && text.find("\"nodes\"") != text.npos;
}

Result<Symbol> read_symbol(ByteView bytes) {
  const Json json = TRY(json::parse(bytes).within("not an MXNet symbol"));
  const Json* nodes = json::find(json, "nodes");
  if (!nodes || !nodes->is_array()) return fail(Code::Malformed, "\"nodes\" is no list");
  Symbol symbol;
  symbol.version = version_of(json);
  for (const Json& node : *nodes) {
    auto made = node_of(node, symbol.nodes.size());
    if (!made) return std::move(made).error().within(fmt::format("node {}", symbol.nodes.size()));
    symbol.nodes.push_back(std::move(*made));
  }
  const Json* heads = json::find(json, "heads");
  if (!heads || !heads->is_array() || heads->empty())
    return fail(Code::Malformed, "\"heads\" names no outputs");
  for (const Json& head : *heads) {
    const Edge edge = TRY(edge_of(head, symbol.nodes.size()).within("heads"));
    symbol.heads.push_back(edge);
  }
  return symbol;
}

std::optional<std::vector<std::optional<std::int64_t>>> numbers_in(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && (text.front() == '(' || text.front() == '['))
    text = text.substr(1, text.size() - 2);
  std::vector<std::optional<std::int64_t>> out;
  while (!trimmed(text).empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view word = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.ends_with("L")) word.remove_suffix(1);  // Python 2 wrote long numbers so
    if (word == "None") {
      out.emplace_back();
      continue;
    }
    const auto number = number_in<std::int64_t>(word);
    if (!number) return std::nullopt;
    out.emplace_back(*number);
  }
  return out;
}

bool has_at(Draft& d, const char* name) { return given(d, name).has_value(); }

std::string word_at(Draft& d, const char* name, const char* fallback) {
  return given(d, name).value_or(fallback);
}

double real_at(Draft& d, const char* name, double fallback) {
  const auto text = given(d, name);
  if (!text) return fallback;
  if (*text == "True" || *text == "False") return *text == "True" ? 1 : 0;
  if (const auto number = number_in<double>(trimmed(*text))) return *number;
  d.malformed("attribute '{}' is '{}', expected a number", name, *text);
  return fallback;
}

std::int64_t int_at(Draft& d, const char* name, std::int64_t fallback) {
  const auto text = given(d, name);
  if (!text) return fallback;
  const auto numbers = numbers_in(*text);
  if (numbers && numbers->size() == 1 && (*numbers)[0]) return *(*numbers)[0];
  const double real = real_at(d, name, static_cast<double>(fallback));
  if (std::abs(real) < 1e15) return static_cast<std::int64_t>(real);
  d.malformed("attribute '{}' is '{}', expected an integer", name, *text);
  return fallback;
}

bool flag_at(Draft& d, const char* name, bool fallback) {
  const auto text = given(d, name);
  if (!text) return fallback;
  if (*text == "True" || *text == "true" || *text == "1") return true;
  if (*text == "False" || *text == "false" || *text == "0") return false;
  d.malformed("attribute '{}' is '{}', expected True or False", name, *text);
  return fallback;
}

std::vector<std::optional<std::int64_t>> open_tuple_at(Draft& d, const char* name) {
  const auto text = given(d, name);
  if (!text) return {};
  if (auto numbers = numbers_in(*text)) return *numbers;
  d.malformed("attribute '{}' is '{}', expected a list of integers", name, *text);
  return {};
}

Ints tuple_at(Draft& d, const char* name) {
  Ints out;
  for (const auto& number : open_tuple_at(d, name)) {
    if (!number) d.malformed("attribute '{}' has None in it", name);
    out.push_back(number.value_or(0));
  }
  return out;
}

DType type_at(Draft& d, const char* name, DType fallback) {
  const auto text = given(d, name);
  if (!text) return fallback;
  if (const auto type = dtype_named(*text)) return *type;
  d.malformed("attribute '{}' is '{}', expected a type such as float32", name, *text);
  return fallback;
}

}  // namespace neuron::compile::mxnet
