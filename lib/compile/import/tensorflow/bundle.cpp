// SPDX-License-Identifier: Apache-2.0
#include "compile/import/tensorflow/bundle.h"

#include <isa-l/crc.h>

#include <algorithm>

#include "compile/import/tensorflow/tensors.h"
#include "compile/shapes.h"

namespace neuron::compile::tensorflow {
namespace {

// Public documentation of the table format: leveldb/doc/table_format.md.
constexpr std::uint64_t kTableMagic = 0xdb4775248b80fb57;
constexpr std::size_t kFooter = 48, kTrailer = 5;
constexpr int kMostShards = 10000;

struct Block {
  std::uint64_t offset = 0, size = 0;
};

std::uint64_t take_varint(Reader& reader) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = reader.take<std::uint8_t>();
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

Block take_block(Reader& reader) {
  const std::uint64_t offset = take_varint(reader);
  return {offset, take_varint(reader)};
}

/// The checksum as tables and bundles store it: rotated, and moved by a constant.
std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

/// CRC-32C of all parts, one after the other.
std::uint32_t checksum(ByteView bytes) {
  std::uint32_t crc = 0xffffffff;
  constexpr std::size_t kPart = 1 << 30;  // the library counts in int
  while (!bytes.empty()) {
    const std::size_t part = std::min(bytes.size(), kPart);
    auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data()));
    crc = crc32_iscsi(data, static_cast<int>(part), crc);
    bytes = bytes.subspan(part);
  }
  return ~crc;
}

Result<ByteView> block_at(ByteView file, const Block& block) {
  if (block.size > file.size() || block.offset > file.size() - block.size ||
      file.size() - block.size - block.offset < kTrailer)
    return fail(Code::Malformed, "a block at {} of {} bytes, the file has {}", block.offset,
                block.size, file.size());
  const ByteView whole = file.subspan(block.offset, block.size + 1);
  const auto kind = load<std::uint8_t>(whole, block.size);
  if (kind != 0)
    return fail(Code::UnsupportedVersion,
                "the block at {} is compressed ({}), supported are plain ones", block.offset, kind);
  const auto stored = load<std::uint32_t>(file, block.offset + block.size + 1);
  if (masked(checksum(whole)) != stored)
    return fail(Code::Malformed, "the block at {} has a wrong checksum", block.offset);
  return whole.first(block.size);
}

Result<> read_block(ByteView block, std::map<std::string, std::string>& out) {
  if (block.size() < 4) return fail(Code::Malformed, "a block of {} bytes", block.size());
  const std::uint64_t restarts = load<std::uint32_t>(block, block.size() - 4);
  if (restarts > (block.size() - 4) / 4)
    return fail(Code::Malformed, "a block of {} bytes with {} restarts", block.size(), restarts);
  Reader reader(block.first(block.size() - 4 - restarts * 4));
  std::string key;
  while (reader.left() > 0) {
    const std::uint64_t shared = take_varint(reader), more = take_varint(reader);
    const std::uint64_t size = take_varint(reader);
    const ByteView rest = reader.take(more), value = reader.take(size);
    if (!reader.ok() || shared > key.size())
      return fail(Code::Malformed, "an entry of a block ends after it");
    key = key.substr(0, shared) + std::string(text_of(rest));
    out[key] = std::string(text_of(value));
  }
  return {};
}

fs::path shard_path(const fs::path& prefix, int shard, int shards) {
  return prefix.string() + fmt::format(".data-{:05}-of-{:05}", shard, shards);
}

}  // namespace

Result<std::map<std::string, std::string>> read_table(ByteView bytes) {
  if (bytes.size() < kFooter || load<std::uint64_t>(bytes, bytes.size() - 8) != kTableMagic)
    return fail(Code::Malformed, "no table of a checkpoint: its last 8 bytes are others");
  Reader footer(bytes.subspan(bytes.size() - kFooter, 40));
  take_block(footer);  // of what is told about the table
  const Block index = take_block(footer);
  std::map<std::string, std::string> blocks, out;
  const ByteView root = TRY(block_at(bytes, index));
  TRY(read_block(root, blocks));
  for (const auto& [last, handle] : blocks) {
    Reader reader(view_of(handle));
    const ByteView block = TRY(block_at(bytes, take_block(reader)));
    TRY(read_block(block, out));
  }
  return out;
}

Result<Bundle> Bundle::open(const fs::path& prefix) {
  const fs::path path = prefix.string() + ".index";
  const Bytes bytes = TRY(read_file(path));
  auto table = read_table(bytes);
  if (!table) return std::move(table).error().within(path.string());
  Bundle bundle;
  bundle.prefix_ = prefix;
  ::neuron::tensorflow::BundleHeaderProto header;
  const auto first = table->find("");
  if (first == table->end() || !header.ParseFromString(first->second))
    return fail(Code::Malformed, "{}: the header is missing", path.string());
  if (header.endianness() != 0)
    return fail(Code::UnsupportedVersion, "{}: big-endian numbers are not supported",
                path.string());
  if (header.num_shards() < 1 || header.num_shards() > kMostShards)
    return fail(Code::Malformed, "{}: {} data files", path.string(), header.num_shards());
  for (const auto& [name, text] : *table)
    if (!name.empty() && !bundle.entries_[name].ParseFromString(text))
      return fail(Code::Malformed, "{}: the entry of '{}' is damaged", path.string(), name);
  for (int i = 0; i < header.num_shards(); ++i) {
    auto shard = TRY(MappedFile::open(shard_path(prefix, i, header.num_shards())));
    bundle.shards_.push_back(std::move(shard));
  }
  return bundle;
}

Result<Tensor> Bundle::read(const std::string& name) const {
  const auto at = entries_.find(name);
  if (at == entries_.end())
    return fail(Code::Malformed, "{}: there is no tensor '{}'", prefix_.string(), name);
  const auto& entry = at->second;
  if (entry.slices_size() > 0)
    return fail(Code::UnsupportedVersion,
                "{}: '{}' is stored in slices; supported are whole tensors", prefix_.string(),
                name);
  Tensor tensor;
  tensor.type = TRY(dtype_of(entry.dtype()).within(name));
  tensor.shape = shape_of(entry.shape()).value_or(Shape{});
  TRY(check_shape(tensor.shape).within(name));
  const auto size = static_cast<std::uint64_t>(count_of(tensor.shape)) * size_of(tensor.type);
  if (entry.shard_id() < 0 || static_cast<std::size_t>(entry.shard_id()) >= shards_.size())
    return fail(Code::Malformed, "{}: '{}' lies in data file {}", prefix_.string(), name,
                entry.shard_id());
  const ByteView file = shards_[static_cast<std::size_t>(entry.shard_id())]->bytes();
  const auto from = static_cast<std::uint64_t>(entry.offset());
  if (static_cast<std::uint64_t>(entry.size()) != size || from > file.size() ||
      size > file.size() - from)
    return fail(Code::Malformed, "{}: '{}' of shape {} is {} bytes at {}, the data file has {}",
                prefix_.string(), name, text_of(tensor.shape), entry.size(), entry.offset(),
                file.size());
  const ByteView bytes = file.subspan(from, size);
  if (masked(checksum(bytes)) != entry.crc32c())
    return fail(Code::Malformed, "{}: '{}' has a wrong checksum", prefix_.string(), name);
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return tensor;
}

}  // namespace neuron::compile::tensorflow
