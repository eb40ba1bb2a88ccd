// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "neff/neff.h"
#include "nrt/nrt_cpu_node.h"

/// The CPU operators of a package: cpu.so, loaded when the user trusts it, and the constants of
/// cpu.params.
///   auto library = TRY(CpuLibrary::open(package));
///   auto function = TRY(library->find("fused_relu"));
///   TRY(call(function, "fused_relu", inputs_then_outputs));
namespace neuron::nrt {

class CpuLibrary {
 public:
  /// NotFound without cpu.so; BadUsage when neither NEURON_RT_ALLOW_CPU_NODES nor a line of
  /// NEURON_RT_TRUSTED_CPU_NODES lets it in.
  static Result<std::shared_ptr<CpuLibrary>> open(const neff::Package& package);
  ~CpuLibrary();
  CpuLibrary(const CpuLibrary&) = delete;
  Result<nrt_cpu_node_t> find(const std::string& symbol) const;

 private:
  explicit CpuLibrary(void* handle) : handle_(handle) {}
  void* handle_;
};

/// A tensor of the host as a CPU node sees it.
struct CpuTensor {
  std::span<std::byte> bytes;
  DType type = DType::Unknown;
  const Shape* shape = nullptr;
};
/// ExecutionFault when the node returns something other than 0.
Result<> call(nrt_cpu_node_t node, const std::string& name, std::span<const CpuTensor> tensors);

/// The named constants of cpu.params; empty when the package has none.
Result<std::map<std::string, Tensor>> parameters_of(const neff::Package& package);

}  // namespace neuron::nrt
