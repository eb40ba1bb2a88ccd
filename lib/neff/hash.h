// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/neff.h"

namespace neuron::neff {

/// hash_form() of bytes whose pages leave memory behind it when they are a file's.
std::string hash_form(const Header& header, const SharedBytes& payload);

}  // namespace neuron::neff
