// SPDX-License-Identifier: Apache-2.0
#include "isa/assembly.h"

#include <bit>
#include <charconv>
#include <cstdio>
#include <map>

#include "base/bytes.h"

namespace neuron::isa {
namespace {

std::string pattern_text(const Pattern& p, int dims) {
  std::string steps, nums;
  for (int d = 0; d < dims; ++d) {
    steps += fmt::format("{}{}", d ? "," : "", p.steps[d]);
    nums += fmt::format("{}{}", d ? "," : "", p.nums[d]);
  }
  return fmt::format("0x{:x}[{}][{}]", p.start, steps, nums);
}

struct FieldWriter {
  std::string out;
  template <class T>
  void put(const char* field, const T& value) {
    fmt::format_to(std::back_inserter(out), " {}={}", field, value);
  }
};

// Floats are written as their bits, so that no digit is lost.
#define U8(field, at) w.put(#field, op.field);
#define U16(field, at) w.put(#field, op.field);
#define U32(field, at) w.put(#field, fmt::format("0x{:x}", op.field));
#define F32(field, at) w.put(#field, fmt::format("0x{:x}", std::bit_cast<std::uint32_t>(op.field)));
#define TYPE(field, at) w.put(#field, info(op.field).shown);
#define TYPE_LOW(field, at) TYPE(field, at)
#define TYPE_HIGH(field, at) TYPE(field, at)
#define ALU(field, at) w.put(#field, text_of(op.field));
#define ACT(field, at) w.put(#field, text_of(op.field));
#define AP2(field, at) w.put(#field, pattern_text(op.field, 2));
#define AP3(field, at) w.put(#field, pattern_text(op.field, 3));
#define AP4(field, at) w.put(#field, pattern_text(op.field, 4));
#define NAME(field, at) w.put(#field, op.field);
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  [[maybe_unused]] void fields_text([[maybe_unused]] const name& op,             \
                                    [[maybe_unused]] FieldWriter& w) {           \
    operands                                                                     \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

/// The value of each field, as text. Remembers the first that is missing or wrong.
class FieldParser {
 public:
  explicit FieldParser(const std::map<std::string, std::string, std::less<>>& fields)
      : fields_(fields) {}
  const std::string& wrong() const { return wrong_; }

  std::string text(const char* field) {
    const auto found = fields_.find(field);
    if (found != fields_.end()) return found->second;
    if (wrong_.empty()) wrong_ = fmt::format("no field '{}'", field);
    return "0";
  }
  template <class T>
  T number(const char* field) {
    return number_in<T>(field, text(field));
  }
  DType type(const char* field) {
    const std::string word = text(field);
    for (unsigned code = 0; code < 16; ++code)
      if (word == info(static_cast<DType>(code)).shown) return static_cast<DType>(code);
    complain(field, word);
    return DType::Unknown;
  }
  template <class Code>
  Code code(const char* field) {
    const std::string word = text(field);
    for (unsigned code = 0; code < 256; ++code)
      if (const char* known = find_text(static_cast<Code>(code)); known && word == known)
        return static_cast<Code>(code);
    complain(field, word);
    return Code{};
  }
  /// 0x2000[1,1,1][8,1,1]
  Pattern pattern(const char* field, int dims) {
    const std::string word = text(field);
    Pattern p;
    const auto steps = word.find('['), nums = word.find('[', steps + 1);
    if (steps == std::string::npos || nums == std::string::npos || !word.ends_with(']')) {
      complain(field, word);
      return p;
    }
    p.start = number_in<std::uint32_t>(field, word.substr(0, steps));
    list(field, word.substr(steps + 1, nums - steps - 2), dims, p.steps);
    list(field, word.substr(nums + 1, word.size() - nums - 2), dims, p.nums);
    return p;
  }

 private:
  template <class T>
  T number_in(const char* field, std::string_view word) {
    const bool hex = word.starts_with("0x");
    const std::string_view digits = hex ? word.substr(2) : word;
    T value{};
    const auto [end, status] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (status != std::errc() || end != digits.data() + digits.size()) complain(field, word);
    return value;
  }
  template <class T>
  void list(const char* field, std::string_view word, int dims, std::array<T, 4>& out) {
    for (int d = 0; d < dims; ++d) {
      const auto comma = std::min(word.find(','), word.size());
      out[static_cast<std::size_t>(d)] = number_in<T>(field, word.substr(0, comma));
      word.remove_prefix(std::min(comma + 1, word.size()));
    }
    if (!word.empty()) complain(field, word);
  }
  void complain(const char* field, std::string_view word) {
    if (wrong_.empty()) wrong_ = fmt::format("field '{}' is '{}'", field, word);
  }

  const std::map<std::string, std::string, std::less<>>& fields_;
  std::string wrong_;
};

#define U8(field, at) op.field = in.number<std::uint8_t>(#field);
#define U16(field, at) op.field = in.number<std::uint16_t>(#field);
#define U32(field, at) op.field = in.number<std::uint32_t>(#field);
#define F32(field, at) op.field = std::bit_cast<float>(in.number<std::uint32_t>(#field));
#define TYPE(field, at) op.field = in.type(#field);
#define TYPE_LOW(field, at) TYPE(field, at)
#define TYPE_HIGH(field, at) TYPE(field, at)
#define ALU(field, at) op.field = in.code<Alu>(#field);
#define ACT(field, at) op.field = in.code<Activation>(#field);
#define AP2(field, at) op.field = in.pattern(#field, 2);
#define AP3(field, at) op.field = in.pattern(#field, 3);
#define AP4(field, at) op.field = in.pattern(#field, 4);
#define NAME(field, at) op.field = in.text(#field);
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  Operation parse_##name([[maybe_unused]] FieldParser& in) {                     \
    name op;                                                                     \
    operands return op;                                                          \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

using Parse = Operation (*)(FieldParser&);
Parse parser_of(std::string_view mnemonic) {
  static const std::map<std::string_view, Parse> kParsers = {
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  {text, parse_##name},
#include "isa/isa.def"
#undef NEURON_OP
  };
  const auto found = kParsers.find(mnemonic);
  return found == kParsers.end() ? nullptr : found->second;
}

/// Bytes that encode() would not write.
std::string patches_of(ByteView word, const Word& plain) {
  std::string out;
  for (std::size_t at = 0; at < kInstructionBytes; ++at)
    if (word[at] != plain[at])
      out += fmt::format(" {}:{:02x}", at, static_cast<unsigned>(word[at]));
  return out.empty() ? out : fmt::format(" {{{}}}", out.substr(1));
}

Result<Word> patched(Word word, std::string_view patches) {
  while (!patches.empty()) {
    const auto space = std::min(patches.find(' '), patches.size());
    const std::string_view one = patches.substr(0, space);
    patches.remove_prefix(std::min(space + 1, patches.size()));
    const auto colon = one.find(':');
    unsigned at = kInstructionBytes, value = 256;
    if (colon != std::string_view::npos) {
      std::from_chars(one.data(), one.data() + colon, at);
      std::from_chars(one.data() + colon + 1, one.data() + one.size(), value, 16);
    }
    if (at >= kInstructionBytes || value > 255)
      return fail(Code::BadInput, "'{}' is no byte, expected PLACE:HEX", one);
    word[at] = static_cast<std::byte>(value);
  }
  return word;
}

Result<Word> bytes_in(std::string_view digits) {
  Word word{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < digits.size(); ++at) {
    if (digits[i] == ' ') {
      ++i, --at;
      continue;
    }
    unsigned value = 256;
    if (i + 2 <= digits.size()) std::from_chars(&digits[i], &digits[i] + 2, value, 16);
    if (value > 255 || at >= kInstructionBytes) break;
    word[at] = static_cast<std::byte>(value);
    i += 2;
  }
  if (at != kInstructionBytes)
    return fail(Code::BadInput, ".bytes holds {} bytes, expected {}", at, kInstructionBytes);
  return word;
}

/// wait=MODE:SEMAPHORE>=VALUE and update=MODE:SEMAPHORE.
Result<Sync> sync_in(const std::map<std::string, std::string, std::less<>>& fields) {
  Sync sync;
  unsigned mode = 0, semaphore = 0, value = 0;
  if (const auto found = fields.find("wait"); found != fields.end()) {
    if (std::sscanf(found->second.c_str(), "%u:%u>=%u", &mode, &semaphore, &value) != 3)
      return fail(Code::BadInput, "wait is '{}', expected MODE:SEMAPHORE>=VALUE", found->second);
    sync.wait_mode = static_cast<std::uint8_t>(mode);
    sync.wait_semaphore = static_cast<std::uint8_t>(semaphore);
    sync.wait_value = value;
  }
  if (const auto found = fields.find("update"); found != fields.end()) {
    if (std::sscanf(found->second.c_str(), "%u:%u", &mode, &semaphore) != 2)
      return fail(Code::BadInput, "update is '{}', expected MODE:SEMAPHORE", found->second);
    sync.update_mode = static_cast<std::uint8_t>(mode);
    sync.update_semaphore = static_cast<std::uint8_t>(semaphore);
  }
  return sync;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string fields_of(const Instruction& instruction) {
  FieldWriter w;
  std::visit(
      [&](const auto& op) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(op)>, std::monostate>)
          fields_text(op, w);
      },
      instruction.op);
  return w.out.empty() ? w.out : w.out.substr(1);
}

namespace {
std::string raw_text(ByteView word) {
  std::string out = ".bytes";
  for (const std::byte b : word) out += fmt::format(" {:02x}", static_cast<unsigned>(b));
  return out;
}
}  // namespace

std::string assembly_of(ByteView word) {
  const auto i = decode_one(word);
  if (!i) return raw_text(word);
  std::string out = find_op(opcode_of(*i))->text;
  const Sync& s = i->sync;
  if (!(s == Sync{}) && (s.wait_mode || s.wait_semaphore || s.wait_value))
    out += fmt::format(" wait={}:{}>={}", s.wait_mode, s.wait_semaphore, s.wait_value);
  if (s.update_mode || s.update_semaphore)
    out += fmt::format(" update={}:{}", s.update_mode, s.update_semaphore);
  const std::string fields = fields_of(*i);
  if (!fields.empty()) out += " " + fields;
  out += patches_of(word, encode(s, i->op).word);
  // A name that holds blanks or braces would not come back.
  const auto back = assemble_one(out);
  return back && *back == i->word ? out : raw_text(word);
}

Result<Word> assemble_one(std::string_view line) {
  line = trimmed(line.substr(0, line.find(';')));
  if (line.starts_with(".bytes")) return bytes_in(trimmed(line.substr(6)));
  std::string_view patches;
  if (const auto brace = line.find('{'); brace != std::string_view::npos) {
    patches = line.substr(brace + 1, line.find('}') - brace - 1);
    line = trimmed(line.substr(0, brace));
  }
  const auto space = std::min(line.find(' '), line.size());
  const Parse parse = parser_of(line.substr(0, space));
  if (parse == nullptr)
    return fail(Code::BadInput, "'{}' is no instruction", line.substr(0, space));
  std::map<std::string, std::string, std::less<>> fields;
  for (auto rest = trimmed(line.substr(space)); !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    const auto equals = rest.find('=');
    if (equals > end) return fail(Code::BadInput, "'{}' is no FIELD=VALUE", rest.substr(0, end));
    fields.emplace(rest.substr(0, equals), rest.substr(equals + 1, end - equals - 1));
    rest = trimmed(rest.substr(end));
  }
  const Sync sync = TRY(sync_in(fields));
  FieldParser in(fields);
  const Operation op = parse(in);
  if (!in.wrong().empty()) return fail(Code::BadInput, "{}: {}", line.substr(0, space), in.wrong());
  return patched(encode(sync, op).word, patches);
}

}  // namespace neuron::isa
