// SPDX-License-Identifier: Apache-2.0
#include "base/npy.h"

#include <charconv>
#include <optional>

namespace neuron::npy {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// The value that follows `'key':` in the header's dictionary, up to the comma that ends it.
std::optional<std::string_view> value_of(std::string_view dict, std::string_view key) {
  for (char quote : {'\'', '"'}) {
    auto at = dict.find(std::string(1, quote) + std::string(key) + quote);
    if (at == std::string_view::npos) continue;
    at = dict.find(':', at);
    if (at == std::string_view::npos) return std::nullopt;
    auto rest = dict.substr(at + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const auto end = rest.starts_with('(') ? rest.find(')') : rest.find_first_of(",}");
    return rest.substr(0, end);
  }
  return std::nullopt;
}

std::optional<DType> dtype_of(std::string_view descr) {
  if (descr.size() < 2) return std::nullopt;
  descr.remove_prefix(1);
  descr.remove_suffix(1);
  if (descr == "|V2" || descr == "<V2") return DType::BFloat16;
  for (unsigned code = 1; auto type = dtype_of_code(code); ++code)
    if (descr == info(*type).npy) return type;
  return std::nullopt;
}

Result<Shape> shape_of(std::string_view text) {
  Shape shape;
  for (std::size_t at = 0; at < text.size();) {
    const char* begin = text.data() + at;
    std::int64_t dim = 0;
    const auto [end, status] = std::from_chars(begin, text.data() + text.size(), dim);
    if (status != std::errc()) {
      ++at;
      continue;
    }
    if (dim < 0) return fail(Code::Malformed, "npy header: dimension {} is negative", dim);
    shape.push_back(dim);
    at = static_cast<std::size_t>(end - text.data());
  }
  return shape;
}

}  // namespace

bool is_npy(ByteView bytes) { return text_of(bytes).starts_with(kMagic); }

namespace {
struct Head {
  DType type;
  Shape shape;
  ByteView data;
};

Result<Head> head_of(ByteView bytes) {
  if (!is_npy(bytes))
    return fail(Code::Malformed, "not an npy file: it does not begin with \\x93NUMPY");
  Reader in(bytes);
  in.take(kMagic.size());
  const auto major = in.take<std::uint8_t>();
  in.take<std::uint8_t>();
  if (major < 1 || major > 3)
    return fail(Code::UnsupportedVersion, "npy version {}, newest known is 3", major);
  const std::size_t length = major == 1 ? in.take<std::uint16_t>() : in.take<std::uint32_t>();
  const auto dict = text_of(in.take(length));
  if (!in.ok()) return fail(Code::Malformed, "npy header of {} bytes ends beyond the file", length);
  const auto descr = value_of(dict, "descr"), order = value_of(dict, "fortran_order"),
             shape = value_of(dict, "shape");
  if (!descr || !order || !shape)
    return fail(Code::Malformed, "npy header lacks descr, fortran_order or shape");
  if (order->starts_with("True"))
    return fail(Code::Malformed, "npy file is in Fortran order; save it in C order");
  const auto type = dtype_of(*descr);
  if (!type) return fail(Code::Malformed, "npy element type {} is not supported", *descr);
  Head head{*type, {}, {}};
  head.shape = TRY(shape_of(*shape));
  std::uint64_t need = size_of(*type);
  for (std::int64_t dim : head.shape)
    if (__builtin_mul_overflow(need, static_cast<std::uint64_t>(dim), &need))
      return fail(Code::Malformed, "npy shape {} overflows", text_of(head.shape));
  if (need != in.left())
    return fail(Code::Malformed, "npy shape {} of {} needs {} bytes, {} follow the header",
                text_of(head.shape), name_of(*type), need, in.left());
  head.data = in.take(need);
  return head;
}
}  // namespace

Result<Tensor> parse(ByteView bytes) {
  auto head = TRY(head_of(bytes));
  return Tensor{head.type, std::move(head.shape), Bytes(head.data.begin(), head.data.end())};
}

Result<ByteView> data_of(ByteView bytes) {
  const auto head = TRY(head_of(bytes));
  return head.data;
}

Result<Tensor> read(const fs::path& path) {
  auto bytes = TRY(read_file(path));
  return parse(bytes).within(path.string());
}

Bytes bytes_of(const Tensor& tensor) {
  std::string dims;
  for (std::int64_t dim : tensor.shape) dims += fmt::format("{}, ", dim);
  if (tensor.shape.size() > 1) dims.resize(dims.size() - 2);
  if (tensor.shape.size() == 1) dims.pop_back();
  std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                 info(tensor.type).npy, dims);
  dict.resize((10 + dict.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  dict += '\n';
  Writer out;
  out.append(kMagic);
  out.put<std::uint8_t>(1);
  out.put<std::uint8_t>(0);
  out.put(static_cast<std::uint16_t>(dict.size()));
  out.append(dict);
  out.append(tensor.bytes);
  return std::move(out).take();
}

}  // namespace neuron::npy
