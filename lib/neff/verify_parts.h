// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/members.h"

/// Private to `packager verify`: its checks, each of one part of a package.
namespace neuron::neff {

/// What the checks of one package share.
struct Inspection {
  const Package& package;
  const InstructionReader& reader;
  Verdict& verdict;

  template <class... Args>
  void find(FindingId id, std::string member, std::string pointer, fmt::format_string<Args...> text,
            Args&&... args) {
    verdict.add({id,
                 std::move(member),
                 std::move(pointer),
                 {},
                 fmt::format(text, std::forward<Args>(args)...)});
  }
  template <class... Args>
  void find_at(FindingId id, std::string member, std::uint64_t offset,
               fmt::format_string<Args...> text, Args&&... args) {
    verdict.add(
        {id, std::move(member), "", offset, fmt::format(text, std::forward<Args>(args)...)});
  }
};

/// The program of one engine. The reader is asked anew at each look, for what it tells of millions
/// of instructions would fill the memory; pages that were looked at leave it behind the looks.
class ReadProgram {
 public:
  ReadProgram(const InstructionReader& reader, const EngineProgram& engine, std::string path,
              std::string_view target);
  const EngineProgram& engine() const { return *engine_; }
  const std::string& path() const { return path_; }  ///< of the binary
  /// Instructions; none when the reader does not know the generation.
  std::size_t size() const { return size_; }
  ByteView word(std::size_t pc) const;
  InstructionFacts facts(std::size_t pc) const;

 private:
  const InstructionReader* reader_;
  const EngineProgram* engine_;
  std::string path_;
  std::string_view target_;
  std::size_t size_ = 0;
};

void check_header(const Header& header, std::uint64_t file_size, Verdict& verdict);
/// Queues, transfers, descriptors and instructions of one subgraph. Its waits are only followed
/// when no error was found since there were `errors_before`.
void check_subgraph(Inspection& in, const Subgraph& subgraph, const std::string& target,
                    std::size_t errors_before);
/// Runs the five streams with semaphores only, to see whether all come to their end.
void check_waits(Inspection& in, const Subgraph& subgraph,
                 const std::vector<ReadProgram>& programs);
/// Nodes against subgraphs: tensors, sizes, cores of a logical core.
void check_interface(Inspection& in, const Model& model);
/// Feature bits of the header against what the members use.
void check_features(Inspection& in, const Model& model);

/// Where the value at an RFC 6901 pointer begins in a valid JSON text; nothing when it is not
/// there.
std::optional<std::uint64_t> place_of(ByteView json, std::string_view pointer);

}  // namespace neuron::neff
