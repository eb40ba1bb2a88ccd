// SPDX-License-Identifier: Apache-2.0
#include "base/npy.h"
#include "neff/debug.h"
#include "neff/model.h"
#include "tests/catch.h"
#include "tests/unit/neff/sample.h"

using namespace neuron;

namespace {

bool same(const neff::Side& a, const neff::Side& b) {
  return a.variable == b.variable && a.offset == b.offset && a.steps == b.steps &&
         a.sizes == b.sizes && a.type == b.type;
}

void check_same(const neff::EngineProgram& a, const neff::EngineProgram& b) {
  CHECK(a.token == b.token);
  CHECK(a.instructions == b.instructions);
  CHECK(a.activation_sets == b.activation_sets);
  REQUIRE(a.transfers.size() == b.transfers.size());
  for (std::size_t i = 0; i < a.transfers.size(); ++i) {
    const auto &x = a.transfers[i], &y = b.transfers[i];
    CHECK(x.id == y.id);
    CHECK(x.queue == y.queue);
    CHECK(x.semaphore == y.semaphore);
    CHECK(x.comment == y.comment);
    REQUIRE(x.descriptors.size() == y.descriptors.size());
    for (std::size_t d = 0; d < x.descriptors.size(); ++d) {
      const auto &p = x.descriptors[d], &q = y.descriptors[d];
      CHECK(p.op == q.op);
      CHECK(same(p.to, q.to));
      REQUIRE(p.from.size() == q.from.size());
      for (std::size_t k = 0; k < p.from.size(); ++k) CHECK(same(p.from[k], q.from[k]));
      CHECK(p.transpose_shape == q.transpose_shape);
      CHECK(p.transpose_element_size == q.transpose_element_size);
    }
  }
}

void check_same(const neff::Variable& a, const neff::Variable& b) {
  CHECK(a.name == b.name);
  CHECK(a.id == b.id);
  CHECK(a.kind == b.kind);
  CHECK(a.size == b.size);
  CHECK(a.alignment == b.alignment);
  CHECK(a.backing_offset == b.backing_offset);
  CHECK(a.referenced == b.referenced);
  CHECK(a.list == b.list);
}

}  // namespace

TEST_CASE("a model that is packed, written and read again is the same model") {
  const auto model = sample_model();
  const auto package = REQUIRE_OK(neff::package_of(model, sample_build()));
  const auto bytes = REQUIRE_OK(neff::bytes_of(package, neff::Compression::Gzip));
  const auto back_package = REQUIRE_OK(neff::parse(bytes));
  const auto back = REQUIRE_OK(neff::model_of(back_package));
  CHECK(back.name == model.name);
  CHECK(back.target == model.target);
  REQUIRE(back.nodes.size() == model.nodes.size());
  for (std::size_t i = 0; i < back.nodes.size(); ++i) {
    CHECK(back.nodes[i].name == model.nodes[i].name);
    CHECK(back.nodes[i].executor == model.nodes[i].executor);
    REQUIRE(back.nodes[i].outputs.size() == model.nodes[i].outputs.size());
    for (std::size_t k = 0; k < back.nodes[i].outputs.size(); ++k) {
      CHECK(back.nodes[i].outputs[k].name == model.nodes[i].outputs[k].name);
      CHECK(back.nodes[i].outputs[k].shape == model.nodes[i].outputs[k].shape);
      CHECK(back.nodes[i].outputs[k].type == model.nodes[i].outputs[k].type);
    }
  }
  REQUIRE(back.subgraphs.size() == 1);
  const auto &a = back.subgraphs[0], &b = model.subgraphs[0];
  REQUIRE(a.variables.size() == b.variables.size());
  for (std::size_t i = 0; i < a.variables.size(); ++i) check_same(a.variables[i], b.variables[i]);
  REQUIRE(a.queues.size() == b.queues.size());
  for (std::size_t i = 0; i < a.queues.size(); ++i) {
    CHECK(a.queues[i].name == b.queues[i].name);
    CHECK(a.queues[i].semaphores == b.queues[i].semaphores);
  }
  REQUIRE(a.engines.size() == b.engines.size());
  for (std::size_t i = 0; i < a.engines.size(); ++i) check_same(a.engines[i], b.engines[i]);
  const auto weights = REQUIRE_OK(neff::constant_of(back_package, a, *a.find("weights")));
  CHECK(Bytes(weights.begin(), weights.end()) == b.constants.at("weights").bytes);
}

TEST_CASE("debug files lead every instruction back to its layer") {
  const auto package = REQUIRE_OK(neff::package_of(sample_model(), sample_build()));
  const auto model = REQUIRE_OK(neff::model_of(package));
  const auto& pe = model.subgraphs[0].engines[2];
  REQUIRE(pe.token == "pe");
  CHECK(pe.backend_names == std::vector<std::string>{"I-0-0", "I-1-0"});
  CHECK(pe.layers == std::vector<std::string>{"/fc/MatMul", "/fc/Add"});
  CHECK(pe.op_types == std::vector<std::string>{"MatMul", "Add"});
}

TEST_CASE("an instruction's source is the kernel's line, else the framework program's") {
  auto package = REQUIRE_OK(neff::package_of(sample_model(), sample_build()));
  for (neff::Member& member : package.members) {
    const bool backend = member.path.ends_with("debug_info_backend_PE.dbg");
    if (!backend && member.path.find("debug_info_hlo") == std::string::npos) continue;
    auto file = neff::read_debug(member.bytes);
    REQUIRE(file);
    if (backend) {
      file->sources = {"/a/other.py", "/a/kernel.py"};
      file->records[0].notes = {{"kernel_file", "1"}, {"kernel_line", "58"}};
      file->records[1].notes = {{"kernel_file", "7"}, {"kernel_line", "58"}};  // no such file
    } else {
      for (neff::DebugRecord& record : file->records)
        record.notes = {{"source_file", "/a/model.py"}, {"source_line", "12"}};
    }
    member.bytes = neff::bytes_of(*file);
  }
  const auto model = REQUIRE_OK(neff::model_of(package));
  const auto& pe = model.subgraphs[0].engines[2];
  CHECK(pe.source_of(0) == "/a/kernel.py:58");
  CHECK(pe.source_of(1) == "/a/model.py:12");
  CHECK(pe.source_of(2) == "");
}

TEST_CASE("the same package is written as the same bytes, with a hash that holds") {
  const auto package = REQUIRE_OK(neff::package_of(sample_model(), sample_build()));
  for (auto compression : {neff::Compression::Gzip, neff::Compression::None}) {
    const auto once = REQUIRE_OK(neff::bytes_of(package, compression));
    const auto twice = REQUIRE_OK(neff::bytes_of(package, compression));
    CHECK(once == twice);
    const auto back = REQUIRE_OK(neff::parse(once));
    CHECK(neff::hash_matches(back.header, back.archive));
    CHECK((std::to_integer<int>(back.header.uuid[6]) >> 4) == 4);
    CHECK((std::to_integer<int>(back.header.uuid[8]) >> 6) == 2);
    REQUIRE(back.members.size() == package.members.size());
    for (std::size_t i = 0; i < back.members.size(); ++i) {
      CHECK(back.members[i].path == package.members[i].path);
      CHECK(back.members[i].bytes == package.members[i].bytes);
    }
  }
}

TEST_CASE("a compiled package that gzip would hardly shrink is plain") {
  const auto is_packed = [](std::size_t size, unsigned bits) {
    auto package = REQUIRE_OK(neff::package_of(sample_model(), {}));
    Bytes weights(size);
    std::uint32_t state = 1;
    for (std::byte& b : weights) {
      state = state * 1664525 + 1013904223;
      b = static_cast<std::byte>(state >> 24 & ((1U << bits) - 1));
    }
    package.members.push_back({"sg00/more.npy", weights});
    const auto bytes = REQUIRE_OK(neff::bytes_of(package, neff::Compression::Gzip));
    CHECK(REQUIRE_OK(neff::parse(bytes)).find("sg00/more.npy")->bytes == weights);
    return bytes[sizeof(neff::Header)] == std::byte{0x1f};
  };
  CHECK(!is_packed(std::size_t{2} << 20, 8));
  CHECK(is_packed(std::size_t{2} << 20, 4));
  CHECK(is_packed(std::size_t{64} << 10, 8));
}
