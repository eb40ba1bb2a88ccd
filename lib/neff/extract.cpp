// SPDX-License-Identifier: Apache-2.0
#include "neff/extract.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "neff/hash.h"
#include "neff/spool.h"

namespace neuron::neff {
namespace {

constexpr std::uint64_t kNewestMajor = 2, kMostCores = 4096;
constexpr std::uint64_t kMostInflated = std::uint64_t{1} << 36;
constexpr std::size_t kStep = std::size_t{1} << 20;

using Use = std::function<Result<>(const Embedded&)>;

/// Answers whether a header of a package can stand here: fields that vary little, and an archive
/// behind it.
bool looks_like_header(ByteView at) {
  if (at.size() < sizeof(Header) + 2) return false;
  const auto h = load<Header>(at, 0);
  if (h.header_size != sizeof(Header) || (h.pkg_version != 1 && h.pkg_version != 2)) return false;
  if (h.neff_version_major > kNewestMajor || h.num_tpb > kMostCores || h.lnc_size > kMostCores)
    return false;
  const auto payload = at.subspan(sizeof(Header));
  const bool gzip = payload[0] == std::byte{0x1f} && payload[1] == std::byte{0x8b};
  return gzip || (payload.size() > 262 && neuron::text_of(payload.subspan(257, 5)) == "ustar");
}

/// The next place from `from` on where the 16 bytes stand that all headers begin with. What was
/// looked through leaves memory.
std::optional<std::size_t> next_header(const SharedBytes& file, std::size_t from) {
  constexpr std::array<unsigned char, 8> kSize{0, 4};  // header_size, 1024
  while (from + sizeof(Header) <= file.size()) {
    const auto window = file.part(from, std::min(kStep + 16, file.size() - from));
    const auto* begin = window.data() + 8;
    const auto* hit = ::memmem(begin, window.size() - 8, kSize.data(), kSize.size());
    if (!hit) {
      if (window.size() < kStep + 16) return std::nullopt;
      window.release();
      from += kStep;
      continue;
    }
    from += static_cast<std::size_t>(static_cast<const std::byte*>(hit) - begin);
    if (looks_like_header(file.view().subspan(from))) return from;
    ++from;
  }
  return std::nullopt;
}

/// A package at the front of `file`, or why it is none.
Embedded package_at(const SharedBytes& file) {
  Embedded e;
  const auto header = load<Header>(file, 0);
  const std::uint64_t left = file.size() - sizeof(Header), data = header.data_size;
  e.size = data > UINT64_MAX - sizeof(Header) ? UINT64_MAX : data + sizeof(Header);
  if (data > left) {
    e.reason = fmt::format("it ends early: the header tells of {} bytes, {} follow", data, left);
    return e;
  }
  e.bytes = file.part(0, e.size);
  e.hash_form = hash_form(header, e.bytes.part(sizeof(Header), data));
  if (e.hash_form.empty()) e.reason = "its hash does not hold";
  return e;
}

/// All packages of one run of bytes. `name` gives the zip entry at an offset.
Result<> scan(const SharedBytes& bytes, const std::function<std::string(std::size_t)>& name,
              bool inflated, const Use& use) {
  for (auto at = next_header(bytes, 0); at;) {
    Embedded e = package_at(bytes.part(*at, bytes.size() - *at));
    e.offset = *at;
    e.part = name(*at);
    e.inflated = inflated;
    TRY(use(e));
    at = next_header(bytes, *at + (e.hash_form.empty() ? 1 : e.size));
  }
  return {};
}

struct FreeRead {
  void operator()(archive* a) const { archive_read_free(a); }
};

/// Entries of a zip archive by where they begin; those that are stored lie in the file as they are.
struct Zip {
  std::vector<std::pair<std::uint64_t, std::string>> entries;

  std::string at(std::size_t offset) const {
    const auto next =
        std::upper_bound(entries.begin(), entries.end(), offset,
                         [](std::size_t value, const auto& entry) { return value < entry.first; });
    return next == entries.begin() ? "" : std::prev(next)->second;
  }
};

constexpr std::size_t kZipHeader = 30;

bool is_zip(ByteView file) {
  return file.size() > kZipHeader && neuron::text_of(file.first(4)) == "PK\x03\x04";
}

/// Answers whether the entry that libarchive places at `at` is not compressed. A data descriptor of
/// the entry before may stand there first.
bool is_stored(ByteView file, std::uint64_t at) {
  constexpr std::size_t kDescriptor = 24;
  if (at >= file.size()) return true;
  const auto near = neuron::text_of(
      file.subspan(at, std::min<std::size_t>(file.size() - at, kZipHeader + kDescriptor)));
  const auto header = near.find("PK\x03\x04");
  if (header == std::string_view::npos || at + header + kZipHeader > file.size()) return true;
  return load<std::uint16_t>(file, at + header + 8) == 0;
}

/// The bytes of the entry at hand.
Result<SharedBytes> inflate_entry(archive* a, const std::string& name) {
  Spool inflated;
  const void* piece = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  for (;;) {
    const int status = archive_read_data_block(a, &piece, &size, &offset);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN)
      return fail(Code::Malformed, "zip entry {}: {}", name, archive_error_string(a));
    if (inflated.size() + size > kMostInflated)
      return fail(Code::Malformed, "zip entry {} inflates beyond {} bytes", name, kMostInflated);
    TRY(inflated.append(ByteView(static_cast<const std::byte*>(piece), size)));
  }
  return inflated.take();
}

/// What libarchive reads a zip archive from, step by step.
struct Steps {
  const SharedBytes& file;
  std::size_t at = 0;
  SharedBytes given{};

  static la_ssize_t give(archive*, void* data, const void** piece) {
    auto& self = *static_cast<Steps*>(data);
    self.given.release();
    self.given = self.file.part(self.at, std::min(kStep, self.file.size() - self.at));
    self.at += self.given.size();
    *piece = self.given.data();
    return static_cast<la_ssize_t>(self.given.size());
  }
  static la_int64_t skip(archive*, void* data, la_int64_t count) {
    auto& self = *static_cast<Steps*>(data);
    const auto skipped = std::min(static_cast<std::size_t>(count), self.file.size() - self.at);
    self.at += skipped;
    return static_cast<la_int64_t>(skipped);
  }
};

/// Names of stored entries; compressed ones are scanned on the way. What libarchive cannot read
/// ends the list: the file is scanned as it lies in any case.
Result<Zip> read_zip(const SharedBytes& file, const Use& use) {
  Zip zip;
  Steps steps{file};
  const std::unique_ptr<archive, FreeRead> a(archive_read_new());
  archive_read_support_format_zip_streamable(a.get());
  archive_read_set_skip_callback(a.get(), Steps::skip);
  archive_read_set_read_callback(a.get(), Steps::give);
  archive_read_set_callback_data(a.get(), &steps);
  if (archive_read_open1(a.get()) != ARCHIVE_OK) return zip;
  for (archive_entry* entry = nullptr; archive_read_next_header(a.get(), &entry) >= ARCHIVE_WARN;) {
    const auto at = static_cast<std::uint64_t>(archive_read_header_position(a.get()));
    const char* path = archive_entry_pathname(entry);
    std::string name = path ? path : "(unnamed)";
    if (!is_stored(file, at)) {
      const auto inflated = inflate_entry(a.get(), name);
      if (!inflated && inflated.error().code == Code::Io) return inflated.error();
      if (!inflated) break;
      const auto entry_name = [&](std::size_t) { return name; };
      TRY(scan(*inflated, entry_name, true, use));
    }
    zip.entries.emplace_back(at, std::move(name));
  }
  return zip;
}

}  // namespace

Result<> find_packages(const SharedBytes& file, const Use& use) {
  Zip zip;
  if (is_zip(file)) zip = TRY(read_zip(file, use));
  return scan(
      file, [&](std::size_t at) { return zip.at(at); }, false, use);
}

Result<> find_packages(const fs::path& file, const Use& use) {
  const auto mapped = TRY(MappedFile::open(file));
  return find_packages(SharedBytes(mapped), use).within(file.string());
}

}  // namespace neuron::neff
