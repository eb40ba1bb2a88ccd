// SPDX-License-Identifier: Apache-2.0
// The client against a stand-in for InfluxDB 2.x (tests/fake_influx.h), which the official client
// of InfluxDB takes for one, and its writes against VictoriaMetrics, a server of others.
#include "view/influx.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <numeric>

#include "synthetic.h"
#include "tests/catch.h"
#include "tests/fake_influx.h"
#include "view/influx/base64.h"
#include "view/influx/client.h"
#include "view/influx/csv.h"
#include "view/influx/lines.h"

namespace neuron::view {
namespace {

const std::string kId = "n_" + std::string(40, '7');

}  // namespace

TEST_CASE("an instruction is one line of line protocol, with what would end a tag escaped") {
  Timeline t = synthetic_timeline(10);
  t.texts.push_back("say \"hi\" \\ there");
  Step step = *t.instructions[0].step;
  step.operands.value = static_cast<std::uint32_t>(t.texts.size() - 1);
  t.instructions[0].step = t.add_step(step);
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
  for (const std::string& line : influx.lines(kId))
    instructions += line.starts_with("instruction,");
  CHECK(instructions == timeline.instructions.size());
  REQUIRE_OK(influx_read(influx.options(), other, kId));
  CHECK(REQUIRE_OK(other.segment_bytes(kId)) == REQUIRE_OK(store.segment_bytes(kId)));
  CHECK(REQUIRE_OK(other.list())[0].display_name == "synthetic");
  influx.drop_last(kId);  // as a writer that died leaves it
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

TEST_CASE("tables of a Flux answer are read with their quotes, and an error is one") {
  const auto rows = REQUIRE_OK(parse_flux_csv(
      "#datatype,string,long,string\r\n#group,false,false,false\r\n#default,_result,,\r\n"
      ",result,table,_value\r\n,,0,\"a \"\"b\"\", c\"\r\n,,0,d\r\n\r\n"
      "#datatype,string,long,long\r\n,result,table,n\r\n,,1,7\r\n"));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].at("_value") == "a \"b\", c");
  CHECK(rows[1].at("_value") == "d");
  CHECK(rows[2].at("n") == "7");
  CHECK(parse_flux_csv("error,reference\r\nno such bucket,897\r\n").error().message ==
        "no such bucket");
  CHECK_FALSE(parse_flux_csv(",a\r\n,\"never closed"));
  CHECK_FALSE(parse_flux_csv(",a\r\n,1,2\r\n"));
}

TEST_CASE("the official client of InfluxDB takes the stand-in for a server") {
  const fs::path modules = influx_client_modules();
  if (modules.empty()) {
    std::puts("skipped: no @influxdata/influxdb-client; tests/influx/get_client.sh fetches it");
    return;
  }
  FakeInflux influx;
  const TemporaryDirectory out;
  const std::string command = fmt::format(
      "NODE_PATH='{}' node '{}/tests/influx/official_client.js' 'http://127.0.0.1:{}' > '{}'",
      modules.string(), NEURON_SOURCE_DIR, influx.port, (out.path / "said").string());
  CHECK(std::system(command.c_str()) == 0);
  const auto said = REQUIRE_OK(read_file(out.path / "said"));
  CHECK(text_of(said) == "wrote 500, read 500 back equal; a stale token is refused with 401\n");
}

namespace {

/// A VictoriaMetrics of its own; `port` is 0 where none is installed or none comes up.
struct Victoria {
  TemporaryDirectory data;
  pid_t process = -1;
  int port = 0;

  Victoria() {
    if (::access("/usr/bin/victoria-metrics", X_OK) != 0) return;
    const int wish = 20'000 + ::getpid() % 20'000;
    process = ::fork();
    if (process == 0) {
      const std::string at = fmt::format("-httpListenAddr=127.0.0.1:{}", wish);
      const std::string path = "-storageDataPath=" + (data.path / "db").string();
      std::freopen("/dev/null", "w", stderr);
      // Points of a profile lie at the very begin of 1970, long before any retention ends.
      ::execl("/usr/bin/victoria-metrics", "victoria-metrics", at.c_str(), path.c_str(),
              "-retentionPeriod=100y", nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 200 && port == 0; ++i) {
      httplib::Client client("127.0.0.1", wish);
      if (const auto health = client.Get("/health"); health && health->status == 200) port = wish;
      ::usleep(50'000);
    }
  }
  ~Victoria() {
    if (process <= 0) return;
    ::kill(process, SIGTERM);
    ::waitpid(process, nullptr, 0);
  }
  std::string get(const std::string& path) const {
    httplib::Client client("127.0.0.1", port);
    const auto answer = client.Get(path);
    return answer ? answer->body : std::string();
  }
};

}  // namespace

TEST_CASE("VictoriaMetrics takes the points of a profile") {
  const Victoria server;
  if (server.port == 0) {
    std::puts("skipped: no victoria-metrics");
    return;
  }
  const Timeline timeline = synthetic_timeline(2000);
  std::string lines;
  REQUIRE_OK(for_each_line(timeline, [&](const std::string& line) -> Result<> {
    lines += line + "\n";
    return {};
  }));
  const InfluxOptions options{fmt::format("http://127.0.0.1:{}", server.port), "team", "",
                              "secret"};
  auto client = REQUIRE_OK(InfluxClient::connect(options));
  REQUIRE_OK(client.write(kId, lines));
  // One series for each instruction and field: its id is a tag. Points show up block by block.
  const auto written = [&] {
    server.get("/internal/force_flush");
    std::vector<std::int64_t> durations;
    std::istringstream each(server.get(
        "/api/v1/export?start=0&match%5B%5D=%7B__name__%3D%22instruction_duration%22%7D"));
    for (std::string line; std::getline(each, line);)
      durations.push_back(REQUIRE_OK(json::parse(view_of(line)))["values"][0].get<std::int64_t>());
    return durations;
  };
  auto durations = written();
  for (int i = 0; i < 100 && durations.size() < timeline.instructions.size(); ++i) {
    ::usleep(100'000);
    durations = written();
  }
  std::int64_t expected = 0;
  for (const Instruction& e : timeline.instructions) expected += (e.end_ps - e.begin_ps) / 1000;
  CHECK(durations.size() == timeline.instructions.size());
  CHECK(std::accumulate(durations.begin(), durations.end(), std::int64_t{0}) == expected);
}

}  // namespace neuron::view
