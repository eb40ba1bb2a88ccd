// SPDX-License-Identifier: Apache-2.0
// Search, and the walk through what was found.
import {count, el, ns, option, table, time} from './format.js';

/// Search on the server; hits are stepped through on the timeline.
export function search(panel, source, state, go) {
  const out = el('div', {role: 'status', 'aria-live': 'polite'});
  const field = el(
    'select',
    {'aria-label': 'Field', id: 'search-field'},
    [
      ['any', 'Any field'],
      ['opcode', 'Opcode'],
      ['name', 'Instruction name'],
      ['layer', 'Layer'],
      ['operands', 'Operands'],
      ['variable', 'Variable of DMA'],
    ].map(([v, t]) => option(v, t, state.field)),
  );
  const text = el('input', {
    type: 'search',
    id: 'search-text',
    placeholder: 'matmul, I-50-0, conv1 …',
    'aria-label': 'Text',
    value: state.text,
    size: 28,
  });
  const regex = el('input', {type: 'checkbox', id: 'search-regex', checked: state.regex});
  const move = (by) => {
    if (!state.hits.length) return;
    state.at = (state.at + by + state.hits.length) % state.hits.length;
    go(state.hits[state.at]);
    report();
  };
  const report = () => {
    out.replaceChildren();
    if (!state.done) return;
    out.append(
      el(
        'p',
        {id: 'search-count'},
        state.count
          ? `${count(state.count)} ${state.field === 'variable' ? 'packets' : 'instructions'}, ${time(state.active)} in all${state.hits.length < state.count ? `; the first ${count(state.hits.length)} can be visited` : ''}${state.at >= 0 ? ` · at ${count(state.at + 1)}` : ''}`
          : 'Nothing found.',
      ),
    );
    if (state.hits.length)
      out.append(
        table(
          [
            ['#', (h) => String(state.hits.indexOf(h) + 1), 'n'],
            [
              'Start (ns)',
              (h) =>
                el(
                  'a',
                  {
                    href: '#',
                    onclick: (e) => {
                      e.preventDefault();
                      state.at = state.hits.indexOf(h);
                      go(h);
                      report();
                    },
                  },
                  ns(h.begin_ps),
                ),
              'n',
            ],
            ['Duration', (h) => time(h.end_ps - h.begin_ps), 'n'],
            ['Row', (h) => h.row?.name ?? ''],
          ],
          state.hits.slice(Math.max(0, state.at - 5), Math.max(0, state.at - 5) + 12),
          'Hits',
        ),
      );
  };
  const run = async (e) => {
    e?.preventDefault();
    Object.assign(state, {text: text.value, field: field.value, regex: regex.checked, at: -1});
    if (!state.text) return;
    try {
      const found = await source.search({
        field: state.field,
        text: state.text,
        limit: 2000,
        ...(state.regex ? {regex: 1} : {}),
      });
      Object.assign(state, {
        done: true,
        count: found.count,
        active: found.active_ps,
        hits: found.hits.map(state.complete),
      });
      report();
      move(1);
    } catch (error) {
      out.replaceChildren(el('p', {class: 'bad'}, error.message));
    }
  };
  panel.append(
    el(
      'form',
      {class: 'form', onsubmit: run},
      field,
      text,
      el('label', {}, regex, 'Regular expression'),
      el('button', {type: 'button', id: 'search-all', onclick: () => go(null)}, 'Highlight all'),
      el('button', {class: 'main', type: 'submit'}, 'Search'),
      el('button', {type: 'button', onclick: () => move(-1)}, '← Previous'),
      el('button', {type: 'button', onclick: () => move(1)}, 'Next →'),
    ),
    out,
  );
  report();
  text.focus({preventScroll: true});
}
