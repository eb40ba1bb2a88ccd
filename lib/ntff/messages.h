// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "ntff/ntff.h"
#include "ntff/wire.h"

/// Parts of the metadata message that are the same in all versions.
namespace neuron::ntff {

Message version_message(const Version& version);
Message edits_message(const Image& image);
Message ring_message(const Ring& ring);

}  // namespace neuron::ntff
