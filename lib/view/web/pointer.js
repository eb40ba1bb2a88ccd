// SPDX-License-Identifier: Apache-2.0
// The pointer on the timeline: zoom, move, hover and pick. Methods of Timeline.
import {counter as counter_text, el, ns, time} from './format.js';
import {ink_on} from './colors.js';
import {ink} from './theme.js';
import {span_at} from './window.js';

export const pointing = {
  listen() {
    const at = (e) => {
      const box = this.plot.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    this.plot.addEventListener('pointerdown', (e) => {
      if (e.button === 2) return;
      const [x, y] = at(e);
      this.drag = {
        x,
        y,
        to: x,
        down: y,
        wide: false,
        pans: e.button === 1 || e.shiftKey,
        view: {...this.view},
      };
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
        const moved =
          ((x - this.drag.x) / this.width) * (this.drag.view.end - this.drag.view.begin);
        const wide = this.drag.wide;
        this.show(this.drag.view.begin - moved, this.drag.view.end - moved);
        this.drag.wide = wide;
      } else this.mark();
    });
    this.plot.addEventListener('pointerup', (e) => {
      const drag = this.drag;
      this.drag = null;
      if (!drag) return;
      const [x, y] = at(e);
      const [first, last] = [
        this.ps_of(drag.x),
        this.ps_of(Math.max(0, Math.min(this.width, x))),
      ].sort((a, b) => a - b);
      if (!drag.wide) this.on.select(this.pick(x, y));
      else if (this.is_boxing && !drag.pans)
        this.set_box({
          begin: first,
          end: last,
          top: Math.min(drag.y, y),
          bottom: Math.max(drag.y, y),
        });
      else if (!drag.pans) this.show(first, last);
      this.mark();
    });
    this.plot.addEventListener('pointercancel', () => {
      this.drag = null;
      this.mark();
    });
    this.plot.addEventListener('pointerleave', () => {
      this.hover = null;
      this.hide_tip();
      this.mark();
    });
    this.plot.addEventListener('dblclick', () => this.reset());
    this.plot.addEventListener('contextmenu', (e) => {
      e.preventDefault();
      this.add_marker(this.ps_of(at(e)[0]));
    });
    this.plot.addEventListener(
      'wheel',
      (e) => {
        e.preventDefault();
        this.hide_tip();
        if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY))
          return this.pan((e.deltaX || e.deltaY) / this.width);
        this.zoom(
          Math.exp(Math.max(-120, Math.min(120, e.deltaY)) * (e.ctrlKey ? 0.01 : 0.0022)),
          this.ps_of(at(e)[0]),
        );
      },
      {passive: false},
    );
    this.overview.addEventListener('pointerdown', (e) => {
      this.overview.setPointerCapture(e.pointerId);
      this.move_to(e);
    });
    this.overview.addEventListener('pointermove', (e) => {
      if (e.buttons) this.move_to(e);
    });
  },
  move_to(e) {
    const box = this.overview.getBoundingClientRect();
    const middle =
      this.full.begin + ((e.clientX - box.left) / box.width) * (this.full.end - this.full.begin);
    const half = (this.view.end - this.view.begin) / 2;
    this.show(middle - half, middle + half);
  },
  point(x, y, e) {
    const found = this.pick(x, y);
    this.hover = found?.row ? found : null;
    this.plot.style.cursor = found?.row ? 'pointer' : 'crosshair';
    this.mark();
    if (!found) return this.hide_tip();
    const color = found.row ? this.coloring.hex(found.row, found.color, found.layer) : ink('sheet');
    this.tip.style.background = color;
    this.tip.style.color = found.row ? ink_on(color) : ink('ink');
    this.tip.replaceChildren(...this.tip_lines(found));
    this.tip.hidden = false;
    this.place_tip(e.clientX, e.clientY);
    clearTimeout(this.asking);
    if (found.exact) this.asking = setTimeout(() => this.on.hover?.(found), 120);
  },
  /// Beside the pointer, inside of the window.
  place_tip(x, y) {
    this.tip_at = [x, y];
    this.tip.style.left = this.tip.style.top = '0';
    const {width, height} = this.tip.getBoundingClientRect();
    const top = y + 18 + height > innerHeight ? Math.max(4, y - height - 12) : y + 18;
    this.tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
    this.tip.style.top = `${top}px`;
  },
  tip_lines(found) {
    const line = (text) => el('div', {}, text);
    if (found.counter)
      return [
        el('b', {}, `${found.counter.name}`),
        line(`${counter_text(found.mean, found.counter.unit)} at ${ns(found.ps)} ns`),
        ...(found.peak > found.mean * 1.001
          ? [line(`peak here ${counter_text(found.peak, found.counter.unit)}`)]
          : []),
      ];
    const lines = [el('b', {}, `(${ns(found.ps)} ns, ${found.row.name})`)];
    if (found.exact) {
      lines.push(
        line(
          found.end > found.begin
            ? `start: ${ns(found.begin)} ns | end: ${ns(found.end)} ns`
            : `at: ${ns(found.begin)} ns`,
        ),
      );
      if (found.end > found.begin) lines.push(line(`duration: ${time(found.end - found.begin)}`));
    } else {
      lines.push(
        line(
          `${found.events.toLocaleString('en-US')} events begin here, ${Math.round(found.share * 100)} % busy; zoom in for each`,
        ),
      );
    }
    if (found.row.kind === 'instruction') {
      lines.push(
        line(`${found.exact ? '' : 'mostly '}opcode: ${this.coloring.opcode(found.color)}`),
      );
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
  },
  /// Adds fields that the server sent after the pointer came to rest.
  extend_tip(found, fields) {
    if (this.tip.hidden || this.hover?.track !== found.track || this.hover?.index !== found.index)
      return;
    for (const field of fields)
      this.tip.append(el('div', {}, `${field.label.toLowerCase()}: ${field.text}`));
    this.place_tip(...this.tip_at);
  },
  hide_tip() {
    clearTimeout(this.asking);
    this.tip.hidden = true;
  },
  /// What lies under a point of the plot: an event, a counter's value or nothing.
  pick(x, y) {
    const place = this.placed.find((p) => y >= p.top - 2 && y < p.top + p.height + 3);
    if (!place || place.heading || !this.data) return null;
    const ps = this.ps_of(x),
      reach = (3 * (this.view.end - this.view.begin)) / this.width;
    if (place.counter) {
      const series = this.data.counters[place.index];
      const i = series ? Math.floor((ps - series.begin) / series.step) : -1;
      return i >= 0 && i < series.mean.length
        ? {counter: place.counter, ps, mean: series.mean[i], peak: series.peak[i]}
        : null;
    }
    const {row} = place;
    const lane =
      row.kind === 'semaphore'
        ? 0
        : Math.min(
            row.tracks.length - 1,
            Math.max(0, Math.floor((place.top + place.height - y) / place.lane)),
          );
    // A lane may be empty here while a neighbour is not: the nearest lane wins.
    const order = row.tracks
      .map((_, i) => i)
      .sort((a, b) => Math.abs(a - lane) - Math.abs(b - lane));
    for (const i of order) {
      const spans = this.data.tracks.get(row.tracks[i]);
      const at = spans ? span_at(spans, ps, row.kind === 'semaphore' ? Infinity : reach) : -1;
      if (at >= 0) return this.event_of(row, row.tracks[i], spans, at, ps);
    }
    return null;
  },
  event_of(row, track, spans, i, ps) {
    return {
      row,
      track,
      ps,
      index: spans.index[i],
      begin: spans.begin[i],
      end: spans.end[i],
      exact: spans.exact,
      share: spans.share[i],
      events: spans.events[i],
      color: spans.color[i],
      layer: spans.layer[i],
    };
  },
};
