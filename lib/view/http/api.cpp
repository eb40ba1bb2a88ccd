// SPDX-License-Identifier: Apache-2.0
#include "view/http/api.h"

#include <charconv>

#include "view/compare.h"

namespace neuron::view {
namespace {

constexpr std::uint32_t kWindowMagic = 0x3157524e;  // "NRW1"
constexpr std::size_t kMostMarkers = 10'000, kMostNameBytes = 200, kMostTags = 50,
                      kMostCompared = 64;
constexpr std::int64_t kMostHits = 10'000;

Result<std::int64_t> number(const Parameters& get, const char* name) {
  const std::string text = get(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty())
    return fail(Code::BadUsage, "parameter {} is \"{}\", expected a whole number", name, text);
  return value;
}

Result<std::uint32_t> index(const Parameters& get, const char* name) {
  const std::int64_t value = TRY(number(get, name));
  if (!std::in_range<std::uint32_t>(value))
    return fail(Code::BadUsage, "parameter {} is {}, out of range", name, value);
  return static_cast<std::uint32_t>(value);
}

Result<std::vector<std::uint32_t>> index_list(const std::string& text) {
  std::vector<std::uint32_t> list;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    std::uint32_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (next < end && *next != ',') || list.size() >= 65'536)
      return fail(Code::BadUsage, "parameter tracks is \"{}\", expected numbers and commas",
                  text.substr(0, 100));
    list.push_back(value);
    at = next + 1;
  }
  return list;
}

/// Tracks of all kinds of row that `skip`, names and commas, does not hold.
std::vector<std::uint32_t> tracks_without(const Profile& profile, const std::string& skip) {
  std::vector<std::uint32_t> list;
  const Json* tracks = json::find(profile.description(), "tracks");
  for (std::uint32_t i = 0; tracks && i < tracks->size(); ++i) {
    const auto kind = json::get_or<std::string>((*tracks)[i], "kind", "");
    if (!kind || ("," + skip + ",").find("," + *kind + ",") == std::string::npos) list.push_back(i);
  }
  return list;
}

Answer json_answer(const Json& json) { return {.body = json::text_of(json) + "\n"}; }

template <class T, class Take>
void put_column(Writer& out, const std::vector<Span>& spans, Take take) {
  for (const Span& span : spans) out.put(static_cast<T>(take(span)));
}

void put_track(Writer& out, const TrackSpans& track) {
  const auto& spans = track.spans;
  out.put(track.track);
  out.put(static_cast<std::uint32_t>(track.is_exact));
  out.put(static_cast<std::uint32_t>(spans.size()));
  out.put(std::uint32_t{0});
  put_column<double>(out, spans, [](const Span& s) { return s.begin_ps; });
  put_column<double>(out, spans, [](const Span& s) { return s.end_ps; });
  put_column<float>(out, spans, [](const Span& s) {
    const auto length = static_cast<float>(s.end_ps - s.begin_ps);
    return length > 0 ? static_cast<float>(s.covered_ps) / length : 1.0f;
  });
  put_column<std::uint32_t>(out, spans, [](const Span& s) { return s.color; });
  put_column<std::uint32_t>(out, spans, [](const Span& s) { return s.layer; });
  put_column<std::uint32_t>(out, spans, [](const Span& s) { return s.index; });
  put_column<std::uint32_t>(out, spans, [](const Span& s) { return s.count; });
  if (spans.size() % 2) out.put(std::uint32_t{0});
}

Json json_of(const std::vector<TrackSpans>& tracks, const std::vector<CounterSeries>& counters) {
  Json json{{"tracks", Json::array()}, {"counters", Json::array()}};
  for (const TrackSpans& track : tracks) {
    Json spans = Json::array();
    for (const Span& s : track.spans)
      spans.push_back({{"begin_ps", s.begin_ps},
                       {"end_ps", s.end_ps},
                       {"covered_ps", s.covered_ps},
                       {"color", s.color},
                       {"layer", s.layer},
                       {"index", s.index},
                       {"count", s.count}});
    json["tracks"].push_back(
        {{"track", track.track}, {"is_exact", track.is_exact}, {"spans", std::move(spans)}});
  }
  for (const CounterSeries& series : counters)
    json["counters"].push_back({{"begin_ps", series.begin_ps},
                                {"step_ps", series.step_ps},
                                {"mean", series.mean},
                                {"peak", series.peak}});
  return json;
}

Result<Window> window_of(const Parameters& get) {
  Window window;
  window.begin_ps = TRY(number(get, "from"));
  window.end_ps = TRY(number(get, "to"));
  window.width_px = TRY(index(get, "width"));
  return window;
}

Json json_of(const ProfileGroup& group) {
  Json members = Json::array();
  for (const auto& [id, name] : group.members) members.push_back({{"id", id}, {"name", name}});
  return {{"id", group.id},
          {"display_name", group.display_name},
          {"created_s", group.created_s},
          {"members", std::move(members)}};
}

Json json_of(const std::vector<Marker>& markers) {
  Json list = Json::array();
  for (const Marker& marker : markers)
    list.push_back({{"at_ps", marker.at_ps}, {"name", marker.name}});
  return list;
}

/// field and text, then field2 and text2 and so on, as many as there are.
std::vector<SearchTerm> terms_of(const Parameters& get) {
  std::vector<SearchTerm> terms;
  for (std::string number; terms.empty() || !get(("text" + number).c_str()).empty();
       number = std::to_string(terms.size() + 1)) {
    const std::string field = get(("field" + number).c_str());
    terms.push_back(
        {field.empty() ? "any" : field, get(("text" + number).c_str()), get("regex") == "1"});
    if (terms.size() > 8) break;  // search() says that these are too many
  }
  return terms;
}

}  // namespace

Bytes pack_window(const std::vector<TrackSpans>& tracks,
                  const std::vector<CounterSeries>& counters) {
  Writer out;
  out.put(kWindowMagic);
  out.put(static_cast<std::uint32_t>(tracks.size()));
  for (const TrackSpans& track : tracks) put_track(out, track);
  out.put(static_cast<std::uint32_t>(counters.size()));
  out.put(std::uint32_t{0});
  for (const CounterSeries& series : counters) {
    out.put(static_cast<double>(series.begin_ps));
    out.put(static_cast<double>(series.step_ps));
    out.put(static_cast<std::uint32_t>(series.mean.size()));
    out.put(std::uint32_t{0});
    out.append(std::as_bytes(std::span(series.mean)));
    out.append(std::as_bytes(std::span(series.peak)));
  }
  return std::move(out).take();
}

Result<std::vector<CounterSeries>> counters_on_rows(const Profile& profile, const Window& window) {
  std::vector<CounterSeries> list;
  const Json* described = json::find(profile.description(), "counters");
  for (std::uint32_t i = 0; described && i < described->size(); ++i) {
    if (json::find((*described)[i], "of")) continue;
    auto series = TRY(profile.counter(i, window));
    list.push_back(std::move(series));
  }
  return list;
}

Result<Json> usage_json(const Profile& profile, const Window& window) {
  Json list = Json::array();
  const Json* described = json::find(profile.description(), "counters");
  for (std::uint32_t i = 0; described && i < described->size(); ++i) {
    const Json& counter = (*described)[i];
    if (!json::find(counter, "of")) continue;
    const auto series = TRY(profile.counter(i, window));
    list.push_back({{"of", counter["of"]},
                    {"name", counter["name"]},
                    {"core", counter["core"]},
                    {"begin_ps", series.begin_ps},
                    {"step_ps", series.step_ps},
                    {"mean", series.mean}});
  }
  return Json{{"series", std::move(list)}};
}

Result<Answer> answer_usage(const Store& store, const std::string& id, const Parameters& get) {
  const auto profile = TRY(store.find(id));
  const Window window = TRY(window_of(get));
  const Json usage = TRY(usage_json(*profile, window));
  return json_answer(usage);
}

Result<Answer> answer_profiles(const Store& store) {
  const auto entries = TRY(store.list());
  Json list = Json::array();
  const bool is_being_written = store.is_being_written();
  for (const ProfileEntry& entry : entries)
    list.push_back({{"id", entry.id},
                    {"state", entry.is_finished  ? "ready"
                              : is_being_written ? "processing"
                                                 : "unfinished"},
                    {"tags", entry.tags},
                    {"display_name", entry.display_name},
                    {"neff_name", entry.neff_name},
                    {"created_s", entry.created_s},
                    {"total_ps", entry.total_ps},
                    {"instructions", entry.instructions},
                    {"packets", entry.packets},
                    {"bytes", entry.bytes},
                    {"is_simulated", entry.is_simulated}});
  Json groups = Json::array();
  const auto kept = TRY(store.groups());
  for (const ProfileGroup& group : kept) groups.push_back(json_of(group));
  return json_answer({{"profiles", std::move(list)}, {"groups", std::move(groups)}});
}

Result<Answer> answer_compare(const Store& store, const Parameters& get) {
  std::vector<ProfileSums> profiles;
  const auto entries = TRY(store.list());
  std::string ids = get("profiles");
  while (!ids.empty() && profiles.size() < kMostCompared) {
    const auto comma = std::min(ids.find(','), ids.size());
    const std::string id = ids.substr(0, comma);
    ids.erase(0, comma + 1);
    const auto profile = TRY(store.find(id));
    std::string name = id;
    for (const ProfileEntry& entry : entries)
      if (entry.id == id) name = entry.display_name;
    profiles.push_back(sums_of(name, profile->description()));
  }
  if (profiles.size() < 2)
    return fail(Code::BadUsage, "parameter profiles names {} profiles, expected two or more",
                profiles.size());
  return json_answer(comparison_json(compare(profiles)));
}

Result<Answer> answer_group(const Store& store, const std::string& id) {
  const ProfileGroup group = TRY(store.group(id));
  return json_answer(json_of(group));
}

Result<Answer> keep_tags(Store& store, const std::string& id, const Parameters&,
                         const std::string& body) {
  TRY(store.find(id));
  const Json json = TRY(json::parse(view_of(body)));
  const Json* list = json::find(json, "tags");
  if (!list || !list->is_array() || list->size() > kMostTags)
    return fail(Code::BadUsage, "expected {{\"tags\": [...]}} with at most {}", kMostTags);
  std::vector<std::string> tags;
  for (const Json& item : *list) {
    if (!item.is_string()) return fail(Code::BadUsage, "a tag is not a text");
    const auto tag = item.get<std::string>();
    if (tag.empty() || tag.size() > kMostNameBytes || tag.find('\n') != std::string::npos)
      return fail(Code::BadUsage, "a tag is one line of 1 to {} bytes", kMostNameBytes);
    tags.push_back(tag);
  }
  TRY(store.set_tags(id, tags));
  return json_answer({{"tags", tags}});
}

Result<Answer> remove_profile(Store& store, const std::string& id) {
  TRY(store.remove(id));
  return json_answer({{"removed", id}});
}

Result<Answer> answer_profile(const Store& store, const std::string& id) {
  const auto profile = TRY(store.find(id));
  const auto entries = TRY(store.list());
  Json json{{"id", id}};
  for (const ProfileEntry& entry : entries)
    if (entry.id == id) json["display_name"] = entry.display_name;
  json.update(profile->description());
  return json_answer(json);
}

Result<Answer> answer_rows(const Store& store, const std::string& id, const Parameters& get) {
  const auto profile = TRY(store.find(id));
  const Window window = TRY(window_of(get));
  auto wanted = TRY(index_list(get("tracks")));
  if (wanted.empty() && !get("skip").empty()) wanted = tracks_without(*profile, get("skip"));
  const auto tracks = TRY(profile->query(window, wanted));
  const auto counters = TRY(counters_on_rows(*profile, window));
  const std::string format = get("format");
  if (format == "json") return json_answer(json_of(tracks, counters));
  if (!format.empty() && format != "binary")
    return fail(Code::BadUsage, "parameter format is \"{}\", expected json or binary", format);
  const Bytes packed = pack_window(tracks, counters);
  return Answer{"application/octet-stream", std::string(text_of(packed))};
}

Result<Answer> answer_event(const Store& store, const std::string& id, const Parameters& get) {
  const auto profile = TRY(store.find(id));
  const auto event = TRY(index(get, "index"));
  // Insights name events by their kind: the track is part of the answer.
  std::uint32_t track = 0;
  if (get("track").empty())
    track = TRY(profile->track_of(get("kind"), event));
  else
    track = TRY(index(get, "track"));
  Json json = TRY(profile->event(track, event));
  json["track"] = track;
  return json_answer(json);
}

Result<Answer> answer_search(const Store& store, const std::string& id, const Parameters& get) {
  const auto profile = TRY(store.find(id));
  std::int64_t limit = 1000;
  if (!get("limit").empty()) limit = TRY(number(get, "limit"));
  if (limit < 0 || limit > kMostHits)
    return fail(Code::BadUsage, "parameter limit is {}, expected 0 to {}", limit, kMostHits);
  std::optional<Window> window;
  if (!get("width").empty()) window = TRY(window_of(get));
  const auto found = TRY(profile->search(terms_of(get), static_cast<std::size_t>(limit), window));
  Json json{{"count", found.count}, {"active_ps", found.active_ps}, {"hits", Json::array()}};
  for (const SearchHit& hit : found.hits)
    json["hits"].push_back({{"track", hit.track},
                            {"index", hit.index},
                            {"begin_ps", hit.begin_ps},
                            {"end_ps", hit.end_ps}});
  return json_answer(json);
}

Result<Answer> answer_markers(const Store& store, const std::string& id, const Parameters& get) {
  TRY(store.find(id));
  const std::string set = get("set");
  if (set.empty()) {
    const auto sets = TRY(store.marker_sets(id));
    return json_answer({{"sets", sets}});
  }
  const auto markers = TRY(store.markers(id, set));
  if (markers.empty()) return fail(Code::NotFound, "no marker set \"{}\"", set);
  return json_answer({{"set", set}, {"markers", json_of(markers)}});
}

Result<Answer> keep_markers(Store& store, const std::string& id, const Parameters& get,
                            const std::string& body) {
  TRY(store.find(id));
  const std::string set = get("set");
  if (set.empty() || set.size() > kMostNameBytes)
    return fail(Code::BadUsage, "a marker set needs a name of 1 to {} bytes", kMostNameBytes);
  const Json json = TRY(json::parse(view_of(body)));
  const Json* list = json::find(json, "markers");
  if (!list || !list->is_array() || list->size() > kMostMarkers)
    return fail(Code::BadUsage, "expected {{\"markers\": [...]}} with at most {}", kMostMarkers);
  std::vector<Marker> markers;
  for (const Json& item : *list) {
    Marker marker;
    marker.at_ps = TRY(json::get<std::int64_t>(item, "at_ps"));
    marker.name = TRY(json::get<std::string>(item, "name"));
    if (marker.name.size() > kMostNameBytes)
      return fail(Code::BadUsage, "marker name of {} bytes, at most {}", marker.name.size(),
                  kMostNameBytes);
    markers.push_back(std::move(marker));
  }
  TRY(store.save_markers(id, set, markers));
  return json_answer({{"set", set}, {"saved", markers.size()}});
}

}  // namespace neuron::view
