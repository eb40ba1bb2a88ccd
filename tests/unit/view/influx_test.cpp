// SPDX-License-Identifier: Apache-2.0
// The client against a small server that answers as InfluxDB 2.x documents it. No real one is to be
// had from the distribution.
#include "view/influx.h"

#include <httplib.h>

#include <map>
#include <mutex>
#include <thread>

#include "synthetic.h"
#include "tests/catch.h"
#include "view/influx/base64.h"

namespace neuron::view {
namespace {

const std::string kId = "n_" + std::string(40, '7');

/// Buckets of points, a token, and the five requests that the client makes.
struct FakeInflux {
  httplib::Server server;
  std::thread thread;
  int port = 0;
  std::mutex mutex;
  std::map<std::string, std::vector<std::string>> buckets;

  static bool is_allowed(const httplib::Request& in, httplib::Response& out) {
    if (in.get_header_value("Authorization") == "Token secret") return true;
    out.status = 401;
    out.set_content(R"({"code":"unauthorized","message":"unauthorized access"})",
                    "application/json");
    return false;
  }
  static void reply(httplib::Response& out, const Json& json) {
    out.set_content(json::text_of(json), "application/json");
  }
  /// Text of a field of a line: what stands between quotes after `key=`.
  static std::string text_in(const std::string& line, const std::string& key) {
    const auto at = line.find(key + "=\"");
    if (at == std::string::npos) return {};
    const auto from = at + key.size() + 2;
    return line.substr(from, line.find('"', from) - from);
  }
  static std::int64_t number_in(const std::string& line, const std::string& key) {
    const auto at = line.find(key + "=");
    return at == std::string::npos ? 0 : std::atoll(line.c_str() + at + key.size() + 1);
  }

  void query(const httplib::Request& in, httplib::Response& out) {
    const std::string q = in.get_param_value("q");
    Json values = Json::array();
    long from = 0, until = 1'000'000;
    if (const auto at = q.find("time >= "); at != std::string::npos)
      std::sscanf(q.c_str() + at, "time >= %ld AND time < %ld", &from, &until);
    const bool wants_segment = q.find("\"segment\"") != std::string::npos;
    for (const std::string& line : buckets[in.get_param_value("db")]) {
      const std::int64_t time = std::atoll(line.c_str() + line.rfind(' ') + 1);
      if (wants_segment && line.starts_with("segment,") && time >= from && time < until)
        values.push_back({time, text_in(line, "data")});
      if (!wants_segment && line.starts_with("profile,"))
        values.push_back({time, number_in(line, "pieces"), number_in(line, "bytes"),
                          text_in(line, "display_name")});
    }
    Json series = Json::array();
    if (!values.empty()) series.push_back({{"values", values}});
    reply(out, {{"results", Json::array({{{"series", series}}})}});
  }

  FakeInflux() {
    using httplib::Request, httplib::Response;
    server.set_pre_routing_handler([](const Request& in, Response& out) {
      return is_allowed(in, out) ? httplib::Server::HandlerResponse::Unhandled
                                 : httplib::Server::HandlerResponse::Handled;
    });
    server.Get("/api/v2/orgs", [](const Request&, Response& out) {
      reply(out, {{"orgs", Json::array({{{"id", "0001"}, {"name", "team"}}})}});
    });
    server.Get("/api/v2/buckets", [this](const Request& in, Response& out) {
      const std::lock_guard lock(mutex);
      Json list = Json::array();
      for (const auto& [name, lines] : buckets)
        if (!in.has_param("name") || in.get_param_value("name") == name)
          list.push_back({{"id", "b"}, {"name", name}});
      reply(out, {{"buckets", list}});
    });
    server.Post("/api/v2/buckets", [this](const Request& in, Response& out) {
      const std::lock_guard lock(mutex);
      const Json wish = REQUIRE_OK(json::parse(view_of(in.body)));
      buckets[wish["name"].get<std::string>()];
      out.status = 201;
      reply(out, wish);
    });
    server.Post("/api/v2/write", [this](const Request& in, Response& out) {
      const std::lock_guard lock(mutex);
      std::istringstream lines(in.body);
      for (std::string line; std::getline(lines, line);)
        buckets[in.get_param_value("bucket")].push_back(line);
      out.status = 204;
    });
    server.Get("/query", [this](const Request& in, Response& out) {
      const std::lock_guard lock(mutex);
      query(in, out);
    });
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
  }
  ~FakeInflux() {
    server.stop();
    thread.join();
  }
  InfluxOptions options() const {
    return {"http://127.0.0.1:" + std::to_string(port), "team", "", "secret"};
  }
};

}  // namespace

TEST_CASE("an instruction is one line of line protocol, with what would end a tag escaped") {
  Timeline t = synthetic_timeline(10);
  t.texts.push_back("say \"hi\" \\ there");
  t.instructions[0].operands.value = static_cast<std::uint32_t>(t.texts.size() - 1);
  t.cores[0].subgraph = "s g,=";
  const std::string line = influx_line(t, 0);
  CHECK(line.rfind("instruction,id=0,label=", 0) == 0);
  CHECK(line.find("subgraph=s\\ g\\,\\=,subgroup=") != std::string::npos);
  CHECK(line.find("operands=\"say \\\"hi\\\" \\\\ there\"") != std::string::npos);
  CHECK(line.ends_with(fmt::format(" {}", t.instructions[0].begin_ps / 1000)));
}

TEST_CASE("base 64 goes there and back") {
  for (const char* text : {"", "a", "ab", "abc", "abcd"})
    CHECK(text_of(REQUIRE_OK(unbase64(base64(text)))) == text);
  CHECK(base64("neuron") == "bmV1cm9u");
  CHECK_FALSE(unbase64("a*b"));
}

TEST_CASE("a profile goes to InfluxDB and comes back whole in another store") {
  const TemporaryDirectory here, there;
  auto store = REQUIRE_OK(Store::open(here.path)), other = REQUIRE_OK(Store::open(there.path));
  const Timeline timeline = synthetic_timeline(3000);
  REQUIRE_OK(store.put(kId, "shared", timeline, metrics_of(timeline), false));
  FakeInflux influx;
  CHECK(REQUIRE_OK(influx_write(influx.options(), store, kId, timeline, false)));
  CHECK_FALSE(REQUIRE_OK(influx_write(influx.options(), store, kId, timeline, false)));
  CHECK(REQUIRE_OK(influx_list(influx.options())) == std::vector<std::string>{kId});
  std::size_t instructions = 0;
  for (const std::string& line : influx.buckets[kId])
    instructions += line.starts_with("instruction,");
  CHECK(instructions == timeline.instructions.size());
  REQUIRE_OK(influx_read(influx.options(), other, kId));
  CHECK(REQUIRE_OK(other.segment_bytes(kId)) == REQUIRE_OK(store.segment_bytes(kId)));
  CHECK(REQUIRE_OK(other.list())[0].display_name == "synthetic");
  influx.buckets[kId].pop_back();  // as a writer that died leaves it
  const TemporaryDirectory third;
  auto empty = REQUIRE_OK(Store::open(third.path));
  CHECK(influx_read(influx.options(), empty, kId).error().code == Code::NotFound);
}

TEST_CASE("a server that is not there, or refuses the token, is told as documented") {
  const InfluxOptions nobody{"http://127.0.0.1:1", "team", "", "secret"};
  const auto none = influx_list(nobody);
  REQUIRE_FALSE(none);
  CHECK(none.error().message.starts_with("influxdb not setup correctly: http://127.0.0.1:1: "));
  CHECK(none.error().message.find("https://portal.influxdata.com/downloads/") != std::string::npos);
  FakeInflux influx;
  InfluxOptions wrong = influx.options();
  wrong.token = "stale";
  CHECK(influx_list(wrong).error().message.starts_with("influxdb token not setup correctly"));
}

TEST_CASE("the token and the organisation come from the active entry of influx's configuration") {
  const TemporaryDirectory directory;
  const fs::path file = directory.path / "configs";
  REQUIRE_OK(write_file(file, view_of("[default]\n  url = \"http://localhost:8086\"\n"
                                      "  token = \"old\"\n  org = \"me\"\n[work]\n"
                                      "  token = \"new\"\n  org = \"team\"\n  active = true\n"
                                      "# [third]\n")));
  ::setenv("INFLUX_CONFIGS_PATH", file.c_str(), 1);
  const InfluxOptions found = REQUIRE_OK(influx_setup({}));
  CHECK(found.token == "new");
  CHECK(found.org == "team");
  ::setenv("INFLUX_CONFIGS_PATH", (directory.path / "none").c_str(), 1);
  CHECK(influx_setup({}).error().message.starts_with("influxdb token not setup correctly"));
  ::unsetenv("INFLUX_CONFIGS_PATH");
}

}  // namespace neuron::view
