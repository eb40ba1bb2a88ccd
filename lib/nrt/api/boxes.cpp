// SPDX-License-Identifier: Apache-2.0
// The box and the process: init, close, counts, versions, and what only hardware has.
#include <cstdlib>

#include "nrt/api/border.h"
#include "nrt/failure.h"
#include "nrt/generation.h"
#include "nrt/nrt_experimental.h"
#include "nrt/nrt_version.h"

using namespace neuron;
using namespace neuron::nrt;

namespace {

Result<> give_count(std::uint32_t* out, Result<std::uint32_t> count, std::uint32_t divisor = 1) {
  TRY(need(out, "the place for the count"));
  const auto value = TRY(std::move(count));
  *out = value / divisor;
  return {};
}

Result<> give_logical_count(std::uint32_t* out, Result<std::uint32_t> count) {
  const auto size = TRY(runtime().logical_size());
  return give_count(out, std::move(count), size);
}

/// HBMs of a device of this box.
Result<std::uint32_t> hbms_of(int device) {
  const auto* box = TRY(host::instance());
  if (!box) box = &host::default_instance(host::Generation::V3);
  if (device < 0 || static_cast<std::uint32_t>(device) >= box->devices)
    return fail(Code::BadUsage, "device is {}, the box has {}", device, box->devices);
  return neuron::nrt::hbms_of(*box);
}

Result<> dmabuf(std::uint64_t va, std::uint64_t size, const int* fd) {
  TRY(runtime().check());
  TRY(need(fd, "fd"));
  if (!device_memory().holds_range(reinterpret_cast<const void*>(va), size))
    return fail(Code::BadUsage, "{:#x} with {} bytes is no device memory", va, size);
  // libfabric registers the memory by its address after any status but NRT_RESOURCE, which it takes
  // for an error of a device that has dma-bufs.
  return status_error(NRT_FAILURE, Code::NotFound, "simulated device memory has no dma-buf");
}

}  // namespace

extern "C" {

NRT_STATUS nrt_get_instance_info(nrt_instance_info_t* info, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    const auto* box = TRY(host::instance());
    if (!box) box = &host::default_instance(host::Generation::V3);
    nrt_instance_info_t full{};
    full.family = box->family;
    full.size = box->size;
    const std::string_view type = box->type;
    put(full.arch_name, type.substr(0, type.find('.')));
    put(full.device_revision, "sim");
    return give(info, size, nullptr, full);
  });
}

NRT_STATUS nrt_init(nrt_framework_type_t framework, const char*, const char*) {
  return at_the_border(__func__, [&]() -> Result<> {
    if (framework < NRT_FRAMEWORK_TYPE_INVALID || framework > NRT_FRAMEWORK_TYPE_PRECHECK)
      return fail(Code::BadUsage, "framework is {}, no nrt_framework_type_t",
                  static_cast<int>(framework));
    if (framework == NRT_FRAMEWORK_TYPE_INVALID)  // programs without a framework pass it, too
      log::write("NRT", log::Level::Warn, "nrt_init",
                 "framework is 0 (NRT_FRAMEWORK_TYPE_INVALID), taken for 1 "
                 "(NRT_FRAMEWORK_TYPE_NO_FW)");
    return runtime().init();
  });
}

void nrt_close(void) {
  at_the_border(__func__, [] { return runtime().close(); });
}
NRT_STATUS nrt_close_guide(void) {
  return at_the_border("nrt_close", [] { return runtime().close(); });
}

NRT_STATUS nrt_get_total_nc_count(uint32_t* count) {
  return at_the_border(__func__, [&] { return give_count(count, runtime().total_cores()); });
}
NRT_STATUS nrt_get_visible_nc_count(uint32_t* count) {
  return at_the_border(__func__, [&] { return give_count(count, runtime().visible_cores()); });
}
NRT_STATUS nrt_get_total_vnc_count(uint32_t* count) {
  return at_the_border(__func__,
                       [&] { return give_logical_count(count, runtime().total_cores()); });
}
NRT_STATUS nrt_get_visible_vnc_count(uint32_t* count) {
  return at_the_border(__func__,
                       [&] { return give_logical_count(count, runtime().visible_cores()); });
}

NRT_STATUS nrt_get_version(nrt_version_t* version, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    nrt_version_t full{};
    full.rt_major = NRT_MAJOR_VERSION;
    full.rt_minor = NRT_MINOR_VERSION;
    put(full.rt_detail, "neuron simulated runtime");
    return give(version, size, nullptr, full);
  });
}

NRT_STATUS nrt_get_vnc_memory_stats(uint32_t vnc, nrt_vnc_memory_stats_t* stats, size_t size_in,
                                    size_t* size_out) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(runtime().check_core(vnc));
    const auto lnc = TRY(runtime().logical_size());
    nrt_vnc_memory_stats_t full{};
    for (std::uint32_t c = vnc * lnc; c < (vnc + 1) * lnc; ++c)
      full.bytes_used += device_memory().used_of_core(c);
    full.bytes_limit = device_memory().limit_of_hbm();
    return give(stats, size_in, size_out, full);
  });
}

NRT_STATUS nrt_get_dmabuf_fd(uint64_t va, uint64_t size, int* fd) {
  return at_the_border(__func__, [&] { return dmabuf(va, size, fd); });
}
NRT_STATUS nrt_get_dmabuf_fd_v2(uint64_t va, uint64_t size, int* fd, uint64_t* offset) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(offset, "offset"));
    return dmabuf(va, size, fd);
  });
}

NRT_STATUS nrt_host_device_id_get(int neuron_dev, uint32_t* host_device_id) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(hbms_of(neuron_dev));
    return give_count(host_device_id, static_cast<std::uint32_t>(neuron_dev));
  });
}
NRT_STATUS nrt_host_device_id_rid_map_get(uint32_t* count, uint32_t*) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(count, "count"));
    return fail(Code::NoResource, "simulated devices have no routing ids");
  });
}

NRT_STATUS nrt_get_device_id(int lnc, int* device_id) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(runtime().check_core(lnc));
    TRY(need(device_id, "device_id"));
    const auto size = TRY(runtime().logical_size());
    const auto core = runtime().first_core() + static_cast<std::uint32_t>(lnc) * size;
    *device_id = static_cast<int>(device_memory().device_of(core));
    return {};
  });
}

NRT_STATUS nrt_get_hbm_mmap_va(int device_id, int hbm_id, void** va, size_t* size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(va, "va"));
    TRY(need(size, "size"));
    const auto hbms = TRY(hbms_of(device_id));
    if (hbm_id < 0 || static_cast<std::uint32_t>(hbm_id) >= hbms)
      return status_error(NRT_INVALID_HANDLE, Code::BadUsage, "hbm is {}, a device has {}", hbm_id,
                          hbms);
    return fail(Code::NoResource, "simulated device memory is not mapped whole");
  });
}

NRT_STATUS nrt_get_attached_efa_bdf(const void*, char* efa_bdf, size_t* len) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(efa_bdf, "efa_bdf"));
    TRY(need(len, "len"));
    if (*len < 13) return fail(Code::NoResource, "len is {}, a bus address needs 13", *len);
    return fail(Code::NotFound, "no EFA device is attached to simulated devices");
  });
}

void* nrt_pinned_malloc(size_t size, nrt_pinned_type_t) {
  return std::aligned_alloc(4096, (std::max<std::size_t>(size, 1) + 4095) & ~std::size_t{4095});
}
void nrt_pinned_free(void* memory) { std::free(memory); }

NRT_STATUS nrt_set_pool_eng_ucode(const nrt_ucode_info* info) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(info, "ucode_info"));
    if (runtime().state() == State::Running)
      return fail(Code::BadUsage, "it must be called before nrt_init");
    log::write("NRT", log::Level::Warn, "nrt_set_pool_eng_ucode",
               "simulated engines run their own programs; these are ignored");
    return {};
  });
}

NRT_STATUS nrt_dump_device_allocation_info(uint32_t lnc, nrt_allocation_chunk_t* chunks,
                                           uint32_t* count) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(runtime().check_core(lnc));
    TRY(need(count, "count"));
    const auto size = TRY(runtime().logical_size());
    std::uint32_t all = 0;
    for (std::uint32_t core = lnc * size; core < (lnc + 1) * size; ++core)
      for (const Charge& charge : device_memory().charges_of(core)) {
        if (chunks && all < *count)
          chunks[all] = {charge.address, charge.size, static_cast<std::uint32_t>(charge.owner.use)};
        ++all;
      }
    const bool fits = !chunks || all <= *count;
    *count = all;
    if (!fits) return fail(Code::NoResource, "there are {} allocations", all);
    return {};
  });
}

NRT_STATUS nrt_debug_log_oom_report(uint32_t lnc) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(runtime().check_core(lnc));
    const auto size = TRY(runtime().logical_size());
    for (const std::string& line : device_memory().table_of(lnc * size))
      log::write("TDRV", log::Level::Error, "log_dev_mem_usage_table", "{}", line);
    return {};
  });
}

}  // extern "C"
