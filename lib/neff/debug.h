// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

/// Debug files of a package (.dbg): one protobuf message, the same at every level, whose records
/// point at records of the next level: asm -> backend -> penguin -> hlo -> framework. Field numbers
/// are observed (neuron-neff(5)); asm has one record per instruction, in order.
namespace neuron::neff {

struct DebugRecord {
  std::uint64_t id = 0;
  std::string name;
  std::vector<std::uint64_t> parents;  ///< ids in the next level
  std::vector<std::pair<std::string, std::string>> notes;
};
struct DebugFile {
  std::string description;
  std::string next;  ///< name of the next level's file; empty at the last
  std::vector<DebugRecord> records;
  std::uint64_t engine = 0;
  std::vector<std::string> sources;  ///< files that notes of its records name by index
};

/// Nothing when the bytes are no such message.
std::optional<DebugFile> read_debug(ByteView bytes);
Bytes bytes_of(const DebugFile& file);

}  // namespace neuron::neff
