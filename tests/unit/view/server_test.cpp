// SPDX-License-Identifier: Apache-2.0
#include "view/server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "tests/catch.h"
#include "tests/unit/view/synthetic.h"

using namespace neuron;
using namespace neuron::view;

namespace {

const std::string kId = "n_0123456789abcdef0123456789abcdef01234567";

struct Reply {
  int status = 0;
  std::string head, body;
  Json json() const { return Json::parse(body); }
};

/// One request over a connection of its own.
Reply ask(int port, const std::string& line, const std::string& headers = "Host: localhost\r\n",
          const std::string& body = "") {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Reply reply;
  std::string all;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
    std::string request = line + " HTTP/1.1\r\n" + headers + "Connection: close\r\n";
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    request += "\r\n" + body;
    ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char part[4096];
    for (ssize_t got; (got = ::read(fd, part, sizeof part)) > 0;)
      all.append(part, static_cast<std::size_t>(got));
  }
  ::close(fd);
  const auto end = all.find("\r\n\r\n");
  if (all.size() < 12 || end == std::string::npos) return reply;
  reply.status = std::stoi(all.substr(9, 3));
  reply.head = all.substr(0, end);
  reply.body = all.substr(end + 4);
  return reply;
}

Store opened(const fs::path& path) { return REQUIRE_OK(Store::open(path)); }
PageServer bound(Store& store) {
  return REQUIRE_OK(PageServer::bind({.host = "127.0.0.1", .port = 0, .profile = ""}, store));
}

/// A store with one profile, served on a free port as long as it lives.
struct Served {
  TemporaryDirectory directory;
  Timeline timeline = synthetic_timeline(3000);
  Store store = opened(directory.path);
  PageServer server = bound(store);
  std::thread thread;
  Served() {
    REQUIRE_OK(store.put(kId, "digits", timeline, {}, false));
    thread = std::thread([this] { server.run(); });
    for (int i = 0; i < 200 && ask(server.port(), "GET /api/profiles").status == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ~Served() {
    server.stop();
    thread.join();
  }
  Reply get(const std::string& path) const { return ask(server.port(), "GET " + path); }
  std::string api(const std::string& rest) const { return "/api/profile/" + kId + rest; }
};

}  // namespace

TEST_CASE("the server answers with profiles, windows and events") {
  Served served;
  CHECK(served.get("/api/profiles").json().at("profiles").at(0).at("id") == kId);
  const Json profile = served.get(served.api("")).json();
  CHECK(profile.at("display_name") == "digits");
  CHECK(profile.at("neff_name") == "graph.neff");
  const auto rows = served.get(served.api("/rows?from=0&to=5000000&width=900&format=json"));
  REQUIRE(rows.status == 200);
  CHECK(rows.json().at("tracks").size() == profile.at("tracks").size());
  CHECK(rows.json().at("counters").size() == 3);
  const Json event = served.get(served.api("/event?track=0&index=5")).json();
  CHECK(event.at("kind") == "queue");
  CHECK(
      served.get(served.api("/search?text=matmul&field=opcode&limit=3")).json().at("hits").size() ==
      3);
}

TEST_CASE("a binary window says the same as its JSON") {
  Served served;
  const std::string window = "/rows?from=1000000&to=9000000&width=300&tracks=3,0";
  const auto packed = served.get(served.api(window));
  const Json json = served.get(served.api(window + "&format=json")).json();
  Reader in(view_of(packed.body));
  CHECK(in.take<std::uint32_t>() == 0x3157524e);
  REQUIRE(in.take<std::uint32_t>() == 2);
  for (const Json& track : json.at("tracks")) {
    CHECK(in.take<std::uint32_t>() == track.at("track"));
    in.take<std::uint32_t>();
    const auto count = in.take<std::uint32_t>();
    in.take<std::uint32_t>();
    REQUIRE(count == track.at("spans").size());
    for (const Json& span : track.at("spans")) CHECK(in.take<double>() == span.at("begin_ps"));
    in.take(count * (8 + 5 * 4) + count % 2 * 4);
  }
  CHECK(in.take<std::uint32_t>() == 3);
  CHECK(in.ok());
}

TEST_CASE("markers are put and got by name") {
  Served served;
  const std::string json = "Host: localhost\r\nContent-Type: application/json\r\n";
  const std::string body = R"({"markers":[{"at_ps":4000,"name":"here"}]})";
  const auto put =
      ask(served.server.port(), "PUT " + served.api("/markers?set=my%20set"), json, body);
  CHECK(put.status == 200);
  CHECK(served.get(served.api("/markers")).json().at("sets").at(0) == "my set");
  CHECK(served.get(served.api("/markers?set=my%20set")).json().at("markers").at(0).at("name") ==
        "here");
  CHECK(served.get(served.api("/markers?set=other")).status == 404);
  for (const char* bad :
       {"{", "[]", R"({"markers":[{"at_ps":"x","name":"y"}]})", R"({"markers":[{"at_ps":1}]})"})
    CHECK(ask(served.server.port(), "PUT " + served.api("/markers?set=a"), json, bad).status ==
          400);
  CHECK(
      ask(served.server.port(), "PUT " + served.api("/markers?set=a"), "Host: localhost\r\n", body)
          .status == 400);
}

TEST_CASE("a request under another machine's name is refused") {
  Served served;
  const int port = served.server.port();
  CHECK(ask(port, "GET /api/profiles", "Host: evil.example\r\n").status == 403);
  CHECK(ask(port, "GET /api/profiles", "Host: evil.example:3001\r\n").status == 403);
  CHECK(ask(port, "GET /api/profiles", "Host: 127.0.0.1.evil.example\r\n").status == 403);
  CHECK(ask(port, "GET /api/profiles", "").status == 403);
  CHECK(ask(port, "GET /api/profiles", "Host: LOCALHOST:3001\r\n").status == 200);
  CHECK(ask(port, "GET /api/profiles", "Host: [::1]:9\r\n").status == 200);
  CHECK(ask(port, "PUT " + served.api("/markers?set=a"),
            "Host: localhost\r\nOrigin: http://evil.example\r\nContent-Type: application/json\r\n",
            R"({"markers":[]})")
            .status == 403);
  CHECK(is_host_allowed("box.lan:3001", "box.lan"));
  CHECK(is_host_allowed("10.0.0.7:3001", "0.0.0.0"));
  CHECK_FALSE(is_host_allowed("10.0.0.7:3001", "127.0.0.1"));
  CHECK_FALSE(is_host_allowed("evil.example", "0.0.0.0"));
}

TEST_CASE("only the page's own files are served, with headers that keep others out") {
  Served served;
  const auto page = served.get("/profile/" + kId);
  CHECK(page.status == 200);
  CHECK(page.head.find("Content-Security-Policy: default-src 'self'") != std::string::npos);
  CHECK(page.head.find("X-Content-Type-Options: nosniff") != std::string::npos);
  CHECK(served.get("/assets/page.js").head.find("text/javascript") != std::string::npos);
  for (const char* path : {"/assets/../../etc/passwd", "/assets/%2e%2e%2fcatalogue.db",
                           "/etc/passwd", "/assets/nothing.js", "/profile/n_12", "/catalogue.db"}) {
    const auto reply = served.get(path);
    CHECK(reply.status == 404);
    CHECK(reply.json().contains("error"));
  }
}

TEST_CASE("a bad question is answered with one line of JSON") {
  Served served;
  const struct {
    const char* path;
    int status;
  } rows[] = {{"/rows", 400},
              {"/rows?from=0&to=0&width=10", 400},
              {"/rows?from=0&to=10&width=0", 400},
              {"/rows?from=0&to=10&width=99999999", 400},
              {"/rows?from=0&to=99999999999999999999&width=10", 400},
              {"/rows?from=0&to=1e6&width=10", 400},
              {"/rows?from=0&to=10&width=10&tracks=1,,x", 400},
              {"/rows?from=0&to=10&width=10&tracks=9999", 404},
              {"/rows?from=0&to=10&width=10&format=xml", 400},
              {"/event?track=0&index=-1", 400},
              {"/event?track=0&index=999999", 404},
              {"/search?text=", 400},
              {"/search?text=a&field=b", 400},
              {"/nothing", 404}};
  for (const auto& row : rows) {
    CAPTURE(row.path);
    const auto reply = served.get(served.api(row.path));
    CHECK(reply.status == row.status);
    CHECK(reply.json().contains("error"));
    CHECK(reply.body.find('\n') == reply.body.size() - 1);
  }
  CHECK(served.get("/api/profile/n_0000000000000000000000000000000000000000").status == 404);
}

TEST_CASE("a taken port is named with the option that changes it") {
  Served served;
  const auto second = PageServer::bind(
      {.host = "127.0.0.1", .port = served.server.port(), .profile = ""}, served.store);
  REQUIRE(!second);
  CHECK(second.error().code == Code::NoResource);
  CHECK(second.error().message.find(std::to_string(served.server.port())) != std::string::npos);
  CHECK(second.error().message.find("--port") != std::string::npos);
}

TEST_CASE("ctrl-c ends the server cleanly, after it has said where the page is") {
  TemporaryDirectory directory;
  Store store = REQUIRE_OK(Store::open(directory.path));
  for (const int number : {SIGINT, SIGTERM}) {
    std::ostringstream out;
    std::thread user([number] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      ::kill(::getpid(), number);
    });
    const auto start = std::chrono::steady_clock::now();
    REQUIRE_OK(serve({.host = "127.0.0.1", .port = 0, .profile = kId}, store, out));
    user.join();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    CHECK(out.str().rfind("View profile at http://127.0.0.1:", 0) == 0);
    CHECK(out.str().find("/profile/" + kId + "\nctrl-c to exit\n") != std::string::npos);
  }
}
