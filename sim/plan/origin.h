// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/bytes.h"
#include "sim/plan/region.h"

/// Which bytes of SBUF hold constants of the package, and who needs the transfers that put them
/// there.
namespace neuron::sim {

/// Constant bytes behind a view: its first element in its first partition, and the next partition's
/// `pitch` bytes on.
struct ConstantRows {
  const std::byte* data = nullptr;
  std::size_t pitch = 0;
  explicit operator bool() const { return data != nullptr; }
  bool operator==(const ConstantRows&) const = default;
};

class Origins {
 public:
  /// Forgets constants that some transfer of the program writes to.
  Origins(const Loaded& loaded, std::span<const ByteView> constants);

  /// Notes what `transfer` leaves in SBUF. `id` is told back by needed(). Whence it comes may only
  /// be known when it runs.
  void arrive(const Transfer& transfer, std::size_t id, bool known = true);
  /// The constant bytes behind a region of SBUF, if they are all one transfer's.
  ConstantRows find(const Region& region) const;
  void read(const Region& region);
  void write(const Touch& touch);
  /// Whether transfer `id` has been read other than through find(), or brings more than constants.
  bool needed(std::size_t id) const { return needed_[id]; }

 private:
  struct Origin {
    Region region;
    ConstantRows rows;
    std::size_t id;
  };
  /// What of an origin lies outside of a hole.
  static void append_rest(const Origin& o, const Region& hole, std::vector<Origin>& out);

  const Program& program_;
  std::vector<ByteView> constants_;
  std::vector<Origin> origins_;
  std::vector<bool> needed_;
};

}  // namespace neuron::sim
