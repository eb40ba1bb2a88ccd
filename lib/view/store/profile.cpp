// SPDX-License-Identifier: Apache-2.0
#include <regex.h>

#include <algorithm>
#include <array>
#include <optional>

#include "view/store/condense.h"
#include "view/store/dependencies.h"
#include "view/store/details.h"

namespace neuron::view {
namespace {

constexpr std::uint32_t kMostPixels = 1 << 16;

/// What the description says of one track, checked.
struct TrackInfo {
  RowKind kind = RowKind::Instruction;
  std::size_t table = 0;
  std::vector<std::pair<int, std::size_t>> levels;  ///< shift and table, finest first
};

Result<std::size_t> table_in(const Segment& segment, const Json& json, std::string_view key) {
  const auto table = TRY(json::get<std::uint32_t>(json, key));
  if (table >= segment.table_count()) return fail(Code::Malformed, "no table {}", table);
  return std::size_t{table};
}

Result<TrackInfo> track_info(const Segment& segment, std::uint32_t track) {
  const Json* tracks = json::find(segment.description(), "tracks");
  if (!tracks || !tracks->is_array() || track >= tracks->size())
    return fail(Code::NotFound, "no track {}", track);
  const Json& json = (*tracks)[track];
  TrackInfo info;
  const auto kind = TRY(json::get<std::string>(json, "kind"));
  for (const RowKind known :
       {RowKind::Queue, RowKind::Instruction, RowKind::Throttle, RowKind::Semaphore})
    if (kind == text_of(known)) info.kind = known;
  info.table = TRY(table_in(segment, json, "table"));
  const Json* levels = json::find(json, "levels");
  for (std::size_t i = 0; levels && levels->is_array() && i < levels->size(); ++i) {
    const auto shift = TRY(json::get<int>((*levels)[i], "shift"));
    const auto table = TRY(table_in(segment, (*levels)[i], "table"));
    if (shift < 0 || shift > 62) return fail(Code::Malformed, "level of 2^{} ps", shift);
    info.levels.emplace_back(shift, table);
  }
  return info;
}

Span span_at(const Columns& block, std::size_t row, bool is_level) {
  Span span;
  span.begin_ps = block.at(0, row);
  const std::int64_t length = std::max<std::int64_t>(block.at(1, row), 0);
  span.end_ps = span.begin_ps + length;
  span.covered_ps =
      is_level ? std::clamp<std::int64_t>(length - block.at(6, row), 0, length) : length;
  span.color = static_cast<std::uint32_t>(block.at(2, row));
  span.layer = static_cast<std::uint32_t>(block.at(3, row));
  span.index = static_cast<std::uint32_t>(block.at(4, row));
  span.count = static_cast<std::uint32_t>(block.at(5, row));
  return span;
}

/// Calls `visit` for each span of a table that touches the window, in order.
template <class Visit>
Result<> for_each_span(const Segment& segment, std::size_t table, const Window& window,
                       bool is_level, Visit visit) {
  for (const Chunk& chunk : segment.table(table)) {
    if (chunk.last < window.begin_ps || chunk.first > window.end_ps) continue;
    auto block = TRY(segment.read(chunk, is_level ? 7 : 6));
    for (std::size_t row = 0; row < block->rows(); ++row) {
      if (block->at(0, row) > window.end_ps) break;
      const Span span = span_at(*block, row, is_level);
      if (span.end_ps >= window.begin_ps) visit(span);
    }
  }
  return {};
}

/// Events in the blocks that touch the window: never fewer than in the window itself.
std::uint64_t rows_near(const Segment& segment, std::size_t table, const Window& window) {
  std::uint64_t rows = 0;
  for (const Chunk& chunk : segment.table(table))
    if (chunk.last >= window.begin_ps && chunk.first <= window.end_ps) rows += chunk.rows;
  return rows;
}

Result<TrackSpans> query_track(const Segment& segment, std::uint32_t track, const Window& window) {
  const TrackInfo info = TRY(track_info(segment, track));
  TrackSpans out{.track = track, .is_exact = true, .spans = {}};
  const std::size_t few = 2 * std::size_t{window.width_px};
  if (info.levels.empty() || rows_near(segment, info.table, window) <= 3 * kChunkRows + few) {
    TRY(for_each_span(segment, info.table, window, false,
                      [&](const Span& span) { out.spans.push_back(span); }));
    if (out.spans.size() <= few) return out;
  }
  const auto pixel_ps =
      static_cast<std::uint64_t>(window.end_ps - window.begin_ps) / window.width_px;
  const int shift = pixel_ps > 1 ? static_cast<int>(std::bit_width(pixel_ps)) - 1 : 0;
  out.is_exact = false;
  std::vector<Span> events = std::move(out.spans);
  out.spans.clear();
  Condenser condenser(shift, out.spans);
  const auto level = std::find_if(info.levels.rbegin(), info.levels.rend(),
                                  [&](const auto& l) { return l.first <= shift; });
  const bool has_level = level != info.levels.rend();
  if (!events.empty()) {
    for (const Span& span : events) condenser.add(span);
  } else {
    TRY(for_each_span(segment, has_level ? level->second : info.table, window, has_level,
                      [&](const Span& span) { condenser.add(span); }));
  }
  condenser.finish();
  return out;
}

Result<> check(const Window& window) {
  constexpr std::int64_t kFar = std::int64_t{1} << 61;
  if (window.begin_ps >= window.end_ps || window.begin_ps < -kFar || window.end_ps > kFar)
    return fail(Code::BadUsage, "window from {} to {} ps is empty or out of range", window.begin_ps,
                window.end_ps);
  if (window.width_px == 0 || window.width_px > kMostPixels)
    return fail(Code::BadUsage, "width {} is not between 1 and {}", window.width_px, kMostPixels);
  return {};
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Which values of which columns a search accepts.
struct Wanted {
  RowKind kind = RowKind::Instruction;
  std::vector<std::size_t> text_columns;
  bool in_opcode = false;
  std::vector<bool> texts;
  std::array<bool, 256> opcodes{};
};

/// A compiled expression. POSIX, not std::regex: that one recurses once for each character.
class Pattern {
 public:
  static Result<Pattern> compile(const std::string& text) {
    constexpr std::size_t kLongest = 200;
    if (text.size() > kLongest || text.find('{') != std::string::npos)
      return fail(Code::BadUsage, "an expression has at most {} bytes and no {{}}", kLongest);
    auto regex = std::make_unique<regex_t>();
    const int code = regcomp(regex.get(), text.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB);
    if (code != 0) {
      char why[200] = {};
      regerror(code, regex.get(), why, sizeof why);
      return fail(Code::BadUsage, "expression \"{}\": {}", text, why);
    }
    return Pattern(std::shared_ptr<regex_t>(regex.release(), [](regex_t* compiled) {
      regfree(compiled);
      delete compiled;
    }));
  }
  bool matches(const std::string& text) const {
    return regexec(regex_.get(), text.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  explicit Pattern(std::shared_ptr<regex_t> regex) : regex_(std::move(regex)) {}
  std::shared_ptr<regex_t> regex_;
};

Result<Wanted> wanted_of(const Segment& segment, const std::string& field, const std::string& text,
                         bool is_regex) {
  Wanted wanted;
  std::optional<Pattern> pattern;
  if (is_regex) pattern = TRY(Pattern::compile(text));
  const std::string needle = lower(text);
  const auto accepts = [&](const std::string& value) {
    return pattern ? pattern->matches(value) : lower(value).find(needle) != std::string::npos;
  };
  if (field == "variable") {
    wanted.kind = RowKind::Queue;
    wanted.text_columns.push_back(detail_column(RowKind::Queue, "variable"));
  }
  for (const char* name : {"name", "layer", "operands"})
    if (field == "any" || field == name)
      wanted.text_columns.push_back(detail_column(RowKind::Instruction, name));
  wanted.in_opcode = field == "any" || field == "opcode";
  if (!wanted.in_opcode && wanted.text_columns.empty())
    return fail(Code::BadUsage,
                "no field {}; search opcode, name, layer, operands or any of instructions, or the "
                "variable of packets",
                field);
  for (std::size_t i = 0; i < wanted.opcodes.size(); ++i)
    wanted.opcodes[i] = accepts(opcode_name(static_cast<std::uint8_t>(i)));
  const auto texts = TRY(table_in(segment, segment.description(), "texts"));
  if (!wanted.text_columns.empty()) wanted.texts = TRY(segment.select_texts(texts, accepts));
  if (!wanted.texts.empty()) wanted.texts[0] = false;  // text 0 says nothing
  return wanted;
}

bool accepts(const Wanted& wanted, const Columns& block, std::size_t row,
             std::size_t opcode_column) {
  if (wanted.in_opcode && wanted.opcodes[block.at(opcode_column, row) & 0xff]) return true;
  return std::any_of(wanted.text_columns.begin(), wanted.text_columns.end(), [&](std::size_t c) {
    const auto id = static_cast<std::uint64_t>(block.at(c, row));
    return id < wanted.texts.size() && wanted.texts[id];
  });
}

}  // namespace

Profile::Profile(std::shared_ptr<Segment> segment) : segment_(std::move(segment)) {}

const Json& Profile::description() const { return segment_->description(); }

Result<std::vector<TrackSpans>> Profile::query(const Window& window,
                                               const std::vector<std::uint32_t>& tracks) const {
  TRY(check(window));
  std::vector<std::uint32_t> wanted = tracks;
  if (const Json* all = json::find(description(), "tracks"); wanted.empty() && all)
    for (std::uint32_t i = 0; i < all->size(); ++i) wanted.push_back(i);
  std::vector<TrackSpans> out;
  for (const auto track : wanted) {
    auto spans = TRY(query_track(*segment_, track, window));
    out.push_back(std::move(spans));
  }
  return out;
}

Result<CounterSeries> Profile::counter(std::uint32_t counter, const Window& window) const {
  TRY(check(window));
  const Json* counters = json::find(description(), "counters");
  if (!counters || !counters->is_array() || counter >= counters->size())
    return fail(Code::NotFound, "no counter {}", counter);
  const Json& json = (*counters)[counter];
  const auto table = TRY(table_in(*segment_, json, "table"));
  const auto stored_shift = TRY(json::get<int>(json, "shift"));
  const auto scale = TRY(json::get<double>(json, "scale"));
  if (stored_shift < 0 || stored_shift > 62 || !(scale > 0))
    return fail(Code::Malformed, "counter of 2^{} ps", stored_shift);
  const auto pixel_ps =
      static_cast<std::uint64_t>(window.end_ps - window.begin_ps) / window.width_px;
  const int shift = std::max(stored_shift, static_cast<int>(std::bit_width(pixel_ps)) - 1);
  const std::int64_t first = std::max<std::int64_t>(window.begin_ps, 0) >> shift;
  const std::int64_t last = std::max<std::int64_t>(window.end_ps, 0) >> shift;
  CounterSeries out{
      .begin_ps = first << shift, .step_ps = std::int64_t{1} << shift, .mean = {}, .peak = {}};
  const int fold = shift - stored_shift;
  const double share = 1.0 / (scale * static_cast<double>(std::int64_t{1} << fold));
  for (const Chunk& chunk : segment_->table(table)) {
    if (chunk.last <= first << fold || chunk.first > ((last + 1) << fold) - 1) continue;
    auto block = TRY(segment_->read(chunk, 1));
    for (std::size_t row = 0; row < block->rows(); ++row) {
      const std::int64_t step = (chunk.first + static_cast<std::int64_t>(row)) >> fold;
      if (step < first || step > last) continue;
      const auto at = static_cast<std::size_t>(step - first);
      if (at >= out.mean.size()) {
        out.mean.resize(at + 1);
        out.peak.resize(at + 1);
      }
      const auto value = static_cast<double>(block->at(0, row));
      out.mean[at] += static_cast<float>(value * share);
      out.peak[at] = std::max(out.peak[at], static_cast<float>(value / scale));
    }
  }
  return out;
}

Result<Json> Profile::event(std::uint32_t track, std::uint32_t index) const {
  const TrackInfo info = TRY(track_info(*segment_, track));
  const Json* details = json::find(description(), "details");
  if (!details) return fail(Code::Malformed, "\"details\" is missing");
  const auto table = TRY(table_in(*segment_, *details, text_of(info.kind)));
  const auto texts = TRY(table_in(*segment_, description(), "texts"));
  Json event = TRY(read_details(*segment_, info.kind, table, texts, index));
  if (info.kind == RowKind::Instruction) {
    Json dependencies = TRY(dependencies_of(*segment_, index));
    event["dependencies"] = std::move(dependencies);
  }
  return event;
}

Result<std::uint32_t> Profile::track_of(const std::string& kind, std::uint32_t index) const {
  const Json* details = json::find(description(), "details");
  for (const RowKind known :
       {RowKind::Queue, RowKind::Instruction, RowKind::Throttle, RowKind::Semaphore}) {
    if (!details || kind != text_of(known)) continue;
    const auto table = TRY(table_in(*segment_, *details, kind));
    const std::size_t column = details_of(known).size();
    for (const Chunk& chunk : segment_->table(table)) {
      if (index < chunk.first || index >= chunk.last) continue;
      auto block = TRY(segment_->read(chunk, column + 1));
      const auto row = static_cast<std::size_t>(index - chunk.first);
      if (row < block->rows()) return static_cast<std::uint32_t>(block->at(column, row));
    }
  }
  return fail(Code::NotFound, "no event {} of kind \"{}\"", index, kind);
}

Result<SearchResult> Profile::search(const std::string& field, const std::string& text,
                                     std::size_t limit, bool is_regex) const {
  if (text.empty()) return fail(Code::BadUsage, "nothing to search for");
  const Wanted wanted = TRY(wanted_of(*segment_, field, text, is_regex));
  const Json* details = json::find(description(), "details");
  if (!details) return fail(Code::Malformed, "\"details\" is missing");
  const auto table = TRY(table_in(*segment_, *details, text_of(wanted.kind)));
  const std::size_t track = details_of(wanted.kind).size();
  const std::size_t opcode = detail_column(RowKind::Instruction, "opcode");
  SearchResult out;
  for (const Chunk& chunk : segment_->table(table)) {
    auto block = TRY(segment_->read(chunk, track + 1));
    for (std::size_t row = 0; row < block->rows(); ++row) {
      if (!accepts(wanted, *block, row, opcode)) continue;
      const std::int64_t begin = block->at(0, row), end = block->at(1, row);
      ++out.count;
      out.active_ps += std::max<std::int64_t>(end - begin, 0);
      if (out.hits.size() < limit)
        out.hits.push_back(
            {static_cast<std::uint32_t>(block->at(track, row)),
             static_cast<std::uint32_t>(chunk.first + static_cast<std::int64_t>(row)), begin, end});
    }
  }
  return out;
}

}  // namespace neuron::view
