// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "base/result.h"
#include "view/timeline.h"

namespace neuron::view {

/// A growing line of InfluxDB's line protocol: measurement and tags, fields, time.
class Line {
 public:
  explicit Line(std::string_view measurement) : text_(measurement) {}
  Line& tag(std::string_view key, std::string_view value);  ///< left out when empty
  Line& field(std::string_view key, std::int64_t value);
  Line& text(std::string_view key, std::string_view value);
  std::string at(std::int64_t ns) &&;

 private:
  void begin_field(std::string_view key);
  std::string text_;
  bool has_fields_ = false;
};

/// Calls `take` for every event of a timeline as one line without its end.
Result<> for_each_line(const Timeline& timeline,
                       const std::function<Result<>(const std::string& line)>& take);

}  // namespace neuron::view
