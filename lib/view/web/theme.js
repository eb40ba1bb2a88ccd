// SPDX-License-Identifier: Apache-2.0
// Dark and light: what the system says, until the button in the corner says otherwise.

const dark = matchMedia('(prefers-color-scheme: dark)');
const inks = new Map(),
  listeners = [];
const changed = () => {
  inks.clear();
  for (const tell of listeners) tell();
};
dark.addEventListener('change', changed);

function show(scheme) {
  document.documentElement.style.colorScheme = scheme ?? '';
  changed();
}
const kept = () => {
  try {
    return localStorage.getItem('theme');
  } catch {
    return null;
  }
};
function keep(scheme) {
  try {
    localStorage.setItem('theme', scheme);
  } catch {
    /* a mailed file may keep nothing */
  }
}

export function set_up_theme() {
  if (kept()) show(kept());
  document.getElementById('theme').addEventListener('click', () => {
    const is_dark =
      (document.documentElement.style.colorScheme || (dark.matches ? 'dark' : 'light')) === 'dark';
    const next = is_dark ? 'light' : 'dark';
    keep(next);
    show(next);
  });
}
export const on_theme = (tell) => listeners.push(tell);

/// A colour of style.css as canvas takes it; opaque ones as "#rrggbb".
export function ink(name) {
  let color = inks.get(name);
  if (color) return color;
  const probe = document.createElement('i');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  color = getComputedStyle(probe).color;
  probe.remove();
  const parts = color.match(/^rgb\((\d+), (\d+), (\d+)\)$/);
  if (parts)
    color =
      '#' +
      parts
        .slice(1)
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join('');
  inks.set(name, color);
  return color;
}
