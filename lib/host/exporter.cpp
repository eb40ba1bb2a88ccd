// SPDX-License-Identifier: Apache-2.0
#include "host/exporter.h"

#include <httplib.h>

#include <chrono>
#include <mutex>
#include <thread>

namespace neuron::host {

struct Exporter::State {
  httplib::Server server;
  std::thread thread;
  std::mutex guard;
  std::string text;
  int port = 0;
};

Exporter::Exporter(std::unique_ptr<State> state) : state_(std::move(state)) {}
Exporter::Exporter(Exporter&&) noexcept = default;

Result<Exporter> Exporter::start(const std::string& address, int port) {
  auto state = std::make_unique<State>();
  State& s = *state;
  s.server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  s.server.Get("/metrics", [&s](const httplib::Request&, httplib::Response& response) {
    std::lock_guard lock(s.guard);
    response.set_content(s.text, "text/plain; version=0.0.4; charset=utf-8");
  });
  s.server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(
        "<!doctype html><title>neuron monitor</title><a href=\"/metrics\">metrics</a>",
        "text/html; charset=utf-8");
  });
  s.port = port;
  const bool is_bound = port == 0 ? (s.port = s.server.bind_to_any_port(address)) > 0
                                  : s.server.bind_to_port(address, port);
  if (!is_bound)
    return fail(Code::Io, "{}:{}: cannot listen; is another program there", address, port);
  s.thread = std::thread([&s] { s.server.listen_after_bind(); });
  // stop() reaches a server that runs, not one that is about to.
  while (!s.server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return Exporter(std::move(state));
}

Exporter::~Exporter() {
  if (!state_) return;
  state_->server.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

int Exporter::port() const { return state_->port; }

void Exporter::set(std::string text) {
  std::lock_guard lock(state_->guard);
  state_->text = std::move(text);
}

}  // namespace neuron::host
