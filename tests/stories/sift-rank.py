"""sift-rank: a wiki survey's published scores come out again, and stuffed ballots change little.

The survey lies outside the project; where it is absent the scenes that need it are skipped with the story.
Needs no server: `manyhands rank` reads CSV files.
"""

import collections
import csv
import io
import math
import random
import subprocess

from manyhands import PROGRAM
from story import DATA
from wilson import wilson

FOLDER = DATA / "pairs" / "eviction"


def rank(text, *options, status=0):
    """The program's answer to a table, as rows."""
    done = subprocess.run([PROGRAM, "rank", *options, "-"], input=text.encode("utf-8", "surrogateescape"),
                          capture_output=True, check=False)
    assert done.returncode == status, done.stderr.decode()
    return list(csv.DictReader(io.StringIO(done.stdout.decode()))) if status == 0 else done.stderr.decode()


def table(heading, rows):
    out = io.StringIO()
    csv.writer(out).writerows([heading, *rows])
    return out.getvalue()


def valid_votes():
    with (FOLDER / "votes.csv").open() as file:
        return [
            (row["Winner ID"], row["Loser ID"], row["Session ID"])
            for row in csv.DictReader(file)
            if row["Valid"] == "TRUE"
        ]


def strengths(votes):
    """Weighted Bradley-Terry MAP by Newton's method a coordinate at a time, independent of the program."""
    met = collections.Counter()
    for winner, loser, voter in votes:
        met[voter, winner] += 1
        met[voter, loser] += 1
    won = collections.Counter()
    for winner, loser, voter in votes:
        won[winner, loser] += 1 / max(met[voter, winner], met[voter, loser])
    items = sorted({item for pair in won for item in pair})
    against = {item: [] for item in items}
    for a in items:
        for b in items:
            if a != b and won[a, b] + won[b, a] > 0:
                against[a].append((b, won[a, b], won[a, b] + won[b, a]))
    strength = dict.fromkeys(items, 0.0)
    for _ in range(500):
        largest = 0
        for item in items:
            slope, curve = -strength[item], 1.0
            for other, wins, both in against[item]:
                chance = 1 / (1 + math.exp(strength[other] - strength[item]))
                slope += wins - both * chance
                curve += both * chance * (1 - chance)
            strength[item] += slope / curve
            largest = max(largest, abs(slope / curve))
        if largest < 1e-12:
            return strength
    raise AssertionError("the independent computation does not settle")


def stuffing(target, others, seed):
    """Ten sessions that vote eighty times each for one idea, whatever it meets."""
    chance = random.Random(seed)
    return [(target, chance.choice(others), f"stuffer {s}") for s in range(10) for _ in range(80)]


def tell(story):
    if not FOLDER.is_dir():
        story.skip(f"{FOLDER} is absent")
    text = (FOLDER / "votes.csv").read_text()
    heading = ["winner", "loser", "voter"]
    votes = valid_votes()
    with story.scene("the survey's published scores are reproduced"):
        found = {row["item"]: row for row in rank(text, "--method", "wiki", "--only", "Valid=TRUE")}
        compared = 0
        with (FOLDER / "ideas.csv").open() as file:
            for idea in csv.DictReader(file):
                row = found.pop(idea["Idea ID"], {"score": 50, "wins": 0, "losses": 0})
                assert abs(float(row["score"]) - float(idea["Score"])) < 1e-4, idea
                assert int(row["wins"]) == int(idea["Wins"]) and int(row["losses"]) == int(idea["Losses"]), idea
                compared += 1
        assert compared == 58 and not found, (compared, found)
    with story.scene("Bradley-Terry strengths are those of an independent computation"):
        ranking = rank(text, "--method", "bradley-terry", "--only", "Valid=TRUE")
        expected = strengths(votes)
        assert len(ranking) == len(expected) == 32
        for row in ranking:
            assert abs(float(row["score"]) - 100 / (1 + math.exp(-expected[row["item"]]))) < 1e-5, row
            assert float(row["low"]) < float(row["score"]) < float(row["high"]), row
            assert int(row["rank_low"]) <= int(row["rank"]) <= int(row["rank_high"]), row
    with story.scene("800 stuffed votes leave the last idea in the bottom quarter; unweighted they lift it"):
        last = ranking[-1]["item"]
        others = [row["item"] for row in ranking[:-1]]
        for seed in range(5):
            stuffed = table(heading, votes + stuffing(last, others, seed))
            weighted = {r["item"]: int(r["rank"]) for r in rank(stuffed, "--method", "bradley-terry")}
            assert weighted[last] > 0.75 * len(ranking), (seed, weighted[last])
            naive = rank(stuffed, "--method", "bradley-terry", "--unweighted")
            assert int(next(r["rank"] for r in naive if r["item"] == last)) <= len(ranking) // 4
    with story.scene("the order of rows changes nothing"):
        mixed = votes[:]
        random.Random(7).shuffle(mixed)
        for one, two in zip(rank(table(heading, mixed), "--method", "bradley-terry"), ranking):
            assert one["item"] == two["item"] and abs(float(one["score"]) - float(two["score"])) < 2e-6
    with story.scene("screening notices who chose one idea eighty times, and shows the ranking without"):
        weakest = min(expected, key=lambda item: sum(item in vote[:2] for vote in votes))
        stuffed = votes + stuffing(weakest, [item for item in expected if item != weakest], 1)
        row = next(r for r in rank(table(heading, stuffed), "--method", "bradley-terry", "--screen")
                   if r["item"] == weakest)
        assert int(row["rank"]) <= 3 and int(row["one_entry"]) == 800, row
        clean = next(r for r in ranking if r["item"] == weakest)
        assert abs(int(row["screened_rank"]) - int(clean["rank"])) <= 2, (row, clean)
    with story.scene("pairs to show next catch up, and differ"):
        seen = collections.Counter(item for vote in votes for item in vote[:2])
        pairs = rank(text, "--next", "20", "--only", "Valid=TRUE")
        assert pairs[0]["left"] == min(seen, key=seen.get) and len(pairs) == 20
        pairs = rank(text, "--next", "20", "--by", "gain", "--only", "Valid=TRUE")
        assert len({frozenset((p["left"], p["right"])) for p in pairs}) == 20
        gains = [float(p["gain"]) for p in pairs]
        assert gains == sorted(gains, reverse=True) and gains[-1] > 0
    with story.scene("votes for and against are ranked by Wilson's bound and by Bayes"):
        chance = random.Random(3)
        tallies = {f"i{k}": (chance.randrange(60), chance.randrange(60)) for k in range(30)}
        found = rank(table(["item", "up", "down"], [(k, *v) for k, v in tallies.items()]), "--method", "wilson")
        for row in found:
            up, down = tallies[row["item"]]
            assert abs(float(row["score"]) - wilson(up, down)) < 1e-6, row
        assert [float(r["score"]) for r in found] == sorted((float(r["score"]) for r in found), reverse=True)
        single = [(k, f"v{n}", "up" if n < up else "down") for k, (up, down) in tallies.items() for n in range(up + down)]
        chance.shuffle(single)
        found = rank(table(["item", "voter", "vote"], single), "--method", "bayes", "--prior", "3,5")
        for row in found:
            up, down = tallies[row["item"]]
            assert abs(float(row["score"]) - (up + 3) / (up + down + 8)) < 1e-6, row
    with story.scene("a jury's severe judge is found, and agreement is Krippendorff's"):
        merits = {f"entry {k}": k / 3 for k in range(20)}
        marks = [(item, judge, merit + shift + 0.1 * ((7 * k + 3 * len(judge)) % 5 - 2))
                 for k, (item, merit) in enumerate(merits.items())
                 for judge, shift in (("mild", 1), ("middling", 0), ("severe", -1))
                 if (k + len(judge)) % 3]
        marked = table(["item", "judge", "score"], marks)
        judges = {row["judge"]: float(row["severity"]) for row in rank(marked, "--method", "jury", "--judges")}
        assert judges["severe"] - judges["mild"] > 1.5, judges
        ranked = rank(marked, "--method", "jury")
        wrong_by = {key: sum(abs(int(r[key]) - (20 - int(r["item"].split()[1]))) for r in ranked)
                    for key in ("rank", "raw_rank")}
        assert wrong_by["rank"] < wrong_by["raw_rank"], wrong_by
        published = ["1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."]
        rows = [(unit, judge, mark) for judge, line in enumerate(published)
                for unit, mark in enumerate(line.split()) if mark != "."]
        for level, alpha in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)):
            row = rank(table(["item", "judge", "score"], rows), "--agreement", level)[0]
            assert abs(float(row["alpha"]) - alpha) < 5e-4 and float(row["low"]) < alpha < float(row["high"]), row
    with story.scene("what cannot be used is refused with a sentence that names the line"):
        assert "line 3: winner and loser are the same" in rank(
            "winner,loser,voter\na,b,c\na,a,c\n", "--method", "bradley-terry", status=1)
        assert "the table is empty" in rank("", "--method", "wiki", status=1)
        assert "voter" in rank("winner,loser\na,b\n", "--method", "bradley-terry", status=1)
        assert "no judge" in rank("item,judge,score\na,,1\n", "--method", "jury", status=1)
        assert "not tallies" in rank("item,up,down\na,1,1\n", "--method", "wilson", "--screen", status=1)
        assert "not defined" in rank("item,judge,score\na,b,1\n", "--agreement", "interval", status=1)
        for wrong in (("--method", "best"), ("--agreement", "total"), ("--next", "0"), ("--next", "2", "--by", "luck"),
                      ("--method", "bayes", "--prior", "1"), ("--method", "wiki", "--prior", "1,2"), (),
                      ("--method", "wiki", "--draws", "3"), ("--best",)):
            rank("item,up,down\na,1,1\n", *wrong, status=2)
    with story.scene("mutated files are ranked or refused, never worse"):
        chance, answered = random.Random(5), collections.Counter()
        runs = [(table(heading, votes[:30]), ("--method", "bradley-terry", "--screen")),
                (table(heading, votes[:30]), ("--next", "3", "--by", "gain")),
                (table(["item", "voter", "vote", "time", "ip"], [(*vote, 5, "x") for vote in single[:30]]),
                 ("--method", "bayes", "--screen")),
                (marked, ("--method", "jury")), (marked, ("--agreement", "ordinal"))]
        for turn in range(200):
            text, options = runs[turn % len(runs)]
            garbled = bytearray(text.encode())
            for _ in range(chance.randrange(4)):
                garbled[chance.randrange(len(garbled))] = chance.choice(b',"\n\r-09eE.\0\xffx')
            done = subprocess.run([PROGRAM, "rank", *options, "--draws", "40", "-"], input=bytes(garbled),
                                  capture_output=True, check=False)
            assert done.returncode in (0, 1), (done, bytes(garbled))
            assert done.returncode == 0 or done.stderr.startswith(b"manyhands: "), done
            answered[done.returncode] += 1
        assert answered[0] > 20 and answered[1] > 20, answered
