"""idea-themes: what hundreds of ideas are about, what the team decides about it, and a shortlist with its reasons.

The ideas are made up (tests/lib/ideas.py); where the real statements of Bowling Green are, they are looked at too.
"""

import collections
import csv
import io

from ideas import ideas
from manyhands import wait_until
from story import DATA

COUNT = 400
GRAINS = ("broadest", "broad", "middle", "fine", "finest")
FOLDER = DATA / "opinions" / "american-assembly.bowling-green"


def file_of(texts):
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["title"])
    writer.writerows([t.text[:160]] for t in texts)
    return rows.getvalue().encode()


def brought_in(house, texts, question):
    """A campaign with these ideas."""
    output, _ = house.run("import", "ideas", "-", "--open", "--question", question, stdin=file_of(texts))
    return output.splitlines()[-1].split()[5]


class Desk:
    """A manager at one campaign's themes."""

    def __init__(self, api, campaign):
        self.api, self.base, self.campaign = api, f"/campaigns/{campaign}/manage/themes", campaign

    def list(self, grain="middle"):
        return self.api.get(f"{self.base}?grain={grain}")

    def page(self, subject, grain="middle"):
        """A theme with all its ideas."""
        page = self.api.get(f"{self.base}/{subject}?grain={grain}")
        more = page
        while more["has_next"]:
            more = self.api.get(f"{self.base}/{subject}?grain={grain}&from={more['next_from']}")
            page["ideas"] += more["ideas"]
        return page

    def ideas(self, subject, grain="middle"):
        return {i["subject_id"] for i in self.page(subject, grain)["ideas"]}

    def act(self, subject, what, **fields):
        return self.api.post(f"{self.base}/{subject}/{what}", fields)

    def read(self, count):
        """Waits until that many ideas are compared."""
        return wait_until(lambda: (lambda l: l if l["idea_count"] == count else None)(self.list()), 120,
                          f"that {count} ideas are compared")


def tell(story):
    house = story.installation(with_mail=False)
    house.set_up()
    texts = ideas(COUNT + 40, seed=7)
    campaign = brought_in(house, texts[:COUNT], "What does our town need?")
    house.start()
    api = house.api(house.token_of(house.owner()))
    desk = Desk(api, campaign)
    found(story, desk, texts)
    decided(story, desk, house, texts)
    exported(story, house, desk)
    shortlist(story, desk)
    refused(story, house, desk)
    bowling_green(story, house, api)


def found(story, desk, texts):
    with story.scene(f"{COUNT} ideas fall into themes, the greatest first, each with a quotation of its own"):
        view = desk.read(COUNT)
        sizes = [t["idea_count"] for t in view["themes"]]
        assert 10 <= view["theme_count"] <= 80 and sizes == sorted(sizes, reverse=True), sizes
        assert sum(sizes) + view["alone_count"] == COUNT and view["waiting_count"] == 0, view["alone_count"]
        assert view["themes"][0]["percent"] == 100
        for theme in view["themes"]:
            assert theme["label"] and theme["quote"] and theme["theme_id"] is None, theme

    with story.scene("an idea's theme is mostly about the same thing"):
        kinds = {t.text[:160]: t.thing for t in texts}
        alike = 0
        for theme in view["themes"]:
            page = desk.page(theme["subject_id"])
            assert len(page["ideas"]) == theme["idea_count"], theme
            assert theme["quote_id"] in {i["subject_id"] for i in page["ideas"]}
            sure = [i["is_sure"] for i in page["ideas"]]
            assert sure == sorted(sure, reverse=True) and sum(sure) == page["sure_count"]
            things = collections.Counter(kinds[i["title"]] for i in page["ideas"])
            alike += things.most_common(1)[0][1]
        assert alike >= .6 * COUNT, alike

    with story.scene("finer grains give more themes"):
        counts = [desk.list(g)["theme_count"] for g in GRAINS]
        assert counts == sorted(counts) and counts[0] < counts[-1], counts


def decided(story, desk, house, texts):
    view = desk.list()
    first, second, third = view["themes"][:3]

    with story.scene("a theme is named, and keeps name and address at every grain"):
        done = desk.act(first["subject_id"], "name", name="Set right by Anna")
        assert done["theme_id"] == done["theme_act_id"] and done["idea_count"] > 0, done
        named = desk.page(first["subject_id"])
        put = {i["subject_id"] for i in named["ideas"] if i["is_put"]}
        assert named["theme"]["is_named"] and len(put) == done["idea_count"], named["theme"]
        for grain in GRAINS:
            [here] = [t for t in desk.list(grain)["themes"] if t["label"] == "Set right by Anna"]
            assert here["theme_id"] == done["theme_id"] and here["subject_id"] == done["subject_id"], here
            assert put <= desk.ideas(first["subject_id"], grain), grain

    with story.scene("two themes are joined: all their ideas stay together at every grain"):
        both = desk.ideas(second["subject_id"]) | desk.ideas(third["subject_id"])
        joined = desk.act(second["subject_id"], "join", other_id=third["subject_id"])
        assert joined["idea_count"] == len(both), joined
        for grain in GRAINS:
            assert both <= desk.ideas(third["subject_id"], grain), grain
        answer = desk.api.ask("POST", f"{desk.base}/{second['subject_id']}/join", {"other_id": third["subject_id"]})
        assert answer.status == 422 and b"another theme" in answer.body, answer

    with story.scene("ideas are split off into a theme of their own, and others moved into it"):
        members = sorted(desk.ideas(first["subject_id"]))
        split, kept = members[:3], members[3]
        made = desk.act(first["subject_id"], "move", idea_ids=" ".join(split), name="Three of them")
        assert made["idea_count"] == 3 and made["theme_id"] != done["theme_id"], made
        assert set(split) <= desk.ideas(made["subject_id"])
        assert not set(split) & desk.ideas(kept)
        desk.act(first["subject_id"], "move", idea_ids=kept, to_id=made["subject_id"])
        assert kept in desk.ideas(made["subject_id"])
        for wrong in ({"idea_ids": kept}, {"idea_ids": kept, "name": "Both", "to_id": split[0]},
                      {"idea_ids": "0000000000000", "name": "Nothing"}, {"idea_ids": " ", "name": "Nothing"}):
            assert desk.api.ask("POST", f"{desk.base}/{split[0]}/move", wrong).status == 422, wrong

    with story.scene("what was decided is taken back, act by act, and what stood before holds again"):
        acts = desk.list()["acts"]
        assert [a["act"] for a in acts] == ["move", "move", "join", "name"], acts
        assert acts[0]["person_name"] == "Anna Berg" and acts[3]["label"] == "Set right by Anna"
        for act in acts[:2]:
            desk.api.post(f"{desk.base}/acts/{act['theme_act_id']}/undo")
        assert set(split) | {kept} <= desk.ideas(first["subject_id"])
        assert [a["is_undone"] for a in desk.list()["acts"]] == [True, True, False, False]

    with story.scene("forty further ideas and a restart change none of it"):
        house.run("import", "ideas", "-", "--campaign", desk.campaign, stdin=file_of(texts[COUNT:]))
        view = desk.read(len(texts))
        [here] = [t for t in view["themes"] if t["label"] == "Set right by Anna"]
        assert here["theme_id"] == done["theme_id"] and put <= desk.ideas(here["subject_id"])
        assert both <= desk.ideas(third["subject_id"])
        addresses = {t["subject_id"] for t in view["themes"]}
        house.restart()
        again = desk.list()
        assert {t["subject_id"] for t in again["themes"]} & addresses, "no address is known any more"
        assert len(again["themes"]) == len(view["themes"])
        assert both <= desk.ideas(third["subject_id"])
        return done


def exported(story, house, desk):
    with story.scene("decisions leave with the ideas, and come in with them"):
        whole = desk.api.get(f"/campaigns/{desk.campaign}/export.json")
        acts = whole["theme_acts"]
        assert [a["act"] for a in acts] == ["name", "join", "move", "move", "undo", "undo"], acts
        assert acts[0]["name"] == "Set right by Anna" and len(acts[2]["idea_ids"]) == 3
        assert {acts[4]["undone_id"], acts[5]["undone_id"]} == {acts[2]["theme_act_id"], acts[3]["theme_act_id"]}
        text = desk.api.ask("GET", f"/campaigns/{desk.campaign}/export.csv").body
        rows = list(csv.DictReader(io.StringIO(text.decode())))
        named = {r["title"] for r in rows if r["theme"] == "Set right by Anna"}
        assert len(named) == len(acts[0]["idea_ids"])
        output, _ = house.run("import", "ideas", "-", "--open", "--question", "And once more, elsewhere?", stdin=text)
        copy = Desk(desk.api, output.splitlines()[-1].split()[5])
        [theme] = [t for t in copy.read(len(rows))["themes"] if t["label"] == "Set right by Anna"]
        page = copy.page(theme["subject_id"])
        assert {i["title"] for i in page["ideas"] if i["is_put"]} == named


def shortlist(story, desk):
    base = f"/campaigns/{desk.campaign}/manage/shortlist"

    with story.scene("people vote for some of the ideas"):
        subjects = [i["subject_id"] for t in desk.list()["themes"][:8] for i in desk.page(t["subject_id"])["ideas"]]
        for n, subject in enumerate(subjects[::5]):
            desk.api.post(f"/campaigns/{desk.campaign}/subjects/{subject}/vote", {"direction": "up"})

    with story.scene("the shortlist's reasons hold, each checked against the themes"):
        themes = {t["subject_id"]: t for t in desk.list()["themes"]}
        for size, name in ((5, "five"), (10, "ten"), (20, "twenty"), (50, "fifty")):
            view = desk.api.get(f"{base}?size={name}")
            picks = view["picks"]
            assert len(picks) == size and [p["place"] for p in picks] == list(range(1, size + 1))
            assert len({p["subject_id"] for p in picks}) == size
            seen = set()
            for pick in picks:
                holds(desk, themes, pick, seen)
            assert view["covered_count"] == len(seen), (view["covered_count"], seen)
            picked = {p["subject_id"] for p in picks}
            assert not picked & {a["subject_id"] for p in picks for a in p["alike"]}, "a near-duplicate was picked"
        assert any(p["alike"] for p in picks), "no near-duplicates on a list of fifty"

    with story.scene("the same list comes as CSV, safe for spreadsheets"):
        answer = desk.api.ask("GET", f"{base}.csv?size=fifty")
        rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
        assert [r["idea_id"] for r in rows] == [p["subject_id"] for p in picks]
        assert [r["why"] for r in rows] == ["; ".join(w["words"] for w in p["reasons"]) for p in picks]
        assert all(r["title"][:1] not in "=+-@" for r in rows)


def holds(desk, themes, pick, seen):
    """Checks what one pick says of itself."""
    words = "; ".join(w["words"] for w in pick["reasons"])
    if pick["theme_key"] is None:
        assert words.startswith("Like no other") and pick["theme_size"] == 1, pick
        return
    theme = themes[pick["theme_key"]]
    assert theme["idea_count"] == pick["theme_size"] and theme["label"] == pick["theme_label"], (theme, pick)
    assert f"{pick['theme_size']} ideas on {pick['theme_label']}" in words, words
    assert ("Stands for" in words) == pick["is_first_of_theme"] == (pick["theme_key"] not in seen), pick
    seen.add(pick["theme_key"])
    members = desk.page(pick["theme_key"])["ideas"]
    [own] = [i for i in members if i["subject_id"] == pick["subject_id"]]
    assert (own["up"], own["down"]) == (pick["up"], pick["down"])
    assert pick["is_best_of_theme"] == (own["up"] == max(i["up"] for i in members)), pick
    if pick["up"]:
        assert ("best supported of its theme" in words) == (pick["is_best_of_theme"] and not pick["is_best_of_all"])
    like_it = desk.api.get(f"/campaigns/{desk.campaign}/ideas/{pick['subject_id']}/alike")["ideas"]
    alike = {i["idea_id"]: i["score"] for i in like_it}
    apart = {i["idea_id"] for i in like_it if i["differs"]}
    assert not apart & {a["subject_id"] for a in pick["alike"]}, (pick, "stands for an idea that differs from it")
    assert len(pick["alike"]) == 0 or f"{len(pick['alike'])} say" in words, words
    for other in pick["alike"][:1]:
        assert not alike or max(alike.values()) >= .6, (other, alike)


def refused(story, house, desk):
    with story.scene("only managers see themes and shortlist"):
        [person] = house.people(["Pia Participant"])
        for path in (desk.base, f"{desk.base}/{desk.list()['themes'][0]['subject_id']}",
                     f"/campaigns/{desk.campaign}/manage/shortlist"):
            assert house.api(person["token"]).ask("GET", path).status == 403, path
            assert house.api().ask("GET", path).status == 401, path


def bowling_green(story, house, api):
    if not FOLDER.is_dir():
        print(f"  SKIPPED Bowling Green: its data is not there ({FOLDER})")
        return
    with story.scene("607 statements of Bowling Green fall into themes that citizens would know"):
        output, _ = house.run("import", "ideas", FOLDER / "comments.csv", "--open",
                              "--question", "What would make Bowling Green a better place to live?")
        desk = Desk(api, output.splitlines()[-1].split()[5])
        view = desk.read(607)
        labels = " ".join(t["terms"].lower() for t in desk.list("fine")["themes"])
        for word in ("internet", "traffic", "school", "drug"):
            assert word in labels, (word, labels)
        assert view["alone_count"] < 200, view["alone_count"]
        assert len(api.get(f"/campaigns/{desk.campaign}/manage/shortlist?size=twenty")["picks"]) == 20
