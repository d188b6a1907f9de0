"""sift-library: a program of somebody else's finds the library by pkg-config, and infers with it.

Always with the ordinary build: a library made for a sanitizer asks the same of whoever uses it.
"""

import pathlib
import subprocess
import tempfile

from manyhands import ROOT

PROGRAM = r"""
#include <base/arena.h>
#include <sift/groups/groups.h>
#include <sift/infer/infer.h>
#include <sift/rank/rank.h>
#include <stdio.h>

int main(void)
{
    const uint32_t item[] = { 0, 0, 0, 1, 1, 1 }, worker[] = { 0, 1, 2, 0, 1, 2 };
    const uint16_t label[] = { 1, 1, 0, 0, 0, 0 };
    struct arena *arena = arena_make();
    struct infer_answers answers = infer_answers_make(arena, 6, item, worker, label, 2, 3, 2);
    struct infer_result result;
    struct fault fault = { 0 };
    if (!infer(arena, &answers, &(struct infer_options){ .method = INFER_ONE_COIN }, &result, &fault)) {
        fprintf(stderr, "%s\n", fault.detail);
        return 1;
    }
    printf("%d %d %.3f\n", result.label[0], result.label[1], rank_wilson(81, 182));
    arena_free(arena);
    return 0;
}
"""


def run(*command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, **more)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def tell(story):
    with tempfile.TemporaryDirectory() as folder, story.scene("a program is built against what was installed, and runs"):
        run("meson", "install", "--no-rebuild", "-C", ROOT / "build", "--destdir", folder)
        found = list(pathlib.Path(folder).rglob("manyhands-sift.pc"))
        assert len(found) == 1, found
        source = pathlib.Path(folder) / "program.c"
        source.write_text(PROGRAM)
        environment = {"PATH": "/usr/bin:/bin", "PKG_CONFIG_PATH": str(found[0].parent), "PKG_CONFIG_SYSROOT_DIR": folder}
        flags = run("pkg-config", "--cflags", "--libs", "manyhands-sift", env=environment).split()
        run("cc", "-std=gnu2x", "-Wall", "-Wextra", "-Werror", source, "-o", source.with_suffix(""), *flags)
        library = next(pathlib.Path(folder).rglob("libmanyhands-sift.so.0.1.0"))
        said = run(source.with_suffix(""), env={"LD_LIBRARY_PATH": str(library.parent)})
        assert said == "1 0 0.255\n", said
