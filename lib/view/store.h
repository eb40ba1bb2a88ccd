// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/json.h"
#include "view/metrics.h"

/// Profiles that stay: a catalogue (SQLite) and one file of compressed columns for each profile,
/// with levels of detail, so that a window costs the same however many events lie in it.
///   auto store = TRY(view::Store::open(view::store_directory()));
///   TRY(store.put(id, "my model", timeline, view::metrics_of(timeline), false));
///   auto profile = TRY(store.find(id));
///   auto tracks = TRY(profile->query({0, 1'000'000, 800}, {}));
namespace neuron::view {

struct ProfileEntry {
  std::string id, display_name, neff_name;
  std::int64_t created_s = 0;  ///< Unix time
  std::int64_t total_ps = 0;
  std::uint64_t instructions = 0, packets = 0, bytes = 0;  ///< bytes on disk
  bool is_simulated = false;
  std::vector<std::string> tags;
  /// Off while it is being written, and for good where the writer died.
  bool is_finished = true;
};

/// Profiles that were captured together: the ranks of one run.
struct ProfileGroup {
  std::string id, display_name;
  std::int64_t created_s = 0;
  std::vector<std::pair<std::string, std::string>> members;  ///< id and name ("Rank 0")
};

/// The part of the time axis that is shown, and how many pixels wide.
struct Window {
  std::int64_t begin_ps = 0, end_ps = 0;
  std::uint32_t width_px = 1;
};

/// One event, or what happened in a few pixels: the event that covers most of them, the share that
/// is covered, and how many events begin there.
struct Span {
  std::int64_t begin_ps = 0, end_ps = 0, covered_ps = 0;
  std::uint32_t color = 0;  ///< opcode, DMA engine, semaphore value or kind of throttle
  std::uint32_t layer = 0;  ///< text id of the layer; of the variable of a packet
  std::uint32_t index = 0;  ///< of the (dominant) event in its kind
  std::uint32_t count = 0;
};
struct TrackSpans {
  std::uint32_t track = 0;
  bool is_exact = true;  ///< each span is one event
  std::vector<Span> spans;
};
struct CounterSeries {
  std::int64_t begin_ps = 0, step_ps = 1;
  std::vector<float> mean, peak;  ///< one a step, in the counter's unit
};
/// Accepts instructions whose field (opcode, name, layer, operands or any) holds the text, in any
/// case, or packets whose variable does; or those that match it as a POSIX extended expression.
struct SearchTerm {
  std::string field = "any", text;
  bool is_regex = false;
};
struct SearchHit {
  std::uint32_t track = 0, index = 0;
  std::int64_t begin_ps = 0, end_ps = 0;
};
struct SearchResult {
  std::uint64_t count = 0;
  std::int64_t active_ps = 0;   ///< sum of durations
  std::vector<SearchHit> hits;  ///< the first ones in time
};
struct Marker {
  std::int64_t at_ps = 0;
  std::string name;
};

class Segment;

/// One stored profile, open for questions from any thread.
class Profile {
 public:
  explicit Profile(std::shared_ptr<Segment> segment);
  /// Names, rows (top to bottom) with their tracks, counters, opcodes, layers, summary, tensors.
  const Json& description() const;
  /// The spans of `tracks` (all when empty) that touch the window.
  Result<std::vector<TrackSpans>> query(const Window& window,
                                        const std::vector<std::uint32_t>& tracks) const;
  Result<CounterSeries> counter(std::uint32_t counter, const Window& window) const;
  /// The track that shows event `index` of a kind of row: "instruction", "queue" ...
  Result<std::uint32_t> track_of(const std::string& kind, std::uint32_t index) const;
  /// All that is known of one event, in groups of labelled fields, and what it waited for.
  Result<Json> event(std::uint32_t track, std::uint32_t index) const;
  /// Instructions, or packets, that all of `terms` accept. With a window, `hits` are those in it,
  /// and those of a track that fit in one pixel are one.
  Result<SearchResult> search(const std::vector<SearchTerm>& terms, std::size_t limit,
                              const std::optional<Window>& window = {}) const;

 private:
  std::shared_ptr<Segment> segment_;
};

class Catalogue;

/// The user's profiles. Any number of processes read; one writes at a time.
class Store {
 public:
  static Result<Store> open(const fs::path& directory);
  const fs::path& directory() const;
  /// True when written, false when `id` was there and `force` is off. Whole or not at all.
  Result<bool> put(const std::string& id, const std::string& display_name, const Timeline& timeline,
                   const std::vector<Metric>& summary, bool force);
  Result<std::vector<ProfileEntry>> list() const;  ///< newest first
  Result<std::shared_ptr<const Profile>> find(const std::string& id) const;
  /// The file of a profile, to take elsewhere, and what was taken from elsewhere.
  Result<Bytes> segment_bytes(const std::string& id) const;
  Result<> adopt(const std::string& id, const std::string& display_name, ByteView segment);
  /// Whether somebody is writing just now.
  bool is_being_written() const;
  Result<> set_tags(const std::string& id, const std::vector<std::string>& tags);
  Result<> remove(const std::string& id);
  /// Keeps a group of stored profiles; returns its id, which follows from its members'.
  Result<std::string> put_group(const std::string& display_name,
                                const std::vector<std::pair<std::string, std::string>>& members);
  Result<std::vector<ProfileGroup>> groups() const;  ///< newest first
  Result<ProfileGroup> group(const std::string& id) const;
  Result<> save_markers(const std::string& id, const std::string& set,
                        const std::vector<Marker>& markers);
  Result<std::vector<Marker>> markers(const std::string& id, const std::string& set) const;
  Result<std::vector<std::string>> marker_sets(const std::string& id) const;

 private:
  struct Opened;
  explicit Store(std::shared_ptr<Catalogue> catalogue);
  std::shared_ptr<Catalogue> catalogue_;
  std::shared_ptr<Opened> opened_;  ///< profiles found of late, with their blocks in memory
};

/// $NEURON_PROFILE_DIR, else $XDG_DATA_HOME/neuron/profiles, else ~/.local/share/neuron/profiles.
Result<fs::path> store_directory();
/// Answers whether `id` reads n_ and 40 lowercase hexadecimal digits.
bool is_profile_id(std::string_view id);

}  // namespace neuron::view
