#!/usr/bin/python3
"""Installs the sentence encoder's data file where there is one in the build folder; meson calls it.

  tools/encoderinstall.py FOLDER     FOLDER as meson has it: relative to the prefix, or from the root
"""

import os
import pathlib
import shutil
import sys

NAME = "encoder-en.bin"


def main(folder):
    source = pathlib.Path(os.environ["MESON_BUILD_ROOT"]) / NAME
    if not source.exists():
        return
    if os.path.isabs(folder):
        target = pathlib.Path(os.environ.get("DESTDIR", "") + folder) / NAME
    else:
        target = pathlib.Path(os.environ["MESON_INSTALL_DESTDIR_PREFIX"]) / folder / NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    # Apart first: a program that has mapped the old file keeps it whole.
    unfinished = target.with_name(NAME + ".new")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(0o644)
    unfinished.replace(target)


if __name__ == "__main__":
    main(sys.argv[1])
