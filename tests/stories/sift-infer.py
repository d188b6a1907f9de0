"""sift-infer: what is published about six crowds is found again, from files, without a server.

The answers are those that Zheng et al. (VLDB 2017) and their successors compare methods on; they lie
outside the project, and where they are absent the story is skipped.
"""

import collections
import csv
import io
import random
import subprocess
import tempfile

from manyhands import PROGRAM
from story import DATA

FOLDER = DATA / "labels"
SETS = ("bluebird", "rte", "dog", "d_possent", "cf", "sp_amt")
EXACT = {  # accuracy to four decimals, in the order of SETS
    "majority": (.7593, .9187, .8178, .9320, .9000, .9440),
    "wawa": (.7593, .9213, .8290, .9510, .8933, .9440),
    "dawid-skene": (.8889, .9275, .8426, .9600, .8300, .9440),
    "one-coin": (.5833, .9250, .8302, .9490, .8867, .9460),
    "ibcc": (.8889, .9275, .8389, .9600, .8833, .9440),
    "zencrowd": (.7222, .9250, .8302, .9510, .8800, .9460),
}
GLAD = (.7222, .9263, .8339, .9480, .8800, .9460)
MACE = (.85, .92, .82, .95, .87, .94)


def infer(*arguments, given=None):
    done = subprocess.run([PROGRAM, "infer", *map(str, arguments)], input=given, capture_output=True, text=True,
                          timeout=120)
    return done.returncode, done.stdout, done.stderr


def labels(name, *arguments):
    status, out, told = infer(*arguments, FOLDER / name / "label.csv")
    assert status == 0, told
    return {row["item"]: row["label"] for row in csv.DictReader(io.StringIO(out))}


def truth(name):
    with open(FOLDER / name / "truth.csv", newline="", encoding="utf-8") as file:
        return {row["item"]: row["truth"] for row in csv.DictReader(file)}


def accuracy(name, found):
    known = truth(name)
    return sum(found[item] == label for item, label in known.items()) / len(known)


def tell(story):
    if not FOLDER.is_dir():
        story.skip(f"the crowds' answers are not there ({FOLDER})")
    best = collections.defaultdict(float)
    for method, expected in EXACT.items():
        with story.scene(f"{method} finds what is published"):
            for name, wanted in zip(SETS, expected):
                reached = accuracy(name, labels(name, "--method", method))
                best[name] = max(best[name], reached)
                assert abs(reached - wanted) < 6e-5, (name, reached, wanted)
    with story.scene("GLAD comes within .002 of what is published"):
        for name, wanted in zip(SETS, GLAD):
            reached = accuracy(name, labels(name, "--method", "glad"))
            best[name] = max(best[name], reached)
            assert abs(reached - wanted) <= .002, (name, reached, wanted)
    with story.scene("MACE reaches what it should, and whichever order the rows come in"):
        for name, wanted in zip(SETS, MACE):
            found = labels(name, "--method", "mace")
            best[name] = max(best[name], accuracy(name, found))
            assert accuracy(name, found) >= wanted, (name, accuracy(name, found))
        rows = (FOLDER / "rte" / "label.csv").read_text().splitlines()
        head, body = rows[0], rows[1:]
        random.Random(3).shuffle(body)
        _, out, _ = infer("--method", "mace", "-", given="\n".join([head, *body]) + "\n")
        shuffled = {row["item"]: row["label"] for row in csv.DictReader(io.StringIO(out))}
        assert shuffled == labels("rte", "--method", "mace")
    with story.scene("auto does not lose to Dawid-Skene in the mean, nor 5 points to the best on any"):
        chosen = {name: accuracy(name, labels(name)) for name in SETS}
        plain = {name: accuracy(name, labels(name, "--method", "dawid-skene")) for name in SETS}
        assert sum(chosen.values()) >= sum(plain.values()), (chosen, plain)
        for name in SETS:
            assert chosen[name] > best[name] - .05, (name, chosen[name], best[name])
    stopping(story)
    files(story)
    while_coming(story)


def replay(name, orders=16):
    status, out, told = infer("--replay", orders, "--truth", FOLDER / name / "truth.csv", FOLDER / name / "label.csv")
    assert status == 0, told
    return {row["figure"]: float(row["mean"]) for row in csv.DictReader(io.StringIO(out))}


def stopping(story):
    with story.scene("asking only where it is needed saves half of the answers and keeps the labels"):
        for name, answers, right in (("rte", 5.8, .920), ("d_possent", 6.8, .950)):
            found = replay(name)
            assert found["answers an item"] <= answers and found["accuracy"] >= right, (name, found)
            assert found["accuracy with all answers"] >= right + .005, (name, found)
    with story.scene("where workers err often it is noticed, and more is asked"):
        found = replay("bluebird")
        assert found["certainty asked for"] > .995, found
        best = accuracy("bluebird", labels("bluebird", "--method", "dawid-skene"))
        assert found["accuracy"] >= max(best, found["accuracy with all answers"]) - .03, found
        assert found["answers an item"] < found["answers an item there are"] * .7, found
    with story.scene("on the other crowds it costs at most two pictures in a hundred"):
        for name in ("dog", "cf", "sp_amt"):
            found = replay(name, 6)
            assert found["accuracy"] >= found["accuracy with all answers"] - .02, (name, found)
            assert found["answers an item"] < found["answers an item there are"] * .75, (name, found)
    with story.scene("a label that is settled is as sure as it was asked for, whatever the order of rows"):
        path = FOLDER / "rte" / "label.csv"
        head, *body = path.read_text().splitlines()
        random.Random(5).shuffle(body)
        stands = []
        for given in (path.read_text(), "\n".join([head, *body]) + "\n"):
            _, out, told = infer("--status", "--certainty", ".98", "-", given=given)
            stands.append({row["item"]: row for row in csv.DictReader(io.StringIO(out))})
            bar = float(told.split("; ")[-1].split()[0])
            assert bar >= .98, told
            for row in stands[-1].values():
                sure = float(row["confidence"]) >= bar and int(row["answers"]) >= 3
                assert (row["status"] == "settled") == sure, (row, bar)
        for item, row in stands[0].items():
            assert abs(float(row["confidence"]) - float(stands[1][item]["confidence"])) < 1e-4, (row, stands[1][item])


def while_coming(story):
    with story.scene("how many threads share the work changes nothing"):
        dice = random.Random(2)
        given = "item,worker,label\n" + "".join(f"{n // 5},{dice.randrange(60)},{n // 5 % 3 if dice.random() < .7 else dice.randrange(3)}\n"
                                                for n in range(70_000))
        one, *others = (infer("--method", "dawid-skene", "--threads", n, "-", given=given) for n in (1, 2, 4, 40))
        assert one[0] == 0 and all(other == one for other in others), one[2]
    with story.scene("what needs an answer most comes first, and what is known or has enough does not come"):
        rows = [(i, w, "yes") for i in "abc" for w in "uvw"] + [("d", "u", "yes"), ("d", "v", "no"), ("e", "u", "no")]
        given = "item,worker,label\n" + "".join(f"{','.join(row)}\n" for row in rows)
        status, out, told = infer("--next", 9, "-", given=given)
        found = [row["item"] for row in csv.DictReader(io.StringIO(out))]
        assert status == 0 and found[:2] == ["e", "d"] and not {"a", "b", "c"} & set(found[:2]), out
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as gold:
            gold.write("item,truth\ne,no\n")
            gold.flush()
            status, out, told = infer("--next", 1, "--gold", gold.name, "-", given=given)
        assert status == 0 and [row["item"] for row in csv.DictReader(io.StringIO(out))] == ["d"], (out, told)
        for worker, wanted in (("u", []), ("v", ["e"]), ("w", ["d", "e"])):  # all but theirs
            status, out, _ = infer("--next", 9, "--for", worker, "--control", 0, "-", given=given)
            assert sorted(row["item"] for row in csv.DictReader(io.StringIO(out))) == wanted, (worker, out)
        assert infer("--next", 9, "--for", "x", "-", given=given)[0] == 1
        status, out, _ = infer("--status", "--most", 2, "-", given=given)
        stand = {row["item"]: row["status"] for row in csv.DictReader(io.StringIO(out))}
        assert stand["d"] == "undecided" and stand["e"] == "open", stand
        status, out, told = infer("--replay", 2, "-", given=given)
        assert status == 0 and "accuracy" not in out and "answers an item" in out, (out, told)
    with story.scene("options that do not go together are refused"):
        for arguments in (("--status", "--next", 3), ("--next", 0), ("--next", "x"), ("--least", 2),
                          ("--status", "--certainty", 2), ("--status", "--method", "ibcc"), ("--boxes", "--status"),
                          ("--boxes", "--method", "text"), ("--status", "--workers", "/dev/null"),
                          ("--status", "--truth", "/dev/null"), ("--boxes", "--gold", "/dev/null"),
                          ("--status", "--control", -1), ("--threads", 0),
                          ("--status", "--for", "u")):
            status, out, told = infer(*arguments, "-", given=given)
            assert (status, out) == (2, "") and told.startswith("manyhands: "), (arguments, status, out, told)
        for arguments in (("--certainty", 1), ("--certainty", .5)):
            status, out, told = infer("--status", *arguments, "-", given=given)
            assert (status, out) == (1, "") and "certainty is above 0.5" in told, (arguments, status, told)
    with story.scene("boxes: the one that shares most with the others is chosen, and strangers count less"):
        rows = [(i, w, 10 * i + shift, 5, width, 8) for i in range(6)
                for w, shift, width in (("ann", 0, 10), ("bo", 1, 10), ("cy", 2, 10), ("eve", 40 * (i % 2 + 1), 3))]
        given = "task,worker,x,y,width,height\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
        status, out, told = infer("--boxes", "--workers", "/dev/stderr", "-", given=given)
        assert status == 0, told
        for i, row in enumerate(csv.DictReader(io.StringIO(out))):
            assert [float(row[c]) for c in ("x", "y", "width", "height")] == [10 * i + 1, 5, 10, 8], row
            assert .5 < float(row["agreement"]) < 1, row
        quality = {row["worker"]: float(row["quality"]) for row in csv.DictReader(io.StringIO(told))}
        assert quality["eve"] < .1 < .6 < quality["cy"] < quality["ann"], quality
        for cells, said in (("1,a,2,3,-4,5", '"-4" is no width'), ("1,a,2,nan,4,5", '"nan" is no y'), ("1,a,2", "line 2 has 3")):
            status, out, told = infer("--boxes", "-", given=f"item,worker,x,y,width,height\n{cells}\n")
            assert (status, out) == (1, "") and said in told, (cells, told)
        assert infer("--boxes", "-", given="item,worker,x,y,width,height\n")[0] == 1
        assert "no column \"height\"" in infer("--boxes", "-", given="item,worker,x,y,width\n")[2]


def files(story):
    with story.scene("--truth, --gold and --workers say what an independent count says"):
        folder = FOLDER / "dog"
        status, out, told = infer("--method", "majority", "--truth", folder / "truth.csv", folder / "label.csv")
        assert status == 0 and "accuracy 0.8178, F1 " in told, told
        found = {row["item"]: row["label"] for row in csv.DictReader(io.StringIO(out))}
        known = truth("dog")
        f1 = []
        for label in set(known.values()) | set(found[i] for i in known):
            both = sum(found[i] == known[i] == label for i in known)
            f1.append(2 * both / sum((found[i] == label) + (known[i] == label) for i in known))
        assert f"F1 {sum(f1) / len(f1):.4f}" in told, (told, f1)
        gold = "item,truth\n" + "".join(f"{i},{known[i]}\n" for i in list(known)[:50])
        status, out, _ = infer("--method", "ibcc", "--gold", "/dev/stdin", folder / "label.csv", given=gold)
        assert status == 0
        rows = {row["item"]: row for row in csv.DictReader(io.StringIO(out))}
        assert all(rows[i]["label"] == known[i] and rows[i]["confidence"] == "1" for i in list(known)[:50])
        with open(folder / "label.csv", newline="", encoding="utf-8") as file:
            answers = list(csv.DictReader(file))
        status, _, told = infer("--method", "wawa", "--workers", "/dev/stderr", folder / "label.csv")
        given = collections.Counter(a["worker"] for a in answers)
        right = collections.Counter(a["worker"] for a in answers if found[a["item"]] == a["label"])
        workers = list(csv.DictReader(io.StringIO(told[told.index("worker,"):])))
        assert len(workers) == len(given)
        for w in workers:
            assert int(w["answers"]) == given[w["worker"]]
            assert abs(float(w["quality"]) - right[w["worker"]] / given[w["worker"]]) < 1e-5, w

    with story.scene("a later answer of the same worker counts, and names need not be numbers"):
        given = 'task,worker,label\n"a, b",Ann,yes\n"a, b",Ann,no\n"a, b",Bo,no\nc,Bo,yes\n'
        status, out, told = infer("--method", "majority", "-", given=given)
        assert (status, out) == (0, 'item,label,confidence\n"a, b",no,1\nc,yes,1\n'), (out, told)
        assert "1 answers were replaced" in told, told

    with story.scene("numbers get a value and an interval, texts the answer nearest to the others"):
        given = "item,worker,label\n" + "".join(f"{i},{w},{v}\n" for i, values in enumerate(
            ((10, 12, 50), (20, 21, 70), (5, 5.5, 30))) for w, v in zip("abc", values))
        for method, wanted in (("mean", (24, 37, 13.5)), ("median", (12, 21, 5.5))):
            status, out, _ = infer("--method", method, "-", given=given)
            found = list(csv.DictReader(io.StringIO(out)))
            assert [float(row["value"]) for row in found] == list(wanted), out
            assert all(float(row["lower"]) < float(row["value"]) < float(row["upper"]) for row in found), out
        _, out, _ = infer("--method", "lfc-n", "-", given=given)
        for row, (low, high, _) in zip(csv.DictReader(io.StringIO(out)), ((10, 12, 50), (20, 21, 70), (5, 5.5, 30))):
            assert low < float(row["value"]) < high, out  # the third worker hardly counts
        status, out, told = infer("--method", "mean", "-", given="item,worker,label\n1,a,ten\n")
        assert (status, out) == (1, "") and "ten" in told and "not a number" in told, told
        captions = ('item,worker,label\n1,a,"A man, walking a dog."\n1,b,a man walking a dog\n1,c,asdf\n'
                    "2,a,two cats asleep\n2,b,Two cats asleep!\n2,c,asdf\n")
        _, out, _ = infer("--method", "text", "-", given=captions)
        chosen = [row["label"] for row in csv.DictReader(io.StringIO(out))]
        assert chosen == ["A man, walking a dog.", "two cats asleep"], out

    with story.scene("what cannot be read is named, with its line, and nothing is written"):
        for given, said in (("", "the table is empty"), ("item,worker\n1,2\n", 'there is no column "label"'),
                            ("item,worker,label\n1,2\n", "line 2 has 2 cells, the heading has 3"),
                            ("item,worker,label\n", "there are no answers"),
                            ('item,worker,label\n1,2,"x\n', "line 2: a quotation mark is not closed")):
            status, out, told = infer("-", given=given)
            assert (status, out) == (1, "") and said in told, (given, status, out, told)
        status, out, told = infer("--method", "oracle", "-", given="")
        assert status == 2 and "majority" in told, told
        assert infer("/nowhere/answers.csv")[0] == 1

    with story.scene("bytes changed by chance are answered or refused, and never end the program"):
        whole = ("item,worker,label\n" + "".join(f"i{n % 17},w{n % 5},{n % 3}\n" for n in range(80))).encode()
        boxes = ("item,worker,x,y,width,height\n" + "".join(f"i{n % 9},w{n % 4},{n},{n / 7},{n % 3},1e1\n" for n in range(40))).encode()
        dice = random.Random(11)
        for _ in range(180):
            how = dice.choice([*(("--method", method) for method in EXACT), ("--status",), ("--next", "3"), ("--replay", "2"),
                               ("--boxes",), ("--boxes",)])
            bytes_ = bytearray(boxes if how == ("--boxes",) else whole)
            for _ in range(dice.randint(1, 6)):
                at = dice.randrange(len(bytes_))
                bytes_[at:at + dice.randint(0, 2)] = bytes(dice.choice(b'",\n\r\x00\xff1a') for _ in range(dice.randint(0, 2)))
            done = subprocess.run([PROGRAM, "infer", *how, "-"], input=bytes(bytes_),
                                  capture_output=True, timeout=60)
            assert done.returncode in (0, 1), (done.returncode, bytes(bytes_))
            assert (done.returncode == 1) == (done.stdout == b""), bytes(bytes_)
