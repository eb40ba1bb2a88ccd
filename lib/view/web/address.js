// SPDX-License-Identifier: Apache-2.0
// Window and view settings stand in the address, so that a link shows the same view.

const ROWS = ['queues', 'memories', 'engines', 'throttling', 'semaphores', 'counters'];
const GROUPINGS = ['opcode', 'layer', 'engine'],
  QUEUES = ['queue', 'engine', 'variable'];
const default_rows = () => ({
  queues: true,
  memories: true,
  engines: true,
  throttling: true,
  semaphores: false,
  counters: true,
});

/// Of profiles captured together: there are many rows.
export const rows_of_many = () =>
  Object.fromEntries(ROWS.map((row) => [row, row === 'engines']));

/// "3, 5" as numbers.
export const numbers = (text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => /^\d+$/.test(part))
    .map(Number);

/// {from, to} in ps or null, and `values` of the view settings.
export function read_address(usual = default_rows()) {
  const hash = new URLSearchParams(location.hash.slice(1));
  const number = (name) =>
    hash.has(name) && Number.isFinite(Number(hash.get(name))) ? Number(hash.get(name)) : null;
  const one_of = (name, list) => (list.includes(hash.get(name)) ? hash.get(name) : list[0]);
  const rows = {...usual};
  if (hash.has('rows'))
    for (const row of ROWS) rows[row] = hash.get('rows').split(',').includes(row);
  return {
    from: number('from'),
    to: number('to'),
    values: {
      grouping: one_of('group', GROUPINGS),
      depth: Math.max(0, number('depth') ?? 0),
      queues: one_of('dma', QUEUES),
      semaphores: numbers(hash.get('sem') ?? ''),
      rows,
    },
  };
}

export function write_address(values, view, full, usual = default_rows()) {
  const hash = new URLSearchParams();
  if (view.end - view.begin < full.end - full.begin) {
    hash.set('from', Math.round(view.begin));
    hash.set('to', Math.round(view.end));
  }
  if (values.grouping !== GROUPINGS[0]) hash.set('group', values.grouping);
  if (values.depth) hash.set('depth', values.depth);
  if (values.queues !== QUEUES[0]) hash.set('dma', values.queues);
  if (values.semaphores.length) hash.set('sem', values.semaphores.join(','));
  if (ROWS.some((row) => values.rows[row] !== usual[row]))
    hash.set('rows', ROWS.filter((row) => values.rows[row]).join(','));
  history.replaceState(null, '', hash.size ? `#${hash}` : location.pathname + location.search);
}
