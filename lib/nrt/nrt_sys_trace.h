/* SPDX-License-Identifier: Apache-2.0 */
/* Events of this process: what the runtime did and when, as JSON:
 *   {"events": [{"event_type": "nc_exec_running", "phase": "start", "tracking_id": 7,
 *                "timestamp_ns": 1, "data": {"nc_idx": 0, "nc_timestamp_ns": 1}}, ...]}
 * Every execution yields a start and a stop of nc_exec_running. */
#ifndef NRT_SYS_TRACE_H
#define NRT_SYS_TRACE_H

#include "nrt/nrt.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nrt_sys_trace_config nrt_sys_trace_config_t;
typedef struct nrt_sys_trace_fetch_options nrt_sys_trace_fetch_options_t;

NRT_STATUS nrt_sys_trace_config_allocate(nrt_sys_trace_config_t** options);
void nrt_sys_trace_config_set_defaults(nrt_sys_trace_config_t* options);
void nrt_sys_trace_config_free(nrt_sys_trace_config_t* options);
/* The oldest events of a core make room for new ones. */
void nrt_sys_trace_config_set_max_events_per_nc(nrt_sys_trace_config_t* options,
                                                uint64_t max_events_per_nc);
void nrt_sys_trace_config_set_capture_enabled_for_nc(nrt_sys_trace_config_t* options,
                                                     uint32_t nc_idx, bool enabled);
NRT_STATUS nrt_sys_trace_config_set_capture_enabled_for_event_type(nrt_sys_trace_config_t* options,
                                                                   const char* event_type,
                                                                   bool enabled);
/* Free both arrays with nrt_sys_trace_free_event_types. */
NRT_STATUS nrt_sys_trace_config_get_enabled_event_types(const nrt_sys_trace_config_t* options,
                                                        const char*** event_types, size_t* count);
NRT_STATUS nrt_sys_trace_get_event_types(const char*** event_types, size_t* count);
void nrt_sys_trace_free_event_types(const char** event_types, size_t count);

NRT_STATUS nrt_sys_trace_start(nrt_sys_trace_config_t* options);
NRT_STATUS nrt_sys_trace_stop(void);

NRT_STATUS nrt_sys_trace_fetch_options_allocate(nrt_sys_trace_fetch_options_t** options);
NRT_STATUS nrt_sys_trace_fetch_options_set_defaults(nrt_sys_trace_fetch_options_t* options);
NRT_STATUS nrt_sys_trace_fetch_options_free(nrt_sys_trace_fetch_options_t* options);
NRT_STATUS nrt_sys_trace_fetch_options_set_max_events_per_nc(nrt_sys_trace_fetch_options_t* options,
                                                             uint64_t max_events_per_nc);
NRT_STATUS nrt_sys_trace_fetch_options_set_nc_idx(nrt_sys_trace_fetch_options_t* options,
                                                  uint64_t nc_idx);
/* Takes events out of the buffers, as JSON that ends with a zero; null options fetch all. */
NRT_STATUS nrt_sys_trace_fetch_events(char** buffer, size_t* written_size,
                                      const nrt_sys_trace_fetch_options_t* options);
void nrt_sys_trace_buffer_free(char* buffer);

#ifdef __cplusplus
}
#endif
#endif
