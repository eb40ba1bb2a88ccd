// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <utility>

#include "tests/unit/sim/random_published.h"

/// Random valid programs whose products are exact in any order: the numbers that meet in the tensor
/// engine are small integers. So two ways to execute must agree in every bit.
namespace neuron::sim::test {

class RandomProgram : public RandomPublished {
 public:
  explicit RandomProgram(std::uint64_t seed) : RandomPublished(seed) {
    program.name = "sg00";
    program.variables = {{"sbuf", Storage::Local, 0},
                         {"input", Storage::Device, 128 * kRow * 4},
                         {"constant", Storage::Device, 128 * kRow * 4},
                         {"scratch", Storage::Device, 128 * kRow * 4},
                         {"sbuf_out", Storage::Device, 128 * 16384},
                         {"psum_out", Storage::Device, 128 * 16384}};
    program.queues.push_back({"q", QueueKind::Static, isa::Engine::Sync, 16});
    data.resize(kVariables);
    for (std::uint32_t v = 1; v < kVariables; ++v) data[v].resize(program.variables[v].size);
    for (const auto v : {Input, Constant})
      for (std::size_t i = 0; i < 128 * kRow; ++i)
        store_float(data[v], i, DType::Float32, static_cast<float>(roll(-3, 3)));
    // An infinity spreads as NaN to all it meets, zeros included. The halves of float32 give
    // another NaN where the plan sees the whole number, so these programs have none.
    infinite_ = seed % 5 == 0;
    for (int i = infinite_ ? roll(1, 20) : 0; i > 0; --i)
      store_float(data[Input], static_cast<std::size_t>(roll(0, 128 * kRow - 1)), DType::Float32,
                  roll(0, 1) ? INFINITY : -INFINITY);
    for (std::size_t p = 0; p < 128; ++p)  // the last 128 columns of the constant: an identity
      for (std::size_t i = 0; i < 128; ++i)
        store_float(data[Constant], p * kRow + kRow - 128 + i, DType::Float32, p == i);
    for (std::size_t p = 0; p < 128; ++p)  // and those before them
      for (std::size_t i = 0; i < kBand; ++i)
        store_float(data[Constant], p * kRow + kRow - 128 - kBand + i, DType::Float32,
                    p % kBand == i ? static_cast<float>(p / kBand % 3 + 1) : 0.0f);
    rows(Constant, (kRow - 128) * 4, kRow * 4, Sbuf, kIdentity, isa::kPartitionStride, 512, 128);
    rows(Constant, (kRow - 128 - kBand) * 4, kRow * 4, Sbuf, kBands, isa::kPartitionStride,
         4 * kBand, 128);
    rows(Input, 0, kRow * 4, Sbuf, kWhole, isa::kPartitionStride, kRow * 4, 128);
    const int length = roll(5, 60);
    for (int i = 0; i < length; ++i) something();
    rows(Sbuf, kWhole, isa::kPartitionStride, SbufOut, 0, 16384, 16384, 128);
    if (roll(0, 1))
      rows(Sbuf, isa::kPsumBase, isa::kPartitionStride, PsumOut, 0, 16384, 16384, 128);
  }

 protected:
  void transfer() {
    const std::int64_t count = roll(1, 128), p = roll(0, 128 - int(count));
    const std::int64_t bytes = 4 * roll(1, roll(0, 1) ? 64 : 512), column = 4 * roll(0, 1024);
    const std::int64_t device = p * kRow * 4 + 4 * roll(0, 1024);
    const std::int64_t sbuf = p * isa::kPartitionStride + kWhole + column;
    const std::int64_t any = sbuf + kAny, stride = isa::kPartitionStride;
    switch (roll(0, 5)) {
      case 0:
        return rows(Input, device, kRow * 4, Sbuf, sbuf, stride, bytes, count);
      case 1:
      case 2:
        return rows(Constant, device, kRow * 4, Sbuf, sbuf, stride, bytes, count);
      case 3:
        return rows(Sbuf, sbuf, stride, Scratch, device, kRow * 4, bytes, count);
      case 4:
        return rows(Scratch, device, kRow * 4, Sbuf, any, stride, bytes, count,
                    roll(0, 1) ? DType::BFloat16 : DType::UInt8);
      default:
        return rows(Sbuf, sbuf, stride, Sbuf, any, stride, bytes, count);
    }
  }

  void weights(std::uint8_t k, std::uint8_t m, std::uint32_t at, DType type, std::uint8_t mode,
               bool transpose) {
    isa::ldweights w;
    w.src = {at + static_cast<std::uint32_t>((m - 1) * static_cast<int>(size_of(type))),
             {-1, 0, 0, 0},
             {m, 1, 1, 1}};
    w.src_type = type;
    w.fp32_mode = mode;
    w.transpose = transpose;
    w.rows = k;
    w.columns = m;
    w.row_groups = w.column_groups = 0xf;
    add(isa::Engine::Tensor, w);
  }
  void product(std::uint8_t k, std::uint8_t m, const isa::Pattern& moving, const isa::Pattern& dst,
               DType type, std::uint8_t flags, std::uint8_t mode, bool transpose) {
    isa::matmul p;
    p.src = moving;
    p.src_type = type;
    p.fp32_mode = mode;
    p.transpose = transpose;
    p.rows = k;
    p.columns = m;
    p.acc_flags = flags;
    p.row_groups = p.column_groups = 0xf;
    p.dst = dst;
    add(isa::Engine::Tensor, p);
  }

  /// A few products that sum in one or two banks, as convolutions and matrix products make them.
  void sums() {
    const std::uint8_t m = roll(0, 7) == 0 ? 1
                           : roll(0, 1)    ? roll8(1, 128)
                                           : static_cast<std::uint8_t>(16 * roll(1, 8));
    const int n = roll(0, 3) ? roll(1, 512) : roll(1, 20), banks = roll(1, 2);
    const int terms = roll(1, n > 20 ? 4 : 9);
    const std::uint32_t first = bank();
    std::vector<std::uint32_t> at{first};
    if (banks == 2) at.push_back((first - isa::kPsumBase + 2048) % 16384 + isa::kPsumBase);
    bool begun = roll(0, 7) == 0;
    for (int t = 0; t < terms; ++t) {
      const bool alone = roll(0, 3) == 0;  // each row of weights has a column of its own
      const std::uint8_t k = alone && roll(0, 3) ? m : roll8(1, 128);
      const DType type = alone || roll(0, 3) ? DType::Float32 : DType::BFloat16;
      const std::uint32_t w =
          alone ? kIdentity : kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 129));
      std::vector<isa::Pattern> moving, to;
      const int cut = begun && roll(0, 1) ? roll(0, n - 1) : 0, count = n - cut;
      for (std::uint32_t b : at) {
        moving.push_back(pattern(kWhole, count, static_cast<int>(size_of(type))));
        to.push_back(line(b + static_cast<std::uint32_t>(roll(0, cut)) * 4, count));
      }
      const bool split = type == DType::Float32 && roll(0, 4) && !infinite_;
      // Small integers are whole in their HIGH half alone.
      const int from = split ? roll(0, 3) ? 1 : 2 : 0;
      for (int pass = from; pass <= (split ? 2 : 0); ++pass) {
        weights(k, m, w, type, static_cast<std::uint8_t>(pass), false);
        for (std::size_t b = 0; b < at.size(); ++b)
          product(k, m, moving[b], to[b], type, begun || pass > from ? 0 : 1,
                  roll(0, 5) || !split ? 3 : 2, false);
        begun = true;
        if (roll(0, 15) == 0) something_small();
      }
    }
  }
  /// Rows of a table, picked by rows of zeros and ones that are written for each product anew.
  void gather() {
    const std::uint8_t k = roll8(1, 128), m = static_cast<std::uint8_t>(16 * roll(1, 8));
    const std::uint32_t to = bank(),
                        place = kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 129));
    const int n = roll(0, 3) ? roll(1, 16) : roll(1, 64), terms = roll(1, 7);
    const auto mode = static_cast<std::uint8_t>(roll(0, 1) ? 2 : 0);
    for (int t = 0; t < terms; ++t) {
      isa::tensor_scalar s;
      s.src = line(kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 129)), m);
      s.dst = line(place, m);
      s.src_type = s.dst_type = DType::Float32;
      s.partitions = k;
      s.op0 = isa::Alu::Add;
      s.operand0 = std::bit_cast<std::uint32_t>(static_cast<float>(roll(-2, 2)));
      s.op1 = isa::Alu::IsEqual;
      s.operand1 = std::bit_cast<std::uint32_t>(roll(0, 2) ? 100.0f : 1.0f);
      add(isa::Engine::Vector, s);
      weights(k, m, place, DType::Float32, mode, false);
      product(k, m, pattern(kWhole, n), line(to, n), DType::Float32, t == 0, 3, false);
      if (roll(0, 15) == 0) something_small();
    }
  }
  /// What one layer is to a plan: the same columns move through constant weights, part by part of
  /// the output, each of which is taken away, maybe to where it disturbs the others.
  void layer() {
    const int parts = roll(2, 5), n = roll(1, 512);
    const auto k = roll8(1, 128);
    const std::uint8_t m = roll(0, 1) ? roll8(9, 128) : static_cast<std::uint8_t>(8 * roll(2, 16));
    const auto moving = pattern(kWhole, n);
    std::vector<std::uint32_t> at;
    for (int i = 0; i < parts; ++i) {
      at.push_back(kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 129)));
      rows(Constant, 4 * roll(0, kRow - 129), kRow * 4, Sbuf, at.back(), isa::kPartitionStride,
           4 * m, 128);
    }
    for (int i = 0; i < parts; ++i) {
      const auto to = line(isa::kPsumBase + 2048u * static_cast<unsigned>(i), n);
      weights(k, m, at[static_cast<std::size_t>(i)], DType::Float32, 0, false);
      product(k, m, moving, to, DType::Float32, 1, 3, false);
      if (roll(0, 9)) evict(to, n, m);
    }
  }
  /// Products that fill a row part by part, and what goes on with all of it, or with some of them.
  void tiles() {
    const int parts = roll(2, 4), n = roll(1, 200), all = parts * n;
    const auto k = roll8(1, 128), m = roll8(1, 128);
    const std::uint32_t to = number(all);
    for (int i = 0; i < parts; ++i) {
      const auto from = line(bank(), n);
      weights(k, m, kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 129)), DType::Float32, 0,
              false);
      product(k, m, pattern(kWhole, n), from, DType::Float32, 1, 3, false);
      link(from, from, line(to + 4u * static_cast<unsigned>(i * n), n), m);
      if (roll(0, 9) == 0) something_small();
    }
    const int count = roll(0, 3) ? all : roll(1, all);
    const int first = roll(0, 3) ? 0 : roll(0, all - count);
    chain(line(to + 4u * static_cast<unsigned>(first), count), count,
          roll(0, 7) ? m : roll8(1, 128));
  }
  /// Windows over images: columns of the result, rows, elements of each, and what they step over.
  struct Windows {
    int width, height, across, down, step, pad;
    int in_width() const { return std::max(1, (width - 1) * step + across - 2 * pad); }
    int in_height() const { return std::max(1, (height - 1) * step + down - 2 * pad); }
  };
  /// Such that the image fits into the area of whole numbers, from `start` on.
  Windows windows(bool padded, std::uint32_t& start) {
    for (;;) {
      const Windows w{roll(1, 30), roll(1, 30), roll(1, 5),
                      roll(1, 6),  roll(1, 2),  padded ? roll(0, 2) : 0};
      const int floats = w.in_width() * w.in_height();
      if (w.pad * 2 >= std::min(w.across, w.down) + 1 || w.width * w.height > 512 ||
          floats > static_cast<int>(kRow))
        continue;
      start = kWhole + 4u * static_cast<unsigned>(roll(0, static_cast<int>(kRow) - floats));
      return w;
    }
  }
  /// A depthwise convolution: the weights of a tap are a diagonal, or some below each other, and a
  /// tap that looks over the border covers fewer columns. One that covers all comes first.
  void image() {
    std::uint32_t start = 0;
    const Windows w = windows(true, start);
    const bool bands = roll(0, 1);
    const std::uint8_t m = bands ? kBand : roll8(9, 128);
    const auto k = static_cast<std::uint8_t>(bands ? m * roll(1, 128 / int(kBand)) : m);
    const std::uint32_t to = bank();
    std::vector<std::pair<int, int>> taps{{w.pad, w.pad}};
    for (int y = 0; y < w.down; ++y)
      for (int x = 0; x < w.across; ++x)
        if (y != w.pad || x != w.pad) taps.emplace_back(y, x);
    bool first = true;
    for (const auto& [y, x] : taps) {
      // Of the result, the columns and rows whose element is inside.
      const auto inside = [&](int tap, int count, int in) {
        int begin = 0, end = count;
        while (begin < end && begin * w.step + tap - w.pad < 0) ++begin;
        while (begin < end && (end - 1) * w.step + tap - w.pad >= in) --end;
        return std::pair(begin, end);
      };
      const auto [left, right] = inside(x, w.width, w.in_width());
      const auto [top, bottom] = inside(y, w.height, w.in_height());
      if (left == right || top == bottom) continue;
      const auto columns = static_cast<std::uint16_t>(right - left),
                 rows = static_cast<std::uint16_t>(bottom - top);
      const int from = (top * w.step + y - w.pad) * w.in_width() + left * w.step + x - w.pad;
      const isa::Pattern moving{start + 4u * static_cast<unsigned>(from),
                                {static_cast<std::int16_t>(w.step),
                                 static_cast<std::int16_t>(w.step * w.in_width()), 0, 0},
                                {columns, rows, 1, 1}};
      const isa::Pattern dst{to + 4u * static_cast<unsigned>(top * w.width + left),
                             {1, static_cast<std::int16_t>(w.width), 0, 0},
                             {columns, rows, 1, 1}};
      weights(k, m, bands ? kBands : kIdentity, DType::Float32, 0, false);
      product(k, m, moving, dst, DType::Float32, first ? 1 : 0, 3, false);
      first = false;
    }
    const int n = w.width * w.height;
    if (roll(0, 3)) evict(line(to, n), n, m);
  }
  /// A convolution of few channels: copies of the image below each other, each a row further down,
  /// between zeros, so that one product sums the taps of a column.
  struct Copied {
    int channels, copies, width, height, pad;
    int pitch() const { return width + 2 * pad; }
    int rows() const { return channels * copies; }
    int columns() const { return pitch() - copies + 1; }  ///< of the result
  };
  void copied() {
    const Copied c{roll(0, 1) ? int(kBand) : roll(1, 32), roll(1, 3), roll(4, 30), roll(2, 30),
                   roll(0, 2)};
    if (c.columns() < 1 || c.pitch() * c.height > 1024) return;
    const bool device = roll(0, 2) == 0;
    const std::int64_t step = device ? kRow * 4 : isa::kPartitionStride;
    const std::int64_t from = 4 * roll(0, int(kRow) - c.width * c.height) +
                              step * roll(0, 128 - c.channels) + (device ? 0 : kWhole);
    if (roll(0, 2) == 0)
      rows(Input, 0, kRow * 4, Sbuf, kCopies, isa::kPartitionStride, kRow * 4, 128);
    borders(c);
    std::vector<Descriptor> all;
    for (int i = 0; i < c.copies; ++i) {
      copy_rows(c, i, device ? Input : Sbuf, from, step, all);
      if (roll(0, 2)) moved(std::exchange(all, {}));
      if (roll(0, 15) == 0) something_small();
    }
    if (!all.empty()) moved(all);
    if (roll(0, 7) == 0) something_small();
    if (roll(0, 15) == 0)
      rows(Sbuf, kCopies, isa::kPartitionStride, Sbuf, kAny, isa::kPartitionStride, 4 * 512, 128);
    sum_copied(c);
  }
  /// Columns and rows around the image, mostly of zeros.
  void borders(const Copied& c) {
    const auto around = [&](int first, int step, int count) {
      isa::memset m;
      m.count = static_cast<std::uint16_t>(count);
      m.dst_type = DType::Float32;
      m.value = roll(0, 15) ? 0 : std::bit_cast<std::uint32_t>(1.0f);
      m.dst = {kCopies + 4u * static_cast<unsigned>(first),
               {static_cast<std::int16_t>(step), 0, 0, 0},
               {m.count, 1, 1, 1}};
      m.partitions = static_cast<std::uint8_t>(c.rows());
      add(isa::Engine::Vector, m);
    };
    for (int x = 0; x < c.pad; ++x) {
      around(x, c.pitch(), c.height);
      around(c.pitch() - 1 - x, c.pitch(), c.height);
    }
    around(0, 1, c.pitch());
    around(c.pitch() * (c.height - 1), 1, c.pitch());
  }
  /// Copy `i`: row y of it is row y + i - pad of the image, where there is one.
  void copy_rows(const Copied& c, int i, std::uint32_t variable, std::int64_t from,
                 std::int64_t step, std::vector<Descriptor>& out) {
    const int first = std::max(0, c.pad - i), last = std::min(c.height, c.height + c.pad - i);
    if (first >= last) return;
    Descriptor d;
    d.from.push_back({{variable},
                      from + 4 * c.width * (first + i - c.pad),
                      {1, 4 * c.width, step, 0},
                      {4 * c.width, last - first, c.channels, 1},
                      DType::UInt8});
    d.to = {{Sbuf},
            kCopies + std::int64_t{isa::kPartitionStride} * i * c.channels +
                4 * (first * c.pitch() + c.pad),
            {1, 4 * c.pitch(), isa::kPartitionStride, 0},
            {4 * c.width, last - first, c.channels, 1},
            DType::UInt8};
    out.push_back(std::move(d));
  }
  /// Some rows of the result at a time, all in PSUM before any is taken away, or one by one.
  void sum_copied(const Copied& c) {
    const bool bands = c.channels == int(kBand) && roll(0, 1), at_once = roll(0, 1);
    const auto k = static_cast<std::uint8_t>(c.rows());
    const std::uint8_t m = bands ? kBand : static_cast<std::uint8_t>(8 * roll(1, 16));
    const int most = std::max(1, 512 / c.columns()), each = roll(1, std::min(most, c.height));
    std::vector<std::pair<isa::Pattern, int>> sums;
    for (int y = 0; y < c.height && sums.size() < 8; y += each) {
      const int height = std::min(each, c.height - y), n = height * c.columns();
      const auto to = line(isa::kPsumBase + 2048u * static_cast<unsigned>(sums.size()), n);
      for (int x = 0; x < c.copies; ++x) {
        const isa::Pattern moving{
            kCopies + 4u * static_cast<unsigned>(y * c.pitch() + x),
            {1, static_cast<std::int16_t>(c.pitch()), 0, 0},
            {static_cast<std::uint16_t>(c.columns()), static_cast<std::uint16_t>(height), 1, 1}};
        weights(k, m, bands ? kBands : kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 129)),
                DType::Float32, 0, false);
        product(k, m, moving, to, DType::Float32, x == 0 ? 1 : 0, 3, false);
      }
      sums.emplace_back(to, n);
      if (!at_once) evict(to, n, m);
    }
    if (at_once && roll(0, 3) == 0) something_small();
    for (const auto& [to, n] : sums)
      if (at_once) evict(to, n, m);
  }
  void pool() {
    isa::tensor_reduce r;
    const Windows w = windows(false, r.src.start);
    r.src.steps = {1, static_cast<std::int16_t>(w.in_width()), static_cast<std::int16_t>(w.step),
                   static_cast<std::int16_t>(w.step * w.in_width())};
    r.src.nums = {static_cast<std::uint16_t>(w.across), static_cast<std::uint16_t>(w.down),
                  static_cast<std::uint16_t>(w.width), static_cast<std::uint16_t>(w.height)};
    r.src_type = r.dst_type = DType::Float32;
    r.op = roll(0, 1) ? isa::Alu::Max : isa::Alu::Add;
    r.axes = 3;
    r.negate = roll8(0, 1);
    r.dst = pattern(kAny, w.width * w.height);
    r.partitions = roll8(1, 128);
    add(isa::Engine::Vector, r);
  }
  void turn() {
    const std::uint8_t k = roll8(1, 128), m = roll8(1, 128);
    weights(k, m, kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 129)), DType::Float32, 1,
            true);
    product(k, m, line(roll(0, 7) ? kIdentity : kWhole, k), line(bank(), k), DType::Float32, 1, 0,
            true);
  }

  void evict() {
    const int n = roll(1, 512);
    evict(line(bank(), n), n, roll8(1, 128));
  }
  void evict(const isa::Pattern& from, int n, std::uint8_t partitions) {
    if (roll(0, 4) == 0) return gate(from, n, partitions);
    if (roll(0, 3) == 0) return floor(from, n, partitions);
    isa::tensor_scalar s;
    s.src = from;
    s.src_type = s.dst_type = DType::Float32;
    s.partitions = partitions;
    s.op0 = isa::Alu::Max;
    s.op1 = isa::Alu::Min;
    s.operand0 = std::bit_cast<std::uint32_t>(-4.0f);
    s.operand1 = std::bit_cast<std::uint32_t>(4.0f);
    s.dst = pattern(kWhole, n);
    if (roll(0, 1)) {
      s.operand0_is_address = 1;
      s.operand0 = kWhole + 4u * static_cast<unsigned>(roll(0, kRow - 1));
      s.op0 = roll(0, 1) ? isa::Alu::Add : isa::Alu::Mult;
      s.dst = pattern(kAny, n);
      if (roll(0, 3) == 0) s.dst_type = DType::Int32;
    }
    add(isa::Engine::Vector, s);
    if (roll(0, 1) && s.dst_type == DType::Float32) chain(s.dst, n, partitions);
  }

  /// dst = src + 1.5
  void raise(const isa::Pattern& src, const isa::Pattern& dst, std::uint8_t partitions) {
    isa::tensor_scalar s;
    s.src = src, s.dst = dst;
    s.src_type = s.dst_type = DType::Float32;
    s.partitions = partitions;
    s.op0 = isa::Alu::Add;
    s.operand0 = std::bit_cast<std::uint32_t>(1.5f);
    s.op1 = isa::Alu::Bypass;
    add(isa::Engine::Vector, s);
  }

  /// A bias and a lower bound, as most convolutions end.
  void floor(const isa::Pattern& from, int n, std::uint8_t partitions) {
    isa::tensor_scalar s;
    s.src = from;
    s.dst = roll(0, 7) ? line(number(n), n) : pattern(kAny, n);
    s.src_type = s.dst_type = DType::Float32;
    s.partitions = partitions;
    s.op0 = isa::Alu::Add;
    s.op1 = isa::Alu::Max;
    s.operand0_is_address = roll8(0, 1);
    s.operand0 = s.operand0_is_address ? number(1) : std::bit_cast<std::uint32_t>(1.5f);
    s.operand1 = std::bit_cast<std::uint32_t>(static_cast<float>(roll(-1, 1)));
    add(isa::Engine::Vector, s);
  }

  /// Hard swish and its like: a bias, a line, its bounds, and the product of both ends.
  void gate(const isa::Pattern& from, int n, std::uint8_t partitions) {
    const auto place = [&] { return roll(0, 3) ? line(number(n), n) : pattern(kAny, n); };
    const auto scalar = [&](const isa::Pattern& src, const isa::Pattern& dst, isa::Alu op0, float a,
                            isa::Alu op1, float b) {
      isa::tensor_scalar s;
      s.src = src, s.dst = dst;
      s.src_type = s.dst_type = DType::Float32;
      s.partitions = partitions;
      s.op0 = op0, s.op1 = op1;
      s.operand0 = std::bit_cast<std::uint32_t>(a);
      s.operand1 = std::bit_cast<std::uint32_t>(b);
      if (op1 == isa::Alu::Bypass && roll(0, 3)) {
        s.operand0_is_address = 1;
        s.operand0 = number(1);
      }
      add(isa::Engine::Vector, s);
    };
    const auto x = place(), y = place(), z = place(), bounded = roll(0, 1) ? y : place();
    scalar(from, x, isa::Alu::Add, 1.25f, isa::Alu::Bypass, 0);
    scalar(x, y, isa::Alu::Mult, 0.1f, isa::Alu::Add, 0.5f);
    scalar(y, bounded, isa::Alu::Max, 0, isa::Alu::Min, 1);
    if (roll(0, 3)) {
      isa::tensor_tensor t;
      t.op = isa::Alu::Mult;
      t.lhs = roll(0, 1) ? x : bounded, t.rhs = t.lhs.start == x.start ? bounded : x, t.dst = z;
      t.lhs_type = t.rhs_type = t.dst_type = DType::Float32;
      t.partitions = partitions;
      add(isa::Engine::Vector, t);
    }
    if (roll(0, 1)) return;
    for (const auto& passed : {x, y, bounded}) fill(passed, n, partitions);
  }

  /// Instructions on the same elements, each of which reads what those before it wrote; some of
  /// that is overwritten in the end.
  void chain(const isa::Pattern& from, int n, std::uint8_t partitions) {
    std::vector<isa::Pattern> read{from}, written;
    const auto one_of = [&](const std::vector<isa::Pattern>& places) {
      return places[static_cast<std::size_t>(roll(0, static_cast<int>(places.size()) - 1))];
    };
    for (int i = roll(1, 4); i > 0; --i) {
      const auto rhs = written.empty() || roll(0, 3) == 0 ? pattern(kAny, n) : one_of(written);
      const auto fresh = roll(0, 3) ? line(number(n), n) : pattern(kAny, n);
      written.push_back(written.empty() || roll(0, 3) ? fresh : one_of(written));
      link(one_of(read), rhs, written.back(), partitions);
      read.push_back(written.back());
    }
    for (const isa::Pattern& place : written)
      if (roll(0, 1)) fill(place, n, partitions);
  }
  std::uint32_t number(int n) { return kAny + 4u * static_cast<unsigned>(roll(0, kRow - n)); }
  void link(const isa::Pattern& lhs, const isa::Pattern& rhs, const isa::Pattern& dst,
            std::uint8_t partitions) {
    if (roll(0, 2) == 0) {
      isa::tensor_tensor t;
      t.op = roll(0, 1) ? isa::Alu::Mult : isa::Alu::Subtract;
      t.lhs = lhs, t.rhs = rhs, t.dst = dst;
      t.lhs_type = t.rhs_type = t.dst_type = DType::Float32;
      t.partitions = partitions;
      add(isa::Engine::Vector, t);
    } else if (roll(0, 2) == 0) {
      isa::activate a;
      a.function = roll(0, 1) ? isa::Activation::Relu : isa::Activation::Sigmoid;
      a.src = lhs, a.dst = dst;
      a.src_type = a.bias_type = a.dst_type = DType::Float32;
      a.scale = static_cast<float>(roll(-2, 2)) / 4;
      a.bias_is_value = roll8(0, 1);
      a.bias = a.bias_is_value ? std::bit_cast<std::uint32_t>(0.25f) : number(1);
      a.partitions = partitions;
      add(isa::Engine::Scalar, a);
    } else {
      isa::tensor_scalar s;
      s.src = lhs, s.dst = dst;
      s.src_type = s.dst_type = DType::Float32;
      s.partitions = partitions;
      s.op0 = isa::Alu::Add;
      s.operand0_is_address = roll8(0, 1);
      s.operand0 = s.operand0_is_address ? number(1) : std::bit_cast<std::uint32_t>(1.5f);
      s.op1 = roll(0, 1) ? isa::Alu::Mult : isa::Alu::Bypass;
      s.operand1 = std::bit_cast<std::uint32_t>(0.5f);
      add(isa::Engine::Vector, s);
    }
  }

  void elementwise() {
    const int n = roll(1, 600);
    isa::tensor_tensor t;
    constexpr isa::Alu ops[] = {isa::Alu::Max, isa::Alu::Min, isa::Alu::Add, isa::Alu::Mult,
                                isa::Alu::Subtract};
    t.op = ops[roll(0, 4)];
    const bool closed = t.op == isa::Alu::Max || t.op == isa::Alu::Min;
    const auto any = closed ? kWhole : roll(0, 1) ? kWhole : kAny;
    t.lhs = roll(0, 3) || n > 512 ? pattern(any, n) : line(bank(), n);
    t.rhs = pattern(any, n);
    const bool whole = closed && t.lhs.start < isa::kPsumBase;
    t.dst = pattern(whole ? kWhole : kAny, n);
    t.lhs_type = t.rhs_type = t.dst_type = DType::Float32;
    t.partitions = roll8(1, 128);
    add(isa::Engine::Vector, t);
  }

  void activation() {
    isa::activate a;
    constexpr isa::Activation functions[] = {isa::Activation::Identity, isa::Activation::Exp,
                                             isa::Activation::Relu, isa::Activation::Square,
                                             isa::Activation::Sigmoid};
    a.function = functions[roll(0, 4)];
    const int n = roll(1, 300);
    a.src = roll(0, 1) ? line(bank(), n) : pattern(kAny, n);
    a.src_type = a.bias_type = a.dst_type = DType::Float32;
    a.scale = static_cast<float>(roll(-2, 2)) / 8;
    a.bias_is_value = roll8(0, 1);
    a.bias = a.bias_is_value ? std::bit_cast<std::uint32_t>(0.5f)
                             : kAny + 4u * static_cast<unsigned>(roll(0, kRow - 1));
    a.dst = pattern(kAny, n);
    a.partitions = roll8(1, 128);
    add(isa::Engine::Scalar, a);
  }

  void move() {
    isa::copy c;
    const int n = roll(1, 400);
    c.src_type = c.dst_type = DType::Float32;
    c.src = roll(0, 2) ? pattern(kWhole, n) : line(bank(), n);
    c.dst = pattern(c.src.start < isa::kPsumBase && roll(0, 1) ? kWhole : kAny, n);
    c.partitions = roll8(1, 128);
    if (c.dst.start >= kAny && roll(0, 1)) {
      constexpr DType types[] = {DType::BFloat16, DType::Float16, DType::Int32, DType::UInt8};
      c.dst_type = types[roll(0, 3)];
    }
    add(isa::Engine::Vector, c);
  }

  void reduce() {
    isa::tensor_reduce r;
    const int inner = roll(1, 20), outer = roll(1, 20);
    r.src = {kWhole + 4u * static_cast<unsigned>(roll(0, 1000)),
             {static_cast<std::int16_t>(roll(1, 2)), static_cast<std::int16_t>(roll(1, 40)), 0, 0},
             {static_cast<std::uint16_t>(inner), static_cast<std::uint16_t>(outer), 1, 1}};
    r.src_type = r.dst_type = DType::Float32;
    r.op = roll(0, 1) ? isa::Alu::Max : isa::Alu::Add;
    r.axes = roll8(2, 3);
    r.negate = roll8(0, 1);
    r.dst = pattern(kAny, r.axes == 2 ? outer : 1);
    r.partitions = roll8(1, 128);
    add(isa::Engine::Vector, r);
  }

  void fill() {
    const int n = roll(1, 300);
    fill(roll(0, 2) ? pattern(roll(0, 1) ? kWhole : kAny, n) : line(bank(), n), n, roll8(1, 128));
  }
  void fill(const isa::Pattern& dst, int n, std::uint8_t partitions) {
    isa::memset m;
    m.count = static_cast<std::uint16_t>(n);
    m.dst_type = DType::Float32;
    m.value = std::bit_cast<std::uint32_t>(static_cast<float>(roll(-2, 2)));
    m.dst = dst;
    m.partitions = partitions;
    add(isa::Engine::Vector, m);
  }

  void something_small() {
    switch (roll(0, 9)) {
      case 0:
        return transfer();
      case 9: {
        const int n = roll(1, 600);
        return chain(pattern(roll(0, 1) ? kWhole : kAny, n), n, roll8(1, 128));
      }
      case 1:
        return elementwise();
      case 2:
        return activation();
      case 3:
        return move();
      case 4:
        return reduce();
      case 5:
        return fill();
      case 6:
        return published();
      default:
        return evict();
    }
  }
  void something() {
    const int kind = roll(0, 16);
    if (kind < 4) return sums();
    if (kind == 10) return gather();
    if (kind == 11) return layer();
    if (kind == 12) return image();
    if (kind == 13) return pool();
    if (kind == 14) return copied();
    if (kind > 14) return tiles();
    if (kind == 4) return turn();
    something_small();
  }

  bool infinite_ = false;
};

}  // namespace neuron::sim::test
