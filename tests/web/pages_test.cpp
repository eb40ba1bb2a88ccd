// SPDX-License-Identifier: Apache-2.0
// The pages beside that of one profile: the list, ranks of a run, and the one that is a file.
#include <fstream>

#include "tests/web/session.h"
#include "view/formats/html.h"

using namespace neuron;
using namespace neuron::view;

namespace {

void list_filters_tags_compares_and_deletes(Session& s) {
  const std::string other = s.keep_shorter('5', "shorter");
  s.browser->go(s.url("/"));
  REQUIRE(s.browser->becomes("return document.querySelectorAll('input.tags').length === 2"));
  s.browser->run(
      "const t = document.querySelector('input.tags[aria-label=\"Tags of shorter\"]');"
      "t.value = 'nightly, trn2'; t.dispatchEvent(new Event('change'))");
  const auto tags = [&] {
    for (const ProfileEntry& entry : REQUIRE_OK(s.store->list()))
      if (entry.id == other) return entry.tags;
    return std::vector<std::string>{};
  };
  for (int i = 0; i < 200 && tags().empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  CHECK(tags() == std::vector<std::string>{"nightly", "trn2"});
  s.browser->run(
      "const f = document.getElementById('filter'); f.value = 'no such name';"
      "f.dispatchEvent(new Event('input'))");
  CHECK(s.browser->becomes("return document.querySelectorAll('input.tags').length === 0"));
  CHECK(s.text(".note") == "No profile has this in its name or tags.");
  s.browser->run(
      "const f = document.getElementById('filter'); f.value = 'nightly';"
      "f.dispatchEvent(new Event('input'))");
  CHECK(s.browser->becomes("return document.querySelectorAll('input.tags').length === 1"));
  s.browser->run(
      "const f = document.getElementById('filter'); f.value = '';"
      "f.dispatchEvent(new Event('input'));"
      "for (const c of document.querySelectorAll('td input[type=checkbox]')) c.click();"
      "document.getElementById('compare').click()");
  REQUIRE(s.browser->becomes(
      "return document.querySelector('#only-differences') && "
      "document.querySelector('table.list')?.textContent.includes('total_time')"));
  CHECK(s.browser->run("return location.pathname") == "/compare");
  s.browser->go(s.url("/"));
  REQUIRE(s.browser->becomes("return document.querySelectorAll('input.tags').length === 2"));
  s.browser->run(
      "const b = document.querySelector('button[aria-label=\"Delete shorter\"]');"
      "b.click(); b.click()");
  REQUIRE(s.browser->becomes("return document.querySelectorAll('input.tags').length === 1"));
  CHECK_FALSE(s.store->find(other));
}

void ranks_are_tabs(Session& s) {
  const std::string group =
      REQUIRE_OK(s.store->put_group("run", {{kId, "Rank 0"}, {kId, "Rank 1"}}));
  s.open("/profile_cc/" + group + "?rank=1");
  CHECK(s.text("#ranks [aria-current]") == "Rank 1");
}

/// Ranks stand one above the other on one time axis; the slowest is named.
void ranks_stand_on_one_axis(Session& s) {
  const std::string other = s.keep_shorter('6', "shorter");
  const Timeline shorter = synthetic_timeline(500);
  const std::string group =
      REQUIRE_OK(s.store->put_group("two ranks", {{other, "Rank 0"}, {kId, "Rank 1"}}));
  s.open("/profile_cc/" + group);
  CHECK(s.text("#ranks [aria-current]") == "CC Aggregated View");
  const Json labels = s.browser->run(
      "return [...document.querySelectorAll('#labels div')].map((d) => d.textContent)");
  REQUIRE(labels.size() == 14);
  CHECK(labels[0] == "Rank 0");
  CHECK(labels[7] == "Rank 1");
  CHECK(labels[8] == "VectorE");
  CHECK(s.view().second == Approx(static_cast<double>(s.timeline.total_ps)));
  CHECK(s.text("#slowest").rfind("Rank 1 is the slowest: ", 0) == 0);

  const auto index = instruction_of(s.timeline, 3, 0x41, 20);
  const Instruction& e = s.timeline.instructions[index];
  s.browser->run(
      fmt::format("neuron_timeline.show({}, {})", e.begin_ps - 400'000, e.end_ps + 400'000));
  REQUIRE(s.browser->becomes(
      fmt::format("const d = neuron_timeline.data; return d.begin > {}", e.begin_ps - 2'000'000)));
  const auto [x, y] = s.place_of(index, "VectorE · Rank 1");
  s.browser->click(x, y);
  REQUIRE(s.browser->becomes("return document.querySelector('#details [data-field=name]')"));
  CHECK(s.text("#details [data-field=name]") == s.timeline.text(e->name));
  CHECK(s.text("#details h2 .soft") == "VectorE · Rank 1");

  std::size_t matmuls = 0;
  for (const Timeline* t : {&shorter, static_cast<const Timeline*>(&s.timeline)})
    for (const auto& i : t->instructions) matmuls += i->opcode == 0x02;
  search_for(s, "matmul");
  CHECK(s.text("#search-count").rfind(std::to_string(matmuls) + " instructions", 0) == 0);
  s.browser->run("document.getElementById('tab-comparison').click()");
  CHECK(s.browser->becomes("return document.getElementById('only-differences')"));
  every_tab_opens(s);
}

/// The page that is one file: no server at all.
void file_needs_no_server(Session& s) {
  const auto path = s.directory.path / "mailed.html";
  s.timeline.profile_name = kId;  // what view calls a profile without a name
  {
    std::ofstream out(path, std::ios::binary);
    REQUIRE_OK(write_html(s.timeline, [&](ByteView part) -> Result<> {
      out << text_of(part);
      return {};
    }));
  }
  CHECK(std::filesystem::file_size(path) < 3'000'000);
  s.open("file://" + path.string());
  CHECK(s.browser->run("return neuron_timeline.data.tracks.size").get<int>() > 5);
  CHECK(s.text("#crumbs h1") == "digits");  // the network, not an id
  s.browser->run("document.getElementById('tab-insights').click()");
  REQUIRE(s.browser->becomes("return document.querySelector('.insight')"));
  search_for(s, "matmul");
  CHECK(s.browser->becomes(
      "return document.querySelector('#details [data-field=opcode]')?.textContent === 'MATMUL'"));
  s.browser->run(
      "neuron_timeline.add_marker(1e6); document.getElementById('tab-annotations').click();"
      "document.getElementById('marker-set').value = 'mine';"
      "document.getElementById('marker-save').click()");
  CHECK(s.browser->becomes(
      "return document.getElementById('panel').textContent.includes('1 saved')"));
  every_tab_opens(s);
  CHECK(s.browser->complaints() == std::vector<std::string>{});
  CHECK(s.browser->run("return performance.getEntriesByType('resource')"
                       ".filter((e) => !e.name.startsWith('data:')).length") == 0);
}

void tour(Session& s) {
  ranks_are_tabs(s);
  list_filters_tags_compares_and_deletes(s);
  ranks_stand_on_one_axis(s);
  file_needs_no_server(s);
}

}  // namespace

TEST_CASE("lists, ranks and mailed files are pages too") { in_browser(tour); }
