// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "view/store.h"

/// What the server answers, without HTTP: one function for each route.
namespace neuron::view {

struct Answer {
  const char* type = "application/json";
  std::string body;
};
/// The value of a parameter of the request, or "" when there is none.
using Parameters = std::function<std::string(const char* name)>;

Result<Answer> answer_profiles(const Store& store);
Result<Answer> answer_profile(const Store& store, const std::string& id);
Result<Answer> answer_compare(const Store& store, const Parameters& get);
Result<Answer> answer_group(const Store& store, const std::string& id);
Result<Answer> keep_tags(Store& store, const std::string& id, const Parameters& get,
                         const std::string& body);
Result<Answer> remove_profile(Store& store, const std::string& id);
Result<Answer> answer_rows(const Store& store, const std::string& id, const Parameters& get);
Result<Answer> answer_usage(const Store& store, const std::string& id, const Parameters& get);
Result<Answer> answer_event(const Store& store, const std::string& id, const Parameters& get);
Result<Answer> answer_search(const Store& store, const std::string& id, const Parameters& get);
Result<Answer> answer_markers(const Store& store, const std::string& id, const Parameters& get);
Result<Answer> keep_markers(Store& store, const std::string& id, const Parameters& get,
                            const std::string& body);

/// The counters that have a row of their own, in the order of the description.
Result<std::vector<CounterSeries>> counters_on_rows(const Profile& profile, const Window& window);
/// Those that are a part of one: partitions of the state buffer and banks of PSUM, as {"series":
/// [{"of", "name", "core", "begin_ps", "step_ps", "mean": [...]}]}.
Result<Json> usage_json(const Profile& profile, const Window& window);

/// Spans and counters of a window as window.js reads them, little-endian: the magic, the number of
/// tracks; for each its id, whether exact, its count and a zero, then columns of begin and end
/// (f64, ps), covered share (f32), colour, layer, index, events (u32), padded to 8 bytes; the
/// number of counters and a zero; for each begin and step (f64, ps), count and a zero, columns of
/// mean and peak (f32).
Bytes pack_window(const std::vector<TrackSpans>& tracks,
                  const std::vector<CounterSeries>& counters);

}  // namespace neuron::view
