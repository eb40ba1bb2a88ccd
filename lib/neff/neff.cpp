// SPDX-License-Identifier: Apache-2.0
#include "neff/neff.h"

#include <algorithm>

#include "base/digest.h"
#include "neff/archive.h"

namespace neuron::neff {
namespace {

constexpr std::uint64_t kNewestMajor = 2;

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

template <std::size_t N>
std::array<std::byte, N> swapped_words(std::array<std::byte, N> digest) {
  for (std::size_t at = 0; at < N; at += 4) std::reverse(&digest[at], &digest[at] + 4);
  return digest;
}

template <std::size_t N>
bool begins_with(const std::array<std::byte, 32>& hash, const std::array<std::byte, N>& digest) {
  return std::equal(digest.begin(), digest.end(), hash.begin());
}

/// An identity of RFC 4122's random form, taken from the content: same package, same bytes.
std::array<std::byte, 16> derived_uuid(const Header& header, ByteView archive) {
  Writer seed;
  const auto digest = sha256(archive);
  seed.put(digest);
  seed.put(header);
  const auto all = sha256(seed.bytes());
  std::array<std::byte, 16> uuid;
  std::copy_n(all.begin(), uuid.size(), uuid.begin());
  uuid[6] = (uuid[6] & std::byte{0x0f}) | std::byte{0x40};
  uuid[8] = (uuid[8] & std::byte{0x3f}) | std::byte{0x80};
  return uuid;
}

Result<Package> parse_parts(const Header& header, Bytes archive) {
  auto members = TRY(read_archive(archive).within("archive"));
  return Package{header, std::move(members), std::move(archive)};
}

}  // namespace

const Member* Package::find(std::string_view path) const {
  const auto at =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.path == path; });
  return at == members.end() ? nullptr : &*at;
}

Result<Package> parse(ByteView bytes) {
  const auto header = TRY(header_of(bytes).within("header"));
  const auto payload = bytes.subspan(sizeof(Header));
  return parse_parts(header, Bytes(payload.begin(), payload.end()));
}

Result<Package> read(const fs::path& path) {
  auto bytes = TRY(read_file(path));
  const auto header = TRY(header_of(bytes).within("header").within(path.string()));
  bytes.erase(bytes.begin(), bytes.begin() + sizeof(Header));
  return parse_parts(header, std::move(bytes)).within(path.string());
}

Result<Bytes> with_header(Header header, ByteView archive) {
  header.header_size = sizeof(Header);
  header.data_size = archive.size();
  if (header.pkg_version == 0) header.pkg_version = 2;
  if (header.neff_version_major == 0 && header.neff_version_minor == 0)
    header.neff_version_major = header.feature_bits != 0 ? 2 : 1;
  header.hash = {};
  if (header.pkg_version == 1) {
    header.hash = sha256(archive);
  } else if (header.pkg_version == 2) {
    const auto digest = md5(archive);
    std::copy(digest.begin(), digest.end(), header.hash.begin());
  } else {
    const std::uint64_t version = header.pkg_version;
    return fail(Code::BadUsage, "header version {} is not known, 1 and 2 are", version);
  }
  if (header.uuid == decltype(header.uuid){}) header.uuid = derived_uuid(header, archive);
  Bytes file;
  file.reserve(sizeof(Header) + archive.size());
  const auto head = std::as_bytes(std::span(&header, 1));
  file.insert(file.end(), head.begin(), head.end());
  file.insert(file.end(), archive.begin(), archive.end());
  return file;
}

Result<Bytes> bytes_of(const Package& package, Compression compression) {
  const auto archive = TRY(write_archive(package.members, compression));
  return with_header(package.header, archive);
}

std::string hash_form(const Header& header, ByteView payload) {
  const std::string swapped = ", words byte-swapped";
  if (header.pkg_version == 1) {
    const auto digest = sha256(payload);
    if (header.hash == digest) return "SHA-256";
    return header.hash == swapped_words(digest) ? "SHA-256" + swapped : "";
  }
  // Builders before 2.18 wrote MD5 as it is; later ones swap the bytes of each 32-bit word.
  const auto digest = md5(payload);
  if (begins_with(header.hash, digest)) return "MD5";
  return begins_with(header.hash, swapped_words(digest)) ? "MD5" + swapped : "";
}

bool hash_matches(const Header& header, ByteView payload) {
  return !hash_form(header, payload).empty();
}

}  // namespace neuron::neff
