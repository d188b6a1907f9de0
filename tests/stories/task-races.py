"""task-races: tiny tasks leased and answered over 64 connections while the server is killed and a clock jumps.

No item is ever with more people than are wanted, nobody answers one twice, no acknowledged answer is lost,
none is paid twice, and the ledger balances. On PostgreSQL two servers share the work, and the clock of one
of them jumps by an hour and later back; on SQLite the one server's does. Some people take items and vanish.

1,500 items want two or three answers each, and servers are killed eight times. With --long there are 100,000
before, each of which wants one answer, so that one too many shows at once; servers are killed twenty times,
spread over the whole of the work.
"""

import csv
import io
import random
import threading

from clients import upload
from manyhands import days_ahead, wait_until
from workforce import Crew, Worker

PRICE, CONTROL_EVERY, ITEMS_A_CONTROL, HOUR_S = 1, 20, 50, 3600
OVER = "SELECT task_item_id, given, out_count, wanted FROM task_item WHERE given + out_count > wanted"
LEFT = ("SELECT task_item_id, wanted, given, out_count, takes, judged, confidence FROM task_item WHERE item_state = 'open' "
        "AND is_control = 0 LIMIT 5")
# Counts that are not what the answers say.
MISCOUNTED = """
SELECT i.task_item_id, i.given, i.out_count FROM task_item i
 WHERE i.given <> (SELECT count(*) FROM task_answer a WHERE a.campaign_id = i.campaign_id
                    AND a.task_item_id = i.task_item_id AND a.answer_state IN ('given', 'accepted'))
    OR i.out_count <> (SELECT count(*) FROM task_answer a WHERE a.campaign_id = i.campaign_id
                    AND a.task_item_id = i.task_item_id AND a.answer_state = 'out')"""
PAID_TWICE = "SELECT concerns, count(*) FROM ledger_entry WHERE entry_kind = 'earn' GROUP BY concerns HAVING count(*) > 1"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def tell(story):
    cluster = story.cluster() if story.kind == "postgresql" else None
    first = story.installation(with_mail=False, cluster=cluster and cluster.url)
    first.set_up()
    servers = [first]
    if cluster:
        servers.append(story.twin(first))
    staff = first.people([f"Racer Number{n}" for n in range(128)])
    for server in servers:
        server.start()
    if story.is_long:
        race(story, servers, staff, items=100_000, least=1, most=1, kills=20, patience_s=1200)
    race(story, servers, staff, items=2500, least=2, most=3, kills=8, patience_s=300)
    with story.scene("the ledgers balance, and what was counted is what there is"):
        first.run("ledger", "check")
        first.run("rebuild", "--check")
    if cluster:
        with story.scene("nobody has waited for whom they kept waiting"):
            assert first.database.ask(DEADLOCKS) == [["0"]], cluster.log_of("deadlock detected")


def race(story, servers, staff, items, least, most, kills, patience_s):
    first = servers[0]
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    owner = first.api(first.token_of(first.owner()))
    organisation = owner.get("/")["organisation_id"]

    with story.scene(f"a campaign with {items} tiny tasks is open, {least} to {most} answers each"):
        campaign = owner.post(f"/organisations/{organisation}/campaigns", {
            "question": "Is the number even?", "kind": "task", "closes_at": days_ahead(30)}, expect=201)["campaign_id"]
        owner.post(f"/campaigns/{campaign}/tasks/describe", {
            "template": "choose", "ask": "Is it even?", "choices": "even\nodd", "price": "0.01",
            "answers_least": least, "answers_most": most, "certainty": 90, "accept_hours": 0, "lease_minutes": 1,
            "control_every": CONTROL_EVERY, "quality_least": 0})
        rows = "id,text,known\n" + "".join(
            f"{n},{n},{['even', 'odd'][n % 2] if n % ITEMS_A_CONTROL == 0 else ''}\n" for n in range(items))
        owner.post(f"/campaigns/{campaign}/tasks/items", {"file": upload("items.csv", rows.encode())})
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "5000", "reason": "The race"})
        owner.post(f"/campaigns/{campaign}/open")

    workers = [Worker(person, lambda item: ["even", "odd"][int(item["shown"]) % 2]) for person in staff]
    crew = Crew([s.port for s in servers], campaign, workers, vanish=0.01, chance=chance)
    with story.scene(f"all are settled although servers are killed {kills} times and a clock jumps (chance began with {seed})"):
        run = threading.Thread(target=crew.run, daemon=True)
        run.start()
        for n in range(kills):
            due = items * least * (n + chance.uniform(0, 0.8)) / (kills + 1)
            wait_until(lambda due=due: crew.given > due or not run.is_alive(), patience_s / kills + 90, "some answers")
            if not run.is_alive():  # on a busy machine starting anew takes longer than the rest of the work
                assert n >= kills - 2, f"the work was over before the kill number {n + 1}"
                break
            victim = servers[n % len(servers)]
            assert not first.database.ask(OVER), first.database.ask(OVER)
            victim.kill()
            jumps = n >= kills // 2 and victim is servers[-1]
            victim.start(clock_offset_s=HOUR_S if jumps and n < kills - 2 else 0)
        run.join(patience_s)
        assert not run.is_alive(), (f"the work did not end within {patience_s:.0f} s", first.database.ask(LEFT),
                                    [(len(w.items), w.stopped) for w in workers if not w.is_done][:5])
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
        controls = (items + ITEMS_A_CONTROL - 1) // ITEMS_A_CONTROL
        assert desk["settled"] + desk["undecided"] == items - controls, desk

    with story.scene("nothing is paid twice, and what is paid is what was answered"):
        kept = list(csv.DictReader(io.StringIO(owner.get(f"/campaigns/{campaign}/tasks/answers.csv").body.decode())))
        assert sum(len(w.given) for w in workers) <= len(kept)
        assert len(kept) >= items * least - controls
        desk = owner.get(f"/campaigns/{campaign}/tasks/desk")
        assert desk["earned"] == f"{len(kept) * PRICE / 100:.2f} EUR", (desk["earned"], len(kept))
        twice = first.database.ask(PAID_TWICE)
        assert not twice, twice[:5]


def everything(api, campaign):
    """What a person has answered, by what the items show."""
    page = api.get(f"/campaigns/{campaign}/tasks/mine")
    shown = [a["shown"] for a in page["answers"]]
    while page["next_cursor"]:
        page = api.get(f"/campaigns/{campaign}/tasks/mine?cursor={page['next_cursor']}")
        shown += [a["shown"] for a in page["answers"]]
    return shown
