// SPDX-License-Identifier: Apache-2.0
// Names of the markers, in a strip over the rows: each as wide as the next one leaves it, so that
// none covers another or an event.
import {el, ns} from './format.js';

const FLAG = 84; // what a name may take at the right edge, where it stands before its line
const made = new WeakMap();

function flag_of(marker, timeline) {
  let flag = made.get(marker);
  if (!flag) {
    flag = el('button', {onclick: () => timeline.on.annotate()});
    made.set(marker, flag);
  }
  const title = `${marker.name}, ${ns(marker.at_ps)} ns`;
  if (flag.title !== title) Object.assign(flag, {title, textContent: `${marker.name}\u00a0`});
  return flag;
}

/// Where each name stands: {flag, left, room}.
function places_of(timeline) {
  const {markers, width} = timeline;
  const seen = markers
    .map((marker) => ({flag: flag_of(marker, timeline), left: timeline.x_of(marker.at_ps)}))
    .filter(({left}) => left >= 0 && left <= width)
    .sort((a, b) => a.left - b.left);
  const last = seen[seen.length - 1];
  if (last && width - last.left < FLAG && last.left - (seen[seen.length - 2]?.left ?? 0) > FLAG)
    Object.assign(last, {room: FLAG, is_before: true});
  seen.forEach((place, i) => {
    const next = seen[i + 1];
    place.room ??= (next ? next.left - (next.is_before ? FLAG : 0) : width) - place.left;
  });
  return seen;
}

export function place_flags(timeline) {
  const {flags, markers} = timeline;
  flags.parentNode.hidden = !markers.length;
  const places = places_of(timeline);
  const now = flags.children;
  if (now.length !== places.length || places.some(({flag}, i) => now[i] !== flag))
    flags.replaceChildren(...places.map(({flag}) => flag));
  for (const {flag, left, room, is_before} of places) {
    flag.className = is_before ? 'before' : '';
    flag.style.transform = `translateX(${Math.round(left)}px)${is_before ? ' translateX(-100%)' : ''}`;
    flag.style.maxWidth = `${Math.max(3, Math.floor(room) - 1)}px`;
  }
}
