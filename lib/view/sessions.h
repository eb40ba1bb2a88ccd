// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/file.h"
#include "view/view.h"

namespace neuron::view {

/// A trace to view and the package that names it; `neff` may be empty.
struct SessionFiles {
  fs::path neff, ntff;
};
/// One trace, imported: its id follows from the bytes of both files.
struct LoadedSession {
  std::string id;
  Timeline timeline;
};
Result<LoadedSession> load_session(const SessionFiles& files, const ImportOptions& options);

/// All traces (*.ntff, *.ntff.zst) below a directory, four levels deep, in natural order of their
/// names, each with the package (*.neff) whose uuid it has; `neff`, when given, is taken for all.
Result<std::vector<SessionFiles>> sessions_in(const fs::path& directory, const fs::path& neff);

/// Which of `packages` a trace belongs to by its uuid; without any, one in the directory of the
/// trace. Empty when none does.
Result<fs::path> package_for(const fs::path& trace, const std::vector<fs::path>& packages);

/// "n2" before "n10".
bool natural_less(std::string_view a, std::string_view b);

/// "p_" and 40 hexadecimal digits: the id of a group of profiles.
std::string group_id(const std::vector<std::string>& profiles);

}  // namespace neuron::view
