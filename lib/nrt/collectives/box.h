// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

/// Processes that can share memory with each other, and the regions in which they do.
namespace neuron::nrt::cc {

/// The same for processes of one user on one kernel that see the same network, processes and files.
std::string box_id();

/// A name in /dev/shm that no other endpoint of this box has.
std::string new_region();
/// Removes the regions of processes that are gone: those that were killed could not.
void sweep_regions();

}  // namespace neuron::nrt::cc
