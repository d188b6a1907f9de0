"""task-races: tiny tasks leased and answered over 64 connections while the server is killed and a clock jumps.

No item is ever with more people than are wanted, nobody answers one twice, no acknowledged answer is lost,
none is paid twice, and the ledger balances. On PostgreSQL two servers share the work, and the clock of one
of them jumps by an hour; on SQLite the one server's does. Some people take items and vanish.
"""

import csv
import io
import random
import threading
import time

from clients import upload
from manyhands import days_ahead, wait_until
from workforce import Crew, Worker

LEAST, MOST, PRICE = 2, 3, 1
HOUR_S = 3600
OVER = "SELECT task_item_id, given, out_count, wanted FROM task_item WHERE given + out_count > wanted"
# Counts that are not what the answers say.
MISCOUNTED = """
SELECT i.task_item_id, i.given, i.out_count FROM task_item i
 WHERE i.given <> (SELECT count(*) FROM task_answer a WHERE a.task_item_id = i.task_item_id
                    AND a.answer_state IN ('given', 'accepted'))
    OR i.out_count <> (SELECT count(*) FROM task_answer a WHERE a.task_item_id = i.task_item_id AND a.answer_state = 'out')"""


def tell(story):
    items, kills = (34000, 20) if story.is_long else (1500, 8)
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    cluster = story.cluster() if story.kind == "postgresql" else None
    first = story.installation(with_mail=False, cluster=cluster and cluster.url)
    first.set_up()
    servers = [first]
    if cluster:
        servers.append(story.twin(first))
    staff = first.people([f"Racer Number{n}" for n in range(128)])
    for server in servers:
        server.start()
    owner = first.api(first.token_of(first.owner()))
    organisation = owner.get("/")["organisation_id"]

    with story.scene(f"a campaign with {items} tiny tasks is open"):
        campaign = owner.post(f"/organisations/{organisation}/campaigns", {
            "question": "Is the number even?", "kind": "task", "closes_at": days_ahead(30)}, expect=201)["campaign_id"]
        owner.post(f"/campaigns/{campaign}/tasks/describe", {
            "template": "choose", "ask": "Is it even?", "choices": "even\nodd", "price": "0.01",
            "answers_least": LEAST, "answers_most": MOST, "certainty": 9000, "accept_hours": 0, "lease_minutes": 1,
            "control_every": 20, "quality_least": 0})
        rows = "id,text,known\n" + "".join(f"{n},{n},{['even', 'odd'][n % 2] if n % 50 == 0 else ''}\n" for n in range(items))
        owner.post(f"/campaigns/{campaign}/tasks/items", {"file": upload("items.csv", rows.encode())})
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "5000", "reason": "The race"})
        owner.post(f"/campaigns/{campaign}/open")

    workers = [Worker(person, lambda item: ["even", "odd"][int(item["shown"]) % 2]) for person in staff]
    crew = Crew([s.port for s in servers], campaign, workers, vanish=0.01, chance=chance)
    with story.scene(f"all are settled although servers are killed {kills} times and a clock jumps (chance began with {seed})"):
        run = threading.Thread(target=crew.run, daemon=True)
        run.start()
        for n in range(kills):
            before = crew.given
            wait_until(lambda before=before: crew.given > before + 20 or not run.is_alive(), 90, "some answers")
            time.sleep(chance.uniform(0, 0.8))
            victim = servers[n % len(servers)]
            assert not first.database.ask(OVER), first.database.ask(OVER)
            victim.kill()
            jumps = n >= kills // 2 and victim is servers[-1]
            victim.start(clock_offset_s=HOUR_S if jumps and n < kills - 2 else 0)
        wait_until(lambda: not run.is_alive(), 1800 if story.is_long else 300, "the end of the work")
        print(f"          {crew.given} answers acknowledged in {crew.seconds:.0f} s, {crew.cut_off} requests cut off, "
              f"refused: {crew.refused}")
        assert crew.cut_off > 0

    with story.scene("no acknowledged answer is lost, nobody answers an item twice, none has more than were wanted"):
        for worker in workers:
            mine = everything(first.api(worker.token), campaign)
            assert len(mine) == len(set(mine)), "somebody answered an item twice"
            unsure = worker.maybe | set(worker.given)
            assert set(worker.given) <= set(mine) <= unsure | {i["shown"] for i in worker.items}, \
                (set(worker.given) - set(mine), set(mine) - unsure)
        assert not first.database.ask(OVER), first.database.ask(OVER)
        assert not first.database.ask(MISCOUNTED), first.database.ask(MISCOUNTED)[:5]
        desk = owner.get(f"/campaigns/{campaign}/tasks/desk")
        assert desk["settled"] + desk["undecided"] == items - items // 50 - (items % 50 > 0), desk

    with story.scene("nothing is paid twice, and the ledger balances"):
        kept = list(csv.DictReader(io.StringIO(owner.get(f"/campaigns/{campaign}/tasks/answers.csv").body.decode())))
        assert sum(len(w.given) for w in workers) <= len(kept)
        desk = owner.get(f"/campaigns/{campaign}/tasks/desk")
        assert desk["earned"] == f"{len(kept) * PRICE / 100:.2f} EUR", (desk["earned"], len(kept))
        twice = first.database.ask("SELECT concerns, count(*) FROM ledger_entry WHERE entry_kind = 'earn' "
                                   "GROUP BY concerns HAVING count(*) > 1")
        assert not twice, twice[:5]
        first.run("ledger", "check")


def everything(api, campaign):
    """What a person has answered, by what the items show."""
    page = api.get(f"/campaigns/{campaign}/tasks/mine")
    shown = [a["shown"] for a in page["answers"]]
    while page["next_cursor"]:
        page = api.get(f"/campaigns/{campaign}/tasks/mine?cursor={page['next_cursor']}")
        shown += [a["shown"] for a in page["answers"]]
    return shown
