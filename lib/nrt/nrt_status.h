/* SPDX-License-Identifier: Apache-2.0 */
/* Status codes of the runtime API: the documented names and values, in our words. The runtime reads
 * them from status.def; a test compares both. */
#ifndef NRT_STATUS_H
#define NRT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum NRT_STATUS {
  NRT_SUCCESS = 0,                          /* done */
  NRT_FAILURE = 1,                          /* failed for a reason that has no status of its own */
  NRT_INVALID = 2,                          /* an argument or a package is not valid */
  NRT_INVALID_HANDLE = 3,                   /* a handle is not valid */
  NRT_RESOURCE = 4,                         /* memory or another resource cannot be had */
  NRT_TIMEOUT = 5,                          /* execution did not end in time */
  NRT_HW_ERROR = 6,                         /* device failure, or a package for another device */
  NRT_QUEUE_FULL = 7,                       /* a queue is full; nothing was scheduled */
  NRT_LOAD_NOT_ENOUGH_NC = 9,               /* the model needs more NeuronCores than are left */
  NRT_UNSUPPORTED_NEFF_VERSION = 10,        /* version or features of the package not supported */
  NRT_FAIL_HOST_MEM_ALLOC = 11,             /* host memory cannot be had */
  NRT_UNINITIALIZED = 13,                   /* called before nrt_init */
  NRT_CLOSED = 14,                          /* called after nrt_close */
  NRT_QUEUE_EMPTY = 15,                     /* nothing to read */
  NRT_EXEC_UNIT_UNRECOVERABLE = 101,        /* an execution unit cannot go on */
  NRT_EXEC_BAD_INPUT = 1002,                /* an input is missing or has a wrong size */
  NRT_EXEC_COMPLETED_WITH_NUM_ERR = 1003,   /* done, with NaN in the results */
  NRT_EXEC_COMPLETED_WITH_ERR = 1004,       /* done, with another error */
  NRT_EXEC_NC_BUSY = 1005,                  /* the NeuronCore is in use */
  NRT_EXEC_OOB = 1006,                      /* an indirect access left its tensor */
  NRT_COLL_PENDING = 1100,                  /* a collective operation is still pending */
  NRT_EXEC_HW_ERR_COLLECTIVES = 1200,       /* a collective operation hangs */
  NRT_EXEC_HW_ERR_HBM_UE = 1201,            /* uncorrectable error in HBM */
  NRT_EXEC_HW_ERR_NC_UE = 1202,             /* uncorrectable error in a NeuronCore */
  NRT_EXEC_HW_ERR_DMA_ABORT = 1203,         /* a DMA engine aborted */
  NRT_EXEC_SW_NQ_OVERFLOW = 1204,           /* a notification queue overflowed */
  NRT_EXEC_HW_ERR_REPAIRABLE_HBM_UE = 1205, /* repairable error in HBM */
  NRT_NETWORK_PROXY_FAILURE = 1206          /* the network proxy failed */
} NRT_STATUS;

/* The developer guide's name of the same status. */
#define NRT_OOB NRT_EXEC_OOB

/* The name of a status, "NRT_SUCCESS"; "UNKNOWN" for a number that is none. */
const char* nrt_get_status_as_str(NRT_STATUS status);

#ifdef __cplusplus
}
#endif
#endif
