"""moderation-queue: what nobody on the team has looked at, what needs eyes first and why, and what decisions teach.

The texts are made up: neighbours who ask for things, and people who sell something in the words of honest ones.
"""

import random

from manyhands import wait_until

PATIENCE_S = 60
ASKED = ("More trees would cool the summer", "A safe crossing is missing", "Benches for resting are needed",
         "Better lights would help after dark", "A playground for small children", "A bench in the shade")
PLACES = ("near the park", "beside our school", "behind the station", "in the old town", "around the market",
          "along the river", "at the library")
SOLD = ("Cheap watches for everybody", "Casino bonus for new guests", "Fast loans without questions",
        "Miracle pills for a slim body", "Lucky lottery numbers")
HOW = ("order today", "limited offer", "best price in town", "free delivery", "ask for a discount")
LURE = {"rule": "advertising", "reason": "It sells something."}


def honest(dice, number):
    return f"{dice.choice(ASKED)} {dice.choice(PLACES)} (number {number})"


def sold(dice, number):
    return f"{dice.choice(SOLD)} {dice.choice(PLACES)}, {dice.choice(HOW)} (number {number})"


class Desk:
    """A moderator at one campaign's queue."""

    def __init__(self, api, campaign):
        self.api, self.campaign, self.base = api, campaign, f"/campaigns/{campaign}"
        self.queue = f"{self.base}/manage/moderation"

    def view(self, start=0):
        return self.api.get(f"{self.queue}?from={start}")

    def wait(self, holds, what):
        return wait_until(lambda: (lambda v: v if holds(v) else None)(self.view()), PATIENCE_S, what)

    def until(self, count):
        return self.wait(lambda v: v["waiting_count"] == count and len(v["items"]) == min(count, 50), f"that {count} wait")

    def fine(self, *items):
        return self.api.post(f"{self.queue}/fine", {"keys": " ".join(i["key"] for i in items)})

    def hide(self, *items):
        return self.api.post(f"{self.queue}/hide", {"keys": " ".join(i["key"] for i in items), **LURE})


def signs(item):
    return [r["sign"] for r in item["reasons"]]


def tell(story):
    house = story.installation()
    house.set_up()
    house.start()
    owner = house.api(house.token_of(house.owner()))
    organisation = owner.get("")["organisation_id"]

    def opened(question):
        made = owner.post(f"/organisations/{organisation}/campaigns",
                          {"question": question, "closes_at": "2030-01-01T00:00:00Z"}, expect=201)["campaign_id"]
        owner.post(f"/campaigns/{made}/open")
        return Desk(owner, made)

    people = [house.api(p["token"]) for p in house.people(["Ada Hill", "Ben Lake", "Cem Wood"])]
    desk = opened("What is missing in our quarter?")
    ordered(story, desk, people)
    seen(story, desk, people)
    learnt(story, house, desk, opened, people)
    allowed(story, house, desk, people)
    rebuilt(story, house, desk, people)


def give(person, desk, title, text=""):
    return person.post(f"{desk.base}/ideas", {"title": title, "text": text}, expect=201)["idea_id"]


def ordered(story, desk, people):
    ada, ben, cem = people

    with story.scene("without any decision, what shows signs of spam or haste stands first, each with its reasons"):
        plain = give(ada, desk, "A crossing near the primary school, with lights")
        linked = give(ben, desk, "Everything for your garden", "See https://a.example, https://b.example and www.c.example")
        keys = give(cem, desk, "asdfghjkl is what we need here")
        loud = give(cem, desk, "LISTEN TO ME ALL OF YOU AT ONCE")
        view = desk.until(4)
        assert [i["subject_id"] for i in view["items"]][-1] == plain, view["items"]
        by_id = {i["subject_id"]: i for i in view["items"]}
        assert by_id[plain]["reasons"] == [] and by_id[plain]["attention"] == 0, by_id[plain]
        assert [r["words"] for r in by_id[linked]["reasons"]] == ["3 links"], by_id[linked]
        assert "asdfghjkl" in by_id[keys]["reasons"][0]["words"] and signs(by_id[loud]) == ["capitals"], view["items"]
        weights = [i["attention"] for i in view["items"]]
        assert weights == sorted(weights, reverse=True) and by_id[linked]["author_name"] == "Ben Lake"
        assert (view["decision_count"], view["missing_count"], view["has_model"]) == (0, 50, False), view

    with story.scene("what somebody copies from themselves is told as that, and links to what it is like"):
        first = "Free yoga lessons in the park on Sunday mornings"
        give(ben, desk, first)
        desk.until(5)
        copy = give(ben, desk, "Free yoga lessons in the park on Sunday morning")
        view = desk.wait(lambda v: any(i["subject_id"] == copy and "copied" in signs(i) for i in v["items"]),
                         "that the copy is noticed")
        [item] = [i for i in view["items"] if i["subject_id"] == copy]
        assert set(signs(item)) == {"said_before", "copied"}, item
        assert any(first in r["words"] for r in item["reasons"]), item
        assert view["items"][0]["subject_id"] in (copy, linked), view["items"][:2]

    with story.scene("comments wait as well, and the same words again and again count as copies"):
        advert = "Visit my shop for the best garden tools in town"
        for subject in (plain, linked):
            ada.post(f"{desk.base}/subjects/{subject}/comments", {"text": advert}, expect=201)
        view = desk.wait(lambda v: sum(i["is_comment"] and "copied" in signs(i) for i in v["items"]) >= 1,
                         "that a comment is noticed as a copy")
        assert sum(i["is_comment"] for i in view["items"]) == 2 and view["waiting_count"] == 8


def seen(story, desk, people):
    ada = people[0]

    with story.scene("one that was looked at leaves, one that is hidden too; both are decisions, as is showing it again"):
        view = desk.until(8)
        *_, last = [i for i in view["items"] if not i["is_comment"]]
        assert desk.fine(last) == {"decided": 1, "named": 1}
        assert last["key"] not in [i["key"] for i in desk.until(7)["items"]]
        comments = [i for i in desk.view()["items"] if i["is_comment"]]
        assert desk.hide(*comments) == {"decided": 2, "named": 2}
        view = desk.until(5)
        assert (view["decision_count"], view["hidden_count"], view["missing_count"]) == (3, 2, 47), view
        first = comments[0]
        desk.api.post(f"{desk.base}/subjects/{first['subject_id']}/comments/{first['comment_id']}/show")
        desk.wait(lambda v: (v["decision_count"], v["hidden_count"]) == (3, 1), "that showing again is heard")
        assert desk.view()["waiting_count"] == 5, "what was shown again waits once more"

    with story.scene("hiding an idea on its own page counts, too, and nothing else does"):
        view = desk.view()
        [loud] = [i for i in view["items"] if signs(i) == ["capitals"]]
        desk.api.post(f"{desk.base}/ideas/{loud['subject_id']}/hide", LURE)
        view = desk.until(4)
        assert desk.wait(lambda v: v["decision_count"] == 4, "that it is heard")["hidden_count"] == 2
        give(ada, desk, "A pond with frogs for the school")
        desk.until(5)
        assert desk.view()["decision_count"] == 4

    with story.scene("an idea whose words change waits anew, and nobody can wave through words they did not see"):
        idea = give(ada, desk, "Swings for the little ones")
        [item] = [i for i in desk.until(6)["items"] if i["subject_id"] == idea]
        desk.fine(item)
        desk.until(5)
        ada.post(f"{desk.base}/ideas/{idea}/edit", {"title": "Swings, and cheap watches", "text": "https://watches.example"})
        [again] = [i for i in desk.until(6)["items"] if i["subject_id"] == idea]
        assert again["key"] != item["key"] and "links" in signs(again), again
        assert desk.fine(item) == {"decided": 0, "named": 1} and desk.view()["waiting_count"] == 6
        ada.post(f"{desk.base}/ideas/{idea}/withdraw")
        desk.until(5)

    with story.scene("keys that are none are refused with a sentence, and change nothing"):
        for keys in ("", "nonsense", " ".join(["0" * 12 + "1"] * 101)):
            answer = desk.api.ask("POST", f"{desk.queue}/fine", {"keys": keys})
            assert answer.status == 422, answer
        assert desk.api.post(f"{desk.queue}/fine", {"keys": "0" * 12 + "1"}) == {"decided": 0, "named": 1}
        assert desk.api.ask("POST", f"{desk.queue}/hide", {"keys": "0" * 12 + "1", "rule": "insult"}).status == 422
        assert desk.view()["waiting_count"] == 5


def learnt(story, house, desk, opened, people):
    dice = random.Random(3)
    desk.fine(*desk.until(5)["items"])
    other = opened("What should the new park hold?")

    with story.scene("before fifty decisions, those who sell in plain words stand between all others"):
        titles = {}
        for number in range(60):
            make = sold if number % 3 == 0 else honest
            title = make(dice, number)
            titles[give(people[number % 3], other, title)] = make is sold
        view = other.until(60)
        assert view["missing_count"] > 0 and not view["has_model"], view
        assert not any("learnt" in signs(i) for i in view["items"])

    with story.scene("from fifty on, over all campaigns of the organisation, the order is learnt from them"):
        items = view["items"][:45]
        other.hide(*[i for i in items if titles[i["subject_id"]]])
        other.fine(*[i for i in items if not titles[i["subject_id"]]])
        for number in range(100, 120):
            title = (sold if number % 4 == 0 else honest)(dice, number)
            titles[give(people[number % 3], desk, title)] = number % 4 == 0
        view = desk.wait(lambda v: len(v["items"]) == 20 and v["has_model"], "that a model is learnt")
        assert view["is_used"] and view["decision_count"] >= 50 and view["missing_count"] == 0, view
        assert view["foretold"] > .8 and 0 < view["hidden_count"] < view["decision_count"], view
        first = [titles[i["subject_id"]] for i in view["items"][:5]]
        assert sum(first) >= 4, view["items"][:6]
        told = [r["words"] for r in view["items"][0]["reasons"] if r["sign"] == "learnt"]
        assert told and any(w in told[0].lower() for w in " ".join(SOLD + HOW).lower().split()), view["items"][0]
        print(f"          foretold {view['foretold']:.3f} from {view['decision_count']} decisions; {told[0]}")

    with story.scene("a restart loses nothing of it"):
        compared = "SELECT count(*) FROM moderation_waiting WHERE is_looked_up = 0"
        wait_until(lambda: house.database.ask(compared) == [["0"]], PATIENCE_S, "that all are compared")
        view = desk.view()
        before = [i["key"] for i in view["items"]]
        house.restart()
        again = desk.view()
        assert (again["foretold"], again["decision_count"]) == (view["foretold"], view["decision_count"]), (again["foretold"], again["decision_count"])
        assert [i["key"] for i in again["items"]] == before

    with story.scene("the page says the same in plain words, and its buttons work without a script"):
        browser = house.owner()
        page = browser.get(f"{desk.queue}")
        page.says("What nobody on your team has looked at yet").says("times out of 100").says("Words your team often hid")
        one = page.form("/moderation/fine")
        answer = browser.submit(one)
        answer.says("Fine: 1.")
        desk.until(19)
        form = next(f for f in answer.forms if f.action.endswith("/moderation/hide"))
        browser.submit(form.fill(rule="advertising", reason="It sells something.")).says("Hidden, and their authors are told why: 1.")
        desk.until(18)
        refused = browser.submit(next(f for f in browser.get(desk.queue).forms if f.action.endswith("/moderation/hide"))
                                 .fill(reason="x"), expect=422)
        assert "reason" in refused.problems, refused.problems
        desk.until(18)


def allowed(story, house, desk, people):
    with story.scene("only the team sees the queue, and no one is told who decided"):
        assert people[0].ask("GET", desk.queue).status == 403
        assert people[0].ask("POST", f"{desk.queue}/fine", {"keys": "0" * 13}).status == 403
        assert house.api().ask("GET", desk.queue).status == 401
        acts = desk.api.get(f"{desk.base}/export.json")["moderation"]
        assert {a["verdict"] for a in acts} == {"fine", "hidden", "shown"} and "person_id" not in acts[0], acts[:2]


def rebuilt(story, house, desk, people):
    with story.scene("what waits, found anew from the facts, is what is kept; what was tampered with is put right"):
        assert " 0 wait wrongly" in house.run("rebuild", "--check", expect=None)[0]
        count = desk.view()["waiting_count"]
        [[all_of_them]] = house.database.ask("SELECT count(*) FROM moderation_waiting")
        assert count > 10
        house.database.tamper("DELETE FROM moderation_waiting WHERE comment_id = 0")
        assert desk.view()["waiting_count"] == 0
        assert f" {all_of_them} wait wrongly" in house.run("rebuild", expect=None)[0]
        assert desk.view()["waiting_count"] == count
        assert " 0 wait wrongly" in house.run("rebuild", "--check", expect=None)[0]

    with story.scene("an erased person's words wait no more, and what was made of them is gone"):
        writer = next(i for i in desk.view()["items"] if i["author_name"] == "Ada Hill")
        before = desk.view()
        own = sum(i["author_name"] == "Ada Hill" for i in before["items"])
        assert writer and own > 0
        browser = house.browser()
        browser.submit(browser.get("/sign-in").form("/sign-in/link").fill(email="ada.hill@example.org"))
        browser.submit(browser.get(house.mail.link(house.mail_to("ada.hill@example.org", "Sign in"))).forms[-1])
        browser.submit(browser.get("/account").form("/account/erase").fill(sure=True))
        desk.until(before["waiting_count"] - own)
        [[left]] = house.database.ask(
            "SELECT count(*) FROM moderation m JOIN subject s ON s.campaign_id = m.campaign_id AND s.subject_id = m.subject_id "
            "WHERE m.comment_id = 0 AND s.subject_state = 'erased' AND length(m.sentence) > 0")
        assert left == "0", left
