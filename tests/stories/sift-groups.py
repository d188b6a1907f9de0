"""sift-groups: opinion groups from votes, as `manyhands groups` finds them without a server.

What the program says of two real Polis conversations is compared with what the Polis server published of
them, and with sums done here in plain Python. The data lie outside the project; where they are absent the
story is skipped.
"""

import collections
import csv
import io
import json
import math
import os
import random
import re
import subprocess
import tempfile
import xml.etree.ElementTree

from manyhands import PROGRAM
from story import DATA

FIXTURE = DATA / "opinions" / "fixture-below-100"
BIODIVERSITY = DATA / "opinions" / "scoop-hivemind.biodiversity"
EXACT = 1e-9


def run(*arguments, stdin=None, status=0):
    """The program without any configuration: nothing of ours in its environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MANYHANDS")}
    done = subprocess.run([PROGRAM, "groups", *map(str, arguments)], input=stdin, env=environment, timeout=60,
                          capture_output=True)
    words = done.stderr.decode(errors="replace")
    assert done.returncode == status, f"{arguments}: {done.returncode}, not {status}: {words}"
    return done.stdout.decode() if status == 0 else words


def table(*arguments):
    return list(csv.DictReader(io.StringIO(run(*arguments))))


def write(path, heading, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *rows])
    return path


def adjusted_rand(a, b):
    def pairs(counts):
        return sum(n * (n - 1) / 2 for n in counts.values())
    both, one, two = pairs(collections.Counter(zip(a, b))), pairs(collections.Counter(a)), pairs(collections.Counter(b))
    by_chance = one * two / (len(a) * (len(a) - 1) / 2)
    return (both - by_chance) / ((one + two) / 2 - by_chance)


def signs(ours, theirs):
    """The sign with which one list of numbers is the other."""
    return 1 if sum(a * b for a, b in zip(ours, theirs)) >= 0 else -1


def same(ours, theirs, what, within=EXACT):
    worst = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    assert worst <= within, f"{what} differ by {worst}"
    return worst


# --- The small conversation of which the server's own numbers are known -----------------------------


class Small:
    def __init__(self, folder):
        self.math = json.loads((FIXTURE / "math-pca2.json").read_text())
        votes = json.loads((FIXTURE / "votes.json").read_text())
        # Statements in the order of their numbers, so that the columns are the server's.
        rows = sorted(([v["pid"], v["tid"], v["vote"], v["modified"]] for v in votes), key=lambda r: (r[1], r[0]))
        self.votes = write(folder / "small.csv", ["pid", "tid", "vote", "modified"], rows)
        self.out = set(self.math["mod-out"])
        self.comments = write(folder / "small-comments.csv", ["tid", "moderated"],
                              [[tid, -1 if tid in self.out else 1] for tid in self.math["tids"]])
        base = self.math["base-clusters"]
        self.members = dict(zip(base["id"], base["members"]))
        self.groups = {person: group["id"] for group in self.math["group-clusters"]
                       for cluster in group["members"] for person in self.members[cluster]}
        self.published = write(folder / "small-groups.csv", ["person", "group"], sorted(self.groups.items()))
        self.arguments = [self.votes, "--comments", self.comments, "--keep", "5,10,11,14"]
        self.statements = {int(s["statement"]): s for s in table(
            self.votes, "--comments", self.comments, "--groups", self.published, "--show", "statements")}


def tell_small(story, folder):
    small = Small(folder)
    pca = small.math["pca"]
    in_order = [small.statements[tid] for tid in small.math["tids"]]
    with story.scene("means and both axes are the server's, up to sign, within 1e-9"):
        means = [float(s["mean"]) for s in in_order]
        # The server writes agreement as -1.
        worst = same([-m for m in means], pca["center"], "means")
        for axis in range(2):
            ours = [float(s[f"axis_{axis + 1}"]) for s in in_order]
            sign = signs(ours, pca["comps"][axis])
            worst = max(worst, same([sign * a for a in ours], pca["comps"][axis], f"axis {axis + 1}"))
            places = [float(s["xy"[axis]]) for s in in_order]
            theirs = pca["comment-projection"][axis]
            same([signs(places, theirs) * p for p in places], theirs, "places of statements", 1e-8)
        print(f"          greatest difference {worst:.1e}")

    with story.scene("people stand where the server put them"):
        people = {int(p["person"]): p for p in table(*small.arguments)}
        base = small.math["base-clusters"]
        alone = [(members[0], x, y) for members, x, y in zip(base["members"], base["x"], base["y"]) if len(members) == 1]
        for axis in range(2):
            ours = [float(people[person]["xy"[axis]]) for person, *_ in alone]
            theirs = [at[axis] for _, *at in alone]
            same([signs(ours, theirs) * a for a in ours], theirs, "places of people", 1e-8)

    with story.scene("the same people are in, and the groups are the server's, given k and start"):
        found = {int(p["person"]): p["group"] for p in table(*small.arguments, "--k", 3, "--start", small.published)}
        inside = {person for person, group in found.items() if group != ""}
        assert inside == set(small.math["in-conv"]), sorted(inside ^ set(small.math["in-conv"]))
        for person in inside:
            assert found[person] == str(small.groups[person]), (person, found[person], small.groups[person])

    with story.scene("what represents each group, and what majorities say, is the server's"):
        rows = table(small.votes, "--comments", small.comments, "--groups", small.published,
                     "--show", "representatives")
        for group, theirs in small.math["repness"].items():
            ours = [r for r in rows if r["group"] == group]
            assert [int(r["statement"]) for r in ours] == [t["tid"] for t in theirs], (group, ours, theirs)
            for r, t in zip(ours, theirs):
                assert r["for"] == t["repful-for"] and (r["best"] == "yes") == t.get("best-agree", False)
                assert (int(r["votes"]), int(r["seen"])) == (t["n-success"], t["n-trials"])
                same([float(r[k]) for k in ("share", "z", "ratio")],
                     [t[k] for k in ("p-success", "p-test", "repness")], "shares")
                same([float(r["ratio_z"])], [t["repness-test"]], "z of the ratio", 1e-6)  # published as float
        for direction in ("agree", "disagree"):
            ours = [r for r in rows if r["group"] == "" and r["for"] == direction]
            theirs = small.math["consensus"][direction]
            assert [int(r["statement"]) for r in ours] == [t["tid"] for t in theirs], (ours, theirs)

    with story.scene("group-informed consensus is the server's for every statement"):
        theirs = small.math["group-aware-consensus"]
        same([float(small.statements[int(tid)]["consensus"]) for tid in theirs], list(theirs.values()), "consensus",
             1e-12)


# --- The conversation on biodiversity ---------------------------------------------------------------


def jacobi(matrix, sweeps=60):
    """Eigenvalues of a small symmetric matrix, by rotations: nothing like the program's method."""
    a, n = [row[:] for row in matrix], len(matrix)
    for _ in range(sweeps):
        if sum(a[i][j] ** 2 for i in range(n) for j in range(i)) < 1e-22:
            break
        for p in range(n):
            for q in range(p + 1, n):
                if a[p][q] == 0:
                    continue
                theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                t = math.copysign(1, theta) / (abs(theta) + math.hypot(theta, 1))
                c = 1 / math.hypot(t, 1)
                s = t * c
                for k in range(n):
                    a[k][p], a[k][q] = c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]
                for k in range(n):
                    a[p][k], a[q][k] = c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]
    return sorted((a[i][i] for i in range(n)), reverse=True)


def tell_biodiversity(story, folder):
    votes, comments = BIODIVERSITY / "votes.csv", BIODIVERSITY / "comments.csv"
    with open(BIODIVERSITY / "participants-votes.csv", newline="", encoding="utf-8") as file:
        published = {row["participant"]: row["group-id"] for row in csv.DictReader(file) if row["group-id"] != ""}
    given = write(folder / "given.csv", ["participant", "group-id"], published.items())

    with story.scene("biodiversity, given the published groups: who is represented by what"):
        rows = table(votes, "--comments", comments, "--groups", given, "--show", "representatives")
        said = {group: [(int(r["statement"]), r["for"]) for r in rows if r["group"] == group] for group in "01"}
        assert said == {"0": [(79, "agree"), (61, "agree"), (40, "agree"), (64, "agree"), (242, "disagree")],
                        "1": [(17, "agree"), (22, "agree"), (242, "agree"), (26, "agree"), (79, "disagree")]}, said

    with story.scene("group-informed consensus of 290 and 81, and of all as counted here"):
        rows = {r["statement"]: r for r in table(votes, "--comments", comments, "--groups", given,
                                                 "--show", "statements")}
        assert abs(float(rows["290"]["consensus"]) - .9221) < 5e-5 and abs(float(rows["81"]["consensus"]) - .8737) < 5e-5
        last, counts = {}, collections.Counter()
        with open(votes, newline="", encoding="utf-8") as file:
            for row in sorted(csv.DictReader(file), key=lambda r: int(r["timestamp"])):
                last[row["voter-id"], row["comment-id"]] = int(row["vote"])
        for (person, statement), vote in last.items():
            counts[published.get(person), statement, "seen"] += 1
            counts[published.get(person), statement, vote] += 1
        for statement, row in rows.items():
            product = math.prod((counts[g, statement, 1] + 1) / (counts[g, statement, "seen"] + 2) for g in "01")
            assert abs(product - float(row["consensus"])) < 1e-12, statement

    with story.scene("from scratch: two groups, and who is in which as published"):
        summary = {r["what"]: r["value"] for r in table(votes, "--comments", comments, "--show", "summary")}
        assert summary["groups"] == "2" and summary["axes are exact"] == "yes", summary
        found = {p["person"]: p["group"] for p in table(votes, "--comments", comments)}
        people = [p for p in published if found[p] != ""]
        index = adjusted_rand([published[p] for p in people], [found[p] for p in people])
        print(f"          adjusted Rand index {index:.4f} over {len(people)} people")
        assert index >= .85

    with story.scene("a row for each person says the same as a row for each vote"):
        wide = table(BIODIVERSITY / "participants-votes.csv", "--comments", comments)
        for row in wide:
            if float(row["votes"]) > 0:
                assert found[row["person"]] == row["group"], row

    with story.scene("the axes are eigenvectors, whose values no other direction exceeds"):
        check_axes(folder)

    with story.scene("new votes: with a start, groups keep their names and nearly all their people"):
        all_votes = sorted(last.items(), key=lambda item: (int(item[0][0]), int(item[0][1])))
        random.Random(5).shuffle(all_votes)
        heading = ["person", "statement", "vote"]
        before = write(folder / "before.csv", heading, [[*k, v] for k, v in all_votes[:len(all_votes) * 9 // 10]])
        after = write(folder / "after.csv", heading, [[*k, v] for k, v in all_votes])
        start = folder / "start.csv"
        start.write_text(run(before, "--comments", comments))
        old = {p["person"]: p["group"] for p in csv.DictReader(io.StringIO(start.read_text()))}
        new = {p["person"]: p["group"] for p in table(after, "--comments", comments, "--start", start)}
        both = [p for p in old if old[p] != "" and new[p] != ""]
        moved = sum(old[p] != new[p] for p in both)
        print(f"          {moved} of {len(both)} moved")
        assert moved <= len(both) // 10

    with story.scene("the map is well-formed SVG, without script, that names groups and sizes"):
        root = xml.etree.ElementTree.fromstring(run(votes, "--comments", comments, "--show", "map"))
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names <= {"svg", "title", "desc", "rect", "g", "path", "text", "circle"}, names
        text = " ".join(t for element in root.iter() for t in [element.text or ""])
        assert "Group 0: 376 of 441 people" in text, text[-400:]


def check_axes(folder):
    """Against all eigenvalues of a small crowd's matrix, found by another method."""
    chance = random.Random(11)
    people, statements = 40, 12
    taste = [chance.choice((-1, 1)) for _ in range(people)]
    votes = {(p, s): (taste[p] if s % 2 and chance.random() < .8 else chance.choice((-1, 0, 1)))
             for p in range(people) for s in range(statements) if chance.random() < .7}
    path = write(folder / "axes.csv", ["person", "statement", "vote"],
                 [[p, s, v] for (p, s), v in sorted(votes.items(), key=lambda item: item[0][::-1])])
    rows = table(path, "--show", "statements")
    means = {s: sum(v for (_, t), v in votes.items() if t == s) / sum(t == s for _, t in votes) for s in range(statements)}
    centred = [[votes[p, s] - means[s] if (p, s) in votes else 0 for s in range(statements)] for p in range(people)]
    square = [[sum(row[i] * row[j] for row in centred) for j in range(statements)] for i in range(statements)]
    values = jacobi(square)
    for axis in range(2):
        v = [float(next(r for r in rows if r["statement"] == str(s))[f"axis_{axis + 1}"]) for s in range(statements)]
        image = [sum(a * b for a, b in zip(line, v)) for line in square]
        same(image, [values[axis] * a for a in v], f"image of axis {axis + 1}", 1e-9 * values[0])


# --- What users get wrong, and noise ----------------------------------------------------------------


def tell_mistakes(story, folder):
    good = "person,statement,vote\nann,s1,1\nbob,s1,-1\nann,s2,pass\nbob,s2,agree\n"
    with story.scene("mistakes are named with their line; wrong usage is status 2"):
        for csv_text, words in (
            ("", "empty"), ("person,vote\na,1\n", "no column \"statement\""),
            (good + "cleo,s1,2\n", "line 6: \"2\" is no vote"), (good + "cleo,s1,nan\n", "line 6"),
            (good + "cleo,s1\n", "line 6 has 2 cells"), (good + ",s1,1\n", "line 6 names no person"),
            ("person,statement,vote,timestamp\na,b,1,soon\n", "\"soon\" is no time"), (good + "\"a", "not closed"),
        ):
            answer = run("-", stdin=csv_text.encode(), status=1)
            assert words in answer, (words, answer)
        for arguments in ([], ["-", "--colour", "red"], ["-", "--show", "all"], ["-", "--agree", "0"], ["-", "more"]):
            run(*arguments, stdin=good.encode(), status=2)
        for arguments in (["--k", "99"], ["--seed", "x"], ["--keep", "zoe"], ["--groups", "/nowhere"],
                          ["--start", "/nowhere"], ["--comments", "/nowhere"]):
            run("-", *arguments, stdin=good.encode(), status=1)
        assert "VOTES.csv" in run("--help")

    with story.scene("mutilated files are answered or refused, never worse"):
        chance = random.Random(3)
        rows = "".join(f"p{chance.randrange(30)},s{chance.randrange(12)},{chance.choice((-1, 0, 1))}\n" for _ in range(300))
        original = ("person,statement,vote\n" + rows).encode()
        answered = 0
        for trial in range(300 if story.is_long else 60):
            bytes_ = bytearray(original)
            for _ in range(chance.randrange(1, 6)):
                at = chance.randrange(len(bytes_))
                kind = chance.randrange(4)
                if kind == 0:
                    bytes_[at] = chance.choice(b"\",\n\r-19a\0\xff ")
                elif kind == 1:
                    del bytes_[at:at + chance.randrange(1, 40)]
                elif kind == 2:
                    bytes_[at:at] = bytes_[:chance.randrange(1, 60)]
                else:
                    bytes_ = bytes_[:at + 1]
            view = ("people", "statements", "representatives", "summary", "map")[trial % 5]
            done = subprocess.run([PROGRAM, "groups", "-", "--show", view], input=bytes(bytes_), capture_output=True,
                                  timeout=60)
            assert done.returncode in (0, 1, 2), (done.returncode, done.stderr[-400:])
            assert (done.returncode == 0) == (done.stderr == b""), done.stderr
            answered += done.returncode == 0
        assert answered > 0

    with story.scene("later votes replace earlier ones, and words and turned signs are understood"):
        rows = [(f"p{i % 20}", f"s{i // 20}", 1 if (i % 20 < 10) == (i // 20 < 3) else -1) for i in range(120)]
        timed = write(folder / "timed.csv", ["person", "statement", "vote", "timestamp"],
                      [[p, s, v, 2] for p, s, v in rows] + [[p, s, 0, 1] for p, s, _ in rows])
        words = write(folder / "words.csv", ["person", "statement", "vote"],
                      [[p, s, {1: "Agree", -1: "disagree"}[v]] for p, s, v in rows])
        turned = write(folder / "turned.csv", ["person", "statement", "vote"], [[p, s, -v] for p, s, v in rows])
        one, two, three = run(timed), run(words), run(turned, "--agree", -1)
        assert one == two == three and len(set(re.findall(r"^p\d+,(\d)", one, re.M))) == 2, one


def tell(story):
    if not FIXTURE.is_dir() or not BIODIVERSITY.is_dir():
        story.skip(f"the opinions of real people are not there ({FIXTURE.parent})")
    with tempfile.TemporaryDirectory() as name:
        folder = type(FIXTURE)(name)
        tell_small(story, folder)
        tell_biodiversity(story, folder)
        tell_mistakes(story, folder)
