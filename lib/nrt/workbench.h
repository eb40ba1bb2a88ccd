// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "base/file.h"
#include "base/tensor.h"
#include "nrt/model.h"
#include "nrt/session.h"
#include "sim/sim.h"

/// A package on cores of its own, for looking inside: no runtime is started, no NeuronCore of the
/// box is owned, and the reference interpreter runs it.
///   auto bench = TRY(nrt::Workbench::open("model.neff", inputs));
///   auto races = TRY(sim::find_races(bench.parts()));
namespace neuron::nrt {

class Workbench {
 public:
  /// `inputs` are pairs as commands take them: NAME FILE NAME FILE ... Others are zero.
  static Result<Workbench> open(const fs::path& neff, const std::vector<std::string>& inputs = {});
  Workbench(Workbench&&) noexcept;
  ~Workbench();

  /// One for each physical core, with all variables bound.
  std::span<const sim::Part> parts() const;
  /// Device memory that holds values before the program runs: inputs and constants.
  std::span<const std::span<std::byte>> written() const;
  const neff::Model& model() const;
  /// The compiler's name of an instruction and its layer, "I-50-0, conv1"; empty without them.
  std::string name_of(std::size_t core, isa::Engine engine, std::uint32_t pc) const;
  /// What debug data says an instruction makes: the name of its layer, else its own; may be empty.
  std::string tensor_of(std::size_t core, isa::Engine engine, std::uint32_t pc) const;
  /// Of an input or output, Unknown for other variables.
  DType type_of(const std::string& variable) const;
  /// Outputs after a run, by name.
  std::vector<std::pair<Port, std::span<const std::byte>>> outputs() const;

 private:
  struct Names {
    std::string instruction, layer;
  };
  Names names_of(std::size_t core, isa::Engine engine, std::uint32_t pc) const;

  struct State;
  explicit Workbench(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace neuron::nrt
