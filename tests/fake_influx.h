// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <httplib.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <regex>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "tests/catch.h"
#include "view/influx.h"

/// A stand-in for InfluxDB 2.x: buckets of points in line protocol, a token, and of Flux the pipe
/// from() |> range() |> filter() that clients of one measurement need, answered as annotated CSV.
/// No real one is to be had from the distribution; tests/influx/official_client.js holds this one
/// to what the official client expects.
namespace neuron::view {

/// Where tests/influx/get_client.sh keeps the official client; empty where it is not.
inline std::filesystem::path influx_client_modules() {
  const char* given = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path cache = given ? given : home ? std::filesystem::path(home) / ".cache" : "";
  cache = cache / "neuron-tests" / "node_modules";
  std::error_code none;
  const bool is_there = std::filesystem::exists(cache / "@influxdata" / "influxdb-client", none);
  return is_there && std::system("node --version >/dev/null 2>&1") == 0 ? cache : "";
}

/// One field of a point.
struct FakePoint {
  std::string measurement, field, value;
  std::map<std::string, std::string> tags;
  bool is_text = false;
  std::int64_t ns = 0;
};

/// Splits at `separator` outside of quotes; a backslash takes the next character as it is.
inline std::vector<std::string> split_line(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      parts.back() += text[i];
      parts.back() += text[++i];
      continue;
    }
    if (text[i] == '"') is_quoted = !is_quoted;
    if (text[i] == separator && !is_quoted)
      parts.emplace_back();
    else
      parts.back() += text[i];
  }
  return parts;
}
inline std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

inline std::vector<FakePoint> points_in(const std::string& line) {
  const auto parts = split_line(line, ' ');
  REQUIRE(parts.size() == 3);
  const auto series = split_line(parts[0], ',');
  std::vector<FakePoint> points;
  for (const std::string& part : split_line(parts[1], ',')) {
    FakePoint point;
    point.measurement = unescaped(series[0]);
    for (std::size_t i = 1; i < series.size(); ++i) {
      const auto pair = split_line(series[i], '=');
      point.tags[unescaped(pair[0])] = unescaped(pair[1]);
    }
    const auto equals = split_line(part, '=');
    point.field = unescaped(equals[0]);
    point.value = part.substr(equals[0].size() + 1);
    point.is_text = point.value.starts_with('"');
    if (point.is_text)
      point.value = unescaped(point.value.substr(1, point.value.size() - 2));
    else if (point.value.ends_with('i'))
      point.value.pop_back();
    point.ns = std::atoll(parts[2].c_str());
    points.push_back(std::move(point));
  }
  return points;
}

inline std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

class FakeInflux {
 public:
  int port = 0;

  FakeInflux() {
    using httplib::Request, httplib::Response;
    server_.set_pre_routing_handler([](const Request& in, Response& out) {
      return is_allowed(in, out) ? httplib::Server::HandlerResponse::Unhandled
                                 : httplib::Server::HandlerResponse::Handled;
    });
    server_.Get("/api/v2/orgs", [](const Request&, Response& out) {
      reply(out, {{"orgs", Json::array({{{"id", "0001"}, {"name", "team"}}})}});
    });
    server_.Get("/api/v2/buckets",
                [this](const Request& in, Response& out) { list_buckets(in, out); });
    server_.Post("/api/v2/buckets", [this](const Request& in, Response& out) {
      const std::lock_guard lock(mutex_);
      const Json wish = REQUIRE_OK(json::parse(view_of(in.body)));
      buckets_[wish["name"].get<std::string>()];
      out.status = 201;
      reply(out, wish);
    });
    server_.Post("/api/v2/write", [this](const Request& in, Response& out) {
      const std::lock_guard lock(mutex_);
      std::istringstream lines(in.body);  // cpp-httplib has unpacked it
      for (std::string line; std::getline(lines, line);)
        if (!line.empty()) buckets_[in.get_param_value("bucket")].push_back(line);
      out.status = 204;
    });
    server_.Post("/api/v2/query", [this](const Request& in, Response& out) { query(in, out); });
    port = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~FakeInflux() {
    server_.stop();
    thread_.join();
  }
  FakeInflux(const FakeInflux&) = delete;
  FakeInflux& operator=(const FakeInflux&) = delete;

  InfluxOptions options() const {
    return {"http://127.0.0.1:" + std::to_string(port), "team", "", "secret"};
  }
  std::vector<std::string> lines(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    return buckets_[bucket];
  }
  void drop_last(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    buckets_[bucket].pop_back();
  }

 private:
  static bool is_allowed(const httplib::Request& in, httplib::Response& out) {
    if (in.get_header_value("Authorization") == "Token secret") return true;
    out.status = 401;
    reply(out, {{"code", "unauthorized"}, {"message", "unauthorized access"}});
    return false;
  }
  static void reply(httplib::Response& out, const Json& json) {
    out.set_content(json::text_of(json), "application/json");
  }
  void list_buckets(const httplib::Request& in, httplib::Response& out) {
    const std::lock_guard lock(mutex_);
    Json list = Json::array();
    for (const auto& [name, lines] : buckets_)
      if (!in.has_param("name") || in.get_param_value("name") == name)
        list.push_back({{"id", "b"}, {"name", name}});
    if (!list.empty() || !in.has_param("name")) return reply(out, {{"buckets", list}});
    out.status = 404;  // as a server does
    reply(out, {{"code", "not found"}, {"message", "bucket not found"}});
  }
  static std::string part_of(const std::string& flux, const char* pattern) {
    std::smatch found;
    return std::regex_search(flux, found, std::regex(pattern)) ? found[1].str() : std::string();
  }
  void query(const httplib::Request& in, httplib::Response& out) {
    const std::lock_guard lock(mutex_);
    const Json wish = REQUIRE_OK(json::parse(view_of(in.body)));
    const auto flux = wish["query"].get<std::string>();
    const std::string bucket = part_of(flux, "from\\(bucket: \"([^\"]*)\"\\)");
    const std::string measurement = part_of(flux, "r\\._measurement == \"([^\"]*)\"");
    const std::string id = part_of(flux, "r\\.id == \"([^\"]*)\"");
    const std::string field = part_of(flux, "r\\._field == \"([^\"]*)\"");
    const auto from = std::atoll(part_of(flux, "start: time\\(v: (\\d+)\\)").c_str());
    const auto until = std::atoll(part_of(flux, "stop: time\\(v: (\\d+)\\)").c_str());
    if (!buckets_.count(bucket)) {
      out.status = 404;
      return reply(out, {{"code", "not found"}, {"message", "could not find bucket"}});
    }
    std::map<std::string, std::vector<FakePoint>> tables;  // by field
    for (const std::string& line : buckets_[bucket])
      for (FakePoint& point : points_in(line))
        if (point.measurement == measurement && point.tags["id"] == id &&
            (field.empty() || point.field == field) && point.ns >= from && point.ns < until)
          tables[point.field].push_back(std::move(point));
    out.set_content(csv_of(tables), "text/csv; charset=utf-8");
  }
  static std::string csv_of(const std::map<std::string, std::vector<FakePoint>>& tables) {
    std::string csv;
    int number = 0;
    for (const auto& [field, points] : tables) {
      csv += fmt::format(
          "#datatype,string,long,dateTime:RFC3339,{},string,string,string\r\n"
          "#group,false,false,false,false,true,true,true\r\n#default,_result,,,,,,\r\n"
          ",result,table,_time,_value,_field,_measurement,id\r\n",
          points[0].is_text ? "string" : "long");
      for (const FakePoint& p : points)
        csv += fmt::format(",,{},1970-01-01T00:00:00.{:09}Z,{},{},{},{}\r\n", number, p.ns,
                           csv_field(p.value), csv_field(field), csv_field(p.measurement),
                           csv_field(p.tags.at("id")));
      csv += "\r\n";
      ++number;
    }
    return csv;
  }

  httplib::Server server_;
  std::thread thread_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> buckets_;
};

}  // namespace neuron::view
