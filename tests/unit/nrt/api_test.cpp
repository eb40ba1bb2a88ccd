// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>
#include <thread>

#include "nrt/nrt.h"
#include "nrt/nrt_experimental.h"
#include "nrt/nrt_profile.h"
#include "nrt/nrt_version.h"
#include "tests/catch.h"

namespace {
/// The runtime, up for one test.
struct Up {
  Up() { REQUIRE(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") == NRT_SUCCESS); }
  ~Up() { nrt_close(); }
};

nrt_tensor_t* tensor_of(std::size_t size, const char* name = "t") {
  nrt_tensor_t* tensor = nullptr;
  REQUIRE(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, size, name, &tensor) == NRT_SUCCESS);
  return tensor;
}
}  // namespace

static_assert(sizeof(nrt_instance_info_t) == 32);
static_assert(sizeof(nrt_version_t) == 224);
static_assert(sizeof(nrt_tensor_info_t) == 296);
static_assert(offsetof(nrt_tensor_info_t, size) == 264 &&
              offsetof(nrt_tensor_info_t, shape) == 280);
static_assert(offsetof(nrt_tensor_info_array_t, tensor_array) == 8);

TEST_CASE("calls before init and after close say so, and init works again") {
  nrt_tensor_t* tensor = nullptr;
  CHECK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "t", &tensor) != NRT_SUCCESS);
  { Up up; }
  CHECK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "t", &tensor) == NRT_CLOSED);
  Up again;
  CHECK(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, nullptr, nullptr) == NRT_INVALID);
}

TEST_CASE("core counts are known at any time") {
  std::uint32_t total = 0, visible = 0;
  CHECK(nrt_get_total_nc_count(&total) == NRT_SUCCESS);
  CHECK(nrt_get_visible_nc_count(&visible) == NRT_SUCCESS);
  CHECK(visible <= total);
  CHECK(nrt_get_total_nc_count(nullptr) == NRT_INVALID);
}

TEST_CASE("visible cores follow the environment") {
  const auto count = [](const char* text) {
    ::setenv("NEURON_RT_VISIBLE_CORES", text, 1);
    std::uint32_t visible = 0;
    const NRT_STATUS status = nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "");
    if (status == NRT_SUCCESS) nrt_get_visible_nc_count(&visible);
    if (status == NRT_SUCCESS) nrt_close();
    ::unsetenv("NEURON_RT_VISIBLE_CORES");
    return status == NRT_SUCCESS ? static_cast<int>(visible) : -1;
  };
  CHECK(count("3") == 1);
  CHECK(count("3-6") == 4);
  CHECK(count("3,4,5") == 3);
  CHECK(count("3-5,6") == 4);
  CHECK(count("3,5") == -1);
  CHECK(count("6-3") == -1);
  CHECK(count("x") == -1);
  CHECK(count("100000") == -1);
}

TEST_CASE("tensors hold bytes, slices share them, ends are checked") {
  Up up;
  nrt_tensor_t* tensor = tensor_of(8);
  CHECK(nrt_tensor_get_size(tensor) == 8);
  CHECK(nrt_tensor_write(tensor, "abcdefgh", 0, 8) == NRT_SUCCESS);
  nrt_tensor_t* slice = nullptr;
  CHECK(nrt_tensor_allocate_slice(tensor, 2, 4, nullptr, &slice) == NRT_SUCCESS);
  CHECK(nrt_tensor_allocate_slice(tensor, 6, 4, nullptr, &slice) == NRT_INVALID);
  nrt_tensor_free(&tensor);
  CHECK(tensor == nullptr);
  std::array<char, 4> read{};
  CHECK(nrt_tensor_read(slice, read.data(), 0, 4) == NRT_SUCCESS);
  CHECK(std::string(read.data(), 4) == "cdef");
  CHECK(nrt_tensor_read(slice, read.data(), 1, 4) == NRT_INVALID);
  CHECK(nrt_tensor_read(slice, read.data(), ~std::size_t{0}, 2) == NRT_INVALID);
  CHECK(nrt_tensor_memset(slice, 1, 'x', 2) == NRT_SUCCESS);
  CHECK(std::memcmp(nrt_tensor_get_va(slice), "cxxf", 4) == 0);
  nrt_tensor_free(&slice);
}

TEST_CASE("an attached buffer is the caller's") {
  Up up;
  nrt_tensor_t* tensor = nullptr;
  REQUIRE(nrt_tensor_allocate_empty("t", &tensor) == NRT_SUCCESS);
  std::array<char, 4> buffer{};
  CHECK(nrt_tensor_attach_buffer(tensor, buffer.data(), buffer.size()) == NRT_SUCCESS);
  CHECK(nrt_tensor_write(tensor, "1234", 0, 4) == NRT_SUCCESS);
  CHECK(buffer[3] == '4');
  nrt_tensor_free(&tensor);
}

TEST_CASE("a tensor set answers by name and writes nothing for a name that it lacks") {
  Up up;
  nrt_tensor_set_t* set = nullptr;
  REQUIRE(nrt_allocate_tensor_set(&set) == NRT_SUCCESS);
  nrt_tensor_t *tensor = tensor_of(1), *found = nullptr;
  CHECK(nrt_add_tensor_to_tensor_set(set, "a", tensor) == NRT_SUCCESS);
  CHECK(nrt_get_tensor_from_tensor_set(set, "a", &found) == NRT_SUCCESS);
  CHECK(found == tensor);
  found = nullptr;
  CHECK(nrt_get_tensor_from_tensor_set(set, "b", &found) == NRT_FAILURE);
  CHECK(found == nullptr);
  nrt_destroy_tensor_set(&set);
  CHECK(set == nullptr);
  nrt_tensor_free(&tensor);
}

TEST_CASE("tensors may be freed after close") {
  nrt_tensor_t* tensor = nullptr;
  {
    Up up;
    tensor = tensor_of(16);
  }
  nrt_tensor_free(&tensor);
  nrt_tensor_free(&tensor);
  nrt_tensor_free(nullptr);
}

TEST_CASE("what is no package is refused and loads nothing") {
  Up up;
  nrt_model_t* model = nullptr;
  const std::string bytes(4096, 'x');
  CHECK(nrt_load(bytes.data(), bytes.size(), -1, -1, &model) == NRT_INVALID);
  CHECK(nrt_load(bytes.data(), 10, -1, -1, &model) == NRT_INVALID);
  CHECK(nrt_load(nullptr, 10, -1, -1, &model) == NRT_INVALID);
  CHECK(model == nullptr);
  CHECK(nrt_profile_stop("never-started.ntff") == NRT_FAILURE);
}

TEST_CASE("statuses have their names") {
  CHECK(std::string(nrt_get_status_as_str(NRT_SUCCESS)) == "NRT_SUCCESS");
  CHECK(std::string(nrt_get_status_as_str(NRT_EXEC_OOB)) == "NRT_EXEC_OOB");
  CHECK(std::string(nrt_get_status_as_str(static_cast<NRT_STATUS>(4711))) == "UNKNOWN");
}
