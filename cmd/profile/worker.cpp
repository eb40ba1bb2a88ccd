// SPDX-License-Identifier: Apache-2.0
#include "cmd/profile/worker.h"

#include "base/digest.h"
#include "base/npy.h"
#include "nrt/session.h"

namespace neuron::cmd {
namespace {

bool is_traced(const CaptureOptions& o, int execution) {
  if (o.disable_profile || o.every == 0) return false;
  if (o.every < 0) return execution == o.executions;
  return execution % o.every == 0;
}

/// Digests of all outputs; equal executions have equal ones.
Result<std::vector<std::string>> digests_of(const nrt::Session& session) {
  std::vector<std::string> digests;
  for (const nrt::Port& port : session.outputs()) {
    const Tensor value = TRY(session.read(port));
    digests.push_back(hex(sha1(value.bytes)));
  }
  return digests;
}

Result<> compare(const nrt::Session& session, const std::vector<std::string>& first,
                 int execution) {
  const auto now = TRY(digests_of(session));
  for (std::size_t i = 0; i < now.size(); ++i)
    if (now[i] != first[i])
      return fail(Code::Mismatch,
                  "output {} of execution {} differs from that of execution 1 (sha1 {}, {})",
                  session.outputs()[i].name, execution, now[i].substr(0, 8), first[i].substr(0, 8));
  return {};
}

Result<> save_outputs(const CaptureOptions& o, const nrt::Session& session, int rank,
                      Terminal& io) {
  for (const nrt::Port& port : session.outputs()) {
    const Tensor value = TRY(session.read(port));
    std::string name = nrt::file_name_of(port.name);
    if (rank >= 0) name += fmt::format("_rank_{}", rank);
    const fs::path raw = o.session_file.parent_path() / name;
    const fs::path npy = o.session_file.parent_path() / (name + ".npy");
    if (o.save_raw) TRY(write_file(raw, value.bytes));
    if (o.save_npy) TRY(write_file(npy, npy::bytes_of(value)));
    if (o.save_raw) io.out << fmt::format("Output {} written to {}\n", port.name, raw.string());
    if (o.save_npy) io.out << fmt::format("Output {} written to {}\n", port.name, npy.string());
  }
  return {};
}

/// One execution, traced into `file` unless that is empty.
Result<> execute(nrt::Session& session, const fs::path& file) {
  if (!file.empty()) TRY(session.start_profile(file));
  auto done = session.execute();
  // A session that saw no execution cannot be closed well; the first failure is the one to tell.
  auto stopped = file.empty() ? Result<>() : session.stop_profile(file);
  return done ? std::move(stopped) : std::move(done);
}

std::string with_suffix(const fs::path& file, const std::string& suffix) {
  std::string name = file.filename().string();
  const auto dot = name.find('.', 1);
  return name.insert(std::min(dot, name.size()), suffix);
}

}  // namespace

fs::path session_file_of(const fs::path& file, int rank, int execution) {
  std::string suffix;
  if (rank >= 0) suffix += fmt::format("_rank_{}", rank);
  if (execution >= 0) suffix += fmt::format("_exec_{}", execution);
  return suffix.empty() ? file : file.parent_path() / with_suffix(file, suffix);
}

Result<> capture_worker(const CaptureOptions& o, const std::vector<std::string>& inputs, int rank,
                        Terminal& io) {
  auto session = TRY(nrt::Session::open(o.neff, {static_cast<std::uint32_t>(std::max(rank, 0)),
                                                 static_cast<std::uint32_t>(o.ranks)}));
  TRY(session.set_inputs(inputs));
  for (const nrt::Port& port : session.inputs())
    if (!port.is_set) io.err << fmt::format("Input tensor {} will be zero-filled\n", port.name);
  const Progress progress = progress_of(io);
  std::vector<std::string> first;
  for (int i = 1; i <= o.executions; ++i) {
    const fs::path file =
        is_traced(o, i) ? session_file_of(o.session_file, rank, o.every > 0 ? i : -1) : fs::path();
    auto done = execute(session, file);
    if (!done && !o.ignore_errors) return done;
    if (!done) io.err << fmt::format("execution {}: {}\n", i, done.error().message);
    if (done && !file.empty())
      io.out << fmt::format("Profile of execution {} written to {}\n", i, file.string());
    if (o.check_determinism && done) {
      if (first.empty()) first = TRY(digests_of(session));
      TRY(compare(session, first, i));
    }
    if (progress)
      progress("executing", static_cast<std::uint64_t>(i),
               static_cast<std::uint64_t>(o.executions));
  }
  if (o.check_determinism)
    io.out << fmt::format("Outputs of {} executions are equal\n", o.executions);
  return save_outputs(o, session, rank, io);
}

}  // namespace neuron::cmd
