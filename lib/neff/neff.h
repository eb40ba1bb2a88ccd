// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/progress.h"
#include "neff/header.h"

/// NEFF packages: a 1 KiB header and a tar archive of graphs, constants and programs.
///   auto package = TRY(neff::read("model.neff"));
///   for (const Member& m : package.members) fmt::print("{:>10}  {}\n", m.bytes.size(), m.path);
/// What the members say is model.h; what the printed tables look like is info.h.
namespace neuron::neff {

/// One file of the archive. Paths are relative, clean ("sg00/def.json") and never leave the
/// package.
struct Member {
  std::string path;
  Bytes bytes;
};

struct Package {
  Header header;
  std::vector<Member> members;  ///< in the order of the archive
  Bytes archive;                ///< the payload as it stood in the file; empty for one being built
  const Member* find(std::string_view path) const;
};

enum class Compression { Gzip, None };

/// Reads a package of any dialect (gzip or plain tar; ustar, GNU, pax; trailing zeros). Errors:
/// Malformed with the part and the offset; UnsupportedVersion. The hash is not checked here.
Result<Package> parse(ByteView bytes);
Result<Package> read(const fs::path& path);

/// The file of a package: members archived in order with fixed times and owners, the header's
/// sizes, hash (package version 1: SHA-256, 2: MD5) and, when it is zero, its uuid filled in.
/// Same package, same bytes.
Result<Bytes> bytes_of(const Package& package, Compression compression);
/// A header in front of an archive that is already made, byte for byte; for `packager create`.
Result<Bytes> with_header(Header header, ByteView archive);

/// A package around an archive that is already made. Of the header it fills what members tell: the
/// name (info.json), and for logical cores of several physical ones lnc_size and the feature bit.
Result<Package> package_around(Bytes archive);

/// Writes every member and neff.tgz (the payload as it stood) below `directory`; the count of
/// files.
Result<std::size_t> unpack(const Package& package, const fs::path& directory);

/// What Optimize keeps. Drops debug members unless `keep_debug`, merges constants, compacts JSON.
Result<Package> optimize(Package package, bool keep_debug);

/// Answers whether the header's hash is that of the payload, in either of the two byte orders.
bool hash_matches(const Header& header, ByteView payload);
/// Which one: "MD5", "MD5, words byte-swapped", "SHA-256"; empty when it is none.
std::string hash_form(const Header& header, ByteView payload);

}  // namespace neuron::neff
