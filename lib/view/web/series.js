// SPDX-License-Identifier: Apache-2.0
// A counter over time, painted into pixels column by column: an area under the mean, a line on it, and
// a paler line at the peak. Paths of a canvas took most of a frame for the same picture.
import {mix} from './colors.js';

/// The mean and the highest of the values that fall into each column; columns without one hold -1.
function columns_of({begin, step, mean: means, peak: peaks}, view, width) {
  const mean = new Float32Array(width).fill(-1),
    peak = new Float32Array(width).fill(-1);
  const ps = (view.end - view.begin) / width;
  for (let x = 0; x < width; ++x) {
    const from = (view.begin + x * ps - begin) / step;
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(means.length, Math.max(first + 1, Math.floor(from + ps / step)));
    if (from + ps / step < 0 || first >= last) continue;
    let sum = 0;
    for (let i = first; i < last; ++i) {
      sum += means[i];
      if (peaks[i] > peak[x]) peak[x] = peaks[i];
    }
    mean[x] = sum / (last - first);
  }
  return {mean, peak};
}

/// The line of pixels for each value; -1 where there is none. A plain loop: the callbacks of from()
/// took longer than all that is painted.
function heights_of(values, {top, base}, most) {
  const heights = new Int32Array(values.length);
  for (let x = 0; x < values.length; ++x)
    heights[x] =
      values[x] < 0 ? -1 : base - Math.round(Math.min(1, values[x] / most) * (base - top));
  return heights;
}

/// All below the heights, row by row of pixels as they lie in memory.
function fill({pixels, width, top, base}, heights, pixel) {
  for (let y = top; y <= base; ++y)
    for (let x = 0, at = y * width; x < width; ++x, ++at)
      if (heights[x] >= 0 && heights[x] <= y) pixels[at] = pixel;
}

/// A stepped line through the heights of columns, as `thick` as the area says.
function line({pixels, width, thick}, heights, pixel) {
  for (let x = 0; x < width; ++x) {
    const y = heights[x];
    if (y < 0) continue;
    const before = x && heights[x - 1] >= 0 ? heights[x - 1] : y;
    const first = Math.min(y - thick + 1, before),
      last = Math.max(y, before);
    for (let at = first; at <= last; ++at) pixels[at * width + x] = pixel;
  }
}

/// `area` is {pixels, width, top, base, thick}: where, in pixels; `most` is the value at its top.
export function paint_series(area, series, view, most, inks) {
  const {mean, peak} = columns_of(series, view, area.width);
  const means = heights_of(mean, area, most);
  fill(area, means, mix(inks.sheet, inks.line, 0.16));
  line({...area, thick: 1}, heights_of(peak, area, most), mix(inks.sheet, inks.line, 0.45));
  line(area, means, inks.line);
}
