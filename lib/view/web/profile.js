// SPDX-License-Identifier: Apache-2.0
// The page of one profile: timeline, legend, event details, tabs, and the keys.
import {el, ns, say, time} from './format.js';
import {read_address, rows_of_many, write_address} from './address.js';
import {annotations} from './annotations.js';
import {Coloring} from './colors.js';
import {details_box, tabs} from './details.js';
import {comparison, insights} from './insights.js';
import {group_source} from './group.js';
import {draw_legend} from './legend.js';
import {memory} from './memory.js';
import * as panels from './panels.js';
import {ranks} from './ranks.js';
import {search} from './search.js';
import {selection} from './selection.js';
import {settings} from './settings.js';
import {open_source} from './source.js';
import {Timeline} from './timeline.js';
import {show_title, title_of} from './title.js';

const SETTLED_MS = 250; // after so long without a move the panels follow the view
const MOST_MARKS = 10_000, // found events that are marked at once
  MARK_PX = 4; // those that fit in so many pixels are marked as one
const HOVER_FIELDS =
  'evt_wait_time operands name pc transfer_size variable ' +
  'operation algorithm dtype elements replica_group in_bytes';

// Tabs that profiles captured together share; the others tell about one.
const OF_MANY = new Set([
  'Search',
  'Annotations',
  'Edit view settings',
  'Selection Summary',
  'Memory',
  'Terminology',
  'Help',
]);

const fields_of = (answer) => answer.groups.flatMap((group) => group.fields);

class ProfilePage {
  constructor(profile, source) {
    this.profile = profile;
    this.source = source;
    this.usual_rows = profile.members ? rows_of_many() : undefined;
    this.address = read_address(this.usual_rows);
    this.values = this.address.values;
    /// What was searched for, and what was found.
    this.found = {
      terms: [{field: 'any', text: ''}],
      regex: false,
      hits: [],
      at: -1,
      done: false,
      is_marked: false, // all of it, on the timeline
    };
    this.found.complete = (hit) => this.complete(hit);
    this.details = el('section', {
      id: 'details',
      class: 'sheet',
      hidden: true,
      'aria-label': 'Event details',
    });
    this.readout = el('span', {id: 'readout'});
    this.legend = el('div', {
      id: 'legend',
      role: 'group',
      'aria-label': 'Groups; press one to show it alone',
    });
    this.timeline = new Timeline(profile, source, this.coloring(), this.values, {
      select: (event) => this.select(event),
      hover: (event) => this.hover(event),
      error: say,
      markers: () => this.tabs.refresh('Annotations'),
      annotate: () => this.tabs.open('Annotations'),
      box: () => this.box_changed(),
      view: () => this.view_changed(),
    });
    this.tabs = tabs(this.tab_list());
  }

  coloring() {
    return new Coloring(this.profile, this.values);
  }
  /// A hit or a dependency with the row that shows it.
  complete(hit) {
    return {...hit, row: this.profile.rows.find((row) => row.tracks.includes(hit.track))};
  }

  tab_list() {
    const {profile, source, timeline, values} = this;
    const warned = profile.warnings.length ? ` (${profile.warnings.length})` : '';
    const show = (begin, end) => timeline.show(begin, end);
    const compare = (panel) => {
      const box = el('div', {}, el('p', {class: 'soft'}, 'Loading …'));
      const ids = profile.members.map(({id}) => id);
      comparison(box, ids).catch((error) =>
        box.replaceChildren(el('p', {class: 'bad'}, error.message)),
      );
      panel.append(box);
    };
    const of_one = [
      ['Summary', (panel) => panels.summary(panel, profile)],
      ['Search', (panel) => search(panel, source, this.found, (hit) => this.go(hit))],
      ['Annotations', (panel) => annotations(panel, timeline, source)],
      ['Edit view settings', (panel) => settings(panel, values, () => this.settings_changed())],
      ['Layer Summary', (panel) => panels.layers(panel, profile, {show})],
      ['Selection Summary', (panel) => selection(panel, timeline)],
      ['Insights', (panel) => insights(panel, profile, (proof) => this.show_proof(proof))],
      ['Tensors', (panel) => panels.tensors(panel, profile)],
      ['Memory', (panel) => memory(panel, profile, timeline, source)],
      ['DMA Queues Info', (panel) => panels.queues(panel, profile)],
      ['NEFF Header', (panel) => panels.header(panel, profile)],
      ['NEFF Nodes', (panel) => panels.nodes(panel, profile)],
      ['Model Info', (panel) => panels.model(panel, profile)],
      [`Warnings${warned}`, (panel) => panels.warnings(panel, profile)],
      ['Terminology', panels.terminology],
      ['Help', panels.help],
    ];
    if (!profile.members) return of_one;
    return [
      ['Ranks', (panel) => ranks(panel, profile)],
      ['Comparison', compare],
      ...of_one.filter(([name]) => OF_MANY.has(name)),
    ];
  }

  /// Shows an event: outlined on the timeline at once, with all its fields once they came.
  async select(event) {
    if (!event) return;
    const {timeline} = this;
    timeline.selected = event;
    timeline.links = [];
    timeline.reveal(event);
    timeline.mark();
    try {
      const answer = await this.source.event(event.track, event.index);
      if (timeline.selected === event) this.show_details(event, answer);
    } catch (error) {
      say(error.message);
    }
  }
  show_details(event, answer) {
    const {details, timeline} = this;
    const field = (wanted) => fields_of(answer).find((f) => f.name === wanted)?.value;
    event.begin = field('begin_ps') ?? event.begin;
    event.end = field('end_ps') ?? event.end;
    if (event.row.kind === 'instruction')
      Object.assign(event, {color: field('opcode'), layer: field('layer') ?? 0});
    const color = timeline.coloring.hex(event.row, event.color, event.layer);
    const actions = {
      step: (by) => timeline.step(by),
      zoom: () => this.zoom_to(event),
      close: () => this.close(),
      follow: (dependency) => this.go(this.complete(dependency)),
    };
    details.replaceChildren(...details_box(event, answer, color, actions));
    timeline.links = answer.dependencies ?? [];
    details.hidden = false;
    timeline.mark();
    const title = details.querySelector('h2').textContent;
    say(`${event.row.name}, ${title}, start ${ns(event.begin)} nanoseconds`);
  }
  close() {
    const {timeline} = this;
    this.details.hidden = true;
    timeline.hits = [];
    this.found.is_marked = false;
    if (timeline.box) timeline.set_box(null);
    timeline.selected = null;
    timeline.links = [];
    timeline.mark();
    timeline.plot.focus({preventScroll: true});
  }
  zoom_to(event) {
    const room = Math.max(event.end - event.begin, 1000);
    this.timeline.show(event.begin - room, event.end + room);
  }
  async hover(event) {
    try {
      const answer = await this.source.event(event.track, event.index);
      const wanted = fields_of(answer).filter((f) => HOVER_FIELDS.split(' ').includes(f.name));
      this.timeline.extend_tip(event, wanted);
    } catch {
      /* the pointer has moved on; nothing is lost */
    }
  }

  /// Marks all that was found and lies in the view, or none of it again.
  async mark_found() {
    const {timeline, found} = this;
    const {view} = timeline;
    const width = Math.ceil(timeline.width / MARK_PX);
    const window = {from: Math.floor(view.begin), to: Math.ceil(view.end), width};
    const wanted = {...found.question, limit: MOST_MARKS, window};
    const {hits} = found.is_marked ? await this.source.search(wanted) : {hits: []};
    if (view !== timeline.view) return; // the next one is asked for already
    timeline.hits = found.is_marked ? hits : [];
    timeline.mark();
  }
  /// Goes to an event that was found; without one, marks all that were, or none of them again.
  go(hit) {
    const {timeline, found} = this;
    if (!hit) {
      found.is_marked = !found.is_marked && found.count > 0;
      return this.mark_found().catch((error) => say(error.message));
    }
    const {row, track, index, begin_ps: begin, end_ps: end} = hit;
    const {view} = timeline;
    const half = Math.max((view.end - view.begin) / 2, (end - begin) * 2);
    if (begin < view.begin || end > view.end) timeline.show(begin - half, end + half);
    return this.select({row, track, index, begin, end, color: 0, layer: 0});
  }
  async show_proof(proof) {
    try {
      const {track} = await this.source.event_of(proof.kind, proof.index);
      this.go(this.complete({...proof, track}));
    } catch (error) {
      say(error.message);
    }
  }

  view_changed() {
    const {timeline, readout} = this;
    const {begin, end} = timeline.view;
    const bold = (ps) => el('b', {}, ns(Math.round(ps)));
    readout.replaceChildren(bold(begin), ' – ', bold(end), ` ns · ${time(end - begin)}`);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      write_address(this.values, timeline.view, timeline.full, this.usual_rows);
      if (!timeline.box) this.tabs.refresh('Selection Summary');
      this.tabs.refresh('Memory');
      draw_legend(this.legend, timeline);
      if (this.found.is_marked) this.mark_found().catch((error) => say(error.message));
    }, SETTLED_MS);
  }
  box_changed() {
    if (this.timeline.box) this.tabs.open('Selection Summary');
    else this.tabs.refresh('Selection Summary');
  }
  settings_changed() {
    const {timeline} = this;
    timeline.coloring = this.coloring();
    timeline.only = null;
    this.quick.value = this.values.grouping;
    timeline.layout();
    draw_legend(this.legend, timeline);
    this.view_changed();
  }

  /// Another link to this profile was opened here: shows what it says. Our own writing of the
  /// address causes no such event.
  follow_address() {
    const {timeline} = this;
    const {from, to, values} = read_address(this.usual_rows);
    Object.assign(this.values, values);
    if (from !== null && to > from) timeline.show(from, to);
    else timeline.reset();
    this.settings_changed();
    this.tabs.refresh('Edit view settings');
  }

  /// The row of buttons over the timeline.
  bar() {
    const {timeline} = this;
    const button = (text, title, act, id) =>
      el('button', {class: 'icon', title, 'aria-label': title, id, onclick: act}, text);
    const open_search = () => this.open_search();
    return el(
      'div',
      {class: 'bar'},
      button('+', 'Zoom in (W)', () => timeline.zoom(0.5), 'zoom-in'),
      button('−', 'Zoom out (S)', () => timeline.zoom(2), 'zoom-out'),
      button('◂', 'Move left (A)', () => timeline.pan(-0.3)),
      button('▸', 'Move right (D)', () => timeline.pan(0.3)),
      button('Show all', 'Show all (0)', () => timeline.reset(), 'zoom-reset'),
      this.make_box_button(),
      this.readout,
      el('span', {class: 'space'}),
      el('label', {}, 'Colour by', this.make_quick()),
      el('button', {onclick: open_search}, 'Search ', el('kbd', {}, '/')),
    );
  }
  make_quick() {
    const onchange = (e) => {
      this.values.grouping = e.target.value;
      this.settings_changed();
      this.tabs.refresh('Edit view settings');
    };
    const option = (text) => {
      const value = text.toLowerCase();
      return el('option', {value, selected: value === this.values.grouping}, text);
    };
    this.quick = el(
      'select',
      {'aria-label': 'Instruction grouping', id: 'quick-grouping', onchange},
      ['Opcode', 'Layer', 'Engine'].map(option),
    );
    return this.quick;
  }
  make_box_button() {
    const title = 'Drag sums up a box instead of zooming (B)';
    const onclick = () => this.toggle_box();
    const attributes = {id: 'box-select', 'aria-pressed': 'false', title, onclick};
    this.box_button = el('button', attributes, 'Box select');
    return this.box_button;
  }
  toggle_box() {
    this.timeline.is_boxing = !this.timeline.is_boxing;
    this.box_button.setAttribute('aria-pressed', this.timeline.is_boxing);
  }
  open_search() {
    this.tabs.open('Search');
    document.getElementById('search-text').focus();
  }

  show_in(main) {
    const {profile, address, timeline} = this;
    const sheet = el(
      'section',
      {class: 'sheet', 'aria-label': 'Timeline'},
      this.bar(),
      timeline.root,
      this.legend,
    );
    if (address.from !== null && address.to > address.from) timeline.show(address.from, address.to);
    main.replaceChildren(sheet, this.details, this.tabs.root);
    timeline.resize(); // asks for the events; the tabs are made while they come
    const has_only_facts = profile.warnings.length && !profile.summary.length;
    this.tabs.open(has_only_facts ? 'Model Info' : this.tab_list()[0][0]);
    this.listen();
    window.addEventListener('hashchange', () => this.follow_address());
  }

  keys() {
    const {timeline} = this;
    const zoom_in = () => timeline.zoom(0.6);
    const zoom_out = () => timeline.zoom(1 / 0.6);
    const left = () => timeline.pan(-0.15);
    const right = () => timeline.pan(0.15);
    return {
      w: zoom_in,
      '+': zoom_in,
      ArrowUp: zoom_in,
      s: zoom_out,
      '-': zoom_out,
      ArrowDown: zoom_out,
      a: left,
      ArrowLeft: left,
      d: right,
      ArrowRight: right,
      0: () => timeline.reset(),
      b: () => this.toggle_box(),
      n: () => timeline.step(1),
      p: () => timeline.step(-1),
      m: () => timeline.add_marker((timeline.view.begin + timeline.view.end) / 2),
      Enter: () => timeline.selected && this.zoom_to(timeline.selected),
      '/': () => this.open_search(),
      '?': () => this.tabs.open('Help'),
      Escape: () => this.close(),
    };
  }
  listen() {
    const keys = this.keys();
    document.addEventListener('keydown', (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, select, textarea')) return;
      const on_plot = e.target === this.timeline.plot || e.target === document.body;
      // Elsewhere they belong to the focused control.
      if (!on_plot && (e.key.startsWith('Arrow') || e.key === 'Enter')) return;
      const act = keys[e.key.length === 1 ? e.key.toLowerCase() : e.key];
      if (!act) return;
      e.preventDefault();
      act();
    });
  }
}

export const profile_page = (main, id) => show_page(main, id, open_source(id));
/// All profiles of a group on one time axis.
export const profiles_page = (main, group) =>
  show_page(
    main,
    group.id,
    group_source(
      group,
      group.members.map(({id}) => open_source(id)),
    ),
  );

async function show_page(main, id, source) {
  const profile = await source.profile();
  show_title(profile, title_of({...profile, id}));
  const page = new ProfilePage(profile, source);
  page.show_in(main);
  window.neuron_timeline = page.timeline; // for the console, and for the test that drives this page
}
