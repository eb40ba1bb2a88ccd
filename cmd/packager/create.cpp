// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "base/file.h"
#include "cmd/command.h"
#include "neff/info.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path input;
  std::string tool_version = NEURON_VERSION;
  std::string neff_version = "0.4";
  std::uint64_t header_version = 2;
  std::string name;
  std::uint32_t cores = 1;
  std::string output = "NN";
  std::vector<std::string> features;
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

Result<> create(const Options& o, Terminal& io) {
  const auto version = TRY(version_of(o.neff_version));
  auto archive = TRY(read_file(o.input));
  auto package = TRY(neff::package_around(std::move(archive)).within(o.input.string()));
  neff::Header& header = package.header;
  header.pkg_version = o.header_version;
  header.neff_version_major = version.first;
  header.neff_version_minor = version.second;
  header.num_tpb = o.cores;
  header.requested_tpb_count = o.cores;
  TRY(set_text(header.neff_build_version, o.tool_version, "--tool-version"));
  if (!o.name.empty()) TRY(set_text(header.name, o.name, "--name"));
  for (const std::string& feature : o.features) {
    const auto bit = neff::feature_named(feature);
    if (!bit) return fail(Code::BadUsage, "no feature '{}'", feature);
    header.feature_bits |= *bit;
  }
  const auto file = TRY(neff::with_header(header, package.archive));
  const std::string output = o.output.ends_with(".neff") ? o.output : o.output + ".neff";
  TRY(write_file(output, file));
  io.out << "Successfully generated: " << output << "\n";
  return {};
}

}  // namespace

const Command packager_create{
    .path = "packager create",
    .summary = "Put a header in front of an archive of NEFF members",
    .details =
        "The archive, gzipped or not, is kept byte for byte; it is read first, so that no damaged "
        "package is made. What its members say of themselves (the name in info.json, subgraphs "
        "that form one logical core) goes into the header where no option says otherwise.",
    .examples = "neuron packager create -i model/neff.tgz -o model  # after unpack",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("-i,--input", o->input, "archive of all members")
          ->required()
          ->type_name("FILE");
      app.add_option("-v,--tool-version", o->tool_version, "version of the packaging tool")
          ->capture_default_str();
      app.add_option("-k,--neff-version", o->neff_version, "version of the NEFF, MAJOR.MINOR")
          ->capture_default_str();
      app.add_option("-r,--header-version", o->header_version,
                     "version of the header: 1 hashes with SHA-256, 2 with MD5")
          ->capture_default_str()
          ->check(CLI::Range(1, 2));
      app.add_option("-n,--name", o->name, "name of the compiled model");
      app.add_option("-t,--num-nc", o->cores, "NeuronCores that the graph needs")
          ->capture_default_str();
      app.add_option("-o,--output", o->output, "name of the new file, without .neff")
          ->capture_default_str();
      app.add_option("-e,--enable-feature", o->features,
                     "feature that a runtime must know; may be given again")
          ->allow_extra_args(false)
          ->check(
              CLI::IsMember({"bin-weights", "collectives-offset", "custom-ops", "coalesced-cc"}));
      return [o](Terminal& io) { return create(*o, io); };
    }};

}  // namespace neuron::cmd
