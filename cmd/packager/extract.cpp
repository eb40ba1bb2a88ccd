// SPDX-License-Identifier: Apache-2.0
#include "neff/extract.h"

#include <set>

#include "cmd/command.h"
#include "cmd/packager/schema.h"
#include "neff/spool.h"
#include "neff/text_table.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path file, directory = ".";
  bool list = false, as_json = false;
};

/// A package that was found, and the file that it became.
struct Found {
  neff::Embedded where;
  std::string name, uuid, output;
};

Json json_of(const Found& f) {
  Json row{{"part", f.where.part},      {"offset", f.where.offset}, {"inflated", f.where.inflated},
           {"size", f.where.size},      {"name", f.name},           {"uuid", f.uuid},
           {"hash", f.where.hash_form}, {"reason", f.where.reason}, {"output", nullptr}};
  if (!f.output.empty()) row["output"] = f.output;
  return row;
}

std::string text_of(const std::vector<Found>& found) {
  std::vector<std::vector<std::string>> rows{{"Offset", "Size", "Hash", "Name", "Entry", "Output"}};
  for (const Found& f : found) {
    const auto& w = f.where;
    const std::string state = w.hash_form.empty() ? "bad: " + w.reason : w.hash_form;
    rows.push_back({std::to_string(w.offset), std::to_string(w.size), state, f.name,
                    w.part + (w.inflated ? " (inflated)" : ""), f.output});
  }
  return neff::table_text(rows, rows[0].size());
}

/// "model-1.neff" of "model.pt": names count the packages that are written.
fs::path output_of(const Options& o, std::size_t index) {
  const auto name = fmt::format("{}-{}.neff", o.file.stem().string(), index);
  return (o.directory / name).lexically_normal();
}

Result<> write_package(const SharedBytes& bytes, const fs::path& path) {
  auto file = TRY(AtomicFile::create(path));
  TRY(neff::in_steps(bytes, [&](ByteView step) { return file.append(step); }));
  return file.commit();
}

Result<> extract(const Options& o, Terminal& io) {
  std::vector<Found> found;
  std::set<std::array<std::byte, 16>> written;
  std::size_t sound = 0;
  const auto use = [&](const neff::Embedded& e) -> Result<> {
    Found f{e, {}, {}, {}};
    if (!e.bytes.empty()) {
      const auto header = load<neff::Header>(e.bytes, 0);
      f.name = neff::text_of(header.name);
      f.uuid = hex(header.uuid);
      if (!e.hash_form.empty()) {
        ++sound;
        if (!o.list && written.insert(header.uuid).second) {
          const fs::path path = output_of(o, written.size());
          std::error_code error;
          fs::create_directories(o.directory, error);
          if (error) return fail(Code::Io, "{}: {}", o.directory.string(), error.message());
          TRY(write_package(e.bytes, path));
          f.output = path.string();
          if (!o.as_json) io.out << "Successfully extracted: " << f.output << "\n" << std::flush;
        }
      }
      f.where.bytes = {};
    }
    found.push_back(std::move(f));
    return {};
  };
  TRY(neff::find_packages(o.file, use));
  if (o.as_json) {
    Json rows = Json::array();
    for (const Found& f : found) rows.push_back(json_of(f));
    io.out << json::text_of({{"file", o.file.string()}, {"packages", std::move(rows)}}, 2) << "\n";
  } else if (o.list && !found.empty()) {
    io.out << text_of(found);
  }
  if (sound > 0) return {};
  if (found.empty()) return fail(Code::NotFound, "{}: no NEFF in it", o.file.string());
  return fail(Code::NotFound, "{}: no whole NEFF in it; {} at byte {}: {}", o.file.string(),
              found.size() == 1 ? "the only header" : "the first header", found[0].where.offset,
              found[0].where.reason);
}

}  // namespace

const Command packager_extract{
    .path = "packager extract",
    .summary = "Take NEFFs out of traced and saved models",
    .details =
        "Frameworks put whole packages into their own files: TorchScript archives (.pt), "
        "TensorFlow "
        "saved models and graphs, HLO modules, pickles. A package is found in any file by the form "
        "of its header, and taken when its hash holds; compressed entries of zip archives are "
        "inflated and looked into. Each becomes a file of the directory, named after the input and "
        "counted from 1; packages of one identity are written once.\n"
        "\n"
        "--list writes nothing and shows all headers, also of packages that were cut short or "
        "changed. The exit status is 13 when there is no whole package.",
    .examples =
        "neuron packager extract model.pt -o neffs/  # neffs/model-1.neff ...\n"
        "neuron packager extract --list saved_model.pb  # what is in there",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("file", o->file, "file to look into")->required()->type_name("FILE");
      app.add_option("-o,--output", o->directory, "directory to write to")
          ->type_name("DIR")
          ->capture_default_str();
      app.add_flag("-l,--list", o->list, "show what is there and write nothing");
      app.add_flag("--json", o->as_json, "print JSON");
      add_json_schema(app, "extract");
      return [o](Terminal& io) { return extract(*o, io); };
    }};

}  // namespace neuron::cmd
