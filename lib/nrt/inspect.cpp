// SPDX-License-Identifier: Apache-2.0
#include "nrt/inspect.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <mutex>

#include "base/log.h"
#include "neff/neff.h"
#include "nrt/profile.h"
#include "nrt/runtime.h"
#include "nrt/settings.h"

namespace neuron::nrt::inspect {
namespace {

std::mutex guard;
std::optional<Options> running;
std::atomic<bool> has_failed{false};
bool by_environment = false;

/// "name", "hardware" or "^name" as changes of a mask.
Result<std::uint64_t> filter_types(std::string text) {
  std::uint64_t with = 0, without = 0;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    std::string word = text.substr(0, comma);
    text.erase(0, std::min(comma + 1, text.size()));
    const bool excludes = word.starts_with('^');
    if (excludes) word.erase(0, 1);
    const auto types = events::types_named(word);
    if (types.empty())
      return fail(Code::BadUsage, "NEURON_RT_INSPECT_EVENT_FILTER_TYPE: no event {}", word);
    for (const auto type : types)
      (excludes ? without : with) |= std::uint64_t{1} << static_cast<unsigned>(type);
  }
  return (with ? with : ~std::uint64_t{0}) & ~without;
}

Result<> filter_cores(std::string text, events::Config& config) {
  constexpr const char* kName = "NEURON_RT_INSPECT_EVENT_FILTER_NC";
  if (text.empty()) return {};
  const bool excludes = text.starts_with('^');
  if (excludes) text.erase(0, 1);
  std::set<std::uint32_t> named;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    char* stop = nullptr;
    const auto core = std::strtoul(text.c_str() + at, &stop, 10);
    if (stop != text.c_str() + end || core > 0xffff)
      return fail(Code::BadUsage, "{} is \"{}\", expected core numbers", kName, text);
    named.insert(static_cast<std::uint32_t>(core));
    at = end + 1;
  }
  if (excludes) config.without_cores = named;
  for (std::uint32_t c = 0; c < 1024 && !excludes; ++c)
    if (!named.count(c)) config.without_cores.insert(c);
  return {};
}

Json memory_of_process() {
  std::ifstream in("/proc/self/status");
  Json out = Json::object();
  for (std::string line; std::getline(in, line);)
    for (const char* key : {"VmRSS", "VmHWM", "VmSize"})
      if (line.starts_with(key))
        out[std::string(key) + "_kb"] =
            std::strtoull(line.c_str() + 6 + (key[3] == 'i'), nullptr, 10);
  return out;
}

Json processor_time() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto us = [](const timeval& t) { return t.tv_sec * 1'000'000 + t.tv_usec; };
  return {{"user_us", us(use.ru_utime)}, {"system_us", us(use.ru_stime)}};
}

/// What files of a model are called after; traces find their packages by the uuid in them.
std::string name_of(const nrt_model& model) {
  return hex(ByteView(model.package.header.uuid)).substr(0, 16);
}

Result<> write_package(const fs::path& directory, const nrt_model& model) {
  const auto bytes = TRY(neff::bytes_of(model.package, neff::Compression::Gzip));
  return write_file(directory / fmt::format("neff_{}.neff", name_of(model)), bytes);
}

Result<> write_model(const fs::path& directory, int session, nrt_model& model) {
  if (model.executions.load() == 0) return {};
  auto trace = TRY(trace_of(model));
  const auto name = fmt::format("{}_instid_{}_vnc_{}.ntff", name_of(model), session, model.vnc);
  return write_file(directory / name, ntff::bytes_of(trace, ntff::Framing::None));
}

/// The directory of this process, made where it is not there.
Result<fs::path> make_directory(const Options& o) {
  const auto* box = TRY(host::instance());
  const fs::path directory =
      o.directory / fmt::format("i-{}_pid_{}", box ? box->type : "simulated", ::getpid());
  std::error_code status;
  fs::create_directories(directory, status);
  if (status) return fail(Code::Io, "{}: cannot create: {}", directory.string(), status.message());
  return directory;
}

Result<> write(const Options& o) {
  const fs::path directory = TRY(make_directory(o));
  const auto put = [&](const char* name, const Json& value) {
    return write_file(directory / name, view_of(json::text_of(value, 2) + "\n"));
  };
  if (o.system_profile) TRY(put("ntrace.json", events::fetch(-1, ~std::uint64_t{0})));
  TRY(put("trace_info.json",
          Json{{"pid", ::getpid()}, {"session_id", o.session}, {"runtime", "simulated"}}));
  if (o.cpu_util) TRY(put("cpu_util.json", processor_time()));
  if (o.host_memory) TRY(put("host_mem.json", memory_of_process()));
  if (!o.device_profile) return {};
  for (const auto& model : runtime().models()) TRY(write_model(directory, o.session, *model));
  return {};
}

}  // namespace

Result<Options> options_of_environment() {
  Options o;
  o.is_enabled = TRY(settings::flag("NEURON_RT_INSPECT_ENABLE"));
  o.on_fail_only = TRY(settings::flag("NEURON_RT_INSPECT_ON_FAIL"));
  o.system_profile = TRY(settings::flag("NEURON_RT_INSPECT_SYSTEM_PROFILE"));
  o.device_profile = TRY(settings::flag("NEURON_RT_INSPECT_DEVICE_PROFILE"));
  o.host_memory = TRY(settings::flag("NEURON_RT_INSPECT_HOST_MEMORY"));
  o.cpu_util = TRY(settings::flag("NEURON_RT_INSPECT_CPU_UTIL"));
  o.directory = settings::text("NEURON_RT_INSPECT_OUTPUT_DIR");
  o.events.max_per_core = TRY(settings::number("NEURON_RT_INSPECT_SYS_TRACE_MAX_EVENTS_PER_NC"));
  o.events.types = TRY(filter_types(settings::text("NEURON_RT_INSPECT_EVENT_FILTER_TYPE")));
  TRY(filter_cores(settings::text("NEURON_RT_INSPECT_EVENT_FILTER_NC"), o.events));
  return o;
}

Result<> begin(const Options& options) {
  std::lock_guard lock(guard);
  if (running) return fail(Code::BadUsage, "inspection has begun already");
  if (options.system_profile) TRY(events::start(options.events));
  has_failed = false;
  running = options;
  return {};
}

Result<> stop() {
  std::lock_guard lock(guard);
  if (!running) return fail(Code::BadUsage, "inspection has not begun");
  const Options options = *std::exchange(running, std::nullopt);
  Result<> written;
  if (!options.on_fail_only || has_failed) written = write(options);
  if (options.system_profile) TRY(events::stop());
  return written;
}

Result<> write_now() {
  std::lock_guard lock(guard);
  if (!running) return fail(Code::BadUsage, "inspection has not begun");
  return write(*running);
}

void note_failure() { has_failed = true; }

namespace {

/// Writes a part of what is inspected while the process goes on.
template <class Write>
void write_early(const char* where, Write write) {
  std::lock_guard lock(guard);
  if (!running || !running->device_profile || (running->on_fail_only && !has_failed)) return;
  auto directory = make_directory(*running);
  auto done = directory ? write(*directory) : Result<>(std::move(directory).error());
  if (!done) log::write("NRT", log::Level::Error, where, "{}", done.error().message);
}

}  // namespace

void note_load(nrt_model& model) {
  write_early("nrt_load", [&](const fs::path& to) { return write_package(to, model); });
}
void note_unload(nrt_model& model) {
  write_early("nrt_unload",
              [&](const fs::path& to) { return write_model(to, running->session, model); });
}

Result<> begin_when_asked() {
  const auto options = TRY(options_of_environment());
  if (!options.is_enabled && !options.on_fail_only) return {};
  by_environment = true;
  return begin(options);
}

void end_when_asked() {
  if (!std::exchange(by_environment, false)) return;
  if (auto done = stop(); !done)
    log::write("NRT", log::Level::Error, "nrt_inspect_stop", "{}", done.error().message);
}

}  // namespace neuron::nrt::inspect
