// SPDX-License-Identifier: Apache-2.0
#include "cmd/run_outputs.h"

#include <algorithm>
#include <numeric>

#include "base/npy.h"
#include "base/numbers.h"

namespace neuron::cmd {
namespace {

/// Where an output goes: NAME.out holds raw bytes, NAME.npy an array.
Result<fs::path> save(const OutputWishes& o, const nrt::Port& port, const Tensor& value) {
  const fs::path path = o.directory / (nrt::file_name_of(port.name) + (o.npy ? ".npy" : ".out"));
  TRY(write_file(path, o.npy ? npy::bytes_of(value) : value.bytes));
  return path;
}

Result<std::vector<std::string>> read_labels(const fs::path& path) {
  std::vector<std::string> labels;
  if (path.empty()) return labels;
  const auto bytes = TRY(read_file(path));
  auto text = text_of(bytes);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    labels.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return labels;
}

/// The `top` largest elements, with their labels where there are some.
void print_top(Terminal& io, const OutputWishes& o, const Tensor& value,
               const std::vector<std::string>& labels) {
  std::vector<float> numbers(static_cast<std::size_t>(count_of(value.shape)));
  to_floats(value.bytes, value.type, numbers);
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(o.top), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) { return numbers[a] > numbers[b]; });
  for (std::size_t i = 0; i < count; ++i)
    io.out << fmt::format(
        "  {:>2}. {:<16} {:.6g}\n", i + 1,
        order[i] < labels.size() ? labels[order[i]] : fmt::format("[{}]", order[i]),
        numbers[order[i]]);
}

Result<> make_directory(const fs::path& directory) {
  std::error_code status;
  if (!directory.empty()) fs::create_directories(directory, status);
  if (!status) return {};
  return fail(Code::Io, "{}: cannot create: {}", directory.string(), status.message());
}

}  // namespace

Json json_of(const nrt::Port& port) {
  return {{"name", port.name},
          {"dtype", name_of(port.type)},
          {"shape", port.shape},
          {"bytes", port.size}};
}

Result<> show_outputs(const OutputWishes& o, const Outputs& outputs, Terminal& io, Json& report) {
  const auto labels = TRY(read_labels(o.labels));
  TRY(make_directory(o.directory));
  for (const nrt::Port& port : outputs.ports) {
    const Tensor value = TRY(outputs.read(port));
    report["outputs"].push_back(json_of(port));
    fs::path path;
    if (o.save) path = TRY(save(o, port, value));
    if (o.save) report["outputs"].back()["file"] = path.string();
    if (o.json) continue;
    io.out << fmt::format("{}: {} {}{}\n", port.name, name_of(port.type), text_of(port.shape),
                          o.save ? " -> " + path.string() : "");
    if (o.top > 0) print_top(io, o, value, labels);
  }
  return {};
}

Result<> check_expected(const OutputWishes& o, const Outputs& outputs, Terminal& io) {
  for (const auto& pair : o.expected) {
    const std::string &name = pair.first, &file = pair.second;
    const auto port = std::find_if(outputs.ports.begin(), outputs.ports.end(),
                                   [&](const nrt::Port& p) { return p.name == name; });
    if (port == outputs.ports.end())
      return fail(Code::NotFound, "the model has no output {}", name);
    const Tensor value = TRY(outputs.read(*port));
    Tensor expected{port->type, port->shape, {}};
    expected.bytes = TRY(read_file(file));
    if (npy::is_npy(expected.bytes)) expected = TRY(npy::parse(expected.bytes).within(file));
    const auto d = TRY(compare(value, expected, o.tolerance).within(file));
    if (d.outside > 0)
      return fail(Code::Mismatch,
                  "output {}: {} of {} elements differ from {}; most at {}: {:g}, expected {:g}",
                  name, d.outside, d.elements, file, d.worst, d.value, d.expected);
    if (!o.json) io.out << fmt::format("{}: as in {}\n", name, file);
  }
  return {};
}

void bind_outputs(CLI::App& app, OutputWishes& o) {
  app.add_option("-o,--output-dir", o.directory, "directory for outputs, made when missing")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_flag("--npy", o.npy, "write outputs as .npy arrays");
  app.add_flag("!--no-save", o.save, "write no outputs");
  app.add_option("--top", o.top, "show the K largest elements of each output")
      ->type_name("K")
      ->check(CLI::PositiveNumber);
  app.add_option("--labels", o.labels, "names of the elements for --top, a line each")
      ->type_name("FILE");
  app.add_flag("--json", o.json, "report as JSON");
  app.add_option("--expect", o.expected, "output and .npy or raw file that it must be near to")
      ->type_name("NAME FILE");
  app.add_option("--rtol", o.tolerance.relative, "relative tolerance of --expect")
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--atol", o.tolerance.absolute, "absolute tolerance of --expect")
      ->type_name("X")
      ->capture_default_str();
}

}  // namespace neuron::cmd
