// SPDX-License-Identifier: Apache-2.0
#include "neff/spool.h"

namespace neuron::neff {

Result<> Spool::append(ByteView piece) {
  constexpr std::size_t kInMemory = std::size_t{16} << 20;
  size_ += piece.size();
  if (!file_ && memory_.size() + piece.size() > kInMemory) {
    auto file = TRY(SpoolFile::create());
    file_.emplace(std::move(file));
    TRY(file_->append(memory_));
    memory_ = Bytes();
  }
  if (file_) return file_->append(piece);
  memory_.insert(memory_.end(), piece.begin(), piece.end());
  return {};
}

Result<SharedBytes> Spool::take() {
  if (!file_) return SharedBytes(std::move(memory_));
  auto mapped = TRY(file_->map());
  return SharedBytes(std::move(mapped));
}

}  // namespace neuron::neff
