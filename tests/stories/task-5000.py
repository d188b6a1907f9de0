"""task-5000: five thousand items, three hundred people of mixed quality, each answer paid.

On PostgreSQL a fifth of both, unless it is asked for --long.

What is asked about each is its kind; the truth is known to the story alone. It prints what the work
took and cost, and what asking always three or five would have cost for the same share of right answers.
"""

import collections
import csv
import io
import random
import subprocess

from clients import upload
from manyhands import PROGRAM, days_ahead, wait_until
from workforce import Crew, Worker

KINDS = ["animal", "plant", "food", "tool", "vehicle", "building", "face", "flag"]
PRICE, LEAST, MOST = 5, 2, 7


def hands(chance, truth, count):
    """People by kind: (kind, hand). One in ten answers by chance, one in fifteen belongs to a ring that
    answers the same wrong thing, a quarter is hasty; the others take care."""
    people = []
    for n in range(count):
        if n % 10 == 3:
            people.append(("spammer", lambda item: chance.choice(KINDS)))
        elif n % 15 == 7:
            people.append(("colluding", lambda item: KINDS[len(item["shown"]) % len(KINDS)]))
        else:
            kind, share = ("hasty", 0.78) if n % 4 == 1 else ("careful", 0.95)
            people.append((kind, lambda item, share=share: err(chance, truth[item["shown"]], share)))
    return people


def err(chance, truth, share):
    if chance.random() < share:
        return truth
    return KINDS[(KINDS.index(truth) + chance.choice([1, 1, 2, 3])) % len(KINDS)]


def fixed(chance, truth, people, each):
    """The share that is right when every item is always asked `each` times, by the best method there is."""
    rows = ["task,worker,label"]
    names = list(truth)
    for item in names:
        for who in chance.sample(range(len(people)), each):
            rows.append(f"{item},{who},{people[who][1]({'shown': item})}")
    done = subprocess.run([PROGRAM, "infer", "--method", "auto", "-"], input="\n".join(rows) + "\n",
                          capture_output=True, text=True, check=True, timeout=300)
    found = {row["item"]: row["label"] for row in csv.DictReader(io.StringIO(done.stdout))}
    return sum(found[item] == truth[item] for item in names) / len(names)


def tell(story):
    is_whole = story.kind == "sqlite" or story.is_long
    items, count = (5000, 300) if is_whole else (1000, 60)
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    truth = {f"Picture {n:04}": chance.choice(KINDS) for n in range(items)}
    controls = {f"Control {n:03}": chance.choice(KINDS) for n in range(150)}
    people = hands(chance, {**truth, **controls}, count)
    house = story.installation(with_mail=False)
    house.set_up()
    staff = house.people([f"Worker Number{n}" for n in range(count)])
    house.start()
    owner = house.api(house.token_of(house.owner()))
    organisation = owner.get("/")["organisation_id"]

    with story.scene("a campaign is made, described, filled from a file, paid for and opened"):
        campaign = owner.post(f"/organisations/{organisation}/campaigns", {
            "question": "What is on these pictures?", "kind": "task", "closes_at": days_ahead(30),
            "brief": "The museum wants its collection to be found."}, expect=201)["campaign_id"]
        owner.post(f"/campaigns/{campaign}/tasks/describe", {
            "template": "choose", "ask": "What is on the picture?", "choices": "\n".join(KINDS), "price": "0.05",
            "answers_least": LEAST, "answers_most": MOST, "certainty": 9900, "accept_hours": 0,
            "control_every": 15, "quality_least": 50})
        rows = "id,text,known,why\n" + "".join(f"{n},{name},,\n" for n, name in enumerate(truth))
        rows += "".join(f"c{n},{name},{kind},It can be seen.\n" for n, (name, kind) in enumerate(controls.items()))
        added = owner.post(f"/campaigns/{campaign}/tasks/items", {"file": upload("items.csv", rows.encode())})
        assert (added["added"], added["controls"]) == (items + 150, 150), added
        refused = owner.post(f"/campaigns/{campaign}/open", expect=422)
        assert "budget" in str(refused), refused
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "2500.00", "reason": "The year's budget"})
        owner.post(f"/campaigns/{campaign}/open")

    workers = [Worker(person, hand) for person, (_, hand) in zip(staff, people, strict=True)]
    with story.scene(f"all items are settled by {count} people over 64 connections (chance began with {seed})"):
        crew = Crew(house.port, campaign, workers)
        crew.run()
        desk = owner.get(f"/campaigns/{campaign}/tasks/desk")
        print(f"          {crew.given} answers in {crew.seconds:.1f} s: {crew.given / crew.seconds:.0f} durable answers a "
              f"second; refused: {crew.refused}")
        assert desk["settled"] + desk["undecided"] == items, desk
        assert desk["given"] == crew.given, (desk["given"], crew.given)

    with story.scene("what it found is right, and cost less than always asking as many"):
        results = list(csv.DictReader(io.StringIO(owner.get(f"/campaigns/{campaign}/tasks/results.csv").body.decode())))
        right = sum(truth[row["text"]] == row["answer"] for row in results) / items
        asked = sum(int(row["answers"]) for row in results) / items
        print(f"          {right:.4f} right with {asked:.2f} answers an item, and {crew.given / items - asked:.2f} controls")
        reached = {each: fixed(chance, truth, people, each) for each in (3, 5, 7)}
        print("          always " + ", ".join(f"{each}: {share:.4f}" for each, share in reached.items()))
        alike = min((each for each, share in reached.items() if share >= right), default=None)
        cost = crew.given / items
        if alike:
            print(f"          {1 - cost / alike:.0%} saved against always {alike}, controls included")
        assert right >= reached[3], (right, reached)

    with story.scene("spammers are found; nobody honest is flagged"):
        told = {w["person_id"]: w for w in owner.get(f"/campaigns/{campaign}/tasks/workers")["workers"]}
        found = collections.Counter(kind for person, (kind, _) in zip(staff, people, strict=True)
                                    if told.get(person["person_id"], {}).get("state") == "stopped")
        of = collections.Counter(kind for kind, _ in people)
        print("          asked no more: " + ", ".join(f"{found[kind]} of {of[kind]} {kind}" for kind in sorted(of)))
        assert found["careful"] == found["hasty"] == 0, found
        assert found["spammer"] >= 0.8 * of["spammer"], found

    with story.scene("everybody has earned what was answered; the ledger balances"):
        for worker in workers[:20]:
            mine = house.api(worker.token).get(f"/campaigns/{campaign}/tasks/mine")["worker"]
            assert mine["earned"] == f"{len(worker.given) * PRICE / 100:.2f} EUR", (mine, len(worker.given))
        desk = owner.get(f"/campaigns/{campaign}/tasks/desk")
        assert desk["earned"] == f"{crew.given * PRICE / 100:.2f} EUR", (desk["earned"], crew.given)
        house.run("ledger", "check")
        owner.post(f"/campaigns/{campaign}/close", {"reason": "All is done."})
        wait_until(lambda: owner.get(f"/campaigns/{campaign}/tasks/desk")["held"] == "0.00 EUR", 20,
                   "what is held beyond what was given is free again")
        house.run("ledger", "check")
