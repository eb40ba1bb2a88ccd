// SPDX-License-Identifier: Apache-2.0
// Shapes that the user gives to inputs, against those of the file.
#include "compile/import/onnx_importer.h"
#include "compile/import/onnx_parts.h"

namespace neuron::compile::onnx {

// An input whose form the user gives: it binds what the file leaves open, and agrees with the rest.
Result<> check_form(const InputForm& form, DType type, const ::onnx::TypeProto::Tensor& tensor) {
  if (form.type && *form.type != type)
    return fail(Code::BadUsage, "given as {}, the model has {}", name_of(*form.type),
                name_of(type));
  if (!tensor.has_shape()) return {};
  bool agrees = form.shape.size() == static_cast<std::size_t>(tensor.shape().dim_size());
  for (int i = 0; agrees && i < tensor.shape().dim_size(); ++i) {
    const auto& dim = tensor.shape().dim(i);
    agrees = !dim.has_dim_value() || dim.dim_value() < 0 ||
             dim.dim_value() == form.shape[static_cast<std::size_t>(i)];
  }
  if (agrees) return {};
  return fail(Code::BadUsage, "given as {}, which is not what the model says", text_of(form.shape));
}

// TensorFlow's users write "x:0" for the first output of "x".
std::string without_index(const std::string& name) {
  return name.ends_with(":0") ? name.substr(0, name.size() - 2) : name;
}

const InputForm* form_given_for(Importer& im, const std::string& name) {
  for (const auto& [key, form] : im.options.io.inputs) {
    if (key != name && without_index(key) != name) continue;
    im.used_forms.insert(key);
    return &form;
  }
  return nullptr;
}

// Sizes that a form gives to symbols hold for all inputs and results that name them.
void bind_symbols(Importer& im, const ::onnx::GraphProto& graph) {
  for (const auto& info : graph.input()) {
    const InputForm* form = form_given_for(im, info.name());
    const auto& shape = info.type().tensor_type().shape();
    if (!form || form->shape.size() != static_cast<std::size_t>(shape.dim_size())) continue;
    for (int i = 0; i < shape.dim_size(); ++i)
      if (!shape.dim(i).dim_param().empty())
        im.bound.emplace(shape.dim(i).dim_param(), form->shape[static_cast<std::size_t>(i)]);
  }
}

}  // namespace neuron::compile::onnx
