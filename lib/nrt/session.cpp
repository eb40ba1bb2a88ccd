// SPDX-License-Identifier: Apache-2.0
#include "nrt/session.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/npy.h"
#include "neff/header.h"
#include "nrt/model.h"
#include "nrt/nrt.h"
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

DType type_of(const nrt_model& model, const std::string& name) {
  for (const TensorInfo& t : model.tensors)
    if (t.name == name) return t.type;
  return DType::Unknown;
}

}  // namespace

struct Session::State {
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
    if (runtime().state() == nrt::State::Running) nrt_close();
  }

  Result<> add(const nrt_tensor_info_t& info) {
    const bool is_input = info.usage == NRT_TENSOR_USAGE_INPUT;
    Port port{info.name, type_of(*model, info.name), Shape(info.shape, info.shape + info.ndim),
              info.size, false};
    nrt_tensor_t* tensor = nullptr;
    TRY(check(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, info.size, info.name, &tensor)));
    tensors.push_back(tensor);
    TRY(check(nrt_add_tensor_to_tensor_set(is_input ? input_set : output_set, info.name, tensor)));
    (is_input ? inputs : outputs).push_back(std::move(port));
    return {};
  }

  Result<> start(ByteView neff) {
    std::uint32_t total = 0;
    TRY(check(nrt_get_total_nc_count(&total)));
    const std::uint32_t cores = std::min(cores_of(neff), total);
    TRY(start_runtime(cores));
    auto loaded = check(nrt_load(neff.data(), neff.size(), -1, -1, &model));
    if (!loaded && loaded.error().code == Code::NoResource && cores < total) {
      nrt_close();  // the header asks for less than the package needs
      TRY(start_runtime(total));
      loaded = check(nrt_load(neff.data(), neff.size(), -1, -1, &model));
    }
    TRY(std::move(loaded));
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

Result<Session> Session::open(const fs::path& neff) {
  // A command prints each failure once, itself; who wants the runtime's lines too asks for them.
  ::setenv("NEURON_RT_LOG_LEVEL", "QUIET", 0);
  const auto bytes = TRY(read_file(neff));
  auto state = std::make_unique<State>();
  TRY(state->start(bytes).within(neff.string()));
  return Session(std::move(state));
}

Result<> Session::set_input(const std::string& name, const fs::path& file) {
  auto& inputs = state_->inputs;
  const auto port =
      std::find_if(inputs.begin(), inputs.end(), [&](const Port& p) { return p.name == name; });
  if (port == inputs.end()) {
    std::string known;
    for (const Port& p : inputs) known += (known.empty() ? "" : ", ") + p.name;
    return fail(Code::BadInput, "the model has no input {}; its inputs are {}", name, known);
  }
  Bytes bytes = TRY(read_file(file));
  if (npy::is_npy(bytes)) {
    auto parsed = npy::parse(bytes);
    if (!parsed) return std::move(parsed).error().within(file.string());
    if (parsed->type != port->type || count_of(parsed->shape) != count_of(port->shape))
      return fail(Code::BadInput, "{}: {} {}, input {} is {} {}", file.string(),
                  name_of(parsed->type), text_of(parsed->shape), name, name_of(port->type),
                  text_of(port->shape));
    bytes = std::move(parsed->bytes);
  }
  if (bytes.size() != port->size)
    return fail(Code::BadInput, "{}: {} bytes, input {} needs {}", file.string(), bytes.size(),
                name, port->size);
  nrt_tensor_t* tensor = nullptr;
  TRY(check(nrt_get_tensor_from_tensor_set(state_->input_set, name.c_str(), &tensor)));
  TRY(check(nrt_tensor_write(tensor, bytes.data(), 0, bytes.size())));
  port->is_set = true;
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

Result<std::uint64_t> Session::device_time_ps() const { return modelled_time_ps(*state_->model); }

std::uint64_t Session::instruction_count() const {
  std::uint64_t count = 0;
  for (const Stage& stage : state_->model->stages)
    for (const auto& stream : sim::program_of(*stage.loaded).streams) count += stream.size();
  return count;
}

std::string file_name_of(const std::string& tensor) {
  std::string name = tensor;
  for (char& c : name)
    if (c == '/' || c == '\\' || c == ':' || static_cast<unsigned char>(c) < ' ') c = '_';
  if (name.empty() || name[0] == '.') name.insert(0, 1, '_');
  return name;
}

}  // namespace neuron::nrt
