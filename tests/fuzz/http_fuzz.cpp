// SPDX-License-Identifier: Apache-2.0
// Requests as the routes of the page's server see them: a path's id, parameters and a body.
#include "tests/unit/view/synthetic.h"
#include "view/http/api.h"

namespace {

using namespace neuron;
using namespace neuron::view;

const std::string kId = "n_0123456789abcdef0123456789abcdef01234567";

struct Served {
  TemporaryDirectory directory;
  Store store;
  Served() : store(*Store::open(directory.path)) {
    const Timeline timeline = synthetic_timeline(200);
    (void)store.put(kId, "fuzz", timeline, metrics_of(timeline), false);
  }
};

}  // namespace

/// The first byte chooses the route; the rest is "name=value" lines, then an empty line and a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Served served;
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto gap = std::min(text.find("\n\n"), text.size());
  const std::string head(text.substr(0, gap));
  const std::string body(text.substr(std::min(gap + 2, text.size())));
  const Parameters get = [&](const char* name) -> std::string {
    const std::string key = std::string(name) + "=";
    const auto at = head.find(key);
    if (at == std::string::npos) return {};
    return head.substr(at + key.size(), head.find('\n', at) - at - key.size());
  };
  Store& store = served.store;
  switch (data[0] % 9) {
    case 0:
      (void)answer_rows(store, kId, get);
      break;
    case 1:
      (void)answer_event(store, kId, get);
      break;
    case 2:
      (void)answer_search(store, kId, get);
      break;
    case 3:
      (void)answer_markers(store, kId, get);
      break;
    case 4:
      (void)keep_markers(store, kId, get, body);
      break;
    case 5:
      (void)keep_tags(store, kId, get, body);
      break;
    case 6:
      (void)answer_compare(store, get);
      break;
    case 7:
      (void)answer_group(store, get("id"));
      break;
    default:
      (void)answer_profile(store, get("id"));
  }
  return 0;
}
