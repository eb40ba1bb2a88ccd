// SPDX-License-Identifier: Apache-2.0
#include "cmd/compile_flags.h"

#include <cctype>
#include <charconv>

#include "base/npy.h"
#include "host/host.h"

namespace neuron::cmd {
namespace {

constexpr int kMostRanks = 64;

struct Accepted {
  const char *names, *values, *why;
};
constexpr Accepted kAccepted[] = {
#define NEURON_ACCEPTED(names, values, why) {names, values, why},
#include "cmd/compile_accepted.def"
#undef NEURON_ACCEPTED
};

constexpr const char* kTargets[] = {
#define NEURON_TARGET(word, arch, lnc, instance) word,
#include "isa/targets.def"
#undef NEURON_TARGET
};

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    words.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return words;
}

}  // namespace

Result<std::map<std::string, std::int64_t>> sizes_of(const std::vector<std::string>& dims) {
  std::map<std::string, std::int64_t> sizes;
  for (const std::string& dim : dims) {
    const std::size_t cut = dim.rfind('=');
    const char* end = dim.data() + dim.size();
    std::int64_t size = 0;
    if (cut == dim.npos || cut == 0)
      return fail(Code::BadUsage, "--dim {}: expected NAME=SIZE, such as N=1", dim);
    const auto [stop, error] = std::from_chars(dim.data() + cut + 1, end, size);
    if (error != std::errc() || stop != end || size < 1)
      return fail(Code::BadUsage, "--dim {}: expected a size of 1 or more after '='", dim);
    sizes[dim.substr(0, cut)] = size;
  }
  return sizes;
}

namespace {

/// Arrays by the inputs that they are given to. Names of inputs may hold '=', those of files
/// rarely.
Result<std::map<std::string, Tensor>> values_of(const std::vector<std::string>& pairs) {
  std::map<std::string, Tensor> values;
  for (const std::string& pair : pairs) {
    const std::size_t cut = pair.rfind('=');
    if (cut == pair.npos || cut == 0 || cut + 1 == pair.size())
      return fail(Code::BadUsage, "--value {}: expected NAME=FILE, such as shape=shape.npy", pair);
    const fs::path file = TRY(compile::path_of_uri(pair.substr(cut + 1)));
    const Bytes bytes = TRY(read_file(file));
    if (!npy::is_npy(bytes))
      return fail(Code::BadInput, "{}: no .npy file; --value needs the type and shape of '{}'",
                  file.string(), pair.substr(0, cut));
    Tensor value = TRY(npy::parse(bytes).within(file.string()));
    if (!values.emplace(pair.substr(0, cut), std::move(value)).second)
      return fail(Code::BadUsage, "--value {}: '{}' is given twice", pair, pair.substr(0, cut));
  }
  return values;
}

/// The target whose generation the simulated instance has: what runs here.
Result<const isa::Target*> target_of(const std::string& word) {
  if (!word.empty()) return isa::find_target(word);
  const host::Instance* box = TRY(host::instance());
  const std::string type = box ? box->type : "trn2";
  for (const char* family : kTargets)
    if (type.find(family) != type.npos) return isa::find_target(family);
  return fail(Code::BadUsage, "nothing is compiled for {}; name a --target: {}", type,
              isa::target_words());
}

/// The files of the model, wherever the command line names them.
Result<> name_files(const CompileFlags& flags, CompileJob& job) {
  std::vector<std::string> files = flags.files;
  if (!flags.model.empty()) files.insert(files.begin(), flags.model);
  if (files.empty()) return fail(Code::BadUsage, "no model is given; see 'neuron compile --help'");
  job.model = TRY(compile::path_of_uri(files[0]));
  for (std::size_t i = 1; i < files.size(); ++i) {
    auto part = TRY(compile::path_of_uri(files[i]));
    job.options.parts.push_back(std::move(part));
  }
  job.output = TRY(compile::path_of_uri(flags.output));
  if (job.output.empty()) job.output = job.model.stem().string() + ".neff";
  return {};
}

struct CastRow {
  std::string_view words;  ///< of --fp32-cast, and of --fast-math behind "fp32-cast-"
  const char *cast, *type;
};
constexpr CastRow kFp32Casts[] = {{"all", "all", "bf16"},
                                  {"all-fp16", "all", "fp16"},
                                  {"matmult", "matmult", "bf16"},
                                  {"matmult-bf16", "matmult", "bf16"},
                                  {"matmult-fp16", "matmult", "fp16"}};
constexpr const char* kAutoCasts[] = {"none", "matmult", "all"};
constexpr const char* kCastTypes[] = {"bf16", "fp16", "tf32", "fp8_e4m3"};

template <class Enum, std::size_t N>
Enum choice(const char* const (&words)[N], const std::string& word) {
  return static_cast<Enum>(std::find(std::begin(words), std::end(words), word) - words);
}

/// --fp32-cast and --fast-math say in older words what --auto-cast says, which wins.
Result<> choose_cast(const CompileFlags& flags, compile::Options& options) {
  std::string cast = flags.auto_cast, type = flags.cast_type, old = flags.fp32_cast;
  for (const std::string& word : words_of(flags.fast_math)) {
    constexpr std::string_view kCast = "fp32-cast-";
    if (word.starts_with(kCast))
      old = word.substr(kCast.size());
    else if (word == "all")
      old = "all";
    else if (word != "none" && word != "fast-relayout" && word != "no-fast-relayout")
      return fail(Code::BadUsage, "--fast-math: no choice '{}'; see 'neuron compile --help'", word);
  }
  if (cast == "none" && !old.empty()) {
    const auto* row = std::find_if(std::begin(kFp32Casts), std::end(kFp32Casts),
                                   [&](const CastRow& r) { return r.words == old; });
    if (row == std::end(kFp32Casts))
      return fail(Code::BadUsage,
                  "--fp32-cast: no choice '{}'; choices are all, all-fp16, matmult, matmult-bf16 "
                  "and matmult-fp16",
                  old);
    cast = row->cast;
    type = row->type;
  }
  options.auto_cast = choice<compile::AutoCast>(kAutoCasts, cast);
  options.cast_type = choice<compile::CastType>(kCastTypes, type);
  return {};
}

/// Logical cores of two are of the generations that have them.
Result<> choose_logical_core(const CompileFlags& flags, compile::Options& options) {
  if (flags.lnc > 1 && options.target->arch <= isa::ArchId::V2)
    return fail(Code::BadUsage,
                "--logical-nc-config {}: a logical core of {} has one physical core; for two, "
                "compile for trn2",
                flags.lnc, options.target->word);
  if (flags.lnc > 1 &&
      (flags.tensor_ranks > 1 || flags.data_ranks > 1 || options.pipeline_cores > 1))
    return fail(Code::BadUsage,
                "--logical-nc-config {} and several logical cores cannot be combined yet",
                flags.lnc);
  options.logical_core = static_cast<std::uint32_t>(flags.lnc);
  return {};
}

/// One way to split a model over ranks.
Result<> choose_ranks(const CompileFlags& flags, CompileJob& job) {
  if (flags.tensor_ranks > 1 && flags.data_ranks > 1)
    return fail(Code::BadUsage, "--tensor-parallel and --data-parallel cannot be combined");
  if (std::max(flags.tensor_ranks, flags.data_ranks) > 1 &&
      job.options.target->arch == isa::ArchId::V1)
    return fail(Code::BadUsage,
                "--tensor-parallel and --data-parallel: no collective operations are documented of "
                "NeuronCore-v1; compile for trn1, inf2 or trn2");
  job.split = flags.data_ranks > 1 ? compile::Split::Data : compile::Split::Tensor;
  job.ranks = std::max(flags.tensor_ranks, flags.data_ranks);
  if (job.ranks > 1 && (flags.cores > 1 || !flags.report.empty() || flags.guidance))
    return fail(Code::BadUsage,
                "a model for {} ranks cannot be combined with --neuroncore-pipeline-cores, "
                "--report or --guidance",
                job.ranks);
  return {};
}

/// One of the words, or several with commas where "..." ends them.
CLI::Validator one_of(std::vector<std::string> words) {
  if (words.back() != "...") return CLI::IsMember(words);
  words.pop_back();
  const CLI::Validator one = CLI::IsMember(words);
  return {[one](std::string& list) {
            std::string wrong;
            for (const std::string& word : words_of(list))
              if (wrong.empty()) wrong = one(word);
            return wrong;
          },
          one.get_description()};
}

void bind_accepted(CLI::App& app, CompileFlags& flags) {
  for (const Accepted& row : kAccepted) {
    const std::string help = fmt::format("no effect: {}", row.why);
    const std::string shown = words_of(row.names).back();
    const bool is_flag = *row.values == '\0';
    const auto note = [&flags, &row, shown](const std::string&) {
      flags.accepted.push_back(fmt::format("{} has no effect: {}", shown, row.why));
    };
    if (is_flag) {
      app.add_flag_callback(
          row.names, [note] { note(""); }, help);
      continue;
    }
    app.add_option_function<std::string>(row.names, note, help)
        ->type_name("WORD")
        ->check(one_of(words_of(row.values)));
  }
}

void bind_model(CLI::App& app, CompileFlags& flags) {
  const std::vector<std::string> targets(std::begin(kTargets), std::end(kTargets));
  app.add_option("files", flags.files,
                 "ONNX model, TensorFlow graph or SavedModel, or MXNet symbol and params")
      ->type_name("FILE...");
  app.add_option("--model", flags.model, "model to compile, as a path or file://PATH")
      ->type_name("URI");
  app.add_option("-o,--output", flags.output,
                 "NEFF to write; MODEL.neff in the current directory when not given")
      ->type_name("FILE");
  app.add_option("--framework", flags.framework,
                 "what the model was made with; its content tells when not given")
      ->check(CLI::IsMember({"ONNX", "TENSORFLOW", "MXNET", "XLA"}, CLI::ignore_case));
  app.add_option("--io-config", flags.io_config,
                 "shapes of inputs and names of outputs: JSON, or a file of JSON or .pbtxt")
      ->type_name("CONFIG");
  app.add_option("--target", flags.target,
                 "what to compile for; what NEURON_SIM_INSTANCE names, else trn2, when not given")
      ->check(CLI::IsMember(targets));
  app.add_option("--dim", flags.dims, "size of a dimension that the model leaves open; repeatable")
      ->type_name("NAME=SIZE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_option(
         "--value", flags.values,
         "give an input its value now, from an .npy file: it becomes a constant; repeatable")
      ->type_name("NAME=FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--name", flags.name,
                 "name of the network in the package; the model's file name when not given")
      ->type_name("NAME");
}

void bind_cast(CLI::App& app, CompileFlags& flags) {
  app.add_option(
         "--auto-cast", flags.auto_cast,
         "what is rounded of float32: nothing, operands of products (matmult), or also what "
         "convolutions and arithmetic leave on chip (all)")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kAutoCasts), std::end(kAutoCasts))))
      ->capture_default_str();
  app.add_option("--auto-cast-type", flags.cast_type, "what they are rounded to; sums are float32")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kCastTypes), std::end(kCastTypes))))
      ->capture_default_str();
  app.add_option(
         "--fp32-cast", flags.fp32_cast,
         "the same in neuron-cc's words: all, all-fp16, matmult, matmult-bf16, matmult-fp16")
      ->type_name("WORD");
  app.add_option(
         "--fast-math", flags.fast_math,
         "the same again: none, all, fp32-cast-..., with commas; relayouts are always exact")
      ->type_name("WORDS");
}

/// What is done instead of compiling, and the cache.
void bind_instead(CLI::App& app, CompileFlags& flags) {
  app.add_flag("--list-operators", flags.list_operators,
               "print the operators of --framework that can be compiled, one a line");
  app.add_flag("!--no-cache", flags.cache, "compile anew, and keep nothing");
  app.add_flag("--show-cache", flags.show_cache, "list the packages that are kept");
  app.add_flag("--clear-cache", flags.clear_cache, "remove the packages that are kept");
  app.add_option("--trim-cache", flags.trim_cache,
                 "remove those that were not used for longest until so much is left, such as 500M")
      ->type_name("SIZE");
}

void bind_talk(CLI::App& app, CompileFlags& flags) {
  app.add_option("--verbose", flags.verbose,
                 "least level that is said: debug, info, warning, error or critical")
      ->type_name("LEVEL")
      ->capture_default_str();
  app.add_flag("--debug", flags.debug, "the same as --verbose debug");
  app.add_option("--logfile", flags.logfile, "write what is said, from info on, with times")
      ->type_name("FILE");
  app.add_option("--save-stages", flags.stages,
                 "write what stands after each stage to this directory, as text")
      ->type_name("DIR");
  app.add_option("--pipeline", flags.pipeline,
                 "'compile SaveTemps': the same as --save-stages MODEL-stages")
      ->type_name("WORDS")
      ->expected(2)
      ->allow_extra_args(false);
  app.add_flag("--guidance", flags.guidance,
               "predict latency and throughput for all instance types");
  app.add_option("--report", flags.report,
                 "print which operators run where and why, as text or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--json", flags.json, "tell of the package and its times as JSON");
  app.add_flag("--dump-graph", flags.dump_graph, "print the graph after all passes");
}

}  // namespace

void bind_compile_flags(CLI::App& app, CompileFlags& flags) {
  bind_model(app, flags);
  app.add_option("--neuroncore-pipeline-cores,--num-neuroncores,--num-tpbs", flags.cores,
                 "NeuronCores to spread the model over, in stages of about equal cost that work on "
                 "several requests at a time")
      ->type_name("N")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--tensor-parallel", flags.tensor_ranks,
                 "ranks that share the factors of matrix products; writes a package for each")
      ->type_name("N")
      ->check(CLI::Range(1, kMostRanks))
      ->capture_default_str();
  app.add_option("--data-parallel", flags.data_ranks,
                 "ranks that share the inputs along their first dimension; writes a package for "
                 "each")
      ->type_name("N")
      ->check(CLI::Range(1, kMostRanks))
      ->capture_default_str();
  app.add_option("--lnc,--logical-nc-config", flags.lnc,
                 "physical cores that compute the model as one logical core; 2: trn2 only")
      ->type_name("N")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  app.add_flag("--enable-fast-loading-neuron-binaries", flags.fast_loading,
               "do not compress the package: larger, and faster to load");
  bind_instead(app, flags);
  bind_cast(app, flags);
  bind_talk(app, flags);
  bind_accepted(app, flags);
  for (CLI::Option* option : app.get_options())
    if (option->get_expected_max() == 1 && option->get_items_expected_max() == 1 &&
        option->get_name() != "--dim" && option->get_name() != "--value")
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

Result<CompileJob> job_of(const CompileFlags& flags) {
  CompileJob job;
  TRY(name_files(flags, job));
  job.options.target = TRY(target_of(flags.target));
  TRY(choose_ranks(flags, job));
  job.options.name = flags.name;
  TRY(choose_cast(flags, job.options));
  job.options.dims = TRY(sizes_of(flags.dims));
  job.options.values = TRY(values_of(flags.values));
  job.options.dump_graph = flags.dump_graph;
  job.options.pipeline_cores = flags.cores;
  TRY(choose_logical_core(flags, job.options));
  job.options.framework = flags.framework;
  for (char& c : job.options.framework)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (!flags.io_config.empty()) job.options.io = TRY(compile::read_io_config(flags.io_config));
  return job;
}

}  // namespace neuron::cmd
