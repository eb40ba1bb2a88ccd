// SPDX-License-Identifier: Apache-2.0
// The debugger looks on as the reference interpreter runs, and stops between two steps. A step is
// one instruction or one transfer.
#include "sim/debug.h"

#include <algorithm>
#include <sstream>

#include "base/numbers.h"
#include "sim/access.h"
#include "sim/debug_places.h"
#include "sim/interpreter.h"
#include "sim/watch.h"

namespace neuron::sim {
namespace {

struct Break {
  std::string text;
  int core = -1, engine = -1, pc = -1;
  std::string layer, opcode;
  int semaphore = -1;
  std::uint64_t value = 0;
  bool is_reached = false;  ///< semaphores stop once
};
struct Watch {
  std::string text;
  std::span<const std::byte> memory;
  Bytes before;
};

class Debugger : public Watcher {
 public:
  Debugger(std::span<const Part> parts, const DebugNames& names, std::istream& in,
           std::ostream& out, const DebugOptions& options)
      : parts_(parts), names_(names), in_(in), out_(out), options_(options) {}

  Result<> before(const Moment& m) override {
    if (machines_.size() <= m.core) machines_.resize(m.core + 1);
    machines_[m.core] = &m.machine;
    if (!should_stop(m)) return {};
    out_ << line_of(m) << "\n";
    return talk();
  }
  Result<> after(const Moment&) override {
    if (steps_left_ > 0) --steps_left_;
    return {};
  }
  /// The program has come to its end: memory may still be looked at.
  Result<> finish() {
    out_ << "the program has ended\n";
    at_end_ = true;
    return talk();
  }
  bool has_quit() const { return quit_; }
  int mistakes() const { return mistakes_; }
  int differences() const { return differences_; }

 private:
  // --- when to stop

  bool should_stop(const Moment& m) {
    if (steps_left_ == 0) return true;
    bool stop = !m.transfer && step_engine_ == static_cast<int>(m.engine) &&
                std::exchange(step_engine_, -1) >= 0;
    for (Break& b : breaks_) stop |= is_at(b, m);
    for (Watch& w : watches_) {
      if (std::ranges::equal(w.memory, w.before)) continue;
      out_ << "changed: " << w.text << "\n";
      w.before.assign(w.memory.begin(), w.memory.end());
      stop = true;
    }
    return stop;
  }

  bool is_at(Break& b, const Moment& m) {
    if (b.core >= 0 && b.core != static_cast<int>(m.core)) return false;
    if (b.semaphore >= 0) {
      const bool high = m.machine.semaphore(static_cast<std::uint8_t>(b.semaphore)) >= b.value;
      return high && !std::exchange(b.is_reached, true);
    }
    if (m.transfer) return false;
    if (!b.opcode.empty()) return b.opcode == opcode_at(m);
    if (!b.layer.empty())
      return names_.name_of(m.core, m.engine, m.pc).find(b.layer) != std::string::npos;
    return b.engine == static_cast<int>(m.engine) && b.pc == static_cast<int>(m.pc);
  }

  static const char* opcode_at(const Moment& m) {
    const auto& stream = m.machine.loaded().program.streams[static_cast<std::size_t>(m.engine)];
    return isa::find_op(isa::opcode_of(stream[m.pc]))->text;
  }

  // --- talking

  Result<> talk() {
    for (std::string line;;) {
      out_ << options_.prompt << std::flush;
      if (!std::getline(in_, line)) {  // a script that ends lets the program run on
        steps_left_ = -1;
        breaks_.clear();
        watches_.clear();
        return {};
      }
      Words words;
      std::istringstream split(line);
      for (std::string word; split >> word && word[0] != '#';) words.push_back(word);
      if (words.empty() && line.find('#') == std::string::npos && !options_.prompt.empty())
        words = last_;
      if (words.empty()) continue;
      last_ = words;
      if (options_.prompt.empty()) out_ << "> " << line << "\n";
      if (words[0] == "quit") {
        quit_ = true;
        return fail(Code::Interrupted, "quit");
      }
      if (run(words)) return {};
    }
  }

  /// True when the program shall go on.
  bool run(const Words& w) {
    const std::string_view verb = command_in(w[0]);
    if (verb == "step") return step(w);
    if (verb == "continue") {
      steps_left_ = -1;
      return can_go_on();
    }
    if (verb == "break")
      add_break(w);
    else if (verb == "watch")
      add_watch(w);
    else if (verb == "stops")
      list_stops();
    else if (verb == "delete")
      forget(w);
    else if (verb == "print")
      print(w);
    else if (verb == "expect")
      expect(w);
    else if (verb == "where")
      where();
    else if (verb == "disassemble")
      disassemble(w);
    else if (verb == "help")
      out_ << help_text();
    else
      mistake("no command '" + w[0] + "'; help lists them");
    return false;
  }

  bool can_go_on() {
    if (at_end_) mistake("the program has ended");
    return !at_end_;
  }
  bool step(const Words& w) {
    int count = 1;
    if (const int engine = w.size() == 2 ? engine_in(w[1]) : -1; engine >= 0) {
      steps_left_ = -1;
      step_engine_ = engine;
      return can_go_on();
    }
    if (w.size() > 1 && (!number_in(w[1], count) || count < 1)) {
      mistake("step takes a number or an engine");
      return false;
    }
    steps_left_ = count;
    return can_go_on();
  }

  void mistake(const std::string& text) {
    ++mistakes_;
    out_ << "? " << text << "\n";
  }

  void add_break(const Words& w) {
    Break b;
    if (w.size() == 3 && w[1] == "layer") {
      b.layer = w[2];
    } else if (w.size() == 3 && w[1] == "opcode") {
      b.opcode = w[2];
    } else if (w.size() == 4 && w[1] == "semaphore") {
      if (!number_in(w[2], b.semaphore) || b.semaphore > 255 || !number_in(w[3], b.value))
        return mistake("break semaphore takes a number below 256 and a value");
    } else if (w.size() != 2 || !place_in_program(w[1], b.core, b.engine, b.pc) || b.pc < 0) {
      return mistake("break takes ENGINE:PC, layer NAME, opcode NAME, or semaphore N VALUE");
    }
    b.text = text_of(w);
    breaks_.push_back(b);
  }
  static std::string text_of(const Words& w) {
    std::string out;
    for (std::size_t i = 1; i < w.size(); ++i) out += (i > 1 ? " " : "") + w[i];
    return out;
  }

  void list_stops() {
    std::size_t number = 0;
    for (const Break& b : breaks_) out_ << fmt::format("{}  break {}\n", ++number, b.text);
    for (const Watch& w : watches_) out_ << fmt::format("{}  watch {}\n", ++number, w.text);
    if (number == 0) out_ << "no stops\n";
  }
  void forget(const Words& w) {
    std::size_t number = 0;
    if (w.size() == 1) return breaks_.clear(), watches_.clear();
    if (w.size() != 2 || !number_in(w[1], number) || number < 1 ||
        number > breaks_.size() + watches_.size())
      return mistake("delete takes the number of a stop; stops lists them");
    const auto at = static_cast<std::ptrdiff_t>(number - 1);
    const auto breaks = static_cast<std::ptrdiff_t>(breaks_.size());
    if (at < breaks)
      breaks_.erase(breaks_.begin() + at);
    else
      watches_.erase(watches_.begin() + (at - breaks));
  }

  /// "pe:5", "sg01/pe:5", "Vector".
  bool place_in_program(std::string_view word, int& core, int& engine, int& pc) const {
    if (const auto slash = word.find('/'); slash != std::string_view::npos) {
      for (std::size_t c = 0; c < parts_.size(); ++c)
        if (parts_[c].loaded->program.name == word.substr(0, slash)) core = static_cast<int>(c);
      if (core < 0) return false;
      word.remove_prefix(slash + 1);
    }
    const auto colon = std::min(word.find(':'), word.size());
    engine = engine_in(word.substr(0, colon));
    if (colon < word.size() && !number_in(std::string(word.substr(colon + 1)), pc)) return false;
    return engine >= 0;
  }

  // --- memory

  void print(const Words& w) {
    if (w.size() == 3 && w[1] == "semaphore") {
      unsigned n = 256;
      if (!number_in(w[2], n) || n > 255) return mistake("semaphores are 0 to 255");
      for (std::size_t c = 0; c < machines_.size(); ++c)
        if (machines_[c])
          out_ << fmt::format("{} S[{}] = {}\n", parts_[c].loaded->program.name, n,
                              machines_[c]->semaphore(static_cast<std::uint8_t>(n)));
      return;
    }
    if (w.size() == 4 && w[1] == "register") return print_register(w);
    Place place = place_in(w, 1, parts_, names_);
    if (place.bytes.empty())
      return mistake(
          "print takes sbuf PARTITION OFFSET, psum BANK PARTITION OFFSET, a variable, "
          "semaphore N, or register ENGINE N");
    std::size_t count = 8;
    for (std::size_t i = 1 + place.words; i < w.size(); ++i) {
      if (number_in(w[i], count)) continue;
      const auto type = dtype_named(w[i]);
      if (!type) return mistake("'" + w[i] + "' is no number and no type");
      place.type = *type;
    }
    count = std::min(count, place.bytes.size() / size_of(place.type));
    out_ << name_of(place.type);
    for (std::size_t i = 0; i < count; ++i)
      out_ << fmt::format(" {:.6g}", load_as_float(place.bytes, i, place.type));
    out_ << "\n";
  }

  void print_register(const Words& w) {
    unsigned n = kRegisters;
    const int engine = engine_in(w[2]);
    if (engine < 0 || !number_in(w[3], n) || n >= kRegisters)
      return mistake("print register takes an engine and a number below 64");
    for (std::size_t c = 0; c < machines_.size(); ++c)
      if (machines_[c])
        out_ << fmt::format("{} {} R[{}] = {}\n", parts_[c].loaded->program.name,
                            isa::info(static_cast<isa::Engine>(engine)).shown, n,
                            machines_[c]->register_of(engine, static_cast<std::uint8_t>(n)));
  }

  void expect(const Words& w) {
    const Comparison c = compare(w, parts_, names_);
    if (!c.mistake.empty()) return mistake(c.mistake);
    for (const std::string& difference : c.differences) out_ << "? " << difference << "\n";
    differences_ += static_cast<int>(c.differences.size());
  }

  void add_watch(const Words& w) {
    const Place place = place_in(w, 1, parts_, names_);
    std::size_t bytes = 0;
    if (place.bytes.empty() || w.size() != place.words + 2 || !number_in(w.back(), bytes) ||
        bytes == 0 || bytes > place.bytes.size())
      return mistake("watch takes a place and a number of bytes in it");
    Watch watch{text_of(w), place.bytes.first(bytes), {}};
    watch.before.assign(watch.memory.begin(), watch.memory.end());
    watches_.push_back(std::move(watch));
  }

  // --- the program

  std::string text_at(std::size_t core, int e, std::uint32_t pc) const {
    const auto& stream = parts_[core].loaded->program.streams[static_cast<std::size_t>(e)];
    const auto engine = static_cast<isa::Engine>(e);
    std::string text = isa::text_of(stream[pc]);
    text.erase(text.find_last_not_of(' ') + 1);
    const std::string name = names_.name_of(core, engine, pc);
    return fmt::format("{} {:<6} {:>5}  {}{}", parts_[core].loaded->program.name,
                       isa::info(engine).shown, pc, text, name.empty() ? "" : "  ; " + name);
  }
  std::string line_of(const Moment& m) const {
    return (m.transfer ? "transfer of " : "") + text_at(m.core, static_cast<int>(m.engine), m.pc);
  }

  void where() {
    for (std::size_t c = 0; c < parts_.size(); ++c)
      for (int e = 0; e < isa::kEngines; ++e) {
        const auto& stream = parts_[c].loaded->program.streams[static_cast<std::size_t>(e)];
        const std::uint32_t pc = c < machines_.size() && machines_[c] ? machines_[c]->pc(e)
                                 : at_end_                            ? ~0u
                                                                      : 0;
        if (pc < stream.size()) out_ << text_at(c, e, pc) << "\n";
      }
  }

  void disassemble(const Words& w) {
    int core = -1, engine = -1, pc = -1;
    if (w.size() != 2 || !place_in_program(w[1], core, engine, pc))
      return mistake("disassemble takes ENGINE or ENGINE:PC");
    const auto c = static_cast<std::size_t>(std::max(core, 0));
    if (pc < 0)
      pc = c < machines_.size() && machines_[c] ? static_cast<int>(machines_[c]->pc(engine)) : 0;
    const auto size = static_cast<int>(
        parts_[c].loaded->program.streams[static_cast<std::size_t>(engine)].size());
    for (int i = std::max(pc - 2, 0); i < std::min(pc + 3, size); ++i)
      out_ << (i == pc ? "=> " : "   ") << text_at(c, engine, static_cast<std::uint32_t>(i))
           << "\n";
  }

  std::span<const Part> parts_;
  const DebugNames& names_;
  std::istream& in_;
  std::ostream& out_;
  const DebugOptions& options_;
  std::vector<const Interpreter*> machines_;
  std::vector<Break> breaks_;
  std::vector<Watch> watches_;
  int steps_left_ = 0;    ///< 0 stop now, -1 run
  int step_engine_ = -1;  ///< stop at its next instruction
  int mistakes_ = 0, differences_ = 0;
  Words last_;
  bool quit_ = false, at_end_ = false;
};

}  // namespace

Result<> debug(std::span<const Part> parts, const DebugNames& names, std::istream& in,
               std::ostream& out, const DebugOptions& options) {
  Debugger debugger(parts, names, in, out, options);
  auto ran = execute_watched(parts, &debugger);
  if (ran) ran = debugger.finish();
  if (debugger.has_quit()) ran = {};
  if (ran && options.strict && debugger.mistakes() > 0)
    return fail(Code::BadUsage, "{} command{} not understood", debugger.mistakes(),
                debugger.mistakes() == 1 ? " was" : "s were");
  if (ran && options.strict && debugger.differences() > 0)
    return fail(Code::ExecutionFault, "{} element{} not as expected", debugger.differences(),
                debugger.differences() == 1 ? " is" : "s are");
  return ran;
}

}  // namespace neuron::sim
