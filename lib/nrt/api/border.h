// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

#include "base/log.h"
#include "nrt/failure.h"
#include "nrt/nrt.h"
#include "nrt/runtime.h"

/// The border between C++ and C. Files beside this one hold every extern "C" body; each turns its
/// arguments into views, calls one function and goes through at_the_border().
namespace neuron::nrt {

/// The status of a failed call: what status_error() asked for, else what status.def says.
NRT_STATUS status_of(const Error& error);
const char* name_of(NRT_STATUS status);
/// Keeps the failure for last_failure() and logs it.
NRT_STATUS report(const char* function, Error error) noexcept;

template <class Body>
NRT_STATUS at_the_border(const char* function, Body body) noexcept {
  try {
    Result<> result = body();
    if (result) return NRT_SUCCESS;
    return report(function, std::move(result).error());
  } catch (const std::bad_alloc&) {
    return report(function, {Code::NoResource, "out of memory"});
  } catch (...) {
    return report(function, {Code::Internal, "an exception reached the border"});
  }
}

template <class T>
Result<> need(const T* argument, const char* name) {
  if (argument) return {};
  return fail(Code::BadUsage, "{} is null", name);
}

/// A model that is loaded; InvalidHandle's status otherwise.
inline Result<> need_model(const nrt_model_t* model) {
  TRY(runtime().check());
  if (runtime().is_loaded(model)) return {};
  return status_error(NRT_INVALID_HANDLE, Code::BadUsage, "no such model is loaded");
}

/// A buffer may be null only when nothing is moved.
inline Result<> need_buffer(const void* buffer, std::size_t size) {
  if (buffer || size == 0) return {};
  return fail(Code::BadUsage, "buffer is null");
}

/// Copies text into a C array, ended by a zero.
template <std::size_t N>
void put(char (&to)[N], std::string_view text) {
  std::memset(to, 0, N);
  std::memcpy(to, text.data(), std::min(N - 1, text.size()));
}

/// A struct whose size the caller tells: as much as fits.
template <class T>
Result<> give(T* out, std::size_t size_in, std::size_t* size_out, const T& value) {
  TRY(need(out, "the place for the result"));
  std::memcpy(out, &value, std::min(size_in, sizeof value));
  if (size_out) *size_out = std::min(size_in, sizeof value);
  return {};
}

inline TensorSet* set_of(nrt_tensor_set_t* set) { return static_cast<TensorSet*>(set); }
inline const TensorSet* set_of(const nrt_tensor_set_t* set) {
  return static_cast<const TensorSet*>(set);
}

}  // namespace neuron::nrt
