"""opinion-map: people say what they think of ideas, one at a time, and see which groups think alike.

First a small crowd, asked with a browser that has no scripts; then two camps that were made up, and last a
real conversation (Polis open data, CC BY 4.0), whose published groups the map must find. Where those data
are absent, and on PostgreSQL unless --long is given, the last part is left out.
"""

import collections
import concurrent.futures
import csv
import io
import json
import random
import re

from manyhands import wait_until
from story import DATA

BIODIVERSITY = DATA / "opinions" / "scoop-hivemind.biodiversity"
CAMP = 30
THINGS = ("Benches", "Kayaks", "Swimming", "Concerts", "Chess", "Barbecues", "Lighting", "Toilets", "Playground", "Market",
          "Reeds", "Lifeguards", "Sculptures", "Cycling", "Skating", "Fishing", "Library", "Yoga", "Ferries", "Orchard",
          "Football", "Cinema", "Museum", "Fireworks")
THREADS = 8


def tell(story):
    house = story.installation()
    house.set_up()
    house.start()
    owner = house.owner()
    campaign = switched_on(story, house, owner)
    asked(story, house, owner, campaign)
    two_camps(story, house, owner)
    real_people(story, house, owner)


# --- Helpers --------------------------------------------------------------------------------------------


def at_once(tasks):
    """Runs them a few at a time; the first failure is raised."""
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(*task) for task in tasks]:
            done.result()


def drawn(api, campaign, opinions, patience_s=60):
    """The map, as soon as it holds so many opinions and is up to date."""
    def made():
        view = api.get(f"/campaigns/{campaign}/opinion-map")
        return view if view["opinions"] == opinions and view["made_at"] and not view["is_behind"] else None
    return wait_until(made, patience_s, f"a map of {opinions} opinions")


def give(api, campaign, subject, opinion, expect=200):
    return api.post(f"/campaigns/{campaign}/subjects/{subject}/opinion", {"opinion": opinion}, expect=expect)


def give_all(api, campaign, opinions):
    for subject, opinion in opinions:
        give(api, campaign, subject, opinion)


def new_campaign(api, question, **settings):
    organisation = api.get("")["organisation_id"]
    campaign = api.post(f"/organisations/{organisation}/campaigns", {
        "question": question, "closes_at": "2030-01-01T00:00:00Z", **settings}, expect=201)["campaign_id"]
    api.post(f"/campaigns/{campaign}/open")
    return campaign


def adjusted_rand(a, b):
    def pairs(counts):
        return sum(n * (n - 1) / 2 for n in counts.values())
    both, one, two = pairs(collections.Counter(zip(a, b))), pairs(collections.Counter(a)), pairs(collections.Counter(b))
    by_chance = one * two / (len(a) * (len(a) - 1) / 2)
    return (both - by_chance) / ((one + two) / 2 - by_chance)


# --- One person -----------------------------------------------------------------------------------------


def switched_on(story, house, owner):
    api = house.api(house.token_of(owner))
    with story.scene("without the setting there are no opinions; it can be switched on while the campaign is open"):
        campaign = new_campaign(api, "What should become of the old station?")
        for n in range(4):
            api.post(f"/campaigns/{campaign}/ideas", {"title": f"An idea of the owner, number {n}"}, expect=201)
        subject = api.get(f"/campaigns/{campaign}")["ideas"][0]["idea_id"]
        for path in ("/opinions", "/opinions/mine", "/opinion-map"):
            owner.get(f"/campaigns/{campaign}{path}", expect=404)
        give(api, campaign, subject, "agree", expect=404)
        assert "Opinions" not in owner.get(f"/campaigns/{campaign}").text
        edit = owner.get(f"/campaigns/{campaign}/edit").form("/edit")
        owner.submit(edit.fill(maps_opinions=True)).says("Saved")
        owner.get(f"/campaigns/{campaign}").says("Opinions")
        house.browser().get(f"/campaigns/{campaign}/opinion-map").says("Too early for a map").says("10 people are still missing")
    return campaign


def press(browser, page, opinion):
    """Presses one of the buttons of the question that is shown."""
    form = page.form("/opinion")
    hidden = [(f.name, f.value) for f in form.fields if f.kind == "hidden"]
    return browser.post(form.action, [*hidden, ("opinion", opinion)], expect=200)


def title_of(page):
    found = re.search(r'<h1 class="question-title">(.*?)</h1>', page.source)
    return found.group(1) if found else None


def asked(story, house, owner, campaign):
    mira, jonas = house.people(["Mira Stein", "Jonas Weber"])
    mine = house.api(mira["token"])
    own = mine.post(f"/campaigns/{campaign}/ideas", {"title": "An idea of Mira's"}, expect=201)["idea_id"]
    browser = owner

    with story.scene("one is asked about each idea of others once, in an order of one's own, and told how far one is"):
        titles = []
        for n in range(4):
            view = mine.get(f"/campaigns/{campaign}/opinions")
            assert (view["given"], view["total"], view["has_question"]) == (n, 4, True), view
            assert view == mine.get(f"/campaigns/{campaign}/opinions"), "asked again, another idea is shown"
            titles.append(view["title"])
            answer = give(mine, campaign, view["subject_id"], ("agree", "pass", "disagree")[n % 3])
            assert answer["opinion"] == ("agree", "pass", "disagree")[n % 3], answer
        assert len(set(titles)) == 4 and "An idea of Mira's" not in titles, titles
        assert not mine.get(f"/campaigns/{campaign}/opinions")["has_question"]
        give(mine, campaign, own, "agree", expect=409)

    with story.scene("so it is without scripts: three buttons, and a page that says when that was all"):
        page = browser.get(f"/campaigns/{campaign}/opinions").says("0 of 1")
        assert title_of(page) == "An idea of Mira&#39;s" or "Mira" in title_of(page), title_of(page)
        page = press(browser, page, "disagree")
        page.says("You disagree with “An idea of Mira's”").says("That was all of them")
        page = browser.get(f"/campaigns/{campaign}/opinions/mine").says("You disagree")
        press(browser, page, "pass").says("You passed on")
        house.browser().get(f"/campaigns/{campaign}/opinions", expect=None).says("Sign in")

    with story.scene("opinions can be changed and taken back; the last one counts"):
        answers = mine.get(f"/campaigns/{campaign}/opinions/mine")["answers"]
        assert len(answers) == 4
        first = answers[0]["subject_id"]
        for opinion in ("disagree", "agree", "agree"):
            give(mine, campaign, first, opinion)
        assert mine.get(f"/campaigns/{campaign}/opinions")["given"] == 4
        assert mine.get(f"/campaigns/{campaign}/opinions/mine")["answers"][0]["opinion"] == "agree"
        mine.post(f"/campaigns/{campaign}/subjects/{first}/opinion/withdraw")
        view = mine.get(f"/campaigns/{campaign}/opinions")
        assert (view["given"], view["subject_id"]) == (3, first), view
        mine.post(f"/campaigns/{campaign}/subjects/{first}/opinion/withdraw")
        give(mine, campaign, first, "pass")

    with story.scene("votes and opinions do not move one another"):
        before = mine.get(f"/campaigns/{campaign}/ideas/{first}")["idea"]["vote"]
        assert (before["up"], before["down"]) == (0, 0), before
        mine.post(f"/campaigns/{campaign}/subjects/{first}/vote", {"direction": "up"})
        assert mine.get(f"/campaigns/{campaign}/opinions")["given"] == 4

    with story.scene("what is hidden is asked and counted no more; shown again it is"):
        boss = house.api(house.token_of(owner))
        hiding = {"rule": "off_topic", "reason": "It is about another house."}
        boss.post(f"/campaigns/{campaign}/ideas/{first}/hide", hiding)
        give(mine, campaign, first, "agree", expect=404)
        assert mine.get(f"/campaigns/{campaign}/opinions")["given"] == 3
        assert mine.get(f"/campaigns/{campaign}/opinions")["total"] == 3
        boss.post(f"/campaigns/{campaign}/ideas/{first}/show")
        assert drawn(boss, campaign, 5)["ideas"] == 5
        assert boss.get(f"/campaigns/{campaign}/opinion-map")["people_missing"] == 10

    with story.scene("after the end the answers and the map can be read, and no opinion is taken"):
        boss.post(f"/campaigns/{campaign}/close", {"reason": "All ideas are in."})
        give(house.api(jonas["token"]), campaign, first, "agree", expect=409)
        browser.get(f"/campaigns/{campaign}/opinions").says("No opinions are taken now")
        browser.get(f"/campaigns/{campaign}/opinions/mine").says("You passed")

    with story.scene("an erased person's opinions are gone, and what others said of their ideas counts no more"):
        erase_all(house, mira)
        rows = list(csv.DictReader(io.StringIO(csv_of(boss, campaign))))
        assert [r["statement"] for r in rows] == [own], rows
        assert drawn(boss, campaign, 0)["people"] == 0


def erase_all(house, person):
    browser = house.browser()
    browser.submit(browser.get("/sign-in").form("/sign-in/link").fill(email=person["email"]))
    browser.submit(browser.get(house.mail.link(house.mail_to(person["email"], "Sign in"))).forms[-1])
    browser.submit(browser.get("/account").form("/account/erase").fill(sure=True)).says("erased")
    wait_until(lambda: house.database.ask("SELECT count(*) FROM opinion o JOIN person p ON p.person_id = o.person_id "
                                          "WHERE p.person_state = 'erased'") == [["0"]], 20, "the erasure")


def csv_of(api, campaign):
    answer = api.ask("GET", f"/campaigns/{campaign}/opinions.csv")
    assert answer.status == 200, answer
    return answer.body.decode()


# --- Two camps ------------------------------------------------------------------------------------------


def line_of(camp, n):
    """What a camp thinks of idea n: the first six are common ground, the others divide."""
    if n < 6:
        return "agree"
    return "agree" if (n % 2 == 0) == (camp == 0) else "disagree"


def opinions_of(camp, ideas, dice):
    return [(subject, line_of(camp, n) if dice.random() < .88 else dice.choice(["agree", "pass", "disagree"]))
            for n, subject in enumerate(ideas) if dice.random() < .75]


def two_camps(story, house, owner):
    api = house.api(house.token_of(owner))
    campaign = new_campaign(api, "How should the river bank be used?", maps_opinions=True)
    dice = random.Random(7)
    with story.scene(f"two camps of {CAMP} and {CAMP - 8} people answer; the map appears, with two groups"):
        rows = "".join(f'"{thing}, idea {n}"\n' for n, thing in enumerate(THINGS))
        path = house.folder / "ideas.csv"
        path.write_text("title\n" + rows)
        house.run("import", "ideas", path, "--campaign", campaign)
        listed = [i for i in json.loads(house.run("export", "json", campaign)[0])["ideas"]]
        ideas = [i["idea_id"] for i in sorted(listed, key=lambda i: int(i["title"].split()[2]))]
        people = house.people([f"Person {n}" for n in range(2 * CAMP - 8)])
        camps = [0 if n < CAMP else 1 for n in range(len(people))]
        said = [opinions_of(camp, ideas, dice) for camp in camps]
        at_once((give_all, house.api(p["token"]), campaign, o) for p, o in zip(people, said))
        view = drawn(api, campaign, sum(map(len, said)))
        assert sorted(g["size"] for g in view["groups"]) == [CAMP - 8, CAMP], view["groups"]
        assert not view["is_faint"] and view["people"] == len(people)
        for g in view["groups"]:
            assert g["dots"].count("M") == g["size"] and g["hull"].endswith("Z"), g

    with story.scene("each is told to stand in their own camp's group, and nobody else's place is marked"):
        letters = [house.api(p["token"]).get(f"/campaigns/{campaign}/opinion-map")["your_group"] for p in people]
        assert len(set(zip(camps, letters))) == 2, list(zip(camps, letters))
        stranger = house.api().get(f"/campaigns/{campaign}/opinion-map")
        assert not stranger["you_are_placed"] and stranger["your_group"] == "", stranger

    with story.scene("what all agree on, what divides them and what stands for each is as it was made up"):
        number = {subject: n for n, subject in enumerate(ideas)}
        common = [number[s["subject_id"]] for s in view["common"]]
        assert len(common) == 5 and all(n < 6 for n in common), common
        divisive = [number[s["subject_id"]] for s in view["divisive"]]
        assert len(divisive) == 5 and all(n >= 6 for n in divisive), divisive
        for g in view["groups"]:
            camp = camps[letters.index(g["letter"])]
            assert len(g["says"]) >= 3, g
            for s in g["says"]:
                n = number[s["subject_id"]]
                assert n >= 6 and s["agrees"] == (line_of(camp, n) == "agree"), (camp, n, s)
        share = view["divisive"][0]["shares"]
        assert {h["letter"] for h in share} == {"A", "B"} and abs(share[0]["agree"] - share[1]["agree"]) > 50, share
        page = house.browser().get(f"/campaigns/{campaign}/opinion-map").says("What all groups agree on")
        page.says("Group A").says("Group B").says("Where are you?")

    with story.scene("the manager's shortlist holds what each group likes best, and says so"):
        def listed():
            view = api.get(f"/campaigns/{campaign}/manage/shortlist?size=five")
            return view if view["idea_count"] == len(ideas) else None
        picks = wait_until(listed, 60, "all ideas read")["picks"]
        liked = {}
        for pick in picks:
            for reason in pick["reasons"]:
                told = re.fullmatch(r"Group ([AB]) of the opinion map likes it best: (\d+) % agree", reason["words"])
                if told:
                    liked[told[1]] = (pick["subject_id"], int(told[2]))
        assert set(liked) == {"A", "B"}, picks
        for letter, (subject, share) in liked.items():
            camp = camps[letters.index(letter)]
            answers = [opinion for c, one in zip(camps, said) if c == camp for s, opinion in one if s == subject]
            assert share == 100 * answers.count("agree") // len(answers), (letter, share, answers)
            assert share >= 80

    with story.scene("a newcomer is placed at once, before the map is drawn anew"):
        late = house.api(house.people(["Late Comer"])[0]["token"])
        view = late.get(f"/campaigns/{campaign}/opinion-map")
        assert view["you_missing"] == 7 and not view["you_are_placed"]
        for n, subject in enumerate(ideas[6:13]):
            give(late, campaign, subject, line_of(1, n + 6))
        assert late.get(f"/campaigns/{campaign}/opinion-map")["your_group"] == letters[-1]
        said.append([(s, line_of(1, n + 6)) for n, s in enumerate(ideas[6:13])])
        view = drawn(api, campaign, sum(map(len, said)))
        again = [house.api(p["token"]).get(f"/campaigns/{campaign}/opinion-map")["your_group"] for p in people]
        assert again == letters, "groups have changed their letters"

    with story.scene("people are asked about what has had fewest answers, each about another idea"):
        counts = collections.Counter(s for o in said for s, _ in o)
        fresh = [house.api(p["token"]) for p in house.people([f"Fresh {n}" for n in range(12)])]
        shown = [f.get(f"/campaigns/{campaign}/opinions")["subject_id"] for f in fresh]
        assert len(set(shown)) > 3, shown
        least = sorted(ideas, key=lambda s: counts[s])[:16]
        assert set(shown) <= {s for s in ideas if counts[s] <= counts[least[-1]]}, shown

    with story.scene("the file of opinions gives `manyhands groups` the same groups; it names nobody"):
        text = csv_of(api, campaign)
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == sum(map(len, said))
        assert not any(p["person_id"] in text or p["name"] in text for p in people)
        path = house.folder / "opinions.csv"
        path.write_text(text)
        found = list(csv.DictReader(io.StringIO(house.run("groups", path)[0])))
        sizes = sorted(collections.Counter(r["group"] for r in found if r["group"]).values())
        assert sizes == sorted(g["size"] for g in view["groups"]), sizes
        assert house.run("export", "opinions", campaign)[0].splitlines() == text.splitlines()
        whole = json.loads(house.run("export", "json", campaign)[0])["opinions"]
        names = {"agree": 1, "pass": 0, "disagree": -1}
        assert {(o["participant"], o["idea_id"], names[o["opinion"]]) for o in whole} == \
               {(r["person"], r["statement"], int(r["vote"])) for r in rows}
        house.run("export", "csv", campaign)
        (house.folder / "all-ideas.csv").write_text(house.run("export", "csv", campaign)[0])
        told, _ = house.run("groups", path, "--show", "representatives", "--comments", house.folder / "all-ideas.csv")
        assert ", idea " in told, told[:300]

    with story.scene("the map that is kept is the one that its opinions give; a map tampered with is found and mended"):
        house.stop()
        right = "0 tallies, 0 ballots, 0 campaign counts, 0 opinion maps differed"
        assert right in house.run("rebuild", "--check")[0]
        for tampering in ("UPDATE opinion_group SET group_size = group_size + 1",
                          "UPDATE opinion_share SET agree = agree - 1",
                          "UPDATE opinion_member SET group_number = 1 - group_number",
                          "DELETE FROM opinion_said WHERE list_name = 'common'",
                          "UPDATE opinion_axis SET axis_x = axis_x + 0.1 WHERE stance_mean > 0.5",
                          "UPDATE subject SET opinion_count = opinion_count + 1"):
            house.database.tamper(tampering)
            assert right not in house.run("rebuild", "--check", expect=1)[0], tampering
            house.run("rebuild")
            assert right in house.run("rebuild", "--check")[0], tampering
        house.start()
        sizes = sorted(g["size"] for g in house.api().get(f"/campaigns/{campaign}/opinion-map")["groups"])
        assert sizes == sorted(g["size"] for g in view["groups"]), sizes


# --- Real people ----------------------------------------------------------------------------------------


def folded(words):
    return " ".join(words.split())


def real_people(story, house, owner):
    if not BIODIVERSITY.is_dir():
        print(f"          left out: the conversation on biodiversity is not there ({BIODIVERSITY})")
        return
    if story.kind != "sqlite" and not story.is_long:
        print("          left out on PostgreSQL, where thirty thousand commits take minutes (--long tells it)")
        return
    api = house.api(house.token_of(owner))
    with open(BIODIVERSITY / "votes.csv", newline="", encoding="utf-8") as file:
        votes = sorted(csv.DictReader(file), key=lambda r: int(r["timestamp"]))
    with open(BIODIVERSITY / "comments.csv", newline="", encoding="utf-8") as file:
        comments = {r["comment-id"]: r for r in csv.DictReader(file)}
    with open(BIODIVERSITY / "participants-votes.csv", newline="", encoding="utf-8") as file:
        published = {row["participant"]: row["group-id"] for row in csv.DictReader(file) if row["group-id"] != ""}

    with story.scene("a real conversation comes in: statements by file, its people's opinions one by one"):
        everything = [{"title": c["comment-body"]} for c in comments.values()]
        path = house.folder / "statements.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["title"])
            writer.writeheader()
            writer.writerows(everything)
        output = house.run("import", "ideas", path, "--open", "--question",
                           "How do we protect the living world around us?")[0]
        campaign = output.splitlines()[-1].split()[5]
        edit = owner.get(f"/campaigns/{campaign}/edit").form("/edit")
        owner.submit(edit.fill(maps_opinions=True))
        ideas = json.loads(house.run("export", "json", campaign)[0])["ideas"]
        idea_of = {folded(i["text"] if i["title"].endswith("…") else i["title"]): i["idea_id"] for i in ideas}
        statement = {number: idea_of[folded(c["comment-body"])] for number, c in comments.items()
                     if folded(c["comment-body"]) in idea_of}
        last = {(v["voter-id"], statement[v["comment-id"]]): int(v["vote"])
                for v in votes if v["comment-id"] in statement}
        words = {1: "agree", 0: "pass", -1: "disagree"}
        said = collections.defaultdict(list)
        for (person, subject), vote in last.items():
            said[person].append((subject, words[vote]))
        tokens = dict(zip(said, house.people([f"Voter {n}" for n in range(len(said))])))
        at_once((give_all, house.api(tokens[p]["token"]), campaign, o) for p, o in said.items())
        print(f"          {len(last)} opinions of {len(said)} people on {len(set(statement.values()))} statements")

    with story.scene("what its moderators took out is hidden; the map finds the groups that were published"):
        out = sorted({statement[n] for n, c in comments.items() if c["moderated"] == "-1" and n in statement}
                     - {statement[n] for n, c in comments.items() if c["moderated"] != "-1" and n in statement})
        for at in range(0, len(out), 100):
            api.post(f"/campaigns/{campaign}/manage/ideas/hide", {"idea_ids": " ".join(out[at:at + 100]),
                     "rule": "off_topic", "reason": "Its moderators took it out."})
        counted = sum(subject not in set(out) for _, subject in last)
        view = drawn(api, campaign, counted, 120)
        sizes = [g["size"] for g in view["groups"]]
        people = [p for p in published if p in said]
        ours = {p: house.api(tokens[p]["token"]).get(f"/campaigns/{campaign}/opinion-map")["your_group"]
                for p in people}
        people = [p for p in people if ours[p]]
        index = adjusted_rand([published[p] for p in people], [ours[p] for p in people])
        print(f"          adjusted Rand index {index:.4f} over {len(people)} people; groups of {sizes}; "
              f"{len(out)} statements hidden")
        assert len(sizes) == 2 and index >= .85 and len(people) > 400, (index, sizes)
        assert all(g["says"] for g in view["groups"]) and view["common"], view
