// SPDX-License-Identifier: Apache-2.0
// The page of all profiles, and that of profiles captured together.
import {bytes, count, el, fetch_json, say, table, time} from './format.js';
import {comparison} from './insights.js';
import {title_of} from './title.js';

const nothing = () =>
  el(
    'div',
    {class: 'sheet note'},
    el('p', {}, 'No profile is stored yet. Add one with'),
    el('p', {}, el('code', {}, 'neuron profile view -n model.neff -s profile.ntff --ingest-only')),
  );

const name_cell = (p) =>
  p.state === 'ready'
    ? el(
        'span',
        {},
        el('a', {href: `/profile/${p.id}`, title: p.id}, title_of(p)),
        ' ',
        el('code', {class: 'soft'}, p.id.slice(2, 10)),
        p.is_simulated ? el('span', {class: 'badge'}, 'simulated') : '',
      )
    : el('span', {title: p.id}, title_of(p), ' ', el('span', {class: 'badge'}, p.state));

async function save_tags(profile, tags) {
  const path = `/api/profile/${profile.id}/tags`;
  await fetch_json(path, {
    method: 'PUT',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({tags}),
  });
  profile.tags = tags;
}
const tags_cell = (p, draw) =>
  el('input', {
    type: 'text',
    class: 'tags',
    'aria-label': `Tags of ${title_of(p)}`,
    placeholder: 'tag, tag',
    value: p.tags.join(', '),
    onchange: (e) =>
      save_tags(
        p,
        e.target.value
          .split(',')
          .map((t) => t.trim())
          .filter(Boolean),
      )
        .then(draw)
        .catch((error) => say(error.message)),
  });

/// Asks once more before it deletes: the first press arms the button.
function delete_cell(p, done) {
  const button = el(
    'button',
    {
      'aria-label': `Delete ${title_of(p)}`,
      onclick: async () => {
        if (button.textContent === 'Delete') {
          button.textContent = 'Really?';
          button.onblur = () => {
            button.textContent = 'Delete';
          };
          return;
        }
        try {
          await fetch_json(`/api/profile/${p.id}`, {method: 'DELETE'});
          await done();
        } catch (error) {
          say(error.message);
        }
      },
    },
    'Delete',
  );
  return button;
}

/// Profiles that were captured together; nothing where there are none.
const groups_box = (groups) =>
  groups.length
    ? el(
        'div',
        {class: 'sheet', style: {padding: '6px 16px 10px', marginBottom: '14px'}},
        table(
          [
            [
              'Captured together',
              (g) => el('a', {href: `/profile_cc/${g.id}`, title: g.id}, g.display_name),
            ],
            ['Profiles', (g) => count(g.members.length), 'n'],
            ['Stored', (g) => new Date(g.created_s * 1000).toLocaleString()],
          ],
          groups,
          'Groups',
        ),
      )
    : '';

const profiles_table = (shown, {choose, draw, again}) =>
  table(
    [
      ['Compare', choose],
      ['Profile', name_cell, 'name'],
      ['Tags', (p) => tags_cell(p, draw)],
      ['NEFF', (p) => p.neff_name, 'file'],
      ['Stored', (p) => new Date(p.created_s * 1000).toLocaleString(), 'n'],
      ['Total time', (p) => time(p.total_ps), 'n'],
      ['Instructions', (p) => count(p.instructions), 'n'],
      ['DMA packets', (p) => count(p.packets), 'n'],
      ['On disk', (p) => bytes(p.bytes), 'n'],
      ['', (p) => delete_cell(p, again)],
    ],
    shown,
    'Profiles',
  );

export async function list_page(main) {
  let {profiles, groups} = await fetch_json('/api/profiles');
  const chosen = new Set();
  const filter = el('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Filter by name or tag',
    'aria-label': 'Filter by name or tag',
    oninput: () => draw(),
  });
  const go = el(
    'button',
    {
      class: 'main',
      id: 'compare',
      disabled: true,
      onclick: () => {
        location.href = `/compare?profiles=${[...chosen].join(',')}`;
      },
    },
    'Compare',
  );
  const together = el('div', {});
  const box = el('div', {class: 'sheet', style: {padding: '6px 16px 10px', overflowX: 'auto'}});
  const count_chosen = () => {
    go.disabled = chosen.size < 2;
    go.title = go.disabled ? 'Choose two profiles or more' : `Compare ${count(chosen.size)} profiles`;
  };
  const choose = (p) =>
    el('input', {
      type: 'checkbox',
      'aria-label': `Compare ${title_of(p)}`,
      checked: chosen.has(p.id),
      onchange: (e) => {
        e.target.checked ? chosen.add(p.id) : chosen.delete(p.id);
        count_chosen();
      },
    });
  /// After a removal: what is stored now, without the groups that lost their last profile.
  const again = async () => {
    ({profiles, groups} = await fetch_json('/api/profiles'));
    for (const id of chosen) if (!profiles.some((p) => p.id === id)) chosen.delete(id);
    draw();
  };
  const draw = () => {
    if (!profiles.length) return main.replaceChildren(el('h1', {}, 'Profiles'), nothing());
    count_chosen();
    together.replaceChildren(groups_box(groups));
    const wanted = filter.value.toLowerCase();
    const shown = profiles.filter((p) =>
      `${title_of(p)} ${p.neff_name} ${p.id} ${p.tags.join(' ')}`.toLowerCase().includes(wanted),
    );
    box.replaceChildren(
      shown.length
        ? profiles_table(shown, {choose, draw, again})
        : el('p', {class: 'note'}, 'No profile has this in its name or tags.'),
    );
  };
  main.replaceChildren(
    el('div', {class: 'form'}, el('h1', {style: {margin: '0'}}, 'Profiles'), filter, go),
    together,
    box,
  );
  draw();
}

/// Tabs of the ranks of a run: CC Aggregated View, Rank 0, Rank 1 ...; gives the group and the member
/// that is shown, which is null when all are.
export async function group_page(main, id) {
  const group = await fetch_json(`/api/group/${id}`);
  const rank = new URLSearchParams(location.search).get('rank') ?? 'all';
  const link = (value, text) =>
    el('a', {href: `?rank=${value}`, ...(rank === value ? {'aria-current': 'page'} : {})}, text);
  main.before(
    el(
      'nav',
      {id: 'ranks', 'aria-label': group.display_name},
      el('strong', {}, group.display_name),
      link('all', 'CC Aggregated View'),
      group.members.map((m, i) => link(String(i), m.name)),
    ),
  );
  const member = rank === 'all' ? null : (group.members[Number(rank)] ?? group.members[0]);
  return {group, member};
}

export async function compare_page(main) {
  const ids = (new URLSearchParams(location.search).get('profiles') ?? '')
    .split(',')
    .filter(Boolean);
  await comparison(main, ids);
}
