// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/formats/sink.h"
#include "view/timeline.h"

namespace neuron::view {

/// One table of `--output-format csv`: its file is NAME.csv (RFC 4180, lines end with \n).
struct CsvTable {
  const char* name;  ///< "Instruction"
  bool (*is_empty)(const Timeline& timeline);
  Result<> (*write)(const Timeline& timeline, const Sink& sink);
};
extern const CsvTable kCsvTables[5];

}  // namespace neuron::view
