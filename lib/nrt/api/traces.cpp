// SPDX-License-Identifier: Apache-2.0
// Profiles, inspection and system traces.
#include <cstdlib>

#include "nrt/api/border.h"
#include "nrt/events.h"
#include "nrt/inspect.h"
#include "nrt/nrt_experimental.h"
#include "nrt/nrt_profile.h"
#include "nrt/nrt_sys_trace.h"
#include "nrt/profile.h"

using namespace neuron;
using namespace neuron::nrt;

struct nrt_profile_continuous_options {
  fs::path directory = "./output";
};
struct nrt_inspect_config {
  inspect::Options options;
};
struct nrt_sys_trace_config {
  events::Config config;
};
struct nrt_sys_trace_fetch_options {
  std::uint64_t most = ~std::uint64_t{0};
  std::int64_t core = -1;
};

namespace {

std::atomic<bool> continuous{false};

/// A C array of C strings, freed by free_names().
Result<> give_names(const std::vector<std::string>& names, const char*** out, size_t* count) {
  TRY(need(out, "the place for the names"));
  TRY(need(count, "count"));
  auto** list = static_cast<char**>(std::calloc(names.size() + 1, sizeof(char*)));
  if (!list) return fail(Code::NoResource, "no memory for {} names", names.size());
  for (std::size_t i = 0; i < names.size(); ++i) list[i] = ::strdup(names[i].c_str());
  *out = const_cast<const char**>(list);
  *count = names.size();
  return {};
}

void free_names(const char** names, size_t count) {
  if (!names) return;
  for (std::size_t i = 0; i < count; ++i) std::free(const_cast<char*>(names[i]));
  std::free(names);
}

template <class T>
Result<> give_new(T** out) {
  TRY(need(out, "options"));
  *out = new T;
  return {};
}

Result<> set_types(events::Config& config, const char* name, bool enabled) {
  TRY(need(name, "event_type"));
  const auto types = events::types_named(name);
  if (types.empty()) return fail(Code::BadUsage, "no event {}", name);
  for (const auto type : types) {
    const auto bit = std::uint64_t{1} << static_cast<unsigned>(type);
    config.types = enabled ? config.types | bit : config.types & ~bit;
  }
  return {};
}

void set_core(events::Config& config, std::uint32_t core, bool enabled) {
  if (enabled)
    config.without_cores.erase(core);
  else
    config.without_cores.insert(core);
}

std::vector<std::string> enabled_names(const events::Config& config) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < events::kTypes; ++i)
    if (config.types >> i & 1) names.emplace_back(events::name_of(static_cast<events::Type>(i)));
  return names;
}

/// Activities by name, and where each stands in the options.
struct Activity {
  const char* name;
  bool inspect::Options::*field;
};
constexpr Activity kActivities[] = {{"system_profile", &inspect::Options::system_profile},
                                    {"device_profile", &inspect::Options::device_profile},
                                    {"host_memory", &inspect::Options::host_memory},
                                    {"cpu_util", &inspect::Options::cpu_util}};

Result<> set_activity(inspect::Options& options, std::string_view name, bool enabled) {
  bool known = name == "all";
  for (const Activity& a : kActivities) {
    if (name != "all" && name != a.name) continue;
    options.*a.field = enabled;
    known = true;
  }
  if (known) return {};
  return fail(Code::BadUsage, "no activity {}", name);
}

/// Most setters: check the options, change one thing.
template <class T, class Change>
NRT_STATUS change(const char* function, T* options, Change body) {
  return at_the_border(function, [&]() -> Result<> {
    TRY(need(options, "options"));
    return body(*options);
  });
}

Result<> save_continuous(std::uint32_t vnc, const nrt_profile_continuous_options_t* options) {
  TRY(runtime().check());
  TRY(runtime().check_core(vnc));
  if (!continuous) return fail(Code::BadUsage, "continuous profiling has not been started");
  const auto model = runtime().last_on(vnc);
  if (!model) return fail(Code::NotFound, "no model was executed on logical core {}", vnc);
  auto trace = TRY(trace_of(*model));
  const fs::path directory = options ? options->directory : fs::path("./output");
  std::error_code status;
  fs::create_directories(directory, status);
  const auto name = fmt::format("{}_vnc_{}_{}.ntff", model->id, vnc, model->executions.load());
  return write_file(directory / name, ntff::bytes_of(trace, ntff::Framing::None));
}

}  // namespace

extern "C" {

NRT_STATUS nrt_profile_start(nrt_model_t* model, const char* filename) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need_model(model));
    TRY(need(filename, "filename"));
    return start_profile(*model, filename);
  });
}
NRT_STATUS nrt_profile_stop(const char* filename) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(filename, "filename"));
    return stop_profile(filename);
  });
}

NRT_STATUS nrt_profile_continuous_options_allocate(nrt_profile_continuous_options_t** options) {
  return at_the_border(__func__, [&] { return give_new(options); });
}
NRT_STATUS nrt_profile_continuous_options_free(nrt_profile_continuous_options_t* options) {
  delete options;
  return NRT_SUCCESS;
}
NRT_STATUS nrt_profile_continuous_options_set_output_dir(nrt_profile_continuous_options_t* options,
                                                         const char* output_dir) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    TRY(need(output_dir, "output_dir"));
    o.directory = output_dir;
    return {};
  });
}
NRT_STATUS nrt_profile_continuous_start(nrt_profile_continuous_options_t*) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    if (continuous.exchange(true)) return fail(Code::BadUsage, "it has been started already");
    return {};
  });
}
NRT_STATUS nrt_profile_continuous_save(uint32_t vnc, nrt_profile_continuous_options_t* options) {
  return at_the_border(__func__, [&] { return save_continuous(vnc, options); });
}
NRT_STATUS nrt_profile_continuous_stop(void) {
  return at_the_border(__func__, [&]() -> Result<> {
    if (!continuous.exchange(false)) return fail(Code::BadUsage, "it has not been started");
    return {};
  });
}

NRT_STATUS nrt_inspect_begin(void) {
  return at_the_border(__func__, [&]() -> Result<> {
    auto options = TRY(inspect::options_of_environment());
    return inspect::begin(options);
  });
}
NRT_STATUS nrt_inspect_begin_with_options(nrt_inspect_config_t* options) {
  return at_the_border(__func__, [&]() -> Result<> {
    const inspect::Options chosen = options ? options->options : inspect::Options();
    if (!chosen.is_enabled && !chosen.on_fail_only) return {};
    return inspect::begin(chosen);
  });
}
NRT_STATUS nrt_inspect_stop(void) {
  return at_the_border(__func__, [] { return inspect::stop(); });
}
NRT_STATUS nrt_inspect_export(uint64_t) {
  return at_the_border(__func__, [] { return inspect::write_now(); });
}

NRT_STATUS nrt_inspect_config_allocate(nrt_inspect_config_t** options) {
  return at_the_border(__func__, [&] { return give_new(options); });
}
NRT_STATUS nrt_inspect_config_set_defaults(nrt_inspect_config_t* options) {
  return change(__func__, options, [](auto& o) -> Result<> {
    o.options = {};
    return {};
  });
}
NRT_STATUS nrt_inspect_config_free(nrt_inspect_config_t* options) {
  delete options;
  return NRT_SUCCESS;
}
NRT_STATUS nrt_inspect_config_set_session_id(nrt_inspect_config_t* options, int session_id) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    if (session_id < 0) return fail(Code::BadUsage, "session_id is {}", session_id);
    o.options.session = session_id;
    return {};
  });
}
NRT_STATUS nrt_inspect_config_set_output_dir(nrt_inspect_config_t* options,
                                             const char* output_dir) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    TRY(need(output_dir, "output_dir"));
    if (!*output_dir) return fail(Code::BadUsage, "output_dir is empty");
    o.options.directory = output_dir;
    return {};
  });
}
NRT_STATUS nrt_inspect_config_set_sys_trace_max_events_per_nc(nrt_inspect_config_t* options,
                                                              uint64_t max_events_per_nc) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    if (max_events_per_nc == 0) return fail(Code::BadUsage, "max_events_per_nc is 0");
    o.options.events.max_per_core = max_events_per_nc;
    return {};
  });
}
NRT_STATUS nrt_inspect_config_set_capture_enabled_for_nc(nrt_inspect_config_t* options,
                                                         uint32_t nc_idx, bool enabled) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    set_core(o.options.events, nc_idx, enabled);
    return {};
  });
}
NRT_STATUS nrt_inspect_config_set_capture_enabled_for_event_type_string(
    nrt_inspect_config_t* options, const char* event_type, bool enabled) {
  return change(__func__, options,
                [&](auto& o) { return set_types(o.options.events, event_type, enabled); });
}
NRT_STATUS nrt_inspect_config_set_enable_inspect(nrt_inspect_config_t* options, bool enabled) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    o.options.is_enabled = enabled;
    return {};
  });
}
NRT_STATUS nrt_inspect_config_set_enable_inspect_on_fail(nrt_inspect_config_t* options,
                                                         bool enabled) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    o.options.on_fail_only = enabled;
    return {};
  });
}
NRT_STATUS nrt_inspect_config_set_inspect_device_profile_mode(
    nrt_inspect_config_t* options, nrt_inspect_device_profile_mode_t mode) {
  return change(__func__, options, [&](auto&) -> Result<> {
    if (mode != NRT_INSPECT_DEVICE_PROFILE_MODE_MODEL)
      log::write("NRT", log::Level::Warn, "nrt_inspect_config_set_inspect_device_profile_mode",
                 "mode is {}; device traces are cut by model here", static_cast<int>(mode));
    return {};
  });
}
NRT_STATUS nrt_inspect_config_get_all_activity_types(const char*** types, size_t* count) {
  return at_the_border(__func__, [&] {
    std::vector<std::string> names;
    for (const Activity& a : kActivities) names.emplace_back(a.name);
    names.emplace_back("all");
    return give_names(names, types, count);
  });
}
NRT_STATUS nrt_inspect_config_get_enabled_activity_types(nrt_inspect_config_t* options,
                                                         const char*** types, size_t* count) {
  return change(__func__, options, [&](auto& o) {
    std::vector<std::string> names;
    for (const Activity& a : kActivities)
      if (o.options.*a.field) names.emplace_back(a.name);
    return give_names(names, types, count);
  });
}
void nrt_inspect_config_free_activity_types(const char** types, size_t count) {
  free_names(types, count);
}
NRT_STATUS nrt_inspect_config_set_activity(nrt_inspect_config_t* options, const char* type,
                                           bool enabled) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    TRY(need(type, "activity_type"));
    return set_activity(o.options, type, enabled);
  });
}

NRT_STATUS nrt_sys_trace_config_allocate(nrt_sys_trace_config_t** options) {
  return at_the_border(__func__, [&] { return give_new(options); });
}
void nrt_sys_trace_config_set_defaults(nrt_sys_trace_config_t* options) {
  if (options) options->config = {};
}
void nrt_sys_trace_config_free(nrt_sys_trace_config_t* options) { delete options; }
void nrt_sys_trace_config_set_max_events_per_nc(nrt_sys_trace_config_t* options, uint64_t most) {
  if (options) options->config.max_per_core = most;
}
void nrt_sys_trace_config_set_capture_enabled_for_nc(nrt_sys_trace_config_t* options,
                                                     uint32_t nc_idx, bool enabled) {
  if (options) set_core(options->config, nc_idx, enabled);
}
NRT_STATUS nrt_sys_trace_config_set_capture_enabled_for_event_type(nrt_sys_trace_config_t* options,
                                                                   const char* event_type,
                                                                   bool enabled) {
  return change(__func__, options,
                [&](auto& o) { return set_types(o.config, event_type, enabled); });
}
NRT_STATUS nrt_sys_trace_config_get_enabled_event_types(const nrt_sys_trace_config_t* options,
                                                        const char*** types, size_t* count) {
  return change(__func__, options,
                [&](const auto& o) { return give_names(enabled_names(o.config), types, count); });
}
NRT_STATUS nrt_sys_trace_get_event_types(const char*** types, size_t* count) {
  return at_the_border(__func__, [&] { return give_names(events::all_names(), types, count); });
}
void nrt_sys_trace_free_event_types(const char** types, size_t count) { free_names(types, count); }

NRT_STATUS nrt_sys_trace_start(nrt_sys_trace_config_t* options) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    return events::start(options ? options->config : events::Config());
  });
}
NRT_STATUS nrt_sys_trace_stop(void) {
  return at_the_border(__func__, [] { return events::stop(); });
}

NRT_STATUS nrt_sys_trace_fetch_options_allocate(nrt_sys_trace_fetch_options_t** options) {
  return at_the_border(__func__, [&] { return give_new(options); });
}
NRT_STATUS nrt_sys_trace_fetch_options_set_defaults(nrt_sys_trace_fetch_options_t* options) {
  return change(__func__, options, [](auto& o) -> Result<> {
    o = {};
    return {};
  });
}
NRT_STATUS nrt_sys_trace_fetch_options_free(nrt_sys_trace_fetch_options_t* options) {
  delete options;
  return NRT_SUCCESS;
}
NRT_STATUS nrt_sys_trace_fetch_options_set_max_events_per_nc(nrt_sys_trace_fetch_options_t* options,
                                                             uint64_t max_events_per_nc) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    o.most = max_events_per_nc;
    return {};
  });
}
NRT_STATUS nrt_sys_trace_fetch_options_set_nc_idx(nrt_sys_trace_fetch_options_t* options,
                                                  uint64_t nc_idx) {
  return change(__func__, options, [&](auto& o) -> Result<> {
    o.core = static_cast<std::int64_t>(nc_idx & 0xffffffff);
    return {};
  });
}
NRT_STATUS nrt_sys_trace_fetch_events(char** buffer, size_t* written_size,
                                      const nrt_sys_trace_fetch_options_t* options) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(buffer, "buffer"));
    const nrt_sys_trace_fetch_options_t defaults, &o = options ? *options : defaults;
    const std::string text = json::text_of(events::fetch(o.core, o.most));
    *buffer = ::strdup(text.c_str());
    if (!*buffer) return fail(Code::NoResource, "no memory for {} bytes", text.size());
    if (written_size) *written_size = text.size();
    return {};
  });
}
void nrt_sys_trace_buffer_free(char* buffer) { std::free(buffer); }

NRT_STATUS nrt_trace_start(bool) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    return events::start({});
  });
}
NRT_STATUS nrt_trace_stop(const char* filename) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(filename, "filename"));
    TRY(events::stop());
    const std::string text = json::text_of(events::fetch(-1, ~std::uint64_t{0}), 1) + "\n";
    return write_file(filename, view_of(text));
  });
}

}  // extern "C"
