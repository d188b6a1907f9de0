"""tasks-fair: what makes campaigns of tasks fair and fitting.

Practice before the first paid item, what an hour brings before it opens, a test that lets people in, controls
that turn out to be wrong, and mails about rejections.
"""

import time

from clients import upload
from manyhands import days_ahead, wait_until

WORK = {"template": "choose", "ask": "Which animal is it?", "choices": "cat\ndog\nbird", "price": "0.10",
        "answers_least": 2, "answers_most": 3, "certainty": 9000, "accept_hours": 24, "control_every": 0,
        "reject_percent": 50, "lease_minutes": 10, "quality_least": 0}
RIGHT = {"meow": "cat", "woof": "dog", "tweet": "bird", "hiss": "cat", "bark": "dog", "chirp": "bird"}


class World:
    def __init__(self, story):
        self.house = story.installation()
        self.house.set_up()
        names = ["Ann Lee", "Bo Ito", "Cem Kaya", "Dora Weiss"]
        self.people = [(self.house.api(p["token"]), p) for p in self.house.people(names)]
        self.house.start()
        self.browser = self.house.owner()
        self.owner = self.house.api(self.house.token_of(self.browser))
        self.organisation = self.owner.get("/")["organisation_id"]

    def later(self, seconds):
        self.house.restart(clock_offset_s=seconds)
        for api in (self.owner, *(who for who, _ in self.people)):
            api.line.close()

    def campaign(self, question, rows, **rules):
        made = self.owner.post(f"/organisations/{self.organisation}/campaigns",
                               {"question": question, "kind": "task", "closes_at": days_ahead(60)}, expect=201)["campaign_id"]
        desk = f"/campaigns/{made}/tasks"
        self.owner.post(f"{desk}/describe", WORK | rules)
        if rows:
            self.owner.post(f"{desk}/items", {"file": upload("items.csv", rows.encode())})
        return made, desk

    def open(self, campaign, amount="20"):
        self.owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": amount, "reason": "Invoice 1"})
        self.owner.post(f"/campaigns/{campaign}/open")


def tell(story):
    world = World(story)
    practice(story, world)


PRACTICE = ("id,text,known,why,practice\n1,meow,,,\n2,woof,,,\n3,tweet,,,no\n"
            "p1,hiss,cat,Cats hiss when they are afraid.,yes\np2,bark,dog,,yes\np3,chirp,bird,,yes\n")


def tries(who, desk, right=True, pause=0.0):
    """One round of practice; what was told after each."""
    told = []
    for _ in range(3):
        item = who.post(f"{desk}/practice")
        shown = item["asked"]["shown"]
        assert item["is_asked"] and who.get(f"{desk}/practice")["asked"]["shown"] == shown, item
        time.sleep(pause)
        answer = RIGHT[shown] if right else "bird" if RIGHT[shown] != "bird" else "cat"
        told.append(who.post(f"{desk}/practice/{item['task_practice_id']}", {"answer": answer})["told"])
    return told


def practice(story, world):
    owner, (ann, _), (bo, _) = world.owner, *world.people[:2]

    with story.scene("items whose column practice says yes are to practise on: they cost nothing and are never work"):
        campaign, desk = world.campaign("Which animals are these?", "")
        refused = owner.post(f"{desk}/items", {"file": upload("i.csv", b"text,practice\nmeow,yes\n")}, expect=422)
        assert "needs its known answer" in str(refused), refused
        added = owner.post(f"{desk}/items", {"file": upload("items.csv", PRACTICE.encode())})
        assert (added["added"], added["controls"], added["practice"]) == (3, 0, 3), added
        seen = owner.get(f"{desk}/desk")
        assert (seen["items"], seen["cost_least"], seen["practised"]["items"]) == (3, "0.60 EUR", 3), seen

    with story.scene("the team tries a draft itself, and reads at once what is right and why; others do not see it"):
        ann.get(f"{desk}/practice", expect=404)
        assert owner.get(f"{desk}/desk")["estimate"]["is_known"] is False
        world.browser.get(f"{desk}/desk").says("There is no estimate from practice yet")
        told = tries(owner, desk, pause=0.4)
        assert all(t["is_right"] for t in told) and told[0]["why"] == "Cats hiss when they are afraid.", told
        owner.post(f"{desk}/practice/{owner.get(f'{desk}/practice')['task_practice_id']}", {"answer": "cat"}, expect=409)

    with story.scene("five timed first tries are an estimate; trying again adds none"):
        assert owner.get(f"{desk}/desk")["estimate"]["times"] == 3
        tries(owner, desk)
        assert owner.get(f"{desk}/desk")["estimate"]["times"] == 3
        world.open(campaign)
        told = tries(ann, desk, right=False, pause=0.4)
        assert not any(t["is_right"] for t in told) and told[1]["right_answer"] == "dog", told
        estimate = owner.get(f"{desk}/desk")["estimate"]
        assert estimate["is_known"] and estimate["times"] == 6 and estimate["hours_least"] and estimate["hourly"], estimate
        amounts = [float(estimate[k].split()[0]) for k in ("hourly_slow", "hourly", "hourly_quick")]
        assert amounts == sorted(amounts) and 60 < amounts[1] <= 900, estimate
        assert ann.get(desk)["hourly_practice"] == estimate["hourly"]

    with story.scene("nothing counts: who practised has answered nothing, earned nothing and broken nothing"):
        ann.get(f"{desk}/mine")
        assert owner.get(f"{desk}/desk")["given"] == 0 and not owner.get(f"{desk}/workers")["workers"]
        shown = {i["shown"] for i in bo.post(f"{desk}/take", {"count": 5})["items"]}
        assert shown == {"meow", "woof", "tweet"}, shown

    pay(story, world)


def pay(story, world):
    owner = world.owner
    floor = f"/organisations/{world.organisation}/work"

    def drafted(question, **rules):
        campaign, desk = world.campaign(question, PRACTICE, **rules)
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "5", "reason": "Invoice 2"})
        return campaign, desk

    with story.scene("an organisation sets a floor for its own campaigns; nonsense is refused"):
        assert owner.get(floor)["has_floor"] is False
        owner.post(floor, {"floor": "lots", "currency": "EUR"}, expect=422)
        owner.post(floor, {"floor": "5", "currency": "XXQ"}, expect=422)
        owner.post(floor, {"floor": "13.90", "currency": "EUR"})
        assert owner.get(floor)["floor"] == "13.90 EUR"
        world.people[0][0].post(floor, {"floor": "0"}, expect=403)

    with story.scene("below the floor desk and opening warn, and it opens all the same"):
        campaign, desk = drafted("Cheap animals?", price="0.01")
        assert owner.get(f"{desk}/desk")["estimate"]["floor_seconds"] == 2
        world.browser.get(f"/campaigns/{campaign}/manage").says("Nobody knows yet whether it does")
        tries(owner, desk, pause=3.2)
        told = owner.get(f"{desk}/desk")["estimate"]
        assert told["times"] == 3 and not told["is_below"], told
        world.open(campaign)
        tries(world.people[1][0], desk, pause=3.2)
        seen = owner.get(f"{desk}/desk")["estimate"]
        assert seen["is_below"] and seen["floor"] == "13.90 EUR" and not seen["from_work"], seen
        world.browser.get(f"{desk}/desk").says("Your organisation wants at least 13.90 EUR")

    with story.scene("a campaign in another currency is not compared, and says so"):
        other, other_desk = drafted("Animals abroad?", currency="CHF")
        seen = owner.get(f"{other_desk}/desk")["estimate"]
        assert seen["is_elsewhere"] and not seen["is_below"], seen
        world.browser.get(f"/campaigns/{other}/manage").says("in another currency")
        owner.post(floor, {"floor": "0", "currency": "EUR"})
        assert owner.get(f"{desk}/desk")["estimate"]["has_floor"] is False
