// SPDX-License-Identifier: Apache-2.0
#include "neff/verify.h"

namespace neuron::neff {
namespace {

std::string count_of(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string place_of(const Finding& f) {
  std::string place = f.member;
  if (f.offset) place += fmt::format("{}byte {}", place.empty() ? "" : ", ", *f.offset);
  if (!f.pointer.empty()) place += (place.empty() ? "" : ", ") + f.pointer;
  return place;
}

}  // namespace

std::string verdict_text(const Verdict& v) {
  const auto errors = v.count(Severity::Error), warnings = v.count(Severity::Warning),
             notes = v.count(Severity::Note);
  std::string text = errors == 0 ? "sound" : count_of(errors, "error");
  if (warnings > 0) text += ", " + count_of(warnings, "warning");
  if (notes > 0) text += ", " + count_of(notes, "note");
  if (v.members > 0)
    text += fmt::format("; {}, {}, {}", count_of(v.members, "member"),
                        count_of(v.subgraphs, "subgraph"), count_of(v.instructions, "instruction"));
  if (!v.hash.empty()) text += "; hash " + v.hash;
  text += '\n';
  for (const Finding& f : v.findings) {
    const FindingInfo& row = info(f.id);
    text += fmt::format("  {:<8} {}{}{}\n", name_of(row.severity), row.name,
                        place_of(f).empty() ? "" : ": ", place_of(f));
    text += fmt::format("           {}: {}\n           remedy: {}\n", row.sentence, f.reason,
                        row.remedy);
  }
  return text;
}

Json verdict_json(const Verdict& v) {
  Json findings = Json::array();
  for (const Finding& f : v.findings) {
    const FindingInfo& row = info(f.id);
    Json entry{{"id", row.name},       {"severity", name_of(row.severity)},
               {"member", f.member},   {"offset", nullptr},
               {"pointer", f.pointer}, {"meaning", row.sentence},
               {"reason", f.reason},   {"remedy", row.remedy}};
    if (f.offset) entry["offset"] = *f.offset;
    findings.push_back(std::move(entry));
  }
  return Json{{"errors", v.count(Severity::Error)},
              {"warnings", v.count(Severity::Warning)},
              {"notes", v.count(Severity::Note)},
              {"hash", v.hash},
              {"members", v.members},
              {"subgraphs", v.subgraphs},
              {"instructions", v.instructions},
              {"findings", std::move(findings)}};
}

}  // namespace neuron::neff
