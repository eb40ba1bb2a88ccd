// SPDX-License-Identifier: Apache-2.0
// Control flow, functions and variables.
#include <algorithm>

#include "compile/import/tensorflow/handles.h"
#include "compile/import/tensorflow/runner.h"

namespace neuron::compile::tensorflow {
namespace {

Error unknown_end(const Runner& runner, const Item& condition) {
  return fail(Code::UnsupportedOperator,
              "'{}', which ends the loop, is not known when the model is compiled; supported are "
              "loops with a fixed number of rounds, or a value given with --value",
              condition.value ? runner.importer.graph.value(*condition.value).name : "a resource");
}

std::string function_of(const Op& op, const char* name) {
  const auto at = op.attributes->find(name);
  return at == op.attributes->end() ? std::string() : at->second.func().name();
}

}  // namespace

Result<> pass_on(Runner&, const Op&, const Items& in, Items& out) {
  out = in;
  return {};
}

Result<> nothing(Runner&, const Op&, const Items&, Items& out) {
  out.resize(1);
  return {};
}

Result<> constant(Runner& runner, const Op& op, const Items&, Items& out) {
  Item item = TRY(runner.constant_of(op));
  out.push_back(std::move(item));
  return {};
}

Result<> placeholder(Runner& runner, const Op& op, const Items& in, Items& out) {
  if (!in.empty()) {  // PlaceholderWithDefault
    out = in;
    return {};
  }
  if (runner.prefix.words) {  // while a checkpoint is read, its place is all that is asked for
    out.push_back(runner.prefix);
    return {};
  }
  return fail(Code::BadUsage, "input '{}' has no value here", op.name);
}

Result<> loop_condition(Runner& runner, const Op&, const Items& in, Items& out) {
  if (!known_condition(runner, in[0])) return unknown_end(runner, in[0]);
  out = in;
  return {};
}

/// (data, condition) -> (data if not, data if so)
Result<> take_side(Runner& runner, const Op&, const Items& in, Items& out) {
  out = {in[0], in[0]};
  if (const auto known = known_condition(runner, in[1])) {
    out[*known ? 0 : 1].dead = true;
    return {};
  }
  if (!in[1].value) return fail(Code::Malformed, "the condition is no tensor");
  for (int side : {0, 1}) {
    out[static_cast<std::size_t>(side)].branches.push_back({*in[1].value, side == 1});
    for (const Branch& b : in[1].branches)
      out[static_cast<std::size_t>(side)].branches.push_back(b);
  }
  return {};
}

/// The input that is alive; of two that may be, the one that the condition takes.
Result<> merge_sides(Runner& runner, const Op& op, const Items& in, Items& out) {
  std::vector<std::size_t> alive;
  for (std::size_t i = 0; i < in.size(); ++i)
    if (!in[i].dead) alive.push_back(i);
  if (alive.empty()) {
    out.resize(1);
    out[0].dead = true;
    return {};
  }
  if (alive.size() == 1) {
    Draft d = TRY(runner.draft_of(op, {}));
    Item place;
    place.value = d.scalar(static_cast<double>(alive[0]), DType::Int32);
    out = {in[alive[0]], place};
    return {};
  }
  const Item &a = in[alive[0]], &b = in[alive[1]];
  for (const Branch& mine : a.branches)
    for (const Branch& theirs : b.branches) {
      if (mine.condition != theirs.condition || mine.side == theirs.side) continue;
      Item chosen = TRY(select(runner, op, mine.condition, mine.side ? a : b, mine.side ? b : a));
      for (const Branch& other : a.branches)
        if (other.condition != mine.condition) chosen.branches.push_back(other);
      out.push_back(std::move(chosen));
      return {};
    }
  return fail(
      Code::UnsupportedOperator,
      "two inputs may arrive, and no one condition tells which; supported are the two sides "
      "of one Switch");
}

Result<> call_function(Runner& runner, const Op& op, const Items& in, Items& out) {
  out = TRY(runner.call(function_of(op, "f"), in));
  return {};
}

Result<> run_while(Runner& runner, const Op& op, const Items& in, Items& out) {
  const std::string condition = function_of(op, "cond"), body = function_of(op, "body");
  out = in;
  for (int round = 0; round < kMostRounds; ++round) {
    const Items goes_on = TRY(runner.call(condition, out));
    if (goes_on.size() != 1)
      return fail(Code::Malformed, "function '{}' has {} results, expected 1", condition,
                  goes_on.size());
    const auto known = known_condition(runner, goes_on[0]);
    if (!known) return unknown_end(runner, goes_on[0]);
    if (!*known) return {};
    Items next = TRY(runner.call(body, out));
    if (next.size() != in.size())
      return fail(Code::Malformed, "function '{}' has {} results, expected {}", body, next.size(),
                  in.size());
    out = std::move(next);
  }
  return fail(Code::NoResource, "the loop takes more than {} rounds", kMostRounds);
}

Result<> run_if(Runner& runner, const Op& op, const Items& in, Items& out) {
  const Items arguments(in.begin() + 1, in.end());
  const std::string yes = function_of(op, "then_branch"), no = function_of(op, "else_branch");
  if (const auto known = known_condition(runner, in[0])) {
    out = TRY(runner.call(*known ? yes : no, arguments));
    return {};
  }
  if (!in[0].value) return fail(Code::Malformed, "the condition is no tensor");
  const Items a = TRY(runner.call(yes, arguments)), b = TRY(runner.call(no, arguments));
  if (a.size() != b.size())
    return fail(Code::Malformed, "functions '{}' and '{}' have {} and {} results", yes, no,
                a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    Item chosen = TRY(select(runner, op, *in[0].value, a[i], b[i]));
    out.push_back(std::move(chosen));
  }
  return {};
}

Result<> variable_handle(Runner& runner, const Op& op, const Items&, Items& out) {
  const auto shared = op.attributes->find("shared_name");
  const bool named = shared != op.attributes->end() && !shared->second.s().empty();
  out.emplace_back();
  out[0].variable = runner.variable_named(named ? shared->second.s() : op.name);
  return {};
}

/// A variable of TensorFlow 1 is its value for those that read it, and a place for Assign.
Result<> old_variable(Runner& runner, const Op& op, const Items& in, Items& out) {
  TRY(variable_handle(runner, op, in, out));
  const Item& value = runner.variables[*out[0].variable].value;
  if (!value.value && !runner.prefix.words)
    return fail(
        Code::UnsupportedOperator,
        "the variable has no value here; supported are frozen graphs, or a saved model with "
        "its variables");
  out[0].value = value.value;
  return {};
}

Result<> read_variable(Runner& runner, const Op&, const Items& in, Items& out) {
  if (!in[0].variable) return fail(Code::Malformed, "input 0 is no variable");
  const Variable& variable = runner.variables[*in[0].variable];
  if (!variable.value.value)
    return fail(Code::UnsupportedOperator,
                "variable '{}' has no value; supported are frozen graphs, or a saved model with "
                "its variables",
                variable.name);
  out.push_back(variable.value);
  return {};
}

/// (variable, places)
Result<> gather_variable(Runner& runner, const Op& op, const Items& in, Items& out) {
  Items value;
  TRY(read_variable(runner, op, in, value));
  Draft d = TRY(runner.draft_of(op, {value[0], in[1]}));
  const std::int64_t batch = d.integer("batch_dims", 0);
  if (batch != 0) return fail(Code::UnsupportedOperator, "batch_dims {}; supported is 0", batch);
  out.emplace_back();
  out[0].value = d.one("Gather", {d.in(0), d.in(1)});
  return d.done();
}

Result<> assign_variable(Runner& runner, const Op&, const Items& in, Items& out) {
  if (!in[0].variable) return fail(Code::Malformed, "input 0 is no variable");
  runner.variables[*in[0].variable].value = in[1];
  out.push_back(in[1]);
  out[0].variable = in[0].variable;
  return {};
}

Result<> restore_tensors(Runner& runner, const Op& op, const Items& in, Items& out) {
  if (!runner.restore)
    return fail(Code::UnsupportedOperator,
                "there is no checkpoint to read; supported in saved models");
  if (!in[1].words) return fail(Code::Malformed, "the names are no strings");
  constexpr std::int64_t kString = 7;
  Draft d = TRY(runner.draft_of(op, {}));
  const Ints types = d.integers("dtypes");
  if (types.size() != in[1].words->size())
    return fail(Code::Malformed, "{} names and {} types", in[1].words->size(), types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    out.emplace_back();
    if (types[i] == kString) {  // what the checkpoint tells of objects
      out.back().words.emplace();
      continue;
    }
    Tensor tensor = TRY(runner.restore((*in[1].words)[i]));
    out.back().value = d.constant(std::move(tensor));
  }
  return {};
}

}  // namespace neuron::compile::tensorflow
