"""task-walk: thousands of random steps through a campaign of tasks, beside a model that says what must come of each.

A few workers, two managers and the owner take, answer, skip, report, reject, appeal, decide, pay in and out, raise the
price, ask again, set aside, give bonuses, take them back, and pay out; time runs out and answers are accepted by time.
The model knows what every person has earned, asked for and been paid, what the campaign has, and which step is refused.
How the campaign's money is split between budget and held follows from what the engine asks for; there it is demanded
that what is wanted is held. 100,000 steps on SQLite with --long; the seed is printed, and MANYHANDS_SEED walks it again.
"""

import collections
import os
import random
import time

from clients import upload
from manyhands import OWNER, days_ahead, wait_until

WORKERS, PATIENCE_S, CHOICES = 8, 4, ["cat", "dog", "bird"]
RULES = {"template": "choose", "ask": "Which animal is it?", "choices": "\n".join(CHOICES), "answers_least": 2,
         "answers_most": 4, "certainty": 95, "accept_hours": 24, "control_every": 6, "reject_percent": 15,
         "lease_minutes": 60, "quality_least": 0}
IBANS = ["DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606", "NL91ABNA0417164300"]
HOUR, DAY = 3600, 86400
APPEAL_S, LEASE_S, ACCEPT_S = 14 * DAY, HOUR, DAY
STEPS = {"take": 12, "give": 34, "skip": 4, "report": 2, "late": 4, "reject": 9, "appeal": 8, "decide": 8, "deposit": 3,
         "withdraw": 2, "bonus": 3, "reverse": 3, "ask": 5, "unask": 2, "decline": 1, "batch": 2, "approve": 6, "pay": 3,
         "dissolve": 1, "come_back": 2, "raise_price": 0.3, "ask_again": 3, "set_aside": 0.5, "add_items": 1.5,
         "nonsense": 3}


def cents(text):
    return round(float(text.split()[0]) * 100)


def typed(minor):
    return f"{minor / 100:.2f}"


class Held:
    """One answer of one person to one item, from when it was taken."""

    def __init__(self, item, shown, fence, price, now):
        self.item, self.shown, self.fence, self.price = item, shown, fence, price
        self.state, self.until, self.judge, self.key = "out", now + LEASE_S, None, None


class Someone:
    def __init__(self, person, api):
        self.email, self.person_id, self.api = person["email"], person["person_id"], api
        self.answers = {}  # by what the item shows
        self.earned = self.paid = 0
        self.requests = {}  # payout_id: [amount, state, batch]
        self.has_details = False

    def of(self, *states):
        return [a for a in self.answers.values() if a.state in states]

    def asked(self, *states):
        return [key for key, (_, state, _) in self.requests.items() if state in states]

    @property
    def payout(self):
        return sum(amount for amount, state, _ in self.requests.values() if state in ("requested", "batched"))


class Walk:
    def __init__(self, story, seed):
        self.story, self.chance, self.now = story, random.Random(seed), 0
        self.house = house = story.installation(with_mail=False)
        house.set_up()
        workers = house.people([f"Worker Number{n}" for n in range(WORKERS)])
        managers = house.people(["Max Frey", "Mia Wolf"], scope="manage")
        house.start()
        self.owner = house.api(house.token_of(house.owner()))
        self.organisation = self.owner.get("/")["organisation_id"]
        self.workers = [Someone(person, house.api(person["token"])) for person in workers]
        self.managers = [Someone(person, house.api(person["token"])) for person in managers]
        for someone in self.managers:
            self.owner.post(f"/organisations/{self.organisation}/team", {"email": someone.email, "role": "manager"})
        self.team = [self.owner, *(someone.api for someone in self.managers)]
        self.people = self.workers + self.managers
        for n, someone in enumerate(self.people[:-1]):  # the last says nowhere where to pay
            someone.api.post("/account/payout-details", {"holder": f"Holder {n}", "iban": IBANS[n % len(IBANS)]})
            someone.has_details = True
        self.payouts = f"/organisations/{self.organisation}/payouts"
        self.owner.post(f"/organisations/{self.organisation}/payer", {"holder": "The House", "iban": IBANS[0]})
        self.campaign = self.owner.post(f"/organisations/{self.organisation}/campaigns", {
            "question": "Which animals are these?", "kind": "task", "closes_at": days_ahead(1800)},
            expect=201)["campaign_id"]
        self.path, self.desk = f"/campaigns/{self.campaign}", f"/campaigns/{self.campaign}/tasks"
        # The model. `pool`: budget and held.
        self.pool, self.price, self.items, self.is_over = 0, 10, 0, False
        self.broken, self.reports, self.keys = set(), collections.Counter(), {}  # by item's id, shown: id
        self.batches = {}  # id: [state, approved by, {person: state of the line}]
        self.entries = {}  # id: [kind, amount, person, is reversed]
        self.used = {}  # by connection: when
        self.refused, self.done = collections.Counter(), collections.Counter()

    # --- Asking -----------------------------------------------------------------------------------------------

    def ask(self, api, path, body, *expected):
        """Asks for something; the answer must be one of those expected: a status, or a code of a refusal."""
        if time.monotonic() - self.used.get(api, 0) > PATIENCE_S:
            api.line.close()  # the server may be about to
        answer = api.ask("POST", path, body)
        self.used[api] = time.monotonic()
        view = answer.json() if answer.body else {}
        got = answer.status if answer.status < 300 else view.get("code") if answer.status == 409 else answer.status
        assert got in expected, f"{path} {body}: {answer}, and not {expected}"
        if answer.status >= 300:
            self.refused[str(got)] += 1
            return None
        return view

    def worker(self):
        return self.chance.choice(self.workers)

    def note(self, someone, items):
        """What a worker has at hand now, as the server says it."""
        for item in items:
            kept = someone.answers.get(item["shown"])
            if kept is not None and kept.state == "out":
                assert (kept.fence, kept.price) == (item["fence"], cents(item["price"])), (vars(kept), item)
                continue
            assert kept is None or kept.state == "expired", f"given out twice: {vars(kept)} {item}"
            assert item["task_item_id"] not in self.broken, f"set aside and given out: {item}"
            assert cents(item["price"]) == self.price, (item, self.price)
            self.keys[item["shown"]] = item["task_item_id"]
            held = Held(item["task_item_id"], item["shown"], item["fence"], self.price, self.now)
            held.key = kept.key if kept else None
            someone.answers[item["shown"]] = held
        shown = {item["shown"] for item in items}
        assert shown == {a.shown for a in someone.of("out")}, (shown, [vars(a) for a in someone.of("out")])

    # --- Working ----------------------------------------------------------------------------------------------

    def take(self):
        someone = self.worker()
        view = self.ask(someone.api, f"{self.desk}/take", {"count": self.chance.randint(1, 5)}, 200)
        self.note(someone, view["items"])

    def give(self):
        someone = self.worker()
        if not someone.of("out"):
            return self.take()
        answer = self.chance.choice(someone.of("out"))
        right = CHOICES[len(answer.shown) % 3]
        view = self.ask(someone.api, f"{self.desk}/{answer.item}/give", {
            "fence": answer.fence, "answer": right if self.chance.random() < 0.8 else self.chance.choice(CHOICES),
            "count": self.chance.randint(0, 3)}, 200)
        answer.state, answer.until = "given", self.now + ACCEPT_S
        self.note(someone, view["items"])

    def give_back(self, reason):
        someone = self.worker()
        if not someone.of("out"):
            return
        answer = self.chance.choice(someone.of("out"))
        answer.state = "skipped"
        if reason == "broken":
            self.reports[answer.item] += 1
            if self.reports[answer.item] >= 3:
                self.broken.add(answer.item)
        view = self.ask(someone.api, f"{self.desk}/{answer.item}/skip",
                        {"fence": answer.fence, "reason": reason, "count": self.chance.randint(0, 2)}, 200)
        self.note(someone, view["items"])

    def skip(self):
        self.give_back(self.chance.choice(["unsure", "language", "unpleasant"]))

    def report(self):
        self.give_back("broken")

    def late(self):
        """An answer after its time counts while nobody else has the item; never to a control."""
        someone = self.worker()
        if not someone.of("expired"):
            return
        answer = self.chance.choice(someone.of("expired"))
        expected = ["ran_out"] if answer.shown.startswith("Control") or answer.item in self.broken else [200, "ran_out"]
        if self.ask(someone.api, f"{self.desk}/{answer.item}/give",
                    {"fence": answer.fence, "answer": self.chance.choice(CHOICES), "count": 0}, *expected):
            answer.state, answer.until = "given", self.now + ACCEPT_S

    def nonsense(self):
        """What nobody may do, or cannot be."""
        someone, other = self.chance.sample(self.workers, 2)
        for answer in someone.of("out")[:1]:
            path = f"{self.desk}/{answer.item}"
            self.ask(someone.api, f"{path}/give", {"fence": answer.fence, "answer": "cow"}, 422)
            self.ask(someone.api, f"{path}/give", {"fence": answer.fence + 1, "answer": "cat"}, "ran_out")
            if answer.shown not in other.answers:
                self.ask(other.api, f"{path}/give", {"fence": 1, "answer": "cat"}, "not_yours")
                self.ask(other.api, f"{path}/skip", {"fence": 1}, "not_yours")
        for answer in someone.of("given", "accepted", "rejected", "skipped")[-1:]:
            self.ask(someone.api, f"{self.desk}/{answer.item}/give", {"fence": answer.fence, "answer": "cat"}, "not_yours")
        for payout in someone.asked("requested")[:1]:
            self.ask(other.api, f"{self.path}/payouts/{payout}/withdraw", {}, 404)
        self.ask(someone.api, f"{self.path}/money/deposit", {"amount": "5", "reason": "Mine"}, 403)
        self.ask(self.owner, f"{self.desk}/describe", RULES | {"price": typed(self.price - 1)}, 422)
        self.ask(self.owner, f"{self.path}/money/bonus",
                 {"email": OWNER[0], "amount": "1", "reason": "For myself"}, 422)

    # --- Judging ----------------------------------------------------------------------------------------------

    def known_answers(self, someone):
        """Reads the newest of a person's answers; their states must be the model's."""
        for row in someone.api.get(f"{self.desk}/mine")["answers"]:
            answer = someone.answers[row["shown"]]
            answer.key = row["task_answer_id"]
            assert (row["state"], cents(row["price"])) == (answer.state, answer.price), (row, vars(answer))
        return [a for a in someone.answers.values() if a.key]

    def counts(self):
        states = collections.Counter(a.state for someone in self.workers for a in someone.answers.values())
        rejected = states["rejected"] + states["appealed"] + states["upheld"]
        return states["given"] + states["accepted"] + rejected, states["accepted"], rejected, states["out"]

    def reject(self):
        someone, judge = self.worker(), self.chance.choice(self.team)
        known = self.known_answers(someone)
        open_ = [a for a in known if a.state == "given"]
        if not known:
            return
        answer = self.chance.choice(open_ if open_ and self.chance.random() < 0.9 else known)
        given, _, rejected, _ = self.counts()
        too_many = (rejected + 1) * 100 > given * RULES["reject_percent"]
        if self.ask(judge, f"{self.path}/answers/{answer.key}/reject", {"rule": "unrelated", "reason": "It is no animal."},
                    "too_many_rejected" if too_many else 200 if answer.state == "given" else "not_open") is not None:
            answer.state, answer.judge, answer.until = "rejected", judge, self.now + APPEAL_S

    def appeal(self):
        someone = self.worker()
        rejected, others = someone.of("rejected"), [a for a in someone.answers.values() if a.key and a.state != "out"]
        if not others:
            return
        answer = self.chance.choice(rejected or others)
        body, path = {"text": "Look at the whiskers again, please."}, f"{self.path}/answers/{answer.key}/appeal"
        stranger = self.chance.choice([w for w in self.workers if w is not someone])
        self.ask(stranger.api, path, body, 404)
        possible = answer.state == "rejected" and answer.until > self.now
        if self.ask(someone.api, path, body, 200 if possible else "no_appeal") is not None:
            answer.state = "appealed"

    def decide(self):
        someone, judge = self.worker(), self.chance.choice(self.team)
        known = [a for a in someone.answers.values() if a.key and a.judge] or [a for a in someone.answers.values() if a.key]
        if not known:
            return
        answer = self.chance.choice(someone.of("appealed") or known)
        overturn = self.chance.random() < 0.5
        expected = 403 if answer.judge is judge else 200 if answer.state == "appealed" else "no_appeal"
        if self.ask(judge, f"{self.path}/answers/{answer.key}/decide",
                    {"overturn": overturn, "reason": "We looked again."}, expected) is not None:
            answer.state = "accepted" if overturn else "upheld"
            if overturn:
                self.earn(someone, answer)

    def earn(self, someone, answer):
        self.pool -= answer.price
        someone.earned += answer.price

    # --- The team's money and items -----------------------------------------------------------------------------

    def by_hand(self, kind, amount, someone=None):
        """Remembers the entry that was just made by hand."""
        for row in self.owner.get(f"{self.path}/money")["transfers"]:
            if row["kind"] == kind and row["ledger_entry_id"] not in self.entries:
                assert row["amount"]["minor"] == amount, (row, amount)
                self.entries[row["ledger_entry_id"]] = [kind, amount, someone, False]
                return
        raise AssertionError(f"no new entry of kind {kind}")

    def deposit(self):
        amount = self.chance.randint(1, 800)
        self.ask(self.chance.choice(self.team), f"{self.path}/money/deposit",
                 {"amount": typed(amount), "reason": "Invoice"}, 200)
        self.pool += amount
        self.by_hand("deposit", amount)

    def some_of_pool(self):
        """An amount the budget may have; beyond all there is it is surely refused."""
        amount = self.chance.randint(1, max(1, self.pool // 2)) if self.chance.random() < 0.8 else self.pool + 1
        return amount, [422] if amount > self.pool else [200, 422]

    def withdraw(self):
        amount, expected = self.some_of_pool()
        amount = max(1, amount // 4) if 200 in expected else amount
        if self.ask(self.chance.choice(self.team), f"{self.path}/money/withdraw",
                    {"amount": typed(amount), "reason": "Not needed"}, *expected) is not None:
            self.pool -= amount
            self.by_hand("withdraw", amount)

    def bonus(self):
        someone = self.chance.choice(self.people)
        amount, expected = self.some_of_pool()
        amount = max(1, amount // 10) if 200 in expected else amount
        if self.ask(self.owner, f"{self.path}/money/bonus", {
                "email": someone.email, "amount": typed(amount), "reason": "For good work"}, *expected) is not None:
            self.pool -= amount
            someone.earned += amount
            self.by_hand("bonus", amount, someone)

    def reverse(self):
        if not self.entries:
            return
        key = self.chance.choice(list(self.entries))
        kind, amount, someone, is_reversed = self.entries[key]
        expected = {"withdraw": [200], "deposit": [200, "not_reversible"],
                    "bonus": [200 if someone and someone.earned >= amount else "not_reversible"]}[kind]
        if self.ask(self.owner, f"{self.path}/money/entries/{key}/reverse", {"reason": "A slip of the pen"},
                    *(["not_reversible"] if is_reversed else expected)) is None:
            return
        self.entries[key][3] = True
        self.pool += {"deposit": -amount, "withdraw": amount, "bonus": amount}[kind]
        if someone:
            someone.earned -= amount

    def raise_price(self):
        if self.ask(self.owner, f"{self.desk}/describe", RULES | {"price": typed(self.price + 1)}, 200, 422) is not None:
            self.price += 1

    def some_item(self):
        return self.chance.choice(list(self.keys.items())) if self.keys else (None, None)

    def ask_again(self):
        shown, item = self.some_item()
        if item:
            expected = [404] if shown.startswith("Control") else \
                ["no_budget", "set_aside"] if item in self.broken else [200, "no_budget"]
            def view():
                return {} if expected == [404] else self.owner.get(f"{self.desk}/{item}")["item"]

            before = view()
            if self.ask(self.chance.choice(self.team), f"{self.desk}/{item}/ask", {}, *expected) is None:
                return
            after = view()
            if (before["state"], after["state"]) == ("open", "open"):
                assert after["wanted"] > before["wanted"], (before, after)

    def set_aside(self):
        _, item = self.some_item()
        if item:
            self.ask(self.chance.choice(self.team), f"{self.desk}/{item}/break", {},
                     "set_aside" if item in self.broken else 200)
            self.broken.add(item)

    def add_items(self, count=40):
        names = range(self.items, self.items + count)
        rows = "id,text,known\n" + "".join(
            f"{n},{'Control' if n % 20 == 0 else 'Item'} {n},{CHOICES[n % 3] if n % 20 == 0 else ''}\n" for n in names)
        self.items += count
        self.ask(self.owner, f"{self.desk}/items", {"file": upload("items.csv", rows.encode())}, 200, 422)

    # --- Payouts ------------------------------------------------------------------------------------------------

    def ask_for_payout(self):
        someone = self.chance.choice(self.people)
        expected = "nothing_earned" if someone.earned == 0 else 201 if someone.has_details else "no_details"
        view = self.ask(someone.api, f"{self.path}/payouts", {}, expected)
        if view:
            assert view["amount"]["minor"] == someone.earned, (view, someone.earned)
            someone.requests[view["payout_id"]] = [someone.earned, "requested", None]
            someone.earned = 0

    def end_request(self, act, api, body, state):
        someone = self.chance.choice(self.people)
        if not someone.requests:
            return
        payout = self.chance.choice(someone.asked("requested", "batched") or list(someone.requests))
        request = someone.requests[payout]
        if self.ask(api or someone.api, f"{self.path}/payouts/{payout}/{act}", body,
                    200 if request[1] == "requested" else "not_waiting") is not None:
            request[1] = state
            someone.earned += request[0]

    def unask(self):
        self.end_request("withdraw", None, {}, "withdrawn")

    def decline(self):
        self.end_request("decline", self.owner, {"reason": "Not now"}, "declined")

    def batch(self):
        waiting = [(s, key) for s in self.people for key in s.asked("requested")]
        view = self.ask(self.chance.choice(self.team), f"{self.payouts}/batches", {"currency": "EUR"},
                        201 if waiting else "nothing_asked")
        if not waiting:
            return
        assert view["amount"]["minor"] == sum(s.requests[key][0] for s, key in waiting), view
        key = view["payout_batch_id"]
        for someone, payout in waiting:
            someone.requests[payout][1:] = ["batched", key]
        self.batches[key] = ["made", set(), {s: "waiting" for s, _ in waiting}]

    def some_batch(self):
        """Mostly one of those in which something may still happen."""
        live = [key for key, batch in self.batches.items() if batch[0] in ("made", "approved")]
        keys = live if live and self.chance.random() < 0.8 else list(self.batches)[-30:]
        key = self.chance.choice(keys) if keys else None
        return key, self.batches.get(key)

    def approve(self):
        key, batch = self.some_batch()
        if not batch:
            return
        approver = self.chance.randrange(len(self.team))
        pays_them = approver > 0 and self.managers[approver - 1] in batch[2]
        if self.ask(self.team[approver], f"{self.payouts}/batches/{key}/approve", {},
                    "not_waiting" if batch[0] != "made" else "pays_you" if pays_them else 200) is not None:
            batch[1].add(approver)
            if len(batch[1]) >= 2:
                batch[0] = "approved"

    def payouts_in(self, key, someone):
        return [request for request in someone.requests.values() if request[2] == key]

    def pay(self):
        key, batch = self.some_batch()
        if not batch or self.ask(self.owner, f"{self.payouts}/batches/{key}/paid", {},
                                 200 if batch[0] in ("approved", "paid") else "not_approved") is None:
            return
        if batch[0] == "paid":  # it was said before, and counts once
            return
        batch[0] = "paid"
        for someone in batch[2]:
            batch[2][someone] = "paid"
            for request in self.payouts_in(key, someone):
                request[1] = "paid"
                someone.paid += request[0]

    def dissolve(self):
        key, batch = self.some_batch()
        if not batch or self.ask(self.owner, f"{self.payouts}/batches/{key}/dissolve", {},
                                 200 if batch[0] in ("made", "approved") else "not_waiting") is None:
            return
        batch[0] = "dissolved"
        for someone in batch[2]:
            for request in self.payouts_in(key, someone):
                request[1:] = ["requested", None]

    def come_back(self):
        """The bank sends a line's money back."""
        paid = [key for key, batch in self.batches.items() if batch[0] == "paid"][-30:]
        key = self.chance.choice(paid) if paid and self.chance.random() < 0.9 else self.some_batch()[0]
        if not key:
            return
        lines = self.batches[key][2]
        someone = self.chance.choice(list(lines))
        if self.ask(self.owner, f"{self.payouts}/batches/{key}/lines/{someone.person_id}/return",
                    {"reason": "Account closed"}, 200 if lines[someone] == "paid" else "not_paid") is None:
            return
        lines[someone] = "returned"
        for request in self.payouts_in(key, someone):
            request[1] = "returned"
            someone.paid -= request[0]
            someone.earned += request[0]

    # --- Time, and what must hold ---------------------------------------------------------------------------------

    def some_time(self):
        """Half a lease, some leases, what is accepted by time; the end of appeals while tokens hold, which is a year."""
        return self.chance.choice([HOUR // 2, 2 * HOUR, 2 * HOUR, 26 * HOUR] + [15 * DAY] * (self.now < 200 * DAY))

    def later(self, seconds):
        """The server's clock goes on; what ran out comes back, what is due is accepted."""
        self.now += seconds
        self.house.restart(clock_offset_s=self.now)
        for api in [self.owner, *(someone.api for someone in self.people)]:
            api.line.close()
        for someone in self.workers:
            for answer in someone.of("out", "given"):
                if answer.until > self.now:
                    continue
                if answer.state == "given":
                    self.earn(someone, answer)
                answer.state = {"out": "expired", "given": "accepted"}[answer.state]
        given, accepted, rejected, out = self.counts()

        def has_come():
            desk = self.owner.get(f"{self.desk}/desk")
            return (desk["accepted"], desk["out"]) == (accepted, out)

        wait_until(has_come, 60, f"what {seconds} s bring: {accepted} accepted, {out} out")

    def due(self):
        """What must be held for answers that were taken and are not judged for good."""
        return sum(a.price for someone in self.workers for a in someone.of("out", "given", "appealed", "rejected")
                   if a.state != "rejected" or a.until > self.now)

    def money(self):
        view = self.owner.get(f"{self.path}/money")
        return {name: view[name]["minor"] for name in ("budget", "held", "earned", "payout", "paid", "fees")}

    def check(self):
        money = self.money()
        people = self.people
        assert money["budget"] + money["held"] == self.pool, (money, self.pool)
        assert money["earned"] == sum(s.earned for s in people), (money, [s.earned for s in people])
        assert money["payout"] == sum(s.payout for s in people), (money, [s.payout for s in people])
        assert money["paid"] == sum(s.paid for s in people), (money, [s.paid for s in people])
        assert min(money.values()) >= 0 and money["fees"] == 0, money
        for someone in people:
            for row in someone.api.get("/account/earnings")["campaigns"]:
                seen = tuple(row[name]["minor"] for name in ("confirmed", "asked", "paid"))
                assert seen == (someone.earned, someone.payout, someone.paid), (seen, vars(someone))
        desk = self.owner.get(f"{self.desk}/desk")
        given, accepted, rejected, out = self.counts()
        assert (desk["given"], desk["accepted"], desk["rejected"], desk["out"]) == (given, accepted, rejected, out), desk
        # One statement sees one moment: the engine may ask for more at any time.
        held, free, most = map(int, self.house.database.ask(
            "SELECT (SELECT coalesce(sum(balance), 0) FROM ledger_balance WHERE account = 'held'), "
            "(SELECT coalesce(sum(wanted - given - out_count), 0) FROM task_item "
            "WHERE is_control = 0 AND item_state = 'open'), "
            "(SELECT coalesce(max(given + out_count - wanted), 0) FROM task_item WHERE is_control = 0)")[0])
        free = 0 if self.is_over else free
        assert held >= self.due() + free * self.price, f"{held} held, {self.due()} due, {free} wanted at {self.price}"
        assert most <= 0, f"an item has {most} answers more than are wanted"
        self.house.run("ledger", "check")

    # --- The walk ---------------------------------------------------------------------------------------------------

    def begin(self):
        self.owner.post(f"{self.desk}/describe", RULES | {"price": typed(self.price)})
        self.add_items(120)
        self.pool = 3000
        self.owner.post(f"{self.path}/money/deposit", {"amount": typed(self.pool), "reason": "To begin with"})
        self.by_hand("deposit", self.pool)
        self.owner.post(f"{self.path}/open")

    def walk(self, steps, every):
        steps_of = {"ask": self.ask_for_payout}
        for n in range(1, steps + 1):
            name = self.chance.choices(list(STEPS), list(STEPS.values()))[0]
            self.done[name] += 1
            try:
                steps_of.get(name, getattr(self, name))()
            except AssertionError as trouble:
                raise AssertionError(f"step {n}, {name}: {trouble}") from None
            if n % every == 0:
                self.check()
                self.later(self.some_time())
                self.check()

    def end(self):
        """Closed, all appeals decided, everything accepted by time: nothing is held any more, to the cent."""
        self.owner.post(f"{self.path}/close", {"reason": "Enough is known."})
        for someone in self.workers:
            for answer in someone.of("appealed"):
                judge = next(api for api in self.team if api is not answer.judge)
                self.ask(judge, f"{self.path}/answers/{answer.key}/decide", {"overturn": True, "reason": "So be it."}, 200)
                answer.state = "accepted"
                self.earn(someone, answer)
        self.is_over = True
        self.later(40 * DAY)
        wait_until(lambda: self.money()["held"] == 0, 60, "nothing is held any more")
        self.check()
        for someone in self.workers:
            self.known_answers(someone)


def tell(story):
    seed = int(os.environ.get("MANYHANDS_SEED") or random.randrange(1 << 30))
    steps = 100_000 if story.is_long and story.kind == "sqlite" else 5000
    with story.scene(f"a campaign of tasks is opened (chance began with {seed})"):
        walk = Walk(story, seed)
        walk.begin()
        walk.check()
    with story.scene(f"{steps} random steps: every balance and refusal is what a model says, what is wanted is held"):
        walk.walk(steps, 500 if steps > 5000 else 250)
        missing = [name for name in STEPS if not walk.done[name]]
        assert not missing, missing
        print(f"          {sum(walk.refused.values())} refused: {dict(walk.refused)}; {walk.counts()[0]} answers")
    with story.scene("in the end nothing is held, and balances made anew are those that were kept"):
        walk.end()
        walk.house.run("rebuild", "--check")
