// SPDX-License-Identifier: Apache-2.0
// What bounds the run, and profiles side by side.
import {breakable, el, fetch_json, metric, ns, percent, table, time} from './format.js';

const seconds = (value) => time(value * 1e12);

/// `show(proof)` goes to an event that proves something.
export function insights(panel, profile, show) {
  const all = profile.insights;
  if (!all)
    return panel.append(
      el(
        'p',
        {class: 'soft'},
        'This profile was stored by an older version; view its trace again with --force.',
      ),
    );
  panel.append(
    el(
      'p',
      {},
      `Bound by `,
      el('strong', {}, all.bound_by),
      `: active for ${percent(all.bound_share)} of ${seconds(all.total_s)}.`,
    ),
  );
  if (!all.insights.length)
    panel.append(el('p', {class: 'soft'}, 'No rule found anything to fix.'));
  panel.append(
    el(
      'div',
      {class: 'insights'},
      all.insights.map((i) =>
        el(
          'section',
          {class: 'insight', 'data-rule': i.rule},
          el('h2', {}, i.title),
          el('p', {}, i.text),
          el('p', {}, el('b', {}, 'Fix: '), i.advice),
          el(
            'p',
            {},
            el('b', {}, `${seconds(i.alone_total_s)}`),
            ` instead of ${seconds(all.total_s)}; with all else overlapped ${seconds(i.fixed_total_s)}, ${i.speedup.toFixed(2)} times as fast`,
          ),
          el(
            'ul',
            {},
            i.proof.map((p) =>
              el(
                'li',
                {},
                el(
                  'a',
                  {
                    href: '#',
                    onclick: (e) => {
                      e.preventDefault();
                      show(p);
                    },
                  },
                  p.label,
                ),
                el(
                  'span',
                  {class: 'soft'},
                  ` at ${ns(p.begin_ps)} ns for ${time(p.end_ps - p.begin_ps)}`,
                ),
              ),
            ),
          ),
        ),
      ),
    ),
    el('h2', {}, 'Bounds'),
    table(
      [
        ['Bound', (b) => breakable(b.name)],
        ['Time', (b) => seconds(b.seconds), 'n'],
        ['What it is', (b) => b.meaning],
      ],
      all.bounds,
      'Bounds',
    ),
  );
  const more = [
    ...all.unchecked.map((u) => [`${u.rule}, not checked`, u.why]),
    ...all.zeros.map((z) => [`${z.metric} is zero`, z.why]),
  ];
  if (more.length)
    panel.append(
      el('h2', {style: {marginTop: '18px'}}, 'Not known'),
      table(
        [
          ['What', ([name]) => breakable(name)],
          ['Why', ([, why]) => why],
        ],
        more,
        'Not known',
      ),
    );
}

const change = (row, i) => {
  const share = row.shares[i],
    delta = row.deltas[i];
  if (delta === null || delta === 0) return el('span', {class: 'soft'}, '=');
  const text =
    row.values[0] === 0 ? metric(delta, row.unit) : `${share > 0 ? '+' : ''}${percent(share)}`;
  return el('span', {class: delta > 0 ? 'more' : 'less'}, text);
};
/// A table of metrics, layers or opcodes: base, then value and change of each other profile.
const side_by_side = (names, rows, title) =>
  table(
    [
      [title, (r) => breakable(r.name)],
      ...names.flatMap((name, i) => [
        [
          i ? name : `${name} (base)`,
          (r) => (r.values[i] === null ? '–' : metric(r.values[i], r.unit)),
          'n',
        ],
        ...(i ? [['Change', (r) => change(r, i), 'n']] : []),
      ]),
    ],
    rows,
    title,
  );

/// Fills `box` with the differences of profiles; the first id is the base.
export async function comparison(box, ids) {
  const found = await fetch_json(`/api/compare?profiles=${ids.join(',')}`);
  const only = el('input', {
    type: 'checkbox',
    id: 'only-differences',
    checked: true,
    onchange: () => draw(),
  });
  const out = el('div', {});
  const differs = (row) => row.deltas.some((delta) => delta !== 0 && delta !== null);
  const draw = () => {
    const some = (rows) => (only.checked ? rows.filter(differs) : rows);
    out.replaceChildren(
      ...[
        ['Metric', found.metrics],
        ['Layer', found.layers],
        ['Opcode', found.opcodes],
      ].map(([title, rows]) =>
        el(
          'section',
          {class: 'sheet', style: {padding: '8px 16px 12px', margin: '12px 0', overflowX: 'auto'}},
          some(rows).length
            ? side_by_side(found.profiles, some(rows), title)
            : el('p', {class: 'soft'}, `${title}: no difference`),
        ),
      ),
    );
  };
  draw();
  box.replaceChildren(
    el(
      'div',
      {class: 'form'},
      el('h1', {style: {margin: 0}}, 'Comparison'),
      el('label', {}, only, 'Only differences'),
    ),
    out,
  );
}
