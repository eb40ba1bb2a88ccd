// SPDX-License-Identifier: Apache-2.0
// Constants that stay in SBUF from execution to execution, as far as the room for them goes.
#include <algorithm>

#include "compile/ops/lowering.h"

namespace neuron::compile {
namespace {

/// Moves to address 0 by all that they read and how they lie there.
std::string key_of(const std::vector<Move>& moves) {
  std::string key;
  for (const Move& m : moves) {
    key += fmt::format("{}+{}>{}:{}", m.from.variable.value, m.from.offset, m.to.offset, m.run);
    for (const Loop& l : m.loops) key += fmt::format(",{}*{}>{}", l.count, l.from, l.to);
    key += ';';
  }
  return key;
}

}  // namespace

void Lowering::keep_room(std::uint64_t bytes) {
  if (bytes == 0) return;
  const Tile room = Arena::take_last(kernel.sbuf, bytes);
  if (!room) return;
  // An arena of the room alone: what lies before it is taken.
  kept_ = std::make_shared<Arena>(room->begin + room->bytes);
  kept_rooms_ = {room, Arena::take(kept_, room->begin)};
}

Result<Tile> Lowering::loaded(std::int64_t bytes, const Moves& moves, bool lasting) {
  const std::vector<Move> fill = moves(0);
  const bool constant = std::all_of(fill.begin(), fill.end(), [&](const Move& m) {
    return kernel.variables[m.from.variable.value].use == VariableUse::Constant;
  });
  if (kept_ && constant) {
    Tile& stays = stays_[key_of(fill)];
    if (stays) return stays;
    stays = Arena::take(kept_, static_cast<std::uint64_t>(bytes));
    if (stays) {
      kernel.kept_bytes += stays->bytes;
      for (Move& m : moves(address_of(stays))) kernel.at_load.push_back(std::move(m));
      return stays;
    }
  }
  const Tile tile = TRY(lasting ? lasting_tile(bytes) : this->tile(bytes));
  kernel.load(moves(address_of(tile)));
  return tile;
}

}  // namespace neuron::compile
