"""sift-themes: what many texts are about, and a shortlist of them, as `manyhands themes` finds them without a server.

Themes of real questions (Banking77) are compared with the categories people gave them, by sums done here in plain
Python; those of made-up ideas with what they were made of. The questions lie outside the project.
"""

import collections
import csv
import io
import math
import os
import random
import re
import subprocess
import xml.etree.ElementTree

import ideas
from manyhands import PROGRAM
from mutated import mutated
from story import DATA
from wilson import wilson

QUESTIONS = DATA / "text" / "banking77" / "test.csv"
STATEMENTS = DATA / "opinions" / "scoop-hivemind.biodiversity" / "comments.csv"
RESOLUTIONS = (.5, 1, 2, 4, 8)


def themes(*arguments, given=None, status=0):
    """The rows, and what was said beside them."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MANYHANDS")}
    done = subprocess.run([PROGRAM, "themes", *map(str, arguments)], input=given, capture_output=True, timeout=600,
                          env=environment)
    words = done.stderr.decode(errors="replace")
    assert done.returncode == status, f"{arguments}: {done.returncode}, not {status}: {words}"
    return list(csv.DictReader(io.StringIO(done.stdout.decode()))), words


def picture(given):
    done = subprocess.run([PROGRAM, "themes", "--lexical", "--svg", "-"], input=given, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def table(heading, rows):
    text = io.StringIO()
    csv.writer(text).writerows([heading, *rows])
    return text.getvalue().encode()


def classes(labels):
    """Who is with whom, whatever the classes are called; without a class: alone."""
    members = collections.defaultdict(set)
    for i, label in enumerate(labels):
        members[label or f"alone {i}"].add(i)
    return set(map(frozenset, members.values()))


def mutual_information(a, b):
    """Normalised by the mean of the entropies."""
    def entropy(counts):
        return -sum(n / len(a) * math.log(n / len(a)) for n in counts.values())
    both, one, two = (entropy(collections.Counter(x)) for x in (zip(a, b), a, b))
    return 2 * (one + two - both) / (one + two)


def purity(found, truth):
    """The share of texts that are of the commonest class of their theme."""
    of_theme = collections.defaultdict(collections.Counter)
    for label, true in zip(found, truth):
        of_theme[label][true] += 1
    return sum(max(counts.values()) for counts in of_theme.values()) / len(found)


def has_encoder():
    return "by words alone" not in themes("-", given=b"text\nTrees\n")[1]


def tell(story):
    encoder = has_encoder()
    if QUESTIONS.is_file():
        questions(story, encoder)
    else:
        print(f"  SKIPPED themes of real questions: {QUESTIONS} is not there")
    if STATEMENTS.is_file():
        shortlist_of_statements(story)
    else:
        print(f"  SKIPPED shortlist of real statements: {STATEMENTS} is not there")
    made_up(story)
    decided(story)
    languages(story)
    files(story)


def questions(story, encoder):
    with open(QUESTIONS, newline="", encoding="utf-8") as file:
        truth = [row["category"] for row in csv.DictReader(file)]
    ways = [("by words alone", ("--lexical",), .64)]
    if encoder:
        ways.append(("with the sentence encoder", (), .72))
    for name, arguments, least in ways:
        with story.scene(f"themes of 3,080 questions {name}: NMI with their 77 categories at least {least}"):
            rows, told = themes("--truth", "category", *arguments, QUESTIONS)
            found = [row["theme"] or f"alone {i}" for i, row in enumerate(rows)]
            ours, said = mutual_information(found, truth), float(re.search(r"NMI ([\d.]+)", told)[1])
            print(f"          {ours:.4f}, {len(set(found))} themes")
            assert ours >= least and abs(ours - said) < 1e-4, (ours, said)
            assert all(0 <= float(row["strength"] or 0) <= 1 for row in rows)


def shortlist_of_statements(story):
    with open(STATEMENTS, newline="", encoding="utf-8") as file:
        statements = list(csv.DictReader(file))
    with story.scene("a shortlist of real statements: themes are covered, and each reason holds"):
        theme_of = {row["id"]: row["theme"] for row in themes(STATEMENTS)[0]}
        picks, _ = themes("--shortlist", 12, STATEMENTS)
        bound = {str(i + 1): wilson(int(s["agrees"]), int(s["disagrees"])) for i, s in enumerate(statements)}
        sizes = collections.Counter(theme_of.values())
        assert len(picks) == 12 and len({pick["theme"] for pick in picks}) == 12
        seen = set()
        for pick in picks:
            same = [name for name, theme in theme_of.items() if theme == pick["theme"]]
            best = bound[pick["id"]] >= max(bound[name] for name in same)
            assert ("the best supported" in pick["why"]) == best, pick
            assert ("the best supported of all" in pick["why"]) == (bound[pick["id"]] >= max(bound.values())), pick
            size = re.search(r"(stands for|another of) (\d+) texts", pick["why"])
            assert int(size[2]) == sizes[pick["theme"]] and (size[1] == "another of") == (pick["theme"] in seen), pick
            seen.add(pick["theme"])


def made_up(story):
    texts = ideas.ideas(1500, seed=3, duplicates=.1)
    rows = [(i, text.text) for i, text in enumerate(texts)]
    with story.scene("ideas that were made of forty things are sorted by things or by places, not at random"):
        found, _ = themes("--resolution", 4, "-", given=table(("id", "text"), rows))
        labels = [row["theme"] or f"alone {i}" for i, row in enumerate(found)]
        by_thing = purity(labels, [text.thing for text in texts])
        shuffled = random.Random(1).sample(labels, len(labels))
        print(f"          {by_thing:.3f} of the ideas are of their theme's commonest thing")
        assert by_thing > .5 > .2 > purity(shuffled, [text.thing for text in texts])

    with story.scene("the order of the rows has no say"):
        turned = random.Random(2).sample(rows, len(rows))
        one, _ = themes("--lexical", "-", given=table(("id", "text"), rows))
        two, _ = themes("--lexical", "-", given=table(("id", "text"), turned))
        place = {row["id"]: row for row in two}
        again = [place[row["id"]]["theme"] for row in one]
        labels = {row["theme"]: row["label"] for row in one}
        # Texts that say the same to the letter may change places.
        moved = sum(a["theme"] != b for a, b in zip(one, again))
        assert moved <= 6 and labels == {row["theme"]: row["label"] for row in two}, moved

    with story.scene("from broad to narrow: more and more themes, every text in one or alone"):
        counts = []
        for resolution in RESOLUTIONS:
            found, told = themes("--lexical", "--resolution", resolution, "-", given=table(("id", "text"), rows))
            counts.append(len({row["theme"] for row in found if row["theme"]}))
            assert told.startswith(f"{counts[-1]} themes in {len(texts)} texts")
        print(f"          {counts}")
        assert counts == sorted(counts) and counts[-1] > 2 * counts[0]

    with story.scene("labels: of each theme its size, its words, and a text of it"):
        found, _ = themes("--lexical", "-", given=table(("id", "text"), rows))
        told, _ = themes("--lexical", "--labels", "-", given=table(("id", "text"), rows))
        sizes = collections.Counter(row["theme"] for row in found if row["theme"])
        assert {row["theme"]: int(row["texts"]) for row in told} == sizes
        text_of = {row["text"]: row["theme"] for row in found}
        for row in told:
            assert text_of[row["quote"]] == row["theme"] and row["label"], row
            first = row["label"].split(", ")[0].split()[0][:4]
            assert any(first in text.lower() for text, theme in text_of.items() if theme == row["theme"]), row

    with story.scene("the picture says of each theme what the table says"):
        given = table(("id", "text"), [(i, text) for i, text in rows[:300]] + [(f"{i}+", "Nothing & <b>") for i in range(4)])
        listed, _ = themes("--lexical", "--labels", "-", given=given)
        drawn = xml.etree.ElementTree.fromstring(picture(given))
        words = [e.text for e in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert words[:-1:2] == [row["label"] for row in listed[:16]] and words[1:-1:2] == [row["texts"] for row in listed[:16]]
        described = drawn.find("{http://www.w3.org/2000/svg}desc").text
        assert all(f"{row['label']}: {row['texts']}," in described for row in listed[:16]), described

    with story.scene("a shortlist without votes covers the themes; near-duplicates are on it once"):
        twice = [(f"{i}+", text) for i, text in rows[:300]] + rows[:300]
        picks, _ = themes("--lexical", "--shortlist", 50, "-", given=table(("id", "text"), twice))
        assert len({pick["text"] for pick in picks}) == len(picks) == 50
        assert all("best supported" not in pick["why"] and "say nearly the same" in pick["why"] for pick in picks)


    with story.scene("what differs in a number, a negation or a name is not folded on a shortlist"):
        texts = ["Benches in Rose Park", "Benches in Oak Park", "Benches for the park", "Seats for Rose Park",
                 "Plant 3 trees here", "Plant three trees here", "Plant 4 trees here", "No cars downtown", "Cars downtown",
                 "Put benches into Oak Park", "Plant 3 trees here"]
        picks, _ = themes("--lexical", "--shortlist", 20, "-", given=table(("text",), [[text] for text in texts]))
        folded = {pick["text"]: int((re.search(r"(\d+) say nearly", pick["why"]) or ["", "0"])[1]) for pick in picks}
        assert folded["Plant 3 trees here"] == 2 and folded["Plant 4 trees here"] == 0, folded
        assert folded["No cars downtown"] == folded["Cars downtown"] == 0, folded
        of_rose, of_oak = ({text for text in folded if name in text} for name in ("Rose Park", "Oak Park"))
        assert of_rose and of_oak, folded


def decided(story):
    with story.scene("what people joined and split stays so at every resolution, under the names they gave"):
        texts = ideas.ideas(400, seed=9)
        groups = collections.Counter(text.thing for text in texts).most_common(3)
        one, two, three = (name for name, _ in groups)
        name_of = {one: "Joined, by hand", two: "Joined, by hand"}
        rows, given = [], []
        for i, text in enumerate(texts):
            name = name_of.get(text.thing) or (f"Half {i % 2}" if text.thing == three else "")
            given.append(name)
            rows.append((text.text, name))
        for resolution in RESOLUTIONS:
            found, _ = themes("--lexical", "--resolution", resolution, "-", given=table(("text", "theme"), rows))
            theme_of = {}
            for name, row in zip(given, found):
                if name:
                    assert row["label"] == name and theme_of.setdefault(name, row["theme"]) == row["theme"], (name, row)
            assert len(set(theme_of.values())) == 3


def languages(story):
    topics = {
        "de": (("Radweg", "Fahrrad", "Kreuzung", "Ampel"), ("Bibliothek", "Bücher", "Lesesaal", "ausleihen"),
               "{} und {} in der Stadt {}"),
        "fr": (("piste cyclable", "vélo", "carrefour"), ("bibliothèque", "livres", "lecture"), "{} et {} dans la ville {}"),
        "ru": (("велодорожка", "велосипед", "перекрёсток"), ("библиотека", "книги", "чтение"), "{} и {} в городе {}"),
        "zh": (("自行车道", "自行车", "路口"), ("图书馆", "借书", "阅览室"), "{}和{}在城市{}"),
    }
    for language, (*subjects, pattern) in topics.items():
        with story.scene(f"two subjects in {language} are told apart, and their labels are words of theirs"):
            dice = random.Random(4)
            rows, truth = [], []
            for i in range(60):
                words = subjects[i % 2]
                rows.append((pattern.format(*dice.sample(words, 2), dice.choice("ABCDEFG")),))
                truth.append(i % 2)
            found, _ = themes("--resolution", .5, "--language", language, "-", given=table(("text",), rows))
            assert purity([row["theme"] or row["id"] for row in found], truth) == 1
            for row, true in zip(found, truth):
                said = row["label"].split(", ")[0]
                assert any(said.lower() in text[0].lower() for text, t in zip(rows, truth) if t == true), row


def files(story):
    with story.scene("what cannot be read is named, and nothing is written"):
        for arguments, given, status, said in (
                ((), b"", 1, "the table is empty"), ((), b"word\nx\n", 1, 'there is no column "text"'),
                ((), b"text\n", 1, "there are no texts"), (("--truth", "kind"), b"text\nx\n", 1, 'no column "kind"'),
                ((), b"text,up\nx,many\n", 1, '"many" is no number of votes'),
                ((), b"text,up\nx,-1\n", 1, "line 2"), (("--resolution", "0"), b"text\nx\n", 2, "--resolution takes"),
                (("--resolution", "nan"), b"text\nx\n", 2, "--resolution takes"),
                (("--shortlist", "-3"), b"text\nx\n", 2, "--shortlist is a whole number"),
                (("--threads", "0"), b"text\nx\n", 2, "--threads is a whole number from 1 to 64"),
                (("--shortlist", "3", "--labels"), b"text\nx\n", 2, "ask for one"),
                (("--svg", "--labels"), b"text\nx\n", 2, "ask for one"), (("--wide",), b"", 2, "--wide")):
            rows, told = themes(*arguments, "-", given=given, status=status)
            assert rows == [] and said in told, (arguments, told)

    with story.scene("one text, two, and texts that say nothing"):
        rows, _ = themes("-", given=b"text\nA bench\n")
        assert [row["theme"] for row in rows] == [""]
        rows, told = themes("-", given='text\n""\n""\n"…"\nA bench\nA bench\n'.encode())
        assert len(rows) == 5 and "in 5 texts" in told
        picks, _ = themes("--shortlist", 5, "-", given=b"text\nA bench\n")
        assert picks[0]["why"] == "like no other"

    with story.scene("bytes changed by chance are answered or refused, and never end the program"):
        whole = table(("text", "theme", "up"), ((f"Bäume, 木 {n % 7} und ท้องฟ้า", n % 3 or "", n) for n in range(40)))
        dice = random.Random(11)
        for _ in range(60):
            given = mutated(whole, dice)
            how = dice.choice(((), ("--labels",), ("--shortlist", "4"), ("--language", "de")))
            done = subprocess.run([PROGRAM, "themes", "--lexical", *how, "-"], input=given, capture_output=True,
                                  timeout=60)
            assert done.returncode in (0, 1), (done.returncode, given)
