// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <limits>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/packager/limits.h"
#include "neff/info.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path input;
  std::string tool_version = NEURON_VERSION;
  std::string neff_version = "0.4";
  bool version_is_given = false;
  std::uint64_t header_version = 2;
  std::string name;
  std::uint32_t cores = 1;
  std::string output = "NN";
  std::vector<std::string> features;
  std::string uuid, compression;
  int level = 1;
  neff::Limits limits;
};

/// The two numbers of "0.4".
Result<std::pair<std::uint64_t, std::uint64_t>> version_of(const std::string& text) {
  std::uint64_t major = 0, minor = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, major);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '.') {
    const auto second = std::from_chars(first.ptr + 1, end, minor);
    if (second.ec == std::errc() && second.ptr == end) return std::pair(major, minor);
  }
  return fail(Code::BadUsage, "--neff-version is {}, expected MAJOR.MINOR such as 0.4", text);
}

Result<> set_text(std::span<char> field, const std::string& text, const char* option) {
  if (text.size() > field.size())
    return fail(Code::BadUsage, "{} has {} bytes, a header has room for {}", option, text.size(),
                field.size());
  std::fill(field.begin(), field.end(), '\0');
  std::copy(text.begin(), text.end(), field.begin());
  return {};
}

/// 32 hexadecimal digits, with or without dashes.
Result<std::array<std::byte, 16>> uuid_of(const std::string& text) {
  std::string digits = text;
  std::erase(digits, '-');
  std::array<std::byte, 16> uuid{};
  bool good = digits.size() == 2 * uuid.size();
  for (std::size_t i = 0; good && i < uuid.size(); ++i) {
    unsigned value = 0;
    const char* at = digits.data() + 2 * i;
    good = std::from_chars(at, at + 2, value, 16).ptr == at + 2;
    uuid[i] = static_cast<std::byte>(value);
  }
  if (good) return uuid;
  return fail(Code::BadUsage, "--uuid is {}, expected 32 hexadecimal digits", text);
}

Result<> set_features(const Options& o, neff::Header& header) {
  for (const std::string& feature : o.features) {
    const auto bit = neff::feature_named(feature);
    if (!bit) return fail(Code::BadUsage, "no feature '{}'", feature);
    header.feature_bits |= *bit;
  }
  const auto version = TRY(version_of(o.neff_version));
  header.neff_version_major = version.first;
  header.neff_version_minor = version.second;
  if (header.feature_bits == 0 || version.first >= 2) return {};
  // As in real packages: runtimes look at features from version 2.0 on.
  if (o.version_is_given)
    return fail(Code::BadUsage, "--neff-version is {}, features need 2.0 or newer", o.neff_version);
  header.neff_version_major = 2;
  header.neff_version_minor = 0;
  return {};
}

Result<> set_header(const Options& o, neff::Header& header) {
  header.pkg_version = o.header_version;
  header.num_tpb = o.cores;
  header.requested_tpb_count = o.cores;
  TRY(set_text(header.neff_build_version, o.tool_version, "--tool-version"));
  if (!o.name.empty()) TRY(set_text(header.name, o.name, "--name"));
  if (!o.uuid.empty()) header.uuid = TRY(uuid_of(o.uuid));
  return set_features(o, header);
}

Result<neff::Package> read_input(const Options& o) {
  std::error_code none;
  if (fs::is_directory(o.input, none)) return neff::package_from(o.input, o.limits);
  const auto file = TRY(MappedFile::open(o.input));
  return neff::package_around(file, o.limits).within(o.input.string());
}

Result<> create(const Options& o, Terminal& io) {
  TRY(version_of(o.neff_version));
  auto package = TRY(read_input(o));
  TRY(set_header(o, package.header));
  TRY(neff::check_features(package).within(o.input.string()));
  const std::string output = o.output.ends_with(".neff") ? o.output : o.output + ".neff";
  if (package.archive.empty() || !o.compression.empty()) {
    neff::WriteOptions write;
    write.compression = o.compression == "none" ? neff::Compression::None : neff::Compression::Gzip;
    write.level = o.level;
    write.mtime = TRY(source_date());
    TRY(neff::write(package, output, write));
  } else {
    TRY(neff::write_around(package.header, package.archive, output));
  }
  io.out << "Successfully generated: " << output << "\n";
  return {};
}

}  // namespace

const Command packager_create{
    .path = "packager create",
    .summary = "Make a NEFF of an archive or a directory of its members",
    .details =
        "An archive, gzipped or not, is kept byte for byte unless --compress is given; of a "
        "directory all files become members, but for the neff.tgz that 'unpack' leaves there. "
        "Either is read first, so that no damaged package is made. What members say of themselves "
        "(the name in info.json, subgraphs that form one logical core) goes into the header where "
        "no option says otherwise, and members that need a feature are refused without it. With "
        "features, the version is 2.0 unless another is given.\n"
        "The same members and options give the same bytes: files have fixed owners, their times "
        "are SOURCE_DATE_EPOCH or 0, and the identity is derived from the content. What is "
        "compressed here consists of gzip members that any gunzip reads, and that this program "
        "reads in parallel.",
    .examples =
        "neuron packager create -i model/neff.tgz -o model  # after unpack\n"
        "neuron packager create -i model -o model --compress none  # of a directory, plain",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("-i,--input", o->input, "archive or directory of all members")
          ->required()
          ->type_name("FILE");
      app.add_option("-v,--tool-version", o->tool_version, "version of the packaging tool")
          ->capture_default_str();
      const auto* version =
          app.add_option("-k,--neff-version", o->neff_version, "version of the NEFF, MAJOR.MINOR")
              ->capture_default_str();
      app.add_option("-r,--header-version", o->header_version,
                     "version of the header: 1 hashes with SHA-256, 2 with MD5")
          ->capture_default_str()
          ->check(CLI::Range(1, 2));
      app.add_option("-n,--name", o->name, "name of the compiled model");
      app.add_option("-t,--num-nc", o->cores, "NeuronCores that the graph needs")
          ->capture_default_str()
          ->check(CLI::Range(1, std::numeric_limits<int>::max()));
      app.add_option("-o,--output", o->output, "name of the new file, without .neff")
          ->capture_default_str();
      app.add_option("-e,--enable-feature", o->features,
                     "feature that a runtime must know; may be given again")
          ->allow_extra_args(false)
          ->check(
              CLI::IsMember({"bin-weights", "collectives-offset", "custom-ops", "coalesced-cc"}));
      app.add_option("--uuid", o->uuid, "identity of the package; by default derived from it")
          ->type_name("HEX");
      app.add_option(
             "--compress", o->compression,
             "archive the members anew, gzip or none; by default an archive stays as it is, "
             "and a directory is gzipped")
          ->check(CLI::IsMember({"gzip", "none"}));
      app.add_option("--level", o->level, "0 stores, 1 to 3 compress harder each")
          ->capture_default_str()
          ->check(CLI::Range(0, 3));
      add_limits(app, o->limits);
      return [o, version](Terminal& io) {
        o->version_is_given = version->count() > 0;
        return create(*o, io);
      };
    }};

}  // namespace neuron::cmd
