// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/loaded.h"

/// Holds operands to the rules of the machine and turns them into views: what bind.cpp and
/// bind_extension.cpp are made of.
namespace neuron::sim {

/// A row of rules.def. Errors end in "(NAME rule)".
struct Rule {
  const char* name;
  isa::ArchId first, last;  ///< generations that it is known of
  const char* sentence;
  const char* source;
};
enum class RuleId {
#define NEURON_RULE(id, name, first, last, sentence, source) id,
#include "sim/rules.def"
#undef NEURON_RULE
};
const Rule& rule(RuleId id);

template <class... Args>
Error broken(RuleId id, fmt::format_string<Args...> text, Args&&... args) {
  return fail(Code::ExecutionFault, "{} ({} rule)", fmt::format(text, std::forward<Args>(args)...),
              rule(id).name);
}

/// A pattern that an instruction names, before it is known to be good.
struct Operand {
  const char* name;
  const isa::Pattern& pattern;
  DType type;
  unsigned partitions;
};

class Binder {
 public:
  Binder(const isa::Arch& arch, isa::Engine engine) : arch_(arch), engine_(engine) {}

  Result<View> view(const Operand& o) const;
  /// One number a partition at an address, as bias and scale are given.
  Result<> scalar(const char* name, std::uint32_t at, DType type, unsigned partitions) const;
  /// Holds an instruction to the generations of `id`.
  Result<> since(RuleId id) const;

 private:
  static Result<> check_place(const char* name, std::uint32_t at, unsigned partitions);
  Result<> check_port(std::string_view name, std::uint32_t at) const;
  Result<> lay_out(const Operand& o, View& v) const;

  const isa::Arch& arch_;
  isa::Engine engine_;
};

Result<> same_count(const char* name, const View& view, const View& dst);
/// What streams into memory must be `count` elements a partition.
Result<> check_count(const char* name, const View& view, std::uint32_t count);
/// A product writes inside one bank.
Result<> check_bank(const View& dst);
/// Not both lie in PSUM.
Result<> check_reads(const char* first, std::uint32_t a, const char* second, std::uint32_t b);
/// The number of a register of the sequencer.
Result<> check_register(const char* name, unsigned index);
/// Is `op` one that TENSOR_REDUCE and its relatives fold by?
Result<> check_fold(isa::Alu op);

// Checks of instructions of our own (bind_extension.cpp); `in` is complete.
Result<> check(const bound::random& in, const Binder& b);
Result<> check(const bound::rand_set_state& in, const Binder& b);
Result<> check(const bound::rand_get_state& in, const Binder& b);
Result<> check(const bound::dropout& in, const Binder& b);
Result<> check(const bound::partition_reduce& in, const Binder& b);
Result<> check(const bound::register_op& in, const Binder& b);
Result<> check(const bound::compare_branch& in, const Binder& b);
Result<> check(const bound::tensor_store& in, const Binder& b);
Result<> check(const bound::wait_register& in, const Binder& b);
Result<> check(const bound::dma_indirect& in, const Binder& b);
Result<> check(const bound::ldweights_double& in, const Binder& b);
Result<> check(const bound::matmul_double& in, const Binder& b);
Result<> check(const bound::wide& in, const Binder& b);
Result<> check(const bound::gather& in, const Binder& b);
Result<> check(const bound::scatter& in, const Binder& b);
Result<> check(const bound::sort& in, const Binder& b);
Result<> check(const bound::tensor_tensor_scan& in, const Binder& b);
Result<> check(const bound::scalar_tensor_tensor& in, const Binder& b);
Result<> check(const bound::tensor_scalar_reduce& in, const Binder& b);
Result<> check(const bound::activate_reduce& in, const Binder& b);
Result<> check(const bound::affine_select& in, const Binder& b);
Result<> check(const bound::range_select& in, const Binder& b);
Result<> check(const bound::bn_stats& in, const Binder& b);
Result<> check(const bound::bn_aggr& in, const Binder& b);
Result<> check(const bound::match_replace8& in, const Binder& b);
Result<> check(const bound::select_reduce& in, const Binder& b);

}  // namespace neuron::sim
