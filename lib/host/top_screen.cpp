// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/top.h"

namespace neuron::host {
namespace {

constexpr std::size_t kLeastCell = 9;    ///< "[||  57%]"
constexpr std::size_t kLeastNumber = 5;  ///< " 57% "

std::string size_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  int unit = 0;
  while (value >= 1023.95 && unit < 4) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{}B", bytes) : fmt::format("{:.1f}{}", value, kUnits[unit]);
}

/// UTF-8 never occurs but in the user's own tags and names: columns count code points.
std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t columns = columns_of(text);
  if (columns <= width) return text + std::string(width - columns, ' ');
  std::string out;
  std::size_t seen = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 && ++seen > width) break;
    out += c;
  }
  return out;
}

ScreenLine centred(const std::string& text, std::size_t width, Ink ink) {
  const std::size_t columns = columns_of(text), left = width > columns ? (width - columns) / 2 : 0;
  return {{padded(std::string(left, ' ') + text, width), ink}};
}

ScreenLine section(const std::string& text, std::size_t width) {
  return {{padded(" " + text, width), Ink::Section}};
}

/// A bar between brackets with a text at its right end: bars lie under the text where they reach
/// it. `second` is the part of a hundred that follows `first` in another ink.
void bar(ScreenLine& line, std::size_t width, double first, double second,
         const std::string& text) {
  if (width < 3) return;
  const std::size_t inner = width - 2;
  std::string row(inner, ' ');
  const auto cells = [&](double percent) {
    const double exact = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(inner);
    // Whatever is not zero shows.
    return percent > 0 ? std::max<std::size_t>(static_cast<std::size_t>(std::lround(exact)), 1) : 0;
  };
  const std::size_t full = std::min(cells(first), inner);
  const std::size_t half = std::min(full + cells(second), inner);
  std::fill_n(row.begin(), half, '|');
  const std::string shown = text.size() <= inner ? text : "";
  std::copy(shown.begin(), shown.end(), row.end() - static_cast<std::ptrdiff_t>(shown.size()));
  line.push_back({"["});
  line.push_back({row.substr(0, full), Ink::Full});
  line.push_back({row.substr(full, half - full), Ink::Half});
  line.push_back({row.substr(half), Ink::Rest});
  line.push_back({"]"});
}

/// "1.23 TFLOPS", or smaller units where that says nothing.
std::string flops_text(double flops, bool is_long) {
  const auto& [unit, name] = flops >= 1e10  ? std::pair(1e12, "T")
                             : flops >= 1e7 ? std::pair(1e9, "G")
                                            : std::pair(1e6, "M");
  return fmt::format("{:.2f}{}", flops / unit, is_long ? fmt::format(" {}FLOPS", name) : name);
}

std::string core_text(const CoreUsage& usage, bool flops, std::size_t width) {
  if (flops) return flops_text(usage.flops, width > 14);
  if (width > 24 && usage.physical.size() == 2)
    return fmt::format("{:.2f}% ({:.0f} {:.0f})", usage.percent, usage.physical[0],
                       usage.physical[1]);
  return width > 10 ? fmt::format("{:.2f}%", usage.percent) : fmt::format("{:.0f}%", usage.percent);
}

/// How devices lie on the screen: `across` of them side by side.
struct Grid {
  std::size_t across = 1, rows = 0, block = 0, cell = 0;
};

Grid grid_of(const TopView& view, std::size_t width, std::size_t rows_free) {
  const std::size_t devices = view.devices, cores = view.cores_per_device;
  Grid grid;
  for (grid.across = 1; grid.across < devices; ++grid.across) {
    const std::size_t rows = (devices + grid.across - 1) / grid.across;
    if (rows_free == 0 || rows <= rows_free) break;
  }
  grid.rows = (devices + grid.across - 1) / grid.across;
  grid.block = width / grid.across;
  const std::size_t label = 6;
  grid.cell = grid.block > label + cores ? (grid.block - label) / cores : 1;
  if (grid.cell > 30 && grid.across == 1) grid.cell = 30;
  return grid;
}

/// One character for a core where there is no room for a bar.
std::string tick(double percent) {
  constexpr const char* kSteps[] = {"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto step = percent <= 0 ? 0 : 1 + static_cast<int>(std::min(percent, 99.9) / 12.5);
  return kSteps[step];
}

void core_cell(ScreenLine& line, const TopView& view, std::uint32_t core, const Grid& grid,
               bool flops) {
  const auto at = view.cores.find(core);
  if (grid.cell < kLeastCell && grid.cell >= kLeastNumber && !flops) {
    const std::string text =
        at == view.cores.end() ? "-" : fmt::format("{:.0f}%", at->second.percent);
    line.push_back(
        {fmt::format("{:>{}}", text, grid.cell), at == view.cores.end() ? Ink::Rest : Ink::Full});
    return;
  }
  if (grid.cell < kLeastCell) {
    const bool in_use = at != view.cores.end();
    line.push_back({tick(in_use ? at->second.percent : 0), in_use ? Ink::Full : Ink::Rest});
    line.push_back({std::string(std::min<std::size_t>(grid.cell, 3) - 1, ' ')});
    return;
  }
  const std::size_t width = grid.cell - 2;
  if (at == view.cores.end()) {
    line.push_back({"[" + std::string(width - 2, ' ') + "]", Ink::Rest});
  } else {
    bar(line, width, at->second.percent, 0, core_text(at->second, flops, width));
  }
  line.push_back({"  "});
}

std::size_t columns_of(const ScreenLine& line) {
  std::size_t columns = 0;
  for (const Span& span : line) columns += columns_of(span.text);
  return columns;
}

std::vector<ScreenLine> core_lines(const TopView& view, const Grid& grid, bool flops) {
  std::vector<ScreenLine> lines;
  if (grid.cell >= kLeastCell) {
    std::string head;
    for (std::size_t a = 0; a < grid.across; ++a) {
      std::string block(6, ' ');
      for (std::uint32_t c = 0; c < view.cores_per_device; ++c)
        block += fmt::format("{:^{}}", fmt::format("NC{}", c), grid.cell);
      head += padded(block, grid.block);
    }
    lines.push_back({{head, Ink::Head}});
  }
  for (std::size_t r = 0; r < grid.rows; ++r) {
    ScreenLine line;
    for (std::size_t a = 0; a < grid.across; ++a) {
      const std::size_t device = a * grid.rows + r;
      if (device >= view.devices) continue;
      const std::size_t begin = columns_of(line);
      line.push_back({fmt::format(" {:<5}", fmt::format("ND{}", device)), Ink::Head});
      for (std::uint32_t c = 0; c < view.cores_per_device; ++c)
        core_cell(line, view, static_cast<std::uint32_t>(device) * view.cores_per_device + c, grid,
                  flops);
      const std::size_t used = columns_of(line) - begin;
      if (used < grid.block) line.push_back({std::string(grid.block - used, ' ')});
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

ScreenLine cpu_line(const TopView& view, std::size_t width) {
  ScreenLine line;
  const auto put = [&](const char* label, const CpuUsage& usage, std::size_t room) {
    line.push_back({fmt::format("  {}  ", label), Ink::Head});
    bar(line, std::max<std::size_t>(room, 18), usage.user, usage.system,
        fmt::format("{:.2f}%, {:.2f}%", usage.user, usage.system));
  };
  const std::size_t labels = 2 * 23, room = width > labels + 36 ? (width - labels) / 2 : 18;
  put("System vCPU Usage", view.system, room);
  put("Runtime vCPU Usage", view.runtime, room);
  return line;
}

using Parts = std::vector<std::pair<const char*, std::uint64_t>>;

/// In columns where the line has room for them, else close together.
ScreenLine summary_line(const char* label, const Parts& parts, std::size_t width) {
  std::size_t names = 22;
  for (const auto& [name, bytes] : parts) names += std::string_view(name).size() + 2;
  const std::size_t room = width > names ? (width - names) / parts.size() : 0;
  ScreenLine line{{fmt::format("  {:<18}  ", label), Ink::Head}};
  for (const auto& [name, bytes] : parts) {
    line.push_back({fmt::format("{}:{}", name, room >= 10 ? " " : "")});
    line.push_back({fmt::format("{:<{}}", size_text(bytes) + " ", std::min<std::size_t>(room, 12)),
                    Ink::Full});
  }
  return line;
}

ScreenLine tree_line(const TopRow& row, const TopState& state, std::size_t width, bool selected) {
  const TopNode& node = *row.node;
  const char* mark = node.children.empty() ? "   " : state.open.contains(row.path) ? "[-]" : "[+]";
  const std::string left =
      std::string(2 + 2 * static_cast<std::size_t>(row.depth), ' ') + mark + " " + node.label;
  const std::string right =
      fmt::format("{:>10} {:>15} {:>13} ", node.model ? std::to_string(node.model) : "",
                  size_text(node.device_bytes), size_text(node.host_bytes));
  const std::size_t room = width > right.size() ? width - right.size() : 0;
  return {{padded(padded(left, room) + right, width), selected ? Ink::Selected : Ink::Plain}};
}

ScreenLine tab_line(const TopView& view, std::size_t width) {
  ScreenLine line{{" Neuron Apps  ", Ink::TabOff}};
  for (std::size_t t = 0; t < view.tabs.size(); ++t) {
    const std::string name = fmt::format("[{}]:{}", t + 1, view.tabs[t]);
    const bool is_on = t == view.tab;
    line.push_back({is_on ? ">" + name + "<" : " " + name + " ", is_on ? Ink::TabOn : Ink::TabOff});
    line.push_back({" ", Ink::TabOff});
  }
  const std::size_t columns = columns_of(line);
  if (columns < width) line.push_back({std::string(width - columns, ' '), Ink::TabOff});
  return line;
}

void add_rows(const std::vector<TopNode>& nodes, const TopState& state, const std::string& above,
              int depth, std::vector<TopRow>& rows) {
  for (const TopNode& node : nodes) {
    std::string path = above + "/" + node.label;
    if (node.model) path += fmt::format("#{}.{}", node.pid, node.model);
    rows.push_back({path, &node, depth});
    if (state.open.contains(path)) add_rows(node.children, state, path, depth + 1, rows);
  }
}

void open_all(const std::vector<TopNode>& nodes, const std::string& above, TopState& state) {
  for (const TopNode& node : nodes) {
    std::string path = above + "/" + node.label;
    if (node.model) path += fmt::format("#{}.{}", node.pid, node.model);
    if (!node.children.empty()) state.open.insert(path);
    open_all(node.children, path, state);
  }
}

}  // namespace

std::vector<TopRow> visible_rows(const TopView& view, const TopState& state) {
  std::vector<TopRow> rows;
  add_rows(view.tree, state, "", 0, rows);
  return rows;
}

void expand_all(const TopView& view, TopState& state) { open_all(view.tree, "", state); }

std::vector<ScreenLine> top_screen(const TopView& view, TopState& state, std::size_t width,
                                   std::size_t height) {
  // Below the cores: three section bars, the vCPU line, two summaries, the tree's head and at least
  // three rows of it, tabs and keys; above them the title and a section bar.
  constexpr std::size_t kOthers = 15;
  const std::size_t rows_free = height == 0 ? 0 : height > kOthers + 4 ? height - kOthers : 4;
  std::vector<ScreenLine> lines;
  lines.push_back(centred(fmt::format("neuron-top {} running on {} ({})", state.version,
                                      view.instance_id, view.instance_type),
                          width, Ink::Title));
  lines.push_back(
      section(fmt::format("NeuronCore {} Utilization ({})", view.core_version,
                          state.shows_flops ? "Total: " + flops_text(view.flops, true)
                                            : fmt::format("Avg: {:.2f}%", view.average_percent)),
              width));
  for (ScreenLine& line : core_lines(view, grid_of(view, width, rows_free), state.shows_flops))
    lines.push_back(std::move(line));
  lines.push_back(section("vCPU Utilization", width));
  lines.push_back(cpu_line(view, width));
  lines.push_back(section("Memory Usage Summary", width));
  const HostBytes& h = view.host;
  const DeviceBytes& d = view.device;
  lines.push_back(summary_line("Host Used Memory",
                               {{"Total", h.sum()},
                                {"Tensors", h.tensors},
                                {"Constants", h.constants},
                                {"DMA Buffers", h.dma_buffers},
                                {"App. Memory", h.application_memory}},
                               width));
  lines.push_back(summary_line("Device Used Memory",
                               {{"Total", d.sum()},
                                {"Tensors", d.tensors},
                                {"Constants", d.constants},
                                {"Model Code", d.model_code},
                                {"Runtime Memory", d.runtime_memory},
                                {"Model Scratchpad", d.model_shared_scratchpad}},
                               width));
  lines.push_back(section(padded("Memory Usage Details", width > 42 ? width - 42 : 0) +
                              "  Model ID   Device Memory   Host Memory ",
                          width));
  const auto rows = visible_rows(view, state);
  const auto at = std::find_if(rows.begin(), rows.end(),
                               [&](const TopRow& r) { return r.path == state.selected; });
  if (at == rows.end()) state.selected = rows.empty() ? "" : rows[0].path;
  const auto selected = at == rows.end() ? 0 : static_cast<std::size_t>(at - rows.begin());
  const std::size_t room = height == 0                 ? rows.size()
                           : height > lines.size() + 2 ? height - lines.size() - 2
                                                       : 1;
  if (selected < state.scroll) state.scroll = selected;
  if (selected >= state.scroll + room) state.scroll = selected - room + 1;
  for (std::size_t r = 0; r < room; ++r) {
    const std::size_t row = state.scroll + r;
    lines.push_back(row < rows.size()
                        ? tree_line(rows[row], state, width, height != 0 && row == selected)
                        : ScreenLine{});
  }
  lines.push_back(tab_line(view, width));
  if (height != 0)
    lines.push_back(
        {{padded(" q: quit  arrows: move tree selection  enter: expand/collapse tree item  "
                 "x: expand/collapse entire tree  a/d: previous/next tab  f: FLOPS on/off  "
                 "1-9: select tab",
                 width),
          Ink::Hint}});
  return lines;
}

}  // namespace neuron::host
