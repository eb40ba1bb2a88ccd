// SPDX-License-Identifier: Apache-2.0
#include "nrt/cpu_node.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/digest.h"
#include "base/file.h"
#include "neff/parameters.h"
#include "nrt/own_library.h"
#include "nrt/settings.h"

namespace neuron::nrt {
namespace {

// What libraries compiled by TVM ask of their runtime, found as pointers to fill: memory, errors
// and a loop over tasks (public interface c_backend_api.h).
thread_local std::string node_error;
void set_last_error(const char* text) { node_error = text ? text : ""; }
void* allocate_workspace(int, int, std::uint64_t size, int, int) {
  return std::aligned_alloc(128, (size + 127) & ~std::uint64_t{127});
}
int free_workspace(int, int, void* memory) {
  std::free(memory);
  return 0;
}
struct ParallelGroup {
  void* barrier;
  std::int32_t count;
};
int launch(int (*task)(int, ParallelGroup*, void*), void* data, int) {
  ParallelGroup group{nullptr, 1};
  return task(0, &group, data);
}
int barrier(int, ParallelGroup*) { return 0; }

void fill_callbacks(void* library) {
  const std::pair<const char*, void*> callbacks[] = {
      {"__TVMAPISetLastError", reinterpret_cast<void*>(&set_last_error)},
      {"__TVMBackendAllocWorkspace", reinterpret_cast<void*>(&allocate_workspace)},
      {"__TVMBackendFreeWorkspace", reinterpret_cast<void*>(&free_workspace)},
      {"__TVMBackendParallelLaunch", reinterpret_cast<void*>(&launch)},
      {"__TVMBackendParallelBarrier", reinterpret_cast<void*>(&barrier)}};
  for (const auto& [name, function] : callbacks)
    if (void* slot = ::dlsym(library, name)) *static_cast<void**>(slot) = function;
}

std::string hex_of(ByteView bytes) {
  std::string text;
  for (const std::byte b : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(b));
  return text;
}

/// Our own operators are no stranger's code: the digest is that of the library of this build.
Result<bool> is_trusted(ByteView library) {
  const bool allowed = TRY(settings::flag("NEURON_RT_ALLOW_CPU_NODES"));
  if (allowed || hex_of(sha256(library)) == kOwnCpuLibrary) return true;
  const fs::path list = settings::text("NEURON_RT_TRUSTED_CPU_NODES");
  if (list.empty()) return false;
  const auto bytes = TRY(read_file(list).within("NEURON_RT_TRUSTED_CPU_NODES"));
  const auto digest = sha256(library);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return ("\n" + text).find("\n" + hex_of(digest)) != std::string::npos;
}

nrt_cpu_dtype_t dtype_of(DType type) {
  const auto bits = static_cast<std::uint8_t>(size_of(type) * 8);
  switch (type) {
    case DType::BFloat16:
      return {NRT_CPU_BFLOAT, bits, 1};
    case DType::Float16:
    case DType::Float32:
    case DType::Float32r:
    case DType::Float64:
      return {NRT_CPU_FLOAT, bits, 1};
    case DType::Int8:
    case DType::Int16:
    case DType::Int32:
    case DType::Int64:
      return {NRT_CPU_INT, bits, 1};
    default:
      return {NRT_CPU_UINT, bits, 1};
  }
}

DType dtype_from(nrt_cpu_dtype_t type) {
  for (unsigned code = 1; code < 18; ++code)
    if (const auto known = dtype_of_code(code)) {
      const auto row = dtype_of(*known);
      if (row.code == type.code && row.bits == type.bits && *known != DType::Float32r)
        return *known;
    }
  return DType::Unknown;
}

Result<Tensor> array_of(Reader& in) {
  if (in.take<std::uint64_t>() != neff::kParameterArray)
    return fail(Code::Malformed, "no array begins before byte {}", in.offset());
  in.take<std::uint64_t>();  // reserved
  in.take<std::uint64_t>();  // device type and number
  const auto ndim = in.take<std::uint32_t>();
  nrt_cpu_dtype_t type{};
  type.code = in.take<std::uint8_t>();
  type.bits = in.take<std::uint8_t>();
  type.lanes = in.take<std::uint16_t>();
  if (!in.ok() || ndim > 16) return fail(Code::Malformed, "an array has {} dimensions", ndim);
  Tensor out;
  out.type = dtype_from(type);
  for (std::uint32_t d = 0; d < ndim; ++d) out.shape.push_back(in.take<std::int64_t>());
  const auto size = in.take<std::uint64_t>();
  const auto bytes = in.take(static_cast<std::size_t>(size));
  if (!in.ok()) return fail(Code::Malformed, "an array of {} bytes ends too early", size);
  out.bytes.assign(bytes.begin(), bytes.end());
  return out;
}

}  // namespace

Result<std::shared_ptr<CpuLibrary>> CpuLibrary::open(const neff::Package& package) {
  const neff::Member* member = package.find("cpu.so");
  if (!member) return fail(Code::NotFound, "cpu.so: the package has CPU nodes but no such member");
  const bool trusted = TRY(is_trusted(member->bytes));
  if (!trusted)
    return fail(Code::BadUsage,
                "cpu.so: the package brings machine code for the CPU, which runs only with "
                "NEURON_RT_ALLOW_CPU_NODES=1 or its SHA-256 in the file that "
                "NEURON_RT_TRUSTED_CPU_NODES names");
  // A file without a name: nobody can exchange it between the check and the load.
  const int fd = ::memfd_create("cpu.so", MFD_CLOEXEC);
  if (fd < 0) return fail(Code::NoResource, "cpu.so: no memory to load it from");
  std::size_t done = 0;
  while (done < member->bytes.size()) {
    const auto n = ::write(fd, member->bytes.data() + done, member->bytes.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  void* handle = nullptr;
  if (done == member->bytes.size())
    handle = ::dlopen(fmt::format("/proc/self/fd/{}", fd).c_str(), RTLD_NOW | RTLD_LOCAL);
  const char* reason = handle ? nullptr : ::dlerror();
  ::close(fd);
  if (!handle)
    return fail(Code::Malformed, "cpu.so: {}", reason ? reason : "cannot be copied to memory");
  fill_callbacks(handle);
  return std::shared_ptr<CpuLibrary>(new CpuLibrary(handle));
}

CpuLibrary::~CpuLibrary() { ::dlclose(handle_); }

Result<nrt_cpu_node_t> CpuLibrary::find(const std::string& symbol) const {
  if (void* at = ::dlsym(handle_, symbol.c_str())) return reinterpret_cast<nrt_cpu_node_t>(at);
  return fail(Code::Malformed, "cpu.so has no function {}", symbol);
}

Result<> call(nrt_cpu_node_t node, const std::string& name, std::span<const CpuTensor> tensors) {
  const std::size_t count = tensors.size();
  std::vector<nrt_cpu_tensor_t> views(count);
  std::vector<nrt_cpu_value_t> values(count);
  std::vector<int> codes(count, NRT_CPU_TENSOR_CODE);
  std::vector<std::vector<std::int64_t>> shapes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const CpuTensor& t = tensors[i];
    shapes[i].assign(t.shape->begin(), t.shape->end());
    nrt_cpu_tensor_t& view = views[i];
    view.data = t.bytes.data();
    view.device.type = 1;
    view.device.id = 0;
    view.ndim = static_cast<std::int32_t>(shapes[i].size());
    view.dtype = dtype_of(t.type);
    view.shape = shapes[i].data();
    values[i].tensor = &view;
  }
  std::array<std::byte, 16> result{};
  int result_code = 0;
  node_error.clear();
  const int status = node(values.data(), codes.data(), static_cast<int>(count), result.data(),
                          &result_code, nullptr);
  if (status == 0) return {};
  return fail(Code::ExecutionFault, "CPU node {} returned {}{}{}", name, status,
              node_error.empty() ? "" : ": ", node_error);
}

Result<std::map<std::string, Tensor>> parameters_of(const neff::Package& package) {
  std::map<std::string, Tensor> out;
  const neff::Member* member = package.find("cpu.params");
  if (!member) return out;
  Reader in(member->bytes);
  if (in.take<std::uint64_t>() != neff::kParameterList)
    return fail(Code::Malformed, "cpu.params: no list of parameters");
  in.take<std::uint64_t>();  // reserved
  const auto count = in.take<std::uint64_t>();
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const auto bytes = in.take(static_cast<std::size_t>(in.take<std::uint64_t>()));
    names.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  const auto arrays = in.take<std::uint64_t>();
  if (!in.ok() || arrays != names.size())
    return fail(Code::Malformed, "cpu.params: {} names and {} arrays", names.size(), arrays);
  for (const std::string& name : names) {
    auto tensor = TRY(array_of(in).within("cpu.params: " + name));
    out.insert_or_assign(name, std::move(tensor));
  }
  return out;
}

}  // namespace neuron::nrt
