// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/world.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "base/log.h"
#include "nrt/collectives/box.h"
#include "nrt/failure.h"

namespace neuron::nrt::cc {
namespace {

/// How long operations may still end by what is on its way after a rank said good-bye.
constexpr std::uint64_t kLastWordsMs = 2000;

std::string host_name() {
  char name[256] = "";
  (void)::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

std::shared_ptr<World> World::open(Place place) {
  std::shared_ptr<World> world(new World(std::move(place)));
  std::promise<Result<>> met;
  world->met_ = met.get_future().share();
  if (world->ranks() == 1)
    met.set_value({});
  else
    world->thread_ = std::thread(
        [self = world.get(), met = std::move(met)]() mutable { met.set_value(self->meet()); });
  return world;
}

World::~World() {
  stops_ = true;
  if (thread_.joinable()) thread_.join();
  if (wire_.fd() >= 0) (void)wire_.send({{"bye", true}});
}

Result<> World::meet() {
  const int patience = std::clamp(place_.timeout / 2, 2, 8);
  wire_ = TRY(connect(place_.root, place_.timeout * 1000, patience, stops_).within("rank 0"));
  news_fd_ = wire_.fd();
  TRY(wire_.send({{"join", rank()},
                  {"ranks", ranks()},
                  {"host", host_name()},
                  {"pid", ::getpid()},
                  {"box", box_id()}}));
  const Json line = TRY(hear());
  const auto can_share = json::get<bool>(line, "can_share");
  // May take seconds on a busy host.
  fabric_ = TRY(Fabric::open(wire_.local_address(), can_share && *can_share));
  TRY(wire_.send({{"address", hex(fabric_->address())}, {"provider", fabric_->provider()}}));
  return learn();
}

/// The next line of rank 0.
Result<Json> World::hear() {
  const auto until = now_ms() + static_cast<std::uint64_t>(timeout() + 2) * 1000;
  Json line = TRY(wire_.await(until, stops_));
  if (const auto error = json::get<std::string>(line, "error"))
    return fail(Code::Timeout, "{}", *error);
  return line;
}

/// Who the others are.
Result<> World::learn() {
  const Json line = TRY(hear());
  const Json* table = json::find(line, "table");
  if (!table || !table->is_array() || table->size() != ranks())
    return fail(Code::Malformed, "rank 0 at {} answers no table of {} ranks", place_.root.text(),
                ranks());
  return take_table(*table);
}

Result<> World::take_table(const Json& table) {
  std::vector<Bytes> addresses;
  std::vector<Member> members;
  for (const Json& row : table) {
    Member member;
    member.host = TRY(json::get<std::string>(row, "host"));
    member.process = TRY(json::get<std::int64_t>(row, "pid"));
    const std::string provider = TRY(json::get<std::string>(row, "provider"));
    if (provider != fabric_->provider())
      return fail(Code::Mismatch,
                  "rank {} (host {}) is reached by libfabric's provider {}, this host by {}; name "
                  "one that both have in NEURON_SIM_FABRIC",
                  members.size(), member.host, provider, fabric_->provider());
    members.push_back(std::move(member));
    const std::string address = TRY(json::get<std::string>(row, "address"));
    Bytes bytes = TRY(bytes_of_hex(address));
    addresses.push_back(std::move(bytes));
  }
  TRY(fabric_->know(addresses));
  std::lock_guard lock(guard_);
  members_ = std::move(members);
  return {};
}

Result<> World::ready() {
  const Result<>& met = met_.get();
  if (!met) return break_off(met.error().message);
  std::lock_guard lock(guard_);
  if (broken_.empty()) return {};
  return status_error(NRT_EXEC_HW_ERR_COLLECTIVES, Code::ExecutionFault,
                      "{}; join the world again to go on", broken_);
}

bool World::is_broken() const {
  std::lock_guard lock(guard_);
  return !broken_.empty();
}

Group World::everybody(std::uint32_t stream) const {
  Group group{std::vector<std::uint32_t>(ranks()), rank(), stream};
  std::iota(group.ranks.begin(), group.ranks.end(), 0u);
  return group;
}

std::string World::name_of(std::uint32_t rank) const {
  std::lock_guard lock(guard_);
  if (rank >= members_.size()) return fmt::format("rank {}", rank);
  return fmt::format("rank {} (host {}, process {})", rank, members_[rank].host,
                     members_[rank].process);
}

std::string Group::key() const { return fmt::format("{}:{}", stream, fmt::join(ranks, ",")); }

std::uint64_t World::next_sequence(const Group& group) {
  std::lock_guard lock(guard_);
  return ++sequences_[group.ranks][group.stream & 7];
}

void World::listen() {
  std::lock_guard lock(guard_);
  for (;;) {
    auto line = wire_.receive();
    if (line && !*line) return;
    if (line) {
      take(**line);
      continue;
    }
    if (!members_.empty() && members_[0].gone.empty() && !members_[0].has_left)
      members_[0].gone = line.error().message;
    news_fd_ = -1;
    wire_ = Wire();  // or it would be readable for ever
    return;
  }
}

void World::take(const Json& line) {
  const auto member = [&](const char* key) -> Member* {
    const auto rank = json::get<std::uint32_t>(line, key);
    return rank && *rank < members_.size() ? &members_[*rank] : nullptr;
  };
  if (Member* gone = member("gone")) {
    const auto why = json::get<std::string>(line, "why");
    gone->gone = why ? *why : "unknown";
  }
  if (Member* left = member("left")) {
    left->has_left = true;
    left->left_ms = now_ms();
  }
  const Json* missing = json::find(line, "missing");
  if (!missing || !missing->is_array()) return;
  missing_.emplace();
  for (const Json& rank : *missing)
    if (json::holds<std::uint32_t>(rank)) missing_->insert(rank.get<std::uint32_t>());
}

std::optional<std::string> World::fate_of(std::uint32_t rank) const {
  std::unique_lock lock(guard_);
  if (rank >= members_.size() || rank == place_.rank) return std::nullopt;
  // Who closed its runtime after another one died is not the cause.
  const auto dead = std::find_if(members_.begin(), members_.end(),
                                 [](const Member& m) { return !m.gone.empty(); });
  if (members_[rank].has_left && members_[rank].gone.empty() && dead != members_.end())
    rank = static_cast<std::uint32_t>(dead - members_.begin());
  const Member member = members_[rank];
  lock.unlock();
  if (!member.gone.empty()) return fmt::format("{} is gone: {}", name_of(rank), member.gone);
  if (member.has_left) return fmt::format("{} is gone: it closed its runtime", name_of(rank));
  return std::nullopt;
}

std::optional<std::string> World::trouble(const Group& group) const {
  const auto is_sure = [&](std::uint32_t rank) {
    if (rank >= members_.size() || rank == place_.rank) return false;
    const Member& member = members_[rank];
    const bool has_left = member.has_left && now_ms() > member.left_ms + kLastWordsMs;
    return has_left || !member.gone.empty();
  };
  std::unique_lock lock(guard_);
  if (!broken_.empty()) return broken_;
  const auto lost = std::find_if(group.ranks.begin(), group.ranks.end(), is_sure);
  lock.unlock();
  return lost == group.ranks.end() ? std::nullopt : fate_of(*lost);
}

void World::ask_missing(const Group& group, std::uint64_t sequence) {
  std::lock_guard lock(guard_);
  missing_.reset();
  (void)wire_.send(
      {{"late", {{"operation", group.key()}, {"sequence", sequence}, {"members", group.ranks}}}});
}

std::optional<std::set<std::uint32_t>> World::missing() const {
  std::lock_guard lock(guard_);
  return missing_;
}

Error World::break_off(std::string why) {
  {
    std::lock_guard lock(guard_);
    if (broken_.empty()) broken_ = why;
  }
  if (fabric_) fabric_->shut();
  log::write("CCOM", log::Level::Error, "world_break_off", "rank {}: {}", rank(), why);
  return status_error(NRT_EXEC_HW_ERR_COLLECTIVES, Code::ExecutionFault, "{}", why);
}

}  // namespace neuron::nrt::cc
