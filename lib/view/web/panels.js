// SPDX-License-Identifier: Apache-2.0
// What stands under the timeline: event details and the tabs.
import {bytes, count, dot, el, flops, metric, ns, percent, say, table, time} from './format.js';

const words = (name) => name.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase());

/// The box with all fields of one event.
export function details_box(event, answer, color, actions) {
  const fields = answer.groups.flatMap((group) => group.fields);
  const title = fields.find((field) => field.name === 'opcode')?.text ?? words(answer.kind === 'queue' ? 'DMA packet' : answer.kind);
  return [
    el('header', {}, el('h2', {}, dot(color), `${title} `, el('span', {class: 'soft'}, event.row.name)), el('span', {style: {flex: 1}}),
      el('button', {onclick: () => actions.step(-1), title: 'Event before this one (P)'}, '← Previous'),
      el('button', {onclick: () => actions.step(1), title: 'Event after this one (N)'}, 'Next →'),
      el('button', {onclick: actions.zoom}, 'Zoom to it'),
      el('button', {onclick: () => navigator.clipboard?.writeText(JSON.stringify(Object.fromEntries(fields.map((f) => [f.name, f.text])), null, 2)).then(() => say('copied'))}, 'Copy'),
      el('button', {onclick: actions.close, 'aria-label': 'Close event details'}, 'Close')),
    el('div', {class: 'groups'}, answer.groups.map((group) => el('section', {}, el('h3', {}, group.name),
      el('table', {}, el('caption', {class: 'quiet'}, group.name), el('tbody', {}, group.fields.map((field) =>
        el('tr', {}, el('th', {scope: 'row'}, field.label), el('td', {'data-field': field.name}, field.text))))))),
      answer.dependencies?.length ? el('section', {id: 'dependencies'}, el('h3', {}, 'Dependencies'), el('table', {}, el('caption', {class: 'quiet'}, 'Dependencies'), el('tbody', {}, answer.dependencies.map((d) =>
        el('tr', {}, el('th', {scope: 'row'}, d.direction === 'before' ? 'Waited for' : 'Waited for by'),
          el('td', {}, el('a', {href: '#', onclick: (e) => { e.preventDefault(); actions.follow(d); }}, `${d.label} on ${d.row}`), el('span', {class: 'soft'}, ` at ${ns(d.begin_ps)} ns · S[${d.semaphore}] reached ${d.value} at ${ns(d.at_ps)} ns`))))))) : null),
  ];
}

/// A list of tabs; each is [name, make(panel)], made anew when it is opened.
export function tabs(list) {
  const panel = el('div', {role: 'tabpanel', id: 'panel', tabindex: 0});
  const buttons = list.map(([name, make]) => el('button', {role: 'tab', id: `tab-${name.replace(/\W+/g, '-').toLowerCase()}`,
    'aria-controls': 'panel', 'aria-selected': 'false', tabindex: -1, onclick: () => open(name)}, name));
  let current = null;
  const open = (name, focus = false) => {
    const i = list.findIndex(([known]) => known === name);
    buttons.forEach((button, k) => { button.setAttribute('aria-selected', k === i); button.tabIndex = k === i ? 0 : -1; });
    panel.setAttribute('aria-labelledby', buttons[i].id);
    panel.replaceChildren();
    current = name;
    list[i][1](panel);
    if (focus) buttons[i].focus();
  };
  const strip = el('div', {role: 'tablist', 'aria-label': 'About this profile', onkeydown: (e) => {
    const i = list.findIndex(([name]) => name === current);
    const to = e.key === 'ArrowRight' ? i + 1 : e.key === 'ArrowLeft' ? i - 1 : e.key === 'Home' ? 0 : e.key === 'End' ? list.length - 1 : null;
    if (to === null) return;
    e.preventDefault();
    e.stopPropagation();
    open(list[(to + list.length) % list.length][0], true);
  }}, buttons);
  return {root: el('div', {class: 'sheet tabs'}, strip, panel), open, refresh: (name) => { if (current === name) open(name); }};
}

const CARDS = [['overall_stats', 'total_time', 'Total time'], ['overall_stats', 'mm_arithmetic_intensity', 'Matmul arithmetic intensity'],
  ['tensor_engine', 'hfu_estimated_percent', 'Hardware FLOPs utilization'], ['tensor_engine', 'mfu_estimated_percent', 'Model FLOPs utilization'],
  ['data_movement', 'mbu_estimated_percent', 'Memory bandwidth utilization'], ['data_movement', 'dma_active_time_percent', 'DMA active']];

export function summary(panel, profile) {
  const find = (group, name) => profile.summary.find((m) => m.group === group && m.name === name);
  const cards = CARDS.map(([group, name, title]) => [find(group, name), title]).filter(([m]) => m);
  for (const engine of ['tensor', 'vector', 'scalar', 'gpsimd', 'sync']) {
    const active = find(`${engine}_engine`, `${engine}_engine_active_time_percent`);
    if (active) cards.push([active, `${words(engine)} engine active`]);
  }
  if (!cards.length) cards.push([{value: profile.total_ps / 1e12, unit: 's'}, 'Total time']);
  panel.append(el('div', {class: 'cards'}, cards.map(([m, title]) => el('div', {class: 'card'}, el('div', {class: 'soft'}, title),
    el('div', {class: 'value'}, metric(m.value, m.unit)),
    m.unit === 'fraction' ? el('div', {class: 'gauge'}, el('div', {style: {width: `${Math.min(100, m.value * 100)}%`}})) : null))));
  const groups = new Map();
  for (const m of profile.summary) groups.set(m.group, [...(groups.get(m.group) ?? []), m]);
  panel.append(el('div', {class: 'columns'}, [...groups].map(([group, list]) => el('section', {}, el('h2', {}, words(group)),
    table([['Metric', (m) => el('abbr', {title: m.meaning ?? ''}, m.name)], ['Value', (m) => m.why_zero ? el('abbr', {title: m.why_zero}, `${metric(m.value, m.unit)} ⓘ`) : metric(m.value, m.unit), 'n']], list, group)))));
}

export function layers(panel, profile, actions) {
  if (!profile.layers.length) return panel.append(el('p', {class: 'soft'}, 'The package names no layers.'));
  panel.append(table([['Layer', (l) => el('a', {href: '#', onclick: (e) => { e.preventDefault(); actions.show(l.begin_ps, l.end_ps); }}, l.name)],
    ['Start (ns)', (l) => ns(l.begin_ps), 'n'], ['End (ns)', (l) => ns(l.end_ps), 'n'], ['Duration', (l) => time(l.end_ps - l.begin_ps), 'n'],
    ['Engine time', (l) => time(l.active_ps), 'n'], ['Instructions', (l) => count(l.instructions), 'n'], ['FLOPs', (l) => l.flops ? flops(l.flops).replace('OPS', 'OPs') : '–', 'n']],
  profile.layers, 'Layers'));
}

/// Adds what one row holds between two times to `groups`, by what colours it.
function sum_row(timeline, row, begin, end, groups) {
  let events = 0, active = 0;
  for (const track of row.tracks) {
    const spans = timeline.data.tracks.get(track);
    for (let i = 0; spans && i < spans.count; ++i) {
      if (spans.end[i] < begin || spans.begin[i] > end) continue;
      const length = (Math.min(spans.end[i], end) - Math.max(spans.begin[i], begin)) * spans.share[i];
      const group = timeline.coloring.group(row, spans.color[i], spans.layer[i]);
      const known = groups.get(group) ?? {events: 0, active: 0};
      groups.set(group, {events: known.events + spans.events[i], active: known.active + length});
      events += spans.events[i];
      active += length;
    }
  }
  return {row, events, active, groups};
}

/// What the box, or without one the visible part of the timeline, holds: row by row, and in each
/// row by group.
export function selection(panel, timeline) {
  const {data, profile, box} = timeline;
  if (!data) return;
  const {begin, end} = box ?? timeline.view;
  const inside = box ? timeline.rows_in(box) : profile.rows;
  const rows = inside.map((row) => sum_row(timeline, row, begin, end, new Map())).filter((r) => r.events);
  const length = end - begin, events = rows.reduce((sum, r) => sum + r.events, 0), sum = rows.reduce((total, r) => total + r.active, 0);
  panel.append(el('p', {id: 'selection-range'}, `${box ? 'Box' : 'Shown'}: ${ns(begin)} ns to ${ns(end)} ns, ${time(length)}; ${count(events)} events of ${time(sum)} in all`),
    el('p', {class: 'soft'}, box ? 'Esc clears the box.' : 'Press B, or "Box select", and drag to sum up a part.'),
    table([['Row', (r) => r.row.name], ['Events', (r) => count(r.events), 'n'], ['Active time', (r) => time(r.active), 'n'],
      ['Active', (r) => percent(r.active / length), 'n'], ['Mean duration', (r) => time(r.active / r.events), 'n']], rows, 'Selection'),
    ...rows.map((r) => el('details', {}, el('summary', {}, `${r.row.name} (count = ${count(r.events)}, active dur = ${percent(r.active / length)})`),
      table([['Value', ([name]) => name], ['Value count', ([, g]) => count(g.events), 'n'], ['Value count %', ([, g]) => percent(g.events / r.events), 'n'],
        ['Dur sum', ([, g]) => time(g.active), 'n'], ['Dur %', ([, g]) => percent(r.active ? g.active / r.active : 0), 'n'], ['Dur avg', ([, g]) => time(g.events ? g.active / g.events : 0), 'n']],
      [...r.groups].sort((x, y) => y[1].active - x[1].active), r.row.name))));
}

const pairs = (panel, list, caption) =>
  panel.append(list.length ? table([['Field', ([name]) => name], ['Value', ([, value]) => String(value)]], list, caption) : el('p', {class: 'soft'}, 'Nothing was recorded.'));

export const header = (panel, profile) => pairs(panel, (profile.neff_header ?? []).map(({name, value}) => [name, value]), 'NEFF header');
export function nodes(panel, profile) {
  panel.append(table([['Node', (c) => c.subgraph], ['NeuronCore', (c) => String(c.nc_index), 'n'], ['Device', (c) => String(c.device_index), 'n'],
    ['Trace records', (c) => count(c.trace_count), 'n'], ['Events', (c) => count(c.event_count), 'n']], profile.cores, 'NEFF nodes'));
}
export function model(panel, profile) {
  pairs(panel, [['Network', profile.network_name], ['NEFF', profile.neff_name], ['UUID', profile.uuid], ['Hash', profile.neff_hash],
    ['Target', profile.target], ['Instance type', profile.instance_type], ['Logical core size', profile.lnc_size], ['Multiply-accumulates', profile.model_macs && count(profile.model_macs)],
    ['Trace version', profile.ntff_version], ['Compiler', profile.compiler_version], ['Runtime', profile.runtime_version], ['Driver', profile.driver_version],
    ['Collectives', profile.collectives_version], ['Instructions', count(profile.instructions)], ['DMA packets', count(profile.packets)]]
    .filter(([, value]) => value), 'Model');
}
export function tensors(panel, profile) {
  if (!profile.tensors.length) return panel.append(el('p', {class: 'soft'}, 'The package names no tensors.'));
  panel.append(table([['Tensor', (t) => t.name], ['Kind', (t) => t.kind], ['Type', (t) => t.format], ['Shape', (t) => t.shape], ['Size', (t) => bytes(t.bytes), 'n']], profile.tensors, 'Tensors'));
}
export function queues(panel, profile) {
  panel.append(table([['Queue', (q) => q.queue], ['NeuronCore', (q) => String(q.core), 'n'], ['Type', (q) => q.type], ['DMA engines', (q) => count(q.dma_engines), 'n'],
    ['Rings', (q) => count(q.rings), 'n'], ['Packets', (q) => count(q.packets), 'n'], ['Bytes', (q) => bytes(q.bytes), 'n']], profile.queues, 'DMA queues'));
}
export function memory(panel, profile) {
  if (!profile.memory.length) return panel.append(el('p', {class: 'soft'}, 'The trace holds no memory usage.'));
  const total = profile.memory.reduce((sum, use) => sum + use.bytes, 0);
  panel.append(table([['Use', (m) => m.name], ['NeuronCore', (m) => String(m.core), 'n'], ['Size', (m) => bytes(m.bytes), 'n']],
    [...profile.memory, {name: 'Total', core: '', bytes: total}], 'NC memory usage'));
}
export function warnings(panel, profile) {
  if (!profile.warnings.length) return panel.append(el('p', {class: 'soft'}, 'Nothing odd was found in this trace.'));
  panel.append(...profile.warnings.map((text) => el('p', {class: 'warning'}, text)));
}

const TERMS = [['TensorE', 'Loads of weights into the array of the tensor engine (LDWEIGHTS).'], ['TensorMatrixE', 'Multiplications of that array (MATMUL); a second row of the same engine.'],
  ['VectorE, ScalarE, GpSimdE, SyncE', 'The other four instruction streams of a NeuronCore.'], ['q…', 'A DMA queue: its packets, stacked where they overlap.'],
  ['Throttling', 'Times in which the clock let only some cycles through.'], ['Sem', 'A semaphore and its value over time.'],
  ['Pending DMA Count', 'How many packets are under way.'], ['DMA Throughput', 'Bytes a second of all packets.'],
  ['TensorMatrix Utilization', 'Share of the peak of the tensor engine that its multiplications reach.'],
  ['SBUF', 'State buffer: the on-chip memory that engines work in.'], ['PSUM', 'Partial-sum buffer: where the tensor engine accumulates.'], ['HBM', 'The memory of the device.'],
  ['Pc, compiler pc', 'Position in the stream that ran, and in the stream that the compiler wrote.'], ['LNC', 'Logical NeuronCore: physical cores that act as one.']];
export const terminology = (panel) => panel.append(table([['Term', ([term]) => term], ['What it is', ([, text]) => text]], TERMS, 'Terms'));

const KEYS = [['W S', 'zoom in, out'], ['A D  ← →', 'move'], ['0', 'show all'], ['N P', 'next, previous event'], ['Enter', 'zoom to the selected event'], ['M', 'marker in the middle'],
  ['/', 'search'], ['Esc', 'close details'], ['Drag', 'zoom to what is marked'], ['Shift + drag', 'move'], ['Wheel', 'zoom at the pointer; with shift, move'], ['Double click', 'show all'],
  ['B', 'box selection on and off'], ['Hover', 'the main fields of an event'], ['Click', 'all fields of an event, below'], ['Right click', 'drop a marker']];
export const help = (panel) => panel.append(table([['Key or gesture', ([key]) => key.split(/ (?=[A-Z←→/0])/).map((k) => el('kbd', {style: {marginRight: '5px'}}, k.trim()))], ['What it does', ([, text]) => text]], KEYS, 'Keys'));

const UNITS = {ns: 1e3, 'µs': 1e6, ms: 1e9};
let unit = 'ns';
/// Markers: rename, delete, differences, and sets that the server keeps by name.
export function annotations(panel, timeline, source) {
  const again = () => { panel.replaceChildren(); annotations(panel, timeline, source); timeline.draw(); };
  const say_time = (ps) => `${(ps / UNITS[unit]).toLocaleString('en-US', {maximumFractionDigits: 3})} ${unit}`;
  const state = el('span', {class: 'soft', role: 'status'});
  const name = el('input', {type: 'text', id: 'marker-set', list: 'marker-sets', placeholder: 'marker set name', 'aria-label': 'Marker set name', value: timeline.set_name ?? ''});
  const known = el('datalist', {id: 'marker-sets'});
  source.marker_sets().then((sets) => known.append(...sets.map((set) => el('option', {value: set})))).catch(() => {});
  const keep = async (act) => {
    if (!name.value.trim()) { state.textContent = 'give the set a name first'; return; }
    timeline.set_name = name.value.trim();
    try { await act(timeline.set_name); } catch (error) { state.textContent = error.message; }
  };
  const save = () => keep(async (set) => { state.textContent = `${await source.save_markers(set, timeline.markers)} saved`; });
  const load = () => keep(async (set) => { timeline.markers = await source.load_markers(set); again(); });
  panel.append(el('div', {class: 'form'}, name, known,
    el('button', {class: 'main', id: 'marker-save', onclick: save}, 'Save'), el('button', {id: 'marker-load', onclick: load}, 'Load'),
    el('label', {}, 'Time unit', el('select', {onchange: (e) => { unit = e.target.value; again(); }}, Object.keys(UNITS).map((u) => el('option', {selected: u === unit}, u)))),
    el('button', {disabled: !timeline.markers.length, onclick: () => { timeline.markers = []; again(); }}, 'Clear all'), state));
  if (!timeline.markers.length)
    return panel.append(el('p', {class: 'soft'}, 'No markers yet. Right-click the timeline, or press M, to drop one.'));
  const base = (marker) => timeline.markers[marker.against ?? Math.max(0, timeline.markers.indexOf(marker) - 1)] ?? timeline.markers[0];
  panel.append(table([
    ['Name', (m) => el('input', {type: 'text', 'aria-label': 'Name of marker', value: m.name, onchange: (e) => { m.name = e.target.value || m.name; again(); }})],
    ['Time', (m) => el('a', {href: '#', onclick: (e) => { e.preventDefault(); const half = (timeline.view.end - timeline.view.begin) / 2; timeline.show(m.at_ps - half, m.at_ps + half); }}, say_time(m.at_ps)), 'n'],
    ['Difference to', (m) => el('select', {'aria-label': `Compare ${m.name} with`, onchange: (e) => { m.against = Number(e.target.value); again(); }},
      timeline.markers.map((other, i) => el('option', {value: String(i), selected: other === base(m)}, other.name)))],
    ['Difference', (m) => say_time(m.at_ps - base(m).at_ps), 'n'],
    ['', (m) => el('button', {'aria-label': `Delete ${m.name}`, onclick: () => { timeline.markers = timeline.markers.filter((o) => o !== m); again(); }}, 'Delete')],
  ], timeline.markers, 'Markers'));
}

const ROW_SETTINGS = [['queues', 'DMA queues'], ['engines', 'Engines'], ['throttling', 'Throttling'], ['semaphores', 'Semaphores'], ['counters', 'Counters']];
const option = (value, text, now) => el('option', {value, selected: value === now}, text);
export function settings(panel, values, changed) {
  const pick = (id, label, key, options) => el('label', {}, label, el('select', {id, onchange: (e) => { values[key] = e.target.value; changed(); }},
    options.map(([value, text]) => option(value, text, values[key]))));
  const box = ([key, text]) => el('label', {}, el('input', {type: 'checkbox', checked: values.rows[key], onchange: (e) => { values.rows[key] = e.target.checked; changed(); }}), text);
  const all = (full) => () => { for (const [key] of ROW_SETTINGS) values.rows[key] = full ? key !== 'semaphores' : key === 'engines' || key === 'counters'; panel.replaceChildren(); settings(panel, values, changed); changed(); };
  panel.append(el('div', {class: 'form'},
    pick('grouping', 'Instruction Grouping', 'grouping', [['opcode', 'Opcode'], ['layer', 'Layer'], ['engine', 'Engine']]),
    el('label', {title: '0 keeps whole names; 2 groups model/layer1/op1 and model/layer1/op2'}, 'Layer group depth', el('input', {type: 'number', min: 0, max: 20, value: values.depth, style: {width: '70px'},
      onchange: (e) => { values.depth = Math.max(0, Number(e.target.value) || 0); changed(); }})),
    pick('queue-grouping', 'DMA Grouping', 'queues', [['queue', 'Queue'], ['engine', 'DMA engine'], ['variable', 'Variable']])),
  el('div', {class: 'form'}, el('fieldset', {}, el('legend', {}, 'Rows'), ROW_SETTINGS.map(box)),
    el('button', {onclick: all(true)}, 'Full view'), el('button', {onclick: all(false)}, 'Minimal view')));
}

/// Search of all instructions on the server; hits are stepped through on the timeline.
export function search(panel, source, state, go) {
  const out = el('div', {role: 'status', 'aria-live': 'polite'});
  const field = el('select', {'aria-label': 'Field', id: 'search-field'}, [['any', 'Any field'], ['opcode', 'Opcode'], ['name', 'Instruction name'], ['layer', 'Layer'], ['operands', 'Operands']].map(([v, t]) => option(v, t, state.field)));
  const text = el('input', {type: 'search', id: 'search-text', placeholder: 'matmul, I-50-0, conv1 …', 'aria-label': 'Text', value: state.text, size: 28});
  const regex = el('input', {type: 'checkbox', id: 'search-regex', checked: state.regex});
  const move = (by) => { if (!state.hits.length) return; state.at = (state.at + by + state.hits.length) % state.hits.length; go(state.hits[state.at]); report(); };
  const report = () => {
    out.replaceChildren();
    if (!state.done) return;
    out.append(el('p', {id: 'search-count'}, state.count ? `${count(state.count)} instructions, ${time(state.active)} in all${state.hits.length < state.count ? `; the first ${count(state.hits.length)} can be visited` : ''}${state.at >= 0 ? ` · at ${count(state.at + 1)}` : ''}` : 'Nothing found.'));
    if (state.hits.length) out.append(table([['#', (h) => String(state.hits.indexOf(h) + 1), 'n'], ['Start (ns)', (h) => el('a', {href: '#', onclick: (e) => { e.preventDefault(); state.at = state.hits.indexOf(h); go(h); report(); }}, ns(h.begin_ps)), 'n'],
      ['Duration', (h) => time(h.end_ps - h.begin_ps), 'n'], ['Row', (h) => h.row?.name ?? '']], state.hits.slice(Math.max(0, state.at - 5), Math.max(0, state.at - 5) + 12), 'Hits'));
  };
  const run = async (e) => {
    e?.preventDefault();
    Object.assign(state, {text: text.value, field: field.value, regex: regex.checked, at: -1});
    if (!state.text) return;
    try {
      const found = await source.search({field: state.field, text: state.text, limit: 2000, ...(state.regex ? {regex: 1} : {})});
      Object.assign(state, {done: true, count: found.count, active: found.active_ps, hits: found.hits.map(state.complete)});
      report();
      move(1);
    } catch (error) { out.replaceChildren(el('p', {class: 'bad'}, error.message)); }
  };
  panel.append(el('form', {class: 'form', onsubmit: run}, field, text, el('label', {}, regex, 'Regular expression'), el('button', {type: 'button', id: 'search-all', onclick: () => go(null)}, 'Highlight all'), el('button', {class: 'main', type: 'submit'}, 'Search'),
    el('button', {type: 'button', onclick: () => move(-1)}, '← Previous'), el('button', {type: 'button', onclick: () => move(1)}, 'Next →')), out);
  report();
  text.focus({preventScroll: true});
}
