// SPDX-License-Identifier: Apache-2.0
#include "neff/neff.h"

#include <algorithm>

#include "base/digest.h"
#include "neff/archive.h"
#include "neff/hash.h"
#include "neff/package_writer.h"
#include "neff/spool.h"

namespace neuron::neff {
namespace {

constexpr std::uint64_t kNewestMajor = 2;

/// The digest with the bytes of each 32-bit word in the other order.
std::array<std::byte, 32> swapped_words(std::array<std::byte, 32> digest) {
  for (std::size_t at = 0; at < digest.size(); at += 4) std::reverse(&digest[at], &digest[at] + 4);
  return digest;
}

/// An identity of RFC 4122's random form, taken from the content: same package, same bytes.
std::array<std::byte, 16> derived_uuid(const Header& header) {
  const auto all = sha256(std::as_bytes(std::span(&header, 1)));
  std::array<std::byte, 16> uuid;
  std::copy_n(all.begin(), uuid.size(), uuid.begin());
  uuid[6] = (uuid[6] & std::byte{0x0f}) | std::byte{0x40};
  uuid[8] = (uuid[8] & std::byte{0x3f}) | std::byte{0x80};
  return uuid;
}

Result<> write_members(const Package& package, ArchiveWriter& archive) {
  constexpr std::size_t kAligned = std::size_t{64} << 10;  // smaller ones are not worth the padding
  for (const Member& m : package.members) {
    TRY(archive.begin(m.path, m.bytes.size(), m.bytes.size() >= kAligned));
    TRY(in_steps(m.bytes, [&](ByteView step) { return archive.append(step); }));
  }
  return archive.finish();
}

/// Fills in the room that was left for the header in front of a payload.
Result<> put_header(Bytes& file, const Header& header) {
  const ByteView payload = ByteView(file).subspan(sizeof(Header));
  auto digest = TRY(digest_for(header.pkg_version));
  digest.append(payload);
  const Header whole = TRY(completed(header, payload.size(), digest.finish()));
  store(std::span(file), 0, whole);
  return {};
}

constexpr unsigned kLeastGain = 8;  ///< of what compilers make: one part of so many

/// A payload behind the room for its header.
Result<Bytes> archived(const Package& package, Compression compression) {
  Bytes file(sizeof(Header));
  const auto keep = [&](ByteView part) -> Result<> {
    file.insert(file.end(), part.begin(), part.end());
    return {};
  };
  ArchiveWriter archive(keep, {.compression = compression, .least_gain = kLeastGain});
  TRY(write_members(package, archive).within("archive"));
  return file;
}

/// Whether members that take longer to load than to look at have become `size` bytes for nothing.
bool hardly_shrinks(const Package& package, std::size_t size) {
  constexpr std::size_t kLarge = std::size_t{1} << 20;
  std::size_t all = 0;
  for (const Member& m : package.members) all += m.bytes.size();
  return all >= kLarge && size > all - all / kLeastGain;
}

}  // namespace

Result<Header> header_of(ByteView file) {
  if (file.size() < sizeof(Header))
    return fail(Code::Malformed, "the file has {} bytes, a header has {}", file.size(),
                sizeof(Header));
  const auto h = load<Header>(file, 0);
  const auto at = [](std::size_t offset) { return fmt::format("at byte {}", offset); };
  const std::uint64_t header_size = h.header_size, pkg_version = h.pkg_version,
                      data_size = h.data_size, major = h.neff_version_major,
                      minor = h.neff_version_minor;
  if (header_size != sizeof(Header))
    return fail(Code::Malformed, "header_size {} is {}, expected {}",
                at(offsetof(Header, header_size)), header_size, sizeof(Header));
  if (pkg_version != 1 && pkg_version != 2)
    return fail(Code::UnsupportedVersion, "pkg_version {} is {}, known are 1 and 2",
                at(offsetof(Header, pkg_version)), pkg_version);
  if (major > kNewestMajor)
    return fail(Code::UnsupportedVersion, "NEFF version {} is {}.{}, newest known is {}",
                at(offsetof(Header, neff_version_major)), major, minor, kNewestMajor);
  if (data_size != file.size() - sizeof(Header))
    return fail(Code::Malformed, "data_size {} is {}, but {} bytes follow the header",
                at(offsetof(Header, data_size)), data_size, file.size() - sizeof(Header));
  return h;
}

const Member* Package::find(std::string_view path) const {
  const auto at =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.path == path; });
  return at == members.end() ? nullptr : &*at;
}

Result<Package> view(const SharedBytes& file, const Limits& limits, Inflate inflate) {
  Package package;
  package.header = TRY(header_of(file).within("header"));
  package.archive = file.part(sizeof(Header), file.size() - sizeof(Header));
  package.members = TRY(read_archive(package.archive, limits, inflate).within("archive"));
  return package;
}

Result<Package> parse(ByteView bytes, const Limits& limits) {
  TRY(header_of(bytes).within("header"));  // before the copy
  return view(Bytes(bytes.begin(), bytes.end()), limits);
}

Result<Package> read(const fs::path& path, const Limits& limits) {
  const auto file = TRY(MappedFile::open(path));
  return view(file, limits).within(path.string());
}

Result<Digest> digest_for(std::uint64_t pkg_version) {
  if (pkg_version == 1) return Digest(Digest::Kind::Sha256);
  if (pkg_version == 0 || pkg_version == 2) return Digest(Digest::Kind::Md5);
  return fail(Code::BadUsage, "header version {} is not known, 1 and 2 are", pkg_version);
}

Result<Header> completed(Header header, std::uint64_t data_size,
                         const std::array<std::byte, 32>& hash) {
  header.header_size = sizeof(Header);
  header.data_size = data_size;
  if (header.pkg_version == 0) header.pkg_version = 2;
  if (header.neff_version_major == 0 && header.neff_version_minor == 0)
    header.neff_version_major = header.feature_bits != 0 ? 2 : 1;
  header.hash = hash;
  if (header.uuid == decltype(header.uuid){}) header.uuid = derived_uuid(header);
  return header;
}

Result<Header> write(const Package& package, const fs::path& path, const WriteOptions& options) {
  auto file = TRY(PackageFile::create(path, package.header.pkg_version));
  ArchiveWriter archive([&](ByteView part) { return file.append(part); }, options);
  TRY(write_members(package, archive).within("archive"));
  return file.commit(package.header);
}

Result<Header> write_around(const Header& header, const SharedBytes& archive,
                            const fs::path& path) {
  auto file = TRY(PackageFile::create(path, header.pkg_version));
  TRY(in_steps(archive, [&](ByteView step) { return file.append(step); }));
  return file.commit(header);
}

Result<Bytes> with_header(const Header& header, ByteView archive) {
  Bytes file(sizeof(Header));
  file.insert(file.end(), archive.begin(), archive.end());
  TRY(put_header(file, header));
  return file;
}

Result<Bytes> bytes_of(const Package& package, Compression compression) {
  auto file = TRY(archived(package, compression));
  if (compression == Compression::Gzip && hardly_shrinks(package, file.size())) {
    file = {};
    file = TRY(archived(package, Compression::None));
  }
  TRY(put_header(file, package.header));
  return file;
}

std::string hash_form(const Header& header, const SharedBytes& payload) {
  const bool old = header.pkg_version == 1;
  Digest digest(old ? Digest::Kind::Sha256 : Digest::Kind::Md5);
  const auto all = in_steps(payload, [&](ByteView step) -> Result<> {
    digest.append(step);
    return {};
  });
  if (!all) return {};
  // Builders before 2.18 wrote MD5 as it is; later ones swap the bytes of each 32-bit word.
  const auto hash = digest.finish(), swapped = swapped_words(hash);
  const auto holds = [&](const auto& bytes) {
    return std::equal(bytes.begin(), bytes.begin() + (old ? 32 : 16), header.hash.begin());
  };
  const std::string name = old ? "SHA-256" : "MD5";
  if (holds(hash)) return name;
  return holds(swapped) ? name + ", words byte-swapped" : "";
}

std::string hash_form(const Header& header, ByteView payload) {
  return hash_form(header, SharedBytes::borrowed(payload));
}

bool hash_matches(const Header& header, ByteView payload) {
  return !hash_form(header, payload).empty();
}

}  // namespace neuron::neff
