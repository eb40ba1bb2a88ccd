// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "neff/model.h"
#include "ntff/ntff.h"
#include "view/timeline.h"

/// Names as the official tool shows them.
namespace neuron::view {

/// "qSPDynamicHW" is shown as "qSyncDynamicHW": engine tokens become engine names.
std::string shown_queue(std::string_view queue);
/// "dma rings io" is shown as "DMA Rings IO". Version 4 gives only the category's number.
std::string shown_memory(const ntff::MemoryUse& use);
/// What a ring carries, from its name and from its queue in the package (may be null).
QueueType type_of(const ntff::Ring& ring, const neff::Queue* queue);
/// 256 names: queues own sets of semaphores, engines the one that their instructions increment.
std::vector<std::string> semaphore_names(const neff::Subgraph& subgraph);
/// "S[24]>=16" with its owner: "S[24] (qSyncDynamicHW)>=16".
std::string with_owners(const std::string& operands, const std::vector<std::string>& names);
/// "2.30.51 (faafe)"; empty for a version that the trace does not give.
std::string shown_version(const ntff::Version& version);
/// The last part of a path of either kind of slash: no host directories get out.
std::string file_name_of(const std::string& path);

/// Strings that many rows share.
class Texts {
 public:
  explicit Texts(std::vector<std::string>& all) : all_(all) { all_.assign(1, ""); }
  TextId add(const std::string& text);

 private:
  std::vector<std::string>& all_;
  std::unordered_map<std::string, std::uint32_t> ids_;
};

}  // namespace neuron::view
