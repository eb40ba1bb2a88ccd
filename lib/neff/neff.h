// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/progress.h"
#include "base/shared_bytes.h"
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
  SharedBytes bytes;
};

struct Package {
  Header header;
  std::vector<Member> members;  ///< in the order of the archive
  SharedBytes archive;          ///< the payload as it stood in the file; empty for one being built
  const Member* find(std::string_view path) const;
};

enum class Compression { Gzip, None };

/// What an archive may hold before it counts as an attack; 0 bytes: by the ratio alone.
struct Limits {
  std::uint64_t members = std::uint64_t{1} << 18;
  std::uint64_t bytes = 0;    ///< of all members together
  std::uint64_t ratio = 256;  ///< of inflated to packed bytes, for what has more than 1 GiB
};

/// Reads a package of any dialect (gzip or plain tar; ustar, GNU, pax; trailing zeros). Errors:
/// Malformed with the part and the offset; UnsupportedVersion. The hash is not checked here.
Result<Package> parse(ByteView bytes, const Limits& limits = {});
/// The same of a file, which stays mapped: members of a plain archive are views into it, those of a
/// large compressed one into a temporary file. Memory holds what is looked at.
Result<Package> read(const fs::path& path, const Limits& limits = {});
/// Where a compressed archive of more than 16 MiB goes.
enum class Inflate { ToFile, ToMemory };
/// The same without a copy: the package shares `file`.
Result<Package> view(const SharedBytes& file, const Limits& limits = {},
                     Inflate inflate = Inflate::ToFile);

struct WriteOptions {
  Compression compression = Compression::Gzip;
  int level = 1;              ///< 0 stores, 1 to 3 search harder each
  unsigned least_gain = 256;  ///< chunks are stored that do not shrink by one part of so many
  std::int64_t mtime = 0;     ///< of all members, seconds since 1970
};

/// Writes a package: members archived in order with fixed owners, the header's sizes, hash (package
/// version 1: SHA-256, 2: MD5) and, when it is zero, its uuid filled in. The file appears whole or
/// not at all. Same package, same bytes. The header as written.
Result<Header> write(const Package& package, const fs::path& path, const WriteOptions& options);
/// The same with an archive that is already made, byte for byte.
Result<Header> write_around(const Header& header, const SharedBytes& archive, const fs::path& path);
/// The same in memory, as compilers make it: weights that gzip shrinks by less than an eighth are
/// stored, an archive of 1 MiB or more that does is plain: inflating would take most of each load.
Result<Bytes> bytes_of(const Package& package, Compression compression);
Result<Bytes> with_header(const Header& header, ByteView archive);

/// A package around an archive that is already made. Of the header it fills what members tell: the
/// name (info.json), lnc_size and feature bits.
Result<Package> package_around(SharedBytes archive, const Limits& limits = {});
/// The same with the files of a directory as members (but neff.tgz, which unpack leaves there).
Result<Package> package_from(const fs::path& directory, const Limits& limits = {});

/// Fails when a member needs a feature that the header does not have: bin-weights for raw
/// constants, custom-ops for their libraries. What shows the need of other features is not public.
Result<> check_features(const Package& package);

struct UnpackOptions {
  Limits limits;
  bool replace = false;  ///< an unpacked package that stands there already; refused otherwise
};
/// Writes every member and neff.tgz (the payload as it stood) into a new directory, which appears
/// whole or not at all; the count of files.
Result<std::size_t> unpack(const fs::path& neff, const fs::path& directory,
                           const UnpackOptions& options = {});

/// What Optimize keeps. Drops debug members unless `keep_debug`, merges constants, compacts JSON.
Result<Package> optimize(Package package, bool keep_debug);

/// Answers whether the header's hash is that of the payload, in either of the two byte orders.
bool hash_matches(const Header& header, ByteView payload);
/// Which one: "MD5", "MD5, words byte-swapped", "SHA-256"; empty when it is none.
std::string hash_form(const Header& header, ByteView payload);

}  // namespace neuron::neff
