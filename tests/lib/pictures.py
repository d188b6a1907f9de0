"""Pictures with what they show, by the thousand: OpenMoji's where npm brings them, else drawn here.

    for picture in pictures(5000):
        picture.file, picture.says, picture.words, picture.png

Drawn by librsvg and cairo (Debian's python3-gi). OpenMoji has 4,495 pictures, skin tones included, in colour; what is
wanted beyond that number are the same ones as outlines.
"""

import colorsys
import csv
import io
import itertools
import subprocess
from collections import namedtuple

import cairo
import gi
from manyhands import ROOT

gi.require_version("Rsvg", "2.0")
from gi.repository import Rsvg  # noqa: E402

SIDE_PX = 160
OPENMOJI = ROOT / "node_modules" / "openmoji"

# `says` is what is true of it, `words` are others that fit.
Picture = namedtuple("Picture", "file says words png")


def has_openmoji():
    done = subprocess.run([ROOT / "tests" / "kit" / "modules"], capture_output=True, timeout=600)
    return done.returncode == 0 and OPENMOJI.is_dir()


def rastered(svg):
    area = Rsvg.Rectangle()
    area.x = area.y = 0
    area.width = area.height = SIDE_PX
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, SIDE_PX, SIDE_PX)
    Rsvg.Handle.new_from_data(svg).render_document(cairo.Context(surface), area)
    out = io.BytesIO()
    surface.write_to_png(out)
    return out.getvalue()


def of_openmoji():
    with (OPENMOJI / "data" / "openmoji.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for kind in ("color", "black"):
        for row in rows:
            path = OPENMOJI / kind / "svg" / f"{row['hexcode']}.svg"
            if path.is_file():
                outline = "" if kind == "color" else "outline of "
                words = [w.strip() for w in row["tags"].split(",") if w.strip()]
                yield f"{row['hexcode']}-{kind}.png", outline + row["annotation"], words, path.read_bytes()


def drawn():
    """Two coloured things, one above the other, on paper of some colour."""
    colours = {"red": 0, "yellow": 0.15, "green": 0.33, "blue": 0.6, "purple": 0.8}
    shapes = {"circle": '<circle cx="80" cy="{y}" r="{r}" fill="{c}"/>',
              "square": '<rect x="{x}" y="{top}" width="{d}" height="{d}" fill="{c}"/>',
              "bar": '<rect x="10" y="{y}" width="140" height="{r}" fill="{c}"/>'}
    one = list(itertools.product(("small", "large"), colours, shapes))
    papers = {"white": "#fff", "grey": "#ccc", "black": "#111", "pink": "#fcd", "brown": "#852", "beige": "#fec"}
    for number, (paper, above, below) in enumerate(itertools.product(papers, one, one)):
        parts, names = "", []
        for y, (size, colour, shape) in ((40, above), (120, below)):
            r = 15 if size == "small" else 35
            paint = "#" + "".join(f"{int(255 * part):02x}" for part in colorsys.hsv_to_rgb(colours[colour], 0.8, 0.85))
            parts += shapes[shape].format(y=y, top=y - r, x=80 - r, r=r, d=2 * r, c=paint)
            names.append(f"{size} {colour} {shape}")
        yield (f"drawn-{number:04}.png", f"{names[0]} above a {names[1]} on {paper} paper", names,
               f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160"><rect width="160" height="160" '
               f'fill="{papers[paper]}"/>{parts}</svg>'.encode())


def pictures(count):
    """So many pictures, no two alike in every pixel."""
    seen, found = set(), []
    source = of_openmoji() if has_openmoji() else drawn()
    for file, says, words, svg in source:
        png = rastered(svg)
        if png not in seen:
            seen.add(png)
            found.append(Picture(file, says, words, png))
        if len(found) == count:
            return found
    raise AssertionError(f"there are only {len(found)} pictures of {count}")
