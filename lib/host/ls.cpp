// SPDX-License-Identifier: Apache-2.0
#include "host/ls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/devices.h"
#include "host/table.h"

namespace neuron::host {
namespace {

/// One line of a device: a process that uses it.
struct User {
  std::uint64_t pid;
  std::string command, version;
};

std::vector<User> users_of(const Snapshot& snapshot, std::uint32_t device) {
  const std::uint32_t each = snapshot.box.instance->cores_per_device;
  std::vector<User> users;
  for (const ProcessView& p : snapshot.processes)
    if (p.first < (device + 1) * each && p.first + p.count > device * each)
      users.push_back({p.pid, p.command, p.runtime_version});
  return users;
}

std::string shortened(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

std::string gigabytes(std::uint64_t bytes) { return fmt::format("{} GB", bytes >> 30); }

/// "cc:00.0" of "0000:cc:00.0".
std::string short_pci(const std::string& pci) { return pci.substr(pci.find(':') + 1); }

std::uint32_t logical_cores(const Box& box) { return box.instance->cores_per_device / box.lnc; }

std::string core_numbers(const Box& box, std::uint32_t device) {
  const std::uint32_t each = logical_cores(box), first = device * each;
  return each == 1 ? std::to_string(first) : fmt::format("{}-{}", first, first + each - 1);
}

struct Shape {
  bool core_ids, full_pci, near, connected, pid, command, version;
  std::size_t command_width;
};

Shape shape_of(const Snapshot& snapshot, LsView view) {
  const bool linked = snapshot.box.instance->links != Links::None;
  const bool used = !snapshot.processes.empty();
  switch (view) {
    case LsView::Plain:
      return {true, true, true, linked, used, false, used, 0};
    case LsView::Wide:
      return {false, false, false, linked, used, used, used, 80};
    case LsView::All:
      return {false, false, false, linked, true, true, true, 40};
    case LsView::Topology:
      break;
  }
  return {false, false, false, linked, false, false, false, 0};
}

std::vector<Table::Column> columns_of(const Shape& shape) {
  std::vector<Table::Column> columns{{"NEURON", "DEVICE"}, {"NEURON", "CORES"}};
  if (shape.core_ids) columns.push_back({"NEURON", "CORE IDS"});
  columns.push_back({"NEURON", "MEMORY"});
  if (shape.connected) columns.push_back({"CONNECTED", "DEVICES"});
  columns.push_back({"PCI", "BDF"});
  if (shape.pid) columns.push_back({"PID", ""});
  if (shape.command) columns.push_back({"COMMAND", ""});
  if (shape.near) columns.push_back({"CPU", "AFFINITY"});
  if (shape.near) columns.push_back({"NUMA", "NODE"});
  if (shape.version) columns.push_back({"RUNTIME", "VERSION"});
  return columns;
}

/// The lines of a device: the first tells all, those of further users only who they are.
std::vector<std::vector<std::string>> rows_of(const Box& box, const Device& device,
                                              const Shape& shape, std::vector<User> users) {
  if (users.empty() || !shape.pid) users = {{0, "NA", "NA"}};
  std::vector<std::vector<std::string>> rows;
  for (const User& user : users) {
    const bool is_first = rows.empty();
    std::vector<std::string> row;
    const auto put = [&](bool wanted, const std::string& text) {
      if (wanted) row.push_back(is_first ? text : "");
    };
    put(true, std::to_string(device.index));
    put(true, std::to_string(logical_cores(box)));
    put(shape.core_ids, core_numbers(box, device.index));
    put(true, gigabytes(box.instance->device_memory_bytes));
    put(shape.connected, fmt::format("{}", fmt::join(device.connected, ", ")));
    put(true, shape.full_pci ? device.pci : short_pci(device.pci));
    if (shape.pid) row.push_back(user.pid ? std::to_string(user.pid) : "NA");
    if (shape.command) row.push_back(shortened(user.command, shape.command_width));
    put(shape.near, device.cpus);
    put(shape.near, std::to_string(device.numa_node));
    if (shape.version) row.push_back(user.version);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// "[ 0 ]◄––►[ 1 ]", `from` to before `to`.
std::string row_of_devices(std::uint32_t from, std::uint32_t to) {
  std::string out;
  for (std::uint32_t d = from; d < to; ++d)
    out += fmt::format("{}[{:>2} ]", d == from ? "" : "◄––►", d);
  return out;
}

constexpr const char* kAround = "*––►";  // and its mirror: a link around the edge

std::string torus_board(std::uint32_t first) {
  const auto across = [](const char* sign) {
    std::string line = "      ";
    for (int c = 0; c < 4; ++c) line += std::string(sign) + (c < 3 ? "        " : "      ");
    return line + "\n";
  };
  std::string out = across("*") + across("│") + across("▼");
  for (std::uint32_t r = 0; r < 4; ++r) {
    const std::uint32_t at = first + 4 * r;
    out += kAround + row_of_devices(at, at + 4) + "◄––*\n" + across("▲") + across("│");
    out += r < 3 ? across("▼") : across("*");
  }
  return out;
}

}  // namespace

std::string ls_table(const Snapshot& snapshot, LsView view,
                     const std::vector<Observer>& observers) {
  const Box& box = snapshot.box;
  std::string out = fmt::format("instance-type: {}\ninstance-id: {}\n", box.instance->type, box.id);
  if (box.instance->generation == Generation::V3)
    out += fmt::format("logical-neuroncore-config: {}\n", box.lnc);
  const Shape shape = shape_of(snapshot, view);
  Table table;
  table.columns = columns_of(shape);
  for (const Device& device : devices_of(*box.instance)) {
    auto users = users_of(snapshot, device.index);
    if (view == LsView::All)
      for (const Observer& o : observers) users.push_back({o.pid, o.command, "NA"});
    table.groups.push_back(rows_of(box, device, shape, std::move(users)));
    table.ruled |= table.groups.back().size() > 1;
  }
  return out + text_of(table);
}

std::string topology_drawing(const Instance& instance) {
  std::string out = "Neuron Device Topology\n";
  switch (instance.links) {
    case Links::None:
    case Links::Line:
      return "\n" + out + "\n  " + row_of_devices(0, instance.devices) + "\n";
    case Links::Ring:
      out += kAround + row_of_devices(0, instance.devices) + "◄––*\n";
      break;
    case Links::Torus:
      for (std::uint32_t first = 0; first < instance.devices; first += 16)
        out += (first ? "\n" : "") + torus_board(first);
  }
  out += "\nLegend:\n\n        *––► = Wrap-around link\n";
  if (instance.devices > 16)
    out += "        Devices at the same place of neighbouring boards are linked too\n";
  return "\n\n" + out;
}

Json ls_json(const Snapshot& snapshot) {
  const Box& box = snapshot.box;
  Json out = Json::array();
  for (const Device& device : devices_of(*box.instance)) {
    const std::uint32_t each = logical_cores(box);
    Json ids = Json::array(), processes = Json::array();
    for (std::uint32_t c = 0; c < each; ++c) ids.push_back(device.index * each + c);
    for (const User& user : users_of(snapshot, device.index))
      processes.push_back({{"pid", user.pid},
                           {"command", shortened(user.command, 40)},
                           {"neuron_runtime_version", user.version}});
    out.push_back({{"neuron_device", device.index},
                   {"bdf", short_pci(device.pci)},
                   {"cpu_affinity", device.cpus},
                   {"numa_node", std::to_string(device.numa_node)},
                   {"connected_to", device.connected},
                   {"nc_count", each},
                   {"logical_neuroncore_config", box.lnc},
                   {"memory_size", box.instance->device_memory_bytes},
                   {"neuroncore_ids", std::move(ids)},
                   {"neuron_processes", std::move(processes)}});
  }
  return out;
}

}  // namespace neuron::host
