// SPDX-License-Identifier: Apache-2.0
#include "view/formats/json.h"

#include "base/json.h"
#include "sample.h"
#include "tests/catch.h"

namespace neuron::view {
namespace {

Json written(const Timeline& timeline) {
  std::string text;
  REQUIRE_OK(write_json(timeline, [&](ByteView part) -> Result<> {
    text += text_of(part);
    return {};
  }));
  return REQUIRE_OK(json::parse(view_of(text)));
}

}  // namespace

TEST_CASE("the JSON format holds every table, and parses even with broken names") {
  const Json j = written(sample_timeline());
  for (const char* key :
       {"summary", "summary_groups", "summary_group_order", "terminology", "instruction", "dma",
        "semaphore_update", "ham", "nc_mem_usage", "neff_header", "neff_node", "model_info",
        "dma_queues_info", "metadata", "profile_info", "warnings"}) {
    INFO(key);
    CHECK(j.contains(key));
  }
  REQUIRE(j["instruction"].size() == 3);
  const Json& first = j["instruction"][0];
  CHECK(first["timestamp"] == 1000);
  CHECK(first["duration"] == 1000);
  CHECK(first["label"] == "TensorMatrix");
  CHECK(first["subgroup"] == "Tensor");
  CHECK(first["opcode"] == "MATMUL");
  CHECK(first["operands"] == "acc_flags=3 src=fp16@0x5600[1,0,0][3,1,1]");
  CHECK(first["evt_wait_time"] == 29);  // 36 cycles at 1.2 GHz, in float32 as published
  CHECK(first["layer"] == "layer \"1\"\n\xef\xbf\xbd");
  CHECK(first["elements"] == 500'000);
  CHECK(j["instruction"][2]["opcode"] == "EVENT_SEMAPHORE");
  CHECK_FALSE(j["instruction"][2].contains("compiler_pc"));
  CHECK(j["dma"][0]["queue_type"] == "hardware_dynamic");
  CHECK(j["dma"][0]["subgroup"] == "Q1-E79");
  CHECK(j["dma"][2]["subgroup"] == "qSyncIO0-Q2-E64");
  CHECK(j["semaphore_update"][0]["id"] == "S[5] (Tensor)");
  CHECK(j["semaphore_update"][1]["id"] == "9");
  CHECK(j["ham"][0]["duration"] == 4000);
  CHECK(j["nc_mem_usage"].back()["usage_type"] == "Total");
  CHECK(j["nc_mem_usage"].back()["amount_bytes"] == 30);
}

TEST_CASE("an empty timeline is still a JSON object with empty tables") {
  const Json j = written(Timeline{});
  CHECK(j["instruction"].empty());
  CHECK(j["summary"].size() == 1);
}

TEST_CASE("a sink that fails stops the writer and its reason comes through") {
  const auto result = write_json(sample_timeline(),
                                 [](ByteView) -> Result<> { return fail(Code::Io, "disk full"); });
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "disk full");
}

}  // namespace neuron::view
