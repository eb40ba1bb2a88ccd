// SPDX-License-Identifier: Apache-2.0
// The timeline's picture: lanes, names, counters, semaphores and the axis. Methods of Timeline.
import {ns, time} from './format.js';
import {ink_on, mix, to_pixel} from './colors.js';
import {ink} from './theme.js';
import {paint_series} from './series.js';
import {last_before, paint_lane} from './window.js';

// By the first words of a counter's name.
const COUNTER_INKS = [
  ['Pending', 'pending'],
  ['DMA', 'throughput'],
  ['HBM', 'hbm'],
  ['State Buffer', 'sbuf'],
  ['PSUM', 'psum'],
];

export const painting = {
  paint() {
    const context = this.lanes.getContext('2d', {alpha: false}); // it hides what lies under it
    const {width, height} = this.lanes;
    if (!width || !height) return;
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.image = context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const ground = this.ground(width);
    for (let y = 0; y < height; ++y) this.pixels.set(ground, y * width);
    for (const place of this.placed) {
      if (place.counter) this.paint_counter(place, width);
      else if (place.row && place.row.kind !== 'semaphore') this.paint_row(place, width, ground);
    }
    context.putImageData(this.image, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    for (const place of this.placed) {
      if (place.heading) this.paint_heading(context, place);
      else if (place.counter) continue;
      else if (place.row.kind === 'semaphore') this.paint_semaphore(context, place);
      else this.paint_names(context, place);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.paint_axis();
    this.paint_over();
    const room = this.full.end - this.full.begin;
    this.thumb.style.left = `${((this.view.begin - this.full.begin) / room) * 100}%`;
    this.thumb.style.width = `${((this.view.end - this.view.begin) / room) * 100}%`;
  },
  /// One row of pixels: the sheet and its vertical grid.
  ground(width) {
    const ground = new Uint32Array(width).fill(to_pixel(ink('sheet')));
    const line = to_pixel(ink('grid'));
    for (const tick of this.ticks()) {
      const x = Math.round(this.x_of(tick) * this.ratio);
      if (x >= 0 && x < width) ground[x] = line;
    }
    return ground;
  },
  paint_row(place, width, ground) {
    if (!this.data) return;
    const {row, lane} = place;
    row.tracks.forEach((track, i) => {
      const spans = this.data.tracks.get(track);
      if (!spans) return;
      const shades = this.shades_of(row, spans);
      const [top, bottom] = this.lane_edges(place, i).map((y) => Math.round(y * this.ratio));
      const thick = Math.max(1, bottom - top - (lane > 4 ? Math.round(this.ratio) : 0));
      paint_lane({pixels: this.pixels, width, top, thick, ground}, spans, this.view, shades);
    });
  },
  /// The pixels of a lane's spans, each found when it is first drawn: {known, of(i)}. They stay until
  /// other colours are chosen.
  shades_of(row, spans) {
    const sheet = to_pixel(ink('sheet'));
    const {coloring, only} = this;
    const kept = spans.shades;
    if (kept?.coloring === coloring && kept.only === only && kept.sheet === sheet) return kept;
    const known = new Uint32Array(spans.count);
    const of = (i) => {
      const [color, layer, share] = [spans.color[i], spans.layer[i], spans.share[i]];
      const pixel = coloring.pixel(row, color, layer);
      const is_other = only && coloring.group(row, color, layer) !== only;
      const strength = is_other ? 0.13 : share < 0.97 ? Math.max(0.35, share) : 1;
      return (known[i] = strength < 1 ? mix(sheet, pixel, strength) : pixel);
    };
    spans.shades = {coloring, only, sheet, known, of};
    return spans.shades;
  },
  /// Lane 0 is the lowest, as in the pictures.
  lane_edges(place, i) {
    const bottom = place.top + place.height - i * place.lane;
    return [bottom - place.lane, bottom];
  },
  paint_names(context, place) {
    if (!this.data || place.lane < 10 || place.row.kind === 'throttle') return;
    const {row} = place;
    context.font = `${place.lane > 12 ? 11 : 9}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
    row.tracks.forEach((track, lane) => {
      const spans = this.data.tracks.get(track);
      if (!spans) return;
      const middle = this.lane_edges(place, lane)[0] + place.lane / 2;
      for (
        let i = Math.max(0, last_before(spans, this.view.begin));
        i < spans.count && spans.begin[i] <= this.view.end;
        ++i
      ) {
        const left = Math.max(0, this.x_of(spans.begin[i])),
          right = Math.min(this.width, this.x_of(spans.end[i]));
        if (right - left < 34 || (!spans.exact && spans.share[i] < 0.9)) continue;
        const group = this.coloring.group(row, spans.color[i], spans.layer[i]);
        if (this.only && group !== this.only) continue;
        const text = this.coloring.caption(row, spans.color[i], spans.layer[i]);
        if (context.measureText(text).width > right - left - 8) continue;
        context.fillStyle = ink_on(this.coloring.hex(row, spans.color[i], spans.layer[i]));
        context.fillText(text, left + 4, middle + 0.5);
      }
    });
  },
  /// A line over the rows of a member, and how long it took.
  paint_heading(context, {top, heading, height}) {
    context.fillStyle = ink('line');
    context.fillRect(0, top - 3, this.width, 1);
    context.fillStyle = ink('soft');
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.fillText(heading, 6, top + height / 2);
  },
  paint_counter(place, width) {
    const series = this.data?.counters[place.index];
    if (!series?.mean.length) return;
    const color =
      COUNTER_INKS.find(([start]) => place.name.startsWith(start))?.[1] ?? 'utilization';
    const scale = this.ratio;
    const [top, base] = [place.top + 4, place.top + place.height - 1].map((y) => Math.round(y * scale));
    const inks = {line: to_pixel(ink(color)), sheet: to_pixel(ink('sheet'))};
    const area = {pixels: this.pixels, width, top, base, thick: Math.max(1, Math.round(scale * 1.4))};
    paint_series(area, series, this.view, place.counter.peak || 1, inks);
  },
  paint_semaphore(context, place) {
    const spans = this.data?.tracks.get(place.row.tracks[0]);
    const base = place.top + place.height;
    if (!spans) return;
    const from = Math.max(0, last_before(spans, this.view.begin));
    let most = 1;
    for (let i = 0; i < spans.count; ++i) most = Math.max(most, spans.color[i]);
    context.beginPath();
    for (let i = from; i < spans.count; ++i) {
      const y = base - 1 - (spans.color[i] / most) * (place.height - 3);
      const next = i + 1 < spans.count ? spans.begin[i + 1] : this.full.end;
      context.lineTo(this.x_of(spans.begin[i]), y);
      context.lineTo(this.x_of(next), y);
      if (spans.begin[i] > this.view.end) break;
    }
    context.strokeStyle = ink('pending');
    context.lineWidth = 1.2;
    context.stroke();
  },
  ticks() {
    const length = (this.view.end - this.view.begin) / 1000,
      most = Math.max(2, this.width / 110);
    const power = 10 ** Math.floor(Math.log10(length / most));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => length / n <= most) * 1000;
    const list = [];
    for (let i = Math.ceil(this.view.begin / step); i * step <= this.view.end; ++i)
      list.push(i * step);
    return list;
  },
  /// Asks for no size and no style here: after what was written before, that would lay out the page.
  paint_axis() {
    const context = this.axis.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.axis.width, this.axis.height);
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'center';
    context.fillStyle = ink('soft');
    for (const tick of this.ticks()) {
      const text = ns(tick),
        x = this.x_of(tick),
        half = text.length * 3.7; // about half of its width
      context.fillRect(x, 0, 1, 4);
      context.fillText(text, Math.min(Math.max(x, half + 1), this.width - half - 1), 17);
    }
    context.fillStyle = ink('ink');
    const length = this.view.end - this.view.begin;
    const shown = length < (this.full.end - this.full.begin) * 0.999 ? ' shown' : '';
    context.fillText(`${time(length, 2)}${shown}   ·   elapsed ns`, this.width / 2, 38);
  },
};
