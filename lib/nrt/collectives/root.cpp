// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/root.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace neuron::nrt::cc {
namespace {

constexpr std::uint64_t kGraceMs = 1000;  ///< those who are only a little late come meanwhile

int patience_of(int timeout) { return std::clamp(timeout / 2, 2, 8); }

}  // namespace

std::string text_of_ranks(const std::set<std::uint32_t>& ranks) {
  std::string text = ranks.size() == 1 ? "rank" : "ranks";
  std::size_t shown = 0;
  for (const std::uint32_t rank : ranks) {
    const bool is_last = shown + 1 == ranks.size();
    if (shown == 16) return text + fmt::format(" and {} more", ranks.size() - shown);
    text += shown == 0 ? " " : is_last ? " and " : ", ";
    text += fmt::to_string(rank);
    ++shown;
  }
  return text;
}

Result<std::unique_ptr<Root>> Root::open(RootId id, std::uint32_t ranks, int timeout) {
  std::unique_ptr<Root> made(new Root);
  made->listener_ = TRY(listen(id).within("rank 0"));
  made->id_ = id;
  made->ranks_ = ranks;
  made->timeout_ = timeout;
  made->until_ms_ = now_ms() + static_cast<std::uint64_t>(timeout) * 1000;
  made->stop_fd_ = ::eventfd(0, EFD_CLOEXEC);
  made->thread_ = std::thread([root = made.get()] { root->serve(); });
  return made;
}

Root::~Root() {
  const std::uint64_t one = 1;
  if (thread_.joinable()) {
    (void)!::write(stop_fd_, &one, sizeof one);
    thread_.join();
  }
  for (const int fd : {listener_, stop_fd_})
    if (fd >= 0) ::close(fd);
}

void Root::serve() {
  while (!is_over_) {
    wait_for_lines();
    answer_late();
    if (!is_complete_ && now_ms() > until_ms_) give_up();
    guests_.remove_if([](const Guest& g) { return g.is_closed; });
  }
}

void Root::wait_for_lines() {
  std::vector<pollfd> fds{{stop_fd_, POLLIN, 0}, {listener_, POLLIN, 0}};
  for (const Guest& guest : guests_) fds.push_back({guest.wire.fd(), POLLIN, 0});
  (void)::poll(fds.data(), fds.size(), 100);
  if (fds[0].revents) is_over_ = true;
  std::size_t at = 2;
  for (Guest& guest : guests_)
    if (fds[at++].revents) read(guest);
  if (listener_ < 0 || !fds[1].revents) return;
  if (auto wire = accept(listener_, patience_of(timeout_)))
    guests_.push_back({std::move(*wire), nullptr, false, 0, false, false});
}

/// Lines are few and small; what a guest sends too much of ends its connection.
void Root::read(Guest& guest) {
  for (;;) {
    auto line = guest.wire.receive();
    if (line && !*line) return;
    if (line) {
      take(guest, **line);
      continue;
    }
    guest.is_closed = true;
    if (is_complete_ && !guest.joined.is_null() && !guest.is_over)
      tell_all({{"gone", guest.rank}, {"why", line.error().message}});
    return;
  }
}

void Root::take(Guest& guest, const Json& line) {
  if (guest.joined.is_null()) return join(guest, line);
  if (json::find(line, "late")) return late(guest, line["late"]);
  if (json::find(line, "address")) return take_address(guest, line);
  if (!json::find(line, "bye")) return;
  guest.is_over = true;
  tell_all({{"left", guest.rank}});
}

void Root::refuse(Guest& guest, const std::string& why) {
  (void)guest.wire.send({{"error", why}});
  guest.is_over = true;
}

void Root::join(Guest& guest, const Json& line) {
  const auto rank = json::get<std::uint32_t>(line, "join");
  const auto ranks = json::get<std::uint32_t>(line, "ranks");
  if (!rank || !ranks || !json::get<std::string>(line, "host") ||
      !json::get<std::int64_t>(line, "pid") || !json::get<std::string>(line, "box"))
    return refuse(guest, "this is no rank of a world");
  if (*ranks != ranks_ || *rank >= ranks_)
    return refuse(guest,
                  fmt::format("rank {} of {} came to a world of {} ranks", *rank, *ranks, ranks_));
  if (guest_of(*rank)) return refuse(guest, fmt::format("rank {} is here already", *rank));
  guest.rank = *rank;
  guest.joined = {{"host", line["host"]}, {"pid", line["pid"]}, {"box", line["box"]}};
  tell_boxes();
}

/// The last to join decides how all will be connected: processes of one box can share memory. Ranks
/// of one process cannot: libfabric has one mapping of an endpoint's memory for all of them, which
/// goes when the endpoint does.
void Root::tell_boxes() {
  bool is_one = true;
  std::set<std::int64_t> processes;
  for (std::uint32_t r = 0; r < ranks_; ++r) {
    const Guest* member = guest_of(r);
    if (!member) return;
    is_one &= member->joined["box"] == guest_of(0)->joined["box"];
    processes.insert(member->joined["pid"].get<std::int64_t>());
  }
  tell_all({{"can_share", is_one && processes.size() == ranks_}});
}

/// The last address makes the world whole.
void Root::take_address(Guest& guest, const Json& line) {
  const auto address = json::get<std::string>(line, "address");
  const auto provider = json::get<std::string>(line, "provider");
  if (!address || !provider) return refuse(guest, "this is no address of a rank");
  guest.joined["address"] = *address;
  guest.joined["provider"] = *provider;
  guest.has_address = true;
  Json table = Json::array();
  for (std::uint32_t r = 0; r < ranks_; ++r) {
    const Guest* member = guest_of(r);
    if (is_complete_ || !member || !member->has_address) return;
    table.push_back(member->joined);
  }
  is_complete_ = true;
  ::close(std::exchange(listener_, -1));
  tell_all({{"table", std::move(table)}});
}

Root::Guest* Root::guest_of(std::uint32_t rank) {
  for (Guest& guest : guests_)
    if (!guest.joined.is_null() && !guest.is_closed && guest.rank == rank) return &guest;
  return nullptr;
}

void Root::tell_all(const Json& line) {
  for (Guest& guest : guests_)
    if (!guest.joined.is_null() && !guest.is_closed) (void)guest.wire.send(line);
}

void Root::late(const Guest& guest, const Json& line) {
  const auto operation = json::get<std::string>(line, "operation");
  const auto sequence = json::get<std::uint64_t>(line, "sequence");
  const Json* members = json::find(line, "members");
  if (!operation || !sequence || !members || !members->is_array()) return;
  std::uint64_t& reached = reached_[*operation][guest.rank];
  reached = std::max(reached, *sequence);
  Late& late = late_[{*operation, *sequence}];
  if (late.since_ms == 0) late.since_ms = now_ms();
  late.waiting.insert(guest.rank);
  for (const Json& member : *members)
    if (json::holds<std::uint32_t>(member) && member.get<std::uint32_t>() < ranks_)
      late.members.insert(member.get<std::uint32_t>());
}

/// Missing is who is not known to have come as far in the same operations of the same group.
void Root::answer_late() {
  for (auto& [key, late] : late_) {
    if (late.is_answered || now_ms() < late.since_ms + kGraceMs) continue;
    late.is_answered = true;
    Json missing = Json::array();
    for (const std::uint32_t member : late.members) {
      const auto reached = reached_[key.first].find(member);
      if (reached == reached_[key.first].end() || reached->second < key.second)
        missing.push_back(member);
    }
    for (const std::uint32_t rank : late.waiting)
      if (Guest* guest = guest_of(rank)) (void)guest->wire.send({{"missing", missing}});
  }
}

void Root::give_up() {
  std::set<std::uint32_t> missing;
  for (std::uint32_t rank = 0; rank < ranks_; ++rank)
    if (!guest_of(rank)) missing.insert(rank);
  const std::string text =
      missing.empty()
          ? "not all ranks could open their network"
          : fmt::format("{} of {} did not come to {}", text_of_ranks(missing), ranks_, id_.text());
  tell_all({{"error", fmt::format("{} within {} s", text, timeout_)}});
  is_over_ = true;
}

}  // namespace neuron::nrt::cc
