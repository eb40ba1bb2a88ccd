// SPDX-License-Identifier: Apache-2.0
#include "compile/compile.h"

#include <new>

#include "compile/frontend.h"
#include "compile/lower.h"

namespace neuron::compile {
namespace {

Result<Graph> read_graph(const fs::path& model, Options& options,
                         std::vector<std::string>& warnings) {
  if (!options.target) return fail(Code::BadUsage, "no target is given");
  if (options.progress) options.progress("reading " + model.filename().string(), 0, 0);
  if (options.name.empty()) options.name = model.stem().string();
  options.warn = [&warnings](const std::string& text) { warnings.push_back(text); };
  auto graph = graph_of(model, options);
  options.warn = {};
  return graph;
}

Result<Output> lower_graph(Graph graph, const fs::path& model, const Options& options,
                           std::vector<std::string> warnings) {
  Output output;
  output.warnings = std::move(warnings);
  if (options.dump_graph) output.graph_text = text_of(graph);
  auto package = lower(std::move(graph), options, output.warnings, &output.report);
  if (!package) return std::move(package).error().within(model.string());
  output.package = std::move(*package);
  return output;
}

Result<Output> compile_whole(const fs::path& model, Options options) {
  std::vector<std::string> warnings;
  Graph graph = TRY(read_graph(model, options, warnings));
  return lower_graph(std::move(graph), model, options, std::move(warnings));
}

/// What else than the graph a package depends on.
std::string text_of(const Options& options, neff::Compression compression) {
  return fmt::format("{} {} {} {} {} {} {} {}", options.target->word, static_cast<int>(compression),
                     static_cast<int>(options.auto_cast), static_cast<int>(options.cast_type),
                     options.pipeline_cores, weights_stay(options), options.logical_core,
                     options.name);
}

Result<Artifact> artifact_of(Graph graph, const fs::path& model, const Options& options,
                             neff::Compression compression, const Cache* cache,
                             std::vector<std::string> warnings) {
  const std::string key = cache ? key_of(graph, text_of(options, compression)) : "";
  if (auto hit = cache ? cache->find(key) : std::nullopt)
    return Artifact{std::move(hit->neff),
                    options.dump_graph ? text_of(graph) : "",
                    std::move(hit->warnings),
                    {},
                    true};
  Output output = TRY(lower_graph(std::move(graph), model, options, std::move(warnings)));
  if (options.progress) options.progress("packing " + model.filename().string(), 0, 0);
  Artifact made{{},
                std::move(output.graph_text),
                std::move(output.warnings),
                std::move(output.report),
                false};
  made.neff = TRY(neff::bytes_of(output.package, compression));
  output.package = {};
  if (!cache) return made;
  const CacheEntry entry{options.name, made.warnings, made.neff};
  if (const auto kept = cache->keep(key, entry); !kept)
    made.warnings.push_back("the cache does not keep the package: " + kept.error().message);
  return made;
}

Result<Artifact> compile_once(const fs::path& model, Options options, neff::Compression compression,
                              const Cache* cache) {
  std::vector<std::string> warnings;
  Graph graph = TRY(read_graph(model, options, warnings));
  return artifact_of(std::move(graph), model, options, compression, cache, std::move(warnings));
}

Result<std::vector<Artifact>> compile_shares(const fs::path& model, Options options,
                                             neff::Compression compression, const Cache* cache,
                                             Share share) {
  std::vector<std::string> warnings;
  const Graph whole = TRY(read_graph(model, options, warnings));
  std::vector<Artifact> made;
  for (share.rank = 0; share.rank < share.ranks; ++share.rank) {
    Graph graph = TRY(share_of(whole, share).within(model.string()));
    TRY(verify(graph).within("after cutting it for ranks"));
    if (options.stages && share.rank == 0)
      TRY(options.stages("ranks", [&graph] { return text_of(graph); }));
    auto artifact =
        TRY(artifact_of(std::move(graph), model, options, compression, cache, warnings));
    made.push_back(std::move(artifact));
  }
  return made;
}

}  // namespace

Result<Output> compile(const fs::path& model, const Options& options) {
  try {
    return compile_whole(model, options);
  } catch (const std::bad_alloc&) {
    return fail(Code::NoResource, "{}: not enough memory on this host", model.string());
  }
}

Result<std::vector<Artifact>> compile_ranks(const fs::path& model, const Options& options,
                                            neff::Compression compression, const Cache* cache,
                                            Split split, std::uint32_t ranks) {
  try {
    return compile_shares(model, options, compression, cache, {split, 0, ranks});
  } catch (const std::bad_alloc&) {
    return fail(Code::NoResource, "{}: not enough memory on this host", model.string());
  }
}

Result<Artifact> compile_to_bytes(const fs::path& model, const Options& options,
                                  neff::Compression compression, const Cache* cache) {
  try {
    return compile_once(model, options, compression, cache);
  } catch (const std::bad_alloc&) {
    return fail(Code::NoResource, "{}: not enough memory on this host", model.string());
  }
}

}  // namespace neuron::compile
