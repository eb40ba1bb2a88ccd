// SPDX-License-Identifier: Apache-2.0
// Public packages, made by a real compiler for real devices: every instruction keeps its bytes,
// and the programs compute what their kernels are meant to.
#include <sys/mman.h>

#include <chrono>
#include <cmath>
#include <cstdlib>

#include "base/numbers.h"
#include "neff/model.h"
#include "nrt/program.h"
#include "sim/plan.h"
#include "tests/catch.h"
#include "tests/conformance.h"

using namespace neuron;

namespace {

struct Loaded {
  neff::Package package;
  neff::Model model;
};

Loaded read(const fs::path& path) {
  Loaded l;
  l.package = REQUIRE_OK(neff::read(path));
  l.model = REQUIRE_OK(neff::model_of(l.package));
  return l;
}

using Tensors = std::map<std::string, Bytes>;

/// Reproducible numbers of a normal distribution, in the type that the package asks for.
Bytes normal(std::size_t count, DType type, std::uint64_t seed, float scale) {
  const auto uniform = [&seed] {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (static_cast<double>(seed >> 40) + 0.5) / (1 << 24);
  };
  Bytes bytes(count * size_of(type));
  for (std::size_t i = 0; i < count; ++i) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    const double x = radius * std::cos(6.283185307179586 * uniform());
    store_float(bytes, i, type, static_cast<float>(x) * scale);
  }
  return bytes;
}

std::vector<double> numbers(const Bytes& bytes, DType type) {
  std::vector<double> out(bytes.size() / size_of(type));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<double>(load_as_float(bytes, i, type));
  return out;
}

const neff::Slot& slot(const neff::Model& model, const std::string& name) {
  for (const neff::Node& node : model.nodes)
    for (const neff::Slot& s : node.outputs)
      if (s.name == name) return s;
  FAIL("no tensor " << name);
  std::abort();
}

struct Speed {
  std::size_t instructions = 0;
  double seconds = 0;
};

using Spans = std::map<std::string, std::span<std::byte>>;

/// Runs the subgraphs one after the other, each on a core of its own, over the same tensors: by
/// plan, or by the interpreter in a shuffled order.
void run(const Loaded& l, const Spans& tensors, std::optional<std::uint64_t> shuffle = {},
         Speed* speed = nullptr) {
  for (std::size_t s = 0; s < l.model.subgraphs.size(); ++s) {
    auto loaded = REQUIRE_OK(sim::load(REQUIRE_OK(nrt::program_of(l.model, s))));
    std::vector<Bytes> own(l.model.subgraphs[s].variables.size());
    std::vector<std::span<std::byte>> bound(own.size());
    for (const neff::Variable& v : l.model.subgraphs[s].variables) {
      if (const auto tensor = tensors.find(v.name); tensor != tensors.end()) {
        bound[v.id] = tensor->second;
        continue;
      }
      own[v.id].resize(v.size);
      bound[v.id] = own[v.id];
      if (v.kind != neff::VariableKind::File) continue;
      const auto data = REQUIRE_OK(neff::constant_of(l.package, l.model.subgraphs[s], v));
      std::copy(data.begin(), data.end(), own[v.id].begin());
    }
    sim::Core core(sim::program_of(*loaded).arch);
    const auto begin = std::chrono::steady_clock::now();
    if (shuffle) {
      REQUIRE_OK(sim::execute(*loaded, core, bound, shuffle));
    } else {
      const auto plan = REQUIRE_OK(sim::make_plan(*loaded));
      REQUIRE_OK(sim::run(*plan, core, bound));
    }
    if (!speed) continue;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    speed->seconds += took.count();
    for (const auto& stream : sim::program_of(*loaded).streams)
      speed->instructions += stream.size();
  }
}

Spans spans_of(Tensors& tensors) {
  Spans spans;
  for (auto& [name, bytes] : tensors) spans[name] = bytes;
  return spans;
}

/// max |a - b| / max |b|.
double error(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i])) return a[i];
    worst = std::max(worst, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return worst / largest;
}

/// out[m][n] = sum over k of x[m][k] * y[k][n].
std::vector<double> product(const std::vector<double>& x, const std::vector<double>& y,
                            std::size_t inner) {
  const std::size_t rows = x.size() / inner, columns = y.size() / inner;
  std::vector<double> out(rows * columns);
  for (std::size_t m = 0; m < rows; ++m)
    for (std::size_t k = 0; k < inner; ++k)
      for (std::size_t n = 0; n < columns; ++n)
        out[m * columns + n] += x[m * inner + k] * y[k * columns + n];
  return out;
}

std::vector<double> transposed(const std::vector<double>& x, std::size_t columns) {
  const std::size_t rows = x.size() / columns;
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) out[j * rows + i] = x[i * columns + j];
  return out;
}

void softmax_rows(std::vector<double>& x, std::size_t columns) {
  for (std::size_t at = 0; at < x.size(); at += columns) {
    const auto row = std::span(x).subspan(at, columns);
    const double most = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (double& v : row) sum += v = std::exp(v - most);
    for (double& v : row) v /= sum;
  }
}

/// softmax(Q^T K) V^T of [128, S] tensors: [S, 128].
std::vector<double> attention(const std::vector<double>& q, const std::vector<double>& k,
                              const std::vector<double>& v) {
  const std::size_t length = q.size() / 128;
  auto scores = product(transposed(q, length), k, 128);
  softmax_rows(scores, length);
  return product(scores, transposed(v, length), length);
}

void check_attention(const fs::path& path, double tolerance) {
  INFO(path.filename().string());
  const Loaded l = read(path);
  const DType type = slot(l.model, "q_ref").type;
  const auto count = static_cast<std::size_t>(count_of(slot(l.model, "q_ref").shape));
  Tensors tensors;
  std::uint64_t seed = 1;
  for (const char* name : {"q_ref", "k_ref", "v_ref"})
    tensors[name] = normal(count, type, seed++, 1.0f);
  const auto expected = attention(numbers(tensors["q_ref"], type), numbers(tensors["k_ref"], type),
                                  numbers(tensors["v_ref"], type));
  for (const std::optional<std::uint64_t> shuffle :
       {std::optional<std::uint64_t>{}, std::optional<std::uint64_t>{7}}) {
    tensors["kernel_out"].assign(tensors["q_ref"].size(), std::byte{0xff});
    run(l, spans_of(tensors), shuffle);
    const double e = error(numbers(tensors["kernel_out"], type), expected);
    CHECK(e < tolerance);
  }
}

}  // namespace

TEST_CASE("every known instruction of every package keeps its bytes through decode and encode") {
  const auto dir = conformance("neff");
  if (!dir) return;
  std::size_t known = 0, unknown = 0;
  for (const auto& file : fs::directory_iterator(*dir)) {
    if (file.path().extension() != ".neff") continue;
    const Loaded l = read(file.path());
    for (const neff::Subgraph& s : l.model.subgraphs)
      for (const neff::EngineProgram& e : s.engines)
        for (std::size_t at = 0; at < e.instructions.size(); at += isa::kInstructionBytes) {
          const auto word = ByteView(e.instructions).subspan(at, isa::kInstructionBytes);
          auto i = isa::decode_one(word);
          if (!i) {
            ++unknown;
            continue;
          }
          ++known;
          if (isa::encode(i->sync, i->op).word != i->word)
            FAIL(file.path().filename().string()
                 << " " << s.name << " " << e.token << " pc " << at / 64 << ": " << hex(word));
        }
  }
  CHECK(known > 60000);
  CHECK(unknown == 0);
}

TEST_CASE("the small matrix product of a real compiler gives x @ y") {
  const auto dir = conformance("neff");
  if (!dir) return;
  const Loaded l = read(*dir / "nkipy-matmul_small.neff");
  Tensors tensors;
  tensors["x"] = normal(128 * 256, DType::Float16, 3, 1.0f);
  tensors["y"] = normal(256 * 128, DType::Float16, 4, 1.0f);
  const auto expected =
      product(numbers(tensors["x"], DType::Float16), numbers(tensors["y"], DType::Float16), 256);
  for (const std::optional<std::uint64_t> shuffle :
       {std::optional<std::uint64_t>{}, std::optional<std::uint64_t>{5}}) {
    tensors["output0"].assign(128 * 128 * 2, std::byte{0xff});
    run(l, spans_of(tensors), shuffle);
    CHECK(error(numbers(tensors["output0"], DType::Float16), expected) < 1e-3);
  }
}

TEST_CASE("attention kernels of a real compiler give softmax(Q^T K) V^T") {
  const auto dir = conformance("neff");
  if (!dir) return;
  check_attention(*dir / "attention-fused_fp32_s512.neff", 1e-5);
  check_attention(*dir / "attention-baseline_fp32_s1024.neff", 1e-5);
  check_attention(*dir / "attention-fused_bf16_s512.neff", 4e-3);
  check_attention(*dir / "attention-baseline_bf16_s512.neff", 4e-3);
}

// 550 GFLOP: some seconds, and address space for 4 GiB of which only pages with numbers appear.
// Hidden for its time; run it by name: test_nrt "[.large]".
TEST_CASE("the large matrix product gives x @ y in the columns that hold numbers", "[.large]") {
  const auto dir = conformance("neff");
  if (!dir) return;
  const Loaded l = read(*dir / "nkipy-matmul_large.neff");
  constexpr std::size_t kInner = 32768, kColumns = 65536;
  constexpr std::size_t kUsed[] = {0, 129, 40000, 40001, 65535};
  const std::size_t y_bytes = kInner * kColumns * 2;
  void* at = mmap(nullptr, y_bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) {
    std::puts("skipped: no address space for 4 GiB");
    return;
  }
  const std::span<std::byte> y(static_cast<std::byte*>(at), y_bytes);
  Tensors tensors;
  tensors["x"] = normal(128 * kInner, DType::Float16, 3, 1.0f);
  tensors["output0"].assign(128 * kColumns * 2, std::byte{0xff});
  const Bytes used = normal(kInner * std::size(kUsed), DType::Float16, 4, 1.0f);
  for (std::size_t k = 0; k < kInner; ++k)
    for (std::size_t i = 0; i < std::size(kUsed); ++i)
      store_float(y, k * kColumns + kUsed[i], DType::Float16,
                  load_as_float(used, k * std::size(kUsed) + i, DType::Float16));
  Spans spans = spans_of(tensors);
  spans["y"] = y;
  Speed speed;
  run(l, spans, {}, &speed);
  munmap(at, y_bytes);
  fmt::print("{:.0f} instructions/s, {:.1f} s\n",
             static_cast<double>(speed.instructions) / speed.seconds, speed.seconds);
  const auto expected =
      product(numbers(tensors["x"], DType::Float16), numbers(used, DType::Float16), kInner);
  const auto all = numbers(tensors["output0"], DType::Float16);
  std::vector<double> found;
  std::size_t others = 0;
  for (std::size_t m = 0; m < 128; ++m) {
    for (const std::size_t n : kUsed) found.push_back(all[m * kColumns + n]);
    for (std::size_t n = 0; n < kColumns; ++n) others += all[m * kColumns + n] != 0;
  }
  CHECK(error(found, expected) < 1e-3);
  CHECK(others <= found.size());
}

namespace {

constexpr std::size_t kHidden = 2048, kExperts = 128, kChosen = 8, kInner = 192;

/// One step of a mixture of experts, in the layout of the public Trn3 package: [0] x, [1] router,
/// [2] scale of the norm, [3] down, [4] gate and up.
struct Experts {
  std::array<Bytes, 5> tensors;
  std::vector<double> norm, out;
  std::vector<std::pair<double, std::size_t>> chosen;  ///< share and expert

  double at(int tensor, std::size_t i) const {
    return static_cast<double>(
        load_as_float(tensors[static_cast<std::size_t>(tensor)], i, DType::BFloat16));
  }

  Experts() : norm(kHidden), out(kHidden) {
    tensors[0] = normal(kHidden, DType::BFloat16, 11, 1.0f);
    tensors[1] = normal(kHidden * kExperts, DType::BFloat16, 12, 0.05f);
    tensors[2] = normal(kHidden, DType::BFloat16, 13, 1.0f);
    tensors[3].resize(kExperts * kInner * kHidden * 2);
    tensors[4].resize(kExperts * kInner * kHidden * 4);
    normalise();
    choose();
    for (const auto& [share, expert] : chosen) add(share, expert);
  }

  /// Element h of x stands in row h % 128, column h / 128 of all weights.
  void normalise() {
    double squares = 0;
    for (std::size_t h = 0; h < kHidden; ++h) squares += at(0, h) * at(0, h);
    const double scale = 1 / std::sqrt(squares / kHidden + 1e-6);
    for (std::size_t h = 0; h < kHidden; ++h)
      norm[h % 128 * 16 + h / 128] = at(0, h) * scale * at(2, h % 128 * 16 + h / 128);
  }
  void choose() {
    std::vector<std::pair<double, std::size_t>> shares;
    for (std::size_t e = 0; e < kExperts; ++e) {
      double logit = 0;
      for (std::size_t i = 0; i < kHidden; ++i) logit += norm[i] * at(1, i * kExperts + e);
      shares.emplace_back(std::exp(logit), e);
    }
    std::sort(shares.rbegin(), shares.rend());
    double sum = 0;
    for (std::size_t i = 0; i < kChosen; ++i) sum += shares[i].first;
    for (std::size_t i = 0; i < kChosen; ++i)
      chosen.emplace_back(shares[i].first / sum, shares[i].second);
  }
  /// Only experts that are chosen get weights: others would not be seen.
  void add(double share, std::size_t expert) {
    const Bytes down = normal(kInner * kHidden, DType::BFloat16, 100 + expert, 0.05f);
    const Bytes both = normal(2 * kInner * kHidden, DType::BFloat16, 300 + expert, 0.03f);
    std::copy(down.begin(), down.end(),
              tensors[3].begin() + static_cast<std::ptrdiff_t>(expert * down.size()));
    std::copy(both.begin(), both.end(),
              tensors[4].begin() + static_cast<std::ptrdiff_t>(expert * both.size()));
    for (std::size_t i = 0; i < kInner; ++i) {
      double gate = 0, up = 0;
      for (std::size_t h = 0; h < kHidden; ++h) {
        const std::size_t row = ((expert * 2 + i / 96) * kHidden + h) * 192 + i % 96;
        gate += norm[h] * at(4, row);
        up += norm[h] * at(4, row + 96);
      }
      const double inner = share * gate / (1 + std::exp(-gate)) * up;
      for (std::size_t h = 0; h < kHidden; ++h)
        out[h] += inner * at(3, (expert * kInner + i) * kHidden + h);
    }
  }
};

}  // namespace

// The meaning of a dozen instructions was read off this one program. That its result is right says
// that they fit together, not that each is what the hardware does.
TEST_CASE("the two cores of the Trn3 package compute a mixture of experts together") {
  const auto dir = conformance("neff");
  if (!dir) return;
  const Loaded l = read(*dir / "moe-trn3-lnc2.neff");
  Experts experts;
  Bytes out(kHidden * 2, std::byte{0xff});
  for (const std::optional<std::uint64_t> shuffle :
       {std::optional<std::uint64_t>{}, std::optional<std::uint64_t>{3}}) {
    std::vector<sim::LoadedPtr> loaded;
    std::vector<sim::Core> cores;
    std::vector<std::vector<Bytes>> own(2);
    std::vector<std::vector<std::span<std::byte>>> bound(2);
    for (std::size_t s = 0; s < 2; ++s) {
      loaded.push_back(REQUIRE_OK(sim::load(REQUIRE_OK(nrt::program_of(l.model, s)))));
      CHECK(sim::needs_peer(*loaded.back()));
      cores.emplace_back(isa::ArchId::V4);
      own[s].resize(l.model.subgraphs[s].variables.size());
      bound[s].resize(own[s].size());
      for (const neff::Variable& v : l.model.subgraphs[s].variables) {
        if (v.name.starts_with("input")) {
          bound[s][v.id] = experts.tensors[static_cast<std::size_t>(v.name[5] - '0')];
        } else if (v.name == "output0") {
          bound[s][v.id] = out;
        } else {
          own[s][v.id].resize(v.size);
          bound[s][v.id] = own[s][v.id];
        }
        if (v.kind != neff::VariableKind::File) continue;
        const auto data = REQUIRE_OK(neff::constant_of(l.package, l.model.subgraphs[s], v));
        std::copy(data.begin(), data.end(), own[s][v.id].begin());
      }
    }
    const sim::Part parts[] = {{loaded[0].get(), &cores[0], bound[0]},
                               {loaded[1].get(), &cores[1], bound[1]}};
    CHECK_FALSE(sim::execute(*loaded[0], cores[0], bound[0]));
    REQUIRE_OK(sim::execute_together(parts, shuffle));
    CHECK(error(numbers(out, DType::BFloat16), experts.out) < 0.02);
  }
}

TEST_CASE("the speed of real packages is measured", "[.bench]") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const char* name :
       {"attention-baseline_fp32_s1024", "attention-fused_bf16_s512", "nkipy-matmul_small"}) {
    const Loaded l = read(*dir / (std::string(name) + ".neff"));
    Speed speed;
    for (int i = 0; i < 10; ++i) run(l, {}, {}, &speed);
    fmt::print("{}: {:.0f} instructions/s, {:.1f} ms a run\n", name,
               static_cast<double>(speed.instructions) / speed.seconds, speed.seconds * 100);
  }
}
