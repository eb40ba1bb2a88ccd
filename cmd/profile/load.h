// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cmd/command.h"
#include "view/sessions.h"
#include "view/store.h"

/// What `profile view` and `profile compare` share: traces in, a store opened.
namespace neuron::cmd {

/// Imports one trace; its warnings go to `io.err`.
Result<view::LoadedSession> load(const view::SessionFiles& files,
                                 const view::ImportOptions& options, Terminal& io);
/// The store in `directory`, or the user's where that is empty.
Result<view::Store> open_store(const fs::path& directory);

}  // namespace neuron::cmd
