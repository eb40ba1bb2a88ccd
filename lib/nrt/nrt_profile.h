/* SPDX-License-Identifier: Apache-2.0 */
/* Device traces of a model's executions, and inspection of a whole process. */
#ifndef NRT_PROFILE_H
#define NRT_PROFILE_H

#include "nrt/nrt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Traces executions of `model` from now on; the file appears at nrt_profile_stop. */
NRT_STATUS nrt_profile_start(nrt_model_t* model, const char* filename);
/* Writes the trace of the last execution. `filename` is that of nrt_profile_start. */
NRT_STATUS nrt_profile_stop(const char* filename);

/* Continuous: every model is traced, and `save` writes the trace of the model that executed last on
 * a logical core into the output directory ("./output" unless set). */
typedef struct nrt_profile_continuous_options nrt_profile_continuous_options_t;
NRT_STATUS nrt_profile_continuous_options_allocate(nrt_profile_continuous_options_t** options);
NRT_STATUS nrt_profile_continuous_options_free(nrt_profile_continuous_options_t* options);
NRT_STATUS nrt_profile_continuous_options_set_output_dir(nrt_profile_continuous_options_t* options,
                                                         const char* output_dir);
NRT_STATUS nrt_profile_continuous_start(nrt_profile_continuous_options_t* options);
NRT_STATUS nrt_profile_continuous_save(uint32_t vnc, nrt_profile_continuous_options_t* options);
NRT_STATUS nrt_profile_continuous_stop(void);

/* Inspection: from begin to stop, all models and the process are recorded; stop writes a directory
 * for this process under the output directory. nrt_inspect_begin takes its options from
 * NEURON_RT_INSPECT_*; the other form looks at its options alone (null: defaults). */
typedef struct nrt_inspect_config nrt_inspect_config_t;
NRT_STATUS nrt_inspect_begin(void);
NRT_STATUS nrt_inspect_begin_with_options(nrt_inspect_config_t* options);
NRT_STATUS nrt_inspect_stop(void);
/* Writes what `activities` names so far without stopping; 0 means everything. */
NRT_STATUS nrt_inspect_export(uint64_t activities);

NRT_STATUS nrt_inspect_config_allocate(nrt_inspect_config_t** options);
NRT_STATUS nrt_inspect_config_set_defaults(nrt_inspect_config_t* options);
NRT_STATUS nrt_inspect_config_free(nrt_inspect_config_t* options);
NRT_STATUS nrt_inspect_config_set_session_id(nrt_inspect_config_t* options, int session_id);
NRT_STATUS nrt_inspect_config_set_output_dir(nrt_inspect_config_t* options, const char* output_dir);
NRT_STATUS nrt_inspect_config_set_sys_trace_max_events_per_nc(nrt_inspect_config_t* options,
                                                              uint64_t max_events_per_nc);
NRT_STATUS nrt_inspect_config_set_capture_enabled_for_nc(nrt_inspect_config_t* options,
                                                         uint32_t nc_idx, bool enabled);
NRT_STATUS nrt_inspect_config_set_capture_enabled_for_event_type_string(
    nrt_inspect_config_t* options, const char* event_type, bool enabled);
NRT_STATUS nrt_inspect_config_set_enable_inspect(nrt_inspect_config_t* options, bool enabled);
NRT_STATUS nrt_inspect_config_set_enable_inspect_on_fail(nrt_inspect_config_t* options,
                                                         bool enabled);
/* Activities: system_profile, device_profile, host_memory, cpu_util, all. Free the arrays with
 * nrt_inspect_config_free_activity_types. */
NRT_STATUS nrt_inspect_config_get_all_activity_types(const char*** activity_types, size_t* count);
NRT_STATUS nrt_inspect_config_get_enabled_activity_types(nrt_inspect_config_t* options,
                                                         const char*** activity_types,
                                                         size_t* count);
void nrt_inspect_config_free_activity_types(const char** activity_types, size_t count);
NRT_STATUS nrt_inspect_config_set_activity(nrt_inspect_config_t* options, const char* activity_type,
                                           bool enabled);
/* Whether device traces are cut by model or hold all that a core did. Simulated ones are always cut
 * by model: the other is taken, and the log says so. */
typedef enum nrt_inspect_device_profile_mode {
  NRT_INSPECT_DEVICE_PROFILE_MODE_MODEL,
  NRT_INSPECT_DEVICE_PROFILE_MODE_SESSION
} nrt_inspect_device_profile_mode_t;
NRT_STATUS nrt_inspect_config_set_inspect_device_profile_mode(
    nrt_inspect_config_t* options, nrt_inspect_device_profile_mode_t mode);

#ifdef __cplusplus
}
#endif
#endif
