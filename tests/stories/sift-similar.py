"""sift-similar: texts that mean alike, as the program finds them without a server."""

import sys

from manyhands import BUILD, ROOT

sys.path.append(str(ROOT / "tests" / "encoder"))

import oracle  # noqa: E402


def vectors_are_the_packages_own(story):
    reason = oracle.missing(BUILD)
    if reason:
        print(f"  SKIPPED vectors equal the package's own: {reason}")
        return
    with story.scene("vectors equal the package's own, and so do the pieces of words"):
        count, worst = oracle.differences(BUILD, instructions=["plain", None])
        assert count > 300 and worst < 1e-5, (count, worst)


def tell(story):
    vectors_are_the_packages_own(story)
