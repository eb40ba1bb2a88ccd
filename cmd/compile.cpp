// SPDX-License-Identifier: Apache-2.0
#include "compile/compile.h"

#include <malloc.h>

#include <chrono>

#include "base/file.h"
#include "base/json.h"
#include "cmd/command.h"
#include "cmd/compile_cache.h"
#include "cmd/compile_flags.h"
#include "cmd/compile_log.h"
#include "cmd/guidance.h"
#include "cmd/ranks.h"
#include "isa/assembly.h"
#include "isa/isa.h"

namespace neuron::cmd {
namespace {

/// A model, what is asked for, and where packages are kept.
struct Compiler {
  CompileJob job;
  neff::Compression compression = neff::Compression::Gzip;
  std::optional<compile::Cache> cache;
  Result<compile::Artifact> run() const {
    return compile::compile_to_bytes(job.model, job.options, compression,
                                     cache ? &*cache : nullptr);
  }
  /// One package, or one a rank.
  Result<std::vector<compile::Artifact>> run_all() const {
    if (job.ranks > 1)
      return compile::compile_ranks(job.model, job.options, compression, cache ? &*cache : nullptr,
                                    job.split, job.ranks);
    auto made = TRY(run());
    std::vector<compile::Artifact> all;
    all.push_back(std::move(made));
    return all;
  }
};

/// Writes what stands after each stage, numbered as they come.
class StageFiles {
 public:
  explicit StageFiles(fs::path folder) : folder_(std::move(folder)) {}
  bool is_wanted() const { return !folder_.empty(); }
  Result<> write(std::string_view name, const std::string& text) {
    if (!is_wanted()) return {};
    std::error_code status;
    fs::create_directories(folder_, status);
    if (status) return fail(Code::Io, "{}: cannot create: {}", folder_.string(), status.message());
    return write_file(folder_ / fmt::format("{:02}-{}.txt", ++count_, name), view_of(text));
  }

 private:
  fs::path folder_;
  int count_ = 0;
};

fs::path folder_of(const CompileFlags& flags, const fs::path& model) {
  if (!flags.stages.empty() || flags.pipeline.empty()) return flags.stages;
  return model.stem().string() + "-stages";
}

Result<> check_pipeline(const std::vector<std::string>& words) {
  if (words.empty() || words == std::vector<std::string>{"compile", "SaveTemps"}) return {};
  return fail(Code::BadUsage, "--pipeline {}: only 'compile SaveTemps' is known",
              fmt::join(words, " "));
}

/// The instructions of every engine, in the words of the assembler.
Result<> write_code(ByteView neff, StageFiles& files) {
  const auto package = TRY(neff::view(SharedBytes::borrowed(neff)));
  auto model = TRY(neff::model_of(package));
  for (const neff::Subgraph& subgraph : model.subgraphs)
    for (const neff::EngineProgram& engine : subgraph.engines) {
      std::string text;
      const ByteView all(engine.instructions);
      for (std::size_t at = 0; at + isa::kInstructionBytes <= all.size();
           at += isa::kInstructionBytes)
        text += isa::assembly_of(all.subspan(at, isa::kInstructionBytes)) + "\n";
      TRY(files.write(fmt::format("{}-{}", subgraph.name, engine.token), text));
    }
  return {};
}

/// Tells each stage with its time, and keeps what it made.
compile::Stages stages_of(CompileLog& log, StageFiles& files) {
  using Clock = std::chrono::steady_clock;
  return [&log, &files, last = Clock::now()](
             std::string_view name, const std::function<std::string()>& text) mutable -> Result<> {
    const std::chrono::duration<double, std::milli> took = Clock::now() - last;
    log.say(Loudness::Info, fmt::format("stage {}: {:.0f} ms", name, took.count()));
    if (files.is_wanted()) TRY(files.write(name, text()));
    last = Clock::now();
    return {};
  };
}

/// Latency and throughput for every instance type that something is compiled for.
Result<std::vector<Guidance>> guide(const Compiler& compiler, const Prediction& own) {
  const isa::Target& target = *compiler.job.options.target;
  std::vector<Guidance> rows;
  for (const auto& [generation, word] :
       {std::pair(host::Generation::V1, "inf1"), std::pair(host::Generation::V2, "trn1"),
        std::pair(host::Generation::V3, "trn2")}) {
    Compiler other = compiler;
    other.job.options.target = isa::find_target(word);
    other.job.options.stages = {};
    if (generation <= host::Generation::V2) other.job.options.logical_core = 1;
    Prediction prediction = own;
    if (other.job.options.target->arch != target.arch) {
      const auto made = TRY(other.run());
      prediction = TRY(predict(made.neff));
    }
    for (Guidance& row :
         guidance_of(prediction, generation,
                     other.job.options.pipeline_cores * other.job.options.logical_core))
      rows.push_back(std::move(row));
  }
  return rows;
}

/// The files of all ranks, or the only one.
std::vector<fs::path> outputs_of(const CompileJob& job) {
  std::vector<fs::path> paths;
  for (std::uint32_t rank = 0; job.ranks > 1 && rank < job.ranks; ++rank)
    paths.push_back(named_for_rank(job.output, rank));
  if (paths.empty()) paths.push_back(job.output);
  return paths;
}

Json json_of(const Compiler& compiler, const compile::Artifact& made, const Prediction& time) {
  const isa::Target& target = *compiler.job.options.target;
  Json loads = Json::object();
  for (const Load& load : time.loads) loads[load.name] = load.share;
  Json all = Json::array();
  for (const fs::path& path : outputs_of(compiler.job)) all.push_back(path.string());
  return {{"neff", all[0]},
          {"packages", all},
          {"bytes", made.neff.size()},
          {"target", target.word},
          {"from_cache", made.from_cache},
          {"warnings", made.warnings},
          {"latency_us", time.latency_us},
          {"parametric", time.is_parametric},
          {"bound", bound_text(time)},
          {"busy", std::move(loads)}};
}

/// What was written.
void tell_file(const CompileFlags& flags, const Compiler& compiler, const fs::path& path,
               const compile::Artifact& made, Terminal& io) {
  if (flags.json || flags.dump_graph || !flags.report.empty()) return;
  io.out << fmt::format("{}: {} bytes for {}{}\n", path.string(), made.neff.size(),
                        compiler.job.options.target->word,
                        made.from_cache ? ", from the cache" : "");
}

/// What came of it: how fast it will be and why, here and on other instances.
Result<> report(const CompileFlags& flags, const Compiler& compiler, const compile::Artifact& made,
                CompileLog& log, Terminal& io) {
  const isa::Target& target = *compiler.job.options.target;
  const auto time = predict(made.neff);
  if (!time) {
    log.say(Loudness::Warning, "no time is predicted: " + time.error().message);
    return {};
  }
  if (!flags.json && !flags.dump_graph)
    io.out << fmt::format("predicted: {:.1f} us on {}{}, {}\n", time->latency_us,
                          isa::timed_name(isa::arch(target.arch)),
                          time->parts > 1 ? fmt::format(", {} parts", time->parts) : "",
                          bound_text(*time));
  std::vector<Guidance> rows;
  if (flags.guidance) rows = TRY(guide(compiler, *time));
  if (flags.guidance && !flags.json) io.out << table_of(rows);
  if (!flags.json) return {};
  Json out = json_of(compiler, made, *time);
  if (flags.guidance) out["guidance"] = json_of(rows);
  io.out << json::text_of(out, 2) << '\n';
  return {};
}

Result<std::optional<compile::Cache>> cache_of(const CompileFlags& flags) {
  // The cache keeps packages, not reports of how they were made.
  if (!flags.cache || !flags.report.empty()) return std::optional<compile::Cache>{};
  return compile::Cache::from_environment();
}

Result<> compile_job(const CompileFlags& flags, CompileLog& log, Terminal& io) {
  Compiler compiler;
  compiler.job = TRY(job_of(flags));
  compiler.cache = TRY(cache_of(flags));
  if (flags.fast_loading) compiler.compression = neff::Compression::None;
  TRY(check_pipeline(flags.pipeline));
  StageFiles files(folder_of(flags, compiler.job.model));
  for (const std::string& word : flags.accepted) log.say(Loudness::Warning, word);
  compiler.job.options.progress = progress_of(io);
  compiler.job.options.stages = stages_of(log, files);
  const auto all = TRY(compiler.run_all());
  const compile::Artifact& made = all[0];  // those of other ranks differ in constants only
  for (const std::string& warning : made.warnings) log.say(Loudness::Warning, warning);
  if (flags.dump_graph) io.out << made.graph_text;
  if (files.is_wanted()) TRY(write_code(made.neff, files));
  const auto paths = outputs_of(compiler.job);
  for (std::size_t i = 0; i < all.size(); ++i) {
    TRY(write_file(paths[i], all[i].neff));
    tell_file(flags, compiler, paths[i], all[i], io);
  }
  if (flags.report.empty()) return report(flags, compiler, made, log, io);
  io.out << (flags.report == "text" ? compile::text_of(made.report)
                                    : json::text_of(compile::json_of(made.report), 2) + "\n");
  return {};
}

/// Weights that are freed leave the process: the allocator would keep those below 32 MiB, in pieces
/// that larger ones do not fit.
void give_back_weights() {
  constexpr int kLeast = 256 << 10;
  mallopt(M_MMAP_THRESHOLD, kLeast);
}

Result<> compile_model(const CompileFlags& flags, Terminal& io) {
  give_back_weights();
  if (flags.list_operators) return list_operators(flags, io);
  if (flags.show_cache || flags.clear_cache || !flags.trim_cache.empty())
    return tend_cache(flags, io);
  const auto least = TRY(loudness_of(flags.debug ? "debug" : flags.verbose));
  CompileLog log(io, least);
  log.say(Loudness::Info, "neuron " NEURON_VERSION);
  Result<> done = compile_job(flags, log, io);
  if (!done) log.say(Loudness::Debug, done.error().message);
  TRY(log.save(flags.logfile));
  return done;
}

}  // namespace

const Command compile{
    .path = "compile",
    .summary = "Compile a model of ONNX, TensorFlow or MXNet to a NEFF",
    .details =
        "The package holds instructions for NeuronCores of the target and runs with "
        "'neuron run' or any program that is linked with libnrt. An operator that a NeuronCore "
        "cannot do runs on the CPU: the package then carries a library for it, and the model is "
        "cut into parts around it; --report tells which and why. A result whose shape depends on "
        "data gets room for the largest, and an output 'NAME.shape' beside it. An operator that "
        "cannot be compiled at all is named with its node, and the exit status tells it from other "
        "failures. Of Inferentia1's NeuronCore little is published: packages for inf1 run here "
        "only, and times of theirs are called parametric.\n\n"
        "Options of neuron-cc, neuronx-cc and kcc are known by their names; the last of several "
        "wins. Those without an effect here are accepted with a warning. --io-config binds what "
        "the model leaves open: "
        "{\"inputs\": {\"x:0\": [[1,224,224,3], \"float32\"]}, \"outputs\": [\"y:0\"]}, as text "
        "or in a file, or the text form (.pbtxt) of TensorFlow's ahead-of-time configuration. "
        "--value gives an input what it always is, such as a shape or the number of repetitions: "
        "what decides shapes must be known when compiling. "
        "Levels debug and info are said on standard output, the others on standard error.\n\n"
        "A model that was compiled before, by the same program, for the same target and with the "
        "same options, is not compiled again: what counts is its content, not its name or place. "
        "Packages are kept in the folder of NEURON_COMPILE_CACHE_URL ('off' keeps none), else in "
        "neuron/compile below XDG_CACHE_HOME or ~/.cache, until they are larger than "
        "NEURON_COMPILE_CACHE_SIZE together (4G when not set); then those go first that were not "
        "used for longest.\n\n"
        "With --tensor-parallel N or --data-parallel N the model becomes N packages, OUTPUT.rankK "
        "with the extension behind it, that compute the same result together: 'neuron run "
        "OUTPUT --ranks N', or N cores that load them by nrt_load_collectives. Tensor-parallel, "
        "each rank has some columns of a constant factor, and rows of the next one; operators "
        "between them work on parts, such as heads of attention. Data-parallel, each has some of "
        "the batch. Inputs and outputs stay whole on every rank. The predicted time holds the "
        "collective operations, every rank on a core of the largest instance of the generation; "
        "their form in a package is ours, see neuron-neff(5).",
    .examples =
        "neuron compile model.onnx --target trn2 -o model.neff\n"
        "neuron compile model.onnx --target trn1 --dim N=1  # a model of open batch size\n"
        "neuron compile model.onnx --value repeats=repeats.npy  # an input that decides shapes\n"
        "neuron compile model.onnx --target inf2 --neuroncore-pipeline-cores 4 --report text\n"
        "neuron compile bert.onnx --tensor-parallel 4 -o bert.neff  # bert.rank0.neff to .rank3\n"
        "neuron compile graph.pb --target inf2 --io-config "
        "'{\"inputs\": {\"x\": [[1,8,8,3], \"float32\"]}, \"outputs\": [\"y\"]}'\n"
        "neuron compile model-symbol.json --target inf2 --io-config shapes.json  # and its params\n"
        "neuron-cc compile model.onnx --framework ONNX --io-config io.json --output model.neff\n"
        "kcc compile --framework ONNX --model file://model.onnx --io-config file://io.json\n"
        "neuron compile model.onnx --verbose info --save-stages stages  # see how it was made\n"
        "neuron compile model.onnx --guidance  # latency and throughput of every instance type\n"
        "neuron compile --trim-cache 500M  # keep the lately used packages",
    .bind = [](CLI::App& app) -> Run {
      auto flags = std::make_shared<CompileFlags>();
      bind_compile_flags(app, *flags);
      return [flags](Terminal& io) { return compile_model(*flags, io); };
    }};

}  // namespace neuron::cmd
