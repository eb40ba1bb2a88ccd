// SPDX-License-Identifier: Apache-2.0
// What the mouse does beyond a plain drag: moving the view, showing all, the overview, and marking
// all that a search found.
#include "tests/web/session.h"

using namespace neuron;
using namespace neuron::view;

namespace {

constexpr const char* kShift = "\uE008";  // as the protocol names keys
constexpr int kMiddle = 1;

/// The tenth of the profile from 45 % on.
void show_a_tenth(Session& s) {
  s.browser->run(
      "const t = neuron_timeline, {begin, end} = t.full;"
      "t.show(begin + (end - begin) * 0.45, begin + (end - begin) * 0.55)");
}

void drags_that_move(Session& s) {
  const auto [left, top, width, height] = s.box_of("plot");
  for (const int button : {kMiddle, 0}) {
    INFO(button);
    show_a_tenth(s);
    const auto [begin, end] = s.view();
    if (button != kMiddle) s.browser->hold(kShift, true);
    s.browser->drag(left + width * 0.5, top + 60, left + width * 0.75, top + 90, button);
    if (button != kMiddle) s.browser->hold(kShift, false);
    CHECK(s.length() == Approx(end - begin));  // moved, not zoomed
    CHECK(s.view().first == Approx(begin - (end - begin) * 0.25).epsilon(0.01));
  }
  CHECK(s.browser->run("return neuron_timeline.selected") == nullptr);
}

void double_click_shows_all(Session& s) {
  show_a_tenth(s);
  const auto [left, top, width, height] = s.box_of("plot");
  s.browser->double_click(left + width * 0.9, top + 3);  // between rows, where nothing is picked
  CHECK(s.view().first == 0);
  CHECK(s.view().second == Approx(static_cast<double>(s.timeline.total_ps)));
}

void overview_moves_the_view(Session& s) {
  show_a_tenth(s);
  const double length = s.length(), total = static_cast<double>(s.timeline.total_ps);
  const auto [left, top, width, height] = s.box_of("overview");
  const auto middle = [&] { return (s.view().first + s.view().second) / 2; };
  s.browser->click(left + width * 0.75, top + height / 2);
  CHECK(middle() == Approx(total * 0.75).epsilon(0.01));
  s.browser->drag(left + width * 0.75, top + height / 2, left + width * 0.2, top + height / 2);
  CHECK(middle() == Approx(total * 0.2).epsilon(0.01));
  CHECK(s.length() == Approx(length));
  // Its thumb stands where the view is.
  CHECK(
      s.browser->becomes("return Math.abs(parseFloat(neuron_timeline.thumb.style.left) - 15)"
                         " < 0.5"));
  const auto thumb = s.box_of("thumb");
  CHECK(thumb.width == Approx(width / 10).epsilon(0.02));
}

/// In how many of ten equal parts of an engine's row something is marked over the picture.
int marked_tenths(Session& s, const std::string& row) {
  return s.browser->run(
      "const t = neuron_timeline; await new Promise(requestAnimationFrame);"
      "await new Promise(requestAnimationFrame);"
      "if (t.over.style.visibility === 'hidden') return 0;"
      "const p = t.placed.find((p) => p.name === '" +
      row +
      "'), w = t.over.width;"
      "const y = Math.round((p.top + p.height / 2) * t.ratio);"
      "const d = t.over.getContext('2d').getImageData(0, y, w, 1).data, tenths = new Set();"
      "for (let x = 0; x < w; ++x) if (d[4 * x + 3] > 100) tenths.add(Math.floor(x * 10 / w));"
      "return tenths.size");
}

/// A search that finds more than its list holds marks them all the same, wherever one looks.
void wide_searches_are_marked_everywhere(Session& s) {
  s.browser->run("neuron_timeline.reset()");
  search_for(s, "I-");
  CHECK(s.text("#search-count").find("the first 2,000 can be visited") != std::string::npos);
  s.browser->run("neuron_timeline.plot.focus()");
  s.browser->press("\uE00C");
  s.browser->run("neuron_timeline.reset()");
  CHECK(marked_tenths(s, "GpSimdE") == 0);
  s.browser->run("document.getElementById('search-all').click()");
  REQUIRE(s.browser->becomes("return neuron_timeline.hits.length > 0"));
  CHECK(marked_tenths(s, "GpSimdE") == 10);
  CHECK(marked_tenths(s, "VectorE") == 10);
  // Nearer, each hit is marked for itself.
  s.browser->run("const t = neuron_timeline; t.show(t.full.end * 0.9, t.full.end * 0.91)");
  const Json wanted = s.browser->run(
      "const found = await (await fetch(location.pathname.replace('/profile', '/api/profile') +"
      " '/search?limit=10000&field=name&text=I-')).json(), {begin, end} = neuron_timeline.view;"
      "return found.hits.filter((h) => h.end_ps > begin && h.begin_ps < end).length");
  CHECK(wanted > 5);
  CHECK(s.browser->becomes("return neuron_timeline.hits.length === " + wanted.dump()));
  s.browser->run("document.getElementById('search-all').click()");
  CHECK(s.browser->becomes("return neuron_timeline.hits.length === 0"));
}

void tour(Session& s) {
  s.open_profile();
  drags_that_move(s);
  double_click_shows_all(s);
  overview_moves_the_view(s);
  wide_searches_are_marked_everywhere(s);
  CHECK(s.browser->complaints() == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("the mouse moves the view, and all that was found is marked") { in_browser(tour); }
