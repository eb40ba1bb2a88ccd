// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <thread>

#include "isa/isa.h"
#include "tests/catch.h"
#include "tests/unit/view/synthetic.h"
#include "tests/web/webdriver.h"
#include "view/server.h"

inline const std::string kId = "n_0123456789abcdef0123456789abcdef01234567";

/// Lets the packets move two tensors in turn.
inline neuron::view::Timeline with_variables(neuron::view::Timeline t) {
  const auto first = static_cast<std::uint32_t>(t.texts.size());
  t.texts.insert(t.texts.end(), {"weights_1", "image_in"});
  for (std::uint32_t i = 0; i < 2; ++i) {
    neuron::view::DmaTransfer transfer;
    transfer.end_ps = t.total_ps;
    transfer.id = i;
    transfer.variable.value = first + i;
    t.transfers.push_back(transfer);
  }
  for (auto& packet : t.packets) packet.transfer = packet.index % 2 + 1;
  return t;
}

/// Adds a multiplication and a copy that waits for it, at the end.
inline neuron::view::Timeline with_dependency(neuron::view::Timeline t) {
  const auto add = [&](int engine, int opcode, std::uint32_t accesses, std::int64_t begin_ps,
                       const char* operands) {
    neuron::view::Step step;
    step.engine = static_cast<std::uint8_t>(engine);
    step.opcode = static_cast<std::uint8_t>(opcode);
    step.accesses = accesses;
    step.operands.value = static_cast<std::uint32_t>(t.texts.size());
    neuron::view::Instruction e;
    e.step = t.add_step(step);
    e.begin_ps = begin_ps;
    e.end_ps = begin_ps + 100'000;
    t.texts.push_back(operands);
    t.instructions.push_back(e);
  };
  const std::int64_t begin_ps = t.total_ps + 50'000;
  add(0, 0x02, 1, begin_ps, "S[5] (Tensor)++@complete");
  add(3, 0x46, 2, begin_ps + 130'000, "S[5] (Tensor)>=1");
  // The product fills half of a bank until it is copied to an eighth of the state buffer.
  const std::uint32_t psum = neuron::isa::kPsumBase;
  t.sbuf_partition_bytes = 192 * 1024;
  t.accesses = {{},
                {{psum, psum + 1024, 0, 128, true}},
                {{psum, psum + 1024, 0, 128, false}, {0, 24 * 1024, 0, 128, true}}};
  t.semaphores.push_back({begin_ps + 110'000, 1, 5, 0});
  t.total_ps = t.instructions.back().end_ps;
  return t;
}

/// One stored profile, its server, and a browser with its page open.
struct Session {
  TemporaryDirectory directory;
  neuron::view::Timeline timeline = with_dependency(with_variables(synthetic_timeline(3000)));
  std::unique_ptr<neuron::view::Store> store;
  std::unique_ptr<neuron::view::PageServer> server;
  std::thread thread;
  std::unique_ptr<Browser> browser;

  Session() {
    using namespace neuron::view;
    store = std::make_unique<Store>(REQUIRE_OK(Store::open(directory.path)));
    REQUIRE_OK(store->put(kId, "digits", timeline, metrics_of(timeline), false));
    server = std::make_unique<PageServer>(
        REQUIRE_OK(PageServer::bind({.host = "127.0.0.1", .port = 0, .profile = ""}, *store)));
    thread = std::thread([this] { server->run(); });
    browser = std::make_unique<Browser>();
  }
  ~Session() {
    browser.reset();
    if (server) server->stop();
    if (thread.joinable()) thread.join();
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + path;
  }
  /// Goes to a page with a timeline and waits for its first events.
  void open(const std::string& path) {
    browser->go(path.find("://") == std::string::npos ? url(path) : path);
    REQUIRE(browser->becomes("return window.neuron_timeline?.data"));
  }
  void open_profile() { open("/profile/" + kId); }
  void open_tab(const std::string& id) {
    browser->run("document.getElementById('tab-" + id + "').click()");
  }
  /// Gives a control a value, as a user does.
  void change(const std::string& selector, const std::string& value,
              const std::string& event = "change") {
    browser->run("const e = document.querySelector(`" + selector + "`); e.value = '" + value +
                 "'; e.dispatchEvent(new Event('" + event + "'))");
  }
  /// Keeps one more profile, of 500 instructions, under an id of that digit alone.
  std::string keep_shorter(char digit, const std::string& name) {
    using namespace neuron::view;
    const std::string id = "n_" + std::string(40, digit);
    const Timeline shorter = synthetic_timeline(500);
    REQUIRE_OK(store->put(id, name, shorter, metrics_of(shorter), false));
    return id;
  }
  struct Box {
    double left = 0, top = 0, width = 0, height = 0;
  };
  /// Where a part of the timeline stands on the screen: "plot", "overview" ...
  Box box_of(const std::string& part) {
    const neuron::Json b = browser->run("const b = neuron_timeline." + part +
                                        ".getBoundingClientRect();"
                                        "return [b.left, b.top, b.width, b.height]");
    return {b.at(0), b.at(1), b.at(2), b.at(3)};
  }
  std::string text(const std::string& selector) {
    return browser->run("return document.querySelector('" + selector + "')?.textContent ?? ''");
  }
  /// Where the middle of event `index` stands on the screen, in the lane that holds it.
  std::pair<double, double> place_of(std::uint32_t index, const std::string& row) {
    const neuron::Json at =
        browser->run("const t = neuron_timeline, p = t.placed.find((p) => p.name === '" + row +
                     "');"
                     "const box = t.plot.getBoundingClientRect();"
                     "for (let lane = 0; lane < p.row.tracks.length; ++lane) {"
                     "  const s = t.data.tracks.get(p.row.tracks[lane]), i = s.index.indexOf(" +
                     std::to_string(index) +
                     ");"
                     "  if (i >= 0) return [box.left + t.x_of((s.begin[i] + s.end[i]) / 2),"
                     "    box.top + (t.lane_edges(p, lane)[0] + t.lane_edges(p, lane)[1]) / 2]; }");
    return {at.at(0), at.at(1)};
  }
  double length() {
    const auto [begin, end] = view();
    return end - begin;
  }
  std::pair<double, double> view() {
    const neuron::Json v =
        browser->run("return [neuron_timeline.view.begin, neuron_timeline.view.end]");
    return {v.at(0), v.at(1)};
  }
};

/// The `n`th instruction of an engine with this opcode.
inline std::uint32_t instruction_of(const neuron::view::Timeline& timeline, int engine, int opcode,
                                    int n) {
  for (std::uint32_t i = 0; i < timeline.instructions.size(); ++i)
    if (timeline.instructions[i]->engine == engine && timeline.instructions[i]->opcode == opcode &&
        n-- == 0)
      return i;
  return 0;
}

/// Searches any field for a text.
inline void search_for(Session& s, const std::string& text) {
  s.browser->run(
      "document.getElementById('tab-search').click();"
      "document.getElementById('search-text').value = '" +
      text +
      "';"
      "document.querySelector('#panel form').requestSubmit()");
  REQUIRE(s.browser->becomes("return document.getElementById('search-count')"));
}

/// No tab of the page is empty.
inline void every_tab_opens(Session& s) {
  const neuron::Json empty = s.browser->run(
      "const list = []; for (const tab of document.querySelectorAll('[role=tab]')) { tab.click();"
      " if (!document.getElementById('panel').textContent.trim()) list.push(tab.textContent); }"
      "return list");
  CHECK(empty == neuron::Json::array());
}

/// Runs a tour through pages in a browser; without one, says so.
inline void in_browser(void (*tour)(Session&)) {
  if (Browser::driver().empty()) {
    std::puts("skipped: no chromedriver");
    return;
  }
  Session s;
  tour(s);
}
