// SPDX-License-Identifier: Apache-2.0
// Where the data of a profile comes from: the server, or the file itself when it was mailed.
import {fetch_json} from './format.js';
import {decode} from './window.js';

const JSON_BODY = {'Content-Type': 'application/json'};

function server_source(id) {
  const api = `/api/profile/${id}`;
  const set_path = (set) => `${api}/markers?set=${encodeURIComponent(set)}`;
  return {
    is_file: false,
    profile: () => fetch_json(api),
    window: async (begin, end, width, skip, signal) => {
      const query = new URLSearchParams({from: begin, to: end, width});
      if (skip) query.set('skip', skip);
      const reply = await fetch(`${api}/rows?${query}`, {signal});
      if (!reply.ok) throw new Error((await reply.json()).error);
      return decode(await reply.arrayBuffer());
    },
    usage: (begin, end, width) =>
      fetch_json(`${api}/usage?${new URLSearchParams({from: begin, to: end, width})}`),
    event: (track, index) => fetch_json(`${api}/event?track=${track}&index=${index}`),
    event_of: (kind, index) => fetch_json(`${api}/event?kind=${kind}&index=${index}`),
    search: ({terms, limit, regex, window}) => {
      const query = new URLSearchParams({limit, ...(regex ? {regex: 1} : {}), ...window});
      terms.forEach(({field, text}, i) => {
        query.set(`field${i ? i + 1 : ''}`, field);
        query.set(`text${i ? i + 1 : ''}`, text);
      });
      return fetch_json(`${api}/search?${query}`);
    },
    marker_sets: async () => (await fetch_json(`${api}/markers`)).sets,
    load_markers: async (set) => (await fetch_json(set_path(set))).markers,
    save_markers: async (set, markers) =>
      (
        await fetch_json(set_path(set), {
          method: 'PUT',
          headers: JSON_BODY,
          body: JSON.stringify({markers}),
        })
      ).saved,
  };
}

const bytes_of = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
async function unpack(base64) {
  const stream = new Blob([bytes_of(base64)]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

/// Whether an event, by its fields, is what a term of a search wants.
function test_of({field, text}, regex) {
  const pattern = regex ? new RegExp(text, 'i') : null,
    needle = text.toLowerCase();
  const names = field === 'any' ? ['opcode', 'name', 'layer', 'operands'] : [field];
  const accepts = (value) => (pattern ? pattern.test(value) : value.toLowerCase().includes(needle));
  return (get) => names.some((name) => accepts(get(name)?.text ?? ''));
}

/// The file holds one window over all, at a bounded resolution, and the details of some events.
function file_source(packed) {
  const held = unpack(packed);
  const sets = new Map(); // a file cannot be written to: markers live as long as the page
  const event = async (track, index) => {
    const found = (await held).events[`${track}:${index}`];
    if (!found)
      throw new Error('this file does not hold the details of that event; view the trace itself');
    return {...found, track};
  };
  return {
    is_file: true,
    profile: async () => (await held).profile,
    window: async () => decode(bytes_of((await held).window).buffer),
    usage: async () => (await held).usage,
    event,
    event_of: async (kind, index) => {
      const {events} = await held;
      const key = Object.keys(events).find(
        (k) => events[k].kind === kind && k.endsWith(`:${index}`),
      );
      return event(...(key ?? '-1:-1').split(':').map(Number));
    },
    search: async ({terms, limit, regex, window = {from: -Infinity, to: Infinity}}) => {
      const tests = terms.map((term) => test_of(term, regex));
      const kind = terms.some((term) => term.field === 'variable') ? 'queue' : 'instruction';
      const hits = [];
      for (const [key, found] of Object.entries((await held).events)) {
        if (found.kind !== kind) continue;
        const fields = found.groups.flatMap((group) => group.fields);
        const get = (name) => fields.find((f) => f.name === name);
        if (!tests.every((test) => test(get))) continue;
        const [track, index] = key.split(':').map(Number);
        hits.push({track, index, begin_ps: get('begin_ps').value, end_ps: get('end_ps').value});
      }
      hits.sort((a, b) => a.begin_ps - b.begin_ps);
      return {
        count: hits.length,
        active_ps: hits.reduce((sum, h) => sum + h.end_ps - h.begin_ps, 0),
        hits: hits
          .filter((h) => h.end_ps > window.from && h.begin_ps < window.to)
          .slice(0, limit),
      };
    },
    marker_sets: async () => [...sets.keys()],
    load_markers: async (set) => sets.get(set) ?? [],
    save_markers: async (set, markers) => {
      sets.set(
        set,
        markers.map((m) => ({...m})),
      );
      return markers.length;
    },
  };
}

export const is_file = () => typeof window.neuron_file === 'string';
export const open_source = (id) =>
  is_file() ? file_source(window.neuron_file) : server_source(id);
