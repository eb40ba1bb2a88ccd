// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "base/file.h"

/// Lists that may be larger than memory: past some size they lie in a file without a name, and
/// those who walk through them let go what is behind.
///   SpoolList<Row> rows{SpoolAllocator<Row>(directory)};
///   for (const Row& row : passing(rows)) ...
namespace neuron {

/// Zeros in memory or, given a directory, in a file there; null when neither has room.
void* spool_map(std::size_t bytes, const fs::path& directory);
void spool_unmap(void* at, std::size_t bytes);
/// Lets go of the pages between the two; they come back when they are looked at.
void spool_release(const void* block, const void* begin, const void* end);

/// Memory for lists that live in `directory` once they are large; without one, plain memory.
template <class T>
class SpoolAllocator {
 public:
  using value_type = T;
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;
  static constexpr std::size_t kSmall = std::size_t{4} << 20;

  SpoolAllocator() = default;
  explicit SpoolAllocator(const fs::path& directory)
      : directory_(directory.empty() ? nullptr : std::make_shared<const fs::path>(directory)) {}
  template <class U>
  SpoolAllocator(const SpoolAllocator<U>& other) : directory_(other.directory()) {}

  T* allocate(std::size_t count) {
    if (!is_spooled(count)) return std::allocator<T>().allocate(count);
    void* at = spool_map(count * sizeof(T), *directory_);
    if (!at) throw std::bad_alloc();
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t count) {
    if (is_spooled(count)) return spool_unmap(at, count * sizeof(T));
    std::allocator<T>().deallocate(at, count);
  }
  bool is_spooled(std::size_t count) const { return directory_ && count * sizeof(T) >= kSmall; }
  const std::shared_ptr<const fs::path>& directory() const { return directory_; }
  template <class U>
  bool operator==(const SpoolAllocator<U>& other) const {
    return directory_ == other.directory();
  }

 private:
  std::shared_ptr<const fs::path> directory_;
};
template <class T>
using SpoolList = std::vector<T, SpoolAllocator<T>>;

/// Lets go of the rows from `begin` to `end`, which stay what they are.
template <class T>
void release(const SpoolList<T>& list, std::size_t begin, std::size_t end) {
  if (list.get_allocator().is_spooled(list.capacity()) && begin < end)
    spool_release(list.data(), list.data() + begin, list.data() + end);
}

/// Rows of a list that is only added to stay in memory up to this many bytes.
inline constexpr std::size_t kNearBytes = std::size_t{1} << 20;

/// Makes a list longer by copies of `value`; what is new is let go as it is made.
template <class T>
void extend(SpoolList<T>& list, std::size_t size, const T& value = T()) {
  constexpr std::size_t kStep = kNearBytes / sizeof(T);
  list.reserve(size);
  while (list.size() < size) {
    const std::size_t from = list.size();
    list.resize(std::min(size, from + kStep), value);
    release(list, from, list.size());
  }
}

/// Adds a row at the end. A large list is let go behind it, also while it moves to more room, where
/// push_back() would have all of it in memory twice.
template <class T>
void add(SpoolList<T>& list, const T& row) {
  constexpr std::size_t kStep = kNearBytes / sizeof(T);
  if (list.size() == list.capacity() && list.get_allocator().is_spooled(list.size())) {
    SpoolList<T> wider(list.get_allocator());
    wider.reserve(list.size() * 2);
    for (std::size_t i = 0; i < list.size(); i += kStep) {
      const std::size_t end = std::min(i + kStep, list.size());
      wider.insert(wider.end(), list.data() + i, list.data() + end);
      release(list, i, end);
      release(wider, i, end);
    }
    list = std::move(wider);
  }
  list.push_back(row);
  if (list.size() % kStep == 0) release(list, 0, list.size());
}

/// The rows of a list for one walk through it; what lies behind is let go on the way.
template <class T>
class Passing {
 public:
  explicit Passing(const SpoolList<T>& list) : list_(list) {}
  class Iterator {
   public:
    Iterator(const SpoolList<T>& list, std::size_t at)
        : list_(&list), at_(list.data() + at), mark_(next_mark()) {}
    const T& operator*() const { return *at_; }
    Iterator& operator++() {
      if (++at_ == mark_) {
        const auto index = static_cast<std::size_t>(at_ - list_->data());
        release(*list_, index - std::min(index, kStep), index);
        mark_ = next_mark();
      }
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    static constexpr std::size_t kStep = (std::size_t{4} << 20) / sizeof(T);
    const T* next_mark() const {
      const auto left = static_cast<std::size_t>(list_->data() + list_->size() - at_);
      return at_ + std::min(left, kStep);
    }
    const SpoolList<T>* list_;
    const T* at_;
    const T* mark_;
  };
  Iterator begin() const { return {list_, 0}; }
  Iterator end() const { return {list_, list_.size()}; }

 private:
  const SpoolList<T>& list_;
};
template <class T>
Passing<T> passing(const SpoolList<T>& list) {
  return Passing<T>(list);
}

/// Bytes that are only added to, until they are taken piece by piece.
class SpoolBytes {
 public:
  explicit SpoolBytes(const fs::path& directory) : allocator_(directory) {}
  void append(ByteView bytes) {
    constexpr std::size_t kFirst = std::size_t{64} << 10, kNext = std::size_t{16} << 20;
    if (pieces_.empty() || pieces_.back().capacity() - pieces_.back().size() < bytes.size()) {
      if (!pieces_.empty()) release(pieces_.back(), 0, pieces_.back().size());
      const std::size_t size = pieces_.empty() ? kFirst : kNext;
      pieces_.emplace_back(allocator_).reserve(std::max(bytes.size(), size));
      let_go_ = 0;
    }
    SpoolList<std::byte>& piece = pieces_.back();
    piece.insert(piece.end(), bytes.begin(), bytes.end());
    if (piece.size() - let_go_ < kNearBytes) return;
    release(piece, let_go_, piece.size());
    let_go_ = piece.size();
  }
  const std::vector<SpoolList<std::byte>>& pieces() const { return pieces_; }

 private:
  SpoolAllocator<std::byte> allocator_;
  std::vector<SpoolList<std::byte>> pieces_;
  std::size_t let_go_ = 0;  ///< bytes of the last piece
};

template <class T, class Less>
bool is_in_order(const SpoolList<T>& list, Less less) {
  const T* before = nullptr;
  for (const T& row : passing(list)) {
    if (before && less(row, *before)) return false;
    before = &row;
  }
  return true;
}

/// Sorts and keeps the order of equals. Windows that overlap by half go first: a list that is
/// nearly in order, as records of a device are, is then done and took no more memory than one.
template <class T, class Less>
void sort_stably(SpoolList<T>& list, Less less) {
  const auto at = [&](std::size_t i) { return list.begin() + static_cast<std::ptrdiff_t>(i); };
  for (const std::size_t half : {std::size_t{1} << 12, std::size_t{1} << 17}) {
    if (is_in_order(list, less)) return;
    for (std::size_t begin = 0; begin < list.size(); begin += half) {
      const std::size_t end = std::min(begin + 2 * half, list.size());
      if (!std::is_sorted(at(begin), at(end), less)) std::stable_sort(at(begin), at(end), less);
      release(list, begin - std::min(begin, half), begin);
    }
  }
  if (!is_in_order(list, less)) std::stable_sort(list.begin(), list.end(), less);
}

}  // namespace neuron
