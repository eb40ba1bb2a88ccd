// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <thread>

#include "cmd/command.h"
#include "host/exporter.h"
#include "host/observe.h"
#include "host/prometheus.h"
#include "host/sysfs.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path config;
  int verbose = 0;
  int prometheus_port = -1;
  std::string host = "127.0.0.1";
  std::string emf_file, name_space = "neuron-monitor";
  std::uint64_t count = 0;
  bool dashboard = false;
};

std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// Where reports go: an exporter, a file of CloudWatch lines, or standard output.
class Output {
 public:
  static Result<Output> open(const Options& o, Terminal& io) {
    Output out(o, io);
    if (o.prometheus_port >= 0) {
      auto exporter = TRY(host::Exporter::start(o.host, o.prometheus_port));
      out.exporter_.emplace(std::move(exporter));
      io.err << fmt::format("neuron monitor: metrics are at http://{}:{}/metrics\n", o.host,
                            out.exporter_->port());
    }
    if (!o.emf_file.empty() && o.emf_file != "-") {
      out.file_.open(o.emf_file, std::ios::app);
      if (!out.file_) return fail(Code::Io, "{}: cannot be written", o.emf_file);
    }
    return out;
  }

  Result<> put(const Json& report, const host::Snapshot& snapshot) {
    if (exporter_) exporter_->set(host::prometheus_text(report, snapshot));
    if (!options_.emf_file.empty()) {
      const bool to_file = file_.is_open();
      std::ostream& out = to_file ? static_cast<std::ostream&>(file_) : io_.out;
      out << host::cloudwatch_lines(report, options_.name_space, unix_ms()) << std::flush;
      if (!out) return fail(Code::Io, "{}: cannot be written", to_file ? options_.emf_file : "-");
    } else if (!exporter_) {
      io_.out << json::text_of(report) << std::endl;
    }
    return {};
  }
  /// The reader of our standard output may go: then the work is done.
  bool is_over() const { return !io_.out; }

 private:
  Output(const Options& o, Terminal& io) : options_(o), io_(io) {}
  const Options& options_;
  Terminal& io_;
  std::optional<host::Exporter> exporter_;
  std::ofstream file_;
};

Result<host::MonitorConfig> config_of(const Options& o) {
  if (o.config.empty()) return host::default_monitor_config();
  const Bytes bytes = TRY(read_file(o.config));
  auto config = host::parse_monitor_config(bytes);
  if (!config) return std::move(config).error().within(o.config.string());
  return config;
}

void warn(const Options& o, const host::Snapshot& snapshot, Terminal& io) {
  if (o.verbose < 1) return;
  for (const std::string& oddity : snapshot.oddities)
    io.err << "neuron monitor: " << oddity << "\n";
}

Result<> run_monitor(const Options& o, Terminal& io) {
  if (o.dashboard) {
    io.out << host::grafana_dashboard();
    return {};
  }
  const host::Box box = TRY(host::box());
  auto config = TRY(config_of(o));
  auto monitor = TRY(host::Monitor::start(box, std::move(config)));
  const host::Observing observing(box);
  Output output = TRY(Output::open(o, io));
  for (std::uint64_t i = 0; o.count == 0 || i < o.count; ++i) {
    std::this_thread::sleep_until(monitor.due());
    const Json report = TRY(monitor.report());
    const host::Snapshot& snapshot = monitor.now().snapshot;
    warn(o, snapshot, io);
    if (auto shown = host::refresh_tree(snapshot, host::TreeExtent::All); !shown && o.verbose >= 1)
      io.err << "neuron monitor: " << shown.error().message << "\n";
    TRY(output.put(report, snapshot));
    if (output.is_over()) break;
    if (o.verbose >= 3)
      io.err << fmt::format("neuron monitor: report {} of {} runtimes\n", i + 1,
                            report["neuron_runtime_data"].size());
  }
  return {};
}

void add_options(CLI::App& app, Options& o) {
  app.add_option("-c,--config-file", o.config, "metric groups and their periods, as JSON")
      ->type_name("FILE");
  app.add_option("--verbose", o.verbose,
                 "what is told on standard error: 0 nothing, 1 what could "
                 "not be read, 3 each report")
      ->type_name("N")
      ->check(CLI::Range(0, 4))
      ->capture_default_str();
  app.add_option(
         "--prometheus", o.prometheus_port,
         "serve the metrics to Prometheus at this port instead of printing reports; 0 takes "
         "a free one")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  app.add_option("--host", o.host, "address to serve at")->type_name("ADDR")->capture_default_str();
  app.add_option(
         "--cloudwatch-emf", o.emf_file,
         "append CloudWatch embedded metrics to this file instead of printing reports; - is "
         "standard output")
      ->type_name("FILE");
  app.add_option("--namespace", o.name_space, "CloudWatch namespace of the metrics")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--count", o.count, "end after so many reports; 0 never")
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--grafana-dashboard", o.dashboard, "print a dashboard for Grafana, and end");
}

}  // namespace

const Command monitor{
    .path = "monitor",
    .summary = "Report what runs on the instance, as JSON or to Prometheus",
    .details =
        "Prints a JSON document whenever a metric group is due: utilization, executions, latencies "
        "and memory of each process that owns NeuronCores, vCPUs and memory of the host. Without a "
        "configuration file, all groups every five seconds. NEURON_PROCESS_TAG of an application "
        "is the tag that tag_filter looks at, else its process id. While it runs, the files below "
        "neuron_device in the box's directory, laid out as the driver's in /sys, are up to date "
        "for every device; processes that own cores keep their own part so once a second.",
    .examples =
        "neuron monitor | jq .neuron_runtime_data  # a report every five seconds\n"
        "neuron monitor --config-file monitor.json --count 1\n"
        "neuron monitor --prometheus 8000  # for Prometheus to scrape\n"
        "neuron monitor --cloudwatch-emf /var/log/neuron-emf.log\n"
        "neuron monitor --grafana-dashboard > neuron.json  # import it in Grafana",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      add_options(app, *o);
      return [o](Terminal& io) { return run_monitor(*o, io); };
    }};

}  // namespace neuron::cmd
