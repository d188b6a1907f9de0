"""tasks-first: a small campaign of tasks from the description to the last cent, with everything that goes wrong.

Times run out, items are skipped and reported, answers are rejected and paid after an appeal, the price rises,
the budget ends.
"""

import csv
import io
import json

from clients import upload
from manyhands import days_ahead, wait_until

WORK = {"template": "choose", "ask": "Which animal is it?", "choices": "cat\ndog\nbird", "price": "0.10",
        "answers_least": 2, "answers_most": 3, "certainty": 90, "accept_hours": 24, "control_every": 0,
        "reject_percent": 50, "lease_minutes": 1, "quality_least": 0}
RIGHT = {"meow": "cat", "woof": "dog", "tweet": "bird", "hiss": "cat"}


def tell(story):
    house = story.installation(with_mail=False)
    house.set_up()
    ann, bo, cem, dora = [(house.api(p["token"]), p) for p in house.people(["Ann Lee", "Bo Ito", "Cem Kaya", "Dora Weiss"])]
    max_, = house.people(["Max Frey"], scope="manage")
    house.start()
    browser = house.owner()
    owner = house.api(house.token_of(browser))
    organisation = owner.get("/")["organisation_id"]
    manager = house.api(max_["token"])  # a second pair of eyes in the team
    owner.post(f"/organisations/{organisation}/team", {"email": max_["email"], "role": "manager"})

    def later(seconds):
        house.restart(clock_offset_s=seconds)
        for api in (owner, manager, *(who[0] for who in (ann, bo, cem, dora))):
            api.line.close()

    with story.scene("the work is described; what does not fit is named beside its field"):
        campaign = owner.post(f"/organisations/{organisation}/campaigns", {
            "question": "Which animals are these?", "kind": "task", "closes_at": days_ahead(30)}, expect=201)["campaign_id"]
        desk = f"/campaigns/{campaign}/tasks"
        for change, field in (({"choices": "cat"}, "choices"), ({"price": "0"}, "price"), ({"price": "0.001"}, "price"),
                              ({"currency": "XXQ"}, "currency"), ({"answers_most": 1}, "answers_most")):
            refused = owner.post(f"{desk}/describe", WORK | change, expect=422)
            assert [p["field"] for p in refused["problems"]] == [field], (change, refused)
        owner.post(f"{desk}/describe", WORK)
        assert owner.post(f"/campaigns/{campaign}/open", expect=422)["problems"][0]["message"].startswith("There are no items")

    with story.scene("a file with a wrong row adds nothing and names the row; a good one adds its items once"):
        wrong = owner.post(f"{desk}/items", {"file": upload("items.csv", b"id,text,known\n1,meow,\n2,,\n")}, expect=422)
        assert "Line 3, column “text”" in str(wrong), wrong
        assert owner.get(f"{desk}/desk")["items"] == 0
        good = b"id,text,shelf\n1,meow,7\n2,woof,8\n3,tweet,9\n4,hiss,9\n"
        assert owner.post(f"{desk}/items", {"file": upload("items.csv", good)})["added"] == 4
        again = owner.post(f"{desk}/items", {"file": upload("items.csv", good)})
        assert (again["added"], again["known_before"]) == (0, 4), again
        none_of_them = owner.post(f"{desk}/items", {"file": upload("i.csv", b"text,known\nmoo,cow\n")}, expect=422)
        assert "none of those to choose from" in str(none_of_them), none_of_them

    with story.scene("it opens when what is wanted is paid for, and holds exactly that"):
        assert "0.80 EUR more" in str(owner.post(f"/campaigns/{campaign}/open", expect=422))
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": "1.50", "reason": "Invoice 1"})
        owner.post(f"/campaigns/{campaign}/open")
        seen = owner.get(f"{desk}/desk")
        assert (seen["held"], seen["budget"]) == ("0.80 EUR", "0.70 EUR"), seen

    with story.scene("a draft of other kinds' pages is not there for it, and its page is where it should be"):
        ann[0].get(f"/campaigns/{campaign}/ideas/similar?title=x", expect=404)
        owner.get(f"/campaigns/{campaign}/manage/themes", expect=404)
        browser.get(f"/campaigns/{campaign}").says("Which animals are these?")

    with story.scene("an item is never twice with one person, nor with more people than are wanted"):
        held = [i for who in (ann, bo, cem) for i in who[0].post(f"{desk}/take", {"count": 4})["items"]]
        assert len(held) == 8 and max(sum(i["shown"] == t for i in held) for t in ("meow", "woof", "tweet", "hiss")) == 2, held
        for who in (ann, bo, cem):
            mine = [i["shown"] for i in who[0].get(f"{desk}/work")["items"]]
            assert len(mine) == len(set(mine)), mine
        assert not dora[0].post(f"{desk}/take", {"count": 4})["items"]

    with story.scene("an answer must be one of the choices, and come from whoever has the item"):
        item = ann[0].get(f"{desk}/work")["items"][0]
        give = f"{desk}/{item['task_item_id']}/give"
        ann[0].post(give, {"fence": item["fence"], "answer": "cow"}, expect=422)
        bare = dora[0].post(give, {"fence": item["fence"], "answer": "cat"}, expect=409)
        assert bare["code"] == "not_yours", bare
        ann[0].post(give, {"fence": item["fence"] + 1, "answer": "cat"}, expect=409)
        ann[0].post(give, {"fence": item["fence"], "answer": RIGHT[item["shown"]], "count": 0})
        assert ann[0].post(give, {"fence": item["fence"], "answer": "dog"}, expect=409)["code"] == "not_yours"

    with story.scene("what runs out of time goes to others; a late answer counts while there is room"):
        late = bo[0].get(f"{desk}/work")["items"][0]
        later(120)
        wait_until(lambda: owner.get(f"{desk}/desk")["out"] == 0, 20, "all time ran out")
        bo[0].post(f"{desk}/{late['task_item_id']}/give", {"fence": late["fence"], "answer": RIGHT[late["shown"]], "count": 0})
        taken = dora[0].post(f"{desk}/take", {"count": 4})["items"]
        assert taken, "nothing came back"

    with story.scene("who skips is not given the item again; what three people report is set aside"):
        first = dora[0].get(f"{desk}/work")["items"][0]
        after = dora[0].post(f"{desk}/{first['task_item_id']}/skip", {"fence": first["fence"], "reason": "unsure", "count": 4})
        assert first["task_item_id"] not in [i["task_item_id"] for i in after["items"]], after
        owner.post(f"{desk}/items", {"file": upload("b.csv", b"id,text\nbroken,???\n")})
        target = next(i for i in owner.get(f"{desk}/items")["items"] if i["item_key"] == "broken")
        for who in (ann, bo, cem, dora):
            for i in who[0].post(f"{desk}/take", {"count": 5})["items"]:
                if i["task_item_id"] == target["task_item_id"]:
                    who[0].post(f"{desk}/{i['task_item_id']}/skip", {"fence": i["fence"], "reason": "broken", "count": 0})
        assert owner.get(f"{desk}/items?state=broken")["items"][0]["reports"] == 3

    with story.scene("everything else is answered and settled"):
        def round_of_work():
            for who in (ann, bo, cem, dora):
                for i in who[0].post(f"{desk}/take", {"count": 5})["items"]:
                    who[0].post(f"{desk}/{i['task_item_id']}/give", {"fence": i["fence"], "answer": RIGHT[i["shown"]], "count": 0})
            return owner.get(f"{desk}/desk")["settled"] == 4

        wait_until(round_of_work, 30, "all four are settled")

    fairness(story, house, owner, manager, campaign, desk, {"ann": ann, "bo": bo, "cem": cem, "dora": dora})
    what_is_wanted_is_held(story, house, owner, organisation, [who[0] for who in (ann, bo, cem, dora)], later)
    the_end(story, house, owner, campaign, desk)


def fairness(story, house, owner, manager, campaign, desk, people):
    with story.scene("an answer is rejected by a rule and with a reason, and no more of them than allowed"):
        item = owner.get(f"{desk}/items?state=settled")["items"][0]
        given = owner.get(f"{desk}/{item['task_item_id']}")["answers"]
        target = given[0]["task_answer_id"]
        before = owner.get(f"{desk}/desk")
        owner.post(f"/campaigns/{campaign}/answers/{target}/reject", {"rule": "unrelated", "reason": "It shows no animal."})
        owner.post(f"/campaigns/{campaign}/answers/{target}/reject", {"rule": "unrelated", "reason": "It shows no animal."}, expect=409)
        refused = 0
        for row in owner.get(f"{desk}/items?state=settled")["items"]:
            for answer in owner.get(f"{desk}/{row['task_item_id']}")["answers"]:
                if answer["may_reject"]:
                    status = owner.ask("POST", f"/campaigns/{campaign}/answers/{answer['task_answer_id']}/reject",
                                       {"rule": "empty", "reason": "A test of limits."}).status
                    refused += status == 409
        assert refused > 0, "half of them is the limit"
        assert owner.get(f"{desk}/desk")["rejected"] * 2 <= before["given"]

    with story.scene("the worker reads why and appeals once; who rejected it cannot decide; overturned it is paid"):
        rejected = []
        for who, _ in people.values():
            for answer in who.get(f"{desk}/mine")["answers"]:
                if answer["state"] == "rejected":
                    assert answer["rule"] and answer["reason"] and answer["may_appeal"], answer
                    rejected.append((who, answer["task_answer_id"]))
        for who, answer in rejected:
            who.post(f"/campaigns/{campaign}/answers/{answer}/appeal", {"text": "Look at the whiskers again, please."})
            who.post(f"/campaigns/{campaign}/answers/{answer}/appeal", {"text": "And once more, please."}, expect=409)
        decide = f"/campaigns/{campaign}/answers/{rejected[0][1]}/decide"
        assert owner.post(decide, {"overturn": True, "reason": "You are right."}, expect=403)["code"] == "own_rejection"
        manager.post(decide, {"overturn": True, "reason": "You are right."})
        manager.post(decide, {"overturn": True, "reason": "You are right."}, expect=409)
        paid = next(a for a in rejected[0][0].get(f"{desk}/mine")["answers"] if a["task_answer_id"] == rejected[0][1])
        assert paid["state"] == "accepted" and paid["appeal_answer"] == "You are right.", paid
        for _, answer in rejected[1:]:
            manager.post(f"/campaigns/{campaign}/answers/{answer}/decide", {"reason": "It stays empty."})
        house.run("ledger", "check")

    with story.scene("the price may rise and not fall while people rely on it"):
        refused = owner.post(f"{desk}/describe", WORK | {"price": "0.05"}, expect=422)
        assert [p["field"] for p in refused["problems"]] == ["price"], refused
        owner.post(f"{desk}/describe", WORK | {"choices": "cat\ndog"}, expect=422)
        owner.post(f"{desk}/describe", WORK | {"price": "0.11"})

    with story.scene("one more answer is asked for, as long as the budget covers it"):
        item = owner.get(f"{desk}/items")["items"][0]["task_item_id"]
        statuses = [owner.ask("POST", f"{desk}/{item}/ask", {}).status for _ in range(30)]
        assert statuses[0] == 200 and statuses[-1] == 409, statuses
        house.run("ledger", "check")


def what_is_wanted_is_held(story, house, owner, organisation, people, later):
    ann, bo, cem, dora = people
    campaign = owner.post(f"/organisations/{organisation}/campaigns", {
        "question": "And which are these?", "kind": "task", "closes_at": days_ahead(30)}, expect=201)["campaign_id"]
    desk, rules = f"/campaigns/{campaign}/tasks", WORK | {"answers_least": 2, "answers_most": 3, "certainty": 60}

    def pay_in(amount):
        owner.post(f"/campaigns/{campaign}/money/deposit", {"amount": amount, "reason": "Invoice"})

    def money():
        seen = owner.get(f"{desk}/desk")
        return seen["held"], seen["budget"]

    def add(text):
        owner.post(f"{desk}/items", {"file": upload("items.csv", f"id,text\n{text},{text}\n".encode())})
        return next(i["task_item_id"] for i in owner.get(f"{desk}/items")["items"] if i["item_key"] == text)

    def item(which):
        return owner.get(f"{desk}/{which}")["item"]

    def answer(who):
        for held in who.post(f"{desk}/take", {"count": 1})["items"]:
            who.post(f"{desk}/{held['task_item_id']}/give", {"fence": held["fence"], "answer": "cat", "count": 0})

    with story.scene("what may come back after the price rose is held at the new price"):
        owner.post(f"{desk}/describe", rules)
        meow = add("meow")
        pay_in("0.22")
        owner.post(f"/campaigns/{campaign}/open")
        for who in (ann, bo):
            assert len(who.post(f"{desk}/take", {"count": 1})["items"]) == 1
        assert money() == ("0.20 EUR", "0.02 EUR"), money()
        owner.post(f"{desk}/describe", rules | {"price": "0.12"}, expect=422)
        owner.post(f"{desk}/describe", rules | {"price": "0.11"})
        assert money() == ("0.22 EUR", "0.00 EUR"), money()
        later(300)
        wait_until(lambda: owner.get(f"{desk}/desk")["out"] == 0, 20, "all time ran out")
        for who in (ann, cem):
            answer(who)
        wait_until(lambda: item(meow)["state"] == "settled", 20, "the item is settled")
        house.run("ledger", "check")

    with story.scene("each time one more is asked for, one more is wanted"):
        pay_in("0.22")
        for wanted in (3, 4):
            owner.post(f"{desk}/{meow}/ask")
            assert item(meow)["wanted"] == wanted, item(meow)
        assert money() == ("0.44 EUR", "0.00 EUR"), money()

    with story.scene("an item that opens again asks for nothing that is not paid for"):
        answer(bo)
        wait_until(lambda: item(meow)["state"] == "settled", 20, "it is settled, though four answers were asked for")
        pay_in("0.11")
        woof = add("woof")  # paid for by what was held for the fourth, too
        for who in (ann, bo):
            answer(who)
        wait_until(lambda: item(woof)["state"] == "settled", 20, "the other item is settled")
        assert money() == ("0.55 EUR", "0.00 EUR"), money()
        for given in owner.get(f"{desk}/{meow}")["answers"][:2]:
            owner.post(f"/campaigns/{campaign}/answers/{given['task_answer_id']}/reject",
                       {"rule": "unrelated", "reason": "It shows no animal."})
        wait_until(lambda: item(meow)["state"] != "settled", 20, "one answer is too few")
        assert item(meow)["state"] == "undecided", item(meow)
        assert not dora.post(f"{desk}/take", {"count": 1})["items"]


def the_end(story, house, owner, campaign, desk):
    with story.scene("closed, everything is accepted in time, and what is left is free again to the cent"):
        owner.post(f"/campaigns/{campaign}/close", {"reason": "Enough is known."})
        house.restart(clock_offset_s=3 * 86400)
        owner.line.close()
        wait_until(lambda: owner.get(f"{desk}/desk")["held"] == "0.00 EUR", 30, "nothing is held any more")
        seen = owner.get(f"{desk}/desk")
        assert seen["accepted"] + seen["rejected"] == seen["given"], seen
        cents = sum(round(float(seen[k].split()[0]) * 100) for k in ("budget", "held", "earned"))
        assert cents == 150, seen
        house.run("ledger", "check")
        house.run("rebuild", "--check")

    with story.scene("results come out as files: items, answers for crowd-kit, everything as JSON"):
        rows = list(csv.DictReader(io.StringIO(owner.get(f"{desk}/results.csv").body.decode())))
        assert len(rows) == 5 and any(int(r["answers"]) > 0 for r in rows), rows
        assert all(r["answer"] == RIGHT[r["text"]] for r in rows if int(r["answers"]) > 0), rows
        answers = list(csv.DictReader(io.StringIO(owner.get(f"{desk}/answers.csv").body.decode())))
        assert {"task", "worker", "label"} <= set(answers[0]) and answers[0]["worker"].startswith("w-"), answers[0]
        everything = json.loads(owner.ask("GET", f"{desk}/results.json").body)
        assert next(t for t in everything if t["task"] == "1")["data"]["shelf"] == "7", everything
