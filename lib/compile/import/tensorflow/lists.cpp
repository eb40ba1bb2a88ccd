// SPDX-License-Identifier: Apache-2.0
// TensorArrays of TensorFlow 1 and TensorLists of TensorFlow 2: lists that importing holds. The
// former are handles, and their state is what `flow` carries; the latter are values.
#include "compile/constants.h"
#include "compile/import/tensorflow/handles.h"
#include "compile/import/tensorflow/runner.h"

namespace neuron::compile::tensorflow {
namespace {

constexpr std::int64_t kMostElements = 1 << 16;

Item item_of(List list) {
  Item item;
  item.list = std::make_shared<const List>(std::move(list));
  return item;
}

Item item_of(ValueId value) {
  Item item;
  item.value = value;
  return item;
}

Result<Ints> known_integers(const Runner& runner, const Item& item, const char* what) {
  if (item.value) {
    const Value& value = runner.importer.graph.value(*item.value);
    if (value.constant && is_integer(value.type)) return integers_of(*value.constant);
  }
  return fail(Code::UnsupportedOperator,
              "the {} is not known when the model is compiled; supported are constants", what);
}

Result<std::int64_t> known_integer(const Runner& runner, const Item& item, const char* what) {
  const Ints all = TRY(known_integers(runner, item, what));
  if (all.size() != 1) return fail(Code::Malformed, "the {} has {} elements", what, all.size());
  return all[0];
}

Result<List> new_list(const Op& op, std::int64_t size, const char* type) {
  if (size < 0 || size > kMostElements)
    return fail(Code::NoResource, "a list of {} elements, supported are {}", size, kMostElements);
  List list;
  list.elements.resize(static_cast<std::size_t>(size));
  const auto at = op.attributes->find(type);
  if (at != op.attributes->end() && at->second.type() != 0)
    list.type = TRY(dtype_of(at->second.type()));
  const auto shape = op.attributes->find("element_shape");
  if (shape != op.attributes->end() && shape->second.has_shape())
    list.shape = shape_of(shape->second.shape());
  return list;
}

Result<const List*> list_in(const Item& item) {
  if (item.list) return item.list.get();
  return fail(Code::Malformed, "it reads no list");
}

Result<> put(List& list, std::int64_t at, ValueId value) {
  if (at < 0 || at >= kMostElements) return fail(Code::Malformed, "element {} of a list", at);
  if (static_cast<std::size_t>(at) >= list.elements.size())
    list.elements.resize(static_cast<std::size_t>(at) + 1);
  list.elements[static_cast<std::size_t>(at)] = value;
  return {};
}

// An element that nobody has written holds zeros of the others' shape.
Result<ValueId> element(Draft& d, const List& list, std::int64_t at) {
  if (at < 0 || static_cast<std::size_t>(at) >= list.elements.size())
    return fail(Code::Malformed, "element {} of a list of {}", at, list.elements.size());
  if (const auto& value = list.elements[static_cast<std::size_t>(at)]) return *value;
  std::optional<Shape> shape = list.shape;
  for (const auto& other : list.elements)
    if (other) shape = d.shape(*other);
  bool open = !shape;
  for (std::int64_t size : shape.value_or(Shape{})) open = open || size < 0;
  if (open) return fail(Code::UnsupportedOperator, "element {} was never written", at);
  return d.constant(make_tensor(list.type, *shape));
}

Result<ValueId> stack(Draft& d, const List& list, const Ints& places) {
  if (places.empty())
    return fail(Code::UnsupportedOperator, "a list of no elements becomes a tensor");
  Values parts;
  for (std::int64_t at : places) {
    const ValueId value = TRY(element(d, list, at));
    parts.push_back(d.unsqueeze(value, 0));
  }
  const ValueId whole = d.concat(parts, 0);
  TRY(d.done());
  return whole;
}

Ints all_places(const List& list) {
  Ints places;
  for (std::size_t i = 0; i < list.elements.size(); ++i)
    places.push_back(static_cast<std::int64_t>(i));
  return places;
}

Result<> scatter(Draft& d, List& list, ValueId value, const Ints& places) {
  if (d.rank(value) < 1 || d.dim(value, 0) != static_cast<std::int64_t>(places.size()))
    return fail(Code::Malformed, "{} parts of {}", places.size(), text_of(d.shape(value)));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    TRY(put(list, places[i], d.squeeze(d.slice(value, 0, at, at + 1), 0)));
  }
  return d.done();
}

// What TensorArrays and TensorLists have in common; their inputs stand in other places.

Result<> set_element(Runner& runner, const Op& op, const Item& list, const Item& index,
                     const Item& value, Items& out) {
  const List* given = TRY(list_in(list));
  List copy = *given;
  const std::int64_t at = TRY(known_integer(runner, index, "index"));
  Draft d = TRY(runner.draft_of(op, {value}));
  TRY(put(copy, at, d.in(0)));
  out = {item_of(std::move(copy))};
  return {};
}

Result<> get_element(Runner& runner, const Op& op, const Item& from, const Item& index,
                     Items& out) {
  const List* list = TRY(list_in(from));
  const std::int64_t at = TRY(known_integer(runner, index, "index"));
  Draft d = TRY(runner.draft_of(op, {}));
  const ValueId value = TRY(element(d, *list, at));
  out = {item_of(value)};
  return {};
}

Result<> gather_elements(Runner& runner, const Op& op, const Item& from, const Item& indices,
                         Items& out) {
  const List* list = TRY(list_in(from));
  const Ints places = TRY(known_integers(runner, indices, "indices"));
  Draft d = TRY(runner.draft_of(op, {}));
  const ValueId value = TRY(stack(d, *list, places));
  out = {item_of(value)};
  return {};
}

}  // namespace

/// (size) -> (handle, flow)
Result<> array_new(Runner& runner, const Op& op, const Items& in, Items& out) {
  const std::int64_t size = TRY(known_integer(runner, in[0], "size"));
  List list = TRY(new_list(op, size, "dtype"));
  const Item item = item_of(std::move(list));
  out = {item, item};
  return {};
}

/// (handle, index, value, flow) -> flow
Result<> array_write(Runner& runner, const Op& op, const Items& in, Items& out) {
  return set_element(runner, op, in[3], in[1], in[2], out);
}

/// (handle, index, flow) -> value
Result<> array_read(Runner& runner, const Op& op, const Items& in, Items& out) {
  return get_element(runner, op, in[2], in[1], out);
}

/// (handle, indices, value, flow) -> flow
Result<> array_scatter(Runner& runner, const Op& op, const Items& in, Items& out) {
  const List* given = TRY(list_in(in[3]));
  List list = *given;
  const Ints places = TRY(known_integers(runner, in[1], "indices"));
  Draft d = TRY(runner.draft_of(op, {in[2]}));
  TRY(scatter(d, list, d.in(0), places));
  out = {item_of(std::move(list))};
  return {};
}

/// (handle, indices, flow) -> value
Result<> array_gather(Runner& runner, const Op& op, const Items& in, Items& out) {
  return gather_elements(runner, op, in[2], in[1], out);
}

/// (handle, flow) or (list) -> number of elements
Result<> list_size(Runner& runner, const Op& op, const Items& in, Items& out) {
  const List* list = TRY(list_in(in.back()));
  Draft d = TRY(runner.draft_of(op, {}));
  out = {item_of(d.scalar(static_cast<double>(list->elements.size()), DType::Int32))};
  return {};
}

/// (element_shape, number) -> list
Result<> list_reserve(Runner& runner, const Op& op, const Items& in, Items& out) {
  const bool empty = op.kind == "EmptyTensorList";
  std::int64_t size = 0;
  if (!empty) size = TRY(known_integer(runner, in[1], "size"));
  List list = TRY(new_list(op, size, "element_dtype"));
  if (auto shape = known_integers(runner, in[0], "shape")) list.shape = *shape;
  out = {item_of(std::move(list))};
  return {};
}

/// (tensor, element_shape) -> list
Result<> list_from(Runner& runner, const Op& op, const Items& in, Items& out) {
  Draft d = TRY(runner.draft_of(op, {in[0]}));
  List list = TRY(new_list(op, d.rank(d.in(0)) < 1 ? 0 : d.dim(d.in(0), 0), "element_dtype"));
  TRY(scatter(d, list, d.in(0), all_places(list)));
  out = {item_of(std::move(list))};
  return {};
}

/// (list, index, value) -> list
Result<> list_set(Runner& runner, const Op& op, const Items& in, Items& out) {
  return set_element(runner, op, in[0], in[1], in[2], out);
}

/// (list, index, element_shape) -> value
Result<> list_get(Runner& runner, const Op& op, const Items& in, Items& out) {
  return get_element(runner, op, in[0], in[1], out);
}

/// (list, value) -> list
Result<> list_push(Runner& runner, const Op& op, const Items& in, Items& out) {
  const List* given = TRY(list_in(in[0]));
  List list = *given;
  Draft d = TRY(runner.draft_of(op, {in[1]}));
  TRY(put(list, static_cast<std::int64_t>(list.elements.size()), d.in(0)));
  out = {item_of(std::move(list))};
  return {};
}

/// (list, element_shape) -> (list, value)
Result<> list_pop(Runner& runner, const Op& op, const Items& in, Items& out) {
  const List* given = TRY(list_in(in[0]));
  List list = *given;
  Draft d = TRY(runner.draft_of(op, {}));
  const ValueId value = TRY(element(d, list, static_cast<std::int64_t>(list.elements.size()) - 1));
  list.elements.pop_back();
  out = {item_of(std::move(list)), item_of(value)};
  return {};
}

/// (list, element_shape) -> tensor
Result<> list_stack(Runner& runner, const Op& op, const Items& in, Items& out) {
  const List* list = TRY(list_in(in[0]));
  Draft d = TRY(runner.draft_of(op, {}));
  const ValueId value = TRY(stack(d, *list, all_places(*list)));
  out = {item_of(value)};
  return {};
}

/// (list, indices, element_shape) -> tensor
Result<> list_gather(Runner& runner, const Op& op, const Items& in, Items& out) {
  return gather_elements(runner, op, in[0], in[1], out);
}

}  // namespace neuron::compile::tensorflow
