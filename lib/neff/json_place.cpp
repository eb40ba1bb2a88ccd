// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "neff/verify_parts.h"

// Finds the byte of a value in a JSON text, which the parser does not remember.
namespace neuron::neff {
namespace {

/// Walks a text that a parser has accepted; past the end it stands still.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) { space(); }
  std::size_t at() const { return at_; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void step() {
    at_ = std::min(at_ + 1, text_.size());
    space();
  }
  /// The text of a string, escapes as they stand; steps behind it.
  std::string_view string() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    const auto inside = text_.substr(std::min(begin, at_), at_ - std::min(begin, at_));
    step();
    return inside;
  }
  /// Steps behind a whole value.
  void value() {
    std::size_t depth = 0;
    do {
      const char c = peek();
      if (c == '"') {
        string();
      } else {
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        if (std::string_view("{}[],:").find(c) == std::string_view::npos)
          word();
        else
          step();
      }
    } while (depth > 0 && at_ < text_.size());
  }

 private:
  void space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  void word() {
    while (at_ < text_.size() &&
           std::string_view("{}[],:\" \t\r\n").find(text_[at_]) == std::string::npos)
      ++at_;
    space();
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Moves to the value of `key`, or of element `key`; false when there is none.
bool enter(Walker& in, const std::string& key) {
  const char open = in.peek();
  if (open != '{' && open != '[') return false;
  std::size_t wanted = 0;
  if (open == '[' &&
      std::from_chars(key.data(), key.data() + key.size(), wanted).ptr != key.data() + key.size())
    return false;
  in.step();
  for (std::size_t index = 0; in.peek() != '}' && in.peek() != ']' && in.peek() != '\0'; ++index) {
    bool here = open == '[' && index == wanted;
    if (open == '{') {
      here = in.string() == key;
      in.step();  // the colon
    }
    if (here) return true;
    in.value();
    if (in.peek() == ',') in.step();
  }
  return false;
}

std::string unescaped(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    key += !escape ? token[i] : token[++i] == '1' ? '/' : '~';
  }
  return key;
}

}  // namespace

std::optional<std::uint64_t> place_of(ByteView json, std::string_view pointer) {
  Walker in(neuron::text_of(json));
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    if (!enter(in, unescaped(pointer.substr(0, end)))) return std::nullopt;
    pointer.remove_prefix(end);
  }
  return in.at();
}

}  // namespace neuron::neff
