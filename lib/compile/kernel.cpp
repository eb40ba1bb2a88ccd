// SPDX-License-Identifier: Apache-2.0
#include "compile/kernel.h"

#include <algorithm>
#include <bit>

#include "isa/cost.h"

namespace neuron::compile {
namespace {

constexpr std::uint64_t kScratchBytes = std::uint64_t{8} << 30;
constexpr std::uint32_t kReservedBytes = 8;  // the runtime's own bytes at the end, as in packages

/// Byte range that a view touches in one partition.
Access access_of(const View& view, bool write) {
  std::int64_t low = 0, high = 0;
  for (int d = 0; d < 4; ++d) {
    const std::int64_t reach = std::int64_t{view.at.steps[d]} * (view.at.nums[d] - 1);
    (reach < 0 ? low : high) += reach;
  }
  const bool psum = view.at.start >= isa::kPsumBase;
  const std::int64_t base = view.at.start % isa::kPartitionStride + (psum ? isa::kPsumBase : 0);
  const auto size = static_cast<std::int64_t>(size_of(view.type));
  return {kLocal, static_cast<std::uint64_t>(base + low * size),
          static_cast<std::uint64_t>(base + (high + 1) * size), write};
}

struct ActivationRow {
  isa::Activation function;
  const char* set;
  isa::Evidence evidence;
};
constexpr ActivationRow kActivations[] = {
#define NEURON_ACTIVATION(name, code, shown, set, evidence, value) \
  {isa::Activation::name, set, isa::Evidence::evidence},
#include "isa/activations.def"
#undef NEURON_ACTIVATION
};
const ActivationRow& row_of(isa::Activation function) {
  return *std::find_if(std::begin(kActivations), std::end(kActivations),
                       [&](const ActivationRow& r) { return r.function == function; });
}
bool is_extension(Alu op) { return static_cast<unsigned>(op) >= 0xe0; }  // see alu.def

std::uint8_t groups(int lines) {
  return static_cast<std::uint8_t>((1u << ((lines + 31) / 32)) - 1);
}
std::uint8_t byte(std::size_t value) { return static_cast<std::uint8_t>(value); }

}  // namespace

Engine owner_of(Queue queue) { return queue == Queue::Load ? Engine::Sync : Engine::Gpsimd; }

Kernel::Kernel(const isa::Arch& of)
    : arch(of),
      sbuf(std::make_shared<Arena>(of.sbuf_partition_bytes -
                                   (of.id <= isa::ArchId::V2 ? 0 : kReservedBytes))),
      scratch(std::make_shared<Arena>(kScratchBytes)) {
  variables.push_back({"SB", VariableUse::Local, 0, 0, {}});
  notes.push_back({});
}

VariableId Kernel::variable(KernelVariable v) {
  variables.push_back(std::move(v));
  return {static_cast<std::uint32_t>(variables.size() - 1)};
}

std::uint32_t Kernel::bank() {
  const auto banks = static_cast<int>(arch.psum_partition_bytes / isa::kPsumBankBytes);
  do bank_ = (bank_ + 1) % banks;
  while (held_ >> bank_ & 1);
  return isa::kPsumBase + static_cast<std::uint32_t>(bank_) * isa::kPsumBankBytes;
}

void Kernel::hold(std::uint32_t bank, bool held) {
  const std::uint32_t bit = 1u << (bank - isa::kPsumBase) / isa::kPsumBankBytes;
  held_ = held ? held_ | bit : held_ & ~bit;
}

Engine Kernel::lighter(std::int64_t elements) {
  const isa::Costs& cycles = isa::timing(arch.id).costs;
  const auto each = static_cast<double>(elements);
  const double costs[] = {100 + each * cycles.vector_element_cycles / arch.vector_ghz,
                          100 + each * cycles.scalar_element_cycles / arch.scalar_ghz};
  const int pick = busy_ns_[0] + costs[0] <= busy_ns_[1] + costs[1] ? 0 : 1;
  busy_ns_[pick] += costs[pick];
  return pick == 0 ? Engine::Vector : Engine::Scalar;
}

void Kernel::begin_note(std::string layer, std::string op) {
  notes.push_back({std::move(layer), std::move(op)});
}

Step& Kernel::append(Engine engine, isa::Operation op) {
  Step& step = steps.emplace_back();
  step.engine = engine;
  step.op = std::move(op);
  step.note = static_cast<std::uint32_t>(notes.size() - 1);
  return step;
}

void Kernel::need_dims(const View& view, int dims) {
  const bool flat = dims == 4 || view.at.nums[3] == 1;
  if (view.partitions < 1 || view.partitions > isa::kPartitions || !flat)
    problem =
        problem.empty() ? "an access pattern has more steps than an instruction holds" : problem;
}
void Kernel::reads(Step& step, const View& view) { step.access.push_back(access_of(view, false)); }
void Kernel::writes(Step& step, const View& view) { step.access.push_back(access_of(view, true)); }

void Kernel::ldweights(const View& weights, Pass pass, bool transpose) {
  need_dims(weights, 3);
  isa::ldweights op;
  const int columns = weights.at.nums[0];
  // The array takes the last column first.
  op.src = weights.at;
  op.src.start += static_cast<std::uint32_t>((columns - 1) * weights.at.steps[0] *
                                             static_cast<int>(size_of(weights.type)));
  op.src.steps[0] = static_cast<std::int16_t>(-weights.at.steps[0]);
  op.src_type = weights.type;
  op.fp32_mode = static_cast<std::uint8_t>(pass == Pass::Single ? Pass::High : pass);
  op.transpose = transpose;
  op.rows = byte(weights.partitions);
  op.columns = byte(columns);
  op.row_groups = groups(weights.partitions);
  op.column_groups = groups(columns);
  reads(append(Engine::Tensor, op), weights);
}

void Kernel::matmul(const View& dst, const View& moving, Pass pass, bool first, bool last,
                    int columns, bool transpose) {
  need_dims(dst, 3);
  need_dims(moving, 3);
  isa::matmul op;
  op.src = moving.at;
  op.src_type = moving.type;
  // 3: both halves of each float32; 2: the high half, which the low weights of NeuronCore-v2 meet.
  const bool high = pass == Pass::Single || (pass == Pass::Low && arch.id <= isa::ArchId::V2);
  op.fp32_mode = high && !transpose ? 2 : 3;
  if (moving.type != DType::Float32) op.fp32_mode = 0;
  op.transpose = transpose;
  op.rows = byte(moving.partitions);
  op.columns = byte(columns);
  op.row_groups = groups(moving.partitions);
  op.column_groups = groups(columns);
  op.dst_type = DType::Unknown;
  op.acc_flags = static_cast<std::uint8_t>((first ? 1 : 0) | (last ? 2 : 0));
  op.dst = dst.at;
  Step& step = append(Engine::Tensor, op);
  reads(step, moving);
  writes(step, dst);
}

void Kernel::tensor_tensor(Engine engine, const View& dst, const View& lhs, Alu op,
                           const View& rhs) {
  for (const View* v : {&dst, &lhs, &rhs}) need_dims(*v, 3);
  extended |= is_extension(op);
  isa::tensor_tensor out;
  out.lhs_type = lhs.type;
  out.rhs_type = rhs.type;
  out.dst_type = dst.type;
  out.op = op;
  out.partitions = byte(dst.partitions);
  out.lhs = lhs.at;
  out.rhs = rhs.at;
  out.dst = dst.at;
  Step& step = append(engine, out);
  reads(step, lhs);
  reads(step, rhs);
  writes(step, dst);
}

void Kernel::tensor_scalar(Engine engine, const View& dst, const View& src, Alu op0, float a,
                           Alu op1, float b) {
  tensor_pointer(engine, dst, src, op0, std::bit_cast<std::uint32_t>(a), op1, b);
  std::get<isa::tensor_scalar>(steps.back().op).operand0_is_address = 0;
  steps.back().access.pop_back();
}

void Kernel::tensor_pointer(Engine engine, const View& dst, const View& src, Alu op0,
                            std::uint32_t a, Alu op1, float b) {
  need_dims(dst, 3);
  need_dims(src, 3);
  extended |= is_extension(op0) || is_extension(op1);
  isa::tensor_scalar out;
  out.src = src.at;
  out.src_type = src.type;
  out.dst_type = dst.type;
  out.partitions = byte(dst.partitions);
  out.operand0_is_address = 1;
  out.op0 = op0;
  out.op1 = op1;
  out.operand0 = a;
  out.operand1 = std::bit_cast<std::uint32_t>(b);
  out.dst = dst.at;
  Step& step = append(engine, out);
  reads(step, src);
  writes(step, dst);
  reads(step, line(a, src.partitions, 1));
}

void Kernel::reduce(Engine engine, const View& dst, const View& src, Alu op, int axes,
                    bool negate) {
  need_dims(dst, 4);
  need_dims(src, 4);
  isa::tensor_reduce out;
  out.src = src.at;
  out.src_type = src.type;
  out.dst_type = dst.type;
  out.partitions = byte(dst.partitions);
  out.negate = negate;
  out.op = op;
  out.axes = axes == 1 ? 2 : 3;
  out.dst = dst.at;
  Step& step = append(engine, out);
  reads(step, src);
  writes(step, dst);
}

void Kernel::activate(const View& dst, const View& src, isa::Activation function, float scale,
                      float bias) {
  need_dims(dst, 3);
  need_dims(src, 3);
  const ActivationRow& row = row_of(function);
  extended |= row.evidence == isa::Evidence::Extension;
  auto set = std::find(activation_sets.begin(), activation_sets.end(), row.set);
  if (set == activation_sets.end()) set = activation_sets.insert(set, row.set);
  const int index = static_cast<int>(set - activation_sets.begin());
  if (set_ != index) {
    isa::act_table_load load;
    load.set = static_cast<std::uint32_t>(index);
    append(Engine::Scalar, load);
    set_ = index;
  }
  isa::activate out;
  out.bias_is_value = 1;
  out.src = src.at;
  out.src_type = src.type;
  out.bias_type = DType::Float32;
  out.dst_type = dst.type;
  out.partitions = byte(dst.partitions);
  out.function = function;
  out.scale = scale;
  out.bias = std::bit_cast<std::uint32_t>(bias);
  out.dst = dst.at;
  Step& step = append(Engine::Scalar, out);
  reads(step, src);
  writes(step, dst);
}

namespace {
template <class Op>
Op unary(const View& dst, const View& src) {
  Op out;
  out.src = src.at;
  out.src_type = src.type;
  out.dst_type = dst.type;
  out.partitions = byte(dst.partitions);
  out.dst = dst.at;
  return out;
}
}  // namespace

void Kernel::copy(Engine engine, const View& dst, const View& src) {
  need_dims(dst, 4);
  need_dims(src, 4);
  const bool same = dst.type == src.type;
  Step& step = append(engine, same ? isa::Operation(unary<isa::copy>(dst, src))
                                   : isa::Operation(unary<isa::cast>(dst, src)));
  reads(step, src);
  writes(step, dst);
}

void Kernel::reciprocal(const View& dst, const View& src) {
  need_dims(dst, 4);
  need_dims(src, 4);
  Step& step = append(Engine::Vector, unary<isa::reciprocal>(dst, src));
  reads(step, src);
  writes(step, dst);
}

void Kernel::memset(Engine engine, const View& dst, float value) {
  need_dims(dst, 4);
  isa::memset out;
  out.count = static_cast<std::uint16_t>(dst.at.count());
  out.dst_type = dst.type;
  out.partitions = byte(dst.partitions);
  out.value = std::bit_cast<std::uint32_t>(value);
  out.dst = dst.at;
  writes(append(engine, out), dst);
}

void Kernel::wide(const View& dst, isa::Wide op, const View& src) {
  need_dims(dst, 4);
  need_dims(src, 4);
  extended = true;
  auto out = unary<isa::wide>(dst, src);
  out.op = static_cast<std::uint8_t>(op);
  Step& step = append(Engine::Gpsimd, out);
  reads(step, src);
  if (op != isa::Wide::Set) reads(step, dst);
  writes(step, dst);
}

namespace {
template <class Op>
Op indexed(const View& dst, const View& src, const View& index) {
  Op out;
  out.src = src.at;
  out.index = index.at;
  out.dst = dst.at;
  out.src_type = src.type;
  out.index_type = index.type;
  out.dst_type = dst.type;
  out.partitions = byte(dst.partitions);
  return out;
}
}  // namespace

void Kernel::gather(const View& dst, const View& src, const View& index) {
  for (const View* v : {&dst, &src, &index}) need_dims(*v, 3);
  extended = true;
  Step& step = append(Engine::Gpsimd, indexed<isa::gather>(dst, src, index));
  for (const View* v : {&src, &index, &dst}) reads(step, *v);
  writes(step, dst);
}

void Kernel::scatter(const View& dst, isa::Wide op, const View& src, const View& index) {
  for (const View* v : {&dst, &src, &index}) need_dims(*v, 3);
  extended = true;
  auto out = indexed<isa::scatter>(dst, src, index);
  out.op = static_cast<std::uint8_t>(op);
  Step& step = append(Engine::Gpsimd, out);
  for (const View* v : {&src, &index, &dst}) reads(step, *v);
  writes(step, dst);
}

void Kernel::sort(const View& dst, const View& src, bool descending) {
  need_dims(dst, 4);
  need_dims(src, 4);
  extended = true;
  auto out = unary<isa::sort>(dst, src);
  out.descending = descending;
  Step& step = append(Engine::Gpsimd, out);
  reads(step, src);
  writes(step, dst);
}

}  // namespace neuron::compile
