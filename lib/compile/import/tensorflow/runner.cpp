// SPDX-License-Identifier: Apache-2.0
#include "compile/import/tensorflow/runner.h"

#include <algorithm>

#include "compile/constants.h"
#include "compile/import/arity.h"

namespace neuron::compile::tensorflow {
namespace {

constexpr int kDeepestCall = 64;

std::string title_of(const Op& op) { return fmt::format("node '{}' ({})", op.name, op.kind); }

bool is_kind(const Op& op, std::string_view kind) {
  return op.kind == kind || (op.kind.starts_with("Ref") && op.kind.substr(3) == kind);
}

// What was computed on one side of a condition, or only after it, is of that side.
void add_branches(const Item& from, Item& to) {
  for (const Branch& b : from.branches) {
    const bool there =
        std::any_of(to.branches.begin(), to.branches.end(), [&](const Branch& other) {
          return other.condition == b.condition && other.side == b.side;
        });
    if (!there) to.branches.push_back(b);
  }
}

}  // namespace

std::optional<bool> known_condition(const Runner& runner, const Item& item) {
  if (!item.value) return std::nullopt;
  const Value& value = runner.importer.graph.value(*item.value);
  if (!value.constant || count_of(value.shape) != 1) return std::nullopt;
  return number_at(*value.constant, 0) != 0;
}

Result<Item> select(Runner& runner, const Op& op, ValueId condition, const Item& yes,
                    const Item& no) {
  if (!yes.value || !no.value)
    return fail(Code::UnsupportedOperator,
                "what is chosen is no tensor; supported are tensors, or a condition that is known "
                "when the model is compiled");
  Draft d = TRY(runner.draft_of(op, {}));
  if (d.shape(*yes.value) != d.shape(*no.value) || d.type(*yes.value) != d.type(*no.value))
    return fail(Code::UnsupportedOperator,
                "the sides have shapes {} and {}, and the condition is not known when the model is "
                "compiled; supported are sides of one shape, or a condition given with --value",
                text_of(d.shape(*yes.value)), text_of(d.shape(*no.value)));
  Item chosen;
  chosen.value = d.where(d.reshape(condition, {}), *yes.value, *no.value);
  TRY(d.done());
  return chosen;
}

Result<Draft> Runner::draft_of(const Op& op, const Items& in) {
  Node node{op.kind, op.name, {}, {}, {}, op.name};
  if (op.attributes) node.attributes = attributes_of(*op.attributes);
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (!in[i].value)
      return fail(Code::UnsupportedOperator, "input {} is {}; supported are tensors of numbers", i,
                  in[i].words  ? "a string"
                  : in[i].list ? "a list of tensors"
                               : "a resource");
    node.inputs.emplace_back(in[i].value);
  }
  return Draft(importer, std::move(node));
}

Result<Item> Runner::constant_of(const Op& op) {
  if (const auto at = constants_.find(op.attributes); at != constants_.end()) return at->second;
  const auto value = op.attributes->find("value");
  if (value == op.attributes->end() || !value->second.has_tensor())
    return fail(Code::Malformed, "attribute 'value' is no tensor");
  const pb::TensorProto& proto = value->second.tensor();
  constexpr int kString = 7;
  Item item;
  if (proto.dtype() == kString) {
    item.words.emplace(proto.string_val().begin(), proto.string_val().end());
  } else {
    Tensor tensor = TRY(tensor_of(proto));
    Draft d = TRY(draft_of(op, {}));
    item.value = d.constant(std::move(tensor));
  }
  constants_.emplace(op.attributes, item);
  return item;
}

std::uint32_t Runner::variable_named(const std::string& name) {
  for (std::uint32_t i = 0; i < variables.size(); ++i)
    if (variables[i].name == name) return i;
  variables.push_back({name, {}});
  return static_cast<std::uint32_t>(variables.size() - 1);
}

Result<> Runner::translate(const Op& op, const Items& in, Items& out) {
  TRY(check_count(in.size(), "input", op.row->min_inputs, op.row->max_inputs));
  if (op.row->handle) return op.row->handle(*this, op, in, out);
  Draft d = TRY(draft_of(op, in));
  const Values values = op.row->translate(d, op.row->onnx);
  TRY(d.done());
  for (ValueId v : values) {
    out.emplace_back();
    out.back().value = v;
  }
  return {};
}

Result<> Runner::run_op(Activation& a, std::uint32_t at) {
  const Op& op = a.body.ops[at];
  if (importer.steps_left == 0)
    return fail(Code::NoResource, "loops and functions unroll to too many nodes");
  --importer.steps_left;
  Items in;
  bool dead = false;
  for (const Edge& edge : op.inputs) {
    const Items& from = a.items[edge.op];
    const bool gone = from.empty() || from[0].dead;
    if (edge.port >= from.size() && !gone)
      return fail(Code::Malformed, "it reads output {} of node '{}', which has {}", edge.port,
                  a.body.ops[edge.op].name, from.size());
    in.push_back(edge.port < from.size() ? from[edge.port] : from.empty() ? Item{} : from[0]);
    if (from.empty()) in.back().dead = true;
    dead = dead || in.back().dead;
  }
  for (std::uint32_t control : op.controls)
    dead = dead || a.items[control].empty() || a.items[control][0].dead;
  Items& out = a.items[at];
  out.clear();
  if (dead && !is_kind(op, "Merge")) {
    out.resize(1);
    out[0].dead = true;
    return {};
  }
  if (!op.row) return unknown_operator(op.kind);
  TRY(translate(op, in, out));
  if (out.empty()) out.emplace_back();  // what only has effects
  if (is_kind(op, "Merge")) return {};
  for (std::uint32_t control : op.controls) in.push_back(a.items[control][0]);
  for (Item& item : out)
    for (const Item& from : in) add_branches(from, item);
  return {};
}

Result<> Runner::run_round(Activation& a, const Frame& frame, const Items* again) {
  for (std::size_t m = 0; again && m < frame.merges.size(); ++m)
    a.items[frame.merges[m]] = {(*again)[m]};
  for (const Unit& unit : frame.order) {
    if (unit.loop) {
      TRY(run_frame(a, unit.index));
      continue;
    }
    const Op& op = a.body.ops[unit.index];
    if (a.given[unit.index]) continue;
    const bool fed = std::count(frame.merges.begin(), frame.merges.end(), unit.index) != 0;
    if (again && (fed || is_kind(op, "Enter"))) continue;
    TRY(run_op(a, unit.index).within(title_of(op)));
  }
  return {};
}

Result<> Runner::run_frame(Activation& a, std::uint32_t at) {
  const Frame& frame = a.frames[at];
  if (at == 0) return run_round(a, frame, nullptr);
  for (const Unit& unit : frame.order)  // nothing is left of an earlier run
    if (!unit.loop) a.items[unit.index].clear();
  for (int round = 0; round < kMostRounds; ++round) {
    Items again;
    for (std::uint32_t merge : frame.merges)
      for (const Edge& edge : a.body.ops[merge].inputs)
        if (is_kind(a.body.ops[edge.op], "NextIteration") && round > 0) {
          const Items& from = a.items[edge.op];
          again.push_back(from.empty() ? Item{} : from[0]);
        }
    TRY(run_round(a, frame, round > 0 ? &again : nullptr));
    if (!frame.condition)
      return fail(Code::Malformed, "the loop '{}' has no condition", frame.name);
    const Items& condition = a.items[*frame.condition];
    if (condition.empty() || condition[0].dead) return {};
    if (!*known_condition(*this, condition[0])) return {};
  }
  return fail(Code::NoResource, "the loop '{}' takes more than {} rounds", frame.name, kMostRounds);
}

Result<Items> Runner::run(const Body& body, const std::vector<Edge>& results,
                          const std::vector<std::uint32_t>& effects,
                          const std::map<std::uint32_t, Item>& feeds) {
  Activation a{body, std::vector<bool>(body.ops.size()), {}, {}};
  a.items.resize(body.ops.size());
  for (const auto& [op, item] : feeds) {
    a.given[op] = true;
    a.items[op] = {item};
  }
  std::vector<std::uint32_t> targets = effects;
  for (const Edge& edge : results) targets.push_back(edge.op);
  a.frames = TRY(frames_of(body, targets, a.given));
  TRY(run_frame(a, 0));
  Items out;
  for (const Edge& edge : results) {
    const Items& from = a.items[edge.op];
    const std::string& name = body.ops[edge.op].name;
    if (edge.port >= from.size())
      return fail(Code::Malformed, "node '{}' has {} outputs, output {} is asked for", name,
                  from.size(), edge.port);
    if (from[edge.port].dead)
      return fail(Code::UnsupportedOperator,
                  "node '{}' is on the side of a condition that is never taken", name);
    out.push_back(from[edge.port]);
  }
  return out;
}

Result<const Body*> Runner::function_named(const std::string& name) {
  if (const auto at = functions_.find(name); at != functions_.end()) return &at->second;
  for (const auto& function : graph_.library().function()) {
    if (function.signature().name() != name) continue;
    Body body = TRY(body_of(function));
    return &functions_.emplace(name, std::move(body)).first->second;
  }
  return fail(Code::Malformed, "there is no function '{}'", name);
}

Result<Items> Runner::call(const std::string& function, const Items& arguments) {
  const Body* body = TRY(function_named(function));
  if (++depth_ > kDeepestCall)
    return fail(Code::UnsupportedOperator, "function '{}' calls itself", function);
  std::map<std::uint32_t, Item> feeds;
  for (std::uint32_t op = 0; op < body->ops.size(); ++op) {
    const int argument = body->ops[op].argument;
    if (argument < 0) continue;
    if (static_cast<std::size_t>(argument) >= arguments.size())
      return fail(Code::Malformed, "function '{}' is called with {} arguments", function,
                  arguments.size());
    feeds.emplace(op, arguments[static_cast<std::size_t>(argument)]);
  }
  auto out = run(*body, body->results, body->effects, feeds);
  --depth_;
  if (!out) return std::move(out).error().within(fmt::format("function '{}'", function));
  return out;
}

}  // namespace neuron::compile::tensorflow
