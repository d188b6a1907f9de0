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

from manyhands import BUILD
from story import DATA

FOLDER = DATA / "pairs" / "eviction"
PROGRAM = BUILD / "manyhands"


def rank(text, *options, status=0):
    """The program's answer to a table, as rows."""
    done = subprocess.run([PROGRAM, "rank", *options, "-"], input=text.encode(), capture_output=True)
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
