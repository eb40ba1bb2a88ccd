// SPDX-License-Identifier: Apache-2.0
// The box of one event, and the strip of tabs.
import {dot, el, ns, say, words} from './format.js';

/// The box with all fields of one event.
export function details_box(event, answer, color, actions) {
  const fields = answer.groups.flatMap((group) => group.fields);
  const title =
    fields.find(({name}) => name === 'opcode' || name === 'operation')?.text ??
    words(answer.kind === 'queue' ? 'DMA packet' : answer.kind);
  return [
    el(
      'header',
      {},
      el('h2', {}, dot(color), `${title} `, el('span', {class: 'soft'}, event.row.name)),
      el('span', {style: {flex: 1}}),
      el(
        'button',
        {onclick: () => actions.step(-1), title: 'Event before this one (P)'},
        '← Previous',
      ),
      el('button', {onclick: () => actions.step(1), title: 'Event after this one (N)'}, 'Next →'),
      el('button', {onclick: actions.zoom}, 'Zoom to it'),
      el(
        'button',
        {
          onclick: () =>
            navigator.clipboard
              ?.writeText(
                JSON.stringify(Object.fromEntries(fields.map((f) => [f.name, f.text])), null, 2),
              )
              .then(() => say('copied')),
        },
        'Copy',
      ),
      el('button', {onclick: actions.close, 'aria-label': 'Close event details'}, 'Close'),
    ),
    el(
      'div',
      {class: 'groups'},
      answer.groups.map((group) =>
        el(
          'section',
          {},
          el('h3', {}, group.name),
          el(
            'table',
            {},
            el('caption', {class: 'quiet'}, group.name),
            el(
              'tbody',
              {},
              group.fields.map((field) =>
                el(
                  'tr',
                  {},
                  el('th', {scope: 'row'}, field.label),
                  el('td', {'data-field': field.name}, field.text),
                ),
              ),
            ),
          ),
        ),
      ),
      answer.dependencies?.length
        ? el(
            'section',
            {id: 'dependencies'},
            el('h3', {}, 'Dependencies'),
            el(
              'table',
              {},
              el('caption', {class: 'quiet'}, 'Dependencies'),
              el(
                'tbody',
                {},
                answer.dependencies.map((d) =>
                  el(
                    'tr',
                    {},
                    el(
                      'th',
                      {scope: 'row'},
                      d.direction === 'before' ? 'Waited for' : 'Waited for by',
                    ),
                    el(
                      'td',
                      {},
                      el(
                        'a',
                        {
                          href: '#',
                          onclick: (e) => {
                            e.preventDefault();
                            actions.follow(d);
                          },
                        },
                        `${d.label} on ${d.row}`,
                      ),
                      el(
                        'span',
                        {class: 'soft'},
                        ` at ${ns(d.begin_ps)} ns · S[${d.semaphore}] reached ${d.value} at ${ns(d.at_ps)} ns`,
                      ),
                    ),
                  ),
                ),
              ),
            ),
          )
        : null,
    ),
  ];
}

/// A list of tabs; each is [name, make(panel)], made anew when it is opened.
export function tabs(list) {
  const panel = el('div', {role: 'tabpanel', id: 'panel', tabindex: 0});
  const buttons = list.map(([name, make]) =>
    el(
      'button',
      {
        role: 'tab',
        id: `tab-${name.replace(/\W+/g, '-').toLowerCase()}`,
        'aria-controls': 'panel',
        'aria-selected': 'false',
        tabindex: -1,
        onclick: () => open(name),
      },
      name,
    ),
  );
  let current = null;
  const open = (name, focus = false) => {
    const i = list.findIndex(([known]) => known === name);
    buttons.forEach((button, k) => {
      button.setAttribute('aria-selected', k === i);
      button.tabIndex = k === i ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', buttons[i].id);
    panel.replaceChildren();
    current = name;
    list[i][1](panel);
    if (focus) buttons[i].focus();
    // Only sideways, where the strip is wider than the window.
    const [from, room] = [buttons[i].offsetLeft - strip.offsetLeft, buttons[i].offsetWidth];
    if (from < strip.scrollLeft || from + room > strip.scrollLeft + strip.clientWidth)
      strip.scrollLeft = from - (strip.clientWidth - room) / 2;
  };
  const strip = el(
    'div',
    {
      role: 'tablist',
      'aria-label': 'About this profile',
      onkeydown: (e) => {
        const i = list.findIndex(([name]) => name === current);
        const to =
          e.key === 'ArrowRight'
            ? i + 1
            : e.key === 'ArrowLeft'
              ? i - 1
              : e.key === 'Home'
                ? 0
                : e.key === 'End'
                  ? list.length - 1
                  : null;
        if (to === null) return;
        e.preventDefault();
        e.stopPropagation();
        open(list[(to + list.length) % list.length][0], true);
      },
    },
    buttons,
  );
  return {
    root: el('div', {class: 'sheet tabs'}, strip, panel),
    open,
    refresh: (name) => {
      if (current === name) open(name);
    },
  };
}
