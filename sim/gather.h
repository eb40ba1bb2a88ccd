// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "sim/probe.h"

namespace neuron::sim {

/// Puts together what instructions wrote under one name: a tensor is made tile by tile, and where
/// tiles lie side by side in SBUF or PSUM they become one array. Later writes win.
class Gatherer {
 public:
  /// Notes what one instruction left in SBUF or PSUM; a Traced without an extent is passed over.
  void add(const std::string& name, const Traced& t);

  struct Array {
    std::string name;
    Tensor value;                  ///< a row a partition; zeros where nothing was written
    std::string place;             ///< of its first element
    std::size_t instructions = 0;  ///< whose last writes it holds
    bool whole = true;             ///< every element was written
  };
  /// By name, then from the front of the memory.
  std::vector<Array> arrays() const;

 private:
  struct Tile {
    std::size_t turn;  ///< when it was written
    Bytes bytes;
  };
  using Tiles = std::map<Extent, Tile>;
  using Side = std::vector<const Tiles::value_type*>;  ///< tiles that lie side by side

  static std::vector<Side> sides_of(const Tiles& tiles);
  static Array array_of(const std::string& name, Side side);

  std::map<std::string, Tiles> tiles_;
  std::size_t turns_ = 0;
};

}  // namespace neuron::sim
