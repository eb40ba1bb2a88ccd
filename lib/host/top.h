// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <set>

#include "base/json.h"
#include "host/usage.h"

/// neuron-top: what its screen tells, and the screen as lines of styled text. Both are pure
/// functions; the terminal is cmd/top.cpp's.
namespace neuron::host {

/// A row of "Memory Usage Details".
struct TopNode {
  std::string label;
  std::uint64_t model = 0;  ///< 0: no model
  std::uint64_t pid = 0;    ///< whose model it is: processes count models alike
  std::uint64_t device_bytes = 0, host_bytes = 0;
  std::vector<TopNode> children;
};

/// One tab: all applications, or one.
struct TopView {
  std::string instance_id, instance_type, core_version;
  std::uint32_t devices = 0, cores_per_device = 0;  ///< logical cores
  std::vector<std::string> tabs;                    ///< "all", then tags
  std::size_t tab = 0;
  std::map<std::uint32_t, CoreUsage> cores;  ///< those in use, by logical core
  double average_percent = 0, flops = 0;
  CpuUsage system, runtime;
  HostBytes host;
  DeviceBytes device;
  std::vector<TopNode> tree;
};
/// `tag`: "all" or that of an application; one that has ended shows as all.
TopView top_view(const Interval& interval, const std::string& tag);
Json top_json(const TopView& view);

/// What the user chose on the screen.
struct TopState {
  std::string version;  ///< of the program, for the title
  bool shows_flops = false;
  std::string tag = "all";
  std::set<std::string> open;  ///< tree rows that are expanded, by path
  std::string selected;        ///< path of a tree row
  std::size_t scroll = 0;      ///< first tree row on the screen
};

enum class Ink { Plain, Title, Section, Head, Full, Half, Rest, Selected, TabOn, TabOff, Hint };
struct Span {
  std::string text;
  Ink ink = Ink::Plain;
};
using ScreenLine = std::vector<Span>;

/// Rows of the tree that are visible, from the top.
struct TopRow {
  std::string path;
  const TopNode* node = nullptr;
  int depth = 0;
};
std::vector<TopRow> visible_rows(const TopView& view, const TopState& state);
/// Every row expanded.
void expand_all(const TopView& view, TopState& state);

/// The screen, `width` columns wide. Height 0: as many lines as it takes.
std::vector<ScreenLine> top_screen(const TopView& view, TopState& state, std::size_t width,
                                   std::size_t height);

}  // namespace neuron::host
