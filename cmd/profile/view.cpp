// SPDX-License-Identifier: Apache-2.0
#include "view/view.h"

#include "cmd/command.h"
#include "view/formats/json.h"
#include "view/formats/perfetto.h"
#include "view/formats/summary_json.h"
#include "view/formats/summary_text.h"
#include "view/server.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff, session_file, session_dir, output_file, data_path;
  std::string output_format, display_name, db_endpoint, db_org, db_bucket;
  std::string host = "127.0.0.1";
  int port = 3001;
  bool force = false, ingest_only = false, show_preamble = false, terminology = false;
};

Result<> put(const view::Sink& sink, const std::string& text) { return sink(view_of(text)); }

/// What --output-format may be, where it goes by default ("" is standard output), and who writes.
struct Format {
  const char* word;
  const char* file;
  Result<> (*write)(const view::Timeline&, const view::Sink&);
};
constexpr Format kFormats[] = {
    {"summary-text", "",
     [](const view::Timeline& t, const view::Sink& sink) {
       return put(sink, view::summary_text(view::metrics_of(t)));
     }},
    {"summary-json", "",
     [](const view::Timeline& t, const view::Sink& sink) {
       return put(sink, view::summary_json(t.profile_name, view::metrics_of(t)));
     }},
    {"json", "ntff.json", view::write_json},
    {"perfetto", "ntff.pftrace", view::write_perfetto},
};

Result<const Format*> format_named(const std::string& word) {
  for (const Format& format : kFormats)
    if (word == format.word) return &format;
  if (word == "parquet")
    return fail(Code::BadUsage,
                "--output-format parquet is not built; json and perfetto hold the same rows");
  return fail(Code::BadUsage,
              "--output-format {}: known are db, summary-text, summary-json, json and perfetto",
              word);
}

/// Options of the official tool that this one takes and cannot serve.
Result<> refuse_unbuilt(const Options& o) {
  if (!o.db_endpoint.empty() || !o.db_org.empty() || !o.db_bucket.empty())
    return fail(Code::BadUsage,
                "--db-endpoint, --db-org and --db-bucket: InfluxDB is not built; profiles are kept "
                "in files, see --data-path");
  if (!o.session_dir.empty())
    return fail(Code::BadUsage,
                "--session-dir is not built; view the traces of {} one by one with -s",
                o.session_dir.string());
  return {};
}

struct Loaded {
  std::string id;
  view::Timeline timeline;
};

Result<Loaded> load_files(const Options& o) {
  Loaded loaded;
  const Bytes ntff = TRY(read_file(o.session_file));
  const ntff::Trace trace = TRY(ntff::parse(ntff).within(o.session_file.string()));
  Bytes neff;
  std::optional<neff::Package> package;
  if (!o.neff.empty()) {
    neff = TRY(read_file(o.neff));
    package = TRY(neff::parse(neff).within(o.neff.string()));
  }
  view::ImportOptions options;
  options.show_preamble = o.show_preamble;
  auto imported = view::import(package ? &*package : nullptr, trace, options);
  loaded.timeline = TRY(std::move(imported).within(o.session_file.string()));
  loaded.id = view::profile_id(neff, ntff);
  loaded.timeline.profile_name = o.display_name.empty() ? loaded.id : o.display_name;
  return loaded;
}

Result<> write_out(const Options& o, const Format& format, const view::Timeline& timeline,
                   Terminal& io) {
  const fs::path path = o.output_file.empty() ? fs::path(format.file) : o.output_file;
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

Result<view::Store> open_store(const Options& o) {
  if (!o.data_path.empty()) return view::Store::open(o.data_path);
  const fs::path directory = TRY(view::store_directory());
  return view::Store::open(directory);
}

/// Keeps the profile and shows it, or with --ingest-only says its name.
Result<> store_and_serve(const Options& o, const Loaded& loaded, Terminal& io) {
  view::Store store = TRY(open_store(o));
  const bool is_new = TRY(store.put(loaded.id, loaded.timeline.profile_name, loaded.timeline,
                                    view::metrics_of(loaded.timeline), o.force));
  if (!is_new) io.err << fmt::format("{}: already stored; --force would replace it\n", loaded.id);
  if (o.ingest_only) {
    io.out << fmt::format("Profile \"{}\" is ready to view\n", loaded.id);
    return {};
  }
  return view::serve({o.host, o.port, loaded.id}, store, io.out);
}

/// The glossary: every metric and what it means.
void print_terminology(Terminal& io) {
  const auto metrics = view::metrics_of(view::Timeline{});
  std::size_t width = 0;
  for (const view::Metric& m : metrics) width = std::max(width, m.name.size());
  for (const view::Metric& m : metrics)
    io.out << fmt::format("{:<{}}  {}\n", m.name, width, m.meaning);
}

Result<> run_view(const Options& o, Terminal& io) {
  TRY(refuse_unbuilt(o));
  if (o.terminology) {
    print_terminology(io);
    return {};
  }
  const bool keeps = o.output_format.empty() || o.output_format == "db";
  const Format* format = nullptr;
  if (!keeps) format = TRY(format_named(o.output_format));
  if (o.session_file.empty()) {
    if (!keeps || o.ingest_only || !o.neff.empty())
      return fail(Code::BadUsage, "no trace: give the NTFF file with -s");
    view::Store store = TRY(open_store(o));
    return view::serve({o.host, o.port, ""}, store, io.out);
  }
  const Loaded loaded = TRY(load_files(o));
  for (const std::string& warning : loaded.timeline.warnings)
    if (!warning.starts_with("notice: ")) io.err << "neuron: warning: " << warning << "\n";
  if (format) return write_out(o, *format, loaded.timeline, io);
  return store_and_serve(o, loaded, io);
}

void add_options(CLI::App& app, Options& o) {
  app.add_option("-n,--neff-path", o.neff, "package that was captured: it holds the names")
      ->type_name("NEFF");
  app.add_option("-s,--session-file", o.session_file, "trace to view")->type_name("NTFF");
  app.add_option("--output-format", o.output_format,
                 "db (keep and serve), summary-text, summary-json, json or perfetto")
      ->type_name("FORMAT");
  app.add_option("--output-file", o.output_file,
                 "where to write; by default standard output for summaries, ntff.json and "
                 "ntff.pftrace; - is standard output")
      ->type_name("FILE");
  app.add_option("--display-name", o.display_name, "name in the list of profiles")
      ->type_name("NAME");
  app.add_option("--data-path", o.data_path, "directory that keeps profiles")->type_name("DIR");
  app.add_flag("--force", o.force, "replace a profile that is already kept");
  app.add_flag("--ingest-only", o.ingest_only, "keep the profile and end, without serving");
  app.add_option("--host", o.host, "address to serve on")->type_name("ADDR")->capture_default_str();
  app.add_option("--port", o.port, "port to serve on")
      ->type_name("N")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_flag("--show-preamble", o.show_preamble,
               "also show what the runtime did before and after the model");
  app.add_flag("--terminology", o.terminology, "print what each metric means, and end");
  app.add_option("-d,--session-dir", o.session_dir, "directory of traces (not built)")
      ->type_name("DIR");
  app.add_option("--db-endpoint", o.db_endpoint, "address of an InfluxDB (not built)")
      ->type_name("URL");
  app.add_option("--db-org", o.db_org, "organisation in InfluxDB (not built)")->type_name("NAME");
  app.add_option("--db-bucket", o.db_bucket, "bucket in InfluxDB (not built)")->type_name("NAME");
}

}  // namespace

const Command profile_view{
    .path = "profile view",
    .summary = "Show where the time of a captured execution went",
    .details =
        "Pairs the records of a trace, names them from the package, keeps the result as a profile "
        "and serves a page that shows it. Without a trace, serves all profiles kept so far. With "
        "--output-format, writes the profile and ends. Traces of real devices and of the "
        "simulator are viewed the same way.",
    .examples =
        "neuron profile view -n model.neff -s profile.ntff  # serve the page\n"
        "neuron profile view  # serve all profiles kept\n"
        "neuron profile view -n model.neff -s profile.ntff --output-format summary-text\n"
        "neuron profile view -n model.neff -s profile.ntff --output-format perfetto",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      add_options(app, *o);
      return [o](Terminal& io) { return run_view(*o, io); };
    }};

}  // namespace neuron::cmd
