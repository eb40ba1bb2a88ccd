// SPDX-License-Identifier: Apache-2.0
// Instructions that change no value here: semaphores, registers and transfers are the interpreter's
// work, and activation tables need no loading where functions are evaluated mathematically.
#include "sim/ops/prelude.h"

INSTRUCTION(event_semaphore) {}
INSTRUCTION(nop) {}
INSTRUCTION(write) {}
INSTRUCTION(notify) {}
INSTRUCTION(set_ordering_mode) {}
INSTRUCTION(start_marker) {}
INSTRUCTION(act_table_load) {}
INSTRUCTION(pseudo_dma_trigger) {}
INSTRUCTION(pseudo_dma_direct2d) {}
INSTRUCTION(dma_direct2d) {}
INSTRUCTION(register_alu) {}
INSTRUCTION(tensor_load) {}
INSTRUCTION(pseudo_core_barrier) {}
INSTRUCTION(dma_bound) {}
INSTRUCTION(register_op) {}
INSTRUCTION(compare_branch) {}
INSTRUCTION(tensor_store) {}
INSTRUCTION(wait_register) {}
INSTRUCTION(dma_indirect) {}
