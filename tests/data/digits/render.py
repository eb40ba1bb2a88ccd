#!/usr/bin/env python3
"""Draw the example inputs 0.npy ... 9.npy, 3b.npy and 7b.npy.

Each digit is a few strokes, described below as points of a smooth curve in a
unit square (x to the right, y down). The strokes get a seeded wobble, slant
and turn, are scaled to fit a 20x20 box, drawn with a round antialiased pen
and placed so that their centre of mass is the centre of the 28x28 image, the
way MNIST digits are laid out. No MNIST data is used.

    python3 render.py                       write the .npy files
    python3 render.py --output DIR          write them elsewhere

Each file is NPY version 1.0, float32, shape (1,1,28,28), values k/255.
"""

import argparse
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SIDE = 28
BOX = 20.0
STEPS = 12  # straight pieces per curve section

# A stroke is a list of points the pen passes through. A point given twice is
# a sharp corner: the curve is split there.
GLYPHS = {
    "0": [[(.52, .02), (.26, .14), (.14, .48), (.24, .86), (.50, .98), (.76, .84), (.86, .48),
           (.76, .14), (.54, .02), (.44, .05)]],
    "1": [[(.54, .00), (.52, .35), (.50, .70), (.48, 1.0)]],
    "2": [[(.16, .24), (.28, .06), (.54, .00), (.76, .12), (.76, .34), (.56, .60), (.30, .82),
           (.12, .96), (.12, .96), (.36, .92), (.62, .95), (.92, .93)]],
    "3": [[(.18, .12), (.44, .00), (.72, .08), (.76, .26), (.62, .41), (.40, .47), (.40, .47),
           (.68, .52), (.82, .70), (.72, .90), (.44, 1.0), (.14, .90)]],
    "4": [[(.22, .04), (.18, .30), (.16, .50), (.16, .50), (.40, .54), (.78, .48)],
          [(.76, .02), (.74, .35), (.70, .70), (.68, 1.0)]],
    "5": [[(.84, .03), (.56, .04), (.30, .06), (.30, .06), (.26, .24), (.22, .42), (.22, .42),
           (.50, .38), (.76, .52), (.80, .74), (.62, .94), (.36, 1.0), (.12, .90)]],
    "6": [[(.66, .00), (.42, .18), (.24, .46), (.18, .74), (.32, .96), (.58, .98), (.76, .80),
           (.68, .60), (.46, .56), (.24, .72)]],
    "7": [[(.10, .08), (.40, .05), (.66, .05), (.86, .03), (.86, .03), (.72, .32), (.56, .64),
           (.44, 1.0)]],
    "8": [[(.74, .12), (.50, .00), (.28, .12), (.32, .32), (.54, .48), (.74, .68), (.72, .90),
           (.48, 1.0), (.26, .88), (.28, .68), (.50, .48), (.70, .30), (.74, .12)]],
    "9": [[(.76, .18), (.54, .02), (.28, .10), (.20, .34), (.38, .50), (.62, .42), (.76, .18),
           (.76, .18), (.74, .46), (.68, .74), (.60, 1.0)]],
    # A 3 with a flat top and an angular waist.
    "3b": [[(.14, .04), (.46, .03), (.80, .04), (.80, .04), (.62, .22), (.44, .40), (.44, .40),
            (.72, .48), (.84, .70), (.68, .94), (.38, 1.0), (.12, .88)]],
    # A 7 with a bar through its stem.
    "7b": [[(.12, .12), (.14, .04), (.14, .04), (.50, .06), (.86, .02), (.86, .02), (.68, .36),
            (.54, .66), (.44, 1.0)],
           [(.34, .53), (.56, .51), (.80, .48)]],
}


def split_at_corners(points):
    pieces = [[points[0]]]
    for before, point in zip(points, points[1:]):
        if point == before:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


def smooth(points):
    """A Catmull-Rom curve through the points, as a polyline."""
    p = np.array([points[0], *points, points[-1]], float)
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None]
    sections = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2
               + (3 * b - a - 3 * c + d) * t ** 3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:])]
    return np.concatenate([*sections, p[-1:]])


def wobble(points, rng):
    """Move points a little; a repeated point (corner) moves as one."""
    moved, last, place = [], None, None
    for point in points:
        if point != last:
            place = tuple(np.add(point, rng.normal(0, 0.018, 2)))
        moved.append(place)
        last = point
    return moved


def strokes_of(name, rng):
    """The glyph's polylines after wobble, slant and turn, about the origin."""
    slant = rng.uniform(0.05, 0.22)
    turn = rng.uniform(-0.06, 0.06)
    narrow = rng.uniform(0.70, 0.85)  # written digits are taller than wide
    cos, sin = np.cos(turn), np.sin(turn)
    # y points down, so a slant to the right moves the top (small y) right.
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[narrow, -slant], [0, 1]])
    strokes = []
    for points in GLYPHS[name]:
        pieces = [smooth(piece) for piece in split_at_corners(wobble(points, rng))]
        strokes.append((np.concatenate(pieces) - 0.5) @ matrix.T)
    return strokes


def fit(strokes, width):
    """Scale so that the drawn digit, pen width included, fills the 20x20 box."""
    points = np.concatenate(strokes)
    extent = (points.max(axis=0) - points.min(axis=0)).max()
    scale = (BOX - width) / extent
    return [stroke * scale for stroke in strokes]


def distance(stroke):
    """Distance of each pixel's centre to the nearest piece of a polyline."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    pixels = np.stack([x, y], axis=-1)[:, :, None]
    start, along = stroke[:-1], np.diff(stroke, axis=0)
    # Repeated points make pieces of no length; the bound avoids 0/0 there.
    length = np.maximum((along ** 2).sum(axis=1), 1e-12)
    t = np.clip(((pixels - start) * along).sum(axis=-1) / length, 0, 1)
    nearest = start + t[..., None] * along
    return np.sqrt(((pixels - nearest) ** 2).sum(axis=-1)).min(axis=2)


def ink(strokes, width):
    """Coverage 0..1: full inside the pen's width, fading over about a pixel."""
    gap = np.min([distance(stroke) for stroke in strokes], axis=0)
    return np.clip((width / 2 - gap) / 1.2 + 0.5, 0, 1)


def centre_of_mass(image):
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    return np.array([(x * image).sum(), (y * image).sum()]) / image.sum()


def draw(name, rng):
    width = rng.uniform(2.2, 2.9)
    strokes = fit(strokes_of(name, rng), width)
    points = np.concatenate(strokes)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    centred = [stroke - middle + SIDE / 2 for stroke in strokes]
    offset = SIDE / 2 - centre_of_mass(ink(centred, width))
    image = ink([stroke + offset for stroke in centred], width)
    # Eight-bit grey levels, as a scanner would give.
    return (np.round(image * 255) / 255).astype(np.float32)


def main():
    parser = argparse.ArgumentParser(description="Draw the example digits.")
    parser.add_argument("--output", type=pathlib.Path, default=HERE)
    arguments = parser.parse_args()
    for number, name in enumerate(GLYPHS):
        # A generator per digit, so that editing one glyph leaves the others.
        image = draw(name, np.random.default_rng([7, number]))
        np.save(arguments.output / f"{name}.npy", image.reshape(1, 1, SIDE, SIDE))


if __name__ == "__main__":
    main()
