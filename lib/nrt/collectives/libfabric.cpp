// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/libfabric.h"

#include <dlfcn.h>
#include <rdma/fabric.h>
#include <rdma/fi_errno.h>

#include <mutex>

#include "nrt/settings.h"

namespace neuron::nrt::cc {
namespace {

/// The functions of libfabric that are symbols; all others are inline and call through objects.
struct Calls {
  decltype(&::fi_getinfo) getinfo;
  decltype(&::fi_freeinfo) freeinfo;
  decltype(&::fi_dupinfo) dupinfo;
  decltype(&::fi_fabric) fabric;
  decltype(&::fi_strerror) strerror;
};
Calls calls;  // written once, before anybody calls

Result<> load(const std::string& name) {
  const KeptSignals kept;
  void* const library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail(Code::NoResource,
                "{}; collectives between ranks need libfabric: install it (Debian: libfabric1), or "
                "name its file in NEURON_SIM_LIBFABRIC",
                ::dlerror());
  const auto find = [&](auto& call, const char* symbol) {
    call = reinterpret_cast<std::remove_reference_t<decltype(call)>>(::dlsym(library, symbol));
    return call != nullptr;
  };
  if (find(calls.getinfo, "fi_getinfo") && find(calls.freeinfo, "fi_freeinfo") &&
      find(calls.dupinfo, "fi_dupinfo") && find(calls.fabric, "fi_fabric") &&
      find(calls.strerror, "fi_strerror"))
    return {};
  auto missing = fail(Code::NoResource, "{}; NEURON_SIM_LIBFABRIC names no libfabric", ::dlerror());
  ::dlclose(library);
  return missing;
}

}  // namespace

KeptSignals::KeptSignals() {
  for (std::size_t i = 0; i < std::size(kTaken); ++i)
    (void)::sigaction(kTaken[i], nullptr, &before_[i]);
}
KeptSignals::~KeptSignals() {
  for (std::size_t i = 0; i < std::size(kTaken); ++i)
    (void)::sigaction(kTaken[i], &before_[i], nullptr);
}

Result<> load_libfabric() {
  static std::mutex guard;
  static bool is_loaded = false;
  std::lock_guard lock(guard);
  if (is_loaded) return {};
  TRY(load(settings::text("NEURON_SIM_LIBFABRIC")));
  is_loaded = true;
  return {};
}

}  // namespace neuron::nrt::cc

// What the headers of libfabric declare and its inline functions call, in this program's own name.
#define HERE __attribute__((visibility("hidden")))
extern "C" {

HERE int fi_getinfo(std::uint32_t version, const char* node, const char* service,
                    std::uint64_t flags, const fi_info* hints, fi_info** info) {
  const neuron::nrt::cc::KeptSignals kept;  // it may load providers
  return neuron::nrt::cc::calls.getinfo(version, node, service, flags, hints, info);
}
HERE void fi_freeinfo(fi_info* info) { neuron::nrt::cc::calls.freeinfo(info); }
HERE fi_info* fi_dupinfo(const fi_info* info) { return neuron::nrt::cc::calls.dupinfo(info); }
HERE int fi_fabric(fi_fabric_attr* attributes, fid_fabric** fabric, void* context) {
  return neuron::nrt::cc::calls.fabric(attributes, fabric, context);
}
HERE const char* fi_strerror(int number) { return neuron::nrt::cc::calls.strerror(number); }

}  // extern "C"
#undef HERE
