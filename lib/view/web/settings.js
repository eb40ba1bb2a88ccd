// SPDX-License-Identifier: Apache-2.0
// View settings: they stand in the address too (address.js).
import {numbers} from './address.js';
import {el, option} from './format.js';

const ROW_SETTINGS = [
  ['queues', 'DMA queues'],
  ['memories', 'Memories'],
  ['engines', 'Engines'],
  ['throttling', 'Throttling'],
  ['semaphores', 'Semaphores'],
  ['counters', 'Counters'],
];
export function settings(panel, values, changed) {
  const pick = (id, label, key, options) =>
    el(
      'label',
      {},
      label,
      el(
        'select',
        {
          id,
          onchange: (e) => {
            values[key] = e.target.value;
            changed();
          },
        },
        options.map(([value, text]) => option(value, text, values[key])),
      ),
    );
  const box = ([key, text]) =>
    el(
      'label',
      {},
      el('input', {
        type: 'checkbox',
        checked: values.rows[key],
        onchange: (e) => {
          values.rows[key] = e.target.checked;
          changed();
        },
      }),
      text,
    );
  const all = (full) => () => {
    for (const [key] of ROW_SETTINGS)
      values.rows[key] = full ? key !== 'semaphores' : key === 'engines' || key === 'counters';
    values.semaphores = [];
    panel.replaceChildren();
    settings(panel, values, changed);
    changed();
  };
  panel.append(
    el(
      'div',
      {class: 'form'},
      pick('grouping', 'Instruction Grouping', 'grouping', [
        ['opcode', 'Opcode'],
        ['layer', 'Layer'],
        ['engine', 'Engine'],
      ]),
      el(
        'label',
        {title: '0 keeps whole names; 2 groups model/layer1/op1 and model/layer1/op2'},
        'Layer group depth',
        el('input', {
          type: 'number',
          min: 0,
          max: 20,
          value: values.depth,
          style: {width: '70px'},
          onchange: (e) => {
            values.depth = Math.max(0, Number(e.target.value) || 0);
            changed();
          },
        }),
      ),
      pick('queue-grouping', 'DMA Grouping', 'queues', [
        ['queue', 'Queue'],
        ['engine', 'DMA engine'],
        ['variable', 'Variable'],
      ]),
    ),
    el(
      'div',
      {class: 'form'},
      el('fieldset', {}, el('legend', {}, 'Rows'), ROW_SETTINGS.map(box)),
      el(
        'label',
        {title: 'Numbers with commas; empty for all'},
        'Semaphore IDs',
        el('input', {
          type: 'text',
          id: 'semaphore-ids',
          size: 10,
          placeholder: 'all',
          value: values.semaphores.join(', '),
          onchange: (e) => {
            values.semaphores = numbers(e.target.value);
            if (values.semaphores.length) values.rows.semaphores = true;
            panel.replaceChildren();
            settings(panel, values, changed);
            changed();
          },
        }),
      ),
      el('button', {onclick: all(true)}, 'Full view'),
      el('button', {onclick: all(false)}, 'Minimal view'),
    ),
  );
}
