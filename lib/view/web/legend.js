// SPDX-License-Identifier: Apache-2.0
// The groups of events that are seen, the busiest first; a press shows one alone.
import {dot, el} from './format.js';
import {sum_row} from './sums.js';

const MOST = 40;

/// Colour and busy time of each group in view, by name.
function groups_in_view(timeline) {
  const {data, view, profile, settings} = timeline;
  const sums = new Map();
  for (const row of profile.rows) {
    // Queues have their names beside them; their engines have not.
    const is_queue = row.kind === 'queue';
    const is_told = row.kind === 'instruction' || (is_queue && settings.queues !== 'queue');
    if (!data || !is_told || !timeline.shows(row)) continue;
    for (const [name, {hex, active}] of sum_row(timeline, row, view.begin, view.end).groups) {
      const known = sums.get(name) ?? {hex, active: 0, is_queue};
      known.active += active;
      sums.set(name, known);
    }
  }
  return sums;
}

export function draw_legend(legend, timeline) {
  const button = ([group, {hex}]) =>
    el(
      'button',
      {
        'aria-pressed': String(timeline.only === group),
        title: group,
        onclick: () => {
          timeline.only = timeline.only === group ? null : group;
          timeline.draw();
          draw_legend(legend, timeline);
        },
      },
      dot(hex),
      el('span', {}, group),
    );
  const order = [...groups_in_view(timeline)].sort(
    ([, a], [, b]) => a.is_queue - b.is_queue || b.active - a.active,
  );
  legend.replaceChildren(...order.slice(0, MOST).map(button));
}
