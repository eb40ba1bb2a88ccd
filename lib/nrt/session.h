// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/shared_bytes.h"
#include "base/tensor.h"
#include "sim/clock.h"

/// One package on the simulated device with all its tensors: what `run` and `profile capture`
/// share. A C++ coat over the C API, whose functions do the work.
///   auto session = TRY(nrt::Session::open("model.neff"));
///   TRY(session.set_input("image", "7.npy"));
///   TRY(session.execute());
///   for (const nrt::Port& out : session.outputs()) use(TRY(session.read(out)));
struct nrt_model;

namespace neuron::nrt {

/// An input or output of the package.
struct Port {
  std::string name;
  DType type = DType::Unknown;
  Shape shape;
  std::uint64_t size = 0;  ///< bytes
  bool is_set = false;     ///< inputs: somebody gave a value; others are zero
};

/// Who a package is among those that work together by its collective operations.
struct Rank {
  std::uint32_t rank = 0, ranks = 1;
};

enum class Fill { Zero, One, Random };

class Session {
 public:
  static Result<Session> open(const fs::path& neff, Rank rank = {});
  /// Several packages in one runtime, each on cores of its own where there are enough; the first is
  /// a rank.
  static Result<std::vector<Session>> open_all(const std::vector<fs::path>& neffs, Rank rank = {});
  /// The same of packages that are in memory; `names` are for messages.
  static Result<std::vector<Session>> open_packages(const std::vector<fs::path>& names,
                                                    const std::vector<SharedBytes>& packages,
                                                    Rank rank = {});
  Session(Session&&) noexcept;
  ~Session();

  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;
  /// From an .npy file of the same type and count, or from raw bytes of the same size.
  Result<> set_input(const std::string& name, const fs::path& file);
  /// The same of a value that came `from` somewhere; type Unknown: raw bytes.
  Result<> set_input(const std::string& name, const Tensor& value, const std::string& from);
  /// Every tensor of an .npz file goes to the input of its name.
  Result<> set_inputs_from(const fs::path& npz);
  /// Gives inputs without a value one: same seed, same values. Floats are normal, integers small.
  Result<> fill_inputs(Fill fill, std::uint64_t seed);
  /// Pairs as commands take them: NAME FILE NAME FILE ...
  Result<> set_inputs(const std::vector<std::string>& pairs);
  Result<> execute();
  Result<Tensor> read(const Port& output) const;
  Result<> start_profile(const fs::path& file);
  Result<> stop_profile(const fs::path& file);
  /// What predicted times go by from now on.
  Result<> set_clock(const sim::Clock& clock);
  /// Predicted device time of one execution.
  Result<std::uint64_t> device_time_ps() const;
  /// Instructions of one execution, all engines and cores together.
  std::uint64_t instruction_count() const;
  /// Is it for a generation of which little is published, its times with it?
  bool is_parametric() const;

  /// The handles of the C API, for who calls it himself. The session keeps them.
  ::nrt_model* model() const;
  const void* input_set() const;

 private:
  friend class Lane;
  struct State;
  static Result<std::vector<Session>> load_all(const std::vector<fs::path>& neffs,
                                               const std::vector<SharedBytes>& packages,
                                               const std::shared_ptr<void>& up, Rank rank);
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Output tensors of one more caller: sessions may execute from several threads, each with a lane.
/// Inputs are the session's.
class Lane {
 public:
  static Result<Lane> of(const Session& session);
  Lane(Lane&&) noexcept;
  ~Lane();
  Result<> execute();
  /// Starts an execution and tells its number; wait() for it before the next one of this lane.
  Result<std::uint64_t> schedule();
  Result<> wait();
  /// Copies all inputs from the host and all outputs to it, as a caller of a device would.
  Result<> move_inputs();
  Result<> move_outputs();

 private:
  struct State;
  explicit Lane(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The name of a file for a tensor: characters that a file name cannot bear become '_'.
std::string file_name_of(const std::string& tensor);

}  // namespace neuron::nrt
