// SPDX-License-Identifier: Apache-2.0
// Search, and the walk through what was found.
import {count, el, ns, option, table, time} from './format.js';

const FIELDS = [
  ['any', 'Any field'],
  ['opcode', 'Opcode'],
  ['name', 'Instruction name'],
  ['layer', 'Layer'],
  ['operands', 'Operands'],
  ['variable', 'Variable of DMA'],
];
const MOST_TERMS = 8,
  SHOWN = 12; // hits in the table

/// The field and text of a term; those after the first can be taken away.
function term_inputs(term, at, remove) {
  const first = at === 0;
  const field = el(
    'select',
    {'aria-label': 'Field', id: first ? 'search-field' : `search-field-${at + 1}`},
    FIELDS.map(([v, t]) => option(v, t, term.field)),
  );
  const text = el('input', {
    type: 'search',
    id: first ? 'search-text' : `search-text-${at + 1}`,
    placeholder: first ? 'matmul, I-50-0, conv1 …' : 'and this',
    'aria-label': first ? 'Text' : `Text of condition ${at + 1}`,
    value: term.text,
    size: first ? 28 : 16,
  });
  const title = 'Take this condition away';
  const button = el('button', {type: 'button', title, 'aria-label': title, onclick: remove}, '×');
  const read = () => Object.assign(term, {field: field.value, text: text.value});
  return {text, read, nodes: first ? [field, text] : [el('b', {}, 'and'), field, text, button]};
}

function count_line(state) {
  if (!state.count) return 'Nothing found.';
  const what = state.terms.some((t) => t.field === 'variable') ? 'packets' : 'instructions';
  const visited =
    state.hits.length < state.count
      ? `; the first ${count(state.hits.length)} can be visited`
      : '';
  const place = state.at >= 0 ? ` · at ${count(state.at + 1)}` : '';
  return `${count(state.count)} ${what}, ${time(state.active)} in all${visited}${place}`;
}

function hit_table(state, visit) {
  const link = (hit) => {
    const onclick = (e) => {
      e.preventDefault();
      visit(state.hits.indexOf(hit));
    };
    return el('a', {href: '#', onclick}, ns(hit.begin_ps));
  };
  const from = Math.max(0, state.at - 5);
  const columns = [
    ['#', (h) => String(state.hits.indexOf(h) + 1), 'n'],
    ['Start (ns)', link, 'n'],
    ['Duration', (h) => time(h.end_ps - h.begin_ps), 'n'],
    ['Row', (h) => h.row?.name ?? ''],
  ];
  return table(columns, state.hits.slice(from, from + SHOWN), 'Hits');
}

/// Search on the server, by conditions that all must hold; hits are stepped through on the timeline.
export function search(panel, source, state, go) {
  const out = el('div', {role: 'status', 'aria-live': 'polite'});
  const regex = el('input', {type: 'checkbox', id: 'search-regex', checked: state.regex});
  const terms = state.terms.map((term, at) =>
    term_inputs(term, at, () => rebuild(() => state.terms.splice(at, 1))),
  );
  const read = () => {
    terms.forEach((term) => term.read());
    state.regex = regex.checked;
  };
  const rebuild = (change) => {
    read();
    change();
    panel.replaceChildren();
    search(panel, source, state, go);
  };
  const visit = (at) => {
    state.at = at;
    go(state.hits[at]);
    report();
  };
  const move = (by) =>
    state.hits.length && visit((state.at + by + state.hits.length) % state.hits.length);
  const report = () => {
    previous.disabled = next.disabled = all.disabled = !state.hits.length;
    if (!state.done) return;
    out.replaceChildren(el('p', {id: 'search-count'}, count_line(state)));
    if (state.hits.length) out.append(hit_table(state, visit));
  };
  const button = (text, attributes, onclick) =>
    el('button', {type: 'button', ...attributes, onclick}, text);
  const all = button('Highlight all', {id: 'search-all'}, () => go(null));
  const previous = button('← Previous', {}, () => move(-1));
  const next = button('Next →', {}, () => move(1));
  const run = async (e) => {
    e.preventDefault();
    read();
    const wanted = state.terms.filter((term) => term.text);
    if (!wanted.length) return;
    if (state.is_marked) go(null);
    const question = {terms: wanted, regex: state.regex};
    try {
      const found = await source.search({...question, limit: 2000});
      const hits = found.hits.map(state.complete);
      const {count, active_ps: active} = found;
      Object.assign(state, {at: -1, done: true, count, active, hits, question});
      report();
      move(1);
    } catch (error) {
      out.replaceChildren(el('p', {class: 'bad'}, error.message));
    }
  };
  const add = () => rebuild(() => state.terms.push({field: 'any', text: ''}));
  panel.append(
    el(
      'form',
      {class: 'form', onsubmit: run},
      terms.flatMap((term) => term.nodes),
      state.terms.length < MOST_TERMS
        ? button('+ and', {id: 'search-and', title: 'Add a condition that must hold too'}, add)
        : '',
      el('label', {}, regex, 'Regular expression'),
      all,
      el('button', {class: 'main', type: 'submit'}, 'Search'),
      previous,
      next,
    ),
    out,
  );
  report();
  terms[terms.length - 1].text.focus({preventScroll: true});
}
