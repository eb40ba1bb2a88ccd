// SPDX-License-Identifier: Apache-2.0
// Sums over the box that was marked, or over what is shown.
import {count, el, ns, percent, table, time} from './format.js';
import {sum_row} from './sums.js';

/// What the box, or without one the visible part of the timeline, holds: row by row, and in each
/// row by group.
export function selection(panel, timeline) {
  const {data, profile, box} = timeline;
  if (!data) return;
  const {begin, end} = box ?? timeline.view;
  const inside = box ? timeline.rows_in(box) : profile.rows;
  const rows = inside
    .map((row) => sum_row(timeline, row, begin, end))
    .filter((r) => r.events);
  const length = end - begin,
    events = rows.reduce((sum, r) => sum + r.events, 0),
    sum = rows.reduce((total, r) => total + r.active, 0);
  panel.append(
    el(
      'p',
      {id: 'selection-range'},
      `${box ? 'Box' : 'Shown'}: ${ns(begin)} ns to ${ns(end)} ns, ${time(length)}; ${count(events)} events of ${time(sum)} in all`,
    ),
    el(
      'p',
      {class: 'soft'},
      (box ? 'Esc clears the box.' : 'Press B, or "Box select", and drag to sum up a part.') +
        ' Events of a row that overlap are added, so its share may pass 100 %.',
    ),
    table(
      [
        ['Row', (r) => r.row.name],
        ['Events', (r) => count(r.events), 'n'],
        ['Active time', (r) => time(r.active), 'n'],
        ['Active', (r) => percent(r.active / length), 'n'],
        ['Mean duration', (r) => time(r.active / r.events), 'n'],
      ],
      rows,
      'Selection',
    ),
    ...rows.map((r) =>
      el(
        'details',
        {},
        el(
          'summary',
          {},
          `${r.row.name} (count = ${count(r.events)}, active dur = ${percent(r.active / length)})`,
        ),
        table(
          [
            ['Value', ([name]) => name],
            ['Value count', ([, g]) => count(g.events), 'n'],
            ['Value count %', ([, g]) => percent(g.events / r.events), 'n'],
            ['Dur sum', ([, g]) => time(g.active), 'n'],
            ['Dur %', ([, g]) => percent(r.active ? g.active / r.active : 0), 'n'],
            ['Dur avg', ([, g]) => time(g.events ? g.active / g.events : 0), 'n'],
          ],
          [...r.groups].sort((x, y) => y[1].active - x[1].active),
          r.row.name,
        ),
      ),
    ),
  );
}
