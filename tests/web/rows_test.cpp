// SPDX-License-Identifier: Apache-2.0
// Rows that only some profiles have: collective operations of CC-cores, and throughput of HBM.
#include "tests/web/session.h"

using namespace neuron;
using namespace neuron::view;

namespace {

/// Keeps a changed profile of 500 instructions and opens its page.
void open_changed(Session& s, char digit, void (*change)(Timeline&)) {
  const std::string id = "n_" + std::string(40, digit);
  Timeline t = synthetic_timeline(500);
  change(t);
  REQUIRE_OK(s.store->put(id, "changed", t, metrics_of(t), false));
  s.open("/profile/" + id);
}

/// Names of the rows before and after one.
Json neighbours_of(Session& s, const std::string& row) {
  return s.browser->run(
      "const names = neuron_timeline.placed.map((p) => p.name), at = names.indexOf('" + row +
      "'); return [names[at - 1], names[at + 1]]");
}

/// What the ranks of a run do together stands below the engines, and tells what it is.
void collectives_are_rows_of_cc_cores(Session& s) {
  open_changed(s, '9', [](Timeline& t) {
    Collective c;
    c.begin_ps = t.total_ps / 4;
    c.end_ps = t.total_ps * 3 / 4;
    c.operation.value = static_cast<std::uint32_t>(t.texts.size());
    c.elements = 256;
    t.texts.push_back("all_reduce");
    t.collectives.push_back(c);
  });
  CHECK(neighbours_of(s, "CC-core 0") == Json({"GpSimdE", "Throttling"}));
  const Json written = s.browser->run(
      "const t = neuron_timeline, context = t.lanes.getContext('2d'), texts = [];"
      "context.fillText = (text) => texts.push(text); t.paint(); delete context.fillText;"
      "return texts.filter((text) => text === 'all_reduce' || text === 'CC-core 0')");
  CHECK(written == Json({"all_reduce"}));
  const auto [x, y] = s.place_of(0, "CC-core 0");
  s.browser->move(x, y);
  CHECK(
      s.browser->becomes("const tip = document.getElementById('tip').textContent;"
                         "return tip.includes('all_reduce') && tip.includes('256')"));
  s.browser->click(x, y);
  REQUIRE(s.browser->becomes("return document.querySelector('#details [data-field=operation]')"));
  CHECK(s.text("#details h2") == "all_reduce CC-core 0");
}

/// One packet, half of whose bytes come from HBM, over the middle half of the run.
void give_hbm_traffic(Timeline& t) {
  constexpr std::uint32_t kBytes = 1 << 20;
  t.packets.resize(1);
  DmaPacket& packet = t.packets[0];
  packet.begin_ps = t.total_ps / 4;
  packet.end_ps = t.total_ps * 3 / 4;
  packet.bytes = kBytes;
  packet.transfer = 1;
  DmaTransfer transfer;
  transfer.begin_ps = packet.begin_ps;
  transfer.end_ps = packet.end_ps;
  transfer.bytes = kBytes;
  transfer.hbm_bytes = kBytes / 2;
  t.transfers.push_back(transfer);
}

void hbm_has_a_row_of_its_throughput(Session& s) {
  open_changed(s, 'a', give_hbm_traffic);
  CHECK(neighbours_of(s, "HBM Throughput") == Json({"DMA Throughput", "TensorMatrix Utilization"}));
  const auto mean_at = [&](const char* row, double share) -> double {
    return s.browser->run(
        fmt::format("const t = neuron_timeline, p = t.placed.find((p) => p.name === '{}');"
                    "return t.pick(t.width * {}, p.top + p.height / 2).mean",
                    row, share));
  };
  const double total_s =
      s.browser->run("return (neuron_timeline.full.end - neuron_timeline.full.begin) / 1e12");
  CHECK(mean_at("HBM Throughput", 0.5) == Approx((1 << 19) / (total_s / 2)).epsilon(0.01));
  CHECK(mean_at("DMA Throughput", 0.5) == Approx((1 << 20) / (total_s / 2)).epsilon(0.01));
  CHECK(mean_at("HBM Throughput", 0.1) == 0);
  // Painted where there is traffic and only there.
  const Json painted = s.browser->run(
      "const t = neuron_timeline, p = t.placed.find((p) => p.name === 'HBM Throughput');"
      "t.paint(); const y = Math.round((p.top + p.height * 0.7) * t.ratio);"
      "const d = t.lanes.getContext('2d').getImageData(0, y, t.lanes.width, 1).data;"
      "const at = (share) => [0, 1, 2].map((i) => d[4 * Math.round(t.lanes.width * share) + i]);"
      "return ['' + at(0.5) !== '' + at(0.1), '' + at(0.1) === '' + at(0.9)]");
  CHECK(painted == Json({true, true}));
}

void tour(Session& s) {
  collectives_are_rows_of_cc_cores(s);
  hbm_has_a_row_of_its_throughput(s);
  CHECK(s.browser->complaints() == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("collectives and HBM have rows where a profile has them") { in_browser(tour); }
