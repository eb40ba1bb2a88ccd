// SPDX-License-Identifier: Apache-2.0
#include "cpu/program.h"

#include "cpu/step.h"

namespace neuron::cpu {
namespace {

constexpr std::uint64_t kMagic = 0x3155504352554e01;  // "\1NURCPU1"
constexpr std::size_t kMost = 1 << 20;                // of anything that is counted

void put_text(Writer& out, const std::string& text) {
  out.put(static_cast<std::uint32_t>(text.size()));
  out.append(std::string_view(text));
}
template <class T>
void put_list(Writer& out, const std::vector<T>& list) {
  out.put(static_cast<std::uint32_t>(list.size()));
  for (const T& item : list) out.put(item);
}

struct PutAttribute {
  Writer& out;
  void operator()(std::int64_t v) const { out.put(v); }
  void operator()(float v) const { out.put(v); }
  void operator()(const std::string& v) const { put_text(out, v); }
  void operator()(const std::vector<std::int64_t>& v) const { put_list(out, v); }
  void operator()(const std::vector<float>& v) const { put_list(out, v); }
  void operator()(const Tensor& v) const {
    out.put(static_cast<std::uint8_t>(v.type));
    put_list(out, v.shape);
    put_list(out, v.bytes);
  }
};

std::size_t take_count(Reader& in) {
  const auto count = in.take<std::uint32_t>();
  return count <= in.left() ? count : (in.seek(in.offset() + in.left() + 1), 0);
}
std::string take_text(Reader& in) { return std::string(text_of(in.take(take_count(in)))); }
template <class T>
std::vector<T> take_list(Reader& in) {
  std::vector<T> list(take_count(in));
  for (T& item : list) item = in.take<T>();
  return list;
}

Attribute take_attribute(Reader& in, std::size_t kind) {
  switch (kind) {
    case 0:
      return in.take<std::int64_t>();
    case 1:
      return in.take<float>();
    case 2:
      return take_text(in);
    case 3:
      return take_list<std::int64_t>(in);
    case 4:
      return take_list<float>(in);
    default:
      break;
  }
  Tensor tensor;
  tensor.type = static_cast<DType>(in.take<std::uint8_t>());
  tensor.shape = take_list<std::int64_t>(in);
  tensor.bytes = take_list<std::byte>(in);
  return tensor;
}

bool holds(const Program& program, std::int32_t value, bool optional = false) {
  return (optional && value == -1) ||
         (value >= 0 && static_cast<std::size_t>(value) < program.values.size());
}

bool is_sound(const Program& p) {
  bool good = true;
  for (const std::int32_t v : p.inputs) good &= holds(p, v);
  for (const ProgramOutput& o : p.outputs) good &= holds(p, o.value);
  for (const Call& call : p.calls) {
    for (const std::int32_t v : call.inputs) good &= holds(p, v, true);
    for (const std::int32_t v : call.outputs) good &= holds(p, v);
  }
  for (const ProgramValue& v : p.values) good &= size_of(v.type) > 0;
  return good;
}

/// Runs the calls; values are inputs that others own, or results.
class Machine {
 public:
  Machine(const Program& program, std::span<const Operand> inputs)
      : program_(program), operands_(program.values.size()), results_(program.values.size()) {
    for (Operand& o : operands_) o.known = false;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Operand& o = operands_[static_cast<std::size_t>(program.inputs[i])];
      o = inputs[i];
      o.type = program.values[static_cast<std::size_t>(program.inputs[i])].type;
    }
  }

  std::optional<std::string> call(const Call& c) {
    Step step{.op = {},
              .attributes = c.attributes,
              .opset = c.opset,
              .inputs = {},
              .outputs = c.outputs.size()};
    for (const std::int32_t v : c.inputs) {
      if (v >= 0 && !operands_[static_cast<std::size_t>(v)].known)
        return c.name + ": an input is not computed yet";
      step.inputs.push_back(v < 0 ? nullptr : &operands_[static_cast<std::size_t>(v)]);
    }
    for (const std::int32_t v : c.outputs) {
      const ProgramValue& value = program_.values[static_cast<std::size_t>(v)];
      step.types.push_back(value.type);
      if (!value.bounded) step.shapes.push_back(value.shape);
    }
    if (auto words = run(c.op, step)) return c.name + " (" + c.op + "): " + *words;
    for (std::size_t o = 0; o < c.outputs.size(); ++o)
      if (auto words = keep(c, static_cast<std::size_t>(c.outputs[o]), step.out[o])) return words;
    return std::nullopt;
  }

  std::optional<std::string> write(const ProgramOutput& output, const Room& room) const {
    const auto at = static_cast<std::size_t>(output.value);
    const Operand& value = operands_[at];
    if (!value.known) return program_.values[at].name + " is not computed";
    std::fill(room.bytes.begin(), room.bytes.end(), std::byte{});
    if (output.is_shape) {
      if (room.bytes.size() < value.shape.size() * 8) return program_.values[at].name + ": no room";
      for (std::size_t d = 0; d < value.shape.size(); ++d) store(room.bytes, d * 8, value.shape[d]);
      return std::nullopt;
    }
    if (room.shape->size() != value.shape.size()) return misfit(at, *room.shape);
    for (std::size_t d = 0; d < value.shape.size(); ++d)
      if (value.shape[d] > (*room.shape)[d]) return misfit(at, *room.shape);
    const std::size_t size = size_of(value.type);
    if (elements(*room.shape) * size > room.bytes.size()) return misfit(at, *room.shape);
    walk(value.shape, 0, strides_of(*room.shape), [&](std::size_t from, std::size_t to) {
      std::memcpy(room.bytes.data() + to * size, value.bytes.data() + from * size, size);
    });
    return std::nullopt;
  }

 private:
  std::string misfit(std::size_t value, const Shape& expected) const {
    return program_.values[value].name + " is " + text_of_shape(operands_[value].shape) +
           ", the package was compiled for " + text_of_shape(expected);
  }

  std::optional<std::string> keep(const Call& c, std::size_t at, Tensor& result) {
    const ProgramValue& value = program_.values[at];
    if (result.type != value.type)
      return c.name + ": " + value.name + " has another type than the package says";
    operands_[at] = {result.type, result.shape, {}, true};
    if (!value.bounded && result.shape != value.shape)
      return c.name + ": " + misfit(at, value.shape);
    results_[at] = std::move(result);
    operands_[at].bytes = results_[at].bytes;
    return std::nullopt;
  }

  const Program& program_;
  std::vector<Operand> operands_;
  std::vector<Tensor> results_;
};

}  // namespace

Bytes encode(const Program& program) {
  Writer out;
  out.put(kMagic);
  out.put(static_cast<std::uint32_t>(program.values.size()));
  for (const ProgramValue& v : program.values) {
    put_text(out, v.name);
    out.put(static_cast<std::uint8_t>(v.type));
    out.put(static_cast<std::uint8_t>(v.bounded));
    put_list(out, v.shape);
  }
  put_list(out, program.inputs);
  out.put(static_cast<std::uint32_t>(program.outputs.size()));
  for (const ProgramOutput& o : program.outputs) {
    out.put(o.value);
    out.put(static_cast<std::uint8_t>(o.is_shape));
  }
  out.put(static_cast<std::uint32_t>(program.calls.size()));
  for (const Call& call : program.calls) {
    put_text(out, call.op);
    put_text(out, call.name);
    out.put(call.opset);
    put_list(out, call.inputs);
    put_list(out, call.outputs);
    out.put(static_cast<std::uint32_t>(call.attributes.size()));
    for (const auto& [name, value] : call.attributes) {
      put_text(out, name);
      out.put(static_cast<std::uint8_t>(value.index()));
      std::visit(PutAttribute{out}, value);
    }
  }
  return std::move(out).take();
}

std::optional<Program> decode(ByteView bytes) {
  Reader in(bytes);
  if (in.take<std::uint64_t>() != kMagic) return std::nullopt;
  Program program;
  program.values.resize(std::min(take_count(in), kMost));
  for (ProgramValue& v : program.values) {
    v.name = take_text(in);
    v.type = static_cast<DType>(in.take<std::uint8_t>());
    v.bounded = in.take<std::uint8_t>() != 0;
    v.shape = take_list<std::int64_t>(in);
  }
  program.inputs = take_list<std::int32_t>(in);
  program.outputs.resize(std::min(take_count(in), kMost));
  for (ProgramOutput& o : program.outputs) {
    o.value = in.take<std::int32_t>();
    o.is_shape = in.take<std::uint8_t>() != 0;
  }
  program.calls.resize(std::min(take_count(in), kMost));
  for (Call& call : program.calls) {
    call.op = take_text(in);
    call.name = take_text(in);
    call.opset = in.take<std::int64_t>();
    call.inputs = take_list<std::int32_t>(in);
    call.outputs = take_list<std::int32_t>(in);
    for (std::size_t left = take_count(in); left > 0 && in.ok(); --left) {
      std::string name = take_text(in);
      const auto kind = in.take<std::uint8_t>();
      call.attributes.insert_or_assign(std::move(name), take_attribute(in, kind));
    }
    if (!in.ok()) return std::nullopt;
  }
  if (!in.ok() || !is_sound(program)) return std::nullopt;
  return program;
}

std::optional<std::string> run(const Program& program, std::span<const Operand> inputs,
                               std::span<const Room> outputs) {
  if (inputs.size() != program.inputs.size() || outputs.size() != program.outputs.size())
    return std::to_string(inputs.size()) + " inputs and " + std::to_string(outputs.size()) +
           " outputs, the program has " + std::to_string(program.inputs.size()) + " and " +
           std::to_string(program.outputs.size());
  try {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const ProgramValue& value = program.values[static_cast<std::size_t>(program.inputs[i])];
      if (inputs[i].bytes.size() < elements(inputs[i].shape) * size_of(value.type))
        return value.name + " has too few bytes";
    }
    Machine machine(program, inputs);
    for (const Call& call : program.calls)
      if (auto words = machine.call(call)) return words;
    for (std::size_t o = 0; o < outputs.size(); ++o)
      if (auto words = machine.write(program.outputs[o], outputs[o])) return words;
  } catch (const Refusal& refusal) {
    return refusal.words;
  } catch (const std::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace neuron::cpu
