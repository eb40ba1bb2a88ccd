// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/store.h"

/// Profiles in an InfluxDB 2.x server, for teams that share one: a bucket for each profile, named
/// by its id. Its events are points (measurements instruction, dma, semaphore_update) for whoever
/// queries them; the stored profile itself travels with them (measurement segment), so that reading
/// it back loses nothing and needs no Flux.
namespace neuron::view {

struct InfluxOptions {
  std::string endpoint = "http://localhost:8086";
  std::string org, bucket, token;
};
/// Fills what is missing: token and organisation from $INFLUX_TOKEN and $INFLUX_ORG, else from the
/// active entry of $INFLUX_CONFIGS_PATH or ~/.influxdbv2/configs, as the influx program does.
Result<InfluxOptions> influx_setup(InfluxOptions given);

/// Writes a stored profile. False when its bucket already holds one and `force` is off.
Result<bool> influx_write(const InfluxOptions& options, const Store& store, const std::string& id,
                          const Timeline& timeline, bool force);
/// Ids of the profiles that the server holds.
Result<std::vector<std::string>> influx_list(const InfluxOptions& options);
/// Brings a profile into `store`; nothing to do when it is there.
Result<> influx_read(const InfluxOptions& options, Store& store, const std::string& id);

/// One instruction as line protocol, without the line's end. For tests.
std::string influx_line(const Timeline& timeline, std::uint32_t instruction);

}  // namespace neuron::view
