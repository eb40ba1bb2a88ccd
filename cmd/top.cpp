// SPDX-License-Identifier: Apache-2.0
#include "host/top.h"

#include <signal.h>
#include <unistd.h>

#include <clocale>
#include <thread>

#include "cmd/command.h"
#include "host/observe.h"
#include "host/sysfs.h"

#define NCURSES_NOMACROS
#include <curses.h>

namespace neuron::cmd {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  bool once = false, json = false, flops = false;
  double interval_s = 1;
  std::size_t width = 120;
  std::string tag = "all";
};

volatile sig_atomic_t stopped = 0;

/// The terminal in full-screen mode; as it was when this ends. curses itself writes only what
/// changed, so that redrawing does not flicker.
class Screen {
 public:
  static Result<std::unique_ptr<Screen>> open() {
    std::setlocale(LC_CTYPE, "");
    std::unique_ptr<Screen> screen(new Screen);
    screen->terminal_ = ::newterm(nullptr, stdout, stdin);
    if (!screen->terminal_)
      return fail(Code::BadUsage, "TERM={} is no terminal that can be drawn on; use --once",
                  std::getenv("TERM") ? std::getenv("TERM") : "");
    ::raw();  // Ctrl-C comes as a key, so that the terminal is left in order
    ::noecho();
    ::keypad(::stdscr, true);
    ::curs_set(0);
    ::set_escdelay(25);
    struct sigaction stop {};
    stop.sa_handler = [](int) { stopped = 1; };
    ::sigaction(SIGTERM, &stop, nullptr);
    ::sigaction(SIGHUP, &stop, nullptr);
    start_colors();
    return screen;
  }
  ~Screen() {
    if (!terminal_) return;
    ::endwin();
    ::delscreen(terminal_);
  }

  std::size_t width() const { return static_cast<std::size_t>(::getmaxx(::stdscr)); }
  std::size_t height() const { return static_cast<std::size_t>(::getmaxy(::stdscr)); }

  void draw(const std::vector<host::ScreenLine>& lines) {
    ::werase(::stdscr);
    for (std::size_t y = 0; y < lines.size() && y < height(); ++y) {
      ::wmove(::stdscr, static_cast<int>(y), 0);
      for (const host::Span& span : lines[y]) {
        ::wattrset(::stdscr, static_cast<int>(attribute(span.ink)));
        ::waddnstr(::stdscr, span.text.c_str(), -1);
        if (::getcury(::stdscr) != static_cast<int>(y)) break;  // the terminal is too narrow
      }
    }
    ::wattrset(::stdscr, A_NORMAL);
    ::wrefresh(::stdscr);
  }
  /// ERR after `wait`, a size change as KEY_RESIZE.
  int key(std::chrono::milliseconds wait) {
    ::wtimeout(::stdscr, static_cast<int>(wait.count()));
    return ::wgetch(::stdscr);
  }

 private:
  Screen() = default;

  static void start_colors() {
    ::start_color();
    ::use_default_colors();
    for (const auto& [ink, front, back] : {std::tuple{host::Ink::Title, COLOR_WHITE, COLOR_BLUE},
                                           {host::Ink::Section, COLOR_BLACK, COLOR_CYAN},
                                           {host::Ink::Head, COLOR_CYAN, -1},
                                           {host::Ink::Full, COLOR_GREEN, -1},
                                           {host::Ink::Half, COLOR_RED, -1},
                                           {host::Ink::Rest, -1, -1},
                                           {host::Ink::Selected, COLOR_WHITE, COLOR_RED},
                                           {host::Ink::TabOn, COLOR_GREEN, COLOR_BLUE},
                                           {host::Ink::TabOff, COLOR_WHITE, COLOR_BLUE},
                                           {host::Ink::Hint, COLOR_CYAN, -1}})
      ::init_pair(static_cast<short>(ink), static_cast<short>(front), static_cast<short>(back));
  }
  static attr_t attribute(host::Ink ink) {
    const attr_t color = ink == host::Ink::Plain ? 0 : COLOR_PAIR(static_cast<int>(ink));
    switch (ink) {
      case host::Ink::Title:
      case host::Ink::TabOn:
      case host::Ink::Selected:
        return color | A_BOLD;
      case host::Ink::Rest:
      case host::Ink::Hint:
        return color | A_DIM;
      default:
        return color;
    }
  }

  SCREEN* terminal_ = nullptr;
};

// The selection moves among rows that are visible.
void move_selection(const host::TopView& view, host::TopState& state, int by) {
  const auto rows = host::visible_rows(view, state);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].path != state.selected) continue;
    const auto to =
        std::clamp<long>(static_cast<long>(r) + by, 0, static_cast<long>(rows.size()) - 1);
    state.selected = rows[static_cast<std::size_t>(to)].path;
    return;
  }
}

void open_selected(host::TopState& state, bool open) {
  if (open)
    state.open.insert(state.selected);
  else
    state.open.erase(state.selected);
}

/// Left closes a row, or goes to the one above it.
void close_or_leave(host::TopState& state) {
  if (state.open.erase(state.selected) > 0) return;
  const std::size_t parent = state.selected.rfind('/');
  if (parent != state.selected.npos && parent > 0) state.selected.resize(parent);
}

void select_tab(const host::TopView& view, host::TopState& state, std::size_t tab) {
  if (tab < view.tabs.size()) state.tag = view.tabs[tab];
}

/// False when the key ends the program.
bool obey(int key, const host::TopView& view, host::TopState& state) {
  switch (key) {
    case 'q':
    case 'Q':
    case 3:
      return false;
    case KEY_UP:
      move_selection(view, state, -1);
      break;
    case KEY_DOWN:
      move_selection(view, state, 1);
      break;
    case KEY_PPAGE:
      move_selection(view, state, -10);
      break;
    case KEY_NPAGE:
      move_selection(view, state, 10);
      break;
    case KEY_RIGHT:
      open_selected(state, true);
      break;
    case KEY_LEFT:
      close_or_leave(state);
      break;
    case '\n':
    case '\r':
    case KEY_ENTER:
      open_selected(state, !state.open.contains(state.selected));
      break;
    case 'x':
    case 'X':
      if (state.open.empty())
        host::expand_all(view, state);
      else
        state.open.clear();
      break;
    case 'f':
    case 'F':
      state.shows_flops = !state.shows_flops;
      break;
    case 'a':
    case 'A':
      select_tab(view, state, (view.tab + view.tabs.size() - 1) % view.tabs.size());
      break;
    case 'd':
    case 'D':
      select_tab(view, state, (view.tab + 1) % view.tabs.size());
      break;
    default:
      if (key >= '1' && key <= '9') select_tab(view, state, static_cast<std::size_t>(key - '1'));
  }
  return true;
}

Result<> run_screen(const Options& o, const host::Box& box) {
  using std::chrono::milliseconds;
  const auto interval = milliseconds(static_cast<long>(o.interval_s * 1000));
  auto before = TRY(host::take_moment(box));
  std::this_thread::sleep_for(std::min(interval, milliseconds(200)));
  auto after = TRY(host::take_moment(box));
  const host::Observing observing(box);
  const auto screen = TRY(Screen::open());
  host::TopState state;
  state.version = NEURON_VERSION;
  state.shows_flops = o.flops;
  state.tag = o.tag;
  auto due = Clock::now() + interval;
  while (!stopped) {
    const host::TopView view = host::top_view({before, after}, state.tag);
    screen->draw(host::top_screen(view, state, screen->width(), screen->height()));
    const auto left = std::chrono::duration_cast<milliseconds>(due - Clock::now());
    const int key = screen->key(std::max(left, milliseconds(0)));
    if (key != ERR && !obey(key, view, state)) break;
    if (Clock::now() < due) continue;
    due = Clock::now() + interval;
    before = std::move(after);
    after = TRY(host::take_moment(box));
    // Not all of it: the first files of 64 devices take seconds, in which no key would be obeyed.
    (void)host::refresh_tree(after.snapshot, host::TreeExtent::Touched);  // ls shows, if it fails
  }
  return {};
}

/// The screen once as text, with all of the tree.
void print_screen(const host::TopView& view, const Options& o, Terminal& io) {
  host::TopState state;
  state.version = NEURON_VERSION;
  state.shows_flops = o.flops;
  host::expand_all(view, state);
  for (const host::ScreenLine& line : host::top_screen(view, state, o.width, 0)) {
    std::string text;
    for (const host::Span& span : line) text += span.text;
    text.erase(text.find_last_not_of(' ') + 1);
    io.out << text << "\n";
  }
}

Result<> run_top(const Options& o, Terminal& io) {
  const host::Box box = TRY(host::box());
  if (!o.once && !o.json) {
    if (!::isatty(STDOUT_FILENO) || !::isatty(STDIN_FILENO))
      return fail(Code::BadUsage, "standard output is no terminal; use --once or --json");
    return run_screen(o, box);
  }
  const auto before = TRY(host::take_moment(box));
  std::this_thread::sleep_for(std::chrono::duration<double>(o.interval_s));
  const auto after = TRY(host::take_moment(box));
  const host::TopView view = host::top_view({before, after}, o.tag);
  if (o.json)
    io.out << json::text_of(host::top_json(view), 2) << "\n";
  else
    print_screen(view, o, io);
  return {};
}

}  // namespace

const Command top{
    .path = "top",
    .summary = "Show utilization and memory of the instance, live",
    .details =
        "The screen has a bar for each NeuronCore, the use of vCPUs, memory by category, and a "
        "tree "
        "of who holds which memory: devices, cores, models. A tab shows one application, the first "
        "one shows all. Keys: q ends; arrows move in the tree, enter opens and closes a row, x the "
        "whole tree; a and d or 1 to 9 choose a tab; f changes between percent and floating-point "
        "operations a second. A core counts as busy while an execution holds it on this machine.",
    .examples =
        "neuron top\n"
        "neuron top --once  # print one screen and end\n"
        "neuron top --json --interval 5 | jq .average_utilization",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_flag("--once", o->once, "print one screen as text, and end");
      app.add_flag("--json", o->json, "print the numbers of one screen as JSON, and end");
      app.add_flag("--flops", o->flops, "show floating-point operations instead of percent");
      app.add_option("--interval", o->interval_s, "seconds between two looks")
          ->type_name("S")
          ->check(CLI::Range(0.02, 3600.0))
          ->capture_default_str();
      app.add_option("--tag", o->tag, "the application to show: its tag or process id")
          ->type_name("TAG")
          ->capture_default_str();
      app.add_option("--width", o->width, "columns that --once prints")
          ->type_name("N")
          ->check(CLI::Range(20, 1000))
          ->capture_default_str();
      return [o](Terminal& io) { return run_top(*o, io); };
    }};

}  // namespace neuron::cmd
