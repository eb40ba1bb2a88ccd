// SPDX-License-Identifier: Apache-2.0
#include "view/store/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace neuron::view {
namespace {

constexpr std::array<char, 8> kMagic{'N', 'E', 'U', 'R', 'P', 'R', 'O', 'F'};
constexpr std::uint64_t kBlockLimit = 256u << 20;  // of one decompressed block
constexpr std::uint64_t kCacheBytes = 256u << 20;  // of decompressed blocks for each profile
constexpr std::uint64_t kTextsInChunk = 4096, kTextBytesInChunk = 1u << 20;

struct Footer {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kSegmentVersion, tables = 0;
  std::uint64_t directory = 0, directory_size = 0, directory_raw = 0;
  std::uint64_t description = 0, description_size = 0, description_raw = 0;
};
static_assert(sizeof(Footer) == 64);

Bytes pack_texts(std::span<const std::string> texts) {
  Writer out;
  out.put(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) out.put(static_cast<std::uint32_t>(text.size()));
  for (const std::string& text : texts) out.append(text);
  return std::move(out).take();
}

Result<std::vector<std::string>> parse_texts(ByteView raw) {
  Reader in(raw);
  const auto count = in.take<std::uint32_t>();
  if (count > in.left() / 4) return fail(Code::Malformed, "block of {} texts", count);
  std::vector<std::uint32_t> sizes(count);
  for (auto& size : sizes) size = in.take<std::uint32_t>();
  std::vector<std::string> texts;
  texts.reserve(count);
  for (const auto size : sizes) texts.emplace_back(text_of(in.take(size)));
  if (!in.ok()) return fail(Code::Malformed, "texts end at byte {}", in.offset());
  return texts;
}

}  // namespace

Result<> SegmentPart::append(ByteView raw, std::uint32_t table, Chunk chunk) {
  const ByteView frame = TRY(compress(raw, frame_));
  blocks_.append(frame);
  chunk.offset = at_;
  chunk.size = frame.size();
  chunk.raw_size = raw.size();
  at_ += frame.size();
  chunks_.emplace_back(table, chunk);
  return {};
}

Result<> SegmentPart::add_chunk(std::uint32_t table, std::int64_t first, std::int64_t last,
                                ColumnBuffer& buffer) {
  if (buffer.rows() == 0) return {};
  pack(buffer, packed_);
  TRY(append(packed_, table, {.first = first, .last = last, .rows = buffer.rows()}));
  buffer.clear();
  return {};
}

Result<std::uint32_t> SegmentPart::add_texts(const std::vector<std::string>& texts) {
  const std::uint32_t table = add_table();
  for (std::size_t begin = 0; begin < texts.size();) {
    std::size_t end = begin, bytes = 0;
    while (end < texts.size() && end - begin < kTextsInChunk && bytes < kTextBytesInChunk)
      bytes += texts[end++].size();
    const Bytes packed = pack_texts(std::span(texts).subspan(begin, end - begin));
    TRY(append(packed, table,
               {.first = static_cast<std::int64_t>(begin),
                .last = static_cast<std::int64_t>(end),
                .rows = end - begin}));
    begin = end;
  }
  return table;
}

Result<SegmentWriter> SegmentWriter::create(const fs::path& path) {
  auto file = TRY(AtomicFile::create(path));
  return SegmentWriter(std::move(file));
}

Result<std::uint32_t> SegmentWriter::add(SegmentPart part) {
  for (const auto& piece : part.blocks_.pieces()) {
    TRY(file_.append(ByteView(piece)));
    release(piece, 0, piece.size());
  }
  for (const auto& [table, chunk] : part.chunks_) {
    const std::uint64_t row[] = {tables_ + table,
                                 static_cast<std::uint64_t>(chunk.first),
                                 static_cast<std::uint64_t>(chunk.last),
                                 chunk.rows,
                                 at_ + chunk.offset,
                                 chunk.size,
                                 chunk.raw_size};
    for (std::size_t i = 0; i < 7; ++i)
      directory_.columns[i].push_back(static_cast<std::int64_t>(row[i]));
  }
  at_ += part.at_;
  const std::uint32_t first = tables_;
  tables_ += part.tables_;
  return first;
}

Result<Chunk> SegmentWriter::append(ByteView raw) {
  Bytes scratch;
  const ByteView frame = TRY(compress(raw, scratch));
  TRY(file_.append(frame));
  Chunk chunk{.offset = at_, .size = frame.size(), .raw_size = raw.size()};
  at_ += frame.size();
  return chunk;
}

Result<> SegmentWriter::finish(const Json& description) {
  Bytes packed;
  pack(directory_, packed);
  const Chunk directory = TRY(append(packed));
  const std::string text = json::text_of(description);
  const Chunk described = TRY(append(view_of(text)));
  Footer footer;
  footer.tables = tables_;
  footer.directory = directory.offset;
  footer.directory_size = directory.size;
  footer.directory_raw = directory.raw_size;
  footer.description = described.offset;
  footer.description_size = described.size;
  footer.description_raw = described.raw_size;
  TRY(file_.append(std::as_bytes(std::span(&footer, 1))));
  at_ += sizeof footer;
  return file_.commit();
}

Result<std::shared_ptr<Segment>> Segment::open(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fail(Code::Io, "{}: cannot open: {}; view the profile again with --force", path.string(),
                std::strerror(errno));
  std::shared_ptr<Segment> segment(new Segment(path, fd));
  if (auto loaded = segment->load(); !loaded) {
    auto error = std::move(loaded).error().within(path.string());
    error.message += "; view the profile again with --force";
    return error;
  }
  return segment;
}

Result<std::size_t> Segment::table_in(const Json& json, std::string_view key) const {
  const auto table = TRY(json::get<std::uint32_t>(json, key));
  if (table >= table_count()) return fail(Code::Malformed, "no table {}", table);
  return std::size_t{table};
}

Segment::~Segment() { ::close(fd_); }

Result<> Segment::load() {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return fail(Code::Io, "cannot stat: {}", std::strerror(errno));
  file_size_ = static_cast<std::uint64_t>(status.st_size);
  Footer footer;
  if (file_size_ < sizeof footer)
    return fail(Code::Malformed, "{} bytes are too few for a stored profile", file_size_);
  const auto at = static_cast<off_t>(file_size_ - sizeof footer);
  if (::pread(fd_, &footer, sizeof footer, at) != sizeof footer || footer.magic != kMagic)
    return fail(Code::Malformed, "not a stored profile, or cut short");
  if (footer.version != kSegmentVersion)
    return fail(Code::UnsupportedVersion,
                "stored profile of version {}, expected {}; view its trace again", footer.version,
                kSegmentVersion);
  auto raw = TRY(read_frame(footer.directory, footer.directory_size, footer.directory_raw));
  auto directory = TRY(Columns::parse(std::move(raw)));
  if (footer.tables > 1u << 20) return fail(Code::Malformed, "{} tables", footer.tables);
  if (directory.rows() > 0 && directory.count() != 7)
    return fail(Code::Malformed, "directory of {} columns, expected 7", directory.count());
  tables_.resize(footer.tables);
  for (std::size_t i = 0; i < directory.rows(); ++i) {
    const auto field = [&](std::size_t c) {
      return static_cast<std::uint64_t>(directory.at(c, i));
    };
    if (field(0) >= tables_.size()) return fail(Code::Malformed, "block of table {}", field(0));
    tables_[field(0)].push_back(
        {directory.at(1, i), directory.at(2, i), field(3), field(4), field(5), field(6)});
  }
  auto text = TRY(read_frame(footer.description, footer.description_size, footer.description_raw));
  description_ = TRY(json::parse(text));
  return {};
}

Result<Bytes> Segment::read_frame(std::uint64_t offset, std::uint64_t size,
                                  std::uint64_t raw) const {
  if (offset > file_size_ || size > file_size_ - offset || raw > kBlockLimit)
    return fail(Code::Malformed, "block at byte {} of {} bytes lies outside", offset, size);
  Bytes frame(size);
  for (std::size_t done = 0; done < size;) {
    const auto got =
        ::pread(fd_, frame.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Code::Io, "cannot read block at byte {}", offset);
    done += static_cast<std::size_t>(got);
  }
  return decompress(frame, raw).within(fmt::format("block at byte {}", offset));
}

Segment::Kept* Segment::find_kept(std::uint64_t offset) const {
  const auto found = kept_.find(offset);
  if (found == kept_.end()) return nullptr;
  ages_.splice(ages_.begin(), ages_, found->second.age);
  return &found->second;
}

void Segment::keep(std::uint64_t offset, Kept kept) const {
  if (kept_.count(offset)) return;  // another thread was faster
  kept_bytes_ += kept.bytes;
  ages_.push_front(offset);
  kept.age = ages_.begin();
  kept_.emplace(offset, std::move(kept));
  while (kept_bytes_ > kCacheBytes && ages_.size() > 1) {
    const auto oldest = kept_.find(ages_.back());
    kept_bytes_ -= oldest->second.bytes;
    kept_.erase(oldest);
    ages_.pop_back();
  }
}

Result<std::shared_ptr<const Columns>> Segment::read(const Chunk& chunk,
                                                     std::size_t columns) const {
  {
    std::lock_guard lock(mutex_);
    if (Kept* kept = find_kept(chunk.offset); kept && kept->columns) return kept->columns;
  }
  auto raw = TRY(read_frame(chunk.offset, chunk.size, chunk.raw_size).within(path_.string()));
  auto parsed = TRY(Columns::parse(std::move(raw)).within(path_.string()));
  if (parsed.rows() != chunk.rows || parsed.count() < columns)
    return fail(Code::Malformed, "{}: block at byte {} has {} rows, expected {}", path_.string(),
                chunk.offset, parsed.rows(), chunk.rows);
  auto block = std::make_shared<const Columns>(std::move(parsed));
  std::lock_guard lock(mutex_);
  keep(chunk.offset, {.columns = block, .texts = {}, .bytes = chunk.raw_size, .age = {}});
  return block;
}

Result<std::shared_ptr<const Segment::Texts>> Segment::read_texts(const Chunk& chunk) const {
  {
    std::lock_guard lock(mutex_);
    if (Kept* kept = find_kept(chunk.offset); kept && kept->texts) return kept->texts;
  }
  auto raw = TRY(read_frame(chunk.offset, chunk.size, chunk.raw_size).within(path_.string()));
  auto parsed = TRY(parse_texts(raw).within(path_.string()));
  auto texts = std::make_shared<const Texts>(std::move(parsed));
  std::lock_guard lock(mutex_);
  keep(chunk.offset, {.columns = {}, .texts = texts, .bytes = 2 * chunk.raw_size, .age = {}});
  return texts;
}

Result<std::string> Segment::text(std::size_t table, std::uint32_t id) const {
  const auto& chunks = tables_[table];
  auto chunk = std::upper_bound(chunks.begin(), chunks.end(), std::int64_t{id},
                                [](std::int64_t want, const Chunk& c) { return want < c.first; });
  if (chunk == chunks.begin()) return std::string();
  --chunk;
  auto texts = TRY(read_texts(*chunk));
  const auto at = static_cast<std::size_t>(std::int64_t{id} - chunk->first);
  return at < texts->size() ? (*texts)[at] : std::string();
}

}  // namespace neuron::view
