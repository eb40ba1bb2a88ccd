/* SPDX-License-Identifier: Apache-2.0 */
/* Status codes of the runtime API: the documented names and values. */
#ifndef NRT_STATUS_H
#define NRT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
#define NRT_STATUS_CODE(name, value, meaning) name = value,
#include "nrt/status.def"
#undef NRT_STATUS_CODE
} NRT_STATUS;

/* The name of a status, "NRT_SUCCESS"; "UNKNOWN" for a number that is none. */
const char* nrt_get_status_as_str(NRT_STATUS status);

#ifdef __cplusplus
}
#endif
#endif
