// SPDX-License-Identifier: Apache-2.0
#include "neff/members.h"
#include "neff/words.h"

// sgNN/{Engine}.json: the transfers that an engine starts, beside the name of its binary.
namespace neuron::neff {
namespace {

constexpr std::size_t kMostDimensions = 4, kMostSources = 16;
constexpr std::int64_t kFarthest = std::int64_t{1} << 60;  // keeps sums of four products in range

/// Keys of a side carry its prefix: "from_off", "to_sizes".
Result<Side> side_of(const Json& row, const std::string& prefix) {
  Side side;
  side.variable = TRY(json::get<std::string>(row, prefix));
  side.offset = TRY(optional_of<std::int64_t>(row, prefix + "_off", 0));
  side.steps = TRY(list_of<std::int64_t>(row, prefix + "_steps"));
  side.sizes = TRY(list_of<std::int64_t>(row, prefix + "_sizes"));
  if (side.steps.size() != side.sizes.size() || side.steps.size() > kMostDimensions)
    return fail(Code::Malformed, "\"{}\" has {} steps and {} sizes, expected as many, up to {}",
                prefix, side.steps.size(), side.sizes.size(), kMostDimensions);
  if (side.offset < 0 || side.offset > kFarthest)
    return fail(Code::Malformed, "\"{}_off\" {} is out of range", prefix, side.offset);
  for (std::size_t i = 0; i < side.sizes.size(); ++i) {
    std::int64_t extent = 0;
    if (side.sizes[i] < 0 || __builtin_mul_overflow(side.sizes[i], side.steps[i], &extent) ||
        extent > kFarthest || extent < -kFarthest)
      return fail(Code::Malformed, "\"{}\": dimension {} of {} steps of {} is out of range", prefix,
                  i, side.sizes[i], side.steps[i]);
  }
  const auto type = TRY(optional_of<std::string>(row, prefix + "_dtype", "uint8"));
  const auto known = dtype_named(type);
  if (!known) return fail(Code::Malformed, "\"{}_dtype\" {} is not known", prefix, type);
  side.type = *known;
  return side;
}

Result<> fill_transpose(Descriptor& d, const Json& row) {
  const auto shape = TRY(list_of<std::int64_t>(row, "transpose_shape"));
  if (shape.size() != d.transpose_shape.size())
    return fail(Code::Malformed, "\"transpose_shape\" has {} dimensions, expected {}", shape.size(),
                d.transpose_shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0 || shape[i] > kFarthest)
      return fail(Code::Malformed, "\"transpose_shape\"[{}] {} is out of range", i, shape[i]);
    d.transpose_shape[i] = shape[i];
  }
  d.transpose_element_size = TRY(optional_of<std::int64_t>(row, "transpose_element_size", 0));
  return {};
}

Result<Descriptor> descriptor_of(const Json& row) {
  Descriptor d;
  const auto op = TRY(optional_of<std::string>(row, "op", "copy"));
  const auto known = value_of(kDmaWords, op);
  if (!known) return fail(Code::Malformed, "\"op\" {} is not known", op);
  d.op = *known;
  d.to = TRY(side_of(row, "to"));
  const Json* sources = TRY(array_of(row, "from_arr"));
  if (sources->size() > kMostSources)
    return fail(Code::Malformed, "\"from_arr\" has {} sources, at most {} are allowed",
                sources->size(), kMostSources);
  for (const Json& source : *sources) {
    auto side = TRY(side_of(source, "from"));
    d.from.push_back(std::move(side));
  }
  if (d.from.empty()) {
    auto side = TRY(side_of(row, "from"));
    d.from.push_back(std::move(side));
  }
  if (d.op == DmaOp::Transpose) TRY(fill_transpose(d, row));
  return d;
}

constexpr std::uint32_t kMostRanks = 4096;
constexpr std::uint32_t kMostStreams = 4;  // NEC_MAX_STREAM_N

/// Lists of ranks: of replica groups, or of pairs.
Result<std::vector<std::vector<std::uint32_t>>> ranks_of(const Json& row, const char* key) {
  std::vector<std::vector<std::uint32_t>> out;
  const Json* lists = TRY(array_of(row, key));
  for (const Json& list : *lists) {
    auto& ranks = out.emplace_back();
    if (!list.is_array()) return fail(Code::Malformed, "\"{}\" holds no lists of ranks", key);
    for (const Json& rank : list) {
      if (!json::holds<std::uint32_t>(rank) || rank.get<std::uint32_t>() >= kMostRanks)
        return fail(Code::Malformed, "\"{}\": a rank is a number below {}", key, kMostRanks);
      ranks.push_back(rank.get<std::uint32_t>());
    }
  }
  return out;
}

Result<Collective> collective_of(const Json& row) {
  Collective c;
  const auto op = TRY(json::get<std::string>(row, "op"));
  const auto known = value_of(kCollectiveWords, op);
  if (!known) return fail(Code::Malformed, "\"op\" {} is no collective operation", op);
  c.op = *known;
  c.reduction = TRY(optional_of<std::string>(row, "reduction", "add"));
  if (c.reduction != "add" && c.reduction != "max" && c.reduction != "min")
    return fail(Code::Malformed, "\"reduction\" is {}, expected add, max or min", c.reduction);
  const auto type = TRY(optional_of<std::string>(row, "dtype", "uint8"));
  const auto dtype = dtype_named(type);
  if (!dtype) return fail(Code::Malformed, "\"dtype\" {} is not known", type);
  c.type = *dtype;
  c.stream = TRY(optional_of<std::uint32_t>(row, "stream", 0));
  if (c.stream >= kMostStreams)
    return fail(Code::Malformed, "\"stream\" is {}, expected 0 to {}", c.stream, kMostStreams - 1);
  c.replica_groups = TRY(ranks_of(row, "replica_groups"));
  if (c.replica_groups.empty()) return fail(Code::Malformed, "\"replica_groups\" is missing");
  c.pairs = TRY(ranks_of(row, "pairs"));
  for (const auto& pair : c.pairs)
    if (pair.size() != 2)
      return fail(Code::Malformed, "\"pairs\": {} numbers, expected source and target",
                  pair.size());
  return c;
}

Result<Transfer> transfer_of(const Json& row) {
  Transfer t;
  t.id = TRY(json::get<std::uint32_t>(row, "id"));
  t.queue = TRY(optional_of<std::string>(row, "instance_name", ""));
  if (t.queue.empty()) t.queue = TRY(json::get<std::string>(row, "queue"));
  if (t.queue.empty()) return fail(Code::Malformed, "\"queue\" is empty");
  if (json::find(row, "semaphore")) t.semaphore = TRY(json::get<std::uint32_t>(row, "semaphore"));
  t.comment = TRY(optional_of<std::string>(row, "#comment", ""));
  t.at_load = TRY(optional_of<bool>(row, "at_load", false));
  if (const Json* collective = json::find(row, "collective"))
    t.collective = TRY(collective_of(*collective).within("collective"));
  const Json* descriptors = TRY(array_of(row, "desc"));
  for (const Json& item : *descriptors) {
    auto d = TRY(descriptor_of(item).within(fmt::format("desc {}", t.descriptors.size())));
    t.descriptors.push_back(std::move(d));
  }
  return t;
}

Result<> fill_from_json(EngineProgram& program, const Json& engine, const std::string& path,
                        const Faults& faults) {
  program.activation_sets =
      TRY(list_of<std::string>(engine, "activation_function_sets").within(path));
  const Json* rows = TRY(array_of(engine, "dma").within(path));
  for (const Json& row : *rows) {
    const std::size_t index = program.transfers.size();
    auto t = transfer_of(row).within(fmt::format("dma[{}]", index));
    if (!t)
      TRY(faults.take(FindingId::Transfer, std::move(t).error(), path,
                      fmt::format("/dma/{}", index)));
    program.transfers.push_back(t ? *std::move(t) : Transfer{});
  }
  return {};
}

}  // namespace

Result<EngineProgram> engine_of(const MemberIndex& members, const std::string& directory,
                                const std::string& token, const Json& definition,
                                const Faults& faults) {
  EngineProgram program;
  program.token = token;
  const auto where = directory + "def.json";
  program.json_name = TRY(json::get<std::string>(definition, token).within(where));
  const std::string path = directory + program.json_name;
  const auto engine = TRY(members.json(path));
  program.bin_name = TRY(optional_of<std::string>(definition, token + "_instr", "").within(where));
  if (program.bin_name.empty())
    program.bin_name = TRY(json::get<std::string>(engine, "instr").within(path));
  const Member* bin = TRY(members.get(directory + program.bin_name));
  program.instructions = bin->bytes;
  if (bin->bytes.size() % kInstructionBytes != 0)
    TRY(faults.take(
        FindingId::Engine,
        fail(Code::Malformed, "{} bytes, expected a multiple of {}, the instruction size",
             bin->bytes.size(), kInstructionBytes),
        bin->path, ""));
  TRY(fill_from_json(program, engine, path, faults));
  return program;
}

}  // namespace neuron::neff
