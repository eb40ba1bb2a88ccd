// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <memory>

#include "base/file.h"

namespace neuron {

/// Bytes that are looked at, with whatever keeps them alive: a vector of their own, or a part of
/// something larger such as a mapped file. A copy shares; edit() parts from the others first.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(Bytes bytes) : own_(std::make_shared<Bytes>(std::move(bytes))), view_(*own_) {}
  SharedBytes(std::shared_ptr<const MappedFile> file)
      : view_(file->bytes()), file_(std::move(file)) {}
  /// Bytes that the caller keeps alive and unchanged.
  static SharedBytes borrowed(ByteView view) {
    SharedBytes bytes;
    bytes.view_ = view;
    return bytes;
  }
  /// Bytes that `keeper` keeps alive and unchanged.
  static SharedBytes kept(ByteView view, std::shared_ptr<const void> keeper) {
    SharedBytes bytes = borrowed(view);
    bytes.keeper_ = std::move(keeper);
    return bytes;
  }
  /// Whether they last as long as this does, which borrowed ones need not.
  bool is_kept() const { return own_ || file_ || keeper_; }

  ByteView view() const { return own_ && is_whole_ ? ByteView(*own_) : view_; }
  operator ByteView() const { return view(); }
  const std::byte* data() const { return view().data(); }
  std::size_t size() const { return view().size(); }
  bool empty() const { return view().empty(); }
  ByteView::iterator begin() const { return view().begin(); }
  ByteView::iterator end() const { return view().end(); }
  const std::byte& operator[](std::size_t at) const { return view()[at]; }

  /// `count` bytes from `offset` on, which lie inside; shares their owner.
  SharedBytes part(std::size_t offset, std::size_t count) const {
    SharedBytes part = *this;
    part.view_ = view().subspan(offset, count);
    part.is_whole_ = false;
    return part;
  }
  /// The same bytes as a vector of nobody else, to be changed.
  Bytes& edit() {
    if (!own_ || !is_whole_ || own_.use_count() > 1) own_ = std::make_shared<Bytes>(begin(), end());
    is_whole_ = true;
    file_.reset();
    keeper_.reset();
    return *own_;
  }
  /// The mapped file they lie in, if any.
  const MappedFile* file() const { return file_.get(); }
  /// Tells that they will not be looked at soon: pages of a mapped file leave memory.
  void release() const {
    if (file_) file_->release(view_);
  }

  friend bool operator==(const SharedBytes& a, const SharedBytes& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
  friend bool operator==(const SharedBytes& a, const Bytes& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::shared_ptr<Bytes> own_;
  ByteView view_;
  std::shared_ptr<const MappedFile> file_;
  std::shared_ptr<const void> keeper_;
  bool is_whole_ = true;  ///< all of own_, which edit() may have changed since
};

}  // namespace neuron
