// SPDX-License-Identifier: Apache-2.0
#include "cmd/profile/load.h"

namespace neuron::cmd {

Result<view::LoadedSession> load(const view::SessionFiles& files,
                                 const view::ImportOptions& options, Terminal& io) {
  view::ImportOptions spooled = options;
  std::error_code none;  // then in memory
  if (spooled.spool.empty()) spooled.spool = fs::temp_directory_path(none);
  auto loaded = TRY(view::load_session(files, spooled));
  for (const std::string& warning : loaded.timeline.warnings)
    if (!warning.starts_with("notice: ")) io.err << "neuron: warning: " << warning << "\n";
  return loaded;
}

Result<view::Store> open_store(const fs::path& directory) {
  if (!directory.empty()) return view::Store::open(directory);
  const fs::path usual = TRY(view::store_directory());
  return view::Store::open(usual);
}

}  // namespace neuron::cmd
