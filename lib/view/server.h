// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ostream>

#include "view/store.h"

/// The page of `profile view`: a loopback HTTP server over a store.
///   auto store = TRY(view::Store::open(view::store_directory()));
///   TRY(view::serve({.profile = id}, store, std::cout));   // until ctrl-c
///
///   GET /, /profile/ID, /profile_cc/ID          the page
///   GET /api/profiles                           all profiles and groups, newest first
///   GET /compare, /api/compare?profiles=ID,ID    differences of two or more profiles
///   GET /api/group/ID                           name and members
///   GET /api/profile/ID                         names, rows, counters, layers, summary, tensors
///   GET /api/profile/ID/rows?from=&to=&width=[&tracks=1,2][&format=json]   spans (ps)
///   GET /api/profile/ID/event?track=&index=     all fields of one event; kind= instead of track=
///   GET /api/profile/ID/search?text=[&field=][&limit=][&regex=1][&from=&to=&width=]
///   GET /api/profile/ID/markers[?set=]          PUT .../markers?set=, .../tags    DELETE .../ID
/// Errors are one line of JSON: {"error": "..."}.
namespace neuron::view {

struct ServeOptions {
  std::string host = "127.0.0.1";
  int port = 3001;        ///< 0: any that is free
  std::string profile;    ///< id (n_ or p_) that the first line points to; empty: the list
  bool has_pages = true;  ///< off: /api only
};

/// Serves until SIGINT or SIGTERM. Says on `out` where the page is, once it can be opened.
Result<> serve(const ServeOptions& options, Store& store, std::ostream& out);

/// The server without signals and words, for a caller that has its own.
class PageServer {
 public:
  /// Fails when the port is taken.
  static Result<PageServer> bind(const ServeOptions& options, Store& store);
  PageServer(PageServer&&) noexcept;
  PageServer& operator=(PageServer&&) = delete;
  ~PageServer();
  int port() const;
  void run();  ///< until stop() is called, from any thread
  void stop();

 private:
  struct State;
  explicit PageServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Answers whether a request's Host header names this machine as `host` was bound: the loopback
/// names, `host` itself, and, where `host` is any address, addresses and this machine's own name.
/// A name that someone else's DNS points here is refused.
bool is_host_allowed(std::string_view header, const std::string& host);

}  // namespace neuron::view
