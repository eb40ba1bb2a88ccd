// SPDX-License-Identifier: Apache-2.0
// neuron-nrt(7): the runtime for those who link with it, its settings printed from their table.
#include "cmd/tree.h"
#include "nrt/settings.h"

namespace neuron::cmd {
namespace {

constexpr const char* kOpening =
    R"(.\" Printed by `neuron describe --man`; edit lib/nrt/settings.def instead.
.TH NEURON\-NRT 7 "" "neuron 0.1.0" "neuron manual"
.SH NAME
neuron\-nrt \- the runtime library on simulated NeuronCores
.SH SYNOPSIS
.nf
#include <nrt/nrt.h>
cc program.c \-lnrt \-pthread
.fi
.SH DESCRIPTION
Programs written for the Neuron runtime link with
.B libnrt.so.1
and run here unchanged. The headers below nrt/ say what each function does; functions that need a
driver, a bus or a network answer as on a host without one. A client of the older developer guide
defines
.B NRT_GUIDE_API
before it includes a header, a client of the older request functions
.BR NRTA_V2 .
.SH CPU NODES
A package may bring machine code for the CPU (cpu.so). It runs with the rights of the process, so it
is loaded only when NEURON_RT_ALLOW_CPU_NODES is 1, or when the file that
NEURON_RT_TRUSTED_CPU_NODES names holds its SHA\-256. The library that 'neuron compile' of the same
build puts into packages is known by its SHA\-256 and needs neither.
.SH FILES
.TP
.I /tmp/neuron_mem_log_device_D_hbm_H_TIME.csv
Written when an allocation fails. Columns: time_ns, operation (alloc or free), device, nc, hbm, usage,
address, bytes, model (0: a tensor), name.
.SH ENVIRONMENT
Variables are read by nrt_init, those of models by nrt_load. Log settings exist for single modules
too: NEURON_RT_LOG_LEVEL_TDRV. A value of a wrong type makes nrt_init fail and is named.
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

}  // namespace

std::string runtime_page() {
  std::string out = kOpening, accepted;
  for (const nrt::settings::Setting& s : nrt::settings::all()) {
    if (std::string_view(s.type) == "accepted") {
      accepted += fmt::format("{}{}", accepted.empty() ? "" : ",\n", s.name);
      continue;
    }
    out += fmt::format(".TP\n.BR {} \" ({}{}{})\"\n{}.\n", s.name, s.type, *s.fallback ? ", " : "",
                       escaped(s.fallback), escaped(s.meaning));
  }
  out +=
      ".PP\nThese are accepted and change nothing, because simulated devices lack what they "
      "steer:\n";
  return out + accepted +
         ".\n.SH SEE ALSO\n.BR neuron (1),\n.BR neuron\\-run (1),\n.BR "
         "neuron\\-neff (5)\n";
}

}  // namespace neuron::cmd
