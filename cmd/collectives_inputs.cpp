// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <sstream>

#include "cmd/collectives_options.h"

namespace neuron::cmd {
namespace {

/// "8", "1kb", "32M", "1GB": bytes in powers of 1024.
Result<std::uint64_t> bytes_of(const char* option, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, text.data() + text.size());
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (unit.size() == 2 && unit[1] == 'b') unit.pop_back();
  const std::string units = "bkmg";
  const auto power = unit.empty() ? 0 : units.find(unit);
  const bool is_good = status == std::errc() && unit.size() <= 1 && power != std::string::npos &&
                       value > 0 && value <= (std::uint64_t{1} << 40 >> (10 * power));
  if (is_good) return value << (10 * power);
  return fail(Code::BadUsage, "{} is {}, expected a size such as 8, 1kb, 32M or 1GB", option, text);
}

Result<std::vector<std::uint64_t>> sizes_of(const CollectivesOptions& o) {
  const auto first = TRY(bytes_of("--minbytes", o.minimum));
  const auto last = TRY(bytes_of("--maxbytes", o.maximum));
  if (last < first)
    return fail(Code::BadUsage, "--maxbytes {} is less than --minbytes {}", o.maximum, o.minimum);
  std::uint64_t step = std::max<std::uint64_t>(1, (last - first) / 10);
  if (!o.step.empty()) step = TRY(bytes_of("--stepbytes", o.step));
  if (o.factor == 1) return fail(Code::BadUsage, "--stepfactor is 1, expected 2 or more");
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t size = first; size <= last && sizes.size() < 10000;
       size = o.factor ? size * o.factor : size + step)
    sizes.push_back(size);
  return sizes;
}

Result<Json> json_in(const fs::path& path) {
  const Bytes bytes = TRY(read_file(path));
  return json::parse(bytes).within(path.string());
}

template <class T>
Result<std::vector<T>> numbers_of(const Json* list, const char* what) {
  std::vector<T> numbers;
  if (!list || !list->is_array()) return fail(Code::Malformed, "{} is no list", what);
  for (const Json& number : *list) {
    if (!json::holds<T>(number)) return fail(Code::Malformed, "{} holds no number", what);
    numbers.push_back(number.get<T>());
  }
  return numbers;
}

/// {"replica_groups": [[[0, 1], [2, 3]]]}, or the inner list alone.
Result<std::vector<std::vector<std::uint32_t>>> groups_in(const fs::path& path, const char* key) {
  const Json all = TRY(json_in(path));
  const Json* list = all.is_array() ? &all : json::find(all, key);
  const auto is_nested = [](const Json* j) {
    return j && j->is_array() && !j->empty() && (*j)[0].is_array() && !(*j)[0].empty() &&
           (*j)[0][0].is_array();
  };
  if (is_nested(list)) list = &(*list)[0];
  if (!list || !list->is_array())
    return fail(Code::Malformed, "{}: \"{}\" is no list", path.string(), key);
  std::vector<std::vector<std::uint32_t>> groups;
  for (const Json& row : *list) {
    auto group = TRY(numbers_of<std::uint32_t>(&row, key).within(path.string()));
    groups.push_back(std::move(group));
  }
  return groups;
}

Result<nrt::cc::Pairs> pairs_in(const fs::path& path) {
  nrt::cc::Pairs pairs;
  const auto rows = TRY(groups_in(path, "src_target_pairs"));
  for (const auto& pair : rows) {
    if (pair.size() != 2)
      return fail(Code::Malformed, "{}: a pair has {} ranks", path.string(), pair.size());
    pairs.emplace_back(pair[0], pair[1]);
  }
  return pairs;
}

Result<std::vector<nrt::cc::Metadata>> metadata_in(const fs::path& path) {
  const Json all = TRY(json_in(path));
  const Json* rows = json::find(all, "metadata");
  if (!rows || !rows->is_array() || rows->empty())
    return fail(Code::Malformed, "{}: \"metadata\" is no list", path.string());
  std::vector<nrt::cc::Metadata> metadata;
  for (const Json& row : *rows) {
    const auto list = [&](const char* key) {
      return numbers_of<std::size_t>(json::find(row, key), key).within(path.string());
    };
    nrt::cc::Metadata m;
    m.send_counts = TRY(list("send_counts"));
    m.send_offsets = TRY(list("send_displs"));
    m.receive_counts = TRY(list("recv_counts"));
    m.receive_offsets = TRY(list("recv_displs"));
    metadata.push_back(std::move(m));
  }
  return metadata;
}

}  // namespace

Result<const nrt::cc::Benchmark*> operation_of(CollectivesOptions& o) {
  for (auto* list : {&o.check, &o.shown.stats, &o.hosts})
    if (o.operation.empty() && !list->empty() && nrt::cc::find_benchmark(list->back())) {
      o.operation = list->back();
      list->pop_back();
    }
  if (const auto* found = nrt::cc::find_benchmark(o.operation)) return found;
  std::string names;
  for (const auto& b : nrt::cc::benchmarks())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", b.name);
  if (o.operation.empty()) return fail(Code::BadUsage, "an operation is needed: {}", names);
  return fail(Code::BadUsage, "unknown operation '{}', expected {}", o.operation, names);
}

Result<nrt::cc::BenchmarkOptions> benchmark_options(const CollectivesOptions& o,
                                                    const nrt::cc::Benchmark& benchmark) {
  nrt::cc::BenchmarkOptions b;
  b.sizes = TRY(sizes_of(o));
  b.type = TRY(type_of_short_name(o.type));
  b.iterations = o.iterations * o.neff_iterations;
  b.warm_up = o.warm_up * (o.neff_iterations + o.neff_warm_up) + o.iterations * o.neff_warm_up;
  b.is_checked = !o.check.empty();
  b.is_all_ones = b.is_checked && o.check[0] == "all_ones";
  b.seed = o.seed;
  b.has_own_buffers = o.has_own_buffers;
  b.shares_output = o.shares_output;
  if (b.is_checked && !b.is_all_ones && o.check[0] != "random")
    return fail(Code::BadUsage, "--check is {}, expected random or all_ones", o.check[0]);
  if (!o.groups.empty()) b.groups = TRY(groups_in(o.groups, "replica_groups"));
  if (!o.pairs.empty()) b.pairs = TRY(pairs_in(o.pairs));
  if (!o.metadata.empty()) b.metadata = TRY(metadata_in(o.metadata));
  if (benchmark.has_metadata && b.metadata.empty())
    return fail(Code::BadUsage, "{} needs --variable-size-op-metadata", benchmark.name);
  return b;
}

Result<std::vector<std::string>> hosts_of(const CollectivesOptions& o) {
  std::vector<std::string> hosts = o.hosts;
  if (!o.hosts_file.empty()) {
    const Bytes bytes = TRY(read_file(o.hosts_file));
    std::istringstream lines{std::string(text_of(bytes))};
    for (std::string word; lines >> word;) hosts.push_back(word);
  }
  if (o.nodes > 1 && hosts.size() != o.nodes)
    return fail(Code::BadUsage, "--nnodes is {}, --hosts names {}", o.nodes, hosts.size());
  if (hosts.empty()) hosts.push_back("localhost");
  return hosts;
}

}  // namespace neuron::cmd
