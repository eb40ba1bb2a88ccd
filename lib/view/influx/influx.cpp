// SPDX-License-Identifier: Apache-2.0
#include "view/influx.h"

#include <cstdlib>
#include <sstream>

#include "view/influx/base64.h"
#include "view/influx/client.h"
#include "view/influx/lines.h"

namespace neuron::view {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
// A text field holds at most 64 KiB; 45000 bytes are 60000 in base 64.
constexpr std::size_t kPieceBytes = 45'000;
constexpr std::size_t kPiecesAtOnce = 200, kMostPieces = 2'000'000;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// Value of `key = "value"` in a line of the influx program's TOML file, or nothing.
std::optional<std::string> value_in(std::string_view line, std::string_view key) {
  const auto from = line.find_first_not_of(" \t");
  if (from == std::string_view::npos || line.substr(from, key.size()) != key) return std::nullopt;
  line.remove_prefix(from + key.size());
  const auto equals = line.find_first_not_of(" \t");
  if (equals == std::string_view::npos || line[equals] != '=') return std::nullopt;
  line.remove_prefix(equals + 1);
  const auto first = line.find_first_not_of(" \t\""), last = line.find_last_not_of(" \t\r\"");
  if (first == std::string_view::npos || last < first) return std::string();
  return std::string(line.substr(first, last - first + 1));
}

/// The active entry of the influx program's configuration, or its only one.
InfluxOptions configured() {
  std::string path = variable("INFLUX_CONFIGS_PATH");
  if (path.empty()) path = variable("HOME") + "/.influxdbv2/configs";
  const auto bytes = read_file(path);
  InfluxOptions chosen, entry;
  bool is_active = false;
  const auto finish = [&] {
    if (is_active || chosen.token.empty()) chosen = entry;
    entry = {};
    is_active = false;
  };
  std::istringstream lines(bytes ? std::string(text_of(*bytes)) : std::string());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("[")) finish();
    if (auto url = value_in(line, "url")) entry.endpoint = *url;
    if (auto token = value_in(line, "token")) entry.token = *token;
    if (auto org = value_in(line, "org")) entry.org = *org;
    if (value_in(line, "active") == "true") is_active = true;
  }
  finish();
  return chosen;
}

Result<std::string> org_id(InfluxClient& client, const InfluxOptions& o) {
  const Json found = TRY(client.get("/api/v2/orgs", {{"org", o.org}}));
  const Json* orgs = json::find(found, "orgs");
  if (!orgs || !orgs->is_array() || orgs->empty())
    return fail(Code::NotFound, "{}: no organisation {}; give one with --db-org", o.endpoint,
                o.org);
  return json::get<std::string>((*orgs)[0], "id");
}

Result<bool> has_bucket(InfluxClient& client, const InfluxOptions& o, const std::string& bucket) {
  const auto found = client.get("/api/v2/buckets", {{"org", o.org}, {"name", bucket}});
  if (!found && found.error().code == Code::NotFound) return false;
  const Json answer = TRY(found);
  const Json* buckets = json::find(answer, "buckets");
  return buckets && buckets->is_array() && !buckets->empty();
}

/// A Flux text: quotes and backslashes are escaped, and an interpolation is none.
std::string flux_text(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool interpolates = text.substr(i, 2) == "${";
    if (text[i] == '"' || text[i] == '\\' || interpolates) out += '\\';
    out += text[i];
  }
  return out + "\"";
}
/// All points of a measurement that belong to a profile, from one nanosecond to before another.
std::string points_of(const std::string& bucket, const std::string& id, const char* measurement,
                      std::size_t from, std::size_t until) {
  return fmt::format(
      "from(bucket: {}) |> range(start: time(v: {}), stop: time(v: {})) "
      "|> filter(fn: (r) => r._measurement == {} and r.id == {})",
      flux_text(bucket), from, until, flux_text(measurement), flux_text(id));
}

/// What a profile's last point says of it.
struct HeldProfile {
  std::size_t pieces = 0, bytes = 0;
  std::string display_name;
};
Result<std::optional<HeldProfile>> held_profile(InfluxClient& client, const std::string& bucket,
                                                const std::string& id) {
  const auto rows = TRY(client.query(points_of(bucket, id, "profile", 0, 1)));
  HeldProfile held;
  bool has_bytes = false;
  for (const FluxRow& row : rows) {
    const auto field = row.find("_field"), value = row.find("_value");
    if (field == row.end() || value == row.end()) continue;
    if (field->second == "pieces") held.pieces = std::strtoull(value->second.c_str(), nullptr, 10);
    if (field->second == "bytes") {
      held.bytes = std::strtoull(value->second.c_str(), nullptr, 10);
      has_bytes = true;
    }
    if (field->second == "display_name") held.display_name = value->second;
  }
  if (!has_bytes) return std::optional<HeldProfile>();
  return std::optional(held);
}

/// Points on their way to the server, in batches.
struct Batch {
  InfluxClient& client;
  const std::string& bucket;
  std::string lines;
  Result<> add(const std::string& line) {
    lines += line;
    lines += '\n';
    return lines.size() < kBatchBytes ? Result<>() : send();
  }
  Result<> send() {
    if (lines.empty()) return {};
    return client.write(bucket, std::exchange(lines, {}));
  }
};

}  // namespace

Result<InfluxOptions> influx_setup(InfluxOptions given) {
  const InfluxOptions file = configured();
  if (given.token.empty()) given.token = variable("INFLUX_TOKEN");
  if (given.token.empty()) given.token = file.token;
  if (given.org.empty()) given.org = variable("INFLUX_ORG");
  if (given.org.empty()) given.org = file.org;
  if (given.token.empty())
    return fail(Code::BadUsage,
                "influxdb token not setup correctly: no $INFLUX_TOKEN and none in "
                "~/.influxdbv2/configs; try executing \"systemctl start influxdb\" and \"influx "
                "setup\"");
  if (given.org.empty())
    return fail(Code::BadUsage,
                "influxdb not setup correctly: no organisation; give it with --db-org");
  return given;
}

Result<bool> influx_write(const InfluxOptions& o, const Store& store, const std::string& id,
                          const Timeline& timeline, bool force) {
  auto client = TRY(InfluxClient::connect(o));
  const std::string bucket = o.bucket.empty() ? id : o.bucket;
  const bool is_there = TRY(has_bucket(client, o, bucket));
  if (is_there) {
    const auto held = TRY(held_profile(client, bucket, id));
    if (held && !force) return false;
  } else {
    const std::string org = TRY(org_id(client, o));
    TRY(client.post("/api/v2/buckets",
                    {{"orgID", org}, {"name", bucket}, {"retentionRules", Json::array()}}));
  }
  Batch batch{client, bucket, {}};
  TRY(for_each_line(timeline, [&](const std::string& line) { return batch.add(line); }));
  const Bytes segment = TRY(store.segment_bytes(id));
  std::int64_t pieces = 0;
  for (std::size_t at = 0; at < segment.size(); at += kPieceBytes, ++pieces) {
    const auto size = std::min(kPieceBytes, segment.size() - at);
    Line line("segment");
    line.tag("id", id).text("data", base64(text_of(ByteView(segment).subspan(at, size))));
    TRY(batch.add(std::move(line).at(pieces)));
  }
  TRY(batch.send());
  // Last, so that a profile whose writer died is never taken for a whole one.
  Line line("profile");
  line.tag("id", id)
      .field("pieces", pieces)
      .field("bytes", static_cast<std::int64_t>(segment.size()))
      .text("display_name", timeline.profile_name);
  TRY(batch.add(std::move(line).at(0)));
  TRY(batch.send());
  return true;
}

Result<std::vector<std::string>> influx_list(const InfluxOptions& o) {
  auto client = TRY(InfluxClient::connect(o));
  const Json answer = TRY(client.get("/api/v2/buckets", {{"org", o.org}, {"limit", "100"}}));
  std::vector<std::string> ids;
  const Json* buckets = json::find(answer, "buckets");
  for (std::size_t i = 0; buckets && buckets->is_array() && i < buckets->size(); ++i)
    if (const auto name = json::get<std::string>((*buckets)[i], "name");
        name && is_profile_id(*name))
      ids.push_back(*name);
  return ids;
}

Result<> influx_read(const InfluxOptions& o, Store& store, const std::string& id) {
  if (store.find(id)) return {};
  auto client = TRY(InfluxClient::connect(o));
  const std::string bucket = o.bucket.empty() ? id : o.bucket;
  const auto held = TRY(held_profile(client, bucket, id));
  if (!held)
    return fail(Code::NotFound, "{}: bucket {} holds no whole profile {}", o.endpoint, bucket, id);
  if (held->pieces > kMostPieces || held->bytes > held->pieces * kPieceBytes)
    return fail(Code::Malformed, "{}: profile {} of {} bytes in {} pieces", o.endpoint, id,
                held->bytes, held->pieces);
  Bytes segment;
  while (segment.size() < held->bytes) {
    const std::size_t from = segment.size() / kPieceBytes;
    const auto rows = TRY(
        client.query(points_of(bucket, id, "segment", from, from + kPiecesAtOnce) +
                     " |> filter(fn: (r) => r._field == \"data\") |> sort(columns: [\"_time\"])"));
    const std::size_t before = segment.size();
    for (const FluxRow& row : rows) {
      const auto value = row.find("_value");
      if (value == row.end()) continue;
      const Bytes piece = TRY(unbase64(value->second));
      segment.insert(segment.end(), piece.begin(), piece.end());
    }
    if (segment.size() == before)
      return fail(Code::Malformed, "{}: profile {} ends at byte {} of {}", o.endpoint, id, before,
                  held->bytes);
  }
  return store.adopt(id, held->display_name, segment).within(o.endpoint);
}

}  // namespace neuron::view
