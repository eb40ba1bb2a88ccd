// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/dtype.h"
#include "base/result.h"

/// What a program asks of other ranks. The machine checks it and gives the bytes; who loaded the
/// program knows the other ranks and moves them (Core::join).
namespace neuron::sim {

enum class CollectiveOp { AllGather, AllReduce, ReduceScatter, AllToAll, Permute, SendReceive };
enum class CollectiveReduction { Add, Max, Min };

struct Collective {
  CollectiveOp op = CollectiveOp::AllGather;
  CollectiveReduction reduction = CollectiveReduction::Add;
  DType type = DType::UInt8;
  /// Replica groups of equal size; empty: one of all ranks.
  std::vector<std::vector<std::uint32_t>> groups;
  /// Permute: from and to, as indices in the group. SendReceive: one pair.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  std::uint32_t stream = 0;  ///< of the CC-core; those of one stream run in order
};

class CollectivePort {
 public:
  virtual ~CollectivePort() = default;
  virtual Result<> run(const Collective& what, ByteView in, std::span<std::byte> out) = 0;
};

}  // namespace neuron::sim
