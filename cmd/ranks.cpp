// SPDX-License-Identifier: Apache-2.0
#include "cmd/ranks.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "base/bytes.h"
#include "nrt/collectives/wire.h"
#include "nrt/settings.h"

namespace neuron::cmd {
namespace {

struct Child {
  pid_t pid = -1;
  int fd = -1;
};

void write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void put_text(Writer& out, const std::string& text) {
  out.put(static_cast<std::uint64_t>(text.size()));
  out.append(text);
}
std::string take_text(Reader& in) {
  return std::string(text_of(in.take(in.take<std::uint64_t>())));
}

/// What a child says goes home in one piece: code of the failure or -1, its line, output, errors.
[[noreturn]] void run_child(int fd, int rank, int place, bool color,
                            const std::function<Result<>(int, Terminal&)>& work) {
  // A worker is one process on a NeuronCore of its own, unless the user has said which.
  ::setenv("NEURON_RT_VISIBLE_CORES", std::to_string(place).c_str(), 0);
  std::ostringstream out, err;
  Terminal io{out, err, color, false};
  const auto done = work(rank, io);
  Writer report;
  report.put(done ? std::int32_t{-1} : static_cast<std::int32_t>(done.error().code));
  put_text(report, done ? "" : done.error().message);
  put_text(report, out.str());
  put_text(report, err.str());
  write_all(fd, report.bytes());
  ::_exit(0);
}

Result<> hear(const Child& child, int rank, Terminal& io) {
  Bytes bytes(1 << 16);
  std::size_t size = 0;
  for (;;) {
    if (size == bytes.size()) bytes.resize(bytes.size() * 2);
    const auto got = ::read(child.fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) continue;
  Reader in(ByteView(bytes).first(size));
  const auto code = in.take<std::int32_t>();
  const std::string message = take_text(in), out = take_text(in), err = take_text(in);
  if (!in.ok() || !WIFEXITED(status))
    return fail(Code::Internal, "worker {} ended without a word (signal {})", rank,
                WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  io.out << out;
  io.err << err;
  if (code < 0) return {};
  return Error{static_cast<Code>(code), message}.within(fmt::format("worker {}", rank));
}

/// What a rank says when another one did not do its part: that one may know more.
bool is_echo(const Error& error) {
  return error.code == Code::Timeout || error.code == Code::ExecutionFault;
}

}  // namespace

Result<> for_each_rank(int first, int count, Terminal& io,
                       const std::function<Result<>(int rank, Terminal& io)>& work) {
  io.out.flush();
  io.err.flush();
  std::vector<Child> children;
  Result<> result;
  for (int i = 0; i < count && result; ++i) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) {
      result = fail(Code::NoResource, "cannot start worker {}: {}", i, std::strerror(errno));
      break;
    }
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::close(ends[0]);
      run_child(ends[1], first + i, i, io.color, work);
    }
    ::close(ends[1]);
    if (pid < 0) {
      ::close(ends[0]);
      result = fail(Code::NoResource, "cannot start worker {}: {}", i, std::strerror(errno));
      break;
    }
    children.push_back({pid, ends[0]});
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    auto heard = hear(children[i], first + static_cast<int>(i), io);
    ::close(children[i].fd);
    if (!heard && (result || (is_echo(result.error()) && !is_echo(heard.error()))))
      result = std::move(heard);
  }
  return result;
}

Result<> choose_meeting_place() {
  if (!nrt::settings::text("NEURON_RT_ROOT_COMM_ID").empty()) return {};
  nrt::cc::RootId id{"127.0.0.1", "0"};
  const int listener = TRY(nrt::cc::listen(id));
  ::close(listener);  // rank 0 opens it
  ::setenv("NEURON_RT_ROOT_COMM_ID", id.text().c_str(), 1);
  return {};
}

fs::path named_for_rank(const fs::path& neff, std::uint32_t rank) {
  return neff.parent_path() /
         fmt::format("{}.rank{}{}", neff.stem().string(), rank, neff.extension().string());
}

fs::path package_of_rank(const fs::path& neff, int rank) {
  const fs::path own = named_for_rank(neff, static_cast<std::uint32_t>(rank));
  std::error_code status;
  return fs::exists(own, status) ? own : neff;
}

}  // namespace neuron::cmd
