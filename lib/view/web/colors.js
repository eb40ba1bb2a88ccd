// SPDX-License-Identifier: Apache-2.0
// Which colour an event has, by the instruction grouping of the view settings.

// Rows of the profile guide's picture; others take the palette in turn.
const ROW_COLORS = {
  VectorE: '#ff2400',
  TensorMatrixE: '#0f52ba',
  TensorE: '#9dc183',
  SyncE: '#fa8072',
  ScalarE: '#0080ff',
  GpSimdE: '#00a86b',
  'CC-core': '#d6338c',
  Throttling: '#8c564b',
};
const PALETTE = [
  '#2a9d8f',
  '#6a4c93',
  '#e07a1f',
  '#577590',
  '#b5179e',
  '#43aa8b',
  '#c1666b',
  '#4361ee',
  '#a98467',
  '#7cb518',
  '#d62d5a',
  '#118ab2',
  '#8d6cab',
  '#d4a017',
  '#3a7d44',
  '#ef6f6c',
];
// Instructions that wait or signal are quiet, so that work stands out.
const QUIET = /^(EVENT_SEMAPHORE|NOP|WRITE|NOTIFY|DRAIN|SET_ORDERING|START_MARKER|COMPARE_BRANCH)/;
const FIXED = {
  MATMUL: '#0f52ba',
  LDWEIGHTS: '#7aa95c',
  ACTIVATE: '#0080ff',
  TENSOR_TENSOR: '#ff2400',
  TENSOR_SCALAR: '#e07a1f',
  TENSOR_REDUCE: '#b5179e',
  COPY: '#00a86b',
  CAST: '#2a9d8f',
  MEMSET: '#a98467',
};

const hash = (text) => {
  let value = 2166136261;
  for (let i = 0; i < text.length; ++i) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return value >>> 0;
};
const hsl = (degrees, saturation, light) => {
  const part = (n) => {
    const k = (n + degrees / 30) % 12;
    const a = saturation * Math.min(light, 1 - light);
    return Math.round(255 * (light - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return '#' + [0, 8, 4].map((n) => part(n).toString(16).padStart(2, '0')).join('');
};
const spread = (i) => hsl((212 + i * 137.508) % 360, 0.58, 0.47 + 0.1 * ((i % 3) - 1));

export const to_pixel = (hex) => {
  const value = parseInt(hex.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >>> 16)) >>> 0;
};
export const mix = (back, front, share) => {
  const part = (shift) => {
    const a = (back >>> shift) & 0xff,
      b = (front >>> shift) & 0xff;
    return Math.round(a + (b - a) * share) << shift;
  };
  return (0xff000000 | part(16) | part(8) | part(0)) >>> 0;
};
/// Black or white, whichever is read on `hex`.
export const ink_on = (hex) => {
  const value = parseInt(hex.slice(1), 16);
  const light = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 0xff) + 0.114 * (value & 0xff);
  return light > 150 ? '#10161d' : '#ffffff';
};

/// A colour of its own for each opcode, the same in every profile as far as the palette goes.
function opcode_colors(names) {
  const colors = new Map(),
    taken = new Set();
  for (const name of names) {
    const fixed = QUIET.test(name) ? '#9aa7b8' : FIXED[name];
    if (fixed) {
      colors.set(name, fixed);
      taken.add(fixed);
    }
  }
  for (const name of names) {
    if (colors.has(name)) continue;
    const start = hash(name) % PALETTE.length;
    const turn = [...PALETTE.slice(start), ...PALETTE.slice(0, start)];
    const color = turn.find((candidate) => !taken.has(candidate)) ?? turn[0];
    colors.set(name, color);
    taken.add(color);
  }
  return colors;
}

/// Colours and names of groups for one profile and one choice of grouping.
export class Coloring {
  constructor(profile, settings) {
    this.profile = profile;
    this.settings = settings;
    this.layers = new Map(profile.layers.map((layer) => [layer.id, layer.name]));
    this.rows = new Map();
    profile.rows.forEach((row, i) => {
      const base = (row.base ?? row.name).replace(/ \(nc\d+\)$/, '').replace(/^(CC-core) \d+$/, '$1');
      this.rows.set(row, ROW_COLORS[base] ?? PALETTE[i % PALETTE.length]);
    });
    this.opcodes = opcode_colors(Object.values(profile.opcodes));
    this.memo = new Map();
    this.pixels = new Map();
    // Busiest first, so that a layer keeps its colour wherever the view is.
    this.order = new Map();
    for (const layer of profile.layers) {
      const group = this.layer_group(layer.id);
      if (!this.order.has(group)) this.order.set(group, this.order.size);
    }
  }
  /// Name of the group that an event belongs to: what the legend says.
  group(row, color, layer) {
    if (row.kind === 'queue')
      return this.settings.queues === 'engine'
        ? `DMA engine ${color}`
        : this.settings.queues === 'variable'
          ? (this.profile.variables?.[layer] ?? 'unknown variable')
          : row.name;
    if (row.kind !== 'instruction') return row.name;
    if (this.settings.grouping === 'engine') return row.name;
    if (this.settings.grouping === 'layer') return this.layer_group(layer);
    return this.opcode(color);
  }
  layer_group(layer) {
    const name = this.layers.get(layer);
    if (!name) return layer ? 'other layers' : 'no layer';
    const depth = this.settings.depth;
    return depth > 0 ? name.split('/').slice(0, depth).join('/') : name;
  }
  opcode(code) {
    return this.profile.opcodes[code] ?? `Operation(${code})`;
  }
  /// What a span of an engine, a queue or a CC-core has written on it.
  caption(row, color, layer) {
    if (row.kind === 'queue') return row.name;
    if (row.kind === 'collective') return this.profile.operations?.[color] ?? row.name;
    return this.settings.grouping === 'layer' ? this.layer_group(layer) : this.opcode(color);
  }
  hex(row, color, layer) {
    const group = this.group(row, color, layer);
    if (row.kind === 'instruction' ? this.settings.grouping === 'engine' : group === row.name)
      return this.rows.get(row);
    let hex = this.memo.get(group);
    if (!hex) this.memo.set(group, (hex = this.pick(row, group, color)));
    return hex;
  }
  pick(row, group, color) {
    if (row.kind === 'queue')
      return group === 'unknown variable'
        ? '#8e99a8'
        : PALETTE[(this.settings.queues === 'variable' ? hash(group) : color) % PALETTE.length];
    if (this.settings.grouping === 'layer') {
      if (group === 'no layer' || group === 'other layers') return '#8e99a8';
      return spread(this.order.get(group) ?? 0);
    }
    return this.opcodes.get(group) ?? '#8e99a8';
  }
  /// Whether the second of a span's two numbers tells its group, not the first.
  goes_by_layer(row) {
    return row.kind === 'instruction'
      ? this.settings.grouping === 'layer'
      : this.settings.queues === 'variable';
  }
  /// The same as a pixel of ImageData, remembered by the two numbers of a span.
  pixel(row, color, layer) {
    let of_row = this.pixels.get(row);
    if (!of_row) this.pixels.set(row, (of_row = new Map()));
    const key = this.goes_by_layer(row) ? layer : color;
    let pixel = of_row.get(key);
    if (pixel === undefined) of_row.set(key, (pixel = to_pixel(this.hex(row, color, layer))));
    return pixel;
  }
}
