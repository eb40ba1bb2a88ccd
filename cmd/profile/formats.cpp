// SPDX-License-Identifier: Apache-2.0
#include "cmd/profile/formats.h"

#include "view/formats/csv.h"
#include "view/formats/html.h"
#include "view/formats/json.h"
#include "view/formats/perfetto.h"
#include "view/formats/summary_json.h"
#include "view/formats/summary_text.h"
#include "view/metrics.h"

namespace neuron::cmd {
namespace {

Result<> put(const view::Sink& sink, const std::string& text) { return sink(view_of(text)); }

constexpr Format kFormats[] = {
    {"summary-text", "", ".txt",
     [](const view::Timeline& t, const view::Sink& sink) {
       return put(sink, view::summary_text(view::metrics_of(t)));
     }},
    {"summary-json", "", ".json",
     [](const view::Timeline& t, const view::Sink& sink) {
       return put(sink, view::summary_json(t.profile_name, view::metrics_of(t)));
     }},
    {"json", "ntff.json", ".json", view::write_json},
    {"perfetto", "ntff.pftrace", ".pftrace", view::write_perfetto},
    {"csv", "ntff-csv", "-csv", nullptr},
    {"html", "ntff.html", ".html", view::write_html},
};
constexpr Format kPerfettoWithFlows = {"perfetto", "ntff.pftrace", ".pftrace",
                                       view::write_perfetto_with_flows};

Result<> write_tables(const view::Timeline& timeline, const fs::path& directory) {
  if (directory.empty() || directory == "-")
    return fail(Code::BadUsage, "csv is a directory of tables; name it with --output-file");
  std::error_code problem;
  fs::create_directories(directory, problem);
  if (problem)
    return fail(Code::Io, "{}: cannot create: {}", directory.string(), problem.message());
  for (const view::CsvTable& table : view::kCsvTables) {
    if (table.is_empty(timeline)) continue;
    AtomicFile file = TRY(AtomicFile::create(directory / (std::string(table.name) + ".csv")));
    TRY(table.write(timeline, [&](ByteView part) { return file.append(part); }));
    TRY(file.commit());
  }
  return {};
}

}  // namespace

Result<const Format*> format_named(const std::string& word, bool with_flows) {
  if (word.empty() || word == "db") return nullptr;
  if (word == kPerfettoWithFlows.word && with_flows) return &kPerfettoWithFlows;
  std::string known = "db";
  for (const Format& format : kFormats) {
    if (word == format.word) return &format;
    known += fmt::format(", {}", format.word);
  }
  if (word == "parquet")
    return fail(Code::BadUsage,
                "--output-format parquet is not built; csv and json hold the same rows");
  return fail(Code::BadUsage, "--output-format {}: known are {}", word, known);
}

Result<> write_format(const Format& format, const view::Timeline& timeline, const fs::path& path,
                      Terminal& io) {
  if (!format.write) return write_tables(timeline, path);
  if (path.empty() || path == "-")
    return format.write(timeline, [&](ByteView part) -> Result<> {
      io.out.write(reinterpret_cast<const char*>(part.data()),
                   static_cast<std::streamsize>(part.size()));
      return io.out ? Result<>() : fail(Code::Io, "standard output: cannot be written");
    });
  AtomicFile file = TRY(AtomicFile::create(path));
  TRY(format.write(timeline, [&](ByteView part) { return file.append(part); }));
  return file.commit();
}

}  // namespace neuron::cmd
