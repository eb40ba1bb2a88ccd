// SPDX-License-Identifier: Apache-2.0
// What lies over the timeline's picture: what is selected and what it depends on, hits, boxes, markers.
// Methods of Timeline.
import {place_flags} from './flags.js';
import {ink} from './theme.js';

export const marking = {
  paint_over() {
    const is_empty = !(
      this.hover ||
      this.selected ||
      this.drag?.wide ||
      this.box ||
      this.hits.length ||
      this.markers.length
    );
    place_flags(this);
    // An empty canvas costs a frame as much as a full one.
    this.over.style.visibility = is_empty ? 'hidden' : '';
    if (is_empty) return;
    const context = this.over.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    this.outline(context, this.hover, 1);
    this.outline(context, this.selected, 2);
    if (this.selected) for (const link of this.links) this.paint_link(context, link);
    if (this.drag?.wide && !this.drag.pans)
      this.paint_box(
        context,
        this.drag.x,
        this.drag.to,
        ...(this.is_boxing ? [this.drag.y, this.drag.down] : [0, this.height]),
      );
    if (this.box)
      this.paint_box(
        context,
        this.x_of(this.box.begin),
        this.x_of(this.box.end),
        this.box.top,
        this.box.bottom,
      );
    for (const hit of this.hits)
      this.outline(context, {track: hit.track, begin: hit.begin_ps, end: hit.end_ps}, 1.5, 'bad');
    this.paint_markers(context);
  },
  paint_markers(context) {
    context.strokeStyle = ink('accent');
    context.lineWidth = 1;
    context.beginPath();
    for (const marker of this.markers) {
      const x = Math.round(this.x_of(marker.at_ps)) + 0.5;
      context.moveTo(x, 0);
      context.lineTo(x, this.height);
    }
    context.stroke();
  },
  paint_box(context, from, to, y, down) {
    const left = Math.max(-2, Math.min(from, to)),
      right = Math.min(this.width + 2, Math.max(from, to));
    const top = Math.min(y, down),
      high = Math.abs(down - y);
    context.fillStyle = ink('select');
    context.fillRect(left, top, right - left, high);
    context.strokeStyle = ink('accent');
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, right - left - 1, high - 1);
  },
  /// A curve between the selected event and one that it waited for, or that waited for it.
  paint_link(context, link) {
    const edge = (track, begin, end, at_end) => {
      const found = this.lane_of.get(track);
      if (!found) return null;
      const [top, bottom] = this.lane_edges(found.place, found.lane);
      return [this.x_of(at_end ? end : begin), (top + bottom) / 2];
    };
    const {selected} = this,
      before = link.direction === 'before';
    const from = before
      ? edge(link.track, link.begin_ps, link.end_ps, true)
      : edge(selected.track, selected.begin, selected.end, true);
    const to = before
      ? edge(selected.track, selected.begin, selected.end, false)
      : edge(link.track, link.begin_ps, link.end_ps, false);
    if (!from || !to) return;
    context.strokeStyle = context.fillStyle = ink(before ? 'bad' : 'accent');
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
  },
  outline(context, event, thick, color = 'ink') {
    if (!event) return;
    const found = this.lane_of.get(event.track);
    if (!found) return;
    const {place, lane} = found;
    const [top, bottom] =
      place.row.kind === 'semaphore'
        ? [place.top, place.top + place.height]
        : this.lane_edges(place, lane);
    const left = this.x_of(event.begin),
      right = Math.max(left + 2, this.x_of(event.end));
    if (right < 0 || left > this.width) return;
    context.strokeStyle = ink(color);
    context.lineWidth = thick;
    context.strokeRect(
      Math.max(left, -5) - 0.5,
      top - 0.5,
      Math.min(right, this.width + 5) - Math.max(left, -5) + 1,
      bottom - top + 1,
    );
  },
};
