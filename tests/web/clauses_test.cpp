// SPDX-License-Identifier: Apache-2.0
// What the page can do besides the tour of timeline_test.cpp: every key, every setting in a link,
// every tab, the palette, narrow windows, and that no page asks another host.
#include "tests/web/session.h"

using namespace neuron;
using namespace neuron::view;

namespace {

void keys_and_wheel_zoom_and_move(Session& s) {
  s.browser->run("neuron_timeline.reset(); neuron_timeline.plot.focus()");
  const double whole = s.length();
  for (const char* key : {"w", "+", "\uE013"}) {
    const double before = s.length();
    s.browser->press(key);
    CHECK(s.length() == Approx(before * 0.6));
  }
  for (const char* key : {"d", "\uE014"}) {
    const double before = s.view().first;
    s.browser->press(key);
    CHECK(s.view().first > before);
  }
  for (const char* key : {"a", "\uE012"}) {
    const double before = s.view().first;
    s.browser->press(key);
    CHECK(s.view().first < before);
  }
  for (const char* key : {"s", "-", "\uE015"}) s.browser->press(key);
  CHECK(s.length() == Approx(whole));
  s.browser->run("neuron_timeline.zoom(0.25)");
  const double before = s.view().first, length = s.length();
  s.browser->run(
      "neuron_timeline.plot.dispatchEvent("
      "new WheelEvent('wheel', {deltaY: 100, shiftKey: true, cancelable: true}))");
  CHECK(s.view().first > before);
  CHECK(s.length() == Approx(length));
  s.browser->press("m");
  CHECK(s.browser->run("return neuron_timeline.markers.length") == 1);
  s.browser->run("neuron_timeline.markers = []");
}

/// What an event waited for is drawn, not only listed.
void dependencies_are_highlighted(Session& s) {
  const auto waiter = static_cast<std::uint32_t>(s.timeline.instructions.size() - 1);
  s.browser->run("neuron_timeline.show(neuron_timeline.full.end - 2e6, neuron_timeline.full.end)");
  REQUIRE(s.browser->becomes("return neuron_timeline.data.begin > neuron_timeline.full.end - 9e6"));
  const auto [x, y] = s.place_of(waiter, "VectorE");
  s.browser->click(x, y);
  REQUIRE(s.browser->becomes("return neuron_timeline.links.length === 1"));
  // Between the two rows there is nothing but the curve.
  CHECK(s.browser->becomes(
      "const t = neuron_timeline, p = t.placed.find((p) => p.name === 'VectorE');"
      "const y = Math.round((p.top + p.height + 3) * t.ratio);"
      "const d = t.over.getContext('2d').getImageData(0, y, t.over.width, 1).data;"
      "return d.some((v, i) => i % 4 === 3 && v > 0)"));
  s.browser->press("\uE00C");
  CHECK(s.browser->becomes("return document.getElementById('details').hidden"));
}

void markers_keep_what_they_are_measured_against(Session& s) {
  s.browser->run(
      "const t = neuron_timeline; t.reset(); for (const at of [1e6, 2e6, 6e6]) t.add_marker(at)");
  s.open_tab("annotations");
  s.change("#panel select[aria-label=\"Compare marker 3 with\"]", "1");
  const auto difference = [&] {
    return s.browser->run(
        "return [...document.querySelectorAll('#panel tbody tr')].pop().cells[3]"
        ".textContent");
  };
  CHECK(difference() == "4,000 ns");
  s.browser->run("document.querySelector('[aria-label=\"Delete marker 1\"]').click()");
  CHECK(difference() == "4,000 ns");
}

/// Names of markers stand in a strip of their own, none over another and none over an event.
void names_of_markers_cover_nothing(Session& s) {
  s.browser->run(
      "const t = neuron_timeline; t.markers = [];"
      "for (const share of [0.5, 0.505, 0.999]) t.add_marker(t.full.end * share)");
  CHECK(s.browser->becomes("return document.querySelectorAll('#flags button').length === 3"));
  const Json at = s.browser->run(
      "const box = (e) => e.getBoundingClientRect(), plot = box(neuron_timeline.plot);"
      "const flags = [...document.querySelectorAll('#flags button')].map(box);"
      "return [Math.max(...flags.map((f) => f.bottom)) - plot.top,"
      " flags[0].right - flags[1].left, flags[1].right - flags[2].left,"
      " flags[2].right - plot.right]");
  for (const Json& over : at) CHECK(over.get<double>() < 1);
  s.browser->run("neuron_timeline.markers = []; neuron_timeline.mark()");
}

void dma_is_grouped_by_variable(Session& s) {
  s.open_tab("edit-view-settings");
  s.change("#queue-grouping", "variable");
  CHECK(
      s.browser->becomes("const t = document.getElementById('legend').textContent;"
                         "return t.includes('weights_1') && t.includes('image_in')"));
  CHECK(s.browser->becomes("return location.hash.includes('dma=variable')"));
  const Json pixels = s.browser->run(
      "const t = neuron_timeline; t.paint();"
      "const row = t.profile.rows.find((r) => r.kind === 'queue');"
      "const spans = t.data.tracks.get(row.tracks[0]);"
      "return new Set([...spans.layer].map((l) => t.coloring.pixel(row, 0, l))).size");
  CHECK(pixels == 2);
  s.change("#queue-grouping", "queue");
}

void each_field_is_searched(Session& s) {
  std::map<std::string, std::size_t> wanted;
  for (const auto& e : s.timeline.instructions) {
    wanted["opcode"] += e->opcode == 0x41;
    wanted["name"] += s.timeline.text(e->name).find("I-12") != std::string::npos;
    wanted["layer"] += s.timeline.text(e->layer).find("block2") != std::string::npos;
    wanted["operands"] += s.timeline.text(e->operands).find("@64") != std::string::npos;
  }
  wanted["variable"] = s.timeline.packets.size() / 2;
  const std::map<std::string, std::string> texts = {{"opcode", "tensor_tensor"},
                                                    {"name", "I-12"},
                                                    {"layer", "block2"},
                                                    {"operands", "@64"},
                                                    {"variable", "image_in"}};
  for (const auto& [field, text] : texts) {
    INFO(field);
    s.open_tab("search");
    s.browser->run(
        "const by = (id) => document.getElementById(id);"
        "by('search-regex').checked = false; by('search-field').value = '" +
        field + "'; by('search-text').value = '" + text +
        "'; document.querySelector('#panel form').requestSubmit()");
    const std::string count = fmt::format("{} ", wanted[field]);
    CHECK(s.browser->becomes(
        "return document.getElementById('search-count')?.textContent.replace(',', '')"
        ".startsWith('" +
        count + "')"));
  }
  s.browser->run("document.getElementById('search-regex').checked = true");
  s.browser->run(
      "document.getElementById('search-text').value = '(';"
      "document.querySelector('#panel form').requestSubmit()");
  CHECK(s.browser->becomes("return document.querySelector('#panel .bad')"));
  CHECK(s.browser->complaints().size() == 1);  // the refusal, which the browser logs itself
}

/// What is chosen by hand stands in the address, and the address alone brings it back.
void every_setting_is_in_the_link(Session& s) {
  s.browser->run("neuron_timeline.show(1e6, 4e6)");
  s.open_tab("edit-view-settings");
  s.change("#grouping", "layer");
  s.change("#panel input[type=number]", "2");
  s.change("#queue-grouping", "variable");
  s.change("#semaphore-ids", "5");
  s.browser->run("document.querySelectorAll('#panel input[type=checkbox]')[1].click()");
  const char* const state =
      "const t = neuron_timeline, rows = t.placed.map((p) => p.name);"
      "return JSON.stringify([t.settings, t.view, rows])";
  const Json before = s.browser->run(state);
  REQUIRE(
      s.browser->becomes("const h = new URLSearchParams(location.hash.slice(1));"
                         "return ['from', 'to', 'group', 'depth', 'dma', 'sem', 'rows']"
                         ".every((name) => h.has(name)) &&"
                         "h.get('rows').split(',').length =="
                         "Object.values(neuron_timeline.settings.rows).filter((on) => on).length"));
  const std::string link = s.browser->run("return location.href");
  s.browser->go("about:blank");
  s.open(link);
  CHECK(s.browser->run(state) == before);
}

/// A text of each tab that only this profile has there.
void each_tab_tells_its_own(Session& s) {
  s.open_profile();
  const std::map<std::string, std::string> told = {
      {"summary", "tensor_engine_instruction_count"},
      {"layer-summary", "model/block1/op4"},
      {"selection-summary", "TensorMatrixE"},
      {"insights", "Bound by"},
      {"tensors", "scores"},
      {"dma-queues-info", "qSyncWeight0"},
      {"neff-header", "Package Version"},
      {"neff-nodes", "sg00"},
      {"model-info", "cayman"},
      {"warnings-1-", "the capture was cut short"},
      {"memory", "NC memory usage"},
      {"terminology", "A semaphore and its value over time."},
      {"help", "drop a marker"}};
  for (const auto& [tab, text] : told) {
    INFO(tab);
    s.open_tab(tab);
    CHECK(s.text("#panel").find(text) != std::string::npos);
  }
  s.open_tab("layer-summary");
  s.browser->run("document.querySelector('#panel tbody a').click()");
  CHECK(s.length() < static_cast<double>(s.timeline.total_ps));
}

/// Rows have the colours of the guide's picture when instructions are grouped by engine.
void engines_have_the_palette_of_the_guide(Session& s) {
  s.browser->run("neuron_timeline.reset()");
  s.change("#quick-grouping", "engine");
  const std::map<std::string, std::string> colors = {
      {"VectorE", "#ff2400"}, {"TensorMatrixE", "#0f52ba"}, {"TensorE", "#9dc183"},
      {"SyncE", "#fa8072"},   {"ScalarE", "#0080ff"},       {"GpSimdE", "#00a86b"}};
  for (const auto& [row, color] : colors) {
    INFO(row);
    CHECK(s.browser->run("const t = neuron_timeline; t.paint();"
                         "const p = t.placed.find((p) => p.name === '" +
                         row +
                         "');"
                         "const y = Math.round((p.top + p.height - 3) * t.ratio);"
                         "const d = t.lanes.getContext('2d').getImageData(0, y, t.lanes.width, 1)"
                         ".data;"
                         "const hex = (i) => '#' + [0, 1, 2].map((k) => d[4 * i + k].toString(16)"
                         ".padStart(2, '0')).join('');"
                         "for (let i = 0; i < t.lanes.width; ++i) if (hex(i) === '" +
                         color +
                         "')"
                         " return true; return false") == true);
  }
  s.change("#quick-grouping", "opcode");
}

/// No page, whatever it holds, asks another host, and none is wider than a narrow window.
void pages_stay_at_home_and_fit(Session& s) {
  const std::string other = s.keep_shorter('7', "shorter");
  const std::string group =
      REQUIRE_OK(s.store->put_group("two", {{kId, "Rank 0"}, {other, "Rank 1"}}));
  s.browser->narrow(420);
  for (const std::string& path :
       {std::string("/"), "/profile/" + kId, "/profile_cc/" + group,
        "/profile_cc/" + group + "?rank=1", "/compare?profiles=" + kId + "," + other}) {
    INFO(path);
    s.browser->go(s.url(path));
    REQUIRE(s.browser->becomes("return document.querySelector('table')"));
    const Json wide = s.browser->run(
        "const wide = [], look = (what) => {"
        " for (const e of [document.documentElement, document.getElementById('panel')])"
        "  if (e && e.scrollWidth > e.clientWidth + 1) wide.push(what + ' ' + e.id); };"
        "look('page');"
        "for (const tab of document.querySelectorAll('[role=tab]')) { tab.click();"
        " look(tab.textContent); } return wide");
    CHECK(wide == Json::array());
    CHECK(s.browser->run("return performance.getEntriesByType('resource').map((e) => e.name)"
                         ".filter((name) => !name.startsWith(location.origin + '/'))") ==
          Json::array());
  }
  s.browser->narrow(0);
}

/// One script, one style sheet, one picture: nothing waits for what imports it.
void page_comes_in_few_requests(Session& s) {
  s.browser->go(s.url("/"));
  REQUIRE(s.browser->becomes("return document.querySelector('table')"));
  const Json files = s.browser->run(
      "return performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname)"
      ".filter((path) => path.startsWith('/assets/')).sort()");
  CHECK(files == Json({"/assets/icon.svg", "/assets/page.js", "/assets/style.css"}));
}

/// The list forgets a group with its last profile, without being loaded again.
void groups_go_with_their_profiles(Session& s) {
  const std::string other = s.keep_shorter('8', "of a run");
  REQUIRE_OK(s.store->put_group("a run of one", {{other, "Rank 0"}}));
  s.browser->go(s.url("/"));
  const std::string listed = "document.getElementById('main').textContent.includes('a run of one')";
  REQUIRE(s.browser->becomes("return " + listed));
  s.browser->run(
      "const b = document.querySelector('button[aria-label=\"Delete of a run\"]');"
      "b.click(); b.click()");
  CHECK(s.browser->becomes("return !" + listed));
}

void tour(Session& s) {
  s.open_profile();
  keys_and_wheel_zoom_and_move(s);
  dependencies_are_highlighted(s);
  markers_keep_what_they_are_measured_against(s);
  names_of_markers_cover_nothing(s);
  dma_is_grouped_by_variable(s);
  each_field_is_searched(s);
  every_setting_is_in_the_link(s);
  each_tab_tells_its_own(s);
  engines_have_the_palette_of_the_guide(s);
  pages_stay_at_home_and_fit(s);
  groups_go_with_their_profiles(s);
  page_comes_in_few_requests(s);
  CHECK(s.browser->complaints() == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("the page keeps what it promises beyond the tour") { in_browser(tour); }
