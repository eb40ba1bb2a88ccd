/* SPDX-License-Identifier: Apache-2.0 */
/* The driver library. Simulated devices have no driver: no device is found, and every function
 * fails with -1, as on a host whose driver is not loaded. Names and types are the documented ones.
 */
#ifndef NDL_H
#define NDL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MAX_NEURON_DEVICE_COUNT 64
#define MAX_NC_PER_DEVICE 8
#define MAX_HBM_PER_DEVICE 4
#define NEURON_MAX_DEVICES MAX_NEURON_DEVICE_COUNT
#define NEURON_DEVICE_PREFIX "/dev/neuron"
#define DRIVER_VERSION_MAX_SIZE 32

#ifndef NEURON_ANY_ARGUMENTS
/* Functions whose arguments no public page describes take any and look at none. */
#ifdef __cplusplus
#define NEURON_ANY_ARGUMENTS ...
#else
#define NEURON_ANY_ARGUMENTS
#endif
#endif

typedef enum NQ_DEV_TYPE {
  NQ_DEV_TYPE_NEURON_CORE = 0,
  NQ_DEV_TYPE_TOPSP = 1,
  NQ_DEV_TYPE_MAX = 2
} ndl_nq_dev_t;

typedef struct ndl_version_info {
  uint16_t driver_major_version;
  uint16_t driver_minor_version;
  char driver_full_version[DRIVER_VERSION_MAX_SIZE];
  uint16_t library_major_version;
  uint16_t library_minor_version;
} ndl_version_info_t;

typedef struct ndl_device_init_param {
  bool initialize_device;
  int num_dram_regions;
  bool map_hbm;
} ndl_device_init_param_t;

typedef struct ndl_device ndl_device_t;

int ndl_get_version(ndl_version_info_t* version);
int ndl_open_device(int device_index, ndl_device_init_param_t* params, ndl_device_t** device);
int ndl_close_device(ndl_device_t* device);
/* The number of devices found: 0. */
int ndl_available_devices(int* device_indexes, int device_indexes_size);
int ndl_memory_alloc(ndl_device_t* device, size_t size, uint64_t align, uint32_t host_memory,
                     uint32_t dram_channel, uint32_t dram_region, uint32_t nc_id,
                     uint32_t mem_alloc_type, uint64_t* mem_handle);
int ndl_memory_map(uint64_t mem_handle, void** va);
int ndl_memory_free(uint64_t mem_handle);
int ndl_notification_init(ndl_device_t* device, int nq_dev_id, ndl_nq_dev_t nq_dev_type,
                          uint8_t nq_type, uint8_t engine_index, uint32_t size, bool on_host_memory,
                          uint32_t dram_channel, uint32_t dram_region,
                          uint64_t* notification_context);
int ndl_reset_ncs(int device_index, int nc_map, uint32_t* request_id);

int ndl_alloc_contiguous_scratchpad(NEURON_ANY_ARGUMENTS);
int ndl_bar_read(NEURON_ANY_ARGUMENTS);
int ndl_bar_write(NEURON_ANY_ARGUMENTS);
int ndl_crwl_nc_range_mark(NEURON_ANY_ARGUMENTS);
int ndl_crwl_nc_range_unmark(NEURON_ANY_ARGUMENTS);
int ndl_crwl_reader_enter(NEURON_ANY_ARGUMENTS);
int ndl_crwl_reader_exit(NEURON_ANY_ARGUMENTS);
int ndl_crwl_writer_downgrade(NEURON_ANY_ARGUMENTS);
int ndl_crwl_writer_enter(NEURON_ANY_ARGUMENTS);
int ndl_device_cached_fd_close_all(NEURON_ANY_ARGUMENTS);
int ndl_dma_ack_completed_desc(NEURON_ANY_ARGUMENTS);
int ndl_dma_copy_descriptors(NEURON_ANY_ARGUMENTS);
int ndl_dma_descriptor_copyout(NEURON_ANY_ARGUMENTS);
int ndl_dma_eng_get_state(NEURON_ANY_ARGUMENTS);
int ndl_dma_eng_set_state(NEURON_ANY_ARGUMENTS);
int ndl_dma_queue_copy_start(NEURON_ANY_ARGUMENTS);
int ndl_dma_queue_get_state(NEURON_ANY_ARGUMENTS);
int ndl_dma_queue_init(NEURON_ANY_ARGUMENTS);
int ndl_dma_queue_init_batch(NEURON_ANY_ARGUMENTS);
int ndl_dma_queue_release(NEURON_ANY_ARGUMENTS);
int ndl_dump_device_allocation_info(NEURON_ANY_ARGUMENTS);
int ndl_dump_nc_pid_info(NEURON_ANY_ARGUMENTS);
int ndl_enable_throttling_notifications(NEURON_ANY_ARGUMENTS);
int ndl_feature_supported(NEURON_ANY_ARGUMENTS);
int ndl_get_all_apps_info(NEURON_ANY_ARGUMENTS);
int ndl_get_board_info(NEURON_ANY_ARGUMENTS);
int ndl_get_compatible_version(NEURON_ANY_ARGUMENTS);
int ndl_get_copy_buf(NEURON_ANY_ARGUMENTS);
int ndl_get_device_bdf(NEURON_ANY_ARGUMENTS);
int ndl_get_device_bdf_ext(NEURON_ANY_ARGUMENTS);
int ndl_get_dmabuf_fd(NEURON_ANY_ARGUMENTS);
int ndl_get_hbm_va(NEURON_ANY_ARGUMENTS);
int ndl_get_host_device_id(NEURON_ANY_ARGUMENTS);
int ndl_get_host_device_id_to_rid_map(NEURON_ANY_ARGUMENTS);
int ndl_get_logical_to_physical_nc_map(NEURON_ANY_ARGUMENTS);
int ndl_get_va_placement(NEURON_ANY_ARGUMENTS);
int ndl_h2t_dma_queue_alloc(NEURON_ANY_ARGUMENTS);
int ndl_h2t_dma_queue_free(NEURON_ANY_ARGUMENTS);
int ndl_hbm_scrub_start(NEURON_ANY_ARGUMENTS);
int ndl_hbm_scrub_wait(NEURON_ANY_ARGUMENTS);
int ndl_mem_get_mc_mmap_info(NEURON_ANY_ARGUMENTS);
int ndl_memory_buf_batch_copy(NEURON_ANY_ARGUMENTS);
int ndl_memory_buf_copyin(NEURON_ANY_ARGUMENTS);
int ndl_memory_buf_copyout(NEURON_ANY_ARGUMENTS);
int ndl_memory_buf_zerocopyin(NEURON_ANY_ARGUMENTS);
int ndl_memory_buf_zerocopyout(NEURON_ANY_ARGUMENTS);
int ndl_memory_copy(NEURON_ANY_ARGUMENTS);
int ndl_memory_copy_as(NEURON_ANY_ARGUMENTS);
int ndl_memory_copy_as_wait(NEURON_ANY_ARGUMENTS);
int ndl_memory_get_pa(NEURON_ANY_ARGUMENTS);
int ndl_memory_map_contiguous_scratchpad(NEURON_ANY_ARGUMENTS);
int ndl_memory_unmap(NEURON_ANY_ARGUMENTS);
int ndl_memset(NEURON_ANY_ARGUMENTS);
int ndl_metrics_ctrl(NEURON_ANY_ARGUMENTS);
int ndl_mmap_bar_region(NEURON_ANY_ARGUMENTS);
int ndl_nc_event_get(NEURON_ANY_ARGUMENTS);
int ndl_nc_event_set(NEURON_ANY_ARGUMENTS);
int ndl_nc_init_set_state(NEURON_ANY_ARGUMENTS);
int ndl_nc_model_started_count(NEURON_ANY_ARGUMENTS);
int ndl_nc_semaphore_decrement(NEURON_ANY_ARGUMENTS);
int ndl_nc_semaphore_increment(NEURON_ANY_ARGUMENTS);
int ndl_nc_semaphore_read(NEURON_ANY_ARGUMENTS);
int ndl_nc_semaphore_write(NEURON_ANY_ARGUMENTS);
int ndl_nds_close(NEURON_ANY_ARGUMENTS);
int ndl_nds_open(NEURON_ANY_ARGUMENTS);
int ndl_notification_destroy(NEURON_ANY_ARGUMENTS);
int ndl_notification_get_mem_handle(NEURON_ANY_ARGUMENTS);
int ndl_notification_get_size(NEURON_ANY_ARGUMENTS);
int ndl_notification_init_with_realloc(NEURON_ANY_ARGUMENTS);
int ndl_notification_map(NEURON_ANY_ARGUMENTS);
int ndl_pod_ctrl(NEURON_ANY_ARGUMENTS);
int ndl_pod_election_state(NEURON_ANY_ARGUMENTS);
int ndl_pod_info(NEURON_ANY_ARGUMENTS);
int ndl_pod_mapping_info(NEURON_ANY_ARGUMENTS);
int ndl_pod_status(NEURON_ANY_ARGUMENTS);
int ndl_printk(NEURON_ANY_ARGUMENTS);
int ndl_program_engine(NEURON_ANY_ARGUMENTS);
int ndl_read_hw_counters(NEURON_ANY_ARGUMENTS);
int ndl_ready_ncs(NEURON_ANY_ARGUMENTS);
int ndl_register_soft_incompat_callback(NEURON_ANY_ARGUMENTS);
int ndl_set_performance_profile(NEURON_ANY_ARGUMENTS);

#ifdef __cplusplus
}
#endif
#endif
