// SPDX-License-Identifier: Apache-2.0
// What a profile is called, and what stands at the top of its page.
import {el, time} from './format.js';

/// What a profile is called: the name it was given, else those of its model and package.
export function title_of(profile) {
  const name = profile.display_name;
  if (name && !/^n_[0-9a-f]{40}$/.test(name)) return name; // else only an id
  return profile.network_name || profile.neff_name || profile.id;
}

/// What stands beside the name of the program, at the top.
export function show_title(profile, name) {
  const soft = (text) => el('span', {class: 'soft'}, text);
  const number = (value) => value.toLocaleString('en-US');
  const has_other_name = profile.neff_name && profile.neff_name !== name;
  document.title = `${name} · neuron profile`;
  document
    .getElementById('crumbs')
    .replaceChildren(
      soft('/'),
      el('h1', {}, name),
      ...(has_other_name ? [soft(profile.neff_name)] : []),
      ...(profile.is_simulated ? [el('span', {class: 'badge'}, 'simulated')] : []),
      soft(
        `${time(profile.total_ps)} · ${number(profile.instructions)} instructions · ` +
          `${number(profile.packets)} DMA packets`,
      ),
    );
}
