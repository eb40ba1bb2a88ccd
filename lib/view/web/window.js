// SPDX-License-Identifier: Apache-2.0
// Windows of a profile: fetched from the server, decoded without copying, painted lane by lane.
import {mix} from './colors.js';

const MAGIC = 0x3157524e;

/// The layout is that of pack_window() in lib/view/http/api.h.
export function decode(buffer) {
  const head = new DataView(buffer);
  if (head.getUint32(0, true) !== MAGIC) throw new Error('the server sent no window');
  let at = 8;
  const take = (Kind, count) => {
    const column = new Kind(buffer, at, count);
    at += count * Kind.BYTES_PER_ELEMENT;
    return column;
  };
  const tracks = new Map();
  for (let left = head.getUint32(4, true); left > 0; --left) {
    const [track, exact, count] = take(Uint32Array, 4);
    tracks.set(track, {
      exact: exact === 1,
      count,
      begin: take(Float64Array, count),
      end: take(Float64Array, count),
      share: take(Float32Array, count),
      color: take(Uint32Array, count),
      layer: take(Uint32Array, count),
      index: take(Uint32Array, count),
      events: take(Uint32Array, count),
    });
    at += (count % 2) * 4;
  }
  const counters = [];
  for (let left = take(Uint32Array, 2)[0]; left > 0; --left) {
    const [begin, step] = take(Float64Array, 2);
    const count = take(Uint32Array, 2)[0];
    counters.push({begin, step, mean: take(Float32Array, count), peak: take(Float32Array, count)});
  }
  return {tracks, counters};
}

/// Position of the last span that begins at or before `ps`; -1 when there is none.
export function last_before(spans, ps) {
  let low = 0,
    high = spans.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans.begin[middle] <= ps) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
/// The span at a time, or the nearest one within `reach`; -1 when there is none.
export function span_at(spans, ps, reach) {
  const i = last_before(spans, ps);
  if (i >= 0 && spans.end[i] >= ps) return i;
  const before = i >= 0 ? ps - spans.end[i] : Infinity;
  const after = i + 1 < spans.count ? spans.begin[i + 1] - ps : Infinity;
  if (Math.min(before, after) > reach) return -1;
  return before <= after ? i : i + 1;
}

/// Paints one lane: a single row of pixels, copied as often as the lane is high. That is some twenty
/// times faster than a rectangle for each span, and needs no graphics hardware.
export function paint_lane({pixels, width, top, thick, ground}, spans, view, shades) {
  const row = top * width;
  const scale = width / (view.end - view.begin);
  const {begin, end, exact, count} = spans;
  const {known} = shades;
  for (let i = Math.max(0, last_before(spans, view.begin)); i < count && begin[i] <= view.end; ++i) {
    if (end[i] < view.begin) continue;
    const left = Math.max(0, Math.floor((begin[i] - view.begin) * scale));
    const right = Math.min(width, Math.max(left + 1, Math.floor((end[i] - view.begin) * scale)));
    if (left >= width) break;
    const pixel = known[i] || shades.of(i);
    if (right - left > 8) pixels.fill(pixel, row + left, row + right);
    else for (let x = left; x < right; ++x) pixels[row + x] = pixel;
    if (exact && right - left > 4) pixels[row + right - 1] = mix(ground[left], pixel, 0.45);
  }
  for (let line = 1; line < thick; ++line) pixels.copyWithin(row + line * width, row, row + width);
}

const PREFETCH_AFTER_MS = 400;

/// The size of what one pixel shows, as the server rounds it.
const grain_of = ({begin, end, width}) => Math.floor(Math.log2((end - begin) / width));

/// Fetches what a view needs, one request at a time and only the newest wish. Once a view rests,
/// what lies beside it comes too, so that a small move finds its data there. `busy` until the data
/// of the newest wish is there.
export class Loader {
  constructor(source, full, on_loaded, on_error) {
    this.source = source;
    this.full = full;
    this.on_loaded = on_loaded;
    this.on_error = on_error;
    this.busy = false;
    this.next = null;
    this.held = null; // the wish that the newest data fulfils
    this.ahead = null; // a request for what lies beside the view
    this.timer = 0;
  }
  want(view, width, skip) {
    const wish = {begin: Math.floor(view.begin), end: Math.ceil(view.end), width, skip};
    this.rest(wish);
    // What is under way comes first and replaces what is held.
    if (!this.busy && this.holds(wish)) return;
    this.next = wish;
    if (!this.busy) this.run();
  }
  holds({begin, end, width, skip}) {
    const {held} = this;
    return (
      held &&
      held.skip === skip &&
      held.begin <= Math.max(begin, this.full.begin) &&
      held.end >= Math.min(end, this.full.end) &&
      grain_of(held) === grain_of({begin, end, width})
    );
  }
  async run() {
    this.busy = true;
    while (this.next) {
      const wish = this.next;
      this.next = null;
      if (!this.holds(wish)) await this.fetch(wish);
    }
    this.busy = false;
  }
  async fetch(wish, signal) {
    try {
      const {begin, end, width, skip} = wish;
      const data = await this.source.window(begin, end, width, skip, signal);
      if (signal?.aborted) return;
      this.held = wish;
      this.on_loaded({...data, begin, end});
    } catch (error) {
      if (!signal?.aborted) this.on_error(error);
    }
  }
  /// Plans to ask for three times the view; whoever moves on first calls that off.
  rest(wish) {
    clearTimeout(this.timer);
    this.ahead?.abort();
    this.timer = setTimeout(() => this.look_ahead(wish), PREFETCH_AFTER_MS);
  }
  look_ahead(wish) {
    if (this.busy) return this.rest(wish);
    const length = wish.end - wish.begin;
    const begin = Math.max(wish.begin - length, Math.min(wish.begin, this.full.begin));
    const end = Math.min(wish.end + length, Math.max(wish.end, this.full.end));
    const wide = {...wish, begin, end, width: Math.round((wish.width * (end - begin)) / length)};
    if (grain_of(wide) !== grain_of(wish) || this.holds(wide)) return;
    this.ahead = new AbortController();
    this.fetch(wide, this.ahead.signal);
  }
}
