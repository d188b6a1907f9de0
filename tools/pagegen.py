#!/usr/bin/python3
"""Compiles the rooms' templates to C (see docs/architecture.md, "Templates").

    pagegen.py OUT DEPFILE WEB_FOLDER ROOM_FOLDER...

writes into OUT: templates.h (prototypes) and for each room ROOM_templates.c with one function for each template.
Jinja2's own parser reads the templates; from its tree this program emits C in one pass. What an
expression is and which C computes it is pages_values.py's, where in the document a value stands and so
how it is escaped pages_html.py's. Files are written only when they change.
"""
import sys
from pathlib import Path

import jinja2

import assetgen
import declarations
from pages_c import HEADER
from pages_compile import Located, Page


class Site:
    """What all pages share: declarations, files, assets, icons."""

    def __init__(self, web, folders):
        self.web = Path(web)
        self.declarations = declarations.load(folders)
        self.assets = assetgen.load(self.web / "static")
        self.icons = self.web / "icons"
        self.used = set()
        self.trees = {}
        self.environment = jinja2.Environment(lstrip_blocks=True)

    def parse(self, path):
        if path not in self.trees:
            self.used.add(path)
            try:
                self.trees[path] = self.environment.parse(path.read_text(encoding="utf-8"))
            except jinja2.TemplateSyntaxError as error:
                raise Located(f"{path}:{error.lineno}: {error.message}") from None
        return self.trees[path]


def room_source(site, room, mistakes):
    """(C of the room's templates, their names); what is wrong is added to `mistakes`."""
    parts = ["/* Made by tools/pagegen.py from the templates; do not edit. */\n#include \"templates.h\"\n"]
    names, functions = set(), {}
    for path in sorted(room.pages.glob("*.html")) if room.pages.exists() else []:
        view = site.declarations.views.get(path.stem)
        if view is None or view.room is not room:   # included by others
            continue
        names.add(path.stem)
        try:
            parts.append("\n" + Page(site, room, path, functions).compile())
        except Located as error:
            mistakes.append(str(error))
    for route in room.routes:
        if route.kind == "page" and route.html and route.answer and route.name not in names:
            mistakes.append(f"{room.file}: [page.{route.name}]: there is no "
                            f"{room.pages / (route.name + '.html')}")
    parts[1:1] = ["\n" + f.text for key, f in functions.items() if key[0] == "text"]
    return "".join(parts), sorted(names)


def header(names):
    return HEADER + "".join(
        f"void {name}_html(struct buf *out, struct request *r, const struct frame_view *frame,\n"
        f"    const void *data);\n" for name in names)


def main(out, depfile, web, *folders):
    out = Path(out)
    try:
        site, mistakes, files, names = Site(web, folders), [], {}, []
        for room in site.declarations.rooms:
            files[f"{room.name}_templates.c"], found = room_source(site, room, mistakes)
            names += found
        if mistakes:
            sys.exit("\n".join(dict.fromkeys(mistakes)))
    except (declarations.DeclarationError, assetgen.AssetError) as error:
        sys.exit(str(error))
    files["templates.h"] = header(names)
    for name, text in files.items():
        if not (out / name).exists() or (out / name).read_text(encoding="utf-8") != text:
            (out / name).write_text(text, encoding="utf-8")
    write_depfile(Path(depfile), out / "templates.h", site)


def write_depfile(path, target, site):
    used = {str(p) for p in site.used} | {str(site.web / "static"), str(site.icons)}
    used |= {str(p) for p in (site.web / "static").glob("*")} | {str(p) for p in site.icons.glob("*.svg")}
    for room in site.declarations.rooms:
        used |= {str(p) for p in (room.folder, room.file, room.pages) if p.exists()}
    path.write_text(f"{target}: {' '.join(sorted(used))}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
