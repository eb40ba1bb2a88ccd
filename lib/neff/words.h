// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "neff/model.h"

/// Private to this library: words.def as lookups in both directions.
namespace neuron::neff {

template <class T>
struct Word {
  T value;
  std::string_view text;
};

inline constexpr Word<VariableKind> kVariableWords[] = {
#define NEFF_VARIABLE(name, text) {VariableKind::name, text},
#include "neff/words.def"
#undef NEFF_VARIABLE
};
inline constexpr Word<QueueKind> kQueueWords[] = {
#define NEFF_QUEUE(name, text) {QueueKind::name, text},
#include "neff/words.def"
#undef NEFF_QUEUE
};
inline constexpr Word<DmaOp> kDmaWords[] = {
#define NEFF_DMA(name, text) {DmaOp::name, text},
#include "neff/words.def"
#undef NEFF_DMA
};

inline constexpr Word<CollectiveOp> kCollectiveWords[] = {
#define NEFF_COLLECTIVE(name, text) {CollectiveOp::name, text},
#include "neff/words.def"
#undef NEFF_COLLECTIVE
};

struct EngineWord {
  std::string_view token, file;
};
inline constexpr EngineWord kEngines[] = {
#define NEFF_ENGINE(token, file) {token, file},
#include "neff/words.def"
#undef NEFF_ENGINE
};

template <class T, std::size_t N>
std::optional<T> value_of(const Word<T> (&words)[N], std::string_view text) {
  for (const auto& word : words)
    if (word.text == text) return word.value;
  return std::nullopt;
}
template <class T, std::size_t N>
std::string text_of(const Word<T> (&words)[N], T value) {
  for (const auto& word : words)
    if (word.value == value) return std::string(word.text);
  return {};
}

}  // namespace neuron::neff
