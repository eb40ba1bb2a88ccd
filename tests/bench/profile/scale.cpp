// SPDX-License-Identifier: Apache-2.0
// scale generate EVENTS FILE: a trace of so many events, as five busy engines and sixteen rings
// make. scale browse URL: opens a profile in headless Chromium and times first picture, pans and
// zooms.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include "isa/isa.h"
#include "ntff/ntff.h"
#include "tests/web/webdriver.h"

namespace {

using namespace neuron;

constexpr std::uint64_t kBegin = 1'000'000'000;

isa::Pattern tile(std::uint32_t start, std::uint16_t elements) {
  isa::Pattern pattern;
  pattern.start = start;
  pattern.nums[0] = elements;
  return pattern;
}

/// What slot `i` of an engine does: products of four loads of weights, what reads them out of
/// PSUM, and element by element work in the state buffer; waits between them.
isa::Operation operation_of(std::uint8_t engine, std::uint32_t i) {
  const std::uint32_t place = i / 4 % 16 * 2048, bank = isa::kPsumBase + i / 4 % 8 * 2048;
  if (i % 4 == 3) return isa::event_semaphore{};
  if (engine == 0 && i % 4 == 0)
    return isa::ldweights{
        .src = tile(place, 128), .src_type = DType::BFloat16, .rows = 128, .columns = 128};
  if (engine == 0)
    return isa::matmul{.src = tile(place + 0x8000, 512),
                       .src_type = DType::BFloat16,
                       .rows = 128,
                       .columns = 128,
                       .dst_type = DType::Float32,
                       .acc_flags = 3,
                       .dst = tile(bank, 512)};
  if (engine == 1)
    return isa::activate{.src = tile(bank, 512),
                         .src_type = DType::Float32,
                         .dst_type = DType::BFloat16,
                         .partitions = 128,
                         .dst = tile(place + 0x10000, 512)};
  return isa::tensor_tensor{.lhs_type = DType::BFloat16,
                            .rhs_type = DType::BFloat16,
                            .dst_type = DType::BFloat16,
                            .partitions = 128,
                            .lhs = tile(place + 0x10000, 512),
                            .rhs = tile(place + 0x8000, 512),
                            .dst = tile(place + 0x10000 + 0x8000 * (engine - 1), 512)};
}

ntff::Image image_of(std::uint8_t engine) {
  ntff::Image image;
  image.engine = engine;
  image.base = 0x3c0000000 + engine * 0x100000ull;
  for (std::uint32_t i = 0; i < 256; ++i) {
    const isa::Instruction instruction = isa::encode({}, operation_of(engine, i));
    image.bytes.insert(image.bytes.end(), instruction.word.begin(), instruction.word.end());
  }
  return image;
}

/// Of ten events three are instructions, three packets and four changes of semaphores.
ntff::Trace trace_of(std::uint64_t events) {
  ntff::Trace trace;
  trace.neff_name = "scale.neff";
  trace.instance_type = "trn2.3xlarge";
  trace.begin_ps = kBegin;
  ntff::CoreTrace core;
  core.subgraph = "sg00";
  std::mt19937 random(7);
  const auto upto = [&](std::uint64_t n) { return random() % n; };
  for (std::uint8_t engine = 0; engine < 5; ++engine) core.images.push_back(image_of(engine));
  for (std::uint32_t i = 0; i < 16; ++i)
    core.rings.push_back({i, 1, 3, i % 2 ? "qSyncIO0" : "qGpSimdIO0", {}});
  std::uint64_t free_ps[5] = {kBegin, kBegin, kBegin, kBegin, kBegin}, dma_ps[16] = {};
  for (std::uint64_t i = 0; i < events * 3 / 10; ++i) {
    const auto e = static_cast<std::uint8_t>(i % 5);
    const auto pc =
        static_cast<std::uint32_t>(((core.images[e].base >> 6) + i / 5 % 256) & 0xfffff);
    const std::uint64_t begin = free_ps[e] + 1000 * upto(40),
                        end = begin + 20'000 + 1000 * upto(60);
    free_ps[e] = end;
    core.instructions.push_back({begin, pc, e, 0, false, 0, 3});
    core.instructions.push_back({end, pc, e, 1, false, 0xffff, 0xffff});
  }
  const std::uint64_t length = *std::max_element(free_ps, free_ps + 5) - kBegin;
  for (std::uint64_t i = 0; i < events * 3 / 10; ++i) {
    const auto engine = static_cast<std::uint8_t>(i % 16);
    const std::uint64_t begin =
                            std::max(dma_ps[engine], kBegin + length / (events * 3 / 10 + 1) * i),
                        end = begin + 5000 + upto(80'000);
    dma_ps[engine] = end;
    core.dma.push_back({begin, 0, engine, 1, 1, 0});
    core.dma.push_back({end, static_cast<std::uint32_t>(512 << upto(5)), engine, 5, 1, 0});
  }
  for (std::uint64_t i = 0; i < events * 4 / 10; ++i)
    core.events.push_back({kBegin + length / (events * 4 / 10 + 1) * i,
                           static_cast<std::uint8_t>(i % 12), true, 0xf3, 1,
                           static_cast<std::uint32_t>(i / 12 % 200)});
  trace.end_ps = kBegin + length;
  trace.cores.push_back(std::move(core));
  return trace;
}

int generate(std::uint64_t events, const char* path) {
  const auto done = write_file(path, ntff::bytes_of(trace_of(events), ntff::Framing::None));
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}

/// Fifteen pans and zooms: for each the time to its next frame, and to its data.
constexpr const char* kMoves = R"(
    const t = neuron_timeline, frames = [], answers = [];
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    window.seed ??= 1;
    const random = () => (window.seed = window.seed * 16807 % 2147483647) / 2147483647;
    for (let i = 0; i < 15; ++i) {
      const started = performance.now();
      if (i % 3 === 0) t.zoom(random() < 0.6 ? 0.5 : 1.9, t.ps_of(random() * t.width));
      else t.pan(random() - 0.5);
      await frame();
      frames.push(performance.now() - started);
      while (t.loader.busy || t.pending) await frame();
      answers.push(performance.now() - started);
    }
    return [frames, answers];)";

double at_share(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share)];
}

/// Until the first events are painted; false when that takes a minute.
constexpr const char* kPainted = R"(
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    for (let i = 0; i < 3600; ++i) {
      if (window.neuron_timeline?.data && !neuron_timeline.pending) return true;
      await frame();
    }
    return false;)";

/// Seconds until a profile's first picture is there; negative when none comes.
double first_picture(Browser& browser, const std::string& url) {
  const auto begin = std::chrono::steady_clock::now();
  browser.go(url);
  if (!browser.run(kPainted).get<bool>()) return -1;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Seconds until a browser that was just started has shown a picture that is no page of ours.
double browser_start(const std::string& picture) {
  Browser browser;
  const auto begin = std::chrono::steady_clock::now();
  browser.go(picture);
  browser.run("return new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int browse(const std::string& url) {
  const double start = browser_start(url.substr(0, url.find("profile/")) + "icon.svg");
  Browser browser;
  const double cold = first_picture(browser, url);  // the browser's own start is in it
  browser.go(url.substr(0, url.find("profile/")));
  browser.becomes("return document.querySelector('a[href*=\"profile/\"]')");
  const double warm = first_picture(browser, url);
  if (cold < 0 || warm < 0) return 1;
  std::printf("first picture %.3f s (%.3f s for an icon alone), from the list of profiles %.3f s\n",
              cold, start, warm);
  std::vector<double> frames, answers;
  for (int i = 0; i < 10; ++i) {
    const Json times = browser.run(kMoves);
    for (const Json& ms : times.at(0)) frames.push_back(ms.get<double>());
    for (const Json& ms : times.at(1)) answers.push_back(ms.get<double>());
  }
  std::printf("next frame: median %.1f ms, p99 %.1f ms; data there: median %.1f ms, p99 %.1f ms\n",
              at_share(frames, 0.5), at_share(frames, 0.99), at_share(answers, 0.5),
              at_share(answers, 0.99));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "generate" && argc == 4) return generate(std::stoull(argv[2]), argv[3]);
  try {
    if (what == "browse" && argc == 3) return browse(argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  std::fputs("usage: scale generate EVENTS FILE | scale browse URL\n", stderr);
  return 2;
}
