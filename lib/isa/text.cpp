// SPDX-License-Identifier: Apache-2.0
// Instructions as the official profiler prints them; the forms are those of public profile exports:
//   S[4] (Scalar)>=292 S[4] (Scalar)++@complete acc_flags=3 src=fp16@0x5600[1,0,0][3,1,1] 3*128
// What no export shows is printed field by field, as assembly.cpp does.
#include <bit>

#include "isa/assembly.h"
#include "isa/isa.h"

namespace neuron::isa {
namespace {

std::string wait_text(std::uint8_t mode, unsigned semaphore, std::uint32_t value) {
  return mode == kNoWait ? "" : fmt::format("S[{}]>={} ", semaphore, value);
}

std::string memory_text(const Pattern& p, int dims) {
  std::string steps, nums;
  for (int d = 0; d < dims; ++d) {
    steps += fmt::format("{}{}", d ? "," : "", p.steps[d]);
    nums += fmt::format("{}{}", d ? "," : "", p.nums[d]);
  }
  return fmt::format("0x{:x}[{}][{}]", p.start, steps, nums);
}
std::string typed_text(DType type, const Pattern& p, int dims) {
  return fmt::format("{}@{}", info(type).shown, memory_text(p, dims));
}

/// Which quarters of the array's columns take part, when not all do.
std::string columns_text(unsigned groups) {
  if (groups == 15) return "";
  std::string out = "col_grp=";
  for (int q = 0; q < 4; ++q)
    if (groups >> q & 1) out += fmt::format("{}q{}", out.ends_with('=') ? "" : ",", q);
  return out + " ";
}

std::string halves_text(unsigned fp32_mode) {
  constexpr const char* kModes[] = {"", "LOW", "HIGH", "LOW_HIGH"};
  if (fp32_mode == 0) return "";
  return fp32_mode < 4 ? fmt::format("fp32_mode={} ", kModes[fp32_mode])
                       : fmt::format("fp32_mode={} ", fp32_mode);
}

std::string official(const ldweights& op) {
  return fmt::format("{}transpose_mode={} src={} {}*{} {}", halves_text(op.fp32_mode),
                     op.transpose ? "ENABLED" : "DISABLED", typed_text(op.src_type, op.src, 3),
                     op.rows, op.columns, columns_text(op.column_groups));
}

std::string official(const matmul& op) {
  const std::string type =
      op.dst_type == DType::Unknown ? "" : fmt::format("{}@", info(op.dst_type).shown);
  return fmt::format("acc_flags={} {}{}src={} dst={}{} {}*{}", op.acc_flags,
                     columns_text(op.column_groups), halves_text(op.fp32_mode),
                     typed_text(op.src_type, op.src, 3), type, memory_text(op.dst, 3), op.rows,
                     op.columns);
}

std::string official(const activate& op) {
  const std::string bias =
      op.bias_is_value ? "" : fmt::format("bias_ptr={}@0x{:x} ", info(op.bias_type).shown, op.bias);
  const std::string scale = op.scale_is_address
                                ? fmt::format("[0x{:x}]", std::bit_cast<std::uint32_t>(op.scale))
                                : fmt::format("{:.6f}", op.scale);
  return fmt::format("{} {}src={} dst={} channels={} scale={} imm={:.6f} accumulator_cmd=IDLE",
                     text_of(op.function), bias, typed_text(op.src_type, op.src, 3),
                     typed_text(op.dst_type, op.dst, 3), op.partitions, scale,
                     op.bias_is_value ? std::bit_cast<float>(op.bias) : 0.0f);
}

std::string official(const act_table_load& op) { return fmt::format("table_sel={}", op.set); }

template <class Op>
std::string one_to_one(const Op& op) {
  return fmt::format("src={} dst={} channels={}", typed_text(op.src_type, op.src, 4),
                     typed_text(op.dst_type, op.dst, 4), op.partitions);
}
std::string official(const copy& op) { return one_to_one(op); }
std::string official(const cast& op) { return one_to_one(op); }
std::string official(const reciprocal& op) { return one_to_one(op); }

std::string official(const tensor_reduce& op) {
  const std::string axes = op.axes == 2   ? "X"
                           : op.axes == 3 ? "XY"
                           : op.axes == 4 ? "XYZ"
                           : op.axes == 5 ? "XYZW"
                                          : fmt::format("{}", op.axes);
  return fmt::format("op={} dim={} {}{}", text_of(op.op), axes, op.negate ? "negated=1 " : "",
                     one_to_one(op));
}

std::string official(const tensor_scalar& op) {
  const std::string first = op.operand0_is_address
                                ? fmt::format("0x{:x}", op.operand0)
                                : fmt::format("{}", std::bit_cast<float>(op.operand0));
  return fmt::format("ops={},{} imm={},{} imm_src={},INSTRUCTION src={} dst={} channels={}",
                     text_of(op.op0), text_of(op.op1), first, std::bit_cast<float>(op.operand1),
                     op.operand0_is_address ? "PTR" : "INSTRUCTION",
                     typed_text(op.src_type, op.src, 3), typed_text(op.dst_type, op.dst, 3),
                     op.partitions);
}

std::string official(const event_semaphore& op) {
  return "setter=0 " +
         wait_text(op.second_wait_mode, op.second_wait_semaphore, op.second_wait_value);
}
std::string official(const nop&) { return "cycle=0"; }
std::string official(const set_ordering_mode&) { return "ordering_mode=relaxed"; }

/// A variable by id, or an entry of the DGE table; bit 3 says that a register holds the offset.
std::string place_text(const char* side, std::uint32_t variable, std::uint32_t offset) {
  const unsigned kind = variable >> 24, index = variable & 0xffffff;
  if (kind == 0x10) return fmt::format("{0}_var_id={1} {0}_var_offset={2}", side, index, offset);
  if (kind == 0x20 || kind == 0x28)
    return fmt::format("{0}_table_offset_{3}={1} {0}_table_index={2}", side, offset, index,
                       kind == 0x20 ? "imm" : "reg");
  return fmt::format("{}_var=0x{:x} {}_offset={}", side, variable, side, offset);
}

std::string official(const pseudo_dma_direct2d& op) {
  std::string out = fmt::format(
      "dge_op=DIRECT2D semaphore={} sem_increment={} src_elem_size={} dst_elem_size={} "
      "src_pattern=[{},{}][{},{}] dst_pattern=[{},{}][{},{}] ",
      op.semaphore, op.increment, op.src_element, op.dst_element, op.src_step0, op.src_step1,
      op.src_num0, op.src_num1, op.dst_step0, op.dst_step1, op.dst_num0, op.dst_num1);
  out += place_text("src", op.src_variable, op.src_offset);
  out += fmt::format(" src_shape_reg={} ", op.src_register);
  out += place_text("dst", op.dst_variable, op.dst_offset) + " dst_shape_reg=0";
  if (op.src_type != op.dst_type)
    out +=
        fmt::format(" in_dtype={} out_dtype={}", info(op.src_type).shown, info(op.dst_type).shown);
  return out;
}

}  // namespace

std::string operands_of(const Instruction& i) {
  std::string out = wait_text(i.sync.wait_mode, i.sync.wait_semaphore, i.sync.wait_value);
  if (i.sync.update_mode != kNoUpdate)
    out += fmt::format("S[{}]++@complete ", i.sync.update_semaphore);
  std::visit(
      [&](const auto& op) {
        if constexpr (requires { official(op); })
          out += official(op);
        else
          out += fields_of(i);
      },
      i.op);
  return out.substr(0, out.find_last_not_of(' ') + 1);
}

std::string text_of(const Instruction& instruction) {
  const OpInfo* row = find_op(opcode_of(instruction));
  return fmt::format("{:<20} {}", row ? row->text : "UNKNOWN", operands_of(instruction));
}

}  // namespace neuron::isa
