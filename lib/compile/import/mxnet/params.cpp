// SPDX-License-Identifier: Apache-2.0
// Lists of NDArrays. Source of the layout: apache/mxnet, src/ndarray/ndarray.cc (Save and Load).
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "compile/import/mxnet.h"
#include "compile/shapes.h"

namespace neuron::compile::mxnet {
namespace {

constexpr std::uint64_t kList = 0x112;
constexpr std::uint32_t kV1 = 0xF993FAC8, kV2 = 0xF993FAC9, kV3 = 0xF993FACA;
constexpr std::uint32_t kMostAxes = 32;

constexpr DType kTypes[] = {DType::Float32, DType::Float64, DType::Float16, DType::UInt8,
                            DType::Int32,   DType::Int8,    DType::Int64,   DType::Bool,
                            DType::Int16,   DType::UInt16,  DType::UInt32,  DType::UInt64,
                            DType::BFloat16};

Result<Shape> take_shape(Reader& in, std::uint32_t axes, bool wide) {
  if (axes > kMostAxes)
    return fail(Code::Malformed, "{} axes, expected at most {}", axes, kMostAxes);
  Shape shape;
  for (std::uint32_t a = 0; a < axes; ++a)
    shape.push_back(wide ? in.take<std::int64_t>() : in.take<std::uint32_t>());
  TRY(check_shape(shape));
  return shape;
}

/// Nothing where the file holds an array without shape.
Result<std::optional<Tensor>> take_array(Reader& in) {
  const auto first = in.take<std::uint32_t>();
  const bool magic = first == kV1 || first == kV2 || first == kV3;
  if (first == kV2 || first == kV3) {
    const auto storage = in.take<std::int32_t>();
    if (storage != 0)
      return fail(Code::UnsupportedVersion, "storage type {}; supported are dense arrays (0)",
                  storage);
  }
  const auto axes = magic ? in.take<std::uint32_t>() : first;
  Tensor tensor;
  tensor.shape = TRY(take_shape(in, axes, magic));
  if (axes == 0 && first != kV3) return std::optional<Tensor>{};
  in.take<std::int64_t>();  // the device that it was on
  const auto type = in.take<std::uint32_t>();
  if (!in.ok()) return fail(Code::Malformed, "it ends after the file");
  if (type >= std::size(kTypes))
    return fail(Code::Malformed, "element type {}, expected 0 to {}", type, std::size(kTypes) - 1);
  tensor.type = kTypes[type];
  const std::uint64_t size =
      static_cast<std::uint64_t>(count_of(tensor.shape)) * size_of(tensor.type);
  if (size > in.left())
    return fail(Code::Malformed, "shape {} of {} needs {} bytes, the file has {} more",
                text_of(tensor.shape), name_of(tensor.type), size, in.left());
  const ByteView data = in.take(size);
  tensor.bytes.assign(data.begin(), data.end());
  return std::optional(std::move(tensor));
}

bool is_digits(std::string_view text) {
  return text.size() == 4 && std::all_of(text.begin(), text.end(),
                                         [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string prefix_of(const fs::path& symbol) {
  const std::string name = symbol.filename().string();
  constexpr std::string_view kEnd = "-symbol.json";
  return name.ends_with(kEnd) ? name.substr(0, name.size() - kEnd.size()) : symbol.stem().string();
}

}  // namespace

bool is_params(ByteView bytes) {
  return bytes.size() >= 16 && load<std::uint64_t>(bytes, 0) == kList &&
         load<std::uint64_t>(bytes, 8) == 0;
}

Result<Arrays> read_params(ByteView bytes) {
  Reader in(bytes);
  if (!is_params(bytes)) return fail(Code::Malformed, "not a list of MXNet's arrays");
  in.seek(16);
  const auto count = in.take<std::uint64_t>();
  if (count > in.left()) return fail(Code::Malformed, "{} arrays in {} bytes", count, bytes.size());
  std::vector<std::optional<Tensor>> tensors;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto tensor = TRY(take_array(in).within(fmt::format("array {}", i)));
    tensors.push_back(std::move(tensor));
  }
  const auto names = in.take<std::uint64_t>();
  if (!in.ok() || (names != 0 && names != count))
    return fail(Code::Malformed, "{} names for {} arrays", names, count);
  Arrays out;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string name = std::to_string(i);
    if (names != 0) name = std::string(text_of(in.take(in.take<std::uint64_t>())));
    if (!in.ok()) return fail(Code::Malformed, "the name of array {} ends after the file", i);
    if (!tensors[i]) continue;
    if (!out.emplace(name, std::move(*tensors[i])).second)
      return fail(Code::Malformed, "array '{}' is given twice", name);
  }
  if (in.left() > 0) return fail(Code::Malformed, "{} bytes after the last name", in.left());
  return out;
}

Result<std::optional<fs::path>> params_beside(const fs::path& symbol) {
  const std::string prefix = prefix_of(symbol) + "-";
  const fs::path folder = symbol.parent_path().empty() ? fs::path(".") : symbol.parent_path();
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || entry.path().extension() != ".params") continue;
    if (is_digits(std::string_view(name).substr(prefix.size(), name.size() - prefix.size() - 7)))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  if (names.empty()) return std::optional<fs::path>{};
  if (names.size() > 1)
    return fail(Code::BadUsage, "several files of arrays: {}; name the one that is meant",
                fmt::join(names, ", "));
  return std::optional(symbol.parent_path() / names[0]);
}

fs::path symbol_beside(const fs::path& params) {
  const std::string stem = params.stem().string();
  const std::size_t cut = stem.rfind('-');
  return params.parent_path() / (stem.substr(0, cut) + "-symbol.json");
}

}  // namespace neuron::compile::mxnet
