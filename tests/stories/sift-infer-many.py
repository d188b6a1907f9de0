"""sift-infer-many: ten million labels, from a file, come out as right as they can, in less than 600 MB.

The crowd is made up, so that its truth is known, and how well its labels can be told at all: who knew every
worker's habits would choose by them, item by item (Bayes). Takes a minute; only with --long.
"""

import collections
import csv
import math
import os
import pathlib
import random
import subprocess
import tempfile

from manyhands import PROGRAM

ITEMS, ANSWERS, WORKERS, CLASSES = 1_000_000, 10, 2_000, 4
AT_ONCE = 20_000  # items; those of the first batch are judged one by one here as well
MEMORY_MB = 600


def crowd(dice):
    """By worker and true class the chance of each answer: some careful, some careless, each with a habit."""
    habits = []
    for _ in range(WORKERS):
        right, favourite = dice.uniform(.35, .85), dice.randrange(CLASSES)
        rows = []
        for true in range(CLASSES):
            row = [(1 - right) / CLASSES] * CLASSES
            row[true] += right - .1
            row[favourite] += .1
            rows.append(row)
        habits.append(rows)
    return habits


def write(path, dice, habits):
    """Ten answers by different workers for each item, in mixed order; the truth, and the first items' answers."""
    truth = bytes(dice.choices(range(CLASSES), weights=(4, 3, 2, 1), k=ITEMS))
    sums = [[[sum(row[:k + 1]) for k in range(CLASSES)] for row in rows] for rows in habits]
    first = collections.defaultdict(list)
    with open(path, "w", encoding="ascii") as file:
        file.write("item,worker,label\n")
        for start in range(0, ITEMS, AT_ONCE):
            rows = []
            for item in range(start, start + AT_ONCE):
                worker, step = dice.randrange(WORKERS), dice.randrange(1, WORKERS // ANSWERS)
                for _ in range(ANSWERS):
                    worker = (worker + step) % WORKERS
                    label = dice.choices(range(CLASSES), cum_weights=sums[worker][truth[item]])[0]
                    rows.append(f"{item},w{worker},{label}\n")
                    if start == 0:
                        first[item].append((worker, label))
            dice.shuffle(rows)
            file.writelines(rows)
    return truth, first


def best(habits, answers):
    """What is most probable for one who knows the habits."""
    def told(true):
        return math.log((4, 3, 2, 1)[true]) + sum(math.log(habits[w][true][label]) for w, label in answers)
    return max(range(CLASSES), key=told)


def infer(source, target, *arguments):
    """Runs the program; what it says beside its rows, and the most memory it held, in MB."""
    with open(target, "wb") as out, tempfile.TemporaryFile() as told:
        process = subprocess.Popen([PROGRAM, "infer", *arguments, str(source)], stdout=out, stderr=told)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        words = told.read().decode()
    assert process.returncode == 0, words
    return words, usage.ru_maxrss / 1024


def labels(path):
    found = bytearray(ITEMS)
    seen = 0
    with open(path, newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            found[int(row["item"])] = int(row["label"])
            assert 0 < float(row["confidence"]) <= 1, row
            seen += 1
    assert seen == ITEMS, seen
    return found


def share(found, truth, items):
    return sum(found[item] == truth[item] for item in items) / len(items)


def tell(story):
    if not story.is_long:
        story.skip("ten million labels are for --long")
    dice = random.Random(10_000_000)
    habits = crowd(dice)
    with tempfile.TemporaryDirectory(prefix="manyhands-many-") as folder:
        source, target = pathlib.Path(folder) / "answers.csv", pathlib.Path(folder) / "labels.csv"
        truth, first = write(source, dice, habits)
        possible = sum(best(habits, answers) == truth[item] for item, answers in first.items()) / len(first)
        reached = {}
        for method in ("majority", "dawid-skene", "ibcc", "one-coin"):
            with story.scene(f"{method}: a label for each of a million items, in less than {MEMORY_MB} MB"):
                words, memory = infer(source, target, "--method", method)
                found = labels(target)
                reached[method] = share(found, truth, range(AT_ONCE))
                whole = share(found, truth, range(ITEMS))
                print(f"          {whole:.4f} right of all, {reached[method]:.4f} of the first {AT_ONCE}; {memory:.0f} MB")
                assert memory < MEMORY_MB, (memory, words)
                assert abs(whole - reached[method]) < .01, "the last items fare as the first"
        with story.scene("who learns each worker's habits labels as well as who knows them"):
            print(f"          possible: {possible:.4f}")
            for method in ("dawid-skene", "ibcc"):
                assert abs(reached[method] - possible) < .001, (method, reached[method], possible)
            assert reached["majority"] < reached["one-coin"] < possible + .001, reached
        with story.scene("without a method one that learns habits is chosen"):
            words, memory = infer(source, target)
            chosen = share(labels(target), truth, range(AT_ONCE))
            assert memory < MEMORY_MB and abs(chosen - possible) < .001, (memory, chosen, words)
