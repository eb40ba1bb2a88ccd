// SPDX-License-Identifier: Apache-2.0
// Markers and their sets.
import {el, table} from './format.js';

const UNITS = {ns: 1e3, µs: 1e6, ms: 1e9};
let unit = 'ns';
const against = new WeakMap(); // the marker that another is measured against, once it was chosen
/// Markers: rename, delete, differences, and sets that the server keeps by name.
export function annotations(panel, timeline, source) {
  const again = () => {
    panel.replaceChildren();
    annotations(panel, timeline, source);
    timeline.mark();
  };
  const say_time = (ps) =>
    `${(ps / UNITS[unit]).toLocaleString('en-US', {maximumFractionDigits: 3})} ${unit}`;
  const state = el('span', {class: 'soft', role: 'status'});
  const name = el('input', {
    type: 'text',
    id: 'marker-set',
    list: 'marker-sets',
    placeholder: 'marker set name',
    'aria-label': 'Marker set name',
    value: timeline.set_name ?? '',
  });
  const known = el('datalist', {id: 'marker-sets'});
  source
    .marker_sets()
    .then((sets) => known.append(...sets.map((set) => el('option', {value: set}))))
    .catch(() => {});
  const keep = async (act) => {
    if (!name.value.trim()) {
      state.textContent = 'give the set a name first';
      return;
    }
    timeline.set_name = name.value.trim();
    try {
      await act(timeline.set_name);
    } catch (error) {
      state.textContent = error.message;
    }
  };
  const save = () =>
    keep(async (set) => {
      state.textContent = `${await source.save_markers(set, timeline.markers)} saved`;
    });
  const load = () =>
    keep(async (set) => {
      timeline.markers = await source.load_markers(set);
      again();
    });
  panel.append(
    el(
      'div',
      {class: 'form'},
      name,
      known,
      el('button', {class: 'main', id: 'marker-save', onclick: save}, 'Save'),
      el('button', {id: 'marker-load', onclick: load}, 'Load'),
      el(
        'label',
        {},
        'Time unit',
        el(
          'select',
          {
            onchange: (e) => {
              unit = e.target.value;
              again();
            },
          },
          Object.keys(UNITS).map((u) => el('option', {selected: u === unit}, u)),
        ),
      ),
      el(
        'button',
        {
          disabled: !timeline.markers.length,
          onclick: () => {
            timeline.markers = [];
            again();
          },
        },
        'Clear all',
      ),
      state,
    ),
  );
  if (!timeline.markers.length)
    return panel.append(
      el(
        'p',
        {class: 'soft'},
        'No markers yet. Right-click the timeline, or press M, to drop one.',
      ),
    );
  const base = (marker) => {
    const chosen = against.get(marker);
    if (timeline.markers.includes(chosen)) return chosen;
    return timeline.markers[Math.max(0, timeline.markers.indexOf(marker) - 1)];
  };
  panel.append(
    table(
      [
        [
          'Name',
          (m) =>
            el('input', {
              type: 'text',
              'aria-label': `Name of ${m.name}`,
              value: m.name,
              onchange: (e) => {
                m.name = e.target.value || m.name;
                again();
              },
            }),
        ],
        [
          'Time',
          (m) =>
            el(
              'a',
              {
                href: '#',
                onclick: (e) => {
                  e.preventDefault();
                  const half = (timeline.view.end - timeline.view.begin) / 2;
                  timeline.show(m.at_ps - half, m.at_ps + half);
                },
              },
              say_time(m.at_ps),
            ),
          'n',
        ],
        [
          'Difference to',
          (m) =>
            el(
              'select',
              {
                'aria-label': `Compare ${m.name} with`,
                onchange: (e) => {
                  against.set(m, timeline.markers[Number(e.target.value)]);
                  again();
                },
              },
              timeline.markers.map((other, i) =>
                el('option', {value: String(i), selected: other === base(m)}, other.name),
              ),
            ),
        ],
        ['Difference', (m) => say_time(m.at_ps - base(m).at_ps), 'n'],
        [
          '',
          (m) =>
            el(
              'button',
              {
                'aria-label': `Delete ${m.name}`,
                onclick: () => {
                  timeline.markers = timeline.markers.filter((o) => o !== m);
                  again();
                },
              },
              'Delete',
            ),
        ],
      ],
      timeline.markers,
      'Markers',
    ),
  );
}
