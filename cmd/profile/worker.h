// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/file.h"
#include "cmd/command.h"

/// One worker of `profile capture`: a package on the device from load to the last output.
namespace neuron::cmd {

struct CaptureOptions {
  fs::path neff;
  int ranks = 1;  ///< that work together, on all machines
  fs::path session_file = "profile.ntff";
  int executions = 1;
  int every = -1;  ///< trace every Nth execution; 0: none; -1: the last, under the plain name
  bool ignore_errors = false, disable_profile = false;
  bool save_raw = false, save_npy = false, check_determinism = false;
};

/// `rank` is part of the names of files unless it is negative.
Result<> capture_worker(const CaptureOptions& options, const std::vector<std::string>& inputs,
                        int rank, Terminal& io);

/// "out/profile.ntff.zst" -> "out/profile_rank_1_exec_2.ntff.zst"; negative numbers are left out.
fs::path session_file_of(const fs::path& file, int rank, int execution);

}  // namespace neuron::cmd
