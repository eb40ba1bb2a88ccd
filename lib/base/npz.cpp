// SPDX-License-Identifier: Apache-2.0
#include "base/npz.h"

#include "base/npy.h"

namespace neuron::npz {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr std::size_t kEndBytes = 22, kMostComment = 0xffff;

/// The directory's place and count, from the record at the end of the file.
struct Directory {
  std::size_t offset = 0;
  std::uint16_t entries = 0;
};

Result<Directory> directory_of(ByteView bytes) {
  for (std::size_t back = kEndBytes; back <= std::min(bytes.size(), kEndBytes + kMostComment);
       ++back) {
    Reader in(bytes.subspan(bytes.size() - back));
    if (in.take<std::uint32_t>() != kEnd) continue;
    in.take(6);  // disks
    Directory out;
    out.entries = in.take<std::uint16_t>();
    in.take<std::uint32_t>();  // bytes of the directory
    out.offset = in.take<std::uint32_t>();
    if (in.ok()) return out;
  }
  return fail(Code::Malformed, "no zip directory at the end");
}

/// The bytes of a stored member, whose local header repeats its name.
Result<ByteView> member_at(ByteView bytes, std::uint32_t offset, std::uint32_t size) {
  Reader in(bytes);
  in.seek(offset);
  if (in.take<std::uint32_t>() != kLocal)
    return fail(Code::Malformed, "no member begins at byte {}", offset);
  in.take(22);
  const auto name = in.take<std::uint16_t>(), extra = in.take<std::uint16_t>();
  in.take(std::size_t{name} + extra);
  const auto data = in.take(size);
  if (!in.ok()) return fail(Code::Malformed, "{} bytes at {} leave the file", size, offset);
  return data;
}

}  // namespace

bool is_npz(ByteView bytes) { return Reader(bytes).take<std::uint32_t>() == kLocal; }

Result<std::map<std::string, Tensor>> parse(ByteView bytes) {
  const auto directory = TRY(directory_of(bytes));
  std::map<std::string, Tensor> out;
  Reader in(bytes);
  in.seek(directory.offset);
  for (std::uint16_t i = 0; i < directory.entries; ++i) {
    const bool is_entry = in.take<std::uint32_t>() == kCentral;
    in.take(6);
    const auto method = in.take<std::uint16_t>();
    in.take(8);  // time, date, checksum
    const auto packed = in.take<std::uint32_t>(), size = in.take<std::uint32_t>();
    const auto name_size = in.take<std::uint16_t>(), extra = in.take<std::uint16_t>(),
               comment = in.take<std::uint16_t>();
    in.take(8);  // disk, attributes
    const auto offset = in.take<std::uint32_t>();
    std::string name(text_of(in.take(name_size)));
    in.take(std::size_t{extra} + comment);
    if (!in.ok() || !is_entry) return fail(Code::Malformed, "entry {} of the directory", i);
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    if (method != 0 || packed != size)
      return fail(Code::UnsupportedVersion, "{} is compressed; save with numpy.savez", name);
    const auto data = TRY(member_at(bytes, offset, size).within(name));
    auto tensor = TRY(npy::parse(data).within(name));
    out.insert_or_assign(name, std::move(tensor));
  }
  return out;
}

}  // namespace neuron::npz
