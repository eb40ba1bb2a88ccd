// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

/// The value or the reason: how every function that can fail answers.
///   Result<int> half(int x) { if (x % 2) return fail(Code::BadUsage, "{} is odd", x); return x /
///   2; } Result<int> quarter(int x) { auto h = TRY(half(x)); return half(h); }
namespace neuron {

enum class Code {
#define NEURON_ERROR(name, exit, meaning) name,
#include "base/errors.def"
#undef NEURON_ERROR
};

struct CodeInfo {
  const char* name;
  int exit;
  const char* meaning;
};
/// The row of errors.def that belongs to `code`.
const CodeInfo& info(Code code);

/// One failure. The message reads from the outside in: file, part, fact, expectation.
struct [[nodiscard]] Error {
  Code code;
  std::string message;
  /// The same failure, seen from one layer further out: "noun: message".
  Error within(const std::string& noun) && {
    return {code, noun.empty() ? std::move(message) : noun + ": " + message};
  }
};

template <class... Args>
Error fail(Code code, fmt::format_string<Args...> text, Args&&... args) {
  return {code, fmt::format(text, std::forward<Args>(args)...)};
}

struct Nothing {};

template <class T = Nothing>
class [[nodiscard]] Result {
 public:
  Result() requires std::is_same_v<T, Nothing> : state_(Nothing{}) {}
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  /// The same result; a failure gains one noun in front.
  Result within(const std::string& noun) && {
    if (*this) return std::move(*this);
    return std::move(*this).error().within(noun);
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace neuron

// Starts a statement and never sits inside another expression: gcc 12 and clang 14 leak the
// half-built braces otherwise. tests/law reads the sources for it.
#define TRY(...)                                                      \
  (__extension__({                                                    \
    auto result_ = (__VA_ARGS__);                                     \
    if (!result_) return ::neuron::Error(std::move(result_).error()); \
    *std::move(result_);                                              \
  }))
