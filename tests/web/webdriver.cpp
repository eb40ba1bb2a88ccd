// SPDX-License-Identifier: Apache-2.0
#include "tests/web/webdriver.h"

#include <httplib.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>

using neuron::Json;
namespace fs = std::filesystem;

namespace {

constexpr int kPatienceSeconds = 60;  // a cold start of the browser on a loaded machine

[[noreturn]] void give_up(const std::string& why) { throw std::runtime_error("webdriver: " + why); }

/// Reads what the driver prints until it names its port.
int port_from(int fd) {
  std::string text;
  char part[512];
  for (ssize_t got; (got = ::read(fd, part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(got));
    const std::string words = "started successfully on port ";
    if (const auto at = text.find(words);
        at != std::string::npos && text.find('\n', at) != std::string::npos)
      return std::atoi(text.c_str() + at + words.size());
  }
  give_up("the driver ended without naming a port: " + text);
}

Json pointer(Json actions) {
  return {{"type", "pointer"},
          {"id", "mouse"},
          {"parameters", {{"pointerType", "mouse"}}},
          {"actions", std::move(actions)}};
}
Json keyboard(Json actions) {
  return {{{"type", "key"}, {"id", "keys"}, {"actions", std::move(actions)}}};
}
Json move_action(double x, double y) {
  return {{"type", "pointerMove"}, {"duration", 30}, {"x", int(x)}, {"y", int(y)}};
}
Json button_action(const char* type, int button) { return {{"type", type}, {"button", button}}; }

}  // namespace

struct Browser::Connection {
  explicit Connection(int port) : client("127.0.0.1", port) {}
  httplib::Client client;
};

fs::path Browser::driver() {
  const char* given = std::getenv("NEURON_CHROMEDRIVER");
  const fs::path path = given ? given : "/usr/bin/chromedriver";
  return fs::exists(path) ? path : fs::path();
}

Browser::Browser() {
  std::string name = (fs::temp_directory_path() / "neuron-browser-XXXXXX").string();
  user_data_ = ::mkdtemp(name.data());
  int out[2];
  if (::pipe(out) != 0) give_up("no pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  posix_spawn_file_actions_addclose(&files, out[0]);
  const std::string path = driver().string();
  std::string program = path, port = "--port=0";
  char* arguments[] = {program.data(), port.data(), nullptr};
  if (::posix_spawn(&process_, path.c_str(), &files, nullptr, arguments, environ) != 0)
    give_up("cannot start " + path);
  posix_spawn_file_actions_destroy(&files);
  ::close(out[1]);
  connection_ = std::make_unique<Connection>(port_from(out[0]));
  connection_->client.set_read_timeout(kPatienceSeconds);
  const Json arguments_of_browser = {"--headless",
                                     "--no-sandbox",
                                     "--disable-gpu",
                                     "--disable-quic",
                                     "--no-first-run",
                                     "--disable-background-networking",
                                     "--disable-component-update",
                                     "--disable-sync",
                                     "--disable-dev-shm-usage",
                                     "--window-size=1400,1100",
                                     "--user-data-dir=" + user_data_.string()};
  const Json answer = ask("POST", "/session",
                          {{"capabilities",
                            {{"alwaysMatch",
                              {{"goog:chromeOptions", {{"args", arguments_of_browser}}},
                               {"goog:loggingPrefs", {{"browser", "ALL"}}}}}}}});
  session_ = "/session/" + answer.at("sessionId").get<std::string>();
}

Browser::~Browser() {
  if (!session_.empty()) connection_->client.Delete(session_.c_str());
  if (process_ > 0) {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(user_data_, ignored);
}

Json Browser::ask(const char* method, const std::string& path, const Json& body) {
  auto& client = connection_->client;
  const std::string target = session_ + path;
  const auto result = std::string_view(method) == "GET"
                          ? client.Get(target.c_str())
                          : client.Post(target.c_str(), body.dump(), "application/json");
  if (!result) give_up(path + ": no answer");
  Json value = Json::parse(result->body).at("value");
  if (result->status != 200) give_up(path + ": " + value.value("message", result->body));
  return value;
}

void Browser::go(const std::string& url) { ask("POST", "/url", {{"url", url}}); }

Json Browser::run(const std::string& body) {
  const std::string script =
      "const done = arguments[arguments.length - 1];"
      "(async () => {" +
      body + "})().then(done, (e) => done('error: ' + e));";
  return ask("POST", "/execute/async", {{"script", script}, {"args", Json::array()}});
}

bool Browser::becomes(const std::string& body) {
  const Json result = run("const test = () => {" + body +
                          "};"
                          "for (let i = 0; i < 200; ++i) { if (test()) return true;"
                          " await new Promise((go) => setTimeout(go, 50)); } return false;");
  return result.is_boolean() && result.get<bool>();
}

void Browser::act(Json sources) { ask("POST", "/actions", {{"actions", std::move(sources)}}); }

void Browser::move(double x, double y) { act({pointer({move_action(x, y)})}); }

void Browser::click(double x, double y, int button) {
  act({pointer({move_action(x, y), button_action("pointerDown", button),
                button_action("pointerUp", button)})});
}

void Browser::double_click(double x, double y) {
  Json actions = {move_action(x, y)};
  for (const char* type : {"pointerDown", "pointerUp", "pointerDown", "pointerUp"})
    actions.push_back(button_action(type, 0));
  act({pointer(std::move(actions))});
}

void Browser::drag(double from_x, double from_y, double to_x, double to_y, int button) {
  act({pointer({move_action(from_x, from_y), button_action("pointerDown", button),
                move_action((from_x + to_x) / 2, to_y), move_action(to_x, to_y),
                button_action("pointerUp", button)})});
}

void Browser::wheel(double x, double y, int delta_y) {
  act({{{"type", "wheel"},
        {"id", "wheel"},
        {"actions",
         {{{"type", "scroll"},
           {"x", int(x)},
           {"y", int(y)},
           {"deltaX", 0},
           {"deltaY", delta_y},
           {"duration", 0}}}}}});
}

void Browser::type(const std::string& keys) {
  for (const char key : keys) press(std::string(1, key));
}

void Browser::press(const std::string& key) {
  Json actions = Json::array();
  for (const char* type : {"keyDown", "keyUp"}) actions.push_back({{"type", type}, {"value", key}});
  act(keyboard(std::move(actions)));
}

void Browser::hold(const std::string& key, bool is_down) {
  Json actions = Json::array();
  actions.push_back({{"type", is_down ? "keyDown" : "keyUp"}, {"value", key}});
  act(keyboard(std::move(actions)));
}

void Browser::narrow(int width) {
  const Json size = {
      {"width", width}, {"height", 900}, {"deviceScaleFactor", 1}, {"mobile", false}};
  ask("POST", "/goog/cdp/execute",
      {{"cmd",
        width ? "Emulation.setDeviceMetricsOverride" : "Emulation.clearDeviceMetricsOverride"},
       {"params", width ? size : Json::object()}});
}

std::vector<std::string> Browser::complaints() {
  std::vector<std::string> list;
  for (const Json& entry : ask("POST", "/se/log", {{"type", "browser"}}))
    if (entry.at("level") == "SEVERE") list.push_back(entry.at("message"));
  return list;
}

void Browser::save_screenshot(const fs::path& path) {
  const auto text = ask("GET", "/screenshot", {}).get<std::string>();
  std::ofstream out(path, std::ios::binary);
  unsigned bits = 0, held = 0;
  for (const char c : text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(digit);
    held += 6;
    if (held >= 8) out.put(static_cast<char>(bits >> (held -= 8)));
  }
}
