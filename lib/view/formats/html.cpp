// SPDX-License-Identifier: Apache-2.0
#include "view/formats/html.h"

#include <stdlib.h>

#include "view/gzip.h"
#include "view/http/api.h"
#include "view/influx/base64.h"
#include "view/metrics.h"
#include "view/store/segment.h"
#include "view/store/write.h"
#include "view/web/assets.h"

namespace neuron::view {
namespace {

constexpr std::uint32_t kSteps = 4096, kUsageSteps = 1024;
constexpr std::size_t kMostEvents = 4000;

/// A folder that goes with the export.
class Scratch {
 public:
  static Result<Scratch> make() {
    std::error_code problem;
    std::string name = (fs::temp_directory_path(problem) / "neuron-html-XXXXXX").string();
    if (problem || !::mkdtemp(name.data()))
      return fail(Code::Io, "{}: cannot create; set TMPDIR to a directory that can be written",
                  name);
    return Scratch(name);
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

/// Everything that the page would ask the server for.
Result<Json> data_of(const Profile& profile, const Timeline& timeline) {
  Json description = profile.description();
  description["display_name"] = timeline.profile_name;
  const Window window{description.value("begin_ps", std::int64_t{0}),
                      description.value("end_ps", std::int64_t{1}), kSteps};
  const auto tracks = TRY(profile.query(window, {}));
  const auto counters = TRY(counters_on_rows(profile, window));
  Json usage = TRY(usage_json(profile, {window.begin_ps, window.end_ps, kUsageSteps}));
  Json events = Json::object();
  for (const TrackSpans& track : tracks)
    for (const Span& span : track.spans) {
      if (events.size() >= kMostEvents) break;
      Json event = TRY(profile.event(track.track, span.index));
      events[fmt::format("{}:{}", track.track, span.index)] = std::move(event);
    }
  const Bytes packed = pack_window(tracks, counters);
  return Json{{"profile", std::move(description)},
              {"window", base64(text_of(packed))},
              {"usage", std::move(usage)},
              {"events", std::move(events)}};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string asset(std::string_view name) {
  for (const Asset& one : assets())
    if (one.name == name) return std::string(one.bytes);
  return {};
}

std::string page_around(const std::string& data) {
  std::string page = asset("index.html");
  const std::string icon = "data:image/svg+xml;base64," + base64(asset("icon.svg"));
  replace_all(page, "<link rel=\"stylesheet\" href=\"/assets/style.css\">",
              "<style>\n" + asset("style.css") + "</style>");
  replace_all(page, "/assets/icon.svg", icon);
  replace_all(page, "href=\"/\"", "href=\"#\"");
  replace_all(page, "<meta charset=\"utf-8\">",
              "<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\""
              "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
              "img-src data:\">");
  // The script is ours, and its bundler leaves no "</script" in it.
  replace_all(page, "<script type=\"module\" src=\"/assets/page.js\"></script>",
              "<script>neuron_file = \"" + data + "\"</script>\n<script type=\"module\">" +
                  asset("page.js") + "</script>");
  return page;
}

}  // namespace

Result<> write_html(const Timeline& timeline, const Sink& sink) {
  const Scratch scratch = TRY(Scratch::make());
  const fs::path path = scratch.path() / "profile.segment";
  TRY(write_segment(path, timeline, metrics_of(timeline)));
  auto segment = TRY(Segment::open(path));
  const Profile profile(std::move(segment));
  const Json data = TRY(data_of(profile, timeline));
  const std::string packed = TRY(gzip(json::text_of(data), 9));
  return sink(view_of(page_around(base64(packed))));
}

}  // namespace neuron::view
