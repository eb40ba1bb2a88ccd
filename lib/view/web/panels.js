// SPDX-License-Identifier: Apache-2.0
// The tabs that tell about the whole profile.
import {breakable, bytes, count, el, flops, metric, ns, table, time, words} from './format.js';

const CARDS = [
  ['overall_stats', 'total_time', 'Total time'],
  ['overall_stats', 'mm_arithmetic_intensity', 'Matmul arithmetic intensity'],
  ['tensor_engine', 'hfu_estimated_percent', 'Hardware FLOPs utilization'],
  ['tensor_engine', 'mfu_estimated_percent', 'Model FLOPs utilization'],
  ['data_movement', 'mbu_estimated_percent', 'Memory bandwidth utilization'],
  ['data_movement', 'dma_active_time_percent', 'DMA active'],
];

export function summary(panel, profile) {
  const find = (group, name) => profile.summary.find((m) => m.group === group && m.name === name);
  const cards = CARDS.map(([group, name, title]) => [find(group, name), title]).filter(([m]) => m);
  for (const engine of ['tensor', 'vector', 'scalar', 'gpsimd', 'sync']) {
    const active = find(`${engine}_engine`, `${engine}_engine_active_time_percent`);
    if (active) cards.push([active, `${engine === 'gpsimd' ? 'GpSimd' : words(engine)} engine active`]);
  }
  if (!cards.length) cards.push([{value: profile.total_ps / 1e12, unit: 's'}, 'Total time']);
  panel.append(
    el(
      'div',
      {class: 'cards'},
      cards.map(([m, title]) =>
        el(
          'div',
          {class: 'card'},
          el('div', {class: 'soft'}, title),
          el('div', {class: 'value'}, metric(m.value, m.unit)),
          m.unit === 'fraction'
            ? el(
                'div',
                {class: 'gauge'},
                el('div', {style: {width: `${Math.min(100, m.value * 100)}%`}}),
              )
            : null,
        ),
      ),
    ),
  );
  const groups = new Map();
  for (const m of profile.summary) groups.set(m.group, [...(groups.get(m.group) ?? []), m]);
  panel.append(
    el(
      'div',
      {class: 'columns'},
      [...groups].map(([group, list]) =>
        el(
          'section',
          {},
          el('h2', {}, words(group)),
          table(
            [
              ['Metric', (m) => el('abbr', {title: m.meaning ?? ''}, breakable(m.name))],
              [
                'Value',
                (m) =>
                  m.why_zero
                    ? el(
                        'abbr',
                        {class: 'why', tabindex: 0, title: m.why_zero},
                        metric(m.value, m.unit),
                        el('span', {class: 'quiet'}, `: ${m.why_zero}`),
                      )
                    : metric(m.value, m.unit),
                'n',
              ],
            ],
            list,
            group,
          ),
        ),
      ),
    ),
  );
}

export function layers(panel, profile, actions) {
  if (!profile.layers.length)
    return panel.append(el('p', {class: 'soft'}, 'The package names no layers.'));
  panel.append(
    table(
      [
        [
          'Layer',
          (l) =>
            el(
              'a',
              {
                href: '#',
                onclick: (e) => {
                  e.preventDefault();
                  actions.show(l.begin_ps, l.end_ps);
                },
              },
              l.name,
            ),
        ],
        ['Start (ns)', (l) => ns(l.begin_ps), 'n'],
        ['End (ns)', (l) => ns(l.end_ps), 'n'],
        ['Duration', (l) => time(l.end_ps - l.begin_ps), 'n'],
        ['Engine time', (l) => time(l.active_ps), 'n'],
        ['Instructions', (l) => count(l.instructions), 'n'],
        ['FLOPs', (l) => (l.flops ? flops(l.flops) : '–'), 'n'],
      ],
      profile.layers,
      'Layers',
    ),
  );
}

const pairs = (panel, list, caption) =>
  panel.append(
    list.length
      ? table(
          [
            ['Field', ([name]) => breakable(name)],
            ['Value', ([, value]) => (value === '' ? '–' : String(value))],
          ],
          list,
          caption,
        )
      : el('p', {class: 'soft'}, 'Nothing was recorded.'),
  );

export const header = (panel, profile) =>
  pairs(
    panel,
    (profile.neff_header ?? []).map(({name, value}) => [name, value]),
    'NEFF header',
  );
export function nodes(panel, profile) {
  panel.append(
    table(
      [
        ['Node', (c) => c.subgraph],
        ['NeuronCore', (c) => String(c.nc_index), 'n'],
        ['Device', (c) => String(c.device_index), 'n'],
        ['Trace records', (c) => count(c.trace_count), 'n'],
        ['Events', (c) => count(c.event_count), 'n'],
      ],
      profile.cores,
      'NEFF nodes',
    ),
  );
  if (profile.tensors.length) panel.append(el('h2', {style: {marginTop: '18px'}}, 'Variables'));
  if (profile.tensors.length) tensors(panel, profile);
}
/// Without the empty brackets that stand where no commit is known.
const version = (text) => text?.replace(/ \(\)$/, '');
export function model(panel, profile) {
  pairs(
    panel,
    [
      ['Network', profile.network_name],
      ['NEFF', profile.neff_name],
      ['UUID', profile.uuid],
      ['Hash', profile.neff_hash],
      ['Target', profile.target],
      ['Instance type', profile.instance_type],
      ['Logical core size', profile.lnc_size],
      ['Multiply-accumulates', profile.model_macs && count(profile.model_macs)],
      ['Trace version', profile.ntff_version],
      ['Compiler', profile.compiler_version],
      ['Runtime', version(profile.runtime_version)],
      ['Driver', version(profile.driver_version)],
      ['Collectives', version(profile.collectives_version)],
      ['Instructions', count(profile.instructions)],
      ['DMA packets', count(profile.packets)],
    ].filter(([, value]) => value),
    'Model',
  );
}
export function tensors(panel, profile) {
  if (!profile.tensors.length)
    return panel.append(el('p', {class: 'soft'}, 'The package names no tensors.'));
  panel.append(
    table(
      [
        ['Tensor', (t) => t.name],
        ['Kind', (t) => t.kind],
        ['Type', (t) => t.format],
        ['Shape', (t) => t.shape],
        ['Size', (t) => bytes(t.bytes), 'n'],
      ],
      profile.tensors,
      'Tensors',
    ),
  );
}
export function queues(panel, profile) {
  panel.append(
    table(
      [
        ['Queue', (q) => q.queue],
        ['NeuronCore', (q) => String(q.core), 'n'],
        ['Type', (q) => q.type],
        ['DMA engines', (q) => count(q.dma_engines), 'n'],
        ['Rings', (q) => count(q.rings), 'n'],
        ['Packets', (q) => count(q.packets), 'n'],
        ['Bytes', (q) => bytes(q.bytes), 'n'],
      ],
      profile.queues,
      'DMA queues',
    ),
  );
}
export function warnings(panel, profile) {
  if (!profile.warnings.length)
    return panel.append(el('p', {class: 'soft'}, 'Nothing odd was found in this trace.'));
  panel.append(...profile.warnings.map((text) => el('p', {class: 'warning'}, text)));
}

const TERMS = [
  ['TensorE', 'Loads of weights into the array of the tensor engine (LDWEIGHTS).'],
  ['TensorMatrixE', 'Multiplications of that array (MATMUL); a second row of the same engine.'],
  ['VectorE, ScalarE, GpSimdE, SyncE', 'The other four instruction streams of a NeuronCore.'],
  ['CC-core', 'A core that runs collective operations: what the ranks of a run do together.'],
  ['q…', 'A DMA queue: its packets, stacked where they overlap.'],
  ['Throttling', 'Times in which the clock let only some cycles through.'],
  ['Sem', 'A semaphore and its value over time.'],
  ['Pending DMA Count', 'How many packets are under way.'],
  ['DMA Throughput', 'Bytes a second of all packets.'],
  [
    'HBM Throughput',
    'Bytes a second that packets read from the memory of the device and write to it; where the trace does not tell which transfer a packet is part of, the mean share of such packets.',
  ],
  [
    'State Buffer Usage, PSUM Usage',
    'Share of SBUF and of the banks of PSUM that hold what an instruction has written and one will still read.',
  ],
  [
    'TensorMatrix Utilization',
    'Share of the peak of the tensor engine that its multiplications reach.',
  ],
  ['SBUF', 'State buffer: the on-chip memory that engines work in.'],
  ['PSUM', 'Partial-sum buffer: where the tensor engine accumulates.'],
  ['HBM', 'The memory of the device.'],
  [
    'Pc, compiler pc',
    'Position in the stream that ran, and in the stream that the compiler wrote.',
  ],
  ['LNC', 'Logical NeuronCore: physical cores that act as one.'],
];
export const terminology = (panel) =>
  panel.append(
    table(
      [
        ['Term', ([term]) => term],
        ['What it is', ([, text]) => text],
      ],
      TERMS,
      'Terms',
    ),
  );

const KEYS = [
  ['W S  ↑ ↓', 'zoom in, out'],
  ['A D  ← →', 'move'],
  ['0', 'show all'],
  ['N P', 'next, previous event'],
  ['Enter', 'zoom to the selected event'],
  ['M', 'marker in the middle'],
  ['/', 'search'],
  ['?', 'this list'],
  ['Esc', 'close details'],
  ['Drag', 'zoom to what is marked'],
  ['Shift + drag', 'move'],
  ['Wheel', 'zoom at the pointer; with shift, move'],
  ['Double click', 'show all'],
  ['B', 'box selection on and off'],
  ['Hover', 'the main fields of an event'],
  ['Click', 'all fields of an event, below'],
  ['Right click', 'drop a marker'],
];
export const help = (panel) =>
  panel.append(
    table(
      [
        [
          'Key or gesture',
          ([key]) =>
            key
              .split(/ +(?=[A-Z←→↑↓/0])/)
              .map((k) => el('kbd', {style: {marginRight: '5px'}}, k.trim())),
        ],
        ['What it does', ([, text]) => text],
      ],
      KEYS,
      'Keys',
    ),
  );
