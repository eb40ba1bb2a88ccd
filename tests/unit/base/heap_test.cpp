// SPDX-License-Identifier: Apache-2.0
#include "base/heap.h"

#include <cstdio>
#include <filesystem>
#include <vector>

#include "tests/catch.h"
#include "tests/unit/base/smaps.h"

TEST_CASE("the heap asks for huge pages") {
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage")) {
    std::puts("skipped: this system has no transparent huge pages");
    return;
  }
  neuron::keep_heap_in_huge_pages();
  const std::vector<char> many(std::size_t{8} << 20), few(100);
  if (!mapping_tells(few.data(), "").ends_with("[heap]")) {
    std::puts("skipped: malloc() is not the C library's here");
    return;
  }
  CHECK(mapping_tells(many.data(), "").ends_with("[heap]"));
  CHECK(mapping_tells(many.data(), "VmFlags").find(" hg") != std::string::npos);
}
