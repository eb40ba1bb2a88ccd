// SPDX-License-Identifier: Apache-2.0
// The timeline: rows of lanes and counters over elapsed time, with zoom, hover, click and markers.
import {counter as counter_text, el, ns, say, time} from './format.js';
import {marking} from './marks.js';
import {painting} from './paint.js';
import {pointing} from './pointer.js';
import {on_theme} from './theme.js';
import {Loader, last_before} from './window.js';

const GAP = 7; // between rows
const COUNTER_HEIGHT = 34;
const SHORTEST_PS = 2000; // two nanoseconds are less than any instruction
const lane_height = (row) =>
  row.kind === 'queue'
    ? row.tracks.length > 4
      ? 4
      : row.tracks.length > 1
        ? 6
        : 10
    : row.tracks.length > 2
      ? 7
      : row.tracks.length > 1
        ? 10
        : 15;

const ratio_of_pixels = () => Math.min(window.devicePixelRatio || 1, 3);

export class Timeline {
  /// `on` has select(event), view(), markers(), annotate(), box(), error(text).
  constructor(profile, source, coloring, settings, on) {
    this.profile = profile;
    this.coloring = coloring;
    this.settings = settings;
    this.on = on;
    this.full = {begin: profile.begin_ps, end: profile.end_ps};
    this.view = {...this.full};
    this.markers = [];
    this.data = null;
    this.hover = null;
    this.selected = null;
    this.links = []; // dependencies of the selected event
    this.only = null; // name of the one group that is shown bright
    this.hits = []; // found instructions that are all marked
    this.is_boxing = false;
    this.box = null; // what box selection marked: times, and pixels from the top
    this.loader = new Loader(
      source,
      this.full,
      (data) => {
        this.data = data;
        this.draw();
        this.on.view();
      },
      (error) => this.on.error(error.message),
    );
    this.build();
    this.layout();
    const has_changed = () =>
      this.plot.clientWidth !== this.width || this.ratio !== ratio_of_pixels();
    new ResizeObserver(() => has_changed() && this.resize()).observe(this.plot);
    on_theme(() => this.draw());
  }
  build() {
    this.labels = el('div', {id: 'labels', role: 'list', 'aria-label': 'Rows'});
    this.lanes = el('canvas', {'aria-hidden': 'true'});
    this.over = el('canvas', {'aria-hidden': 'true'});
    this.plot = el(
      'div',
      {
        id: 'plot',
        tabindex: 0,
        role: 'application',
        'aria-label':
          'Timeline. W and S zoom, A and D move, 0 shows all, N and P step through events, M sets a marker.',
      },
      this.lanes,
      this.over,
    );
    this.axis = el('canvas', {id: 'axis', 'aria-hidden': 'true'});
    this.thumb = el('div');
    this.overview = el(
      'div',
      {id: 'overview', 'aria-hidden': 'true', title: 'The part of the profile that is shown'},
      this.thumb,
    );
    this.flags = el('div', {id: 'flags'});
    this.rows_box = el('div', {id: 'rows'}, this.labels, this.plot);
    this.spacers = [el('div'), el('div')];
    this.root = el(
      'div',
      {},
      this.overview,
      el('div', {id: 'flag-line'}, this.spacers[0], this.flags),
      this.rows_box,
      el('div', {id: 'axis-line'}, this.spacers[1], this.axis),
    );
    this.tip = el('div', {id: 'tip', role: 'tooltip', hidden: true});
    document.body.append(this.tip);
    this.listen();
  }
  shows(row) {
    const shown = this.settings.rows;
    if (row.kind === 'semaphore' && this.settings.semaphores.length)
      return shown.semaphores && this.settings.semaphores.includes(Number(row.name.split(' ')[1]));
    return row.kind === 'queue'
      ? shown.queues
      : row.kind === 'instruction' || row.kind === 'collective'
        ? shown.engines
        : row.kind === 'throttle'
          ? shown.throttling
          : shown.semaphores;
  }
  /// Places of all rows, top to bottom; called again when the settings change.
  layout() {
    this.placed = [];
    let top = GAP;
    const place = (what) => {
      this.placed.push({...what, top});
      top += what.height + GAP;
    };
    const place_row = (row) => {
      const lane = lane_height(row),
        height = row.kind === 'semaphore' ? 20 : lane * row.tracks.length;
      place({row, name: row.name, height, lane});
    };
    const all = this.profile.counters
      .filter((counter) => !counter.of)
      .map((counter, index) => ({counter, index, name: counter.name, height: COUNTER_HEIGHT}));
    const is_memory = ({name}) => /^(State Buffer|PSUM) Usage/.test(name);
    const place_part = (wanted) => {
      const rows = this.profile.rows.filter((row) => wanted(row) && this.shows(row));
      const counters = all.filter(({counter}) => wanted(counter));
      rows.filter((row) => row.kind === 'queue').forEach(place_row);
      if (this.settings.rows.memories) counters.filter(is_memory).forEach(place);
      rows.filter((row) => row.kind !== 'queue').forEach(place_row);
      if (this.settings.rows.counters) counters.filter((c) => !is_memory(c)).forEach(place);
    };
    const {members} = this.profile;
    members?.forEach(({name, profile}, at) => {
      place({heading: time(profile.total_ps), name, height: 14});
      place_part(({member}) => member === at);
    });
    if (!members) place_part(() => true);
    this.lane_of = new Map(
      this.placed.flatMap((p) => (p.row?.tracks ?? []).map((track, lane) => [track, {place: p, lane}])),
    );
    this.height = top + 2;
    this.label();
    this.labels.style.height = this.plot.style.height = `${this.height}px`;
    this.resize();
  }
  /// Names of the rows, beside them; in a group the heading tells the member.
  label() {
    const text_of = (p) => p.row?.base ?? (this.profile.members ? p.name.split(' · ')[0] : p.name);
    const title_of = ({row, counter, heading}) =>
      heading ??
      (row
        ? `${row.events.toLocaleString('en-US')} events`
        : `peak ${counter_text(counter.peak, counter.unit)}`);
    const name = (p) =>
      el(
        'div',
        {
          role: 'listitem',
          class: p.heading ? 'heading' : undefined,
          style: {top: `${p.top + p.height / 2}px`},
          title: title_of(p),
        },
        text_of(p),
      );
    const longest = this.placed.map(text_of).reduce((a, b) => (b.length > a.length ? b : a), '');
    this.labels.replaceChildren(
      el('span', {class: 'sizer', 'aria-hidden': 'true'}, `${longest}   `),
      ...this.placed.map(name),
    );
  }
  resize() {
    this.width = this.plot.clientWidth;
    if (!this.width) return;
    this.ratio = ratio_of_pixels();
    for (const canvas of [this.lanes, this.over]) {
      canvas.width = Math.round(this.width * this.ratio);
      canvas.height = Math.round(this.height * this.ratio);
    }
    for (const spacer of this.spacers) spacer.style.width = `${this.labels.offsetWidth}px`;
    this.axis.width = Math.round(this.axis.clientWidth * this.ratio);
    this.axis.height = Math.round(46 * this.ratio);
    this.changed();
  }
  x_of(ps) {
    return ((ps - this.view.begin) / (this.view.end - this.view.begin)) * this.width;
  }
  ps_of(x) {
    return this.view.begin + (x / this.width) * (this.view.end - this.view.begin);
  }
  show(begin, end) {
    const room = this.full.end - this.full.begin;
    const length = Math.min(Math.max(end - begin, SHORTEST_PS), room);
    const middle = (begin + end) / 2;
    begin = Math.max(this.full.begin, Math.min(middle - length / 2, this.full.end - length));
    this.view = {begin, end: begin + length};
    this.changed();
  }
  zoom(factor, at_ps = (this.view.begin + this.view.end) / 2) {
    const {begin, end} = this.view;
    this.show(at_ps - (at_ps - begin) * factor, at_ps + (end - at_ps) * factor);
  }
  pan(share) {
    const step = (this.view.end - this.view.begin) * share;
    this.show(this.view.begin + step, this.view.end + step);
  }
  reset() {
    this.show(this.full.begin, this.full.end);
  }
  changed() {
    if (!this.width) return;
    const skip = this.settings.rows.semaphores ? '' : 'semaphore';
    this.loader.want(this.view, this.lanes.width, skip);
    this.draw();
    this.on.view();
  }
  /// In the next frame: everything, or with mark() only what lies over the picture.
  draw() {
    this.is_stale = true;
    this.mark();
  }
  mark() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      if (this.is_stale) this.paint();
      else this.paint_over();
      this.is_stale = false;
    });
  }
  /// Rows that a box touches.
  rows_in(box) {
    return this.placed
      .filter((p) => p.row && p.top < box.bottom && p.top + p.height > box.top)
      .map((p) => p.row);
  }
  set_box(box) {
    this.box = box;
    this.on.box();
    this.mark();
  }
  /// The event before (-1) or after (+1) the selected one on its track; the first in view without one.
  step(direction) {
    const from = this.selected;
    const track =
      from?.track ?? this.placed.find((p) => p.row?.kind === 'instruction')?.row.tracks[0];
    const spans = this.data?.tracks.get(track);
    if (!spans?.count) return;
    const row = this.profile.rows.find((r) => r.tracks.includes(track));
    let i = from
      ? last_before(spans, from.begin) + direction
      : last_before(spans, this.view.begin) + 1;
    i = Math.max(0, Math.min(spans.count - 1, i));
    const event = this.event_of(row, track, spans, i, spans.begin[i]);
    if (event.begin < this.view.begin || event.end > this.view.end) {
      const half = (this.view.end - this.view.begin) / 2;
      this.show(event.begin - half, event.begin + half);
    }
    this.on.select(event);
  }
  /// Scrolls the row of an event into sight.
  reveal(event) {
    const place = this.placed.find((p) => p.row === event.row);
    if (!place) return;
    const {scrollTop, clientHeight} = this.rows_box;
    if (place.top < scrollTop) this.rows_box.scrollTop = place.top - GAP;
    else if (place.top + place.height > scrollTop + clientHeight)
      this.rows_box.scrollTop = place.top + place.height + GAP - clientHeight;
  }
  add_marker(at_ps) {
    at_ps = Math.round(at_ps);
    const taken = new Set(this.markers.map((marker) => marker.name));
    let n = this.markers.length + 1;
    while (taken.has(`marker ${n}`)) ++n;
    this.markers.push({at_ps, name: `marker ${n}`});
    say(`marker ${n} at ${ns(at_ps)} nanoseconds`);
    this.on.markers();
    this.mark();
  }
}
Object.assign(Timeline.prototype, painting, marking, pointing);
