// SPDX-License-Identifier: Apache-2.0
#include "view/view.h"

#include <set>

#include "cmd/profile/foreign.h"
#include "cmd/profile/formats.h"
#include "cmd/profile/load.h"
#include "view/formats/summary_json.h"
#include "view/influx.h"
#include "view/insights.h"
#include "view/server.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff, session_file, session_dir, output_file, data_path;
  std::string output_format, display_name, db_endpoint, db_org, db_bucket;
  std::string host = "127.0.0.1";
  int port = 3001;
  bool force = false, ingest_only = false, terminology = false, with_flows = false;
  bool insights = false, without_page = false;
  view::ImportOptions import;
};

bool uses_influx(const Options& o) {
  return !o.db_endpoint.empty() || !o.db_org.empty() || !o.db_bucket.empty();
}
Result<view::InfluxOptions> influx_of(const Options& o) {
  view::InfluxOptions given;
  if (!o.db_endpoint.empty()) given.endpoint = o.db_endpoint;
  given.org = o.db_org;
  given.bucket = o.db_bucket;
  return view::influx_setup(std::move(given));
}

/// Brings the profiles of the server that are not here yet.
Result<> fetch_from_influx(const Options& o, view::Store& store) {
  const auto influx = TRY(influx_of(o));
  std::vector<std::string> ids;
  if (view::is_profile_id(o.db_bucket))
    ids = {o.db_bucket};
  else
    ids = TRY(view::influx_list(influx));
  for (const std::string& id : ids) TRY(view::influx_read(influx, store, id));
  return {};
}

/// Name of a trace in lists: "profile_rank_2" for out/profile_rank_2.ntff.zst.
std::string stem_of(const fs::path& ntff) {
  const std::string name = ntff.filename().string();
  return name.substr(0, std::min(name.find(".ntff"), name.size()));
}
/// "Rank 2" for "profile_rank_2", else the stem.
std::string member_name(const std::string& stem) {
  const auto at = stem.rfind("_rank_");
  return at == std::string::npos ? stem : "Rank " + stem.substr(at + 6);
}

Result<> keep(view::Store& store, const view::LoadedSession& loaded, const std::string& name,
              const Options& o, Terminal& io) {
  const bool is_new =
      TRY(store.put(loaded.id, name, loaded.timeline, view::metrics_of(loaded.timeline), o.force));
  if (!is_new) io.err << fmt::format("{}: already stored; --force would replace it\n", loaded.id);
  if (uses_influx(o)) {
    const auto influx = TRY(influx_of(o));
    const bool is_sent =
        TRY(view::influx_write(influx, store, loaded.id, loaded.timeline, o.force));
    if (!is_sent)
      io.err << fmt::format("{}: already in {}; --force would replace it\n", loaded.id,
                            influx.endpoint);
  }
  if (o.ingest_only) io.out << fmt::format("Profile \"{}\" is ready to view\n", loaded.id);
  return {};
}

/// Events of large traces lie beside the store while they are read.
view::ImportOptions import_into(const view::Store& store, const Options& o) {
  view::ImportOptions options = o.import;
  options.spool = store.directory();
  return options;
}

view::ServeOptions serving(const Options& o, const std::string& profile) {
  return {.host = o.host, .port = o.port, .profile = profile, .has_pages = !o.without_page};
}

/// Keeps the profile and shows it, or with --ingest-only says its name.
Result<> store_and_serve(const Options& o, Terminal& io) {
  view::Store store = TRY(open_store(o.data_path));
  auto loaded = TRY(load({o.neff, o.session_file}, import_into(store, o), io));
  if (!o.display_name.empty()) loaded.timeline.profile_name = o.display_name;
  TRY(keep(store, loaded, o.display_name.empty() ? loaded.id : o.display_name, o, io));
  if (o.ingest_only) return {};
  return view::serve(serving(o, loaded.id), store, io.out);
}

/// Keeps all traces of a directory as a group: on its page each is a tab.
Result<> keep_directory(const Options& o, const std::vector<view::SessionFiles>& sessions,
                        Terminal& io) {
  view::Store store = TRY(open_store(o.data_path));
  const std::string name = o.display_name.empty()
                               ? fs::absolute(o.session_dir / "").parent_path().filename().string()
                               : o.display_name;
  std::vector<std::pair<std::string, std::string>> members;
  std::set<std::string> taken;
  for (const view::SessionFiles& files : sessions) {
    auto loaded = TRY(load(files, import_into(store, o), io));
    const std::string stem = stem_of(files.ntff);
    // Ranks that did the same to the picosecond leave the same bytes; each is a profile all the
    // same.
    if (!taken.insert(loaded.id).second)
      loaded.timeline.profile_name = loaded.id = view::profile_id_of(loaded.id, stem);
    TRY(keep(store, loaded, name + "/" + stem, o, io));
    members.emplace_back(loaded.id, member_name(stem));
  }
  std::string page = members[0].first;
  if (members.size() > 1) page = TRY(store.put_group(name, members));
  if (o.ingest_only) {
    if (members.size() > 1) io.out << fmt::format("Profile \"{}\" is ready to view\n", page);
    return {};
  }
  return view::serve(serving(o, page), store, io.out);
}

/// One file for each trace of a directory: device_profile_NAME.json ...
Result<> write_directory(const Options& o, const Format& format,
                         const std::vector<view::SessionFiles>& sessions, Terminal& io) {
  const bool is_printed = !*format.file && o.output_file.empty();
  Json summaries = Json::object();
  for (const view::SessionFiles& files : sessions) {
    auto loaded = TRY(load(files, o.import, io));
    const std::string stem = stem_of(files.ntff);
    loaded.timeline.profile_name = stem;
    if (is_printed && std::string_view(format.word) == "summary-json") {
      summaries[stem] = view::summary_object(view::metrics_of(loaded.timeline));
      continue;
    }
    const fs::path path =
        is_printed ? fs::path() : o.output_file / ("device_profile_" + stem + format.extension);
    if (is_printed) io.out << stem << "\n";
    TRY(write_format(format, loaded.timeline, path, io));
    if (!is_printed) io.out << path.string() << "\n";
  }
  if (!summaries.empty()) io.out << json::text_of(summaries, 2) << "\n";
  return {};
}

Result<> view_directory(const Options& o, const Format* format, Terminal& io) {
  if (!o.session_file.empty())
    return fail(Code::BadUsage, "give either a trace with -s or a directory with -d");
  const auto sessions = TRY(view::sessions_in(o.session_dir, o.neff));
  if (!format) return keep_directory(o, sessions, io);
  if (!o.output_file.empty()) {
    std::error_code problem;
    fs::create_directories(o.output_file, problem);
    if (problem)
      return fail(Code::Io, "{}: cannot create: {}", o.output_file.string(), problem.message());
  }
  return write_directory(o, *format, sessions, io);
}

/// The glossary: every metric and what it means.
void print_terminology(Terminal& io) {
  const auto metrics = view::metrics_of(view::Timeline{});
  std::size_t width = 0;
  for (const view::Metric& m : metrics) width = std::max(width, m.name.size());
  for (const view::Metric& m : metrics)
    io.out << fmt::format("{:<{}}  {}\n", m.name, width, m.meaning);
}

/// What bounds the run: as text, or with --output-format json as JSON.
Result<> print_insights(const Options& o, const view::Timeline& timeline, Terminal& io) {
  const view::Insights insights = view::insights_of(timeline);
  if (o.output_format.empty() || o.output_format == "summary-text")
    io.out << view::insights_text(insights);
  else if (o.output_format == "json" || o.output_format == "summary-json")
    io.out << json::text_of(view::insights_json(insights), 2) << "\n";
  else
    return fail(Code::BadUsage, "--insights are text or json, not {}", o.output_format);
  return {};
}

Result<> run_view(const Options& o, Terminal& io) {
  if (o.terminology) {
    print_terminology(io);
    return {};
  }
  const Format* format = TRY(format_named(o.output_format, o.with_flows));
  if (!o.session_dir.empty()) return view_directory(o, format, io);
  if (o.session_file.empty()) {
    if (format || o.ingest_only || o.insights || !o.neff.empty())
      return fail(Code::BadUsage, "no trace: give the NTFF file with -s");
    view::Store store = TRY(open_store(o.data_path));
    if (uses_influx(o)) TRY(fetch_from_influx(o, store));
    const bool is_one = view::is_profile_id(o.db_bucket);
    return view::serve(serving(o, is_one ? o.db_bucket : ""), store, io.out);
  }
  if (!format && !o.insights) return store_and_serve(o, io);
  auto loaded = TRY(load({o.neff, o.session_file}, o.import, io));
  if (!o.display_name.empty()) loaded.timeline.profile_name = o.display_name;
  if (o.insights) return print_insights(o, loaded.timeline, io);
  return write_format(*format, loaded.timeline,
                      o.output_file.empty() ? fs::path(format->file) : o.output_file, io);
}

void add_inputs(CLI::App& app, Options& o) {
  app.add_option("-n,--neff-path", o.neff, "package that was captured: it holds the names")
      ->type_name("NEFF");
  app.add_option("-s,--session-file", o.session_file, "trace to view")->type_name("NTFF");
  app.add_option("-d,--session-dir", o.session_dir,
                 "directory of traces, as several workers leave it; packages in it are found by "
                 "their uuid")
      ->type_name("DIR");
  app.add_flag("--show-preamble", o.import.show_preamble,
               "also show what the runtime did before and after the model");
  app.add_flag("--show-host", o.import.show_host,
               "keep host paths and instance ids, which are left out otherwise");
  app.add_flag("--ignore-instruction-trace", o.import.skip_instructions, "leave instructions out");
  app.add_flag("--ignore-dma-trace", o.import.skip_dma, "leave packets of DMA out");
  app.add_flag("--ignore-event-trace", o.import.skip_events, "leave events of semaphores out");
}

void add_outputs(CLI::App& app, Options& o) {
  app.add_option(
         "--output-format", o.output_format,
         "db (keep and serve), summary-text, summary-json, json, perfetto, csv or html (one file "
         "to mail)")
      ->type_name("FORMAT");
  app.add_option(
         "--output-file", o.output_file,
         "where to write; by default standard output for summaries, ntff.json, "
         "ntff.pftrace, ntff.html and the directory ntff-csv; - is standard output; with -d, a "
         "directory")
      ->type_name("FILE");
  app.add_flag("--show-perfetto-flows", o.with_flows,
               "in a Perfetto trace, an arrow for each wait of an instruction for another");
  app.add_flag("--insights", o.insights,
               "print what bounds the run, what each fix would gain, and the instructions that "
               "prove it; with --output-format json, as JSON");
  app.add_flag("--terminology", o.terminology, "print what each metric means, and end");
}

void add_keeping(CLI::App& app, Options& o) {
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
  app.add_flag("--disable-ui", o.without_page,
               "serve the data only (/api/...), for programs, and no pages");
  app.add_option("--db-endpoint", o.db_endpoint,
                 "InfluxDB 2.x that also gets the profile, or that profiles are taken from; the "
                 "token comes from $INFLUX_TOKEN or the configuration of influx")
      ->type_name("URL");
  app.add_option("--db-org", o.db_org, "organisation in InfluxDB")->type_name("NAME");
  app.add_option("--db-bucket", o.db_bucket, "bucket in InfluxDB; the profile's id unless given")
      ->type_name("NAME");
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
        "neuron profile view -n model.neff -d out/  # all workers of a capture\n"
        "neuron profile view -n model.neff -s profile.ntff --output-format summary-text\n"
        "neuron profile view -n model.neff -s profile.ntff --output-format perfetto",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      add_inputs(app, *o);
      add_outputs(app, *o);
      add_keeping(app, *o);
      const auto foreign = ForeignOptions::add(app, ProfileCommand::View);
      return [o, foreign](Terminal& io) -> Result<> {
        TRY(foreign->answer(io));
        return run_view(*o, io);
      };
    }};

}  // namespace neuron::cmd
