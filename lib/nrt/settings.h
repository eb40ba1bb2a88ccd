// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

/// The environment variables of settings.def with their defaults, read when they are asked for.
///   const bool validate = TRY(settings::flag("NEURON_RT_VALIDATE_HASH"));
namespace neuron::nrt::settings {

struct Setting {
  const char* name;
  const char* type;      ///< flag, number, seconds, text, cores, devices or accepted
  const char* fallback;  ///< the default, as text
  const char* meaning;
};
std::span<const Setting> all();

/// Names must be in the table. A value of a wrong type is BadUsage and names the variable.
std::string text(const char* name);
Result<bool> flag(const char* name);
Result<std::uint64_t> number(const char* name);
/// Answers whether the variable is set to something.
bool is_set(const char* name);

/// "3", "3-6", "3,4,5" or "3-5,6" as numbers.
Result<std::vector<std::uint32_t>> list(const char* name);

/// Every variable with a type is parsed once; the first bad one is the error.
Result<> check_all();

}  // namespace neuron::nrt::settings
