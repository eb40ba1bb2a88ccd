// SPDX-License-Identifier: Apache-2.0
#include "host/snapshot.h"

#include <sys/stat.h>

#include <algorithm>

namespace neuron::host {
namespace {

template <std::size_t N>
std::string text(const char (&from)[N]) {
  return {from, ::strnlen(from, N)};
}

/// False when the slot holds no model, or none of this page.
bool read_part(const ModelSlot& from, const PageHeader& header, LoadedPart& part) {
  ModelSlot slot;
  if (!read_slot(slot, from) || slot.core >= header.count) return false;
  part.model = slot.model;
  part.core = static_cast<std::uint32_t>(header.first + slot.core);
  part.name = text(slot.name);
  part.uuid = text(slot.uuid);
  part.subgraph = text(slot.subgraph);
  std::copy(std::begin(slot.device), std::end(slot.device), part.memory.device.begin());
  std::copy(std::begin(slot.host), std::end(slot.host), part.memory.host.begin());
  return true;
}

ProcessView view_of(const PageLayout& page) {
  ProcessView view;
  const PageHeader& header = page.header;
  view.pid = header.pid;
  view.tag = text(header.tag);
  view.command = text(header.command);
  view.runtime_version = text(header.runtime_version);
  view.first = static_cast<std::uint32_t>(header.first);
  view.count = static_cast<std::uint32_t>(header.count);
  view.lnc = static_cast<std::uint32_t>(std::max<std::uint64_t>(header.lnc, 1));
  view.started_unix_ns = header.started_unix_ns;
  view.cores.resize(view.count);
  for (std::size_t c = 0; c < view.count; ++c) copy_cells(view.cores[c], page.cores[c]);
  view.cells = std::make_unique<ProcessCells>();
  copy_cells(*view.cells, page.process);
  for (const ModelSlot& slot : page.models) {
    LoadedPart part;
    if (!read_part(slot, header, part)) continue;
    part.is_running = view.cores[part.core - view.first].running_model == part.model;
    view.parts.push_back(std::move(part));
  }
  std::sort(view.parts.begin(), view.parts.end(), [](const LoadedPart& a, const LoadedPart& b) {
    return std::pair(a.model, a.core) < std::pair(b.model, b.core);
  });
  return view;
}

void add_page(Snapshot& snapshot, const fs::path& path) {
  const bool is_living = is_held(path);
  const auto own = own_page(path);
  auto page = own ? Result<std::shared_ptr<Page>>(own) : open_page(path);
  if (!page) {
    std::error_code none;  // a page may end at any time: that is not odd
    if (fs::exists(path, none)) snapshot.oddities.push_back(std::move(page).error().message);
    return;
  }
  const PageLayout& layout = *(*page)->layout;
  ProcessView view = view_of(layout);
  for (std::size_t c = 0; c < view.count; ++c) {
    if (view.first + c >= snapshot.cores.size()) break;
    CoreCells cells = view.cores[c];
    if (!is_living) end_core(cells);
    add_core(snapshot.cores[view.first + c], cells);
  }
  if (is_living) snapshot.processes.push_back(std::move(view));
}

/// The sums change by rename: the same file before and after means that no page ended in between.
std::uint64_t retired_file(const Box& box) {
  struct stat about {};
  return ::stat((box.directory / "retired").c_str(), &about) == 0
             ? static_cast<std::uint64_t>(about.st_ino)
             : 0;
}

Result<Snapshot> take_once(const Box& box) {
  Snapshot snapshot;
  snapshot.box = box;
  std::vector<std::string> counted;
  snapshot.cores = TRY(retired_cells(box, counted));
  for (const fs::path& path : pages_of(box.directory)) {
    const std::string name = path.filename().string();
    if (path.extension() == kUnpublished) continue;
    if (std::find(counted.begin(), counted.end(), name) == counted.end()) add_page(snapshot, path);
  }
  snapshot.at_ns = now_ns();
  return snapshot;
}

}  // namespace

Result<Snapshot> take_snapshot(const Box& box) {
  constexpr int kTries = 8;  // a box where processes end faster than we look is shown as it was
  for (int i = 0;; ++i) {
    const auto before = retired_file(box);
    Snapshot snapshot = TRY(take_once(box));
    if (retired_file(box) != before && i < kTries) continue;
    std::sort(snapshot.processes.begin(), snapshot.processes.end(),
              [](const ProcessView& a, const ProcessView& b) { return a.first < b.first; });
    return snapshot;
  }
}

std::uint64_t busy_ns(const CoreCells& core, std::uint64_t at_ns) {
  const bool is_running = core.busy_since_ns != 0 && core.busy_since_ns < at_ns;
  return core.busy_ns + (is_running ? at_ns - core.busy_since_ns : 0);
}

}  // namespace neuron::host
