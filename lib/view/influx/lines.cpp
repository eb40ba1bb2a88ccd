// SPDX-License-Identifier: Apache-2.0
#include "view/influx/lines.h"

#include "isa/isa.h"
#include "view/influx.h"
#include "view/rings.h"

namespace neuron::view {
namespace {

/// Commas, blanks and equal signs end a tag; line ends would end the point.
void put_tag(std::string& out, std::string_view value) {
  for (char c : value) {
    if (c == '\n' || c == '\r') c = ' ';
    if (c == ',' || c == ' ' || c == '=') out += '\\';
    out += c;
  }
  // A trailing backslash would escape what follows.
  if (!value.empty() && value.back() == '\\') out += '_';
}

const std::string& subgraph(const Timeline& t, std::uint8_t core) {
  static const std::string none;
  return core < t.cores.size() ? t.cores[core].subgraph : none;
}

}  // namespace

Line& Line::tag(std::string_view key, std::string_view value) {
  if (value.empty()) return *this;
  text_ += ',';
  put_tag(text_, key);
  text_ += '=';
  put_tag(text_, value);
  return *this;
}

void Line::begin_field(std::string_view key) {
  text_ += has_fields_ ? ',' : ' ';
  has_fields_ = true;
  put_tag(text_, key);
  text_ += '=';
}

Line& Line::field(std::string_view key, std::int64_t value) {
  begin_field(key);
  text_ += fmt::format("{}i", value);
  return *this;
}

Line& Line::text(std::string_view key, std::string_view value) {
  begin_field(key);
  text_ += '"';
  for (char c : value) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c == '\n' || c == '\r' ? ' ' : c;
  }
  text_ += '"';
  return *this;
}

std::string Line::at(std::int64_t ns) && { return std::move(text_) + fmt::format(" {}", ns); }

// Points of one series at one time replace each other, so the id is a tag and not a field.
std::string influx_line(const Timeline& t, std::uint32_t i) {
  const Instruction& e = t.instructions[i];
  Line line("instruction");
  const char* engine =
      e->engine < isa::kEngines ? isa::info(static_cast<isa::Engine>(e->engine)).shown : "Unknown";
  line.tag("id", std::to_string(i))
      .tag("label", track_of(e))
      .tag("opcode", opcode_name(e->opcode))
      .tag("subgraph", subgraph(t, e->core))
      .tag("subgroup", engine)
      .field("duration", (e.end_ps - e.begin_ps) / 1000)
      .field("evt_wait_time", wait_ns(e, t.base_ghz))
      .field("pc", e->pc)
      .text("layer", t.text(e->layer))
      .text("bir_instruction_name", t.text(e->name))
      .text("operands", t.text(e->operands));
  return std::move(line).at(e.begin_ps / 1000);
}

Result<> for_each_line(const Timeline& t,
                       const std::function<Result<>(const std::string& line)>& take) {
  for (std::uint32_t i = 0; i < t.instructions.size(); ++i) TRY(take(influx_line(t, i)));
  const RingTypes rings(t);
  for (std::size_t i = 0; i < t.packets.size(); ++i) {
    const DmaPacket& p = t.packets[i];
    const DmaRing* ring = rings.find(p);
    Line line("dma");
    line.tag("dma_engine", std::to_string(p.engine))
        .tag("dma_queue", std::to_string(p.ring))
        .tag("id", std::to_string(i))
        .tag("queue_type", name_of(rings.of(p)))
        .tag("subgraph", subgraph(t, p.core))
        .tag("subgroup", ring ? ring->queue : "")
        .field("duration", (p.end_ps - p.begin_ps) / 1000)
        .field("transfer_size", p.bytes);
    TRY(take(std::move(line).at(p.begin_ps / 1000)));
  }
  for (std::size_t i = 0; i < t.semaphores.size(); ++i) {
    const SemaphoreUpdate& u = t.semaphores[i];
    Line line("semaphore_update");
    line.tag("id", std::to_string(u.id))
        .tag("n", std::to_string(i))
        .tag("subgraph", subgraph(t, u.core))
        .field("value", u.value);
    TRY(take(std::move(line).at(u.at_ps / 1000)));
  }
  return {};
}

}  // namespace neuron::view
