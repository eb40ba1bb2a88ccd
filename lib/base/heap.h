// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace neuron {

/// Lets what malloc() gives lie in huge pages, where the host has such: a command touches tens of
/// megabytes once, and a page fault for each 4 KiB of them costs it more than its work. For a
/// program's main(), before its threads; a library leaves the heap of its caller alone.
void keep_heap_in_huge_pages();

}  // namespace neuron
