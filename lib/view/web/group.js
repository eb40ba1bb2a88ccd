// SPDX-License-Identifier: Apache-2.0
// Profiles that were captured together, as one: rows of one above those of the next, all times from
// the begin of each one's execution.

const TRACKS = 1 << 20, // tracks of one member
  GROUPS = 1 << 24; // layers or variables of one member
const within = (name, member) => `${name} · ${member}`;

/// Rows and counters of a member, with tracks and layers that no other member has.
function part_of(member, profile, at) {
  const shift = at * GROUPS;
  const rows = profile.rows.map((row) => ({
    ...row,
    base: row.name,
    name: within(row.name, member.name),
    member: at,
    tracks: row.tracks.map((track) => track + at * TRACKS),
  }));
  const counters = profile.counters
    .filter((counter) => !counter.of)
    .map((counter) => ({...counter, name: within(counter.name, member.name), member: at}));
  const layers = profile.layers.map((layer) => ({...layer, id: layer.id + shift}));
  const shifted = (names = {}) => Object.entries(names).map(([id, name]) => [Number(id) + shift, name]);
  const variables = shifted(profile.variables),
    operations = shifted(profile.operations);
  return {rows, counters, layers, variables, operations};
}

/// One description of all; `members` holds the single ones.
function description_of(group, profiles) {
  const parts = profiles.map((profile, at) => part_of(group.members[at], profile, at));
  const sum = (key) => profiles.reduce((total, profile) => total + profile[key], 0);
  const ends = profiles.map((p) => p.end_ps - p.begin_ps);
  return {
    ...profiles[0],
    display_name: group.display_name,
    neff_name: '',
    begin_ps: 0,
    end_ps: Math.max(...ends),
    total_ps: Math.max(...profiles.map((p) => p.total_ps)),
    instructions: sum('instructions'),
    packets: sum('packets'),
    rows: parts.flatMap((part) => part.rows),
    counters: parts.flatMap((part) => part.counters),
    layers: parts.flatMap((part) => part.layers),
    memory: profiles.flatMap((profile, at) =>
      profile.memory.map((use) => ({...use, name: within(use.name, group.members[at].name)})),
    ),
    variables: Object.fromEntries(parts.flatMap((part) => part.variables)),
    operations: Object.fromEntries(parts.flatMap((part) => part.operations)),
    opcodes: Object.assign({}, ...profiles.map((p) => p.opcodes)),
    members: group.members.map((member, at) => ({...member, profile: profiles[at]})),
  };
}

/// Moves what a member's window holds to where the group has it.
function shift_window(data, profile, at) {
  const kinds = new Map(profile.rows.flatMap((row) => row.tracks.map((t) => [t, row.kind])));
  const tracks = [...data.tracks].map(([track, spans]) => {
    const is_queue = kinds.get(track) === 'queue'; // its layers are variables, from 0 on
    const layer = spans.layer.map((id) => (id || is_queue ? id + at * GROUPS : 0));
    const is_collective = kinds.get(track) === 'collective'; // its colours are operations
    const color = is_collective ? spans.color.map((id) => id + at * GROUPS) : spans.color;
    const shift = (times) => times.map((ps) => ps - profile.begin_ps);
    return [
      track + at * TRACKS,
      {...spans, color, layer, begin: shift(spans.begin), end: shift(spans.end)},
    ];
  });
  const counters = data.counters.map((c) => ({...c, begin: c.begin - profile.begin_ps}));
  return {tracks, counters};
}

/// A source like that of one profile, which asks those of all members.
export function group_source(group, sources) {
  let profiles = [];
  const from = (at, ps) => ps + profiles[at].begin_ps;
  const all = (ask) => Promise.all(sources.map(ask));
  /// A found event as the group has it.
  const lift = (at) => (event) => ({
    ...event,
    track: event.track + at * TRACKS,
    begin_ps: event.begin_ps - profiles[at].begin_ps,
    end_ps: event.end_ps - profiles[at].begin_ps,
  });
  return {
    is_file: false,
    profile: async () => {
      profiles = await all((source) => source.profile());
      return description_of(group, profiles);
    },
    window: async (begin, end, width, skip, signal) => {
      const parts = await all(async (source, at) => {
        const data = await source.window(from(at, begin), from(at, end), width, skip, signal);
        return shift_window(data, profiles[at], at);
      });
      return {
        tracks: new Map(parts.flatMap((part) => part.tracks)),
        counters: parts.flatMap((part) => part.counters),
      };
    },
    usage: async (begin, end, width) => {
      const parts = await all(async (source, at) => {
        const {series} = await source.usage(from(at, begin), from(at, end), width);
        const lifted = (s) => ({
          ...s,
          of: within(s.of, group.members[at].name),
          begin_ps: s.begin_ps - profiles[at].begin_ps,
        });
        return series.map(lifted);
      });
      return {series: parts.flat()};
    },
    event: async (track, index) => {
      const at = Math.floor(track / TRACKS);
      const found = await sources[at].event(track % TRACKS, index);
      const member = group.members[at].name;
      const dependencies = found.dependencies?.map((d) => ({
        ...lift(at)(d),
        at_ps: d.at_ps - profiles[at].begin_ps,
        row: within(d.row, member),
      }));
      return {...found, track, ...(dependencies ? {dependencies} : {})};
    },
    search: async (wanted) => {
      const window_in = (at) =>
        wanted.window && {
          ...wanted.window,
          from: from(at, wanted.window.from),
          to: from(at, wanted.window.to),
        };
      const found = await all((source, at) =>
        source.search({...wanted, ...(wanted.window ? {window: window_in(at)} : {})}),
      );
      const hits = found.flatMap((part, at) => part.hits.map(lift(at)));
      return {
        count: found.reduce((sum, part) => sum + part.count, 0),
        active_ps: found.reduce((sum, part) => sum + part.active_ps, 0),
        hits: hits.sort((a, b) => a.begin_ps - b.begin_ps).slice(0, wanted.limit),
      };
    },
    // Sets of markers are kept with the first member.
    marker_sets: () => sources[0].marker_sets(),
    load_markers: (set) => sources[0].load_markers(set),
    save_markers: (set, markers) => sources[0].save_markers(set, markers),
  };
}
