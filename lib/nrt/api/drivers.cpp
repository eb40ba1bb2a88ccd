// SPDX-License-Identifier: Apache-2.0
// Driver and collectives libraries' lower floors, and the debug stream: as on a host whose devices
// have neither.
#include <sys/eventfd.h>
#include <unistd.h>

#include <map>

#include "nrt/api/border.h"
#include "nrt/ndebug_stream.h"
#include "nrt/ndl/ndl.h"
#include "nrt/nds/neuron_ds.h"
#include "nrt/nec.h"

using namespace neuron;
using namespace neuron::nrt;

namespace {
constexpr int kNoDriver = -1;

std::mutex streams_guard;
std::map<int, int> streams;  ///< logical core by descriptor
}  // namespace

extern "C" {

#define NEURON_DRIVER_NAME(name) \
  int name(...) { return kNoDriver; }
#include "nrt/driver_names.def"
#undef NEURON_DRIVER_NAME

int ndl_get_version(ndl_version_info_t*) { return kNoDriver; }
int ndl_open_device(int, ndl_device_init_param_t*, ndl_device_t**) { return kNoDriver; }
int ndl_close_device(ndl_device_t*) { return kNoDriver; }
int ndl_available_devices(int*, int) { return 0; }
int ndl_memory_alloc(ndl_device_t*, size_t, uint64_t, uint32_t, uint32_t, uint32_t, uint32_t,
                     uint32_t, uint64_t*) {
  return kNoDriver;
}
int ndl_memory_map(uint64_t, void**) { return kNoDriver; }
int ndl_memory_free(uint64_t) { return kNoDriver; }
int ndl_notification_init(ndl_device_t*, int, ndl_nq_dev_t, uint8_t, uint8_t, uint32_t, bool,
                          uint32_t, uint32_t, uint64_t*) {
  return kNoDriver;
}
int ndl_reset_ncs(int, int, uint32_t*) { return kNoDriver; }

int nds_open(ndl_device_t*, pid_t, nds_instance_t**) { return kNoDriver; }
int nds_close(nds_instance_t*) { return kNoDriver; }
int nds_increment_nc_counter(nds_instance_t*, int, uint32_t, uint64_t) { return kNoDriver; }
int nds_get_nc_counter(nds_instance_t*, int, uint32_t, uint64_t*) { return kNoDriver; }
int nds_increment_nd_counter(nds_instance_t*, uint32_t, uint64_t) { return kNoDriver; }
int nds_get_nd_counter(nds_instance_t*, uint32_t, uint64_t*) { return kNoDriver; }
nds_obj_handle_t nds_obj_new(nds_instance_t*, int) { return nullptr; }
int nds_obj_commit(nds_obj_handle_t) { return kNoDriver; }
int nds_read_all_model_nodes(nds_instance_t*, nds_obj_handle_t**, size_t*) { return kNoDriver; }

int nec_get_device_count(int* available_devices_array, uint32_t array_size) {
  const auto named = host::instance();
  if (!named) return 0;
  const auto& box = *named ? **named : host::default_instance(host::Generation::V3);
  for (std::uint32_t i = 0; i < box.devices && i < array_size && available_devices_array; ++i)
    available_devices_array[i] = static_cast<int>(i);
  return static_cast<int>(box.devices);
}
NRT_STATUS nec_get_virtual_core_size(uint32_t* virtual_core_size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(virtual_core_size, "virtual_core_size"));
    *virtual_core_size = TRY(runtime().logical_size());
    return {};
  });
}
NRT_STATUS nec_get_version_info(nec_version_info_t* version_info) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(version_info, "version_info"));
    std::memset(version_info, 0, sizeof *version_info);
    version_info->major = NRT_MAJOR_VERSION;
    version_info->minor = NRT_MINOR_VERSION;
    return {};
  });
}

NRT_STATUS nrt_debug_client_connect(int logical_nc_idx, int* stream_fd) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(stream_fd, "stream_fd"));
    TRY(runtime().check_core(logical_nc_idx));
    std::lock_guard lock(streams_guard);
    for (const auto& [fd, core] : streams)
      if (core == logical_nc_idx)
        return fail(Code::BadUsage, "a client is connected to logical core {} already",
                    logical_nc_idx);
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) return fail(Code::NoResource, "no descriptor is left");
    streams[fd] = logical_nc_idx;
    *stream_fd = fd;
    return {};
  });
}
void nrt_debug_client_connect_close(int stream_fd) {
  std::lock_guard lock(streams_guard);
  if (streams.erase(stream_fd)) ::close(stream_fd);
}
NRT_STATUS nrt_debug_client_read_one_event(int stream_fd, ndebug_stream_event_header_t* header,
                                           void** payload) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(header, "header"));
    TRY(need(payload, "payload"));
    std::lock_guard lock(streams_guard);
    if (!streams.count(stream_fd)) return fail(Code::BadUsage, "{} is no debug stream", stream_fd);
    // Programs of simulated engines print nothing.
    return status_error(NRT_QUEUE_EMPTY, Code::NotFound, "no debug event waits");
  });
}

}  // extern "C"
