// SPDX-License-Identifier: Apache-2.0
#include "view/server.h"

#include <httplib.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "view/http/api.h"
#include "view/web/assets.h"

namespace neuron::view {
namespace {

constexpr std::size_t kMostBodyBytes = 4u << 20;
constexpr std::size_t kThreads = 8;

// The page runs its own script and nothing else, and nobody frames it.
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

int status_of(Code code) {
  switch (code) {
    case Code::NotFound:
      return 404;
    case Code::BadUsage:
    case Code::BadInput:
      return 400;
    default:
      return 500;
  }
}

void refuse(httplib::Response& response, int status, const std::string& message) {
  response.status = status;
  response.set_content(json::text_of(Json{{"error", message}}) + "\n", "application/json");
}

void reply(httplib::Response& response, Result<Answer> answer, int on_malformed = 500) {
  if (answer) return response.set_content(std::move(answer->body), answer->type);
  const Error& error = answer.error();
  refuse(response, error.code == Code::Malformed ? on_malformed : status_of(error.code),
         error.message);
}

void send_asset(httplib::Response& response, std::string_view name) {
  for (const Asset& asset : assets())
    if (asset.name == name)
      return response.set_content(asset.bytes.data(), asset.bytes.size(), asset.type);
  refuse(response, 404, "no such page");
}

Parameters parameters_of(const httplib::Request& request) {
  return [&request](const char* name) {
    return request.has_param(name) ? request.get_param_value(name) : std::string();
  };
}

std::string_view without_port(std::string_view host) {
  if (!host.empty() && host[0] == '[') return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.rfind(':'));
}

bool is_address(std::string_view host) {
  return !host.empty() &&
         (host[0] == '[' || host.find_first_not_of("0123456789.") == std::string_view::npos);
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
           return std::tolower(x) == std::tolower(y);
         });
}

/// A page of another site may send a request here; it may not change anything, and a browser
/// tells where it comes from.
bool is_origin_allowed(const httplib::Request& request, const std::string& host) {
  if (!request.has_header("Origin")) return true;
  const std::string origin = request.get_header_value("Origin");
  const auto scheme = origin.find("://");
  return scheme != std::string::npos && is_host_allowed(origin.substr(scheme + 3), host);
}

void send_page(httplib::Response& out) { send_asset(out, "index.html"); }

void add_pages(httplib::Server& server, Store& store) {
  using httplib::Request, httplib::Response;
  server.Get("/", [](const Request&, Response& out) { send_page(out); });
  server.Get("/profile/(n_[0-9a-f]{40})", [&store](const Request& in, Response& out) {
    send_page(out);
    if (!store.find(in.matches[1].str())) out.status = 404;  // the page says why
  });
  server.Get("/profile_cc/(p_[0-9a-f]{40})", [&store](const Request& in, Response& out) {
    send_page(out);
    if (!store.group(in.matches[1].str())) out.status = 404;
  });
  server.Get("/compare", [](const Request&, Response& out) { send_page(out); });
  server.Get("/assets/([a-z_]+[.][a-z]+)",
             [](const Request& in, Response& out) { send_asset(out, in.matches[1].str()); });
}

void add_api(httplib::Server& server, Store& store) {
  using httplib::Request, httplib::Response;
  using Route = Result<Answer> (*)(const Store&, const std::string&, const Parameters&);
  server.Get("/api/profiles",
             [&store](const Request&, Response& out) { reply(out, answer_profiles(store)); });
  server.Get("/api/profile/([^/]*)", [&store](const Request& in, Response& out) {
    reply(out, answer_profile(store, in.matches[1].str()));
  });
  const auto add = [&](const char* name, Route route) {
    server.Get(fmt::format("/api/profile/([^/]*)/{}", name),
               [&store, route](const Request& in, Response& out) {
                 reply(out, route(store, in.matches[1].str(), parameters_of(in)));
               });
  };
  add("rows", answer_rows);
  add("usage", answer_usage);
  add("event", answer_event);
  add("search", answer_search);
  add("markers", answer_markers);
  server.Get("/api/compare", [&store](const Request& in, Response& out) {
    reply(out, answer_compare(store, parameters_of(in)));
  });
  server.Get("/api/group/([^/]*)", [&store](const Request& in, Response& out) {
    reply(out, answer_group(store, in.matches[1].str()));
  });
  const auto accept = [&](const char* name, auto keep) {
    server.Put(fmt::format("/api/profile/([^/]*)/{}", name),
               [&store, keep](const Request& in, Response& out) {
                 if (in.get_header_value("Content-Type").rfind("application/json", 0) != 0)
                   return refuse(out, 400, "expected content of type application/json");
                 reply(out, keep(store, in.matches[1].str(), parameters_of(in), in.body), 400);
               });
  };
  accept("markers", keep_markers);
  accept("tags", keep_tags);
  server.Delete("/api/profile/([^/]*)", [&store](const Request& in, Response& out) {
    reply(out, remove_profile(store, in.matches[1].str()));
  });
}

void add_guards(httplib::Server& server, const std::string& host) {
  using httplib::Request, httplib::Response, httplib::Server;
  server.set_default_headers({{"Content-Security-Policy", kContentSecurityPolicy},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Cache-Control", "no-store"}});
  server.set_payload_max_length(kMostBodyBytes);
  server.set_pre_routing_handler([host](const Request& in, Response& out) {
    if (!is_host_allowed(in.get_header_value("Host"), host)) {
      refuse(out, 403, "the Host header names another machine; open the address that was printed");
      return Server::HandlerResponse::Handled;
    }
    if (in.method != "GET" && in.method != "HEAD" && !is_origin_allowed(in, host)) {
      refuse(out, 403, "another site's page may not change anything here");
      return Server::HandlerResponse::Handled;
    }
    return Server::HandlerResponse::Unhandled;
  });
  server.set_error_handler([](const Request&, Response& out) {
    if (out.body.empty())
      refuse(out, out.status, out.status == 404 ? "no such page" : "bad request");
  });
  server.set_exception_handler([](const Request&, Response& out, auto&&...) {
    refuse(out, 500, "out of memory or an internal fault");
  });
}

/// Why the address cannot be bound; cpp-httplib keeps that to itself.
Error bind_error(const ServeOptions& options) {
  const std::string port = std::to_string(options.port);
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (const int code = ::getaddrinfo(options.host.c_str(), port.c_str(), &hints, &found))
    return fail(Code::BadUsage, "host {}: {}", options.host, ::gai_strerror(code));
  const int fd = ::socket(found->ai_family, SOCK_STREAM, 0);
  const int bound = ::bind(fd, found->ai_addr, found->ai_addrlen);
  const int reason = bound == 0 ? EADDRINUSE : errno;  // free again since a moment
  ::close(fd);
  ::freeaddrinfo(found);
  if (reason == EADDRINUSE)
    return fail(Code::NoResource, "{}:{} is in use; choose another port with --port", options.host,
                port);
  return fail(Code::NoResource, "{}:{} cannot be served: {}; choose another with --port",
              options.host, port, std::strerror(reason));
}

// A handler may only write to a pipe; a thread reads it and stops the server.
int signal_pipe[2] = {-1, -1};
void on_signal(int) {
  const char byte = 1;
  [[maybe_unused]] const auto written = ::write(signal_pipe[1], &byte, 1);
}

/// Calls `stop` once SIGINT or SIGTERM comes, as long as it lives.
class SignalWatch {
 public:
  explicit SignalWatch(std::function<void()> stop) {
    if (::pipe(signal_pipe) != 0) return;
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGINT, &action, &old_[0]);
    ::sigaction(SIGTERM, &action, &old_[1]);
    thread_ = std::thread([stop = std::move(stop)] {
      char byte = 0;
      while (::read(signal_pipe[0], &byte, 1) < 0 && errno == EINTR) continue;
      stop();
    });
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch() {
    if (!thread_.joinable()) return;
    ::sigaction(SIGINT, &old_[0], nullptr);
    ::sigaction(SIGTERM, &old_[1], nullptr);
    on_signal(0);  // wakes the thread when no signal came
    thread_.join();
    ::close(signal_pipe[0]);
    ::close(signal_pipe[1]);
  }

 private:
  std::thread thread_;
  struct sigaction old_[2]{};
};

}  // namespace

bool is_host_allowed(std::string_view header, const std::string& host) {
  const std::string_view name = without_port(header);
  for (const char* loopback : {"localhost", "127.0.0.1", "[::1]"})
    if (same_name(name, loopback)) return true;
  if (!name.empty() && (same_name(name, host) || same_name(name, "[" + host + "]"))) return true;
  if (host != "0.0.0.0" && host != "::") return false;
  char own[256] = {};
  ::gethostname(own, sizeof own - 1);
  return is_address(name) || same_name(name, own);
}

struct PageServer::State {
  httplib::Server server;
  int port = 0;
};

PageServer::PageServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
PageServer::PageServer(PageServer&&) noexcept = default;
PageServer::~PageServer() = default;
int PageServer::port() const { return state_->port; }
void PageServer::run() { state_->server.listen_after_bind(); }
void PageServer::stop() { state_->server.stop(); }

Result<PageServer> PageServer::bind(const ServeOptions& options, Store& store) {
  if (options.port < 0 || options.port > 65'535)
    return fail(Code::BadUsage, "port {} is not between 0 and 65535", options.port);
  auto state = std::make_unique<State>();
  httplib::Server& server = state->server;
  // Not SO_REUSEPORT, cpp-httplib's default: with it two servers share a port and answer in turns.
  server.set_socket_options([](int fd) {
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  // So many requests at once and no more; a browser sends at most six.
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_tcp_nodelay(true);
  server.set_keep_alive_timeout(2);
  server.set_keep_alive_max_count(10'000);
  add_guards(server, options.host);
  if (options.has_pages) add_pages(server, store);
  add_api(server, store);
  if (options.port == 0) {
    state->port = server.bind_to_any_port(options.host);
    if (state->port <= 0) return bind_error(options);
  } else {
    if (!server.bind_to_port(options.host, options.port)) return bind_error(options);
    state->port = options.port;
  }
  return PageServer(std::move(state));
}

Result<> serve(const ServeOptions& options, Store& store, std::ostream& out) {
  auto server = TRY(PageServer::bind(options, store));
  const bool is_v6 = options.host.find(':') != std::string::npos;
  const std::string at = fmt::format("http://{}{}{}:{}/", is_v6 ? "[" : "", options.host,
                                     is_v6 ? "]" : "", server.port());
  if (!options.has_pages)
    out << "Profiles are served at " << at << "api/profiles\nctrl-c to exit\n";
  else if (options.profile.empty())
    out << "View a list of profiles at " << at << "\n";
  else
    out << "View profile at " << at
        << (options.profile.starts_with("p_") ? "profile_cc/" : "profile/") << options.profile
        << "\nctrl-c to exit\n";
  out.flush();
  std::atomic<bool> is_done{false};
  SignalWatch watch([&] {
    // A stop that comes before the server listens is lost, so it is said again.
    for (; !is_done; std::this_thread::sleep_for(std::chrono::milliseconds(20))) server.stop();
  });
  server.run();
  is_done = true;
  return {};
}

}  // namespace neuron::view
