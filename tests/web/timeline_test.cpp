// SPDX-License-Identifier: Apache-2.0
// Drives the page as a user does and compares what it says with the timeline that was stored.
#include "tests/web/session.h"

using namespace neuron;
using namespace neuron::view;

namespace {

void list_leads_to_profile(Session& s) {
  s.browser->go(s.url("/"));
  REQUIRE(s.browser->becomes("return document.querySelector('table.list a')"));
  CHECK(s.text("table.list a") == "digits");
  s.browser->run("document.querySelector('table.list a').click()");
  REQUIRE(s.browser->becomes("return window.neuron_timeline?.data"));
  CHECK(s.browser->run("return location.pathname") == "/profile/" + kId);
}

void rows_are_drawn(Session& s) {
  const Json labels = s.browser->run(
      "return [...document.querySelectorAll('#labels div')].map((d) => d.textContent)");
  CHECK(labels == Json({"qSyncIO0", "qSyncWeight0", "State Buffer Usage", "PSUM Usage", "VectorE",
                        "TensorMatrixE", "TensorE", "SyncE", "ScalarE", "GpSimdE", "Throttling",
                        "Pending DMA Count", "DMA Throughput", "TensorMatrix Utilization"}));
  // Of the pixels in the middle of a busy engine's row, most have the colour of its instructions.
  const Json share = s.browser->run(
      "const t = neuron_timeline, p = t.placed.find((p) => p.name === 'VectorE');"
      "t.paint();"
      "const y = Math.round((p.top + p.height / 2) * t.ratio), w = t.lanes.width;"
      "const d = t.lanes.getContext('2d').getImageData(0, y, w, 1).data; let red = 0;"
      "for (let i = 0; i < w; ++i) red += d[4 * i] > 200 && d[4 * i + 1] < 120;"
      "return red / w");
  CHECK(share.get<double>() > 0.6);
}

void hover_tells_the_main_fields(Session& s) {
  const auto index = instruction_of(s.timeline, 3, 0x41, 20);
  const Instruction& e = s.timeline.instructions[index];
  s.browser->run(
      fmt::format("neuron_timeline.show({}, {})", e.begin_ps - 400'000, e.end_ps + 400'000));
  REQUIRE(s.browser->becomes(
      fmt::format("const d = neuron_timeline.data; return d.begin > {} && d.end < {}",
                  e.begin_ps - 2'000'000, e.end_ps + 2'000'000)));
  const auto [x, y] = s.place_of(index, "VectorE");
  s.browser->move(x, y);
  REQUIRE(
      s.browser->becomes("return document.getElementById('tip').textContent.includes('operands')"));
  const std::string tip = s.text("#tip");
  CHECK(tip.find("VectorE") != std::string::npos);
  CHECK(tip.find("opcode: TENSOR_TENSOR") != std::string::npos);
  CHECK(tip.find("layer: " + s.timeline.text(e->layer)) != std::string::npos);
  CHECK(tip.find("operands: " + s.timeline.text(e->operands)) != std::string::npos);
}

void click_tells_all_fields(Session& s) {
  const auto index = instruction_of(s.timeline, 3, 0x41, 20);
  const Instruction& e = s.timeline.instructions[index];
  const auto [x, y] = s.place_of(index, "VectorE");
  s.browser->click(x, y);
  REQUIRE(s.browser->becomes("return !document.getElementById('details').hidden"));
  CHECK(s.text("#details [data-field=opcode]") == "TENSOR_TENSOR");
  CHECK(s.text("#details [data-field=name]") == s.timeline.text(e->name));
  CHECK(s.text("#details [data-field=operands]") == s.timeline.text(e->operands));
  CHECK(s.text("#details [data-field=pc]") == std::to_string(e->pc));
  s.browser->type("n");  // the next event of the lane
  REQUIRE(
      s.browser->becomes("return document.querySelector('#details [data-field=name]').textContent"
                         " !== '" +
                         s.timeline.text(e->name) + "'"));
  CHECK(s.text("#details [data-field=engine]") == "Vector");
}

/// The last instruction of the synthetic timeline waits for the matrix multiplication before it.
void dependencies_are_named_and_followed(Session& s) {
  const auto waiter = static_cast<std::uint32_t>(s.timeline.instructions.size() - 1);
  const std::string row = "VectorE";
  s.browser->run("neuron_timeline.show(neuron_timeline.full.end - 2e6, neuron_timeline.full.end)");
  REQUIRE(s.browser->becomes("return neuron_timeline.data.begin > neuron_timeline.full.end - 9e6"));
  const auto [x, y] = s.place_of(waiter, row);
  s.browser->click(x, y);
  REQUIRE(s.browser->becomes("return document.querySelector('#dependencies a')"));
  CHECK(s.text("#dependencies a") == "MATMUL on TensorMatrixE");
  CHECK(s.browser->run("return neuron_timeline.links.length") == 1);
  s.browser->run("document.querySelector('#dependencies a').click()");
  REQUIRE(s.browser->becomes(
      "return document.querySelector('#details [data-field=opcode]').textContent === 'MATMUL'"));
  CHECK(s.text("#dependencies th") == "Waited for by");
}

void drag_wheel_and_keys_zoom(Session& s) {
  s.browser->run("neuron_timeline.reset()");
  const auto [left, top, width, height] = s.box_of("plot");
  const auto total = static_cast<double>(s.timeline.total_ps);
  s.browser->drag(left + width * 0.25, top + 60, left + width * 0.5, top + 80);
  auto [begin, end] = s.view();
  CHECK(begin == Approx(total * 0.25).epsilon(0.01));
  CHECK(end == Approx(total * 0.5).epsilon(0.01));
  CHECK(s.text("#readout").find("ns") != std::string::npos);
  const double middle = (begin + end) / 2, before = end - begin;
  s.browser->wheel(left + width * 0.5, top + 60, -120);
  REQUIRE(s.browser->becomes(
      fmt::format("const v = neuron_timeline.view; return v.end - v.begin < {}", before * 0.9)));
  std::tie(begin, end) = s.view();
  CHECK((begin + end) / 2 == Approx(middle).epsilon(0.01));  // the pointer's time stays put
  s.browser->type("d");
  CHECK(s.view().first > begin);
  s.browser->type("0");
  CHECK(s.view().second == Approx(total));
  CHECK(s.browser->becomes("return location.hash === ''"));
}

void markers_are_dropped_saved_and_loaded(Session& s) {
  const auto box = s.box_of("plot");
  s.browser->click(box.left + box.width / 4, box.top + 50, 2);
  REQUIRE(s.browser->becomes("return neuron_timeline.markers.length === 1"));
  s.browser->run(
      "document.getElementById('tab-annotations').click();"
      "document.getElementById('marker-set').value = 'by hand';"
      "const name = document.querySelector('#panel table input');"
      "name.value = 'first matmul'; name.dispatchEvent(new Event('change'));"
      "document.getElementById('marker-set').value = 'by hand';"
      "document.getElementById('marker-save').click()");
  for (int i = 0; i < 100 && REQUIRE_OK(s.store->markers(kId, "by hand")).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto saved = REQUIRE_OK(s.store->markers(kId, "by hand"));
  REQUIRE(saved.size() == 1);
  CHECK(saved[0].name == "first matmul");
  CHECK(static_cast<double>(saved[0].at_ps) ==
        Approx(static_cast<double>(s.timeline.total_ps) / 4).epsilon(0.01));
  s.open_profile();
  s.browser->run(
      "document.getElementById('tab-annotations').click();"
      "document.getElementById('marker-set').value = 'by hand';"
      "document.getElementById('marker-load').click()");
  CHECK(s.browser->becomes("return neuron_timeline.markers[0]?.name === 'first matmul'"));
}

void grouping_recolours(Session& s) {
  s.browser->run(
      "const g = document.getElementById('quick-grouping'); g.value = 'layer';"
      "g.dispatchEvent(new Event('change'))");
  CHECK(s.browser->becomes(
      "return document.getElementById('legend').textContent.includes('model/block1/op4')"));
  CHECK(s.browser->becomes("return location.hash.includes('group=layer')"));
}

void search_finds_instructions(Session& s) {
  std::size_t matmuls = 0;
  for (const auto& e : s.timeline.instructions) matmuls += e->opcode == 0x02;
  search_for(s, "matmul");
  CHECK(s.text("#search-count").rfind(std::to_string(matmuls) + " instructions", 0) == 0);
  CHECK(s.browser->becomes(
      "return document.querySelector('#details [data-field=opcode]')?.textContent"
      " === 'MATMUL'"));
}

void search_takes_expressions(Session& s) {
  s.browser->run(
      "document.getElementById('tab-search').click();"
      "document.getElementById('search-regex').checked = true;"
      "document.getElementById('search-field').value = 'name';"
      "document.getElementById('search-text').value = '^I-1?7$';"
      "document.querySelector('#panel form').requestSubmit()");
  REQUIRE(s.browser->becomes(
      "return document.getElementById('search-count')?.textContent.startsWith('2 instructions')"));
  s.browser->run("document.getElementById('search-all').click()");
  CHECK(s.browser->becomes("return neuron_timeline.hits.length === 2"));
}

void search_takes_several_conditions(Session& s) {
  std::size_t both = 0;
  for (const auto& e : s.timeline.instructions)
    both += e->opcode == 0x02 && s.timeline.text(e->layer).find("block0") != std::string::npos;
  s.browser->run(
      "const by = (id) => document.getElementById(id);"
      "by('tab-search').click();"
      "by('search-regex').checked = false;"
      "by('search-field').value = 'opcode'; by('search-text').value = 'matmul';"
      "by('search-and').click();"
      "by('search-field-2').value = 'layer'; by('search-text-2').value = 'block0';"
      "document.querySelector('#panel form').requestSubmit()");
  CHECK(
      s.browser->becomes("return document.getElementById('search-count')?.textContent"
                         ".startsWith('" +
                         std::to_string(both) + " instructions')"));
  s.browser->run("document.querySelector('[title=\"Take this condition away\"]').click()");
  CHECK(s.browser->becomes("return !document.getElementById('search-text-2')"));
}

void view_settings_stand_in_the_address(Session& s) {
  const double half = static_cast<double>(s.timeline.total_ps) / 2;
  // A page that is left still writes its own view into the address, a moment after the last move;
  // so the link is opened from elsewhere, as one that was sent is.
  s.browser->go("about:blank");
  s.open(fmt::format(
      "/profile/{}#from=0&to={:.0f}&group=layer&depth=2&rows=engines,semaphores&dma=engine", kId,
      half));
  CHECK(s.view().second == Approx(half));
  CHECK(s.browser->run("return neuron_timeline.settings.depth") == 2);
  CHECK(s.browser->becomes(
      "return document.getElementById('legend').textContent.includes('model/block1')"));
  const Json labels = s.browser->run(
      "return [...document.querySelectorAll('#labels div')].map((d) => d.textContent)");
  CHECK(labels == Json({"VectorE", "TensorMatrixE", "TensorE", "SyncE", "ScalarE", "GpSimdE",
                        "Sem 3", "Sem 5"}));
  s.browser->run("neuron_timeline.reset()");
  CHECK(s.browser->becomes("return !location.hash.includes('from=')"));
  CHECK(s.browser->becomes("return location.hash.includes('rows=engines%2Csemaphores')"));
}

void a_link_pasted_over_the_page_is_followed(Session& s) {
  s.browser->run("location.hash = 'group=engine&rows=engines&from=0&to=5000000'");
  CHECK(s.browser->becomes("return neuron_timeline.view.end === 5000000"));
  CHECK(s.browser->becomes("return document.getElementById('quick-grouping').value === 'engine'"));
  CHECK(s.browser->run("return neuron_timeline.placed.length") == 6);
  s.browser->run("location.hash = 'rows=engines,semaphores'");
  CHECK(s.browser->becomes("return neuron_timeline.placed.length === 8"));
  CHECK(s.view().second == Approx(static_cast<double>(s.timeline.total_ps)));
}

void box_selection_sums_up(Session& s) {
  s.open_profile();
  s.browser->run("document.getElementById('box-select').click()");
  const Json box = s.browser->run(
      "const t = neuron_timeline, b = t.plot.getBoundingClientRect();"
      "const p = t.placed.find((p) => p.name === 'VectorE');"
      "return [b.left, b.top + p.top, b.width, p.height]");
  const double left = box.at(0), top = box.at(1), width = box.at(2), height = box.at(3);
  s.browser->drag(left + width * 0.1, top + 1, left + width * 0.6, top + height - 1);
  REQUIRE(s.browser->becomes("return neuron_timeline.box"));
  CHECK(s.view().second == Approx(static_cast<double>(s.timeline.total_ps)));  // no zoom
  CHECK(s.text("#selection-range").rfind("Box: ", 0) == 0);
  CHECK(s.browser->run("return document.querySelectorAll('#panel table.list')[0]"
                       ".querySelectorAll('tbody tr').length") == 1);
  s.browser->type("b");
  s.browser->run("neuron_timeline.set_box(null)");
}

/// A second marker is measured against the first, renamed and deleted.
void markers_are_measured_and_deleted(Session& s) {
  s.browser->run(
      "const t = neuron_timeline; t.markers = []; t.add_marker(1e6); t.add_marker(3.5e6);"
      "document.getElementById('tab-annotations').click()");
  REQUIRE(s.browser->becomes("return document.querySelectorAll('#panel tbody tr').length === 2"));
  const Json cells = s.browser->run(
      "return [...document.querySelectorAll('#panel tbody tr')].map((r) =>"
      " r.cells[3].textContent)");
  CHECK(cells == Json({"0 ns", "2,500 ns"}));
  s.browser->run("document.querySelector('#panel button[aria-label=\"Delete marker 1\"]').click()");
  CHECK(s.browser->run("return neuron_timeline.markers.map((m) => m.name)") == Json({"marker 2"}));
  s.browser->run("neuron_timeline.markers = []");
}

void memory_shows_partitions_and_banks(Session& s) {
  s.browser->run("neuron_timeline.reset(); document.getElementById('tab-memory').click()");
  REQUIRE(s.browser->becomes("return document.querySelectorAll('.chart').length === 12"));
  const Json titles = s.browser->run(
      "return [...document.querySelectorAll('.memory')].map((m) => m.dataset.memory)");
  CHECK(titles == Json({"State Buffer Usage", "PSUM Usage"}));
  const Json names = s.browser->run(
      "return [...document.querySelectorAll('.memory tbody tr')].map((r) =>"
      " r.cells[0].textContent + ' ' + (r.cells[1].querySelector('path').getAttribute('d') !== "
      "''))");
  CHECK(names[0] == "Partition 0 true");
  CHECK(names[4] == "Bank 0 true");
  // At the resolution of single instructions the eighth is seen.
  s.browser->run("neuron_timeline.show(neuron_timeline.full.end - 1e5, neuron_timeline.full.end)");
  CHECK(
      s.browser->becomes("return document.querySelector('.memory tbody td.n')?.textContent"
                         " === '12.5 %'"));
  s.browser->run("neuron_timeline.reset()");
}

void dark_and_light_are_one_press_apart(Session& s) {
  const char* const page = "return getComputedStyle(document.body).backgroundColor";
  const Json before = s.browser->run(page);
  s.browser->run("document.getElementById('theme').click()");
  CHECK(s.browser->run(page) != before);
  // The canvas follows: a corner without events has the colour of the sheet.
  CHECK(s.browser->becomes(
      "const c = neuron_timeline.lanes, d = c.getContext('2d').getImageData(1, 1, 1, 1).data;"
      "const sheet = getComputedStyle(document.querySelector('.sheet')).backgroundColor;"
      "return sheet === `rgb(${d[0]}, ${d[1]}, ${d[2]})`"));
  s.browser->run("document.getElementById('theme').click()");
  CHECK(s.browser->run(page) == before);
}

void settings_choose_rows(Session& s) {
  const auto labels = [&] {
    return s.browser->run(
        "return [...document.querySelectorAll('#labels div')].map((d) =>"
        " d.textContent)");
  };
  s.browser->run(
      "document.getElementById('tab-edit-view-settings').click();"
      "[...document.querySelectorAll('#panel button')].find((b) =>"
      " b.textContent === 'Minimal view').click()");
  CHECK(labels() == Json({"VectorE", "TensorMatrixE", "TensorE", "SyncE", "ScalarE", "GpSimdE",
                          "Pending DMA Count", "DMA Throughput", "TensorMatrix Utilization"}));
  s.browser->run(
      "const i = document.getElementById('semaphore-ids'); i.value = '5';"
      "i.dispatchEvent(new Event('change'))");
  CHECK(labels()[6] == "Sem 5");
  CHECK(s.browser->becomes("return location.hash.includes('sem=5')"));
  s.browser->run(
      "[...document.querySelectorAll('#panel button')].find((b) =>"
      " b.textContent === 'Full view').click()");
  CHECK(labels().size() == 14);
}

void insights_lead_to_their_proof(Session& s) {
  s.browser->run("document.getElementById('tab-insights').click()");
  REQUIRE(s.browser->becomes("return document.querySelector('.insight a')"));
  s.browser->run("document.querySelector('.insight a').click()");
  CHECK(
      s.browser->becomes("const opcode = document.querySelector('#details [data-field=opcode]');"
                         "return !document.getElementById('details').hidden && opcode &&"
                         " document.querySelector('.insight a').textContent"
                         ".startsWith(opcode.textContent || '?')"));
}

void nothing_comes_from_elsewhere(Session& s) {
  const Json others = s.browser->run(
      "return performance.getEntriesByType('resource').map((e) => e.name)"
      ".filter((name) => !name.startsWith(location.origin + '/'))");
  CHECK(others == Json::array());
  CHECK(s.browser->complaints() == std::vector<std::string>{});
}

void tour(Session& s) {
  list_leads_to_profile(s);
  rows_are_drawn(s);
  hover_tells_the_main_fields(s);
  click_tells_all_fields(s);
  dependencies_are_named_and_followed(s);
  drag_wheel_and_keys_zoom(s);
  markers_are_dropped_saved_and_loaded(s);
  grouping_recolours(s);
  search_finds_instructions(s);
  search_takes_expressions(s);
  search_takes_several_conditions(s);
  insights_lead_to_their_proof(s);
  markers_are_measured_and_deleted(s);
  memory_shows_partitions_and_banks(s);
  dark_and_light_are_one_press_apart(s);
  settings_choose_rows(s);
  every_tab_opens(s);
  nothing_comes_from_elsewhere(s);
  view_settings_stand_in_the_address(s);
  a_link_pasted_over_the_page_is_followed(s);
  box_selection_sums_up(s);
}

}  // namespace

TEST_CASE("the page shows, zooms, explains and marks a profile") { in_browser(tour); }
