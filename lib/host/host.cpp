// SPDX-License-Identifier: Apache-2.0
#include "host/host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/digest.h"
#include "base/json.h"

namespace neuron::host {
namespace {

constexpr Instance kInstances[] = {
#define NEURON_INSTANCE(type, arch, devices, cores, gib, family, size, links, layout) \
  {type, Generation::arch, devices, cores, gib * (1ull << 30), family, size, Links::links, #layout},
#include "host/instances.def"
#undef NEURON_INSTANCE
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// NEURON_SIM_CONFIG, else neuron/instance.json of the user's configuration; an empty object when
/// there is none.
Result<Json> configuration() {
  fs::path path = variable("NEURON_SIM_CONFIG");
  if (path.empty()) {
    const std::string xdg = variable("XDG_CONFIG_HOME"), home = variable("HOME");
    path = (xdg.empty() ? fs::path(home) / ".config" : fs::path(xdg)) / "neuron/instance.json";
    std::error_code none;
    if (!fs::exists(path, none)) return Json::object();
  }
  const Bytes bytes = TRY(read_file(path));
  auto config = json::parse(bytes);
  if (config && !config->is_object())
    config = fail(Code::Malformed, "expected an object of names as neuron-monitor prints them");
  if (!config) return std::move(config).error().within(path.string());
  return config;
}

Result<std::string> text(const Json& config, const char* key) {
  return json::get_or<std::string>(config, key, "");
}

Result<const Instance*> instance_of(const Json& config) {
  std::string source = "NEURON_SIM_INSTANCE", type = variable("NEURON_SIM_INSTANCE");
  if (type.empty()) {
    source = "instance_type";
    type = TRY(text(config, "instance_type"));
  }
  if (type.empty()) return nullptr;
  if (const Instance* row = find_instance(type)) return row;
  std::string known;
  for (const Instance& row : kInstances)
    known += (known.empty() ? "" : ", ") + std::string(row.type);
  return fail(Code::NotFound, "{} is {}, known are {}", source, type, known);
}

fs::path root_directory() {
  if (const std::string root = variable("NEURON_SIM_ROOT"); !root.empty()) return root;
  const std::string name = fmt::format("neuron-{}", ::getuid());
  // Memory, so that counting never waits for a disk.
  return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" + name : "/tmp/" + name;
}

/// The same for every process of a machine and a box, as an instance's would be.
std::string id_of(const Instance& instance) {
  std::ifstream in("/etc/machine-id");
  std::string machine;
  std::getline(in, machine);
  std::string id = "i-";
  for (const std::byte b : sha256(view_of(machine + instance.type)))
    id += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  return id.substr(0, 19);
}

/// Physical cores of a logical one: 2 on Trn2 unless told, else 1.
Result<std::uint32_t> lnc_of(const Instance& instance, const Json& config) {
  const std::uint32_t usual = instance.generation == Generation::V3 ? 2 : 1;
  std::uint32_t lnc = TRY(json::get_or<std::uint32_t>(config, "logical_neuroncore_config", usual));
  std::string source = "logical_neuroncore_config";
  for (const char* name : {"NEURON_RT_VIRTUAL_CORE_SIZE", "NEURON_LOGICAL_NC_CONFIG"})
    if (const std::string value = variable(name); !value.empty()) {
      source = name;
      lnc = value == "1" ? 1 : value == "2" ? 2 : 0;
    }
  if (lnc != 1 && (lnc != 2 || instance.generation != Generation::V3))
    return fail(Code::BadUsage, "{} of {}: expected {}", source, instance.type,
                instance.generation == Generation::V3 ? "1 or 2" : "1");
  return lnc;
}

}  // namespace

const Instance* find_instance(std::string_view type) {
  for (const Instance& row : kInstances)
    if (type == row.type) return &row;
  return nullptr;
}

Result<const Instance*> instance() {
  const Json config = TRY(configuration());
  return instance_of(config);
}

const Instance& default_instance(Generation generation) {
  switch (generation) {
    case Generation::V1:
      return *find_instance("inf1.24xlarge");
    case Generation::V2:
      return *find_instance("trn1.32xlarge");
    case Generation::V3:
      break;
  }
  return *find_instance("trn2.48xlarge");
}

Result<Box> box() {
  const Json config = TRY(configuration());
  Box box;
  box.instance = TRY(instance_of(config));
  if (!box.instance) box.instance = &default_instance(Generation::V3);
  box.id = TRY(text(config, "instance_id"));
  if (box.id.empty()) box.id = id_of(*box.instance);
  box.name = TRY(text(config, "instance_name"));
  box.zone = TRY(text(config, "instance_availability_zone"));
  box.zone_id = TRY(text(config, "instance_availability_zone_id"));
  box.region = TRY(text(config, "instance_region"));
  box.ami = TRY(text(config, "ami_id"));
  box.subnet = TRY(text(config, "subnet_id"));
  box.lnc = TRY(lnc_of(*box.instance, config));
  box.directory = root_directory() / box.instance->type;
  return box;
}

Status status_of(Code code) {
  struct Row {
    Status status;
    std::vector<Code> codes;
  };
  static const Row rows[] = {
#define NEURON_STATUS(name, execution, error, ...) {Status::name, {__VA_ARGS__}},
#include "host/counters.def"
  };
  for (const Row& row : rows)
    for (const Code c : row.codes)
      if (c == code) return row.status;
  return Status::failure;
}

}  // namespace neuron::host
