// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compile/import/tensorflow/messages.pb.h>
#include <google/protobuf/map.h>

#include "base/tensor.h"
#include "compile/import/draft.h"

/// TensorFlow's values as ours.
namespace neuron::compile::tensorflow {

namespace pb = ::neuron::tensorflow;

/// Element type by the number that TensorFlow gives it (types.proto); types above 100 are
/// references to the same.
Result<DType> dtype_of(std::int32_t type);
/// The number of a type; 0 for one that TensorFlow does not have.
std::int32_t number_of(DType type);
/// Sizes, negative where they are open; nothing when not even the rank is known.
std::optional<Shape> shape_of(const pb::TensorShapeProto& proto);
/// A list that is shorter than the shape repeats its last element, an empty one stands for zeros.
Result<Tensor> tensor_of(const pb::TensorProto& proto);

using AttributeMap = google::protobuf::Map<std::string, pb::AttrValue>;
/// Attributes that are numbers, words, types (as numbers), known shapes or lists of them; lists of
/// words are joined with commas, functions give their name.
Attributes attributes_of(const AttributeMap& map);

}  // namespace neuron::compile::tensorflow
