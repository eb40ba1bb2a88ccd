// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/timeline.h"

namespace neuron::view {

/// A made-up timeline with one of everything that formats and metrics look at.
inline Timeline sample_timeline() {
  Timeline t;
  t.profile_name = "n_sample";
  t.neff_name = "sample.neff";
  t.ntff_version = 6;
  t.target = "cayman";
  t.tensor_ghz = 2.4;
  t.base_ghz = 1.2;
  t.hbm_bytes_per_s = 358e9;
  t.total_ps = 10'000'000;
  t.texts = {"", "acc_flags=3 src=fp16@0x5600[1,0,0][3,1,1]", "I-50-0", "layer \"1\"\n\xff"};
  t.cores.push_back({"sg00", 4, 0, std::vector<std::string>(256), 7, 1});
  t.cores[0].semaphore_names[5] = "Tensor";
  Step product;
  Instruction matmul;
  matmul.begin_ps = 1'000'000;
  matmul.end_ps = 2'000'000;
  product.opcode = product.compiler_opcode = 0x02;
  product.pc = 70;
  product.compiler_pc = 4;
  matmul.wait_cycles = 36;
  product.operands = {1};
  product.name = {2};
  product.layer = {3};
  product.sbuf_read = 1024;
  product.psum_write = 1024;
  product.flops = product.adjusted_flops = 1'000'000;
  matmul.step = t.add_step(product);
  Instruction overlapping = matmul;
  overlapping.begin_ps = 1'500'000;
  overlapping.end_ps = 2'500'000;
  product.is_transpose = true;
  overlapping.step = t.add_step(product);
  Instruction waits;
  Step wait;
  wait.engine = 3;
  wait.opcode = 0xa0;
  waits.step = t.add_step(wait);
  waits.begin_ps = 2'000'000;
  waits.end_ps = 9'000'000;
  t.instructions = {matmul, overlapping, waits};
  t.rings = {{79, 1, 0, QueueType::HardwareDynamic, "qSyncDynamicHW"},
             {64, 2, 0, QueueType::Input, "qSyncIO0"}};
  t.packets = {{0, 400'000, 4096, 79, 1, 11, 0, 0},
               {100'000, 500'000, 4096, 79, 1, 12, 0, 1},
               {300'000, 900'000, 8192, 64, 2, 13, 0, 0}};
  t.semaphores = {{450'000, 1, 5, 0}, {950'000, 2, 9, 0}};
  t.throttles = {{2'000'000, 6'000'000, 4, 8, 1, 0}};
  t.tensors = {{"x", "IN", "NC", "[128 512]", 4000}, {"w", "WEIGHT", "CRSM", "[1]", 1000}};
  t.memory = {{"Generic", 10, 0}, {"IO", 20, 0}};
  t.trace_count = 7;
  t.event_count = 1;
  return t;
}

}  // namespace neuron::view
