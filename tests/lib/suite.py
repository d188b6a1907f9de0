"""Runs the tests and counts them; script/test calls it when everything is built.

Each part is a program with its own way of counting, so it is read from what the program prints:
cmocka's closing lines, unittest's "Ran N tests", a story's "TOLD passed failed", and
"N passed, N failed" of everything else. Parts run a few at a time and print when they end.
"""

import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import threading
import time

from manyhands import BUILD, ROOT, Cluster
from story import kinds as story_kinds
from story import names as story_names

PATIENCE_S = 1500
WORKERS = max(2, min(4, len(os.sched_getaffinity(0))))


class Part:
    """One program to run: names it can be asked for by, its command, and how its output is counted."""

    def __init__(self, names, command, count, env=None, alone=False):
        self.names, self.command, self.count, self.alone = names, command, count, alone
        self.env = env or {}

    @property
    def title(self):
        return " ".join(self.names)


# --- Counting: output and exit status to (passed, failed) -----------------------------------------------


def count_cmocka(output, status):
    passed = sum(int(n) for n in re.findall(r"^\[  PASSED  \] (\d+) test", output, re.M))
    failed = sum(int(n) for n in re.findall(r"^\[  FAILED  \] \S+: (\d+) test", output, re.M))
    return passed, max(failed, 1 if status or passed + failed == 0 else 0)


def count_unittest(output, status):
    ran = sum(int(n) for n in re.findall(r"^Ran (\d+) tests?", output, re.M))
    bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", output))
    bad = max(bad, 1 if status or ran == 0 else 0)
    return max(ran - bad, 0), bad


def count_story(output, status):
    told = re.findall(r"^TOLD (\d+) (\d+)$", output, re.M)
    passed, failed = map(int, told[-1]) if told else (0, 0)
    return passed, max(failed, 1 if status else 0)


def count_words(output, status):
    told = re.findall(r"(\d+) passed, (\d+) failed", output)
    passed, failed = map(int, told[-1]) if told else (0 if status else 1, 0)
    return passed, max(failed, 1 if status else 0)


# --- What there is ----------------------------------------------------------------------------------------


def unit_parts(build=BUILD, suite="unit"):
    env = {"SOURCE_ROOT": str(ROOT), "MANYHANDS_MEDIA": str(build / "manyhands-media")}
    programs = [test for test in sorted(build.glob("test_*")) if test.is_file() and os.access(test, os.X_OK)]
    if not programs:
        sys.exit(f"script/test: {build} holds no unit tests; was cmocka missing when it was set up?")
    return [Part([suite, test.name.removeprefix("test_")], [test], count_cmocka, env) for test in programs]


def story_parts(build=BUILD, suite="stories", names=None):
    env = {"MANYHANDS_BUILD": str(build)}
    return [Part([suite, name, kind], ["/usr/bin/python3", ROOT / "tests/lib/story.py", name, kind],
                 count_story, env)
            for name in (names or story_names()) for kind in story_kinds(name)]


def generator_parts():
    return [Part(["generators", test.parent.name], ["/usr/bin/python3", test], count_unittest)
            for test in sorted((ROOT / "tests").glob("*/test_*.py"))]


def other_parts():
    found = [(name, ROOT / "tests" / name / "run") for name in ("browser", "api")]
    return [Part([name], [run], count_words, {"MANYHANDS_BUILD": str(BUILD)}, alone=True)
            for name, run in found if run.exists()]


def sanitizer_parts():
    """The same under the sanitizers; a report makes its program fail, or stands in the server's log."""
    parts = []
    for name, options in (("asan", {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0",
                                    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}),
                          ("tsan", {"TSAN_OPTIONS": "halt_on_error=0:second_deadlock_stack=1"})):
        print(f"Building for {name}", flush=True)
        subprocess.run([ROOT / "script/build", "--" + name], check=True, stdin=subprocess.DEVNULL)
        build = ROOT / f"build-{name}"
        told = story_parts(build, name, ["kill-votes"] if name == "tsan" else None)
        for part in unit_parts(build, name) + told:
            part.env.update(options)
            if name == "tsan":  # libvips is not instrumented: every lock in it would look like none
                part.env["MANYHANDS_MEDIA"] = str(BUILD / "manyhands-media")
            parts.append(part)
    return parts


# --- Running --------------------------------------------------------------------------------------------------


class Runner:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []
        self.printing = threading.Lock()
        self.running = set()

    def run(self, part):
        started = time.monotonic()
        process = subprocess.Popen(part.command, cwd=ROOT, env={**os.environ, **part.env},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        self.running.add(process)
        try:
            output = process.communicate(timeout=PATIENCE_S)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output = process.communicate()[0].decode("utf-8", "replace") + f"\nnot done in {PATIENCE_S} s\n"
        self.running.discard(process)
        self.report(part, output, process.returncode, time.monotonic() - started)

    def report(self, part, output, status, seconds):
        passed, failed = part.count(output, status)
        skipped = re.findall(r"^SKIPPED (.+)$", output, re.M)
        if part.count is count_cmocka:
            skipped += [f"{part.title}: {name}" for name in
                        sorted(set(re.findall(r"^\[  SKIPPED \] ([A-Za-z]\w+)$", output, re.M)))]
        with self.printing:
            self.passed += passed
            self.failed += failed
            self.skipped += skipped
            word = "FAILED" if failed else "skipped" if skipped and not passed else "ok"
            print(f"{word:7} {part.title} ({passed} passed, {failed} failed, {seconds:.1f} s)")
            for line in (output if failed else closing(part, output)).splitlines():
                print("        " + line)
            sys.stdout.flush()

    def stop(self):
        for process in list(self.running):
            os.killpg(process.pid, signal.SIGTERM)


def closing(part, output):
    """Of a part that went well: cmocka's last word, or the scenes of a story."""
    if part.count is count_cmocka:
        return "\n".join(re.findall(r"^\[==========\] .* run\.$|^\[  PASSED  \].*$", output, re.M))
    if part.count is count_story:
        return "\n".join(re.findall(r"^  ok .*$", output, re.M))
    return ""


def chosen(parts, wanted):
    if not wanted:
        return parts
    known = {name for part in parts for name in part.names}
    for name in wanted:
        if name not in known:
            sys.exit(f"script/test: there is no test “{name}”; --list shows all")
    return [part for part in parts if any(name in part.names for name in wanted)]


def main():
    options = [a for a in sys.argv[1:] if a.startswith("--")]
    wanted = [a for a in sys.argv[1:] if not a.startswith("--")]
    if set(options) - {"--long", "--list"}:
        sys.exit("usage: script/test [--long] [--list] [NAME…]")
    is_long = "--long" in options
    if is_long:
        os.environ["MANYHANDS_LONG"] = "1"
    parts = generator_parts() + story_parts() + unit_parts() + other_parts()  # the longest first
    parts += sanitizer_parts() if is_long or {"asan", "tsan"} & set(wanted) else []
    parts = chosen(parts, wanted)
    if "--list" in options:
        print("\n".join(sorted({name for part in parts for name in part.names})))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    runner = Runner()
    cluster = Cluster()
    os.environ["MANYHANDS_TEST_POSTGRES"] = cluster.url
    try:
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(runner.run, [p for p in parts if not p.alone]))
        for part in (p for p in parts if p.alone):
            runner.run(part)
    finally:
        runner.stop()
        cluster.stop()
    for line in runner.skipped:
        print("skipped: " + line)
    print(f"{time.monotonic() - started:.0f} s")
    skipped = f", {len(runner.skipped)} skipped" if runner.skipped else ""
    print(f"{runner.passed} passed, {runner.failed} failed{skipped}")
    return 1 if runner.failed or runner.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
