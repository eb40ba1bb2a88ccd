// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them, and small DOM helpers.

const scaled = (value, steps, digits) => {
  for (const [size, unit] of steps)
    if (Math.abs(value) >= size) return `${trim(value / size, digits)} ${unit}`;
  const [size, unit] = steps[steps.length - 1];
  return `${trim(value / size, digits)} ${unit}`;
};
// By digits; toLocaleString() makes one anew each time, which took a tenth of a frame.
const formats = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat('en-US', {maximumFractionDigits: digits}));
const trim = (value, digits) => formats[digits].format(value);

export const time = (ps, digits = 3) =>
  scaled(
    ps,
    [
      [1e12, 's'],
      [1e9, 'ms'],
      [1e6, 'µs'],
      [1e3, 'ns'],
    ],
    digits,
  );
export const ns = (ps) => trim(ps / 1000, 3);
export const bytes = (value) =>
  scaled(
    value,
    [
      [2 ** 40, 'TiB'],
      [2 ** 30, 'GiB'],
      [2 ** 20, 'MiB'],
      [1024, 'KiB'],
      [1, 'B'],
    ],
    3,
  );
export const rate = (value) =>
  scaled(
    value,
    [
      [1e12, 'TB/s'],
      [1e9, 'GB/s'],
      [1e6, 'MB/s'],
      [1e3, 'kB/s'],
      [1, 'B/s'],
    ],
    2,
  );
export const count = (value) => trim(value, 3);
export const percent = (share) => `${trim(share * 100, 2)} %`;
export const flops = (value) =>
  scaled(
    value,
    [
      [1e12, 'TFLOPs'],
      [1e9, 'GFLOPs'],
      [1e6, 'MFLOPs'],
      [1, 'FLOPs'],
    ],
    3,
  );

/// A metric of the summary by its unit.
export function metric(value, unit) {
  if (typeof value !== 'number') return String(value);
  if (unit === 's') return time(value * 1e12);
  if (unit === 'bytes') return bytes(value);
  if (unit === 'fraction') return percent(value);
  if (unit === 'flops') return flops(value);
  if (unit === 'flops/byte') return `${trim(value, 2)} flops/byte`;
  return trim(value, 3);
}
export const counter = (value, unit) =>
  unit === 'bytes/s'
    ? rate(value)
    : unit === 'fraction'
      ? percent(Math.min(value, 1))
      : trim(value, 2);

/// An element with attributes, listeners ("onclick") and children; texts are never parsed as HTML.
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'style') Object.assign(node.style, value);
    else if (key === 'value' || key === 'checked') node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return node;
}
export const dot = (color) =>
  el('i', {class: 'dot', style: {background: color}, 'aria-hidden': 'true'});

/// A long name that may be broken behind "_" and "/".
export const breakable = (name) =>
  name.split(/(?<=[_/])/).flatMap((part, i) => (i ? [el('wbr'), part] : [part]));

/// A table: columns are [title, cell of a row, class]; cells are texts or nodes. Where there is little
/// room, each row of one with many columns is a block of lines with the titles beside them.
export function table(columns, rows, caption) {
  const has_many = columns.filter(([title]) => title).length > 3;
  return el(
    'table',
    {class: has_many ? 'list stack' : 'list'},
    el('caption', {class: 'quiet'}, caption),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        columns.map(([title, , kind]) =>
          title ? el('th', {scope: 'col', class: kind}, title) : el('td', {}),
        ),
      ),
    ),
    el(
      'tbody',
      {},
      rows.map((row) =>
        el(
          'tr',
          {},
          columns.map(([title, cell, kind]) =>
            el('td', {class: kind, 'data-title': title}, cell(row)),
          ),
        ),
      ),
    ),
  );
}

export async function fetch_json(path, options) {
  const reply = await fetch(path, options);
  const json = await reply.json();
  if (!reply.ok) throw new Error(json.error ?? `${reply.status}`);
  return json;
}
/// "dma_active_time" reads "Dma active time".
export const words = (name) => name.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase());
export const option = (value, text, now) => el('option', {value, selected: value === now}, text);
export const say = (text) => {
  document.getElementById('live').textContent = text;
};
