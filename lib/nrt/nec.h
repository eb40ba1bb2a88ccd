/* SPDX-License-Identifier: Apache-2.0 */
/* What a collectives library asks the runtime: devices, logical core size, version. What needs a
 * network or links between devices fails with -1. */
#ifndef NEC_H
#define NEC_H

#include "nrt/nrt.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NEC_MAX_CHANNELS 32
#define NEC_MAX_COMM_N 12
#define NEC_MAX_STREAM_N 4

#ifndef NEURON_ANY_ARGUMENTS
/* Functions whose arguments no public page describes take any and look at none. */
#ifdef __cplusplus
#define NEURON_ANY_ARGUMENTS ...
#else
#define NEURON_ANY_ARGUMENTS
#endif
#endif

typedef enum nec_pod_type {
  NEC_POD_TYPE_NONE = 0,
  NEC_POD_TYPE_P2P = 1,
  NEC_POD_TYPE_SWITCH = 2,
  NEC_POD_TYPE_INVALID = 3
} nec_pod_type_t;

typedef enum enc_pattern {
  ENC_PATTERN_RING = 0,
  ENC_PATTERN_MESH = 1,
  ENC_PATTERN_INVALID = 2
} enc_pattern_t;

typedef struct nec_version_info {
  uint64_t major;
  uint64_t minor;
  uint64_t patch;
  uint64_t maintenance;
  char git_hash[16];
  uint64_t compatibility_version;
#ifdef __GNUC__
  __extension__
#endif
      uint8_t future_fields[];
} nec_version_info_t;

/* The count of devices of the simulated box; as many of their numbers as fit are written. */
int nec_get_device_count(int* available_devices_array, uint32_t array_size);
NRT_STATUS nec_get_virtual_core_size(uint32_t* virtual_core_size);
NRT_STATUS nec_get_version_info(nec_version_info_t* version_info);

int nec_build_port_and_rid_map(NEURON_ANY_ARGUMENTS);
int nec_get_device_pci_bdf(NEURON_ANY_ARGUMENTS);
int nec_get_dynamic_recv_offset_bytes(NEURON_ANY_ARGUMENTS);
int nec_get_dynamic_send_offset_bytes(NEURON_ANY_ARGUMENTS);
int nec_get_dynamic_send_size_bytes(NEURON_ANY_ARGUMENTS);
int nec_get_p2p_pod_peer_node(NEURON_ANY_ARGUMENTS);
int nec_get_peer_mla_idx(NEURON_ANY_ARGUMENTS);
int nec_inc_semaphore(NEURON_ANY_ARGUMENTS);
int nec_is_mla_available(NEURON_ANY_ARGUMENTS);
int nec_mla_idx_to_rid(NEURON_ANY_ARGUMENTS);
int nec_ndl_printk(NEURON_ANY_ARGUMENTS);
int nec_pod_node_can_access_peer_node(NEURON_ANY_ARGUMENTS);
int nec_rid_to_mla_idx(NEURON_ANY_ARGUMENTS);
int nec_set_recv_size_bytes(NEURON_ANY_ARGUMENTS);

#ifdef __cplusplus
}
#endif
#endif
