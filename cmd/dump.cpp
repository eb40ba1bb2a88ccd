// SPDX-License-Identifier: Apache-2.0
#include "cmd/dump.h"

#include <set>

#include "base/json.h"
#include "base/npy.h"
#include "nrt/session.h"
#include "sim/gather.h"

namespace neuron::cmd {
namespace {

class Dump {
 public:
  Dump(const nrt::Workbench& in, const fs::path& directory) : in_(in), directory_(directory) {}

  Result<> run() {
    gatherers_.resize(in_.parts().size());
    TRY(sim::execute_traced(in_.parts(), [&](const sim::Traced& t) { return add(t); }));
    TRY(write_index(directory_, instructions_));
    for (std::size_t core = 0; core < gatherers_.size(); ++core)
      for (const auto& array : gatherers_[core].arrays()) TRY(add(core, array));
    return tensors_.empty() ? Result<>() : write_index(directory_ / kTensors, tensors_);
  }
  std::size_t instructions() const { return instructions_.size(); }
  std::size_t tensors() const { return tensors_.size(); }

 private:
  static constexpr const char* kTensors = "tensors";

  static Result<> write_index(const fs::path& directory, const Json& rows) {
    return write_file(directory / "index.json", view_of(json::text_of(rows, 2)));
  }

  Result<> add(const sim::Traced& t) {
    if (!t.value) return {};
    const std::string& subgraph = in_.model().subgraphs[t.core].name;
    const std::string name = in_.name_of(t.core, t.engine, t.pc);
    const std::string label = name.empty() ? "" : "-" + name.substr(0, name.find(','));
    const std::string file = nrt::file_name_of(
        fmt::format("{}-{}-{:06}{}.npy", subgraph, isa::info(t.engine).token, t.pc, label));
    TRY(write_file(directory_ / file, npy::bytes_of(*t.value)));
    instructions_.push_back({{"file", file},
                             {"subgraph", subgraph},
                             {"engine", isa::info(t.engine).token},
                             {"pc", t.pc},
                             {"name", name},
                             {"dtype", name_of(t.value->type)},
                             {"shape", t.value->shape},
                             {"place", t.place}});
    const std::string tensor = in_.tensor_of(t.core, t.engine, t.pc);
    if (!tensor.empty()) gatherers_[t.core].add(tensor, t);
    return {};
  }

  Result<> add(std::size_t core, const sim::Gatherer::Array& array) {
    const std::string& subgraph = in_.model().subgraphs[core].name;
    const std::string file = new_file(nrt::file_name_of(subgraph + "-" + array.name));
    std::error_code status;
    fs::create_directories(directory_ / kTensors, status);
    if (status)
      return fail(Code::Io, "{}: cannot create: {}", (directory_ / kTensors).string(),
                  status.message());
    TRY(write_file(directory_ / kTensors / file, npy::bytes_of(array.value)));
    tensors_.push_back({{"file", file},
                        {"subgraph", subgraph},
                        {"tensor", array.name},
                        {"dtype", name_of(array.value.type)},
                        {"shape", array.value.shape},
                        {"place", array.place},
                        {"instructions", array.instructions},
                        {"whole", array.whole}});
    return {};
  }

  /// A tensor in several places, or names that differ only in what no file name bears, get numbers.
  std::string new_file(const std::string& stem) {
    std::string file = stem + ".npy";
    for (int n = 2; !files_.insert(file).second; ++n) file = fmt::format("{}-{}.npy", stem, n);
    return file;
  }

  const nrt::Workbench& in_;
  const fs::path& directory_;
  Json instructions_ = Json::array(), tensors_ = Json::array();
  std::vector<sim::Gatherer> gatherers_;  ///< by core
  std::set<std::string> files_;
};

}  // namespace

Result<> dump(const nrt::Workbench& in, const fs::path& directory, Terminal& io) {
  std::error_code status;
  fs::create_directories(directory, status);
  if (status) return fail(Code::Io, "{}: cannot create: {}", directory.string(), status.message());
  Dump all(in, directory);
  TRY(all.run());
  io.out << fmt::format("{} arrays -> {}\n", all.instructions(), directory.string());
  if (all.tensors() > 0)
    io.out << fmt::format("{} tensors -> {}\n", all.tensors(), (directory / "tensors").string());
  return {};
}

}  // namespace neuron::cmd
