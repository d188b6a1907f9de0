"""How a story is told: scenes with names, on one database, each of which holds or does not.

A story is a file tests/stories/NAME.py with `tell(story)`. It opens scenes:

    def tell(story):
        house = story.installation()
        with story.scene("a draft is nobody's business"):
            ...

The first scene that fails ends the story; what it means is printed with the server's last words.
Run by hand:  /usr/bin/python3 tests/lib/story.py ideas-first sqlite
"""

import contextlib
import importlib.util
import os
import pathlib
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from manyhands import ROOT, Cluster, Installation  # noqa: E402

STORIES = ROOT / "tests" / "stories"
# Real data lies beside the project, or where MANYHANDS_SHARED says.
DATA = pathlib.Path(os.environ.get("MANYHANDS_SHARED") or ROOT.parent / "shared") / "data"


class Skipped(Exception):
    """The story cannot be told here; the reason is its text."""


class Ended(Exception):
    """A scene did not hold."""


class Story:
    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.passed, self.failed, self.houses, self.clusters, self.provoked = 0, 0, [], [], []
        self.is_long = bool(os.environ.get("MANYHANDS_LONG"))

    def installation(self, **settings):
        house = Installation(self.kind, **settings)
        self.houses.append(house)
        return house

    def twin(self, house):
        """A second server on the same database; it ends before the first."""
        self.houses.insert(0, house.twin())
        return self.houses[0]

    def cluster(self):
        """A PostgreSQL of the story's own; stopped when it ends."""
        self.clusters.append(Cluster())
        return self.clusters[-1]

    def provokes(self, event):
        """From here on an error of this kind in the server's log is what the story wants."""
        self.provoked.append(event)

    @contextlib.contextmanager
    def scene(self, what):
        started = time.monotonic()
        try:
            yield
        except Skipped:
            raise
        except Exception:
            self.failed += 1
            print(f"  FAILED  {what}")
            print("".join("          " + line + "\n" for line in traceback.format_exc(limit=-6).splitlines()))
            for house in self.houses:
                for line in house.log().splitlines()[-6:]:
                    print("          log: " + line[:1000])
            raise Ended from None
        self.passed += 1
        print(f"  ok      {what} ({time.monotonic() - started:.1f} s)", flush=True)

    def skip(self, reason):
        raise Skipped(reason)

    def no_complaints(self):
        for house in self.houses:
            found = [line for line in house.complaints() if not any(p in line for p in self.provoked)]
            assert not found, "the server's log complains: " + "\n".join(found[:10])


def load(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), STORIES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names():
    return sorted(p.stem for p in STORIES.glob("*.py"))


def kinds(name):
    """The databases a story is told on; those of sift need none."""
    return ("none",) if name.startswith("sift-") else ("sqlite", "postgresql")


def main():
    name, kind = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "sqlite"
    story = Story(name, kind)
    reason = None
    try:
        load(name).tell(story)
        with story.scene("the server stops gracefully, and its log holds no error"):
            for house in story.houses:
                if house.process is not None:
                    house.stop()
            story.no_complaints()
    except Skipped as skipped:
        reason = str(skipped)
    except Ended:
        pass
    except Exception:
        story.failed += 1
        traceback.print_exc(file=sys.stdout)
    finally:
        for house in story.houses:
            house.end()
        for cluster in story.clusters:
            cluster.stop()
    if reason is not None:
        print(f"SKIPPED {name} on {kind}: {reason}")
    print(f"TOLD {story.passed} {story.failed}")
    sys.stdout.flush()
    os._exit(1 if story.failed else 0)


if __name__ == "__main__":
    main()
