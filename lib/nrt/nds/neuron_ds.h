/* SPDX-License-Identifier: Apache-2.0 */
/* The datastore that real drivers keep for each process. Simulated devices have no driver: opening
 * fails, and so does everything that needs an open datastore. `neuron top` and `neuron monitor`
 * read the counters of simulated cores from a place of their own. */
#ifndef NEURON_DS_H
#define NEURON_DS_H

#include <sys/types.h>

#include "nrt/ndl/ndl.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OBJECT_TYPE_MODEL_NODE_INFO (0)
#define OBJECT_TYPE_PROCESS_INFO (1)
#define MODEL_MEM_USAGE_LOCATION_COUNT 2

typedef enum feature_bitmap_bit_index {
  BIT_INDEX_TEST_FEATURE = 0,
  BIT_INDEX_MULTICORE_FEATURE = 1,
  BIT_INDEX_COUNT = BIT_INDEX_MULTICORE_FEATURE + 1
} feature_bitmap_bit_index_t;

typedef struct nds_instance nds_instance_t;
typedef void* nds_obj_handle_t;

typedef struct nds_mem_usage_info {
  size_t total_size;
  uint32_t chunk_count;
} nds_mem_usage_info_t;

typedef struct nds_model_node_info {
  uint32_t model_id;
  uint32_t model_node_id;
  char name[256];
  char uuid[16];
  uint8_t nc_index;
  uint8_t sg_index;
} nds_model_node_info_t;

typedef struct nds_version_info {
  uint8_t major;
  uint8_t minor;
  uint32_t build;
} nds_version_info_t;

typedef struct nds_process_info {
  int8_t framework_type;
  char tag[32];
  nds_version_info_t framework_version;
  nds_version_info_t fal_version;
  nds_version_info_t runtime_version;
} nds_process_info_t;

int nds_open(ndl_device_t* device, pid_t pid, nds_instance_t** inst);
int nds_close(nds_instance_t* inst);
int nds_increment_nc_counter(nds_instance_t* inst, int pnc_index, uint32_t counter_index,
                             uint64_t increment);
int nds_get_nc_counter(nds_instance_t* inst, int pnc_index, uint32_t counter_index,
                       uint64_t* value);
int nds_increment_nd_counter(nds_instance_t* inst, uint32_t counter_index, uint64_t increment);
int nds_get_nd_counter(nds_instance_t* inst, uint32_t counter_index, uint64_t* value);
nds_obj_handle_t nds_obj_new(nds_instance_t* inst, int type);
int nds_obj_commit(nds_obj_handle_t obj);
int nds_read_all_model_nodes(nds_instance_t* inst, nds_obj_handle_t** models, size_t* count);

int nds_decrement_nc_counter(NEURON_ANY_ARGUMENTS);
int nds_decrement_nd_counter(NEURON_ANY_ARGUMENTS);
int nds_obj_delete(NEURON_ANY_ARGUMENTS);
int nds_obj_handle_to_model_node_info(NEURON_ANY_ARGUMENTS);
int nds_obj_handle_to_model_node_mem_usage(NEURON_ANY_ARGUMENTS);
int nds_obj_handle_to_process_info(NEURON_ANY_ARGUMENTS);
int nds_obj_handle_to_process_info_ext(NEURON_ANY_ARGUMENTS);
int nds_or_nd_counter(NEURON_ANY_ARGUMENTS);
int nds_read_process_info(NEURON_ANY_ARGUMENTS);
int nds_read_process_info_ext(NEURON_ANY_ARGUMENTS);
int nds_set_nc_counter(NEURON_ANY_ARGUMENTS);
int nds_set_nd_counter(NEURON_ANY_ARGUMENTS);

#ifdef __cplusplus
}
#endif
#endif
