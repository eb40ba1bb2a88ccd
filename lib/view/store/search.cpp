// SPDX-License-Identifier: Apache-2.0
// Search through the details of a stored profile: each term first becomes the set of texts and
// opcodes that it accepts, so that an event costs a few look-ups however many terms there are.
#include <regex.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "view/store/details.h"
#include "view/store/segment.h"

namespace neuron::view {
namespace {

constexpr std::size_t kMostTerms = 8;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Which values of which columns a term accepts.
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

/// Where a term looks; fails for a field that no event has.
Result<Wanted> columns_of(const std::string& field) {
  Wanted wanted;
  if (field == "variable") {
    wanted.kind = RowKind::Queue;
    wanted.text_columns.push_back(detail_column(RowKind::Queue, "variable"));
  }
  for (const char* name : {"name", "layer", "operands"})
    if (field == "any" || field == name)
      wanted.text_columns.push_back(detail_column(RowKind::Instruction, name));
  wanted.in_opcode = field == "any" || field == "opcode";
  if (wanted.in_opcode || !wanted.text_columns.empty()) return wanted;
  return fail(Code::BadUsage,
              "no field {}; search opcode, name, layer, operands or any of instructions, or the "
              "variable of packets",
              field);
}

Result<Wanted> wanted_of(const Segment& segment, const SearchTerm& term) {
  if (term.text.empty()) return fail(Code::BadUsage, "nothing to search for");
  Wanted wanted = TRY(columns_of(term.field));
  std::optional<Pattern> pattern;
  if (term.is_regex) pattern = TRY(Pattern::compile(term.text));
  const std::string needle = lower(term.text);
  const auto accepts = [&](const std::string& value) {
    return pattern ? pattern->matches(value) : lower(value).find(needle) != std::string::npos;
  };
  for (std::size_t i = 0; i < wanted.opcodes.size(); ++i)
    wanted.opcodes[i] = accepts(opcode_name(static_cast<std::uint8_t>(i)));
  const auto texts = TRY(segment.table_in(segment.description(), "texts"));
  if (!wanted.text_columns.empty()) wanted.texts = TRY(segment.select_texts(texts, accepts));
  if (!wanted.texts.empty()) wanted.texts[0] = false;  // text 0 says nothing
  return wanted;
}

bool accepts(const Wanted& wanted, const Columns& block, std::size_t row) {
  static const std::size_t opcode = detail_column(RowKind::Instruction, "opcode");
  if (wanted.in_opcode && wanted.opcodes[block.at(opcode, row) & 0xff]) return true;
  return std::any_of(wanted.text_columns.begin(), wanted.text_columns.end(), [&](std::size_t c) {
    const auto id = static_cast<std::uint64_t>(block.at(c, row));
    return id < wanted.texts.size() && wanted.texts[id];
  });
}

/// The terms, all of one kind of event.
Result<std::vector<Wanted>> all_wanted(const Segment& segment,
                                       const std::vector<SearchTerm>& terms) {
  if (terms.empty() || terms.size() > kMostTerms)
    return fail(Code::BadUsage, "{} terms to search for, expected 1 to {}", terms.size(),
                kMostTerms);
  std::vector<Wanted> all;
  for (const SearchTerm& term : terms) {
    auto wanted = TRY(wanted_of(segment, term));
    if (!all.empty() && wanted.kind != all[0].kind)
      return fail(Code::BadUsage,
                  "no event has the fields {} and {}: one is of packets, one of instructions",
                  terms[0].field, term.field);
    all.push_back(std::move(wanted));
  }
  return all;
}

/// Keeps hits as they come, in order of time: the first ones, or what a window shows of them.
class Hits {
 public:
  Hits(std::vector<SearchHit>& hits, std::size_t limit, const std::optional<Window>& window)
      : hits_(hits), limit_(limit), window_(window) {
    if (!window) return;
    const double length =
        static_cast<double>(window->end_ps) - static_cast<double>(window->begin_ps);
    pixel_ps_ = length / std::max(1u, window->width_px);
  }
  void add(const SearchHit& hit) {
    if (window_ && (hit.begin_ps >= window_->end_ps || hit.end_ps <= window_->begin_ps)) return;
    if (const auto before = last_.find(hit.track); before != last_.end()) {
      auto& [track, index, begin_ps, end_ps] = hits_[before->second];
      // A damaged file may hold any times; the difference is one of doubles.
      if (static_cast<double>(hit.end_ps) - static_cast<double>(begin_ps) < pixel_ps_) {
        end_ps = std::max(end_ps, hit.end_ps);
        return;
      }
    }
    if (hits_.size() >= limit_) return;
    if (window_) last_[hit.track] = hits_.size();
    hits_.push_back(hit);
  }

 private:
  std::vector<SearchHit>& hits_;
  std::size_t limit_;
  const std::optional<Window>& window_;
  double pixel_ps_ = 0;
  std::map<std::uint32_t, std::size_t> last_;  ///< the last hit of each track
};

}  // namespace

Result<SearchResult> Profile::search(const std::vector<SearchTerm>& terms, std::size_t limit,
                                     const std::optional<Window>& window) const {
  const auto wanted = TRY(all_wanted(*segment_, terms));
  const RowKind kind = wanted[0].kind;
  const Json* details = json::find(description(), "details");
  if (!details) return fail(Code::Malformed, "\"details\" is missing");
  const auto table = TRY(segment_->table_in(*details, text_of(kind)));
  const std::size_t track = details_of(kind).size();
  SearchResult out;
  Hits hits(out.hits, limit, window);
  for (const Chunk& chunk : segment_->table(table)) {
    auto block = TRY(segment_->read(chunk, track + 1));
    for (std::size_t row = 0; row < block->rows(); ++row) {
      if (!std::all_of(wanted.begin(), wanted.end(),
                       [&](const Wanted& term) { return accepts(term, *block, row); }))
        continue;
      const std::int64_t begin = block->at(0, row), end = block->at(1, row);
      ++out.count;
      out.active_ps += std::max<std::int64_t>(end - begin, 0);
      hits.add({static_cast<std::uint32_t>(block->at(track, row)),
                static_cast<std::uint32_t>(chunk.first + static_cast<std::int64_t>(row)), begin,
                end});
    }
  }
  return out;
}

}  // namespace neuron::view
