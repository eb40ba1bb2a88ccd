// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>

#include "base/json.h"
#include "view/influx.h"
#include "view/influx/csv.h"

namespace neuron::view {

/// Requests to one InfluxDB 2.x server, and its failures in the words of the profile guide.
class InfluxClient {
 public:
  using Query = std::multimap<std::string, std::string>;
  static Result<InfluxClient> connect(const InfluxOptions& options);
  InfluxClient(InfluxClient&&) noexcept;
  ~InfluxClient();

  Result<Json> get(const std::string& path, const Query& query);
  Result<Json> post(const std::string& path, const Json& body);
  /// Line protocol, nanoseconds; sent as gzip.
  Result<> write(const std::string& bucket, std::string lines);
  /// The rows of a Flux query.
  Result<std::vector<FluxRow>> query(const std::string& flux);

 private:
  struct State;
  explicit InfluxClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace neuron::view
