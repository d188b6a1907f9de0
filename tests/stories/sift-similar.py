"""sift-similar: near-duplicates among texts, as `manyhands similar` finds them without a server.

Scores are compared with what people said of pairs (STS benchmark, outside the project), and with duplicates that
were planted among made-up ideas. The encoder's vectors are compared with those of the package its weights come from.
"""

import collections
import csv
import io
import os
import random
import subprocess
import sys

import ideas
from manyhands import BUILD, PROGRAM, ROOT
from mutated import mutated
from story import DATA

sys.path.append(str(ROOT / "tests" / "encoder"))

import oracle  # noqa: E402

PAIRS = DATA / "text" / "stsb"
FIRES = .70

# Four ideas in each language, and for some of them another wording.
TOWNS = {
    "de": (("Mehr sichere Fahrradwege rund um die Grundschule bauen", "Fahrradwege bei der Grundschule sicherer machen"),
           ("Die Bibliothek am Sonntag öffnen", "Sonntags sollte die Bibliothek geöffnet sein"),
           ("Mehr Bäume in der Fußgängerzone pflanzen", "In der Fußgängerzone mehr Baumpflanzungen"),
           ("Einen Trinkbrunnen auf dem Marktplatz aufstellen", "Trinkbrunnen für den Markt")),
    "fr": (("Installer des fontaines à eau sur la place du marché", "Une fontaine d'eau potable place du Marché"),
           ("Ouvrir la bibliothèque le dimanche", "Il faudrait que la bibliothèque soit ouverte le dimanche"),
           ("Planter plus d'arbres dans les rues commerçantes", "Plus d'arbres à planter dans la rue commerçante"),
           ("Créer des pistes cyclables sûres près des écoles", "Des pistes cyclables plus sûres devant l'école")),
    "es": (("Abrir la biblioteca los domingos", "La biblioteca debería abrir en domingo"),
           ("Plantar más árboles en las calles del centro", "Más árboles plantados en el centro"),
           ("Construir carriles bici seguros cerca de los colegios", "Carril bici más seguro junto al colegio"),
           ("Poner fuentes de agua en la plaza del mercado", "Una fuente en la plaza del mercado")),
    "ja": (("学校の近くに安全な自転車道を作ってほしい", "安全な自転車道が学校の周りに必要です"),
           ("図書館を日曜日も開けてほしい", "日曜日に図書館を開館してください"),
           ("商店街にもっと木を植えてください", "商店街に木をもっと植えよう"),
           ("市場の広場に水飲み場を設置する", "広場に水飲み場がほしいです")),
    "zh": (("在学校附近修建安全的自行车道", "学校旁边需要安全自行车道"), ("星期天开放图书馆", "图书馆星期天应该开放"),
           ("在商业街种更多的树", "商业街应该多种树"), ("在市场广场设置饮水处", "市场广场需要饮水处")),
    "ar": (("بناء ممرات آمنة للدراجات بالقرب من المدارس", "نحتاج إلى ممرات دراجات آمنة قرب المدرسة"),
           ("فتح المكتبة يوم الأحد", "يجب أن تفتح المكتبة أبوابها يوم الأحد"),
           ("زراعة المزيد من الأشجار في شوارع المدينة", "نريد أشجارا أكثر في شوارع المدينة"),
           ("وضع نوافير مياه في ساحة السوق", "نافورة مياه لساحة السوق")),
    "ru": (("Построить безопасные велодорожки возле школ", "Безопасная велодорожка рядом со школой"),
           ("Открывать библиотеку по воскресеньям", "Библиотека должна работать в воскресенье"),
           ("Посадить больше деревьев на торговых улицах", "Больше деревьев на торговой улице"),
           ("Установить питьевые фонтанчики на рыночной площади", "Питьевой фонтанчик для рыночной площади")),
}


def similar(*arguments, given=None, **environment):
    done = subprocess.run([PROGRAM, "similar", *map(str, arguments)], input=given, capture_output=True, text=True,
                          timeout=600, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def table(heading, rows):
    text = io.StringIO()
    csv.writer(text).writerows([heading, *rows])
    return text.getvalue()


def answer(*arguments, given):
    status, out, told = similar(*arguments, "-", given=given)
    assert status == 0, told
    return list(csv.DictReader(io.StringIO(out))), told


def scores(pairs, *arguments):
    rows, told = answer("--pairs", *arguments, given=table(("a", "b"), pairs))
    return [float(row["score"]) for row in rows], [row["differs"] for row in rows], told


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    found, at = [0.] * len(values), 0
    while at < len(order):
        end = at
        while end < len(order) and values[order[end]] == values[order[at]]:
            end += 1
        for i in order[at:end]:
            found[i] = (at + end - 1) / 2
        at = end
    return found


def spearman(a, b):
    a, b = ranks(a), ranks(b)
    mean = (len(a) - 1) / 2
    return sum((x - mean) * (y - mean) for x, y in zip(a, b)) / (
        sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** .5


def share(values, wanted, least=FIRES):
    chosen = [value >= least for value, want in zip(values, wanted) if want]
    return sum(chosen) / len(chosen)


def judged(language):
    with open(PAIRS / f"{language}-test.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return [row[:2] for row in rows], [float(row[2]) for row in rows]


def has_encoder():
    return "by words alone" not in similar("-", given="text\nTrees\n")[2]


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
    encoder = has_encoder()
    if PAIRS.is_dir():
        what_people_said(story, encoder)
    else:
        print(f"  (without what people said of pairs: {PAIRS} is not there)")
    threads(story)
    planted(story, encoder)
    languages(story)
    files(story)


def what_people_said(story, encoder):
    with story.scene("German pairs are ranked as people rank them, by words alone: Spearman at least .65"):
        pairs, gold = judged("de")
        found, _, _ = scores(pairs)
        print(f"          {spearman(found, gold):.4f}")
        assert spearman(found, gold) >= .65, spearman(found, gold)
    pairs, gold = judged("en")
    with story.scene("English pairs by words alone: at least .72"):
        found, _, _ = scores(pairs, "--lexical")
        assert spearman(found, gold) >= .72, spearman(found, gold)
    if not encoder:
        print("          (the sentence encoder is not there)")
        return
    with story.scene("English pairs with the sentence encoder: Spearman at least .77"):
        found, differs, _ = scores(pairs)
        print(f"          {spearman(found, gold):.4f}")
        assert spearman(found, gold) >= .77, spearman(found, gold)
    with story.scene("at .70: .87 of pairs that mean the same, less than .04 of those that do not"):
        same, apart = share(found, [g >= 4.5 for g in gold]), share(found, [g < 2 for g in gold])
        print(f"          people's 4.5 and more: {same:.3f}; 4 and more: {share(found, [g >= 4 for g in gold]):.3f}; "
              f"under 3: {share(found, [g < 3 for g in gold]):.3f}; under 2: {apart:.3f}")
        assert same >= .865 and apart <= .04
        kept_apart = [bool(d) for d in differs]
        assert share(kept_apart, [g >= 4.5 for g in gold], 1) <= .05, "blocks hardly ever what is the same"
        by_name = [d.startswith("names") for d in differs]
        assert share(by_name, [g >= 4.5 for g in gold], 1) <= .013, "names are what they seem"


def threads(story):
    with story.scene("how many threads share the work changes nothing"):
        given = table(("id", "text"), ((n, text.text) for n, text in enumerate(ideas.ideas(300, seed=3))))
        one, *others = (similar("--nearest", "--threads", n, "-", given=given) for n in (1, 2, 5, 64))
        assert one[0] == 0 and all(other == one for other in others), one[2]


def planted(story, encoder):
    texts = ideas.ideas(2000, seed=7, duplicates=.25)
    first, twice = {}, []
    by_thing, by_place = collections.defaultdict(list), collections.defaultdict(list)
    for text in texts:
        if text.idea in first:
            twice.append((first[text.idea].text, text.text))
        else:
            first[text.idea] = text
            by_thing[text.thing].append(text.text)
            by_place[text.place].append(text.text)
    dice = random.Random(5)
    others = [tuple(t.text for t in dice.sample(list(first.values()), 2)) for _ in range(500)]
    related = [tuple(dice.sample(same, 2)) for same in [*by_thing.values(), *by_place.values()] if len(same) > 1]
    with story.scene("planted duplicates in other words: most fire; other ideas of the same thing or place hardly do"):
        found, _, _ = scores([*twice, *others, *related])
        kinds = ["twice"] * len(twice) + ["others"] * len(others) + ["related"] * len(related)
        rate = {kind: share(found, [k == kind for k in kinds]) for kind in ("twice", "others", "related")}
        print("          " + ", ".join(f"{kind} {r:.3f}" for kind, r in rate.items()))
        assert rate["twice"] >= .5 and rate["related"] <= .04 and rate["others"] <= .01, rate
    with story.scene("a planted duplicate has its idea among its five nearest: 92 of 100, 88 by words alone"):
        some = texts[:1500]
        rows, _ = answer("--nearest", given=table(("id", "text"), enumerate(t.text for t in some)))
        near = collections.defaultdict(set)
        for row in rows:
            near[int(row["id"])].add(some[int(row["nearest"])].idea)
        have = collections.Counter(t.idea for t in some)
        asked = [i for i, t in enumerate(some) if have[t.idea] > 1]
        rate = sum(some[i].idea in near[i] for i in asked) / len(asked)
        print(f"          {rate:.3f} of {len(asked)}")
        assert rate >= (.92 if encoder else .88), rate
    with story.scene("groups: members reach the threshold with their leader; many differ from it in the place alone"):
        given = table(("id", "text"), enumerate(t.text for t in texts))
        for threshold, least in ((FIRES, .25), (.8, .45)):
            rows, _ = answer("--lexical", "--threshold", threshold, given=given)
            groups = collections.defaultdict(list)
            for row in rows:
                groups[row["group"]].append(row)
            pairs = [(int(g[0]["id"]), int(row["id"])) for g in groups.values() for row in g[1:]]
            assert all(float(row["score"]) >= threshold for row in rows)
            right = sum(texts[a].idea == texts[b].idea for a, b in pairs) / len(pairs)
            print(f"          at {threshold:.2f}: {len(pairs)} folded, {right:.3f} of them rightly")
            assert right >= least, right
            free = [texts[int(g[0]["id"])].idea == texts[int(row["id"])].idea
                    for g in groups.values() for row in g[1:] if not row["differs"]]
            print(f"          nothing speaks against {len(free)}, {sum(free) / len(free):.3f} of them rightly")
            assert sum(free) / len(free) >= .97 and sum(free) >= right * len(pairs) * .95, "names keep apart"
    with story.scene("added one by one, texts get nearly the scores that a batch gets"):
        some = [t.text for t in texts[:400]]
        batch, _ = answer("--nearest", "--lexical", given=table(("id", "text"), enumerate(some)))
        early, _ = answer("--nearest", "--lexical", given=table(("id", "text"), enumerate(some[:100])))
        of_batch = {(row["id"], row["nearest"]): float(row["score"]) for row in batch}
        apart = [abs(of_batch[key] - float(row["score"])) for row in early
                 if (key := (row["id"], row["nearest"])) in of_batch]
        print(f"          {len(apart)} pairs, apart by {sum(apart) / len(apart):.4f}, at most {max(apart):.4f}")
        assert len(apart) > 50 and max(apart) <= .08 and sum(apart) / len(apart) <= .03


def languages(story):
    with story.scene("in seven languages together, another wording is nearest to its idea"):
        rows = [(f"{language}{i}", pair[0]) for language, pairs in TOWNS.items() for i, pair in enumerate(pairs)]
        rows += [(f"{language}{i}?", pair[1]) for language, pairs in TOWNS.items() for i, pair in enumerate(pairs)]
        found, _ = answer("--nearest", given=table(("id", "text"), rows))
        nearest = {}
        for row in found:
            nearest.setdefault(row["id"], row["nearest"])
        wrong = {name: nearest.get(name) for name, _ in rows if name.endswith("?") and nearest.get(name) != name[:-1]}
        assert not wrong, wrong

    with story.scene("what differs in numbers, units, a negation or names is said"):
        pairs = (("Build 3 lanes", "Build 4 lanes", "numbers: 3 / 4"), ("Build three lanes", "Build 3 lanes", ""),
                 ("Zwei Bänke aufstellen", "Drei Bänke aufstellen", "numbers: zwei / drei"),
                 ("Save 20 % of water", "Save 20 litres of water", "units: % / litres"),
                 ("Allow cars in the park", "Do not allow cars in the park", "negation:  / not"),
                 ("Keine Autos im Park", "Autos im Park", "negation: keine / "),
                 ("Il faut fermer la rue", "Il ne faut pas fermer la rue", "negation:  / ne"),
                 ("Benches in Rose Park", "Benches in Oak Park", "names: Rose Park / Oak Park"),
                 ("Mehr Bänke im Rosenpark", "Mehr Bänke im Stadtpark", "names: Rosenpark / Stadtpark"),
                 ("Mehr Bänke im Stadtpark", "Mehr Sitze im Stadtpark", ""))
        assert scores([p[:2] for p in pairs])[1] == [p[2] for p in pairs]


def files(story):
    with story.scene("a column of languages, identities with commas, and one's own text"):
        given = table(("id", "text", "lang"), (("a,1", "Gift", "de"), ("b", "Gift", "en"), ("c", "Rattengift", "de")))
        rows, told = answer("--threshold", ".2", "--lexical", given=given)
        assert rows[0]["id"] == "a,1" and rows[1]["id"] == "b" and rows[1]["group"] == "1", rows
        rows, _ = answer("--to", "Gift", "--lexical", given=given)
        assert [row["id"] for row in rows][:2] == ["a,1", "b"] and float(rows[0]["score"]) == 1, rows

    with story.scene("what cannot be read is named, and nothing is written"):
        for arguments, given, wanted, said in (
                ((), "", 1, "the table is empty"), ((), "word\nx\n", 1, 'there is no column "text"'),
                ((), "text\n", 1, "there are no texts"), ((), "text,id\n1\n", 1, "line 2 has 1 cells"),
                (("--pairs",), "a\nx\n", 1, 'there is no column "b"'),
                ((), "text\n" + "x" * 1100000 + "\n", 1, "line 2: a text is longer than"),
                (("--threshold", "2"), "text\nx\n", 2, "--threshold takes"), (("--wide",), "", 2, "--wide"),
                (("--threads", "65"), "text\nx\n", 2, "--threads is a whole number from 1 to 64"),
                (("--pairs", "--to", "x"), "text\nx\n", 2, "exclude each other")):
            status, out, told = similar(*arguments, "-", given=given)
            assert (status, out) == (wanted, "") and said in told, (arguments, status, out, told)
        assert similar("/nowhere/texts.csv")[0] == 1 and similar()[0] == 2

    with story.scene("without the encoder's file it says so, and works"):
        status, out, told = similar("--threshold", "0.5", "-", MANYHANDS_SIFT_ENCODER="/nowhere",
                                    given="text\nMore bike lanes\nMore bike lanes please\n")
        assert status == 0 and "by words alone" in told and out.count("\n") == 3, (status, out, told)

    with story.scene("bytes changed by chance are answered or refused, and never end the program"):
        whole = ("text,id\n" + "".join(f'"Bäume, 木 {n % 7} und ท้องฟ้า {n}",{n}\n' for n in range(30))).encode()
        dice = random.Random(11)
        for _ in range(80):
            given = mutated(whole, dice)
            how = dice.choice(((), ("--nearest",), ("--to", "Baum"), ("--language", "de")))
            done = subprocess.run([PROGRAM, "similar", "--lexical", *how, "-"], input=given, capture_output=True,
                                  timeout=60)
            assert done.returncode in (0, 1), (done.returncode, given)
