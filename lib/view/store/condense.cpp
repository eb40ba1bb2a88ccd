// SPDX-License-Identifier: Apache-2.0
#include "view/store/condense.h"

#include <algorithm>

namespace neuron::view {
namespace {

bool is_nearly_full(const Span& span) {
  return span.covered_ps >= (span.end_ps - span.begin_ps) / 16 * 15;
}

}  // namespace

void Condenser::add(Span span) {
  span.begin_ps = std::max(span.begin_ps, closed_ps_);
  span.end_ps = std::max(span.end_ps, span.begin_ps + 1);  // an instant is seen too
  const std::int64_t first = span.begin_ps >> shift_, last = (span.end_ps - 1) >> shift_;
  if (first == last) return collect(first, span.covered_ps, span, span.count);
  const double density =
      static_cast<double>(span.covered_ps) / static_cast<double>(span.end_ps - span.begin_ps);
  const auto share = [&](std::int64_t ps) {
    return static_cast<std::int64_t>(density * static_cast<double>(ps));
  };
  const std::int64_t run_begin = (first + 1) << shift_, run_end = last << shift_;
  collect(first, share(run_begin - span.begin_ps), span, span.count);
  if (run_end > run_begin) {
    finish();
    Span run = span;
    run.begin_ps = run_begin;
    run.end_ps = run_end;
    run.covered_ps = share(run_end - run_begin);
    run.count = 0;
    emit(run);
  }
  collect(last, share(span.end_ps - run_end), span, 0);
}

void Condenser::collect(std::int64_t bucket, std::int64_t covered_ps, const Span& span,
                        std::uint32_t count) {
  const std::int64_t begin = bucket << shift_, width = std::int64_t{1} << shift_;
  if (!is_open_ || begin > open_.begin_ps) {
    finish();
    is_open_ = true;
    open_ = span;
    open_.begin_ps = begin;
    open_.end_ps = begin + width;
    open_.covered_ps = 0;
    open_.count = 0;
    votes_ps_ = 0;
  }
  open_.covered_ps = std::min(width, open_.covered_ps + covered_ps);
  open_.count += count;
  if (span.color == open_.color && span.layer == open_.layer) {
    votes_ps_ += covered_ps;
  } else if (votes_ps_ >= covered_ps) {
    votes_ps_ -= covered_ps;
  } else {
    votes_ps_ = covered_ps - votes_ps_;
    open_.color = span.color;
    open_.layer = span.layer;
    open_.index = span.index;
  }
}

void Condenser::finish() {
  if (!is_open_) return;
  is_open_ = false;
  emit(open_);
}

void Condenser::emit(const Span& span) {
  closed_ps_ = span.end_ps;
  if (!out_.empty()) {
    Span& back = out_.back();
    if (back.end_ps == span.begin_ps && back.color == span.color && back.layer == span.layer &&
        is_nearly_full(back) && is_nearly_full(span)) {
      if (span.covered_ps > back.end_ps - back.begin_ps) back.index = span.index;
      back.end_ps = span.end_ps;
      back.covered_ps += span.covered_ps;
      back.count += span.count;
      return;
    }
  }
  out_.push_back(span);
}

}  // namespace neuron::view
