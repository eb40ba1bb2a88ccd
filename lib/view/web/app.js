// SPDX-License-Identifier: Apache-2.0
// Which page an address asks for: the list of profiles, one of them, ranks of a run, a comparison.
import {el} from './format.js';
import {compare_page, group_page, list_page} from './lists.js';
import {profile_page, profiles_page} from './profile.js';
import {is_file} from './source.js';
import {set_up_theme} from './theme.js';

const main = document.getElementById('main');

async function open_page() {
  if (is_file()) return profile_page(main, '');
  const [, kind, id] =
    location.pathname.match(/^\/(profile|profile_cc|compare)?\/?([np]_[0-9a-f]{40})?$/) ?? [];
  if (kind === 'compare') return compare_page(main);
  if (kind === 'profile') return profile_page(main, id);
  if (kind !== 'profile_cc') return list_page(main);
  const {group, member} = await group_page(main, id);
  return member ? profile_page(main, member.id) : profiles_page(main, group);
}

set_up_theme();
open_page().catch((error) =>
  main.replaceChildren(el('p', {class: 'note bad', role: 'alert'}, error.message)),
);
