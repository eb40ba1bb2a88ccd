// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/json_check.h"

namespace neuron::json {
namespace {

constexpr std::size_t kDeepest = 200;  // readers of the result may recurse
constexpr std::size_t kFew = 16;       // keys that are compared one by one

/// Follows the parser and keeps nothing but the depth and what is wrong.
class Follower : public nlohmann::json_sax<Json> {
 public:
  std::string error;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return deeper(); }
  bool start_array(std::size_t) override { return deeper(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return --depth_, true; }
  bool end_array() override { return --depth_, true; }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& why) override {
    const bool syntax = why.id / 100 == 1;  // "parse_error.101" and its like
    error = syntax ? fmt::format("json is broken at byte {}", position)
                   : fmt::format("json cannot be read: {}", why.what());
    return false;
  }

 protected:
  bool deeper() {
    if (depth_ == kDeepest) {
      error = fmt::format("json nests deeper than {}", kDeepest);
      return false;
    }
    ++depth_;
    return true;
  }

 private:
  std::size_t depth_ = 0;
};

/// Builds the value as the parser calls. The library's own builder looks through all earlier keys
/// of an object for each new one, which takes minutes for one of 100,000; this one looks once, when
/// the object is whole. As there, the last value of a key counts, at the place of the first.
class Builder : public Follower {
 public:
  Json root;

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool key(string_t& name) override {
    // Straight into the vector below the object: its own insert looks for the key.
    object().Container::emplace_back(std::move(name), nullptr);
    return true;
  }
  bool end_object() override {
    if (has_twins(object())) merge_twins();
    stack_.pop_back();
    return Follower::end_object();
  }
  bool end_array() override {
    stack_.pop_back();
    return Follower::end_array();
  }

 private:
  Json::object_t& object() { return stack_.back()->get_ref<Json::object_t&>(); }

  Json* place(Json value) {
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    if (stack_.back()->is_array()) {
      stack_.back()->push_back(std::move(value));
      return &stack_.back()->back();
    }
    Json& slot = object().back().second;
    slot = std::move(value);
    return &slot;
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    if (!deeper()) return false;
    stack_.push_back(place(std::move(value)));
    return true;
  }
  static bool has_twins(const Json::object_t& members) {
    if (members.size() <= kFew) {
      for (auto a = members.begin(); a != members.end(); ++a)
        if (std::any_of(members.begin(), a, [&](const auto& b) { return a->first == b.first; }))
          return true;
      return false;
    }
    std::unordered_set<std::string_view> seen;
    for (const auto& [name, value] : members)
      if (!seen.insert(name).second) return true;
    return false;
  }
  void merge_twins() {
    std::unordered_map<std::string_view, std::size_t> first;
    Json merged = Json::object();
    auto& kept = merged.get_ref<Json::object_t&>();
    kept.reserve(object().size());
    for (auto& [name, value] : object()) {
      const auto [at, fresh] = first.try_emplace(name, kept.size());
      if (fresh)
        kept.Container::emplace_back(name, std::move(value));
      else
        (kept.begin() + static_cast<std::ptrdiff_t>(at->second))->second = std::move(value);
    }
    *stack_.back() = std::move(merged);
  }

  std::vector<Json*> stack_;  // open containers; the last one grows
};

/// The characters of a text one after another, whose pages are let go behind the reader.
class Characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Characters(const SharedBytes& text, std::size_t at)
      : text_(&text), begin_(reinterpret_cast<const char*>(text.data())), at_(at) {}
  reference operator*() const { return begin_[at_]; }
  Characters& operator++() {
    if (++at_ % kStep == 0) text_->part(at_ - kStep, kStep).release();
    return *this;
  }
  Characters operator++(int) { return std::exchange(*this, Characters(*this).operator++()); }
  friend bool operator!=(const Characters& a, const Characters& b) { return a.at_ != b.at_; }

 private:
  static constexpr std::size_t kStep = std::size_t{1} << 20;
  const SharedBytes* text_;
  const char* begin_;
  std::size_t at_;
};

}  // namespace

Result<Json> parse(ByteView bytes) {
  const char* begin = reinterpret_cast<const char*>(bytes.data());
  Builder builder;
  try {
    if (!Json::sax_parse(begin, begin + bytes.size(), &builder))
      return fail(Code::Malformed, "{}", builder.error);
    return std::move(builder.root);
  } catch (const std::exception& error) {
    return fail(Code::Malformed, "json cannot be read: {}", error.what());
  }
}

Result<> check(const SharedBytes& text) {
  Follower follower;
  try {
    if (Json::sax_parse(Characters(text, 0), Characters(text, text.size()), &follower)) return {};
    return fail(Code::Malformed, "{}", follower.error);
  } catch (const std::exception& error) {
    return fail(Code::Malformed, "json cannot be read: {}", error.what());
  }
}

std::string text_of(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json* find(const Json& value, std::string_view key) {
  if (!value.is_object()) return nullptr;
  auto at = value.find(key);
  return at == value.end() ? nullptr : &*at;
}

}  // namespace neuron::json
