// SPDX-License-Identifier: Apache-2.0
#include "host/top.h"

#include <algorithm>
#include <cmath>

#include "host/devices.h"

namespace neuron::host {
namespace {

TopNode leaf(const char* label, std::uint64_t device, std::uint64_t host) {
  return {label, 0, 0, device, host, {}};
}

/// The categories that hold something, as the official screen names them.
std::vector<TopNode> leaves_of(const DeviceBytes& d, const HostBytes& h) {
  std::vector<TopNode> all{leaf("Tensors", d.tensors, h.tensors),
                           leaf("Constants", d.constants, h.constants),
                           leaf("Model Code", d.model_code, 0),
                           leaf("Runtime Memory", d.runtime_memory, 0),
                           leaf("Model Scratchpad", d.model_shared_scratchpad, 0),
                           leaf("DMA Buffers", 0, h.dma_buffers),
                           leaf("App. Memory", 0, h.application_memory)};
  std::erase_if(all, [](const TopNode& n) { return n.device_bytes == 0 && n.host_bytes == 0; });
  return all;
}

DeviceBytes without(DeviceBytes all, const DeviceBytes& part) {
  const auto less = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
  return {less(all.constants, part.constants), less(all.model_code, part.model_code),
          less(all.model_shared_scratchpad, part.model_shared_scratchpad),
          less(all.runtime_memory, part.runtime_memory), less(all.tensors, part.tensors)};
}

void sum_children(TopNode& node) {
  for (const TopNode& child : node.children) {
    node.device_bytes += child.device_bytes;
    node.host_bytes += child.host_bytes;
  }
}

/// A logical core: its models, and what belongs to no model.
void add_core(TopNode& device, const std::vector<const ProcessView*>& processes, std::uint32_t core,
              std::uint32_t lnc) {
  TopNode node{fmt::format("NC {}", core), 0, 0, 0, 0, {}};
  DeviceBytes all, in_models;
  for (const ProcessView* p : processes) {
    for (std::uint32_t c = 0; c < p->count; ++c)
      if ((p->first + c) / lnc == core) add(all, device_bytes(p->cores[c]));
    for (const LoadedPart& part : p->parts) {
      if (part.core / lnc != core) continue;
      const DeviceBytes bytes = device_bytes(part.memory);
      add(in_models, bytes);
      TopNode* model = nullptr;
      for (TopNode& n : node.children)
        if (n.model == part.model && n.pid == p->pid) model = &n;
      if (!model)
        model = &node.children.emplace_back(TopNode{part.name, part.model, p->pid, 0, 0, {}});
      for (TopNode& n : leaves_of(bytes, host_bytes(part.memory))) model->children.push_back(n);
    }
  }
  for (TopNode& model : node.children) sum_children(model);
  for (TopNode& n : leaves_of(without(all, in_models), {})) node.children.push_back(std::move(n));
  sum_children(node);
  if (!node.children.empty()) device.children.push_back(std::move(node));
}

std::vector<TopNode> tree_of(const std::vector<const ProcessView*>& processes, const Box& box) {
  const std::uint32_t each = box.instance->cores_per_device / box.lnc;
  std::vector<TopNode> tree;
  for (std::uint32_t d = 0; d < box.instance->devices; ++d) {
    TopNode device{fmt::format("ND {}", d), 0, 0, 0, 0, {}};
    for (std::uint32_t core = d * each; core < (d + 1) * each; ++core)
      add_core(device, processes, core, box.lnc);
    sum_children(device);
    if (!device.children.empty()) tree.push_back(std::move(device));
  }
  return tree;
}

Json json_of(const TopNode& node) {
  Json out{
      {"name", node.label}, {"device_memory", node.device_bytes}, {"host_memory", node.host_bytes}};
  if (node.model) out["model_id"] = node.model;
  for (const TopNode& child : node.children) out["children"].push_back(json_of(child));
  return out;
}

double rounded(double percent) { return std::round(percent * 100) / 100; }

}  // namespace

TopView top_view(const Interval& interval, const std::string& tag) {
  const Box& box = interval.box();
  TopView view;
  view.instance_id = box.id;
  view.instance_type = box.instance->type;
  view.core_version = names_of(*box.instance, box.lnc).core_version;
  view.devices = box.instance->devices;
  view.cores_per_device = box.instance->cores_per_device / box.lnc;
  view.tabs = {"all"};
  view.system = system_cpu(interval);
  std::vector<const ProcessView*> chosen;
  for (const ProcessView& p : interval.after.snapshot.processes) {
    if (p.tag == tag) view.tab = view.tabs.size();
    view.tabs.push_back(p.tag);
  }
  for (const ProcessView& p : interval.after.snapshot.processes)
    if (view.tab == 0 || p.tag == view.tabs[view.tab]) chosen.push_back(&p);
  for (const ProcessView* p : chosen) {
    for (const auto& [core, usage] : core_usage(interval, *p)) {
      CoreUsage& sum = view.cores[core];  // processes may share one when a user wants it so
      sum.percent += usage.percent;
      sum.flops += usage.flops;
      sum.physical.resize(usage.physical.size());
      for (std::size_t c = 0; c < usage.physical.size(); ++c) sum.physical[c] += usage.physical[c];
      view.average_percent += usage.percent;
      view.flops += usage.flops;
    }
    const CpuUsage cpu = process_cpu(interval, *p);
    view.runtime.user += cpu.user;
    view.runtime.system += cpu.system;
    add(view.host, host_bytes(interval.after, *p));
    for (const CoreCells& core : p->cores) add(view.device, device_bytes(core));
  }
  if (!view.cores.empty()) view.average_percent /= static_cast<double>(view.cores.size());
  view.tree = tree_of(chosen, box);
  return view;
}

Json top_json(const TopView& view) {
  Json cores = Json::object(), tree = Json::array();
  for (const auto& [core, usage] : view.cores) {
    Json physical = Json::array();
    for (const double percent : usage.physical) physical.push_back(rounded(percent));
    cores[std::to_string(core)] = {{"neuroncore_utilization", rounded(usage.percent)},
                                   {"physical", std::move(physical)},
                                   {"flops", static_cast<std::uint64_t>(usage.flops)}};
  }
  for (const TopNode& node : view.tree) tree.push_back(json_of(node));
  const auto cpu = [](const CpuUsage& u) {
    return Json{{"user", rounded(u.user)}, {"system", rounded(u.system)}};
  };
  return {{"instance_id", view.instance_id},
          {"instance_type", view.instance_type},
          {"neuroncore_version", view.core_version},
          {"average_utilization", rounded(view.average_percent)},
          {"neuroncores", std::move(cores)},
          {"vcpu_usage", {{"system", cpu(view.system)}, {"runtime", cpu(view.runtime)}}},
          {"host_used_memory",
           {{"total", view.host.sum()},
            {"tensors", view.host.tensors},
            {"constants", view.host.constants},
            {"dma_buffers", view.host.dma_buffers},
            {"application_memory", view.host.application_memory}}},
          {"device_used_memory",
           {{"total", view.device.sum()},
            {"tensors", view.device.tensors},
            {"constants", view.device.constants},
            {"model_code", view.device.model_code},
            {"runtime_memory", view.device.runtime_memory},
            {"model_shared_scratchpad", view.device.model_shared_scratchpad}}},
          {"memory_usage_details", std::move(tree)},
          {"neuron_apps", view.tabs}};
}

}  // namespace neuron::host
