// SPDX-License-Identifier: Apache-2.0
// The timeline: rows of lanes and counters over elapsed time, with zoom, hover, click and markers.
import {el, ns, time, counter as counter_text, say} from './format.js';
import {ink_on, to_pixel} from './colors.js';
import {Loader, last_before, paint_lane, span_at} from './window.js';

const GAP = 7;               // between rows
const COUNTER_HEIGHT = 34;
const SHORTEST_PS = 2000;    // two nanoseconds are less than any instruction
const lane_height = (row) =>
  row.kind === 'queue' ? (row.tracks.length > 4 ? 4 : row.tracks.length > 1 ? 6 : 10)
                       : row.tracks.length > 2 ? 7 : row.tracks.length > 1 ? 10 : 15;

export class Timeline {
  /// `on` has select(event), view(), markers(), box(), error(text).
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
    this.links = [];  // dependencies of the selected event
    this.only = null;  // name of the one group that is shown bright
    this.hits = [];    // found instructions that are all marked
    this.is_boxing = false;
    this.box = null;   // what box selection marked: times, and pixels from the top
    this.loader = new Loader(source, (data) => { this.data = data; this.draw(); this.on.view(); },
      (error) => this.on.error(error.message));
    this.build();
    this.layout();
    new ResizeObserver(() => this.resize()).observe(this.plot);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  build() {
    this.labels = el('div', {id: 'labels', role: 'list', 'aria-label': 'Rows'});
    this.lanes = el('canvas', {'aria-hidden': 'true'});
    this.over = el('canvas', {'aria-hidden': 'true'});
    this.plot = el('div', {id: 'plot', tabindex: 0, role: 'application', 'aria-label':
      'Timeline. W and S zoom, A and D move, 0 shows all, N and P step through events, M sets a marker.'},
      this.lanes, this.over);
    this.axis = el('canvas', {id: 'axis', 'aria-hidden': 'true'});
    this.thumb = el('div');
    this.overview = el('div', {id: 'overview', 'aria-hidden': 'true', title: 'The part of the profile that is shown'}, this.thumb);
    this.rows_box = el('div', {id: 'rows'}, this.labels, this.plot);
    this.spacer = el('div');
    this.root = el('div', {}, this.overview, this.rows_box, el('div', {id: 'axis-line'}, this.spacer, this.axis));
    this.tip = el('div', {id: 'tip', role: 'tooltip', hidden: true});
    document.body.append(this.tip);
    this.listen();
  }

  shows(row) {
    const shown = this.settings.rows;
    return row.kind === 'queue' ? shown.queues : row.kind === 'instruction' ? shown.engines
      : row.kind === 'throttle' ? shown.throttling : shown.semaphores;
  }
  /// Places of all rows, top to bottom; called again when the settings change.
  layout() {
    this.placed = [];
    let top = GAP;
    for (const row of this.profile.rows) {
      if (!this.shows(row)) continue;
      const lane = lane_height(row), height = row.kind === 'semaphore' ? 20 : lane * row.tracks.length;
      this.placed.push({row, name: row.name, top, height, lane});
      top += height + GAP;
    }
    if (this.settings.rows.counters)
      this.profile.counters.forEach((counter, index) => {
        this.placed.push({counter, index, name: counter.name, top, height: COUNTER_HEIGHT});
        top += COUNTER_HEIGHT + GAP;
      });
    this.height = top + 2;
    const longest = this.placed.reduce((a, p) => p.name.length > a.length ? p.name : a, '');
    this.labels.replaceChildren(el('span', {class: 'sizer', 'aria-hidden': 'true', style: {fontSize: '12.5px'}}, longest + '   '),
      ...this.placed.map((p) => el('div', {role: 'listitem', style: {top: `${p.top + p.height / 2}px`},
        title: p.row ? `${p.row.events.toLocaleString('en-US')} events` : `peak ${counter_text(p.counter.peak, p.counter.unit)}`}, p.name)));
    this.labels.style.height = this.plot.style.height = `${this.height}px`;
    this.resize();
  }
  resize() {
    this.width = this.plot.clientWidth;
    if (!this.width) return;
    this.ratio = Math.min(window.devicePixelRatio || 1, 3);
    for (const canvas of [this.lanes, this.over]) {
      canvas.width = Math.round(this.width * this.ratio);
      canvas.height = Math.round(this.height * this.ratio);
    }
    this.spacer.style.width = `${this.labels.offsetWidth}px`;
    this.axis.width = Math.round(this.axis.clientWidth * this.ratio);
    this.axis.height = Math.round(46 * this.ratio);
    this.changed();
  }

  x_of(ps) { return (ps - this.view.begin) / (this.view.end - this.view.begin) * this.width; }
  ps_of(x) { return this.view.begin + x / this.width * (this.view.end - this.view.begin); }
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
  reset() { this.show(this.full.begin, this.full.end); }
  changed() {
    if (!this.width) return;
    const skip = this.settings.rows.semaphores ? '' : 'semaphore';
    this.loader.want(this.view, this.lanes.width, skip);
    this.draw();
    this.on.view();
  }
  draw() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      const started = performance.now();
      this.paint();
      this.frame_ms = performance.now() - started;
    });
  }

  paint() {
    const style = getComputedStyle(document.documentElement);
    this.ink = (name) => style.getPropertyValue(`--${name}`).trim();
    const context = this.lanes.getContext('2d');
    const {width, height} = this.lanes;
    if (!width || !height) return;
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.image = context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const ground = this.ground(width);
    for (let y = 0; y < height; ++y) this.pixels.set(ground, y * width);
    for (const place of this.placed)
      if (place.row && place.row.kind !== 'semaphore') this.paint_row(place, width, ground);
    context.putImageData(this.image, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    for (const place of this.placed) {
      if (place.counter) this.paint_counter(context, place);
      else if (place.row.kind === 'semaphore') this.paint_semaphore(context, place);
      else this.paint_names(context, place);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.paint_axis();
    this.paint_over();
    const room = this.full.end - this.full.begin;
    this.thumb.style.left = `${(this.view.begin - this.full.begin) / room * 100}%`;
    this.thumb.style.width = `${(this.view.end - this.view.begin) / room * 100}%`;
  }
  /// One row of pixels: the sheet and its vertical grid.
  ground(width) {
    const ground = new Uint32Array(width).fill(to_pixel(this.ink('sheet')));
    const line = to_pixel(this.ink('grid'));
    for (const tick of this.ticks()) {
      const x = Math.round(this.x_of(tick) * this.ratio);
      if (x >= 0 && x < width) ground[x] = line;
    }
    return ground;
  }
  paint_row(place, width, ground) {
    if (!this.data) return;
    const {row, lane} = place;
    const pixel_of = (color, layer) => this.coloring.pixel(row, color, layer);
    const wanted = this.only && ((color, layer) => this.coloring.group(row, color, layer) === this.only);
    row.tracks.forEach((track, i) => {
      const spans = this.data.tracks.get(track);
      if (!spans) return;
      const [top, bottom] = this.lane_edges(place, i).map((y) => Math.round(y * this.ratio));
      const thick = Math.max(1, bottom - top - (lane > 4 ? Math.round(this.ratio) : 0));
      paint_lane(this.pixels, width, top, thick, ground, spans, this.view, pixel_of, wanted);
    });
  }
  /// Lane 0 is the lowest, as in the pictures.
  lane_edges(place, i) {
    const bottom = place.top + place.height - i * place.lane;
    return [bottom - place.lane, bottom];
  }
  paint_names(context, place) {
    if (!this.data || place.lane < 10 || place.row.kind === 'throttle') return;
    const {row} = place;
    context.font = `${place.lane > 12 ? 11 : 9}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
    row.tracks.forEach((track, lane) => {
      const spans = this.data.tracks.get(track);
      if (!spans) return;
      const middle = this.lane_edges(place, lane)[0] + place.lane / 2;
      for (let i = Math.max(0, last_before(spans, this.view.begin)); i < spans.count && spans.begin[i] <= this.view.end; ++i) {
        const left = Math.max(0, this.x_of(spans.begin[i])), right = Math.min(this.width, this.x_of(spans.end[i]));
        if (right - left < 34 || (!spans.exact && spans.share[i] < 0.9)) continue;
        const group = this.coloring.group(row, spans.color[i], spans.layer[i]);
        if (this.only && group !== this.only) continue;
        const text = row.kind === 'queue' ? row.name : this.settings.grouping === 'layer' ? group : this.coloring.opcode(spans.color[i]);
        if (context.measureText(text).width > right - left - 8) continue;
        context.fillStyle = ink_on(this.coloring.hex(row, spans.color[i], spans.layer[i]));
        context.fillText(text, left + 4, middle + 0.5);
      }
    });
  }
  paint_counter(context, place) {
    const base = place.top + place.height - 1;
    context.fillStyle = this.ink('line');
    context.fillRect(0, base, this.width, 1);
    const series = this.data?.counters[place.index];
    if (!series || !series.mean.length) return;
    const top = place.counter.peak || 1, high = place.height - 4;
    const color = place.name.startsWith('Pending') ? 'pending' : place.name.startsWith('DMA') ? 'throughput' : 'utilization';
    const y_of = (value) => base - Math.min(1, value / top) * high;
    const trace = (values) => {
      context.beginPath();
      const first = Math.max(0, Math.floor((this.view.begin - series.begin) / series.step) - 1);
      const last = Math.min(values.length, Math.ceil((this.view.end - series.begin) / series.step) + 1);
      for (let i = first; i < last; ++i) {
        const y = y_of(values[i]);
        context.lineTo(this.x_of(series.begin + i * series.step), y);
        context.lineTo(this.x_of(series.begin + (i + 1) * series.step), y);
      }
      return [this.x_of(series.begin + first * series.step), this.x_of(series.begin + last * series.step)];
    };
    const [left, right] = trace(series.mean);
    context.strokeStyle = context.fillStyle = this.ink(color);
    context.lineWidth = 1.4;
    context.stroke();
    context.lineTo(right, base);
    context.lineTo(left, base);
    context.globalAlpha = 0.16;
    context.fill();
    trace(series.peak);
    context.globalAlpha = 0.35;
    context.lineWidth = 0.8;
    context.stroke();
    context.globalAlpha = 1;
  }
  paint_semaphore(context, place) {
    const spans = this.data?.tracks.get(place.row.tracks[0]);
    const base = place.top + place.height;
    if (!spans) return;
    const from = Math.max(0, last_before(spans, this.view.begin));
    let most = 1;
    for (let i = 0; i < spans.count; ++i) most = Math.max(most, spans.color[i]);
    context.beginPath();
    for (let i = from; i < spans.count; ++i) {
      const y = base - 1 - spans.color[i] / most * (place.height - 3);
      const next = i + 1 < spans.count ? spans.begin[i + 1] : this.full.end;
      context.lineTo(this.x_of(spans.begin[i]), y);
      context.lineTo(this.x_of(next), y);
      if (spans.begin[i] > this.view.end) break;
    }
    context.strokeStyle = this.ink('pending');
    context.lineWidth = 1.2;
    context.stroke();
  }

  ticks() {
    const length = (this.view.end - this.view.begin) / 1000, most = Math.max(2, this.width / 110);
    const power = 10 ** Math.floor(Math.log10(length / most));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => length / n <= most) * 1000;
    const list = [];
    for (let i = Math.ceil(this.view.begin / step); i * step <= this.view.end; ++i) list.push(i * step);
    return list;
  }
  paint_axis() {
    const context = this.axis.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.axis.clientWidth, 46);
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'center';
    context.fillStyle = this.ink('soft');
    for (const tick of this.ticks()) {
      const text = ns(tick), half = context.measureText(text).width / 2;
      context.fillRect(this.x_of(tick), 0, 1, 4);
      context.fillText(text, Math.min(Math.max(this.x_of(tick), half + 1), this.width - half - 1), 17);
    }
    context.fillStyle = this.ink('ink');
    const length = this.view.end - this.view.begin;
    context.fillText(`${time(length, 2)}${length < (this.full.end - this.full.begin) * 0.999 ? ' shown' : ''}   ·   elapsed ns`, this.width / 2, 38);
  }
  paint_over() {
    const context = this.over.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    this.outline(context, this.hover, 1);
    this.outline(context, this.selected, 2);
    if (this.selected) for (const link of this.links) this.paint_link(context, link);
    if (this.drag?.wide && !this.drag.pans)
      this.paint_box(context, this.drag.x, this.drag.to, ...(this.is_boxing ? [this.drag.y, this.drag.down] : [0, this.height]));
    if (this.box) this.paint_box(context, this.x_of(this.box.begin), this.x_of(this.box.end), this.box.top, this.box.bottom);
    for (const hit of this.hits) this.outline(context, {track: hit.track, begin: hit.begin_ps, end: hit.end_ps}, 1.5, 'bad');
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'top';
    for (const marker of this.markers) {
      const x = Math.round(this.x_of(marker.at_ps)) + 0.5;
      if (x < -2 || x > this.width + 2) continue;
      context.strokeStyle = context.fillStyle = this.ink('accent');
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, this.height);
      context.stroke();
      const wide = context.measureText(marker.name).width + 8;
      const left = Math.min(x, this.width - wide);
      context.fillRect(left, 0, wide, 16);
      context.fillStyle = this.ink('accent-ink');
      context.fillText(marker.name, left + 4, 3);
    }
  }
  paint_box(context, from, to, y, down) {
    const left = Math.max(-2, Math.min(from, to)), right = Math.min(this.width + 2, Math.max(from, to));
    const top = Math.min(y, down), high = Math.abs(down - y);
    context.fillStyle = this.ink('select');
    context.fillRect(left, top, right - left, high);
    context.strokeStyle = this.ink('accent');
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, right - left - 1, high - 1);
  }
  /// A curve between the selected event and one that it waited for, or that waited for it.
  paint_link(context, link) {
    const edge = (track, begin, end, at_end) => {
      const place = this.placed.find((p) => p.row?.tracks.includes(track));
      if (!place) return null;
      const [top, bottom] = this.lane_edges(place, place.row.tracks.indexOf(track));
      return [this.x_of(at_end ? end : begin), (top + bottom) / 2];
    };
    const {selected} = this, before = link.direction === 'before';
    const from = before ? edge(link.track, link.begin_ps, link.end_ps, true) : edge(selected.track, selected.begin, selected.end, true);
    const to = before ? edge(selected.track, selected.begin, selected.end, false) : edge(link.track, link.begin_ps, link.end_ps, false);
    if (!from || !to) return;
    context.strokeStyle = context.fillStyle = this.ink(before ? 'bad' : 'accent');
    context.lineWidth = 1.5;
    const bend = Math.max(18, Math.abs(to[0] - from[0]) / 3);
    context.beginPath();
    context.moveTo(...from);
    context.bezierCurveTo(from[0] + bend, from[1], to[0] - bend, to[1], ...to);
    context.stroke();
    context.beginPath();
    context.moveTo(...to);
    context.lineTo(to[0] - 7, to[1] - 4);
    context.lineTo(to[0] - 7, to[1] + 4);
    context.fill();
  }
  outline(context, event, thick, color = 'ink') {
    if (!event) return;
    const place = this.placed.find((p) => p.row?.tracks.includes(event.track));
    if (!place) return;
    const [top, bottom] = place.row.kind === 'semaphore' ? [place.top, place.top + place.height]
      : this.lane_edges(place, place.row.tracks.indexOf(event.track));
    const left = this.x_of(event.begin), right = Math.max(left + 2, this.x_of(event.end));
    if (right < 0 || left > this.width) return;
    context.strokeStyle = this.ink(color);
    context.lineWidth = thick;
    context.strokeRect(Math.max(left, -5) - 0.5, top - 0.5, Math.min(right, this.width + 5) - Math.max(left, -5) + 1, bottom - top + 1);
  }

  /// Rows that a box touches.
  rows_in(box) {
    return this.placed.filter((p) => p.row && p.top < box.bottom && p.top + p.height > box.top).map((p) => p.row);
  }
  set_box(box) { this.box = box; this.on.box(); this.draw(); }

  /// What lies under a point of the plot: an event, a counter's value or nothing.
  pick(x, y) {
    const place = this.placed.find((p) => y >= p.top - 2 && y < p.top + p.height + 3);
    if (!place || !this.data) return null;
    const ps = this.ps_of(x), reach = 3 * (this.view.end - this.view.begin) / this.width;
    if (place.counter) {
      const series = this.data.counters[place.index];
      const i = series ? Math.floor((ps - series.begin) / series.step) : -1;
      return i >= 0 && i < series.mean.length ? {counter: place.counter, ps, mean: series.mean[i], peak: series.peak[i]} : null;
    }
    const {row} = place;
    const lane = row.kind === 'semaphore' ? 0
      : Math.min(row.tracks.length - 1, Math.max(0, Math.floor((place.top + place.height - y) / place.lane)));
    // A lane may be empty here while a neighbour is not: the nearest lane wins.
    const order = row.tracks.map((_, i) => i).sort((a, b) => Math.abs(a - lane) - Math.abs(b - lane));
    for (const i of order) {
      const spans = this.data.tracks.get(row.tracks[i]);
      const at = spans ? span_at(spans, ps, row.kind === 'semaphore' ? Infinity : reach) : -1;
      if (at >= 0) return this.event_of(row, row.tracks[i], spans, at, ps);
    }
    return null;
  }
  event_of(row, track, spans, i, ps) {
    return {row, track, ps, index: spans.index[i], begin: spans.begin[i], end: spans.end[i], exact: spans.exact,
      share: spans.share[i], events: spans.events[i], color: spans.color[i], layer: spans.layer[i]};
  }
  /// The event before (-1) or after (+1) the selected one on its track; the first in view without one.
  step(direction) {
    const from = this.selected;
    const track = from?.track ?? this.placed.find((p) => p.row?.kind === 'instruction')?.row.tracks[0];
    const spans = this.data?.tracks.get(track);
    if (!spans?.count) return;
    const row = this.profile.rows.find((r) => r.tracks.includes(track));
    let i = from ? last_before(spans, from.begin) + direction : last_before(spans, this.view.begin) + 1;
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
    else if (place.top + place.height > scrollTop + clientHeight) this.rows_box.scrollTop = place.top + place.height + GAP - clientHeight;
  }

  listen() {
    const at = (e) => { const box = this.plot.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
    this.plot.addEventListener('pointerdown', (e) => {
      if (e.button === 2) return;
      const [x, y] = at(e);
      this.drag = {x, y, to: x, down: y, wide: false, pans: e.button === 1 || e.shiftKey, view: {...this.view}};
      this.plot.setPointerCapture(e.pointerId);
      this.plot.focus({preventScroll: true});
      e.preventDefault();
    });
    this.plot.addEventListener('pointermove', (e) => {
      const [x, y] = at(e);
      if (!this.drag) return this.point(x, y, e);
      this.hide_tip();
      this.drag.to = Math.max(0, Math.min(this.width, x));
      this.drag.down = Math.max(0, Math.min(this.height, y));
      this.drag.wide ||= Math.abs(x - this.drag.x) > 4;
      if (this.drag.pans && this.drag.wide) {
        const moved = (x - this.drag.x) / this.width * (this.drag.view.end - this.drag.view.begin);
        const wide = this.drag.wide;
        this.show(this.drag.view.begin - moved, this.drag.view.end - moved);
        this.drag.wide = wide;
      } else this.draw();
    });
    this.plot.addEventListener('pointerup', (e) => {
      const drag = this.drag;
      this.drag = null;
      if (!drag) return;
      const [x, y] = at(e);
      const [first, last] = [this.ps_of(drag.x), this.ps_of(Math.max(0, Math.min(this.width, x)))].sort((a, b) => a - b);
      if (!drag.wide) this.on.select(this.pick(x, y));
      else if (this.is_boxing && !drag.pans) this.set_box({begin: first, end: last, top: Math.min(drag.y, y), bottom: Math.max(drag.y, y)});
      else if (!drag.pans) this.show(first, last);
      this.draw();
    });
    this.plot.addEventListener('pointercancel', () => { this.drag = null; this.draw(); });
    this.plot.addEventListener('pointerleave', () => { this.hover = null; this.hide_tip(); this.draw(); });
    this.plot.addEventListener('dblclick', () => this.reset());
    this.plot.addEventListener('contextmenu', (e) => { e.preventDefault(); this.add_marker(this.ps_of(at(e)[0])); });
    this.plot.addEventListener('wheel', (e) => {
      e.preventDefault();
      this.hide_tip();
      if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) return this.pan((e.deltaX || e.deltaY) / this.width);
      this.zoom(Math.exp(Math.max(-120, Math.min(120, e.deltaY)) * (e.ctrlKey ? 0.01 : 0.0022)), this.ps_of(at(e)[0]));
    }, {passive: false});
    this.overview.addEventListener('pointerdown', (e) => { this.overview.setPointerCapture(e.pointerId); this.move_to(e); });
    this.overview.addEventListener('pointermove', (e) => { if (e.buttons) this.move_to(e); });
  }
  move_to(e) {
    const box = this.overview.getBoundingClientRect();
    const middle = this.full.begin + (e.clientX - box.left) / box.width * (this.full.end - this.full.begin);
    const half = (this.view.end - this.view.begin) / 2;
    this.show(middle - half, middle + half);
  }
  add_marker(at_ps) {
    at_ps = Math.round(at_ps);
    const taken = new Set(this.markers.map((marker) => marker.name));
    let n = this.markers.length + 1;
    while (taken.has(`marker ${n}`)) ++n;
    this.markers.push({at_ps, name: `marker ${n}`});
    say(`marker ${n} at ${ns(at_ps)} nanoseconds`);
    this.on.markers();
    this.draw();
  }

  point(x, y, e) {
    const found = this.pick(x, y);
    this.hover = found?.row ? found : null;
    this.plot.style.cursor = found?.row ? 'pointer' : 'crosshair';
    this.draw();
    if (!found) return this.hide_tip();
    const color = found.row ? this.coloring.hex(found.row, found.color, found.layer) : this.ink('sheet');
    this.tip.style.background = color;
    this.tip.style.color = found.row ? ink_on(color) : this.ink('ink');
    this.tip.replaceChildren(...this.tip_lines(found));
    this.tip.hidden = false;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(4, Math.min(e.clientX + 14, innerWidth - box.width - 8))}px`;
    this.tip.style.top = `${e.clientY + 18 + box.height > innerHeight ? e.clientY - box.height - 12 : e.clientY + 18}px`;
    clearTimeout(this.asking);
    if (found.exact) this.asking = setTimeout(() => this.on.hover?.(found), 120);
  }
  tip_lines(found) {
    const line = (text) => el('div', {}, text);
    if (found.counter)
      return [el('b', {}, `${found.counter.name}`), line(`${counter_text(found.mean, found.counter.unit)} at ${ns(found.ps)} ns`),
        ...(found.peak > found.mean * 1.001 ? [line(`peak here ${counter_text(found.peak, found.counter.unit)}`)] : [])];
    const lines = [el('b', {}, `(${ns(found.ps)} ns, ${found.row.name})`)];
    if (found.exact) {
      lines.push(line(found.end > found.begin ? `start: ${ns(found.begin)} ns | end: ${ns(found.end)} ns` : `at: ${ns(found.begin)} ns`));
      if (found.end > found.begin) lines.push(line(`duration: ${time(found.end - found.begin)}`));
    } else {
      lines.push(line(`${found.events.toLocaleString('en-US')} events begin here, ${Math.round(found.share * 100)} % busy; zoom in for each`));
    }
    if (found.row.kind === 'instruction') {
      lines.push(line(`${found.exact ? '' : 'mostly '}opcode: ${this.coloring.opcode(found.color)}`));
      const layer = this.coloring.layers.get(found.layer);
      if (layer) lines.push(line(`layer: ${layer}`));
    } else if (found.row.kind === 'queue') {
      lines.push(line(`DMA engine ${found.color}`));
      const variable = this.profile.variables?.[found.layer];
      if (variable) lines.push(line(`variable: ${variable}`));
    } else if (found.row.kind === 'semaphore') {
      lines.push(line(`value: ${found.color}`));
    }
    return lines;
  }
  /// Adds fields that the server sent after the pointer came to rest.
  extend_tip(found, fields) {
    if (this.tip.hidden || this.hover?.track !== found.track || this.hover?.index !== found.index) return;
    for (const field of fields) this.tip.append(el('div', {}, `${field.label.toLowerCase()}: ${field.text}`));
  }
  hide_tip() {
    clearTimeout(this.asking);
    this.tip.hidden = true;
  }
}
