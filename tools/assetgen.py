#!/usr/bin/env python3
"""Builds web/static into the program: assets_gen.c, the table behind platform/html/assets.h.

    assetgen.py STATIC_FOLDER OUT.c DEPFILE

Each file gets a name by its content (app.css → app.3f9a0c12d4b7.css). A style sheet's url(NAME) and a
script's import "./NAME" are rewritten to the names of the files they mean. The icons in the folder
`icons` beside it become one file, icons.svg, of which a page shows parts: browsers fetch it once,
and a page that shows an icon a hundred times does not hold its lines a hundred times.
"""
import gzip
import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg",
         ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
         ".json": "application/json", ".webmanifest": "application/manifest+json"}
COMPRESSED = {".png", ".webp", ".jpg", ".woff2"}
REFERENCES = {
    ".css": re.compile(r"""(url\(\s*["']?)(?:\./)?([^"')\s:]+?)(["']?\s*\))"""),
    ".js": re.compile(r"""((?:from|import)\s*\(?\s*["'])\./([^"']+)(["'])"""),
}


class AssetError(Exception):
    pass


@dataclass
class Asset:
    name: str
    path: str
    content_type: str
    content: bytes

    @property
    def gzip(self):
        if Path(self.name).suffix in COMPRESSED:
            return b""
        packed = gzip.compress(self.content, 9, mtime=0)
        return packed if len(packed) < len(self.content) * 0.95 else b""


def icon_symbol(path):
    """One icon of the sprite: the SVG without comments, sizes and what the style sheet says of all icons."""
    text = re.sub(r"<!--.*?-->|<\?.*?\?>", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"\s+", " ", text).strip().replace("> <", "><").replace(" />", "/>")
    match = re.fullmatch(r"<svg([^>]*)>(.*)</svg>", text)
    if not match or re.search(r"<script|\son\w+=|javascript:", text, re.I):
        raise AssetError(f"{path}: no plain SVG")
    view_box = re.search(r'\sviewBox="[^"]*"', match[1])
    if not view_box:
        raise AssetError(f"{path}: has no viewBox")
    inner = re.sub(r"></(path|circle|rect|line|polyline|polygon|ellipse)>", "/>", match[2])
    return f'<symbol id="{path.stem}"{view_box[0]}>{inner}</symbol>'


def icon_files(folder):
    return sorted((Path(folder).parent / "icons").glob("*.svg"))


def load(folder):
    """{name: Asset} of all files directly in the folder (in sub-folders stand licences and sources),
    and of icons.svg."""
    files = {p.name: p for p in sorted(Path(folder).glob("*")) if p.is_file()}
    assets = {}

    def build(name, chain):
        if name in assets:
            return assets[name]
        if name in chain:
            raise AssetError(f"{folder}: {' > '.join(chain)} > {name}: files name each other in a circle")
        suffix = Path(name).suffix
        if suffix not in TYPES:
            raise AssetError(f"{files[name]}: unknown kind of file; there are {', '.join(TYPES)}")
        content = files[name].read_bytes()
        if suffix in REFERENCES:
            def rewrite(match):
                if match[2].startswith("#") or match[2].startswith("/static/"):
                    return match[0]
                if match[2] not in files:
                    raise AssetError(f"{files[name]}: names {match[2]!r}, which is not in {folder}")
                return match[1] + build(match[2], chain + [name]).path + match[3]
            content = REFERENCES[suffix].sub(rewrite, content.decode("utf-8")).encode("utf-8")
        return keep(name, content)

    def keep(name, content):
        digest = hashlib.sha256(content).hexdigest()[:12]
        path = f"/static/{Path(name).stem}.{digest}{Path(name).suffix}"
        assets[name] = Asset(name, path, TYPES[Path(name).suffix], content)
        return assets[name]

    for name in files:
        build(name, [])
    icons = "".join(map(icon_symbol, icon_files(folder)))
    if icons:
        keep("icons.svg", f'<svg xmlns="http://www.w3.org/2000/svg">{icons}</svg>\n'.encode("utf-8"))
    return assets


def c_bytes(content):
    """A C string of the content: quicker for the compiler than a list of numbers."""
    lines = []
    for start in range(0, len(content), 64):
        # Octal with three digits always ends before the next character.
        lines.append('"' + "".join(
            chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}"
            for b in content[start:start + 64]) + '"')
    return "\n        ".join(lines) or '""'


def c_str(text):
    return f'{{ "{text}", {len(text)} }}'


def source(assets):
    parts = ["/* Made by tools/assetgen.py from web/static; do not edit. */\n"
             '#include "platform/html/assets.h"\n\nconst struct asset assets[] = {\n']
    for asset in sorted(assets.values(), key=lambda a: a.path.encode()):
        name, path, kind = map(c_str, (asset.name, asset.path, asset.content_type))
        parts.append(f"    {{ .name = {name}, .path = {path}, .content_type = {kind},\n"
                     f"      .bytes = {{ {c_bytes(asset.content)}, {len(asset.content)} }},\n")
        if asset.gzip:
            parts.append(f"      .gzip = {{ {c_bytes(asset.gzip)}, {len(asset.gzip)} }},\n")
        parts.append("    },\n")
    if not assets:
        parts.append("    { .name = { 0 } }, /* C knows no empty array */\n")
    parts.append(f"}};\nconst size_t asset_count = {len(assets)};\n")
    return "".join(parts)


def main(folder, out, depfile):
    try:
        text = source(load(folder))
    except AssetError as error:
        sys.exit(str(error))
    if not Path(out).exists() or Path(out).read_text() != text:
        Path(out).write_text(text)
    inputs = [Path(folder), *sorted(Path(folder).glob("*")), *icon_files(folder)]
    Path(depfile).write_text(f"{out}: {' '.join(str(p) for p in inputs)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
