// SPDX-License-Identifier: Apache-2.0
#include "nrt/cores.h"

#include "nrt/settings.h"

namespace neuron::nrt {
namespace {

/// A list that ascends without gaps, as its first and its count.
Result<Range> range_of(const char* variable) {
  const auto list = TRY(settings::list(variable));
  if (list.empty()) return fail(Code::BadUsage, "{} is empty", variable);
  for (std::size_t i = 1; i < list.size(); ++i)
    if (list[i] != list[i - 1] + 1) return fail(Code::BadUsage, "Neuron cores are not contiguous");
  return Range{list[0], static_cast<std::uint32_t>(list.size()), false};
}

/// The cores of the devices that a container was given.
Result<Range> cores_of_devices(std::uint32_t total, std::uint32_t per_device) {
  constexpr const char* kVariable = "AWS_NEURON_VISIBLE_DEVICES";
  if (settings::text(kVariable) == "all") return Range{0, total, false};
  const auto devices = TRY(range_of(kVariable));
  if (std::uint64_t{devices.first} + devices.count > total / per_device)
    return fail(Code::BadUsage, "{} names device {}, the box has {}", kVariable,
                devices.first + devices.count - 1, total / per_device);
  return Range{devices.first * per_device, devices.count * per_device, false};
}

}  // namespace

Result<Range> wanted_cores(std::uint32_t total, std::uint32_t per_device, std::uint32_t lnc) {
  const auto box = TRY(cores_of_devices(total, per_device));
  Range wish = box;
  const auto count = TRY(settings::number("NEURON_RT_NUM_CORES"));
  if (settings::is_set("NEURON_RT_VISIBLE_CORES")) {
    wish = TRY(range_of("NEURON_RT_VISIBLE_CORES"));
    wish = {box.first + wish.first * lnc, wish.count * lnc, false};
  } else if (count != 0) {
    if (count > 0xffff) return fail(Code::BadUsage, "NEURON_RT_NUM_CORES is {}", count);
    wish = {box.first, static_cast<std::uint32_t>(count) * lnc, true};
  }
  const std::uint64_t end = std::uint64_t{wish.first} + wish.count;
  if (end > std::uint64_t{box.first} + box.count)
    return fail(Code::NoResource,
                "Logical Neuron Core(s) not available - Requested:lnc{}-lnc{} Available:{} "
                "Logical Core size:{}",
                wish.first / lnc, end / lnc - 1, box.count / lnc, lnc);
  return wish;
}

}  // namespace neuron::nrt
