// SPDX-License-Identifier: Apache-2.0
#include "view/compare.h"

#include "cmd/profile/load.h"
#include "view/store/describe.h"

namespace neuron::cmd {
namespace {

struct Options {
  std::vector<std::string> profiles;
  std::vector<fs::path> neffs;
  std::vector<std::string> fail_if;
  fs::path data_path;
  bool json = false, all = false;
};

/// A trace, with the package given or the one beside it that has its uuid.
Result<view::ProfileSums> sums_of_trace(const fs::path& trace, const Options& o, Terminal& io) {
  view::SessionFiles files{{}, trace};
  files.neff = TRY(view::package_for(trace, o.neffs));
  const auto loaded = TRY(load(files, {}, io));
  return view::sums_of(trace.string(),
                       view::describe(loaded.timeline, view::metrics_of(loaded.timeline)));
}

/// A profile of the store, by id or by name.
Result<view::ProfileSums> sums_of_stored(const std::string& word, const Options& o) {
  const view::Store store = TRY(open_store(o.data_path));
  const auto entries = TRY(store.list());
  for (const view::ProfileEntry& entry : entries)
    if (entry.id == word || entry.display_name == word) {
      const auto profile = TRY(store.find(entry.id));
      return view::sums_of(entry.display_name, profile->description());
    }
  return fail(Code::NotFound, "{}: no such file, and no profile of that name is kept", word);
}

Result<view::ProfileSums> sums_of(const std::string& word, const Options& o, Terminal& io) {
  if (!fs::exists(word)) return sums_of_stored(word, o);
  if (!word.ends_with(".json")) return sums_of_trace(word, o, io);
  const Bytes bytes = TRY(read_file(word));
  const Json summary = TRY(json::parse(bytes).within(word));
  auto sums = TRY(view::sums_of_summary(summary).within(word));
  sums.name = word;
  return sums;
}

Result<> compare(const Options& o, Terminal& io) {
  std::vector<view::Threshold> thresholds;
  for (const std::string& text : o.fail_if) {
    auto threshold = TRY(view::parse_threshold(text));
    thresholds.push_back(std::move(threshold));
  }
  std::vector<view::ProfileSums> profiles;
  for (const std::string& word : o.profiles) {
    auto sums = TRY(sums_of(word, o, io));
    profiles.push_back(std::move(sums));
  }
  const view::Comparison comparison = view::compare(profiles);
  if (o.json)
    io.out << json::text_of(view::comparison_json(comparison), 2) << "\n";
  else
    io.out << view::comparison_text(comparison, o.all);
  std::vector<std::string> all;
  for (const view::Threshold& threshold : thresholds) {
    const auto lines = TRY(view::passed(comparison, threshold));
    all.insert(all.end(), lines.begin(), lines.end());
  }
  if (all.empty()) return {};
  for (std::size_t i = 0; i + 1 < all.size(); ++i) io.err << "neuron: " << all[i] << "\n";
  return fail(Code::Mismatch, "{}", all.back());
}

}  // namespace

const Command profile_compare{
    .path = "profile compare",
    .summary = "Set profiles side by side and fail where one got worse",
    .details =
        "Compares the first profile with each other one by metric, layer and opcode. A profile is "
        "a trace, the id or name of one that is kept, or a file of --output-format summary-json "
        "(metrics only), so that a build can be held to figures kept under version control. The "
        "package of a trace is given with -n, or is the one beside it that has its uuid.",
    .examples =
        "neuron profile compare before.ntff after.ntff\n"
        "neuron profile compare baseline.json now.ntff -n model.neff --fail-if 'total_time>+5%'",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("profiles", o->profiles, "two or more traces, kept profiles or summaries")
          ->type_name("PROFILE")
          ->required()
          ->expected(2, 1000);
      app.add_option("-n,--neff-path", o->neffs, "packages of the traces; may be given repeatedly")
          ->type_name("NEFF")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      app.add_option("--fail-if", o->fail_if,
                     "end with status 12 when this holds: METRIC>+5%, METRIC<-0.1 (changes) or "
                     "METRIC>2 (a value); may be given repeatedly")
          ->type_name("RULE")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      app.add_option("--data-path", o->data_path, "directory that keeps profiles")
          ->type_name("DIR");
      app.add_flag("--all", o->all, "also print what is equal, and all layers");
      app.add_flag("--json", o->json, "print as JSON");
      return [o](Terminal& io) { return compare(*o, io); };
    }};

}  // namespace neuron::cmd
