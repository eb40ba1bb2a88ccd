// SPDX-License-Identifier: Apache-2.0
#include "view/influx/client.h"

#include <httplib.h>

#include "view/gzip.h"

namespace neuron::view {
namespace {

constexpr const char* kSetup =
    "try executing \"systemctl start influxdb\" and \"influx setup\"; to install influxdb, go to "
    "https://portal.influxdata.com/downloads/ and follow the instructions there";

/// The message of an answer that is an error: {"code": ..., "message": ...} or {"error": ...}.
std::string message_of(const httplib::Response& answer) {
  const auto json = json::parse(view_of(answer.body));
  if (json)
    for (const char* key : {"message", "error"})
      if (const Json* text = json::find(*json, key); text && text->is_string())
        return text->get<std::string>();
  return answer.body.substr(0, 200);
}

}  // namespace

struct InfluxClient::State {
  InfluxOptions options;
  httplib::Client client;
  explicit State(const InfluxOptions& o) : options(o), client(o.endpoint) {
    client.set_connection_timeout(5);
    client.set_read_timeout(60);
    client.set_default_headers({{"Authorization", "Token " + o.token}});
  }

  Result<std::string> body_of(const httplib::Result& answer) const {
    if (!answer)
      return fail(Code::Io, "influxdb not setup correctly: {}: {}; {}", options.endpoint,
                  httplib::to_string(answer.error()), kSetup);
    if (answer->status == 401 || answer->status == 403)
      return fail(Code::Io,
                  "influxdb token not setup correctly: {}: {}; try executing \"systemctl "
                  "start influxdb\" and \"influx setup\"",
                  options.endpoint, message_of(*answer));
    if (answer->status < 200 || answer->status > 299)
      return fail(answer->status == 404 ? Code::NotFound : Code::Io, "{}: status {}: {}",
                  options.endpoint, answer->status, message_of(*answer));
    return answer->body;
  }
  Result<Json> json_of(const httplib::Result& answer) const {
    const std::string body = TRY(body_of(answer));
    return json::parse(view_of(body)).within(options.endpoint);
  }
};

InfluxClient::InfluxClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
InfluxClient::InfluxClient(InfluxClient&&) noexcept = default;
InfluxClient::~InfluxClient() = default;

Result<InfluxClient> InfluxClient::connect(const InfluxOptions& options) {
  const bool is_http =
      options.endpoint.starts_with("http://") || options.endpoint.starts_with("https://");
  if (!is_http)
    return fail(Code::BadUsage, "--db-endpoint {}: expected http://HOST:PORT", options.endpoint);
  auto state = std::make_unique<State>(options);
  if (!state->client.is_valid())
    return fail(Code::BadUsage, "--db-endpoint {}: is no address of a server", options.endpoint);
  return InfluxClient(std::move(state));
}

Result<Json> InfluxClient::get(const std::string& path, const Query& query) {
  httplib::Params params(query.begin(), query.end());
  return state_->json_of(state_->client.Get(path, params, httplib::Headers{}));
}

Result<Json> InfluxClient::post(const std::string& path, const Json& body) {
  return state_->json_of(state_->client.Post(path, json::text_of(body), "application/json"));
}

Result<> InfluxClient::write(const std::string& bucket, std::string lines) {
  httplib::Params params{{"org", state_->options.org}, {"bucket", bucket}, {"precision", "ns"}};
  const std::string path = httplib::append_query_params("/api/v2/write", params);
  const std::string packed = TRY(gzip(lines, 1));
  TRY(state_->body_of(state_->client.Post(path, httplib::Headers{{"Content-Encoding", "gzip"}},
                                          packed, "text/plain; charset=utf-8")));
  return {};
}

Result<std::vector<FluxRow>> InfluxClient::query(const std::string& flux) {
  const std::string path =
      httplib::append_query_params("/api/v2/query", {{"org", state_->options.org}});
  const Json wish{
      {"query", flux},
      {"type", "flux"},
      {"dialect", {{"header", true}, {"annotations", {"datatype", "group", "default"}}}}};
  const std::string body =
      TRY(state_->body_of(state_->client.Post(path, httplib::Headers{{"Accept", "application/csv"}},
                                              json::text_of(wish), "application/json")));
  return parse_flux_csv(body).within(state_->options.endpoint);
}

}  // namespace neuron::view
