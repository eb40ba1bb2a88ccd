// SPDX-License-Identifier: Apache-2.0
// What a row holds between two times, by what colours it: the legend and the summary of a selection.
import {last_before} from './window.js';

/// Adds the spans of a track to `sums`, by the number that tells their group.
function sum_track(spans, keys, begin, end, sums) {
  for (let i = Math.max(0, last_before(spans, begin)); i < spans.count; ++i) {
    if (spans.begin[i] > end) break;
    if (spans.end[i] < begin) continue;
    let sum = sums.get(keys[i]);
    if (!sum)
      sums.set(
        keys[i],
        (sum = {color: spans.color[i], layer: spans.layer[i], events: 0, active: 0}),
      );
    const length = Math.min(spans.end[i], end) - Math.max(spans.begin[i], begin);
    sum.events += spans.events[i];
    sum.active += length * spans.share[i];
  }
}

/// {row, events, active, groups}: groups by name are {events, active, hex}.
export function sum_row({data, coloring}, row, begin, end) {
  const sums = new Map();
  const column = coloring.goes_by_layer(row) ? 'layer' : 'color';
  for (const track of row.tracks) {
    const spans = data.tracks.get(track);
    if (spans) sum_track(spans, spans[column], begin, end, sums);
  }
  const all = {row, events: 0, active: 0, groups: new Map()};
  for (const {color, layer, events, active} of sums.values()) {
    const name = coloring.group(row, color, layer);
    const group = all.groups.get(name) ?? {events: 0, active: 0, hex: coloring.hex(row, color, layer)};
    for (const sum of [group, all]) {
      sum.events += events;
      sum.active += active;
    }
    all.groups.set(name, group);
  }
  return all;
}
