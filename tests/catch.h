// SPDX-License-Identifier: Apache-2.0
#pragma once
// Catch2 is version 2 on Debian 12 and version 3 on Ubuntu 24.04.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include "base/result.h"

/// The value of a result; a failure fails the test with its message.
#define REQUIRE_OK(...)                          \
  (__extension__({                               \
    auto result_ = (__VA_ARGS__);                \
    if (!result_) FAIL(result_.error().message); \
    *std::move(result_);                         \
  }))
