// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// NeuronCore generations and the words of --target, as tables.
namespace neuron::isa {

enum class ArchId : std::uint8_t {
#define NEURON_ARCH(id, ...) id,
#include "isa/archs.def"
#undef NEURON_ARCH
};

/// How many there are.
inline constexpr int kArchs = 0
#define NEURON_ARCH(...) +1
#include "isa/archs.def"
#undef NEURON_ARCH
    ;

struct Arch {
  ArchId id;
  const char* name;    ///< "NeuronCore-v3"
  bool is_parametric;  ///< most of its numbers are assumed, and its times with them
  const char* target;  ///< word in kelf-0.json: "cayman"
  std::uint32_t sbuf_partition_bytes;
  std::uint32_t psum_partition_bytes;
  double tensor_ghz, vector_ghz, scalar_ghz, gpsimd_ghz, base_ghz;
  int dma_engines;  ///< a core; also rings a queue
  double hbm_bytes_per_ns;
  double dma_bytes_per_ns;  ///< one engine
};
const Arch& arch(ArchId id);
/// By the target word of kelf-0.json; an absent or unknown word gives nothing.
std::optional<ArchId> arch_of_kelf_target(std::string_view target);
/// "NeuronCore-v3", and of one that is parametric that it is: for words about times.
std::string timed_name(const Arch& arch);

struct Target {
  const char* word;
  ArchId arch;
  std::uint32_t lnc_size;
  const char* instance;
};
const Target* find_target(std::string_view word);
/// "inf1, trn1, inf2, trn2", for messages.
std::string_view target_words();

}  // namespace neuron::isa
