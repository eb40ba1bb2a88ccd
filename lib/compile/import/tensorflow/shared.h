// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/import/draft.h"
#include "compile/import/tensorflow/handles.h"
#include "compile/import/tensorflow/tensors.h"

/// What the functions of tf_rows.def share.
namespace neuron::compile::tensorflow {

/// The element type that an attribute names.
DType type_at(Draft& d, const char* name, DType fallback);
bool flag(Draft& d, const char* name, bool fallback = false);
/// The one number that a value is known to be; `what` is for the message when it is not.
std::int64_t known_number(Draft& d, ValueId v, const char* what);
/// Whether the last axis holds channels (NHWC, NDHWC), which is the usual way.
bool channels_last(Draft& d);
/// Between channels last and channels second, which is ONNX's way.
ValueId to_second(Draft& d, ValueId v);
ValueId to_last(Draft& d, ValueId v);
/// "Relu6" and what else TensorFlow writes into a fused operator.
ValueId activate(Draft& d, ValueId v, const std::string& name);
std::vector<std::string> words_of(const std::string& list);

/// A convolution of x, in the layout of the node, with weights as TensorFlow has them.
ValueId convolve(Draft& d, ValueId x, ValueId weights, bool depthwise);
/// y = (x - mean) / sqrt(variance + epsilon) * scale + offset along the channels.
ValueId normalize(Draft& d, ValueId x, const Values& scale_offset_mean_variance);
ValueId add_bias(Draft& d, ValueId x, ValueId bias);

}  // namespace neuron::compile::tensorflow
