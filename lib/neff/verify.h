// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>

#include "base/json.h"
#include "neff/instructions.h"
#include "neff/neff.h"

/// `packager verify`: everything that can be told wrong about a package without running it.
///   const auto verdict = neff::verify(bytes, reader);
///   for (const Finding& f : verdict.findings) fmt::print("{}: {}\n", f.member, f.reason);
namespace neuron::neff {

enum class Severity { Note, Warning, Error };
enum class FindingId {
#define NEFF_FINDING(id, name, severity, sentence, remedy) id,
#include "neff/verify.def"
#undef NEFF_FINDING
};
struct FindingInfo {
  FindingId id;
  const char* name;
  Severity severity;
  const char* sentence;
  const char* remedy;
};
const FindingInfo& info(FindingId id);
const char* name_of(Severity severity);

struct Finding {
  FindingId id;
  std::string member;                   ///< path; "header" or "archive" for those; may be empty
  std::string pointer;                  ///< RFC 6901, inside a JSON member
  std::optional<std::uint64_t> offset;  ///< byte in the member, for the header in the file
  std::string reason;
};

struct Verdict {
  std::vector<Finding> findings;           ///< worst first, then in the order of the package
  std::map<FindingId, std::size_t> found;  ///< of each kind; `findings` has the first 20 of them
  std::string hash;                        ///< "MD5", "MD5, words byte-swapped", "SHA-256" or ""
  std::size_t members = 0, subgraphs = 0, instructions = 0;
  /// Of a kind that was found 20 times the next ones are only counted: a hostile package has
  /// millions.
  void add(Finding finding);
  std::size_t count(Severity severity) const;  ///< of all that were found
};
/// `file` is a whole NEFF. Without a reader no instruction is looked at.
Verdict verify(ByteView file, const InstructionReader& reader = {});

std::string verdict_text(const Verdict& verdict);
Json verdict_json(const Verdict& verdict);

}  // namespace neuron::neff
