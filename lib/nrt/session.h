// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/tensor.h"

/// One package on the simulated device with all its tensors: what `run` and `profile capture`
/// share. A C++ coat over the C API, whose functions do the work.
///   auto session = TRY(nrt::Session::open("model.neff"));
///   TRY(session.set_input("image", "7.npy"));
///   TRY(session.execute());
///   for (const nrt::Port& out : session.outputs()) use(TRY(session.read(out)));
namespace neuron::nrt {

/// An input or output of the package.
struct Port {
  std::string name;
  DType type = DType::Unknown;
  Shape shape;
  std::uint64_t size = 0;  ///< bytes
  bool is_set = false;     ///< inputs: somebody gave a value; others are zero
};

class Session {
 public:
  static Result<Session> open(const fs::path& neff);
  Session(Session&&) noexcept;
  ~Session();

  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;
  /// From an .npy file of the same type and count, or from raw bytes of the same size.
  Result<> set_input(const std::string& name, const fs::path& file);
  /// Pairs as commands take them: NAME FILE NAME FILE ...
  Result<> set_inputs(const std::vector<std::string>& pairs);
  Result<> execute();
  Result<Tensor> read(const Port& output) const;
  Result<> start_profile(const fs::path& file);
  Result<> stop_profile(const fs::path& file);
  /// Predicted device time of one execution.
  Result<std::uint64_t> device_time_ps() const;
  /// Instructions of one execution, all engines and cores together.
  std::uint64_t instruction_count() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The name of a file for a tensor: characters that a file name cannot bear become '_'.
std::string file_name_of(const std::string& tensor);

}  // namespace neuron::nrt
