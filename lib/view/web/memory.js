// SPDX-License-Identifier: Apache-2.0
// Memory: how full SBUF and PSUM are over time, partition by partition and bank by bank, and what
// the device's memory holds.
import {bytes, el, ns, percent, table} from './format.js';

const WIDTH = 1000,
  HEIGHT = 46;
const svg = (name, attributes, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

/// A stepped line over the view; `most` is the value at its upper edge.
function chart(series, view, most, name) {
  const x_of = (ps) => ((ps - view.begin) / (view.end - view.begin)) * WIDTH;
  let path = '',
    from = null;
  series.mean.forEach((value, i) => {
    const left = Math.max(0, x_of(series.begin_ps + i * series.step_ps));
    const right = Math.min(WIDTH, x_of(series.begin_ps + (i + 1) * series.step_ps));
    if (right <= left) return;
    from ??= left;
    const y = (HEIGHT - Math.min(1, value / most) * (HEIGHT - 2)).toFixed(1);
    path += `L${left.toFixed(1)},${y}L${right.toFixed(1)},${y}`;
  });
  const shape = path ? `M${from.toFixed(1)},${HEIGHT}${path}V${HEIGHT}Z` : '';
  return svg(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': name,
    },
    svg('path', {d: shape, 'vector-effect': 'non-scaling-stroke'}),
  );
}

function charts(usage, view, cores, sizes) {
  const groups = new Map();
  for (const series of usage.series) {
    const title = `${series.of}${cores > 1 ? ` (nc${series.core})` : ''}`;
    groups.set(title, [...(groups.get(title) ?? []), series]);
  }
  return [...groups].map(([title, list]) => {
    const peak = Math.max(...list.flatMap((s) => s.mean));
    const most = title.startsWith('PSUM') ? 1 : peak || 1;
    const size = title.startsWith('PSUM') ? sizes.bank : sizes.partition;
    return el(
      'section',
      {class: 'memory', 'data-memory': title},
      el(
        'h2',
        {},
        title,
        ' ',
        el('span', {class: 'soft'}, `upper edge ${percent(most)} of ${bytes(size)}`),
      ),
      table(
        [
          ['', (s) => s.name],
          ['', (s) => chart(s, view, most, `${title}, ${s.name}`), 'wide'],
          ['Peak', (s) => percent(Math.max(0, ...s.mean)), 'n'],
          ['Mean', (s) => percent(s.mean.reduce((a, b) => a + b, 0) / (s.mean.length || 1)), 'n'],
        ],
        list,
        title,
      ),
    );
  });
}

function device_memory(profile) {
  if (!profile.memory.length)
    return el('p', {class: 'soft'}, 'The trace holds no memory usage of the device.');
  const total = profile.memory.reduce((sum, use) => sum + use.bytes, 0);
  return table(
    [
      ['Use', (m) => m.name],
      ['NeuronCore', (m) => String(m.core), 'n'],
      ['Size', (m) => bytes(m.bytes), 'n'],
    ],
    [...profile.memory, {name: 'Total', core: '', bytes: total}],
    'NC memory usage',
  );
}

/// What was last drawn for a timeline: it stays until the charts of the next view are here.
const drawn = new WeakMap();

export async function memory(panel, profile, timeline, source) {
  const box = el('div', {}, drawn.get(timeline) ?? el('p', {class: 'soft'}, 'Loading …'));
  panel.append(box, el('h2', {}, 'NC memory usage'), device_memory(profile));
  const {begin, end} = timeline.view;
  try {
    const usage = await source.usage(Math.floor(begin), Math.ceil(end), 800);
    const cores = new Set(usage.series.map((s) => s.core)).size;
    const sizes = {partition: profile.sbuf_partition_bytes, bank: profile.psum_bank_bytes};
    drawn.set(
      timeline,
      usage.series.length
        ? [
            el(
              'p',
              {id: 'memory-range'},
              `${ns(Math.round(begin))} ns to ${ns(Math.round(end))} ns. Bytes that instructions have written and that one will still read; what DMA brings in is not counted, as in the official tool.`,
            ),
            ...charts(usage, timeline.view, cores, sizes),
          ]
        : [
            el(
              'p',
              {class: 'soft'},
              'No instruction of this trace is known to write to the memories on the chip.',
            ),
          ],
    );
    box.replaceChildren(...drawn.get(timeline));
  } catch (error) {
    box.replaceChildren(el('p', {class: 'bad'}, error.message));
  }
}
