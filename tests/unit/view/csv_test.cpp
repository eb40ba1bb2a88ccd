// SPDX-License-Identifier: Apache-2.0
#include "view/formats/csv.h"

#include "synthetic.h"
#include "tests/catch.h"

namespace neuron::view {
namespace {

std::string text_of_table(const Timeline& timeline, std::string_view name) {
  std::string text;
  for (const CsvTable& table : kCsvTables)
    if (table.name == name)
      REQUIRE_OK(table.write(timeline, [&](ByteView part) -> Result<> {
        text += text_of(part);
        return {};
      }));
  return text;
}

}  // namespace

TEST_CASE("a CSV table has one line for each event and quotes what would break it") {
  Timeline t = synthetic_timeline(50);
  t.texts.push_back("src=\"a\",b");
  Step step = *t.instructions[0].step;
  step.operands.value = static_cast<std::uint32_t>(t.texts.size() - 1);
  t.instructions[0].step = t.add_step(step);
  const std::string text = text_of_table(t, "Instruction");
  CHECK(std::count(text.begin(), text.end(), '\n') == 51);
  CHECK(text.rfind("timeline_track,start_ts,end_ts,duration_ns,engine,", 0) == 0);
  CHECK(text.find(",\"src=\"\"a\"\",b\",") != std::string::npos);
  const std::string packets = text_of_table(t, "DmaPacket");
  CHECK(std::count(packets.begin(), packets.end(), '\n') == 26);
}

}  // namespace neuron::view
