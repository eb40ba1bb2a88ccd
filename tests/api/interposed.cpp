// SPDX-License-Identifier: Apache-2.0
// A C++ client that defines a name of the library itself, opens and closes the library twice, and
// frees a tensor after the runtime is closed:  interposed LIBRARY
#include <dlfcn.h>
#include <nrt/nrt.h>

#include <cstdio>

extern "C" const char* nrt_get_status_as_str(NRT_STATUS) { return "mine"; }

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  for (int i = 0; i < 2; ++i) {
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    if (!library) return 3;
    const auto init = reinterpret_cast<decltype(&nrt_init)>(dlsym(library, "nrt_init"));
    const auto close = reinterpret_cast<decltype(&nrt_close)>(dlsym(library, "nrt_close"));
    const auto allocate =
        reinterpret_cast<decltype(&nrt_tensor_allocate)>(dlsym(library, "nrt_tensor_allocate"));
    const auto release =
        reinterpret_cast<decltype(&nrt_tensor_free)>(dlsym(library, "nrt_tensor_free"));
    nrt_tensor_t* tensor = nullptr;
    if (init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") != NRT_SUCCESS) return 4;
    if (allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 1 << 20, nullptr, &tensor) != NRT_SUCCESS)
      return 5;
    if (allocate(NRT_TENSOR_PLACEMENT_DEVICE, 4711, 1, nullptr, &tensor) != NRT_INVALID) return 6;
    close();
    release(&tensor);
    dlclose(library);
  }
  std::puts(nrt_get_status_as_str(NRT_SUCCESS));
}
