// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "base/json.h"

/// A headless Chromium driven over the WebDriver protocol (W3C) by the system's chromedriver.
/// Failures of the protocol end the test by an exception with the driver's words.
class Browser {
 public:
  /// $NEURON_CHROMEDRIVER or /usr/bin/chromedriver; empty where there is none.
  static std::filesystem::path driver();
  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void go(const std::string& url);
  /// The value that the body of a function returns; it may await.
  neuron::Json run(const std::string& body);
  /// Runs `body` until it returns something true; false when that takes more than ten seconds.
  bool becomes(const std::string& body);
  void move(double x, double y);
  void click(double x, double y, int button = 0);
  void double_click(double x, double y);
  void drag(double from_x, double from_y, double to_x, double to_y, int button = 0);
  void wheel(double x, double y, int delta_y);
  void type(const std::string& keys);
  /// One key by its code in the protocol: U+E012 to U+E015 are the arrows, U+E00C is Escape.
  void press(const std::string& key);
  /// Keeps a key down, or lets it go; what the mouse does meanwhile is done with it.
  void hold(const std::string& key, bool is_down);
  /// Gives the page a window of this width; 0 takes that back.
  void narrow(int width);
  /// Messages of level SEVERE: script errors and refused content.
  std::vector<std::string> complaints();
  /// The window as PNG, for the eyes of whoever looks into a failure.
  void save_screenshot(const std::filesystem::path& path);

 private:
  struct Connection;
  neuron::Json ask(const char* method, const std::string& path, const neuron::Json& body);
  void act(neuron::Json sources);
  std::unique_ptr<Connection> connection_;
  pid_t process_ = -1;
  std::string session_;
  std::filesystem::path user_data_;
};
