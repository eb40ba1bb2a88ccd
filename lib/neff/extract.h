// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "base/json.h"
#include "neff/neff.h"

/// `packager extract`: NEFFs inside other files. Frameworks embed whole packages in TorchScript
/// archives, saved models, graphs, HLO modules and pickles; a header has a form that is rare enough
/// to be found by, and its hash tells whether what follows is a package.
///   TRY(neff::find_packages("model.pt", [](const neff::Embedded& e) { ...; return Result<>{}; }));
namespace neuron::neff {

struct Embedded {
  std::string part;          ///< entry of a zip archive that holds it; empty for a plain file
  std::uint64_t offset = 0;  ///< of the header, in the file or in the inflated entry
  bool inflated = false;     ///< the entry was compressed
  std::uint64_t size = 0;    ///< what the header says, itself included
  std::string hash_form;  ///< as in neff.h; empty when the hash does not hold or the end is missing
  std::string reason;     ///< why it is no package, when it is none
  SharedBytes bytes{};    ///< of the package; empty when it is cut short
};

/// Calls `use` for every header of the right form, in order: a package that is whole and whose hash
/// holds, or one that is not, with the reason. Looks into compressed entries of a zip archive too.
Result<> find_packages(const SharedBytes& file,
                       const std::function<Result<>(const Embedded&)>& use);
/// The same for a file, which is mapped: memory does not grow with it. Compressed entries beyond
/// 16 MiB are inflated into a temporary file.
Result<> find_packages(const fs::path& file, const std::function<Result<>(const Embedded&)>& use);

}  // namespace neuron::neff
