// SPDX-License-Identifier: Apache-2.0
#include "nrt/session.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/npy.h"
#include "base/npz.h"
#include "base/numbers.h"
#include "neff/header.h"
#include "nrt/api/border.h"
#include "nrt/collectives/port.h"
#include "nrt/model.h"
#include "nrt/nrt.h"
#include "nrt/nrt_async.h"
#include "nrt/nrt_experimental.h"
#include "nrt/nrt_profile.h"
#include "nrt/runtime.h"

namespace neuron::nrt {
namespace {

/// A status of the C API back as the error that it came from.
Result<> check(NRT_STATUS status) {
  if (status == NRT_SUCCESS) return {};
  return last_failure();
}

/// Physical cores that the header of a package asks for.
std::uint32_t cores_of(ByteView neff) {
  neff::Header header;
  if (neff.size() < sizeof header) return 1;
  std::memcpy(&header, neff.data(), sizeof header);
  const std::uint64_t cores = std::max<std::uint64_t>(header.num_tpb, 1);
  return static_cast<std::uint32_t>(cores * std::clamp<std::uint64_t>(header.lnc_size, 1, 2));
}

/// A session takes the cores that it needs, not the whole box as nrt_init does: so sessions of
/// several processes run side by side. The user's own wish comes first.
Result<> start_runtime(std::uint32_t cores) {
  const bool is_told = std::getenv("NEURON_RT_NUM_CORES") || std::getenv("NEURON_RT_VISIBLE_CORES");
  if (!is_told) ::setenv("NEURON_RT_NUM_CORES", std::to_string(cores).c_str(), 1);
  auto started = check(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
  if (!is_told) ::unsetenv("NEURON_RT_NUM_CORES");
  return started;
}

/// Ones, or values that a seed makes: normal floats, integers from 0 to 15.
void fill_values(std::span<std::byte> bytes, DType type, bool random, std::uint64_t& seed) {
  const auto uniform = [&seed] {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (static_cast<double>(seed >> 40) + 0.5) / (1 << 24);
  };
  const bool whole = type == DType::Bool || std::string_view(name_of(type)).find("int") == 0 ||
                     std::string_view(name_of(type)).find("uint") == 0;
  for (std::size_t i = 0; i < bytes.size() / size_of(type); ++i) {
    double value = 1;
    if (random && whole)
      value = std::floor(uniform() * (type == DType::Bool ? 2 : 16));
    else if (random)
      value = std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
    store_float(bytes, i, type, static_cast<float>(value));
  }
}

DType type_of(const nrt_model& model, const std::string& name) {
  for (const TensorInfo& t : model.tensors)
    if (t.name == name) return t.type;
  return DType::Unknown;
}

}  // namespace

struct Session::State {
  std::shared_ptr<void> up;  ///< the last session to go closes the runtime
  nrt_model_t* model = nullptr;
  nrt_tensor_set_t* input_set = nullptr;
  nrt_tensor_set_t* output_set = nullptr;
  std::vector<Port> inputs, outputs;
  std::vector<nrt_tensor_t*> tensors;

  ~State() {
    for (nrt_tensor_t* tensor : tensors) nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&input_set);
    nrt_destroy_tensor_set(&output_set);
    if (model) nrt_unload(model);
  }

  Result<> add(const nrt_tensor_info_t& info) {
    const bool is_input = info.usage == NRT_TENSOR_USAGE_INPUT;
    Port port{info.name, type_of(*model, info.name), Shape(info.shape, info.shape + info.ndim),
              info.size, false};
    nrt_tensor_t* tensor = nullptr;
    TRY(check(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, model->vnc, info.size, info.name,
                                  &tensor)));
    tensors.push_back(tensor);
    TRY(check(nrt_add_tensor_to_tensor_set(is_input ? input_set : output_set, info.name, tensor)));
    (is_input ? inputs : outputs).push_back(std::move(port));
    return {};
  }

  Result<> start(const SharedBytes& neff, std::shared_ptr<void> runtime_up) {
    up = std::move(runtime_up);
    // As nrt_load(), which cannot know that the bytes stay.
    TRY(check(at_the_border("nrt_load", [&]() -> Result<> {
      model = TRY(runtime().load(neff, -1, -1));
      return {};
    })));
    TRY(check(nrt_allocate_tensor_set(&input_set)));
    TRY(check(nrt_allocate_tensor_set(&output_set)));
    nrt_tensor_info_array_t* infos = nullptr;
    TRY(check(nrt_get_model_tensor_info(model, &infos)));
    Result<> added;
    for (std::uint64_t i = 0; i < infos->tensor_count && added; ++i)
      added = add(infos->tensor_array[i]);
    nrt_free_model_tensor_info(infos);
    return added;
  }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;
const std::vector<Port>& Session::inputs() const { return state_->inputs; }
const std::vector<Port>& Session::outputs() const { return state_->outputs; }

Result<Session> Session::open(const fs::path& neff, Rank rank) {
  auto sessions = TRY(open_all({neff}, rank));
  return std::move(sessions.front());
}

Result<std::vector<Session>> Session::open_all(const std::vector<fs::path>& neffs, Rank rank) {
  std::vector<SharedBytes> packages;
  for (const fs::path& path : neffs) {
    auto file = TRY(MappedFile::open(path));
    packages.emplace_back(std::move(file));
  }
  return open_packages(neffs, packages, rank);
}

Result<std::vector<Session>> Session::open_packages(const std::vector<fs::path>& names,
                                                    const std::vector<SharedBytes>& packages,
                                                    Rank rank) {
  // A command prints each failure once, itself; who wants the runtime's lines too asks for them.
  ::setenv("NEURON_RT_LOG_LEVEL", "QUIET", 0);
  std::uint32_t total = 0, cores = 0;
  TRY(check(nrt_get_total_nc_count(&total)));
  for (const SharedBytes& package : packages) {
    if (package.file()) package.file()->fetch();
    // They begin on whole logical cores.
    cores = std::min((cores + 1) / 2 * 2 + cores_of(package), total);
  }
  TRY(start_runtime(cores));
  std::shared_ptr<void> up(nullptr, [](void*) { nrt_close(); });
  auto sessions = load_all(names, packages, up, rank);
  if (sessions || sessions.error().code != Code::NoResource || cores >= total) return sessions;
  up.reset();  // a header asks for less than its package needs
  TRY(start_runtime(total));
  return load_all(names, packages, std::shared_ptr<void>(nullptr, [](void*) { nrt_close(); }),
                  rank);
}

Result<std::vector<Session>> Session::load_all(const std::vector<fs::path>& neffs,
                                               const std::vector<SharedBytes>& packages,
                                               const std::shared_ptr<void>& up, Rank rank) {
  std::vector<Session> sessions;
  for (std::size_t i = 0; i < neffs.size(); ++i) {
    auto state = std::make_unique<State>();
    TRY(state->start(packages[i], up).within(neffs[i].string()));
    if (i == 0 && rank.ranks > 1)
      TRY(cc::join(*state->model, rank.rank, rank.ranks).within(neffs[i].string()));
    sessions.push_back(Session(std::move(state)));
  }
  return sessions;
}

nrt_model* Session::model() const { return state_->model; }
const void* Session::input_set() const { return state_->input_set; }

Result<> Session::set_input(const std::string& name, const Tensor& value, const std::string& from) {
  auto& inputs = state_->inputs;
  const auto port =
      std::find_if(inputs.begin(), inputs.end(), [&](const Port& p) { return p.name == name; });
  if (port == inputs.end()) {
    std::string known;
    for (const Port& p : inputs) known += (known.empty() ? "" : ", ") + p.name;
    return fail(Code::BadInput, "the model has no input {}; its inputs are {}", name, known);
  }
  if (value.type != DType::Unknown &&
      (value.type != port->type || count_of(value.shape) != count_of(port->shape)))
    return fail(Code::BadInput, "{}: {} {}, input {} is {} {}", from, name_of(value.type),
                text_of(value.shape), name, name_of(port->type), text_of(port->shape));
  if (value.bytes.size() != port->size)
    return fail(Code::BadInput, "{}: {} bytes, input {} needs {}", from, value.bytes.size(), name,
                port->size);
  nrt_tensor_t* tensor = nullptr;
  TRY(check(nrt_get_tensor_from_tensor_set(state_->input_set, name.c_str(), &tensor)));
  TRY(check(nrt_tensor_write(tensor, value.bytes.data(), 0, value.bytes.size())));
  port->is_set = true;
  return {};
}

Result<> Session::set_input(const std::string& name, const fs::path& file) {
  Tensor value{DType::Unknown, {}, {}};
  value.bytes = TRY(read_file(file));
  if (npy::is_npy(value.bytes)) value = TRY(npy::parse(value.bytes).within(file.string()));
  return set_input(name, value, file.string());
}

Result<> Session::set_inputs_from(const fs::path& npz) {
  const auto bytes = TRY(read_file(npz));
  auto tensors = TRY(npz::parse(bytes).within(npz.string()));
  for (const auto& [name, value] : tensors) TRY(set_input(name, value, npz.string()));
  return {};
}

Result<> Session::fill_inputs(Fill fill, std::uint64_t seed) {
  if (fill == Fill::Zero) return {};  // as they are
  for (const Port& port : state_->inputs) {
    if (port.is_set) continue;
    Tensor value{DType::Unknown, {}, Bytes(port.size)};
    if (size_of(port.type) != 0) fill_values(value.bytes, port.type, fill == Fill::Random, seed);
    TRY(set_input(port.name, value, "filled"));
  }
  return {};
}

Result<> Session::set_inputs(const std::vector<std::string>& pairs) {
  if (pairs.size() % 2 != 0)
    return fail(Code::BadUsage, "input {} has no file; inputs are given as NAME FILE",
                pairs.back());
  for (std::size_t i = 0; i < pairs.size(); i += 2) TRY(set_input(pairs[i], pairs[i + 1]));
  return {};
}

Result<> Session::execute() {
  return check(nrt_execute(state_->model, state_->input_set, state_->output_set));
}

Result<Tensor> Session::read(const Port& output) const {
  nrt_tensor_t* tensor = nullptr;
  TRY(check(nrt_get_tensor_from_tensor_set(state_->output_set, output.name.c_str(), &tensor)));
  Tensor value{output.type, output.shape, Bytes(output.size)};
  TRY(check(nrt_tensor_read(tensor, value.bytes.data(), 0, output.size)));
  return value;
}

Result<> Session::start_profile(const fs::path& file) {
  return check(nrt_profile_start(state_->model, file.c_str()));
}
Result<> Session::stop_profile(const fs::path& file) {
  return check(nrt_profile_stop(file.c_str()));
}

Result<> Session::set_clock(const sim::Clock& clock) {
  return nrt::set_clock(*state_->model, clock);
}

bool Session::is_parametric() const {
  const auto& stages = state_->model->stages;
  return !stages.empty() && isa::arch(sim::program_of(*stages[0].loaded).arch).is_parametric;
}

Result<std::uint64_t> Session::device_time_ps() const { return modelled_time_ps(*state_->model); }

std::uint64_t Session::instruction_count() const {
  std::uint64_t count = 0;
  for (const Stage& stage : state_->model->stages)
    for (const auto& stream : sim::program_of(*stage.loaded).streams) count += stream.size();
  return count;
}

struct Lane::State {
  nrt_model_t* model = nullptr;
  nrt_tensor_set_t *inputs = nullptr, *outputs = nullptr;
  std::vector<nrt_tensor_t*> own, all_inputs, all_outputs;
  std::vector<Bytes> staged;  ///< host copies that move_inputs() and move_outputs() use
  nrta_seq_t sequence = 0;
  NRT_STATUS status = NRT_SUCCESS;
  bool is_flying = false;

  ~State() {
    if (is_flying) wait();  // it writes to our tensors
    for (nrt_tensor_t* tensor : own) nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
  }

  void wait() {
    int fd = -1;
    is_flying = false;
    if (nrta_get_completion_handle(sequence, &fd) != NRT_SUCCESS) return;
    pollfd event{fd, POLLIN, 0};
    while (::poll(&event, 1, -1) < 0 && errno == EINTR) continue;
    ::close(fd);
  }

  Result<> add(const Port& port, bool is_input, const void* from) {
    nrt_tensor_t* tensor = nullptr;
    TRY(check(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, model->vnc, port.size,
                                  port.name.c_str(), &tensor)));
    own.push_back(tensor);
    (is_input ? all_inputs : all_outputs).push_back(tensor);
    Bytes& copy = staged.emplace_back(port.size);
    if (from)
      TRY(check(
          nrt_tensor_read(static_cast<const nrt_tensor_t*>(from), copy.data(), 0, port.size)));
    TRY(check(nrt_tensor_write(tensor, copy.data(), 0, port.size)));
    return check(
        nrt_add_tensor_to_tensor_set(is_input ? inputs : outputs, port.name.c_str(), tensor));
  }
};

Lane::Lane(std::unique_ptr<State> state) : state_(std::move(state)) {}
Lane::Lane(Lane&&) noexcept = default;
Lane::~Lane() = default;

Result<Lane> Lane::of(const Session& session) {
  auto state = std::make_unique<State>();
  state->model = session.model();
  TRY(check(nrt_allocate_tensor_set(&state->inputs)));
  TRY(check(nrt_allocate_tensor_set(&state->outputs)));
  for (const Port& port : session.inputs()) {
    nrt_tensor_t* from = nullptr;
    TRY(check(nrt_get_tensor_from_tensor_set(session.state_->input_set, port.name.c_str(), &from)));
    TRY(state->add(port, true, from));
  }
  for (const Port& port : session.outputs()) TRY(state->add(port, false, nullptr));
  return Lane(std::move(state));
}

Result<> Lane::execute() {
  return check(nrt_execute(state_->model, state_->inputs, state_->outputs));
}

Result<std::uint64_t> Lane::schedule() {
  TRY(check(nrta_execute_schedule(state_->model, state_->inputs, state_->outputs, 0,
                                  &state_->status, &state_->sequence)));
  state_->is_flying = true;
  return state_->sequence;
}

Result<> Lane::wait() {
  state_->wait();
  if (state_->status == NRT_SUCCESS) return {};
  return fail(Code::ExecutionFault, "an execution ended with {}",
              nrt_get_status_as_str(state_->status));
}

Result<> Lane::move_inputs() {
  for (std::size_t i = 0; i < state_->all_inputs.size(); ++i)
    TRY(check(nrt_tensor_write(state_->all_inputs[i], state_->staged[i].data(), 0,
                               state_->staged[i].size())));
  return {};
}

Result<> Lane::move_outputs() {
  for (std::size_t i = 0; i < state_->all_outputs.size(); ++i) {
    Bytes& to = state_->staged[state_->all_inputs.size() + i];
    TRY(check(nrt_tensor_read(state_->all_outputs[i], to.data(), 0, to.size())));
  }
  return {};
}

std::string file_name_of(const std::string& tensor) {
  std::string name = tensor;
  for (char& c : name)
    if (c == '/' || c == '\\' || c == ':' || static_cast<unsigned char>(c) < ' ') c = '_';
  if (name.empty() || name[0] == '.') name.insert(0, 1, '_');
  return name;
}

}  // namespace neuron::nrt
