// SPDX-License-Identifier: Apache-2.0
// Profiles that were captured together, beside each other: who is the slowest, and by how much.
import {bytes, count, el, metric, percent, table, time} from './format.js';

const ENGINES = {tensor: 'Tensor', vector: 'Vector', scalar: 'Scalar', gpsimd: 'GpSimd', sync: 'Sync'};

const find = (member, name) => member.profile.summary.find((m) => m.name === name);
const told = (member, name) => {
  const found = find(member, name);
  return found ? metric(found.value, found.unit) : '–';
};

/// {slowest, fastest, mean_ps}: members by their total time, the first of equals.
export function extremes(members) {
  const by_time = [...members].sort((a, b) => a.profile.total_ps - b.profile.total_ps);
  const longest = by_time[by_time.length - 1].profile.total_ps;
  return {
    fastest: by_time[0],
    slowest: by_time.find((m) => m.profile.total_ps === longest),
    mean_ps: members.reduce((sum, m) => sum + m.profile.total_ps, 0) / members.length,
  };
}

function sentence(members) {
  const {slowest, fastest, mean_ps} = extremes(members);
  const [most, least] = [slowest.profile.total_ps, fastest.profile.total_ps];
  if (most === least)
    return el('p', {id: 'slowest'}, `All ${count(members.length)} take ${time(most)}.`);
  return el(
    'p',
    {id: 'slowest'},
    el('strong', {}, slowest.name),
    ` is the slowest: ${time(most)}, ${percent(most / least - 1)} more than the fastest, ` +
      `${fastest.name} (${time(least)}); the mean is ${time(mean_ps)}.`,
  );
}

export function ranks(panel, {members}) {
  const {slowest, fastest} = extremes(members);
  const least = fastest.profile.total_ps;
  const name = (m) => el('a', {href: `?rank=${members.indexOf(m)}`}, m.name);
  const over = (m) => {
    if (m.profile.total_ps === least) return '–';
    return el('span', {class: m === slowest ? 'more' : ''}, time(m.profile.total_ps - least));
  };
  const engines = Object.entries(ENGINES).map(([engine, title]) => [
    title,
    (m) => told(m, `${engine}_engine_active_time_percent`),
    'n',
  ]);
  panel.append(
    sentence(members),
    el('p', {class: 'soft'}, 'The time axis begins for each with its own execution.'),
    table(
      [
        ['Profile', name],
        ['Total time', (m) => time(m.profile.total_ps), 'n'],
        ['Over the fastest', over, 'n'],
        ...engines,
        ['DMA active', (m) => told(m, 'dma_active_time_percent'), 'n'],
        ['Instructions', (m) => count(m.profile.instructions), 'n'],
        ['DMA packets', (m) => count(m.profile.packets), 'n'],
        ['HBM read', (m) => bytes(find(m, 'hbm_read_bytes')?.value ?? 0), 'n'],
        ['HBM written', (m) => bytes(find(m, 'hbm_write_bytes')?.value ?? 0), 'n'],
      ],
      members,
      'Captured together; share of time that each engine is active',
    ),
  );
}
