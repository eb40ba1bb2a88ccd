// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>

/// The runtime's log lines: "2026-Nov-21 04:00:00.123456  pid:tid ERROR  MODULE:function  text",
/// as the runtime configuration guide shows them. Levels and places come from NEURON_RT_LOG_LEVEL,
/// NEURON_RT_LOG_LOCATION and their per-module forms, read when the first line is logged.
namespace neuron::log {

enum class Level { Quiet, Error, Warn, Info, Debug, Trace };

/// `module` is NRT, TDRV, NMGR, NEFF ...
bool enabled(std::string_view module, Level level);
void line(std::string_view module, Level level, std::string_view function, std::string_view text);

template <class... Args>
void write(std::string_view module, Level level, std::string_view function,
           fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(module, level))
    line(module, level, function, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace neuron::log
