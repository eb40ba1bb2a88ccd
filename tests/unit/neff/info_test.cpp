// SPDX-License-Identifier: Apache-2.0
#include "neff/info.h"

#include <cstdlib>
#include <map>

#include "neff/info_rows.h"
#include "tests/catch.h"
#include "tests/conformance.h"
#include "tests/unit/neff/sample.h"

using namespace neuron;
using namespace neuron::neff;

namespace {

struct Row {
  const char* name;
  std::uint64_t size;
  VariableKind kind;
  const char* format;
  Shape shape;
  DType type;
};

// The package of the packager guide: the gradients of a small training step.
const Row kGuide[] = {
    {"input0", 4, VariableKind::Input, "N", {1}, DType::Float32},
    {"input1", 20, VariableKind::Input, "N", {5}, DType::Float32},
    {"input2", 200, VariableKind::Input, "NC", {5, 10}, DType::Float32},
    {"input3", 40, VariableKind::Input, "NC", {1, 10}, DType::Float32},
    {"input4", 100, VariableKind::Input, "NC", {5, 5}, DType::Float32},
    {"input5", 20, VariableKind::Input, "N", {5}, DType::Float32},
    {"input6", 40, VariableKind::Input, "NC", {2, 5}, DType::Float32},
    {"input7", 8, VariableKind::Input, "N", {2}, DType::Float32},
    {"input8", 8, VariableKind::Input, "N", {2}, DType::Int32},
    {"output0", 200, VariableKind::Output, "NC", {5, 10}, DType::Float32},
    {"output1", 20, VariableKind::Output, "N", {5}, DType::Float32},
    {"output10", 40, VariableKind::Output, "NC", {2, 5}, DType::Float32},
    {"output11", 20, VariableKind::Output, "N", {5}, DType::Float32},
    {"output12", 100, VariableKind::Output, "NC", {5, 5}, DType::Float32},
    {"output13", 20, VariableKind::Output, "N", {5}, DType::Float32},
    {"output14", 200, VariableKind::Output, "NC", {5, 10}, DType::Float32},
    {"output2", 100, VariableKind::Output, "NC", {5, 5}, DType::Float32},
    {"output3", 20, VariableKind::Output, "N", {5}, DType::Float32},
    {"output4", 40, VariableKind::Output, "NC", {2, 5}, DType::Float32},
    {"output5", 8, VariableKind::Output, "N", {2}, DType::Float32},
    {"output6", 40, VariableKind::Output, "NC", {1, 10}, DType::Float32},
    {"output7", 8, VariableKind::Output, "N", {2}, DType::Int32},
    {"output8", 4, VariableKind::Output, "N", {1}, DType::Float32},
    {"output9", 8, VariableKind::Output, "N", {2}, DType::Float32},
};

// Exactly what the packager guide shows for it, without the indentation of the page.
const char kGuideText[] = R"(NEFF Header:
      Package Version:               2
      Header Size:                   1024      (bytes)
      Data Size:                     48924     (bytes)
      Major Version:                 1
      Minor Version:                 0
      Build Version:
      Number of Neuron cores:        1
      Hash:                          ec4b1b1fa8919a9be2c176fd63269511
      UUID:                          c3275f90b87d11ed80b60e6b4183ae7f
      Network Name:                  compiler_cache/neuron-compile-cache/USER_neuroncc-2.4.0.21+b7621be18/MODULE_16554925436865022292/MODULE_0_SyncTensorsGraph.305_16554925436865022292_ip-172-31-55-249-6c54106d-25758-5f5ddf7b170ab/2afbe37c-93ff-4f66-88d0-0e8e5d98e497/MODULE_0_SyncTensorsGraph
      Enabled Features:              N/A


NEFF Nodes:
    NODE      Executor    Name    Variable    Size    Type    Format     Shape    DataType    TimeSeries
       9    NeuronCore    sg00
                                    input0       4      IN         N       [1]     float32
                                    input1      20      IN         N       [5]     float32
                                    input2     200      IN        NC    [5,10]     float32
                                    input3      40      IN        NC    [1,10]     float32
                                    input4     100      IN        NC     [5,5]     float32
                                    input5      20      IN         N       [5]     float32
                                    input6      40      IN        NC     [2,5]     float32
                                    input7       8      IN         N       [2]     float32
                                    input8       8      IN         N       [2]       int32
                                   output0     200     OUT        NC    [5,10]     float32    false
                                   output1      20     OUT         N       [5]     float32    false
                                  output10      40     OUT        NC     [2,5]     float32    false
                                  output11      20     OUT         N       [5]     float32    false
                                  output12     100     OUT        NC     [5,5]     float32    false
                                  output13      20     OUT         N       [5]     float32    false
                                  output14     200     OUT        NC    [5,10]     float32    false
                                   output2     100     OUT        NC     [5,5]     float32    false
                                   output3      20     OUT         N       [5]     float32    false
                                   output4      40     OUT        NC     [2,5]     float32    false
                                   output5       8     OUT         N       [2]     float32    false
                                   output6      40     OUT        NC    [1,10]     float32    false
                                   output7       8     OUT         N       [2]       int32    false
                                   output8       4     OUT         N       [1]     float32    false
                                   output9       8     OUT         N       [2]     float32    false
)";

template <std::size_t N>
void set_hex(std::array<std::byte, N>& field, std::string_view digits) {
  for (std::size_t i = 0; i * 2 < digits.size(); ++i)
    field[i] = static_cast<std::byte>(std::stoi(std::string(digits.substr(i * 2, 2)), nullptr, 16));
}

Model guide_model() {
  Model m;
  m.name = "MODULE";
  Node core{"sg_core", Executor::NeuronCore, "__kelf", "kelf-0.json", false, {}, {}};
  Subgraph s;
  s.name = "sg00";
  s.variables.push_back({"SB", 0, VariableKind::StateBuffer, 0, 0, "", 0, 0, {}, {}});
  for (const Row& row : kGuide) {
    const auto id = static_cast<std::uint32_t>(s.variables.size());
    s.variables.push_back({row.name, id, row.kind, row.size, 0, "", 0, 0, {}, {}});
    const bool input = row.kind == VariableKind::Input;
    s.tensors[row.name] = {row.type, row.format, row.shape, false, input ? "input" : "output", ""};
    if (input) {
      core.inputs.push_back({static_cast<std::uint32_t>(m.nodes.size()), 0});
      m.nodes.push_back(
          {row.name, Executor::Input, "", "", false, {}, {{row.name, row.type, row.shape}}});
    } else {
      core.outputs.push_back({row.name, row.type, row.shape});
    }
  }
  s.node = static_cast<std::uint32_t>(m.nodes.size());
  m.nodes.push_back(core);
  m.subgraphs.push_back(s);
  return m;
}

/// What a command prints; empty when it is not there.
std::string output_of(const std::string& command) {
  std::string text;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    char buffer[65536];
    while (const auto got = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, got);
    ::pclose(pipe);
  }
  return text;
}

/// nc_mem_usage of the same run: every class of memory, on every core, to the byte.
void check_memory(const Json& cores, const Json& subgraphs, const Json& official) {
  std::map<std::string, std::map<std::string, std::uint64_t>> theirs;
  for (const Json& row : official["nc_mem_usage"])
    for (const Json& core : official["model_info"])
      if (core["nc_idx"] == row["nc"])
        theirs[core["sg_name"]][row["usage_type"]] = row["amount_bytes"];
  REQUIRE(theirs.size() == cores.size());
  for (std::size_t i = 0; i < cores.size(); ++i) {
    const Json& c = cores[i];
    auto& t = theirs.at(c["subgraph"].get<std::string>());
    CHECK(c["subgraph"] == subgraphs[i]["name"]);
    std::uint64_t code = 0;
    for (const char* engine : {"Tensor", "Scalar", "Vector", "GpSimd", "Sync"})
      code += t.at(std::string(engine) + " Instructions");
    CHECK(c["code"].get<std::uint64_t>() + c["added_code"].get<std::uint64_t>() == code);
    CHECK(c["activation_tables"] == t.at("Scalar Table"));
    CHECK(c["constants"] == t.at("Weights"));
    CHECK(c["tensors"] == t.at("Tensors"));
    CHECK(c["scratchpad"] == t.at("Scratchpad"));
    CHECK(c["shared_scratchpad_in_pages"] == t.at("Shared Scratchpad"));
    CHECK(c["dma_rings_io"] == t.at("DMA Rings IO"));
    CHECK(c["dma_rings_spill"] == t.at("DMA Rings Spill"));
    CHECK(c["dma_rings_runtime"] == t.at("DMA Rings Runtime"));
    CHECK(c["total_in_pages"] == t.at("Total") - t.at("Profiler Buffers"));
  }
}

/// The official text of features is our list by name, joined.
void check_features(const Json& ours, const Json& theirs) {
  std::string joined;
  std::uint64_t bits = 0;
  for (const Json& feature : ours["features"]) {
    bits |= std::uint64_t{1} << feature["bit"].get<unsigned>();
    REQUIRE(feature["name"].is_string());
    joined += (joined.empty() ? "" : ", ") + feature["name"].get<std::string>();
  }
  CHECK(joined == theirs["enabled_features"]);
  CHECK(ours["feature_bits"] == bits);
}

}  // namespace

TEST_CASE("the packager guide's package prints as the guide shows it") {
  auto package = REQUIRE_OK(package_of(guide_model(), {}));
  Header& h = package.header;
  h.data_size = 48924;
  set_hex(h.hash, "ec4b1b1fa8919a9be2c176fd63269511");
  set_hex(h.uuid, "c3275f90b87d11ed80b60e6b4183ae7f");
  const std::string_view name =
      "compiler_cache/neuron-compile-cache/USER_neuroncc-2.4.0.21+b7621be18/"
      "MODULE_16554925436865022292/MODULE_0_SyncTensorsGraph.305_16554925436865022292_"
      "ip-172-31-55-249-6c54106d-25758-5f5ddf7b170ab/2afbe37c-93ff-4f66-88d0-0e8e5d98e497/"
      "MODULE_0_SyncTensorsGraph";
  h.name = {};
  name.copy(h.name.data(), h.name.size());
  CHECK(REQUIRE_OK(info_text(package, {})) == kGuideText);
}

TEST_CASE("weights and spills are listed when asked for") {
  const auto package = REQUIRE_OK(package_of(sample_model(), sample_build()));
  CHECK(REQUIRE_OK(info_text(package, {})).find("WEIGHT") == std::string::npos);
  const auto text = REQUIRE_OK(info_text(package, {.weights = true, .spills = true}));
  CHECK(text.substr(text.find("NEFF Nodes")) ==
        R"(NEFF Nodes:
    NODE      Executor    Name    Variable    Size      Type    Format    Shape    DataType    TimeSeries
       1    NeuronCore    sg00
                                         x      32        IN        NC    [2,4]     float32
                                         y      16       OUT        NC    [2,4]    bfloat16    false
                                      bias       8    WEIGHT                 []
                                   weights      32    WEIGHT      CRSM    [4,4]    bfloat16
                                   private     128     SPILL                 []
                                     spill     256     SPILL                 []
)");
}

TEST_CASE("CPU operators list their constants and outputs, cores in between their own") {
  Model m = sample_model();
  m.nodes.push_back(
      {"c", Executor::Input, "", "", true, {}, {{"constant0", DType::Float16, {1, 1}}}});
  m.nodes.push_back({"f",
                     Executor::Cpu,
                     "fused_2_conv",
                     "",
                     false,
                     {{1, 0}, {2, 0}},
                     {{"nn.relu0:0", DType::Unknown, {}}}});
  const auto package = REQUIRE_OK(package_of(m, {}));
  const auto text = REQUIRE_OK(info_text(package, {}));
  CHECK(text.substr(text.find("NEFF Nodes")) ==
        R"(NEFF Nodes:
    NODE      Executor            Name      Variable    Size    Type    Format    Shape    DataType    TimeSeries
       1    NeuronCore            sg00
                                                   x      32      IN        NC    [2,4]     float32
                                                   y      16     OUT        NC    [2,4]    bfloat16    false
       3           CPU    fused_2_conv
                                           constant0       2      IN              [1,1]     float16
                                          nn.relu0:0       0     OUT                 []
)");
}

TEST_CASE("several subgraphs and CPU operators print as the runtime guide shows them") {
  // The guide's second example: two nodes of two cores each, three operators in between.
  Model m;
  const auto image = [](const char* name) { return Slot{name, DType::Unknown, {1, 1, 1, 1}}; };
  const auto input = [&](const char* name, bool param) {
    m.nodes.push_back({name, Executor::Input, "", "", param, {}, {image(name)}});
  };
  const auto core = [&](const char* kelf, std::uint32_t from, const char* out,
                        std::initializer_list<std::array<const char*, 3>> graphs) {
    const auto node = static_cast<std::uint32_t>(m.nodes.size());
    m.nodes.push_back(
        {"sg", Executor::NeuronCore, "__kelf", kelf, false, {{from, 0}}, {image(out)}});
    for (const auto& [name, in, result] : graphs) {
      Subgraph s;
      s.name = name;
      s.node = node;
      s.variables.push_back({in, 0, VariableKind::Input, 2, 0, "", 0, 0, {}, {}});
      s.variables.push_back({result, 1, VariableKind::Output, 2, 0, "", 0, 0, {}, {}});
      for (const char* tensor : {in, result})
        s.tensors[tensor] = {DType::Unknown, "NHWC", {1, 1, 1, 1}, false, "", ""};
      m.subgraphs.push_back(std::move(s));
    }
  };
  const auto cpu = [&](const char* function, std::vector<Edge> from, const char* out) {
    m.nodes.push_back(
        {"cpu", Executor::Cpu, function, "", false, std::move(from), {{out, DType::Unknown, {}}}});
  };
  input("input:0", false);
  core("kelf-0.json", 0, "nn/relu2:0",
       {{"sg00", "input:0", "nn/relu1:0"}, {"sg01", "nn/relu1:0", "nn/relu2:0"}});
  cpu("fused_3_layout_transform", {{1, 0}}, "layout_transform0:0");
  m.nodes.push_back({"constant0",
                     Executor::Input,
                     "",
                     "",
                     true,
                     {},
                     {{"constant0", DType::Float16, {1, 1, 1, 1}}}});
  cpu("fused_2_nn_conv2d_nn_relu", {{2, 0}, {3, 0}}, "nn.relu0:0");
  cpu("fused_1_layout_transform_copy", {{4, 0}}, "nn/relu3:0");
  core("kelf-1.json", 5, "nn/output:0",
       {{"sg02", "nn/relu3:0", "nn/relu4:0"}, {"sg03", "nn/relu4:0", "nn/output:0"}});
  CHECK(
      nodes_text(m, {}) ==
      R"(    NODE      Executor                             Name               Variable    Size    Type    Format        Shape    DataType    TimeSeries
       1    NeuronCore                             sg00
                                                                       input:0       2      IN      NHWC    [1,1,1,1]
                                                                    nn/relu1:0       2     OUT      NHWC    [1,1,1,1]                false
       1    NeuronCore                             sg01
                                                                    nn/relu1:0       2      IN      NHWC    [1,1,1,1]
                                                                    nn/relu2:0       2     OUT      NHWC    [1,1,1,1]                false
       2           CPU         fused_3_layout_transform
                                                           layout_transform0:0       0     OUT                     []
       4           CPU        fused_2_nn_conv2d_nn_relu
                                                                     constant0       2      IN              [1,1,1,1]     float16
                                                                    nn.relu0:0       0     OUT                     []
       5           CPU    fused_1_layout_transform_copy
                                                                    nn/relu3:0       0     OUT                     []
       6    NeuronCore                             sg02
                                                                    nn/relu3:0       2      IN      NHWC    [1,1,1,1]
                                                                    nn/relu4:0       2     OUT      NHWC    [1,1,1,1]                false
       6    NeuronCore                             sg03
                                                                    nn/relu4:0       2      IN      NHWC    [1,1,1,1]
                                                                   nn/output:0       2     OUT      NHWC    [1,1,1,1]                false
)");
}

TEST_CASE("features without a public name are shown as numbers") {
  CHECK(feature_names(0) == "N/A");
  CHECK(feature_names(0xc00) == "virtual-core, v3-2x-4x-dve-perf-mode");
  CHECK(feature_names(0x1009) == "bin-weights, coalesced-cc, 0x1000");
  CHECK(feature_named("custom-ops") == std::uint64_t{4});
  CHECK(!feature_named("custom-op"));
}

TEST_CASE("header and node rows say what the official profiler says of the same packages") {
  const auto dir = conformance("neff");
  if (!dir) return;
  if (output_of("command -v xz").empty()) {
    std::puts("skipped: no xz to read the official profiles with");
    return;
  }
  for (const auto& file : fs::directory_iterator(*dir)) {
    if (file.path().extension() != ".neff") continue;
    auto profile = file.path();
    profile.replace_extension(".profile.json.xz");
    if (!fs::exists(profile)) continue;
    INFO(profile);
    const std::string text = output_of("xz -dc '" + profile.string() + "'");
    const auto official = REQUIRE_OK(json::parse(view_of(text)));
    const auto package = REQUIRE_OK(read(file.path()));
    const auto info = REQUIRE_OK(info_json(package, {.weights = true}));
    const Json &ours = info["header"], &theirs = official["neff_header"][0];
    check_memory(info["memory"]["cores"], info["subgraphs"], official);
    check_features(ours, theirs);
    const auto number = [&](const char* key) { return Json(std::to_string(ours[key].get<int>())); };
    CHECK(number("package_version") == theirs["package_version"]);
    CHECK(number("header_size") == theirs["header_size"]);
    CHECK(number("data_size") == theirs["data_size"]);
    CHECK(number("major_version") == theirs["major_version"]);
    CHECK(number("minor_version") == theirs["minor_version"]);
    CHECK(number("lnc_size") == theirs["number_of_neuroncores_per_lnc"]);
    CHECK(number("neuroncore_count") == theirs["number_of_logical_neuroncores"]);
    for (const char* key : {"build_version", "hash", "uuid", "network_name", "enabled_features"})
      CHECK(ours[key] == theirs[key]);
    Json rows = Json::array();
    for (const Json& block : info["nodes"]) {
      rows.push_back({{"node", std::to_string(block["node"].get<int>())},
                      {"sg_name", block["name"]},
                      {"variable_name", ""}});
      for (const Json& t : block["tensors"]) {
        std::string shape;
        for (const Json& dim : t["shape"])
          shape += (shape.empty() ? "" : " ") + std::to_string(dim.get<int>());
        rows.push_back({{"variable_name", t["variable"]},
                        {"type", t["type"]},
                        {"format", t["format"]},
                        {"shape", "[" + shape + "]"},
                        {"size", std::to_string(t["size"].get<std::uint64_t>())}});
      }
    }
    const Json& expected = official["neff_node"];
    REQUIRE(rows.size() == expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (const auto& [key, value] : rows[i].items()) CHECK(value == expected[i][key]);
  }
}
