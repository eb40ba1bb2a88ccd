/* SPDX-License-Identifier: Apache-2.0 */
/* Calls every function of the published headers, as C99, C11 or C++, and says what differed from
 * the documented answer.  surface MODEL.neff
 */
#include <nrt/ndebug_stream.h>
#include <nrt/ndl/ndl.h>
#include <nrt/nds/neuron_ds.h>
#include <nrt/nec.h>
#include <nrt/nrt.h>
#include <nrt/nrt_async.h>
#include <nrt/nrt_async_sendrecv.h>
#include <nrt/nrt_cpu_node.h>
#include <nrt/nrt_experimental.h>
#include <nrt/nrt_profile.h>
#include <nrt/nrt_status.h>
#include <nrt/nrt_sys_trace.h>
#include <nrt/nrt_version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int calls, wrong;

static void expect(int got, int wanted, const char* text) {
  calls++;
  if (got == wanted) return;
  wrong++;
  printf("%s: got %d, expected %d\n", text, got, wanted);
}
#define IS(status, call) expect((int)(call), (int)(status), #call)
#define OK(call) IS(NRT_SUCCESS, call)
#define FAILS(call) IS(-1, call)

static void drivers(void) {
  int devices[64];
  uint32_t size = 0;
  nec_version_info_t version;
  FAILS(ndl_get_version(NULL));
  FAILS(ndl_open_device(0, NULL, NULL));
  FAILS(ndl_close_device(NULL));
  IS(0, ndl_available_devices(devices, 64));
  FAILS(ndl_memory_alloc(NULL, 1, 1, 0, 0, 0, 0, 0, NULL));
  FAILS(ndl_memory_map(0, NULL));
  FAILS(ndl_memory_free(0));
  FAILS(ndl_notification_init(NULL, 0, NQ_DEV_TYPE_NEURON_CORE, 0, 0, 0, false, 0, 0, NULL));
  FAILS(ndl_reset_ncs(0, -1, NULL));
  FAILS(nds_open(NULL, 0, NULL));
  FAILS(nds_close(NULL));
  FAILS(nds_increment_nc_counter(NULL, 0, 0, 1));
  FAILS(nds_get_nc_counter(NULL, 0, 0, NULL));
  FAILS(nds_increment_nd_counter(NULL, 0, 1));
  FAILS(nds_get_nd_counter(NULL, 0, NULL));
  IS(1, nds_obj_new(NULL, OBJECT_TYPE_PROCESS_INFO) == NULL);
  FAILS(nds_obj_commit(NULL));
  FAILS(nds_read_all_model_nodes(NULL, NULL, NULL));
  IS(1, nec_get_device_count(devices, 64) >= 1);
  FAILS(nec_get_device_pci_bdf());
  OK(nec_get_virtual_core_size(&size));
  OK(nec_get_version_info(&version));
  IS(NRT_MAJOR_VERSION, version.major);
  FAILS(ndl_alloc_contiguous_scratchpad());
  FAILS(ndl_bar_read());
  FAILS(ndl_bar_write());
  FAILS(ndl_crwl_nc_range_mark());
  FAILS(ndl_crwl_nc_range_unmark());
  FAILS(ndl_crwl_reader_enter());
  FAILS(ndl_crwl_reader_exit());
  FAILS(ndl_crwl_writer_downgrade());
  FAILS(ndl_crwl_writer_enter());
  FAILS(ndl_device_cached_fd_close_all());
  FAILS(ndl_dma_ack_completed_desc());
  FAILS(ndl_dma_copy_descriptors());
  FAILS(ndl_dma_descriptor_copyout());
  FAILS(ndl_dma_eng_get_state());
  FAILS(ndl_dma_eng_set_state());
  FAILS(ndl_dma_queue_copy_start());
  FAILS(ndl_dma_queue_get_state());
  FAILS(ndl_dma_queue_init());
  FAILS(ndl_dma_queue_init_batch());
  FAILS(ndl_dma_queue_release());
  FAILS(ndl_dump_device_allocation_info());
  FAILS(ndl_dump_nc_pid_info());
  FAILS(ndl_enable_throttling_notifications());
  FAILS(ndl_feature_supported());
  FAILS(ndl_get_all_apps_info());
  FAILS(ndl_get_board_info());
  FAILS(ndl_get_compatible_version());
  FAILS(ndl_get_copy_buf());
  FAILS(ndl_get_device_bdf());
  FAILS(ndl_get_device_bdf_ext());
  FAILS(ndl_get_dmabuf_fd());
  FAILS(ndl_get_hbm_va());
  FAILS(ndl_get_host_device_id());
  FAILS(ndl_get_host_device_id_to_rid_map());
  FAILS(ndl_get_logical_to_physical_nc_map());
  FAILS(ndl_get_va_placement());
  FAILS(ndl_h2t_dma_queue_alloc());
  FAILS(ndl_h2t_dma_queue_free());
  FAILS(ndl_hbm_scrub_start());
  FAILS(ndl_hbm_scrub_wait());
  FAILS(ndl_mem_get_mc_mmap_info());
  FAILS(ndl_memory_buf_batch_copy());
  FAILS(ndl_memory_buf_copyin());
  FAILS(ndl_memory_buf_copyout());
  FAILS(ndl_memory_buf_zerocopyin());
  FAILS(ndl_memory_buf_zerocopyout());
  FAILS(ndl_memory_copy());
  FAILS(ndl_memory_copy_as());
  FAILS(ndl_memory_copy_as_wait());
  FAILS(ndl_memory_get_pa());
  FAILS(ndl_memory_map_contiguous_scratchpad());
  FAILS(ndl_memory_unmap());
  FAILS(ndl_memset());
  FAILS(ndl_metrics_ctrl());
  FAILS(ndl_mmap_bar_region());
  FAILS(ndl_nc_event_get());
  FAILS(ndl_nc_event_set());
  FAILS(ndl_nc_init_set_state());
  FAILS(ndl_nc_model_started_count());
  FAILS(ndl_nc_semaphore_decrement());
  FAILS(ndl_nc_semaphore_increment());
  FAILS(ndl_nc_semaphore_read());
  FAILS(ndl_nc_semaphore_write());
  FAILS(ndl_nds_close());
  FAILS(ndl_nds_open());
  FAILS(ndl_notification_destroy());
  FAILS(ndl_notification_get_mem_handle());
  FAILS(ndl_notification_get_size());
  FAILS(ndl_notification_init_with_realloc());
  FAILS(ndl_notification_map());
  FAILS(ndl_pod_ctrl());
  FAILS(ndl_pod_election_state());
  FAILS(ndl_pod_info());
  FAILS(ndl_pod_mapping_info());
  FAILS(ndl_pod_status());
  FAILS(ndl_printk());
  FAILS(ndl_program_engine());
  FAILS(ndl_read_hw_counters());
  FAILS(ndl_ready_ncs());
  FAILS(ndl_register_soft_incompat_callback());
  FAILS(ndl_set_performance_profile());
  FAILS(nds_decrement_nc_counter());
  FAILS(nds_decrement_nd_counter());
  FAILS(nds_obj_delete());
  FAILS(nds_obj_handle_to_model_node_info());
  FAILS(nds_obj_handle_to_model_node_mem_usage());
  FAILS(nds_obj_handle_to_process_info());
  FAILS(nds_obj_handle_to_process_info_ext());
  FAILS(nds_or_nd_counter());
  FAILS(nds_read_process_info());
  FAILS(nds_read_process_info_ext());
  FAILS(nds_set_nc_counter());
  FAILS(nds_set_nd_counter());
  FAILS(nec_build_port_and_rid_map());
  FAILS(nec_get_dynamic_recv_offset_bytes());
  FAILS(nec_get_dynamic_send_offset_bytes());
  FAILS(nec_get_dynamic_send_size_bytes());
  FAILS(nec_get_p2p_pod_peer_node());
  FAILS(nec_get_peer_mla_idx());
  FAILS(nec_inc_semaphore());
  FAILS(nec_is_mla_available());
  FAILS(nec_mla_idx_to_rid());
  FAILS(nec_ndl_printk());
  FAILS(nec_pod_node_can_access_peer_node());
  FAILS(nec_rid_to_mla_idx());
  FAILS(nec_set_recv_size_bytes());
}

static void counts(void) {
  nrt_instance_info_t box;
  nrt_version_t version;
  uint32_t n = 0, id = 9;
  void* memory;
  size_t size = 0;
  OK(nrt_get_instance_info(&box, sizeof box));
  OK(nrt_get_version(&version, sizeof version));
  IS(NRT_MAJOR_VERSION, version.rt_major);
  OK(nrt_get_total_nc_count(&n));
  OK(nrt_get_visible_nc_count(&n));
  OK(nrt_get_total_vnc_count(&n));
  OK(nrt_get_visible_vnc_count(&n));
  OK(nrt_host_device_id_get(0, &id));
  IS(0, id);
  IS(NRT_RESOURCE, nrt_host_device_id_rid_map_get(&n, &id));
  IS(NRT_INVALID_HANDLE, nrt_get_hbm_mmap_va(0, 99, &memory, &size));
  IS(NRT_RESOURCE, nrt_get_hbm_mmap_va(0, 0, &memory, &size));
  IS(0, strcmp(nrt_get_status_as_str(NRT_TIMEOUT), "NRT_TIMEOUT"));
  memory = nrt_pinned_malloc(100, NRT_PINNED_MALLOC);
  memset(memory, 1, 100);
  nrt_pinned_free(memory);
  calls += 2;
}

static void closed(NRT_STATUS status) {
  nrt_tensor_t* t = NULL;
  nrt_tensor_set_t* set = NULL;
  nrt_model_t* model = NULL;
  nrta_seq_t seq = 0;
  nrt_vnc_memory_stats_t stats;
  IS(status, nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "t", &t));
  IS(status, nrt_tensor_allocate_empty("t", &t));
  IS(status, nrt_allocate_tensor_set(&set));
  IS(status, nrt_load("x", 1, -1, -1, &model));
  IS(status, nrt_load_collectives("x", 1, -1, -1, 0, 1, &model));
  IS(status, nrt_unload(model));
  IS(status, nrt_execute(model, set, set));
  IS(status, nrt_execute_repeat(model, set, set, 2));
  IS(status, nrt_barrier(0, 0, 1));
  IS(status, nrta_get_sequence(0, NRTA_XU_COMPUTE, 0, &seq));
  IS(status, nrt_get_vnc_memory_stats(0, &stats, sizeof stats, NULL));
  IS(status, nrt_sys_trace_start(NULL));
}

static void tensors(void) {
  nrt_tensor_t *a = NULL, *b = NULL, *empty = NULL, *slice = NULL, *got = NULL;
  nrt_tensor_set_t* set = NULL;
  nrt_tensor_device_allocation_info_t place;
  nrt_tensor_batch_op_t op;
  nrt_tensor_batch_t batch;
  nrt_vnc_memory_stats_t stats;
  nrt_allocation_chunk_t chunks[4];
  uint32_t count = 4;
  size_t size = 13, written = 0;
  uint64_t offset = 0;
  int fd = -1, core = -1, device = -1;
  char text[16] = {0}, bdf[16];
  OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 64, "a", &a));
  OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, 64, NULL, &b));
  OK(nrt_tensor_allocate_empty("empty", &empty));
  OK(nrt_tensor_attach_buffer(empty, text, sizeof text));
  OK(nrt_tensor_allocate_slice(a, 8, 8, "slice", &slice));
  OK(nrt_tensor_write(slice, "abcdefgh", 0, 8));
  OK(nrt_tensor_copy(a, 8, b, 0, 8));
  OK(nrt_tensor_read(b, text, 0, 8));
  IS(0, strcmp(text, "abcdefgh"));
  OK(nrt_tensor_memset(a, 0, 'x', 4));
  OK(nrt_memcpy_to_device((char*)nrt_tensor_get_va(a) + 4, "yy", 2));
  op.offset = 0;
  op.size = 6;
  op.buffer = text;
  batch.tensor = a;
  batch.ops = &op;
  batch.num_ops = 1;
  OK(nrt_tensor_read_batch(&batch, 1, false));
  IS(0, strcmp(text, "xxxxyygh"));
  OK(nrt_tensor_write_batch(&batch, 1, true));
  IS(64, nrt_tensor_get_size(a));
  OK(nrt_tensor_get_device_allocation_info(a, &place));
  IS(64, place.size);
  OK(nrt_tensor_get_lnc_index(a, &core));
  IS(0, core);
  OK(nrt_get_device_id(0, &device));
  OK(nrt_tensor_get_lnc_index(b, &core));
  IS(-1, core);
  IS(NRT_INVALID, nrt_tensor_check_output_completion(NULL, 0, 1));
  IS(NRT_TIMEOUT, nrt_tensor_check_output_completion(a, 100, 1));
  OK(nrt_tensor_reset_output_completion(a));
  IS(NRT_FAILURE, nrt_get_dmabuf_fd((uint64_t)(uintptr_t)nrt_tensor_get_va(a), 64, &fd));
  IS(NRT_INVALID, nrt_get_dmabuf_fd_v2((uint64_t)(uintptr_t)text, 4, &fd, &offset));
  IS(NRT_FAILURE, nrt_get_attached_efa_bdf(text, bdf, &size));
  OK(nrt_get_vnc_memory_stats(0, &stats, sizeof stats, &written));
  IS(64, stats.bytes_used);
  OK(nrt_dump_device_allocation_info(0, chunks, &count));
  IS(1, count);
  OK(nrt_debug_log_oom_report(0));
  OK(nrt_allocate_tensor_set(&set));
  OK(nrt_add_tensor_to_tensor_set(set, "a", a));
  OK(nrt_get_tensor_from_tensor_set(set, "a", &got));
  IS(1, got == a);
  IS(NRT_FAILURE, nrt_get_tensor_from_tensor_set(set, "b", &got));
  nrt_destroy_tensor_set(&set);
  nrt_tensor_free(&a);
  nrt_tensor_free(&slice);
  nrt_tensor_free(&b);
  nrt_tensor_free(&empty);
  calls += 5;
}

static void requests(void) {
  nrt_tensor_t *a = NULL, *b = NULL;
  nrt_tensor_t *in[1], *out[1];
  nrt_tensor_list_t ins, outs;
  nrt_cc_comm_t comm;
  nrt_cc_context_t* context = NULL;
  nrta_seq_t seq = 0, last = 0;
  NRT_STATUS status = NRT_FAILURE;
  bool done = false;
  char text[4];
  int fd = -1;
  OK(nrt_register_async_exec_callback(NULL, NULL));
  OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "a", &a));
  OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "b", &b));
  OK(nrta_tensor_write(a, "1234", 0, 4, 0, 0, &status, &seq));
  OK(nrta_tensor_copy(a, 0, b, 0, 4, 0, NULL, &seq));
  OK(nrta_tensor_read(text, b, 0, 4, 0, 0, NULL, &seq));
  OK(nrt_async_drain_queued_execs(0));
  IS(0, memcmp(text, "1234", 4));
  IS(NRT_SUCCESS, status);
  OK(nrta_is_completed(seq, &done));
  IS(1, done);
  IS(NRT_INVALID, nrta_is_completed(seq + 1, &done));
  OK(nrta_get_sequence(0, NRTA_XU_TENSOR_OP, 0, &last));
  IS(1, last == seq);
  OK(nrta_get_completion_handle(seq, &fd));
  OK(nrta_event_register_seq_id_completion(seq, fd));
  OK(nrta_event_register_xu_completion(0, NRTA_XU_COMPUTE, 0, -1));
  close(fd);
  in[0] = a;
  out[0] = b;
  ins.tensors = in;
  outs.tensors = out;
  ins.count = outs.count = 1;
  memset(&comm, 0, sizeof comm);
  comm.rank_n = 1;
  OK(nrta_cc_prepare(&comm, &ins, &outs, NRT_DTYPE_UINT8, NRT_OP_ADD, NRT_CC_ALLREDUCE, &context));
  OK(nrta_cc_schedule(&context, 0, &status, &seq));
  OK(nrta_cc_prepare_coalesced(&comm, &ins, &outs, NRT_DTYPE_UINT8, NRT_OP_ADD, NRT_CC_ALLREDUCE,
                               &context));
  OK(nrta_cc_schedule(&context, 0, &status, &seq));
  OK(nrt_async_drain_queued_execs(0));
  IS(NRT_SUCCESS, status);
  comm.rank = 1; /* of one */
  IS(NRT_INVALID,
     nrta_cc_prepare(&comm, &ins, &outs, NRT_DTYPE_UINT8, NRT_OP_ADD, NRT_CC_ALLREDUCE, &context));
  nrt_tensor_free(&a);
  nrt_tensor_free(&b);
}

/* A tensor goes from one logical core of this host to another. */
static void send_and_receive(void) {
  nrt_async_sendrecv_comm_t *to = NULL, *from = NULL;
  nrt_async_sendrecv_request_t *sent = NULL, *got = NULL;
  nrt_tensor_t *a = NULL, *b = NULL;
  NRT_STATUS status = NRT_SUCCESS;
  bool done = false, is_sent = false;
  size_t size = 0;
  char text[8] = "";
  OK(nrt_async_sendrecv_init(0));
  OK(nrt_async_sendrecv_init(1));
  OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 8, "a", &a));
  OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 8, "b", &b));
  OK(nrt_tensor_write(a, "abcdefg", 0, 8));
  OK(nrt_async_sendrecv_connect("127.0.0.1", 1, 0, &to));
  OK(nrt_async_sendrecv_accept("127.0.0.1", 0, 1, &from));
  while (!done && status == NRT_SUCCESS) status = nrt_async_sendrecv_test_comm(to, &done);
  OK(status);
  OK(nrt_async_sendrecv_send_tensor(a, 2, 4, to, &sent));
  IS(NRT_INVALID, nrt_async_sendrecv_send_tensor(a, 2, 4, from, &sent));
  OK(nrt_async_sendrecv_recv_tensor(b, 0, 8, from, &got));
  /* Asking for one of them moves both on. */
  while (!is_sent && status == NRT_SUCCESS)
    status = nrt_async_sendrecv_test_request(sent, &is_sent, NULL);
  OK(status);
  for (done = false; !done && status == NRT_SUCCESS;)
    status = nrt_async_sendrecv_test_request(got, &done, &size);
  OK(status);
  IS(4, size);
  IS(NRT_INVALID_HANDLE, nrt_async_sendrecv_test_request(sent, &done, &size));
  OK(nrt_tensor_read(b, text, 0, 4));
  IS(0, strcmp(text, "cdef"));
  OK(nrt_async_sendrecv_flush(0));
  OK(nrt_async_sendrecv_close(0));
  OK(nrt_async_sendrecv_close(1));
  IS(NRT_FAILURE, nrt_async_sendrecv_close(1));
  nrt_tensor_free(&a);
  nrt_tensor_free(&b);
}

static void collectives(void) {
  char from[4] = "abc", to[4] = "";
  int n = 0;
  bool yes = false;
  OK(nrt_build_global_comm(0, 0, 1));
  IS(NRT_INVALID, nrt_build_global_comm(0, 2, 2));
  OK(nrt_cc_global_comm_init(0, 0, 1));
  OK(nrt_cc_create_stream(0));
  OK(nrt_barrier(0, 0, 1));
  OK(nrt_all_gather(0, 0, 1, 4, from, to));
  IS(0, strcmp(to, "abc"));
  IS(1, nrt_get_libnccl_net(&n, to, sizeof to) == NULL);
  OK(nrt_async_sendrecv_get_max_num_communicators_per_lnc(&n));
  OK(nrt_async_sendrecv_get_max_num_pending_request(&n));
  OK(nrt_async_sendrecv_init(0));
  IS(NRT_INVALID, nrt_async_sendrecv_connect("127.0.0.1", 0, 0, NULL));
  IS(NRT_INVALID, nrt_async_sendrecv_accept("127.0.0.1", 0, 0, NULL));
  IS(NRT_INVALID_HANDLE, nrt_async_sendrecv_test_comm(NULL, &yes));
  IS(NRT_INVALID_HANDLE, nrt_async_sendrecv_send_tensor(NULL, 0, 0, NULL, NULL));
  IS(NRT_INVALID_HANDLE, nrt_async_sendrecv_recv_tensor(NULL, 0, 0, NULL, NULL));
  IS(NRT_INVALID_HANDLE, nrt_async_sendrecv_test_request(NULL, &yes, NULL));
  OK(nrt_async_sendrecv_flush(0));
  OK(nrt_async_sendrecv_close(0));
  send_and_receive();
}

static void streams(void) {
  ndebug_stream_event_header_t header;
  void* payload = NULL;
  int fd = -1, second = -1;
  OK(nrt_debug_client_connect(0, &fd));
  IS(NRT_INVALID, nrt_debug_client_connect(0, &second));
  IS(NRT_QUEUE_EMPTY, nrt_debug_client_read_one_event(fd, &header, &payload));
  nrt_debug_client_connect_close(fd);
  calls++;
}

static void traces(void) {
  nrt_sys_trace_config_t* config = NULL;
  nrt_sys_trace_fetch_options_t* fetch = NULL;
  const char** names = NULL;
  char* json = NULL;
  nrt_tensor_t* t = NULL;
  size_t count = 0;
  OK(nrt_sys_trace_config_allocate(&config));
  nrt_sys_trace_config_set_defaults(config);
  nrt_sys_trace_config_set_max_events_per_nc(config, 100);
  nrt_sys_trace_config_set_capture_enabled_for_nc(config, 1, false);
  OK(nrt_sys_trace_config_set_capture_enabled_for_event_type(config, "nrt_load", false));
  IS(NRT_INVALID, nrt_sys_trace_config_set_capture_enabled_for_event_type(config, "what", false));
  OK(nrt_sys_trace_config_get_enabled_event_types(config, &names, &count));
  nrt_sys_trace_free_event_types(names, count);
  OK(nrt_sys_trace_get_event_types(&names, &count));
  nrt_sys_trace_free_event_types(names, count);
  OK(nrt_sys_trace_start(config));
  nrt_sys_trace_config_free(config);
  OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, "t", &t));
  OK(nrt_sys_trace_fetch_options_allocate(&fetch));
  OK(nrt_sys_trace_fetch_options_set_defaults(fetch));
  OK(nrt_sys_trace_fetch_options_set_max_events_per_nc(fetch, 10));
  OK(nrt_sys_trace_fetch_options_set_nc_idx(fetch, 0));
  OK(nrt_sys_trace_fetch_events(&json, &count, fetch));
  IS(1, strstr(json, "\"nrt_tensor_allocate\"") != NULL);
  nrt_sys_trace_buffer_free(json);
  OK(nrt_sys_trace_fetch_options_free(fetch));
  OK(nrt_sys_trace_stop());
  nrt_tensor_free(&t);
  OK(nrt_trace_start(true));
  OK(nrt_trace_stop("trace.json"));
  calls += 7;
}

static void inspection(void) {
  nrt_inspect_config_t* config = NULL;
  const char** names = NULL;
  size_t count = 0;
  OK(nrt_inspect_config_allocate(&config));
  OK(nrt_inspect_config_set_defaults(config));
  OK(nrt_inspect_config_set_session_id(config, 1));
  OK(nrt_inspect_config_set_output_dir(config, "inspected"));
  OK(nrt_inspect_config_set_sys_trace_max_events_per_nc(config, 1000));
  OK(nrt_inspect_config_set_capture_enabled_for_nc(config, 3, false));
  OK(nrt_inspect_config_set_capture_enabled_for_event_type_string(config, "hardware", true));
  OK(nrt_inspect_config_set_enable_inspect(config, true));
  OK(nrt_inspect_config_set_enable_inspect_on_fail(config, false));
  OK(nrt_inspect_config_set_inspect_device_profile_mode(config,
                                                        NRT_INSPECT_DEVICE_PROFILE_MODE_SESSION));
  OK(nrt_inspect_config_get_all_activity_types(&names, &count));
  IS(5, count);
  nrt_inspect_config_free_activity_types(names, count);
  OK(nrt_inspect_config_set_activity(config, "all", true));
  OK(nrt_inspect_config_get_enabled_activity_types(config, &names, &count));
  IS(4, count);
  nrt_inspect_config_free_activity_types(names, count);
  OK(nrt_inspect_begin_with_options(config));
  OK(nrt_inspect_export(0));
  OK(nrt_inspect_stop());
  OK(nrt_inspect_config_free(config));
  OK(nrt_inspect_begin());
  OK(nrt_inspect_stop());
  calls += 2;
}

static void executes(nrt_model_t* model, nrt_tensor_set_t** sets) {
  nrt_profile_continuous_options_t* options = NULL;
  NRT_STATUS status = NRT_FAILURE;
  nrta_seq_t seq = 0;
  OK(nrt_profile_start(model, "surface.ntff"));
  OK(nrt_execute(model, sets[0], sets[1]));
  OK(nrt_profile_stop("surface.ntff"));
  OK(nrt_execute_repeat(model, sets[0], sets[1], 2));
  OK(nrta_execute_schedule(model, sets[0], sets[1], 0, &status, &seq));
  OK(nrt_async_drain_queued_execs(0));
  IS(NRT_SUCCESS, status);
  IS(NRT_EXEC_BAD_INPUT, nrt_execute(model, sets[1], sets[1]));
  OK(nrt_profile_continuous_options_allocate(&options));
  OK(nrt_profile_continuous_options_set_output_dir(options, "continuous"));
  OK(nrt_profile_continuous_start(options));
  OK(nrt_execute(model, sets[0], sets[1]));
  OK(nrt_profile_continuous_save(0, options));
  OK(nrt_profile_continuous_stop());
  OK(nrt_profile_continuous_options_free(options));
}

static void models(const void* neff, size_t size) {
  nrt_model_t *model = NULL, *again = NULL;
  nrt_tensor_info_array_t* infos = NULL;
  nrt_tensor_set_t* sets[2] = {NULL, NULL};
  nrt_tensor_t* all[8];
  nrt_model_info_t info;
  uint32_t n = 0;
  uint64_t i;
  OK(nrt_load(neff, size, 0, 1, &model));
  OK(nrt_load_collectives(neff, size, -1, -1, 0, 1, &again));
  OK(nrt_unload(again));
  IS(NRT_INVALID_HANDLE, nrt_unload(again));
  OK(nrt_get_model_nc_count(model, &n));
  OK(nrt_get_model_vnc_count(model, &n));
  OK(nrt_get_model_instance_count(model, &n));
  IS(1, n);
  OK(nrt_get_model_info(model, &info, sizeof info, NULL));
  IS(0, info.vnc);
  OK(nrt_get_model_tensor_info(model, &infos));
  OK(nrt_allocate_tensor_set(&sets[0]));
  OK(nrt_allocate_tensor_set(&sets[1]));
  for (i = 0; i < infos->tensor_count && i < 8; i++) {
    const nrt_tensor_info_t* t = &infos->tensor_array[i];
    OK(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, t->size, t->name, &all[i]));
    OK(nrt_add_tensor_to_tensor_set(sets[t->usage], t->name, all[i]));
  }
  executes(model, sets);
  for (i = 0; i < infos->tensor_count && i < 8; i++) nrt_tensor_free(&all[i]);
  nrt_destroy_tensor_set(&sets[0]);
  nrt_destroy_tensor_set(&sets[1]);
  OK(nrt_free_model_tensor_info(infos));
  OK(nrt_unload(model));
}

static void* read_whole(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  void* bytes;
  if (!file) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*size);
  if (fread(bytes, 1, *size, file) != *size) exit(1);
  fclose(file);
  return bytes;
}

int main(int argc, char** argv) {
  nrt_ucode_info ucode;
  size_t size = 0;
  void* neff;
  if (argc < 2) return 2;
  neff = read_whole(argv[1], &size);
  memset(&ucode, 0, sizeof ucode);
  drivers();
  counts();
  closed(NRT_UNINITIALIZED);
  OK(nrt_set_pool_eng_ucode(&ucode));
  OK(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, NULL, NULL));
  IS(NRT_INVALID, nrt_set_pool_eng_ucode(&ucode));
  counts();
  tensors();
  requests();
  collectives();
  streams();
  traces();
  inspection();
  models(neff, size);
  nrt_close();
  counts();
  closed(NRT_CLOSED);
  OK(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
  nrt_close();
  free(neff);
  printf("%d calls, %d differ\n", calls, wrong);
  return wrong != 0;
}
