/* SPDX-License-Identifier: Apache-2.0 */
/* Device traces of a model's executions. */
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

#ifdef __cplusplus
}
#endif
#endif
