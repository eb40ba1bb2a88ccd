// SPDX-License-Identifier: Apache-2.0
// Constants on chip that many operators share: scalars by partition, the identity, zeros, ones.
#include <algorithm>

#include "compile/ops/lowering.h"

namespace neuron::compile {
namespace {

constexpr int kTableColumns = 64;

}  // namespace

Result<std::uint32_t> Lowering::scalars(std::span<const float> values) {
  if (tables_.empty() || tables_.back().used == kTableColumns) {
    Table t;
    t.variable = constant("scalars", {isa::kPartitions, kTableColumns},
                          std::vector<float>(isa::kPartitions * kTableColumns));
    const auto fill = [&](std::uint32_t at) {
      return std::vector<Move>{row_load({t.variable}, kTableColumns * kWord, at, isa::kPartitions,
                                        kTableColumns * kWord)};
    };
    t.tile = TRY(loaded(kTableColumns * kWord, fill, true));
    tables_.push_back(t);
  }
  Table& t = tables_.back();
  Bytes& bytes = kernel.variables[t.variable.value].constant.bytes;
  for (std::size_t p = 0; p < values.size(); ++p)
    neuron::store(std::span(bytes), (p * kTableColumns + t.used) * sizeof(float), values[p]);
  return address_of(t.tile) + static_cast<std::uint32_t>(t.used++ * kWord);
}

/// Tables were loaded before it was known how many columns they have; now they shrink to those.
void Lowering::trim_tables() {
  for (const Table& t : tables_) {
    KernelVariable& v = kernel.variables[t.variable.value];
    Bytes packed;
    const std::size_t row = static_cast<std::size_t>(t.used) * sizeof(float);
    for (int p = 0; p < isa::kPartitions; ++p) {
      const auto at = v.constant.bytes.begin() + p * kTableColumns * kWord;
      packed.insert(packed.end(), at, at + static_cast<std::ptrdiff_t>(row));
    }
    v.constant.shape = {isa::kPartitions, t.used};
    v.constant.bytes = std::move(packed);
    v.bytes = v.constant.bytes.size();
    const auto shrink = [&](Move& m) {
      if (m.from.variable != t.variable) return;
      m.run = static_cast<std::int64_t>(row);
      m.loops[0].from = m.run;
    };
    for (KernelTransfer& transfer : kernel.transfers)
      std::for_each(transfer.moves.begin(), transfer.moves.end(), shrink);
    std::for_each(kernel.at_load.begin(), kernel.at_load.end(), shrink);
  }
}

Result<std::uint32_t> Lowering::identity() {
  if (!identity_) {
    std::vector<float> data(isa::kPartitions * isa::kPartitions);
    for (int i = 0; i < isa::kPartitions; ++i) data[i * isa::kPartitions + i] = 1;
    const VariableId v = constant("identity", {isa::kPartitions, isa::kPartitions}, data);
    const auto fill = [&](std::uint32_t at) {
      return std::vector<Move>{
          row_load({v}, isa::kPartitions * kWord, at, isa::kPartitions, isa::kPartitions * kWord)};
    };
    identity_ = TRY(loaded(isa::kPartitions * kWord, fill, true));
  }
  return address_of(identity_);
}

Result<std::uint32_t> Lowering::zeros() {
  if (!zeros_) {
    zeros_ = TRY(lasting_tile(isa::kPartitions * kWord));
    kernel.memset(Engine::Vector, line(address_of(zeros_), isa::kPartitions, isa::kPartitions), 0);
  }
  return address_of(zeros_);
}

Result<std::uint32_t> Lowering::ones() {
  if (!ones_) {
    ones_ = TRY(lasting_tile(isa::kPartitions * kWord));
    kernel.memset(Engine::Vector, line(address_of(ones_), 1, isa::kPartitions), 1);
  }
  return address_of(ones_);
}

}  // namespace neuron::compile
