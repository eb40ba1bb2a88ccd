// SPDX-License-Identifier: Apache-2.0
// Puts a page together: the list of profiles, or one profile with its timeline and tabs.
import {dot, el, ns, say, time} from './format.js';
import {read_address, write_address} from './address.js';
import {Coloring} from './colors.js';
import {insights} from './insights.js';
import {compare_page, group_page, list_page, title_of} from './lists.js';
import {is_file, open_source} from './source.js';
import {Timeline} from './timeline.js';
import * as panels from './panels.js';

const main = document.getElementById('main');
const fault = (text) => main.replaceChildren(el('p', {class: 'note bad', role: 'alert'}, text));

async function profile_page(id) {
  const source = open_source(id);
  const profile = await source.profile();
  const name = title_of({...profile, id});
  document.title = `${name} · neuron profile`;
  document.getElementById('crumbs').replaceChildren(el('span', {class: 'soft'}, '/'), el('strong', {}, name),
    ...(profile.neff_name && profile.neff_name !== name ? [el('span', {class: 'soft'}, profile.neff_name)] : []),
    ...(profile.is_simulated ? [el('span', {class: 'badge'}, 'simulated')] : []),
    el('span', {class: 'soft'}, `${time(profile.total_ps)} · ${profile.instructions.toLocaleString('en-US')} instructions · ${profile.packets.toLocaleString('en-US')} DMA packets`));

  const start = read_address(), {values} = start;
  const coloring = () => new Coloring(profile, values);
  const box = el('section', {id: 'details', class: 'sheet', hidden: true, 'aria-label': 'Event details'});
  const readout = el('span', {id: 'readout'});
  const legend = el('div', {id: 'legend', role: 'group', 'aria-label': 'Groups; press one to show it alone'});
  let timeline, list, shown_in_address = 0;

  const select = async (event) => {
    if (!event) return;
    timeline.selected = event;
    timeline.links = [];
    timeline.reveal(event);
    timeline.draw();
    try {
      const answer = await source.event(event.track, event.index);
      if (timeline.selected !== event) return;
      const field = (wanted) => answer.groups.flatMap((g) => g.fields).find((f) => f.name === wanted)?.value;
      event.begin = field('begin_ps') ?? event.begin;
      event.end = field('end_ps') ?? event.end;
      if (event.row.kind === 'instruction') Object.assign(event, {color: field('opcode'), layer: field('layer') ?? 0});
      box.replaceChildren(...panels.details_box(event, answer, timeline.coloring.hex(event.row, event.color, event.layer),
        {step: (by) => timeline.step(by), zoom: () => zoom_to(event), close, follow: (d) => go(found.complete(d))}));
      timeline.links = answer.dependencies ?? [];
      box.hidden = false;
      timeline.draw();
      say(`${event.row.name}, ${box.querySelector('h2').textContent}, start ${ns(event.begin)} nanoseconds`);
    } catch (error) { say(error.message); }
  };
  const close = () => { box.hidden = true; timeline.hits = []; if (timeline.box) timeline.set_box(null); timeline.selected = null; timeline.links = []; timeline.draw(); timeline.plot.focus({preventScroll: true}); };
  const zoom_to = (event) => { const room = Math.max(event.end - event.begin, 1000); timeline.show(event.begin - room, event.end + room); };
  const hover = async (found) => {
    try {
      const answer = await source.event(found.track, found.index);
      const wanted = ['evt_wait_time', 'operands', 'name', 'pc', 'transfer_size'];
      timeline.extend_tip(found, answer.groups.flatMap((g) => g.fields).filter((f) => wanted.includes(f.name)));
    } catch { /* the pointer has moved on; nothing is lost */ }
  };

  timeline = new Timeline(profile, source, coloring(), values, {
    select, hover, error: (text) => say(text), markers: () => list.refresh('Annotations'),
    box: () => { if (timeline.box) list.open('Selection Summary'); else list.refresh('Selection Summary'); },
    view: () => {
      const {begin, end} = timeline.view;
      readout.replaceChildren(el('b', {}, ns(Math.round(begin))), ' – ', el('b', {}, ns(Math.round(end))), ` ns · ${time(end - begin)}`);
      clearTimeout(shown_in_address);
      shown_in_address = setTimeout(() => {
        write_address(values, timeline.view, timeline.full);
        if (!timeline.box) list.refresh('Selection Summary');
        draw_legend();
      }, 250);
    }});

  /// The groups that are seen, the busiest first.
  const draw_legend = () => {
    const sums = new Map();
    for (const row of profile.rows) {
      // Queues have their names beside them; their engines have not.
      const is_told = row.kind === 'instruction' || (row.kind === 'queue' && values.queues === 'engine');
      if (!timeline.data || !is_told || !timeline.shows(row)) continue;
      for (const track of row.tracks) {
        const spans = timeline.data.tracks.get(track);
        for (let i = 0; spans && i < spans.count; ++i) {
          if (spans.end[i] < timeline.view.begin || spans.begin[i] > timeline.view.end) continue;
          const group = timeline.coloring.group(row, spans.color[i], spans.layer[i]);
          const known = sums.get(group) ?? {hex: timeline.coloring.hex(row, spans.color[i], spans.layer[i]), ps: 0, queue: row.kind === 'queue'};
          known.ps += (spans.end[i] - spans.begin[i]) * spans.share[i];
          sums.set(group, known);
        }
      }
    }
    const order = [...sums].sort((a, b) => a[1].queue - b[1].queue || b[1].ps - a[1].ps).slice(0, 40);
    legend.replaceChildren(...order.map(([group, {hex}]) => el('button', {'aria-pressed': String(timeline.only === group), title: group,
      onclick: () => { timeline.only = timeline.only === group ? null : group; timeline.draw(); draw_legend(); }}, dot(hex), el('span', {}, group))));
  };

  const found = {text: '', field: 'any', regex: false, hits: [], at: -1, done: false,
    complete: (hit) => ({...hit, row: profile.rows.find((row) => row.tracks.includes(hit.track))})};
  const show_proof = async (proof) => {
    try {
      const {track} = await source.event_of(proof.kind, proof.index);
      go(found.complete({track, index: proof.index, begin_ps: proof.begin_ps, end_ps: proof.end_ps}));
    } catch (error) { say(error.message); }
  };
  const go = (hit) => {
    if (!hit) { timeline.hits = timeline.hits.length ? [] : found.hits; return timeline.draw(); }
    const half = Math.max((timeline.view.end - timeline.view.begin) / 2, (hit.end_ps - hit.begin_ps) * 2);
    if (hit.begin_ps < timeline.view.begin || hit.end_ps > timeline.view.end) timeline.show(hit.begin_ps - half, hit.end_ps + half);
    select({row: hit.row, track: hit.track, index: hit.index, begin: hit.begin_ps, end: hit.end_ps, color: 0, layer: 0});
  };
  const changed = () => {
    timeline.coloring = coloring();
    timeline.only = null;
    quick.value = values.grouping;
    timeline.layout();
    draw_legend();
    timeline.on.view();
  };
  list = panels.tabs([
    ['Summary', (panel) => panels.summary(panel, profile)], ['Search', (panel) => panels.search(panel, source, found, go)],
    ['Annotations', (panel) => panels.annotations(panel, timeline, source)], ['Edit view settings', (panel) => panels.settings(panel, values, changed)],
    ['Layer Summary', (panel) => panels.layers(panel, profile, {show: (a, b) => timeline.show(a, b)})], ['Selection Summary', (panel) => panels.selection(panel, timeline)],
    ['Insights', (panel) => insights(panel, profile, show_proof)], ['Tensors', (panel) => panels.tensors(panel, profile)], ['NC Memory Usage Info', (panel) => panels.memory(panel, profile)], ['DMA Queues Info', (panel) => panels.queues(panel, profile)],
    ['NEFF Header', (panel) => panels.header(panel, profile)], ['NEFF Nodes', (panel) => panels.nodes(panel, profile)], ['Model Info', (panel) => panels.model(panel, profile)],
    [profile.warnings.length ? `Warnings (${profile.warnings.length})` : 'Warnings', (panel) => panels.warnings(panel, profile)],
    ['Terminology', panels.terminology], ['Help', panels.help]]);

  const quick = el('select', {'aria-label': 'Instruction grouping', id: 'quick-grouping', onchange: (e) => { values.grouping = e.target.value; changed(); list.refresh('Edit view settings'); }},
    [['opcode', 'Opcode'], ['layer', 'Layer'], ['engine', 'Engine']].map(([value, text]) => el('option', {value, selected: value === values.grouping}, text)));
  const button = (text, title, act, id) => el('button', {class: 'icon', title, 'aria-label': title, id, onclick: act}, text);
  const toggle_box = () => { timeline.is_boxing = !timeline.is_boxing; box_button.setAttribute('aria-pressed', timeline.is_boxing); };
  const box_button = el('button', {id: 'box-select', 'aria-pressed': 'false', title: 'Drag sums up a box instead of zooming (B)', onclick: toggle_box}, 'Box select');
  main.replaceChildren(el('section', {class: 'sheet', 'aria-label': 'Timeline'},
    el('div', {class: 'bar'}, button('+', 'Zoom in (W)', () => timeline.zoom(0.5), 'zoom-in'), button('−', 'Zoom out (S)', () => timeline.zoom(2), 'zoom-out'),
      button('◂', 'Move left (A)', () => timeline.pan(-0.3)), button('▸', 'Move right (D)', () => timeline.pan(0.3)), button('Show all', 'Show all (0)', () => timeline.reset(), 'zoom-reset'),
      box_button, readout, el('span', {class: 'space'}), el('label', {}, 'Colour by', quick), el('button', {onclick: () => open_search()}, 'Search ', el('kbd', {}, '/'))),
    timeline.root, legend), box, list.root);
  const open_search = () => { list.open('Search'); document.getElementById('search-text').focus(); };
  list.open(profile.warnings.length && !profile.summary.length ? 'Model Info' : 'Summary');
  if (start.from !== null && start.to > start.from) timeline.show(start.from, start.to);

  const keys = {w: () => timeline.zoom(0.6), s: () => timeline.zoom(1 / 0.6), '+': () => timeline.zoom(0.6), '-': () => timeline.zoom(1 / 0.6), ArrowUp: () => timeline.zoom(0.6), ArrowDown: () => timeline.zoom(1 / 0.6),
    a: () => timeline.pan(-0.15), d: () => timeline.pan(0.15), ArrowLeft: () => timeline.pan(-0.15), ArrowRight: () => timeline.pan(0.15), 0: () => timeline.reset(),
    b: toggle_box, n: () => timeline.step(1), p: () => timeline.step(-1), m: () => timeline.add_marker((timeline.view.begin + timeline.view.end) / 2),
    Enter: () => timeline.selected && zoom_to(timeline.selected), '/': open_search, '?': () => list.open('Help'), Escape: close};
  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, select, textarea')) return;
    const on_plot = e.target === timeline.plot || e.target === document.body;
    if (!on_plot && (e.key.startsWith('Arrow') || e.key === 'Enter')) return;  // they belong to the focused control
    const act = keys[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (!act) return;
    e.preventDefault();
    act();
  });
  window.neuron_timeline = timeline;  // for the console, and for the test that drives this page
}

async function open_page() {
  if (is_file()) return profile_page('');
  const [, kind, id] = location.pathname.match(/^\/(profile|profile_cc|compare)?\/?([np]_[0-9a-f]{40})?$/) ?? [];
  if (kind === 'compare') return compare_page(main);
  if (kind === 'profile_cc') { const shown = await group_page(main, id); return shown && profile_page(shown); }
  return kind === 'profile' ? profile_page(id) : list_page(main);
}
open_page().catch((error) => fault(error.message));
