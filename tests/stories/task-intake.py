"""task-intake: a long list of items comes in while the server is killed, people work, and the money is held.

The list is checked as a whole first. The first thousand are there when the answer comes, the others follow in portions;
nothing is lost, nothing comes twice, and whoever works is never told that all is done while more is to come.
"""

import pathlib
import time

from clients import upload
from manyhands import days_ahead, wait_until

MANY, CONTROLS, PRACTICE, AT_ONCE, SHORT, LEAST = 100_000, 40, 3, 1000, 5000, 2
LEASE_S = 40  # what a killed server held for its job is free again
WORK = {"template": "choose", "ask": "Is it even?", "choices": "even\nodd", "price": "0.01", "answers_least": LEAST,
        "answers_most": LEAST, "accept_hours": 0, "control_every": 0, "quality_least": 0}
KEPT = "SELECT count(*), count(DISTINCT item_key), count(DISTINCT task_item_id) FROM task_item WHERE is_control = {}"


def rows_of(first, count):
    """A list of items to be worked on, with controls and items to practise on at its end."""
    known = lambda n: ["even", "odd"][n % 2]  # noqa: E731
    rows = [f"{n},{n},," for n in range(first, first + count)]
    rows += [f"c{n},{n},{known(n)}," for n in range(CONTROLS)] + [f"p{n},{n},{known(n)},yes" for n in range(PRACTICE)]
    return "id,text,known,practice\n" + "\n".join(rows) + "\n"


def tell(story):
    house = story.installation(with_mail=False)
    house.set_up()
    ann, = house.people(["Ann Lee"])
    house.start()
    browser = house.owner()
    owner, worker = house.api(house.token_of(browser)), house.api(ann["token"])
    organisation = owner.get("/")["organisation_id"]

    def campaign_of(question):
        campaign = owner.post(f"/organisations/{organisation}/campaigns", {
            "question": question, "kind": "task", "closes_at": days_ahead(30)}, expect=201)["campaign_id"]
        owner.post(f"/campaigns/{campaign}/tasks/describe", WORK)
        return campaign, f"/campaigns/{campaign}/tasks"

    def send(desk, rows, expect=200):
        return owner.post(f"{desk}/items", {"file": upload("items.csv", rows.encode())}, expect=expect)

    def seen(desk):
        return owner.get(f"{desk}/desk")

    def are_all_there(desk):
        return seen(desk)["coming"] == 0

    def lists_kept():
        return [p for p in pathlib.Path(house.settings["MANYHANDS_FILES_FOLDER"]).glob("??/??/*")
                if p.read_bytes()[:2] in (b"p ", b"c ", b"i ")]

    def restart(**how):
        house.start(**how)
        for api in owner, worker:
            api.line.close()

    campaign, desk = campaign_of("Are these numbers even?")
    with story.scene("one wrong row at the end of a long list, and nothing of it is kept"):
        wrong = send(desk, rows_of(0, MANY) + "x,,,\n", expect=422)
        assert f"Line {MANY + CONTROLS + PRACTICE + 2}, column “text”" in str(wrong), wrong
        wrong = send(desk, rows_of(0, MANY) + "x,moo,cow,\n", expect=422)
        assert "none of those to choose from" in str(wrong), wrong
        assert (seen(desk)["items"], seen(desk)["coming"]) == (0, 0) and not lists_kept()

    with story.scene("the first thousand are there when the answer comes, those with known answers first"):
        send(desk, "id,text\n7,7\n8,8\nfew,3\n")
        answer = send(desk, rows_of(0, MANY))
        assert answer["controls"] == CONTROLS and answer["practice"] == PRACTICE, answer
        assert AT_ONCE - 500 < answer["added"] <= AT_ONCE, answer
        assert sum(answer[k] for k in ("added", "practice", "known_before", "coming")) == MANY + CONTROLS + PRACTICE, answer
        assert answer["known_before"] == 2, answer
        there = seen(desk)
        assert there["to_do"] == MANY + 1 and there["items"] < MANY and there["coming"] > 0, there
        assert there["cost_least"] == f"{(MANY + 1) * LEAST / 100:.2f} EUR", there
        browser.get(f"{desk}/desk").says("the others are checked and follow by themselves")

    with story.scene("what they were checked against stays while they come; something else may change"):
        refused = owner.post(f"{desk}/describe", WORK | {"choices": "even\nodd\nnone"}, expect=422)
        assert "Items are still being added" in str(refused), refused
        owner.post(f"{desk}/describe", WORK | {"instructions": "Look at the last digit."})

    with story.scene("opened meanwhile, the campaign holds what all of them cost, to the cent"):
        cents = (MANY + 1) * LEAST
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": f"{(cents - 1) / 100:.2f}", "reason": "Invoice 1"})
        assert "0.01 EUR more" in str(owner.post(f"/campaigns/{campaign}/open", expect=422))
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "0.01", "reason": "Invoice 2"})
        owner.post(f"/campaigns/{campaign}/open")
        there = seen(desk)
        assert there["coming"] > 0 and there["held"] == f"{cents / 100:.2f} EUR", there

    with story.scene("killed again and again while they come, and nothing is lost, and nothing comes twice"):
        kills, before, until = 0, seen(desk)["coming_in"], time.monotonic() + 120
        while (there := seen(desk))["coming"] > 0:
            assert there["coming_in"] >= before and there["to_do"] == MANY + 1, (there, before)
            assert time.monotonic() < until, there
            if there["coming_in"] > before and kills < 6:
                before = there["coming_in"]
                house.kill()
                kills += 1
                restart(clock_offset_s=kills * LEASE_S)
        assert kills > 1, "they were all there at once"
        print(f"          killed {kills} times")
        wait_until(lambda: not lists_kept(), 20, "the list is gone")
        assert house.database.ask(KEPT.format(0)) == [[str(MANY + 1)] * 3], house.database.ask(KEPT.format(0))
        assert house.database.ask(KEPT.format(1)) == [[str(CONTROLS)] * 3], house.database.ask(KEPT.format(1))
        assert not house.database.ask("SELECT 1 FROM task_intake")
        there = seen(desk)
        assert there["items"] == MANY + 1 + CONTROLS and there["to_do"] == MANY + 1, there
        assert (there["held"], there["budget"]) == (f"{cents / 100:.2f} EUR", "0.00 EUR"), there
        house.run("ledger", "check")
        house.run("rebuild", "--check")

    with story.scene("a long list that the budget does not cover is refused, and leaves nothing"):
        refused = send(desk, rows_of(MANY, 2 * SHORT), expect=422)
        assert "0.00 EUR, and the answers that are wanted cost 200.00 EUR more" in str(refused), refused
        assert seen(desk)["to_do"] == MANY + 1 and not lists_kept()

    with story.scene("sent twice at once, a list comes once, and what was held for it twice is free again"):
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "400", "reason": "Invoice 3"})
        for _ in range(2):
            send(desk, rows_of(MANY, 2 * SHORT))
        wait_until(lambda: are_all_there(desk) and not lists_kept(), 60, "all are there")
        wait_until(lambda: seen(desk)["budget"] == "200.00 EUR", 20, "what was held for nothing is free")
        assert seen(desk)["to_do"] == MANY + 1 + 2 * SHORT, seen(desk)
        house.run("ledger", "check")
        house.run("rebuild", "--check")

    with story.scene("who has answered all that is there is told of more, and is not told that all is done"):
        waiting, second = campaign_of("And these?")
        owner.post(f"/campaigns/{waiting}/money/deposit", {"amount": "400", "reason": "Invoice 4"})
        send(second, "id,text\n1,1\n")
        owner.post(f"/campaigns/{waiting}/open")
        item, = worker.post(f"{second}/take", {"count": 1})["items"]
        send(second, rows_of(2, 2 * SHORT))
        left = worker.post(f"{second}/{item['task_item_id']}/give", {"fence": item["fence"], "answer": "odd", "count": 1})
        assert left["items"], left
        wait_until(lambda: are_all_there(second), 60, "all are there")
        worker.get(second)
        house.run("ledger", "check")

    with story.scene("closed while they come, they come nevertheless, and no money stays held for them"):
        send(second, rows_of(20_000, SHORT + 1000))
        owner.post(f"/campaigns/{waiting}/close", {"reason": "Enough is known."})
        wait_until(lambda: are_all_there(second) and not lists_kept(), 60, "all are there")
        wait_until(lambda: seen(second)["held"] in ("0.00 EUR", "0.01 EUR"), 60, "nothing is held for them")
        assert seen(second)["to_do"] == 1 + 2 * SHORT + SHORT + 1000, seen(second)
        house.run("ledger", "check")
        house.run("rebuild", "--check")

    with story.scene("a short list is there as a whole"):
        _, other = campaign_of("And these five thousand?")
        answer = send(other, rows_of(0, SHORT - CONTROLS - PRACTICE))
        assert (answer["added"], answer["coming"]) == (SHORT - PRACTICE, 0), answer
