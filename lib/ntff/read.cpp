// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/spool.h"
#include "ntff/frame.h"
#include "ntff/layout.h"
#include "ntff/metadata.h"

namespace neuron::ntff {
namespace {

/// The part of a trace behind its metadata, given out piece by piece. All pieces together are never
/// larger than the data, whatever the metadata claims.
class Data {
 public:
  explicit Data(ByteView bytes) : bytes_(bytes), budget_(bytes.size()) {}

  ByteView take(std::uint64_t offset, std::uint64_t size) {
    if (size == 0) return {};
    const std::uint64_t there =
        offset < bytes_.size() ? std::min<std::uint64_t>(size, bytes_.size() - offset) : 0;
    missing_ += size - there;
    if (there > budget_) {
      overlaps_ = true;
      return {};
    }
    budget_ -= there;
    return bytes_.subspan(there == 0 ? 0 : offset, there);
  }
  std::uint64_t missing() const { return missing_; }
  bool overlaps() const { return overlaps_; }

 private:
  ByteView bytes_;
  std::uint64_t budget_, missing_ = 0;
  bool overlaps_ = false;
};

/// Where the bytes of a trace come from, and whether records may stay there.
struct Source {
  ByteView bytes;
  std::shared_ptr<const void> owner{};  ///< null: records are unpacked at once
  const MappedFile* file = nullptr;
};

template <class Record>
void append(ByteView bytes, const Source& source, Records<Record>& records) {
  const std::size_t count = bytes.size() / kRecordBytes;
  if (source.owner) {
    records.packed.push_back(bytes.first(count * kRecordBytes));
    records.owner = source.owner;
    records.file = source.file;
    return;
  }
  records.reserve(records.size() + count);
  for (std::size_t i = 0; i < count; ++i)
    unpack(load<RawRecord>(bytes, i * kRecordBytes), records.emplace_back());
}

/// What was met in sections and has no place in a trace.
struct Skipped {
  bool is_simulated = false;  ///< then records of CC-cores are ours
  std::uint64_t errors = 0, others = 0, ragged = 0, homeless = 0;
};

void read_collectives(const Section& section, ByteView bytes, CoreTrace& core, Skipped& skipped) {
  const bool is_known =
      skipped.is_simulated && section.kind == static_cast<std::uint64_t>(RecordKind::Instruction);
  if (!is_known) {
    skipped.others += bytes.size() / kRecordBytes;
    return;
  }
  const std::size_t first = core.collectives.size();
  for (std::size_t i = 0; i < bytes.size() / kRecordBytes; ++i)
    unpack(load<RawRecord>(bytes, i * kRecordBytes), core.collectives.emplace_back());
  for (std::size_t i = first; i < core.collectives.size(); ++i)
    core.collectives[i].cc_core = static_cast<std::uint8_t>(section.index);
}

/// A trace on its way out of a file.
struct Reading {
  Data data;
  Source source;
  Skipped skipped{};
};

void read_section(const Section& section, Reading& in, CoreTrace& core) {
  auto& [data, source, skipped] = in;
  const ByteView bytes = data.take(section.offset, section.size);
  skipped.ragged += section.size % kRecordBytes != 0;
  const std::uint64_t count = bytes.size() / kRecordBytes;
  const bool from_collectives = section.source == kSourceCollectives;
  if (section.kind == static_cast<std::uint64_t>(RecordKind::Error))
    skipped.errors += count;
  else if (from_collectives)
    read_collectives(section, bytes, core, skipped);
  else if (section.kind == static_cast<std::uint64_t>(RecordKind::Instruction))
    append(bytes, source, core.instructions);
  else if (section.kind == static_cast<std::uint64_t>(RecordKind::Event))
    append(bytes, source, core.events);
  else if (section.kind == static_cast<std::uint64_t>(RecordKind::Dma))
    append(bytes, source, core.dma);
  else if (section.kind == static_cast<std::uint64_t>(RecordKind::Throttle))
    for (std::uint64_t i = 0; i < count; ++i)
      unpack(load<RawRecord>(bytes, i * kRecordBytes), core.throttles.emplace_back());
  else
    skipped.others += count;
}

void read_images(const CoreDraft& draft, Data& data, CoreTrace& core) {
  for (std::size_t i = 0; i < core.images.size(); ++i) {
    Image& image = core.images[i];
    const ByteView bytes = data.take(draft.places[i].offset, draft.places[i].size);
    if (!bytes.empty()) image.bytes.assign(bytes.begin(), bytes.end());
    image.bytes.resize(image.bytes.size() / kInstructionBytes * kInstructionBytes);
  }
}

/// Version 6 keeps one table for all cores, which names them; 4 and 5 keep one in each core.
void read_data(Draft& draft, Reading& in) {
  auto& cores = draft.trace.cores;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    read_images(draft.cores[i], in.data, cores[i]);
    for (const Section& s : draft.cores[i].sections) read_section(s, in, cores[i]);
  }
  for (const Section& s : draft.sections) {
    const auto core = std::find_if(cores.begin(), cores.end(),
                                   [&](const CoreTrace& c) { return c.nc_index == s.nc_index; });
    if (core != cores.end())
      read_section(s, in, *core);
    else
      in.skipped.homeless += s.size / kRecordBytes;
  }
}

void tell(const Data& data, const Skipped& skipped, std::vector<std::string>& oddities) {
  auto count = [&](std::uint64_t n, const char* what) {
    if (n != 0) oddities.push_back(fmt::format("{} {}", n, what));
  };
  count(data.missing(), "bytes are missing at the end; the trace was cut short");
  if (data.overlaps())
    oddities.push_back("sections overlap; those beyond the size of the file are left out");
  count(skipped.ragged, "sections do not end with a whole record");
  count(skipped.errors, "error records, whose layout is unknown, are left out");
  count(skipped.others, "records of kinds that are not known are left out");
  count(skipped.homeless, "records of NeuronCores that the trace does not name are left out");
}

/// The NOTIFY `kind` of an image, by its pc in records; nothing when it holds none.
std::vector<std::uint32_t> notifies(const Image& image, std::uint8_t kind) {
  std::vector<std::uint32_t> pcs;
  for (std::size_t at = 0; at + kInstructionBytes <= image.bytes.size(); at += kInstructionBytes)
    if (load<std::uint8_t>(image.bytes, at) == kNotifyOpcode &&
        load<std::uint8_t>(image.bytes, at + kNotifyKindAt) == kind)
      pcs.push_back(static_cast<std::uint32_t>((image.base + at) >> 6 & kPcMask));
  return pcs;
}

/// Widens [begin, end] by the moments at which the NOTIFYs of `core` ended.
void find_notifies(const CoreTrace& core, std::uint64_t& begin, std::uint64_t& end) {
  for (const Image& image : core.images) {
    const auto begins = notifies(image, kNotifyBegin), ends = notifies(image, kNotifyEnd);
    const auto in = [](const std::vector<std::uint32_t>& pcs, std::uint32_t pc) {
      return std::find(pcs.begin(), pcs.end(), pc) != pcs.end();
    };
    for (const InstructionRecord& r : core.instructions) {
      if (r.engine != image.engine || r.kind != 1) continue;
      if (in(begins, r.pc20)) begin = std::min(begin, r.time_ps);
      if (in(ends, r.pc20)) end = std::max(end, r.time_ps);
    }
  }
}

/// The window of a trace that does not state it: between the NOTIFYs of its first core that has
/// them, else all of its instructions.
void derive_window(Trace& trace) {
  for (const CoreTrace& core : trace.cores) {
    std::uint64_t begin = UINT64_MAX, end = 0;
    find_notifies(core, begin, end);
    if (begin >= end) continue;
    trace.begin_ps = begin;
    trace.end_ps = end;
    return;
  }
  trace.begin_ps = UINT64_MAX;
  trace.end_ps = 0;
  for (const CoreTrace& core : trace.cores)
    for (const InstructionRecord& r : core.instructions) {
      trace.begin_ps = std::min(trace.begin_ps, r.time_ps);
      trace.end_ps = std::max(trace.end_ps, r.time_ps);
    }
  trace.begin_ps = std::min(trace.begin_ps, trace.end_ps);
  trace.oddities.push_back(
      "no window of the execution; it is taken from the first record to the last");
}

/// Records stay in the source, where that has an owner and their times are right as they stand.
Result<Trace> parse_plain(Source source) {
  const ByteView bytes = source.bytes;
  Reader head(bytes);
  const auto version = head.take<std::uint8_t>();
  const auto size = head.take<std::uint64_t>();
  if (bytes.size() <= kHeaderBytes || version == 0 || version > 15 ||
      load<std::uint8_t>(bytes, kHeaderBytes) != kFirstMetadataByte)
    return fail(Code::Malformed, "not an NTFF trace: its first bytes do not announce one");
  if (version < kOldestVersion || version > kNewestVersion)
    return fail(Code::UnsupportedVersion, "NTFF version {}, versions {} to {} are known", version,
                kOldestVersion, kNewestVersion);
  if (size > bytes.size() - kHeaderBytes)
    return fail(Code::Malformed, "ends inside its metadata: {} bytes of {}; nothing can be read",
                bytes.size() - kHeaderBytes, size);

  auto draft = TRY(read_metadata(bytes.subspan(kHeaderBytes, size)));
  std::vector<Clocks> clocks;
  for (CoreDraft& core : draft.cores) clocks.push_back(std::move(core.clocks));
  if (!draft.has_window || !std::all_of(clocks.begin(), clocks.end(), are_plain))
    source.owner = nullptr;
  Reading in{Data(bytes.subspan(kHeaderBytes + size)), std::move(source)};
  in.skipped.is_simulated = draft.trace.runtime.git == kSimulated;
  read_data(draft, in);
  Trace trace = std::move(draft.trace);
  trace.version = version;
  trace.is_simulated = trace.runtime.git == kSimulated;
  tell(in.data, in.skipped, trace.oddities);
  calibrate(trace, clocks);
  if (!draft.has_window) derive_window(trace);
  return trace;
}

constexpr const char* kCutFrame = "the zstd frame ends early; the trace was cut short";

Result<Trace> parse_file(const std::shared_ptr<const MappedFile>& file, const fs::path& spool) {
  if (!is_framed(file->bytes())) return parse_plain({file->bytes(), file, file.get()});
  using List = SpoolList<std::byte>;
  const auto plain = std::make_shared<List>(SpoolAllocator<std::byte>(spool));
  const auto take = [&](ByteView piece) -> Result<> {
    plain->insert(plain->end(), piece.begin(), piece.end());
    return {};
  };
  const bool is_complete = TRY(unframe(file->bytes(), take));
  auto trace = TRY(parse_plain({ByteView(*plain), plain}));
  if (!is_complete) trace.oddities.push_back(kCutFrame);
  return trace;
}

}  // namespace

Result<Trace> parse(ByteView bytes) {
  if (!is_framed(bytes)) return parse_plain({bytes});
  auto plain = TRY(unframe(bytes));
  auto trace = TRY(parse_plain({plain.bytes}));
  if (!plain.complete) trace.oddities.push_back(kCutFrame);
  return trace;
}

Result<Trace> read(const fs::path& path) {
  const Bytes bytes = TRY(read_file(path));
  return parse(bytes).within(path.string());
}

Result<Trace> open(const fs::path& path, const fs::path& spool) {
  auto file = TRY(MappedFile::open(path));
  return parse_file(std::move(file), spool).within(path.string());
}

}  // namespace neuron::ntff
