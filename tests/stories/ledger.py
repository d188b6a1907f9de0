"""ledger: money is paid in, earned, asked for, approved by two people and paid exactly once.

However often and at the same moment the button is pressed, and whenever the server is killed: what the
ledger says is what was acknowledged, `manyhands ledger check` proves it, and finds what was damaged by hand.
"""

import csv
import datetime
import io
import json
import random
import re
import shutil
import subprocess
import threading
import time
import xml.etree.ElementTree

from clients import Lost
from manyhands import OWNER, ROOT, wait_until

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
IBANS = ["DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606", "NL91ABNA0417164300",
         "AT611904300234573201", "CH9300762011623852957"]
NAMES = ["Änne Größer", "Zoë & Łukasz <Sons>", "Ann Lee", "Bo Brandt", "Chioma Obi", "Dan Ferreira"]
PRESSES = 20


class World:
    def __init__(self, story):
        self.house = story.installation()
        self.house.set_up()
        self.workers = self.house.people([(f"worker{n}@example.org", name) for n, name in enumerate(NAMES)])
        self.max, self.mia = self.house.people(["Max Manager", "Mia Manager"], scope="manage")
        self.house.start()
        self.owner = self.house.api(self.house.token_of(self.house.owner()))
        self.organisation = self.owner.get("/")["organisation_id"]
        for person in (self.max, self.mia):
            self.owner.post(f"/organisations/{self.organisation}/team", {"email": person["email"], "role": "manager"})
        closes = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=9)).strftime("%FT%TZ")
        self.campaign, self.other = (self.owner.post(f"/organisations/{self.organisation}/campaigns", {
            "question": question, "closes_at": closes}, expect=201)["campaign_id"]
            for question in ("Who describes our pictures?", "Who reads our old letters?"))
        for campaign in (self.campaign, self.other):
            self.owner.post(f"/campaigns/{campaign}/open")
        self.payouts = f"/organisations/{self.organisation}/payouts"

    def api(self, person):
        return self.house.api(person["token"])

    def money(self, campaign=None):
        view = self.owner.get(f"/campaigns/{campaign or self.campaign}/money")
        return {name: view[name]["minor"] for name in ("budget", "held", "earned", "payout", "paid", "fees")}

    def earning(self, person, campaign=None):
        for earning in self.api(person).get("/account/earnings")["campaigns"]:
            if earning["campaign_id"] == (campaign or self.campaign):
                return {name: earning[name]["minor"] for name in ("confirmed", "asked", "paid")}
        return {"confirmed": 0, "asked": 0, "paid": 0}

    def bonus(self, person, amount, campaign=None, expect=200):
        return self.owner.post(f"/campaigns/{campaign or self.campaign}/money/bonus", {
            "email": person["email"], "amount": amount, "reason": "For careful descriptions"}, expect=expect)

    def ask(self, person, campaign=None, expect=201):
        return self.api(person).post(f"/campaigns/{campaign or self.campaign}/payouts", expect=expect)

    def batch(self):
        return self.owner.post(f"{self.payouts}/batches", {"currency": "EUR"}, expect=201)["payout_batch_id"]

    def approved(self):
        batch = self.batch()
        for person in (self.max, self.mia):
            self.api(person).post(f"{self.payouts}/batches/{batch}/approve")
        return batch

    def lines(self, batch):
        return self.owner.get(f"{self.payouts}/batches/{batch}")["lines"]

    def check(self, expect=0):
        return self.house.run("ledger", "check", expect=expect)[0]


def tell(story):
    world = World(story)
    nothing_of_it(story, world)
    paid_in(story, world)
    asked_for(story, world)
    batch = agreed_to(story, world)
    for_the_bank(story, world, batch)
    pressed_at_once(story, world, batch)
    came_back(story, world, batch)
    taken_back(story, world)
    many_at_once(story, world)
    gone(story, world)
    killed(story, world)
    damaged(story, world)


def nothing_of_it(story, world):
    with story.scene("a campaign without money shows nothing of it"):
        desk = world.house.owner()
        assert b"/money" not in desk.get(f"/campaigns/{world.campaign}/manage").body
        assert b"/payouts" not in desk.get(f"/organisations/{world.organisation}/manage").body
        world.owner.post(f"/campaigns/{world.campaign}/money/deposit", {"amount": "5", "reason": "Invoice 7"}, expect=409)
        assert world.check().startswith("0 ledgers, 0 entries, 0 transfers: everything holds"), world.check()


def paid_in(story, world):
    base = f"/campaigns/{world.campaign}/money"
    with story.scene("a ledger has one currency for good; a deposit is read as people write it"):
        world.owner.post(f"{base}/open", {"currency": "XYZ"}, expect=422)
        for campaign in (world.campaign, world.other):
            world.owner.post(f"/campaigns/{campaign}/money/open", {"currency": "eur"})
        world.owner.post(f"{base}/open", {"currency": "EUR"})
        world.owner.post(f"{base}/open", {"currency": "USD"}, expect=422)
        world.owner.post(f"{base}/deposit", {"amount": "1,234.50 EUR", "reason": "Invoice 7"})
        world.owner.post(f"/campaigns/{world.other}/money/deposit", {"amount": "200,00", "reason": "Invoice 8"})
        assert world.money()["budget"] == 123450, world.money()
        page = world.house.owner().get(f"/campaigns/{world.campaign}/money")
        page.says("1234.50 EUR")
        page.says("Invoice 7")

    with story.scene("an amount that says nothing, or is not there, is refused in words and changes nothing"):
        for typed, words in (("five", "Write an amount like 5.00."), ("-5", "Write an amount like 5.00."),
                             ("0", "Write an amount above 0."), ("0.005", "EUR has 2 digits behind the point, not more."),
                             ("99999999999999999999", "That is too much: at most 10000000000000.00 EUR."),
                             ("10000000000000", "A ledger holds at most 10000000000000.00 EUR.")):
            answer = world.owner.ask("POST", f"{base}/deposit", {"amount": typed, "reason": "Invoice 9"})
            assert answer.status == 422 and words in answer.body.decode(), (typed, answer)
        answer = world.owner.ask("POST", f"{base}/withdraw", {"amount": "1234.51", "reason": "Not needed"})
        assert answer.status == 422 and "The budget holds 1234.50 EUR." in answer.body.decode(), answer
        world.bonus(world.workers[0], "1234.51", expect=422)
        world.bonus({"email": OWNER[0]}, "5", expect=422)
        world.bonus(world.workers[0], "5", expect=200)
        world.owner.post(f"{base}/withdraw", {"amount": "34.50", "reason": "Not needed"})
        assert world.money() == {"budget": 119500, "held": 0, "earned": 500, "payout": 0, "paid": 0, "fees": 0}, world.money()


def asked_for(story, world):
    first = world.workers[0]
    with story.scene("who earned something is told, says where to pay, and asks for it"):
        mail = world.house.mail_to(first["email"], "bonus")
        assert "5.00 EUR" in mail["text"] and "careful descriptions" in mail["text"], mail["text"]
        assert world.earning(first) == {"confirmed": 500, "asked": 0, "paid": 0}
        assert world.api(first).get("/account")["has_earnings"] and not world.api(world.workers[1]).get("/account")["has_earnings"]
        answer = world.api(first).ask("POST", f"/campaigns/{world.campaign}/payouts", {})
        assert answer.status == 409 and answer.json()["code"] == "no_details", answer
        details = {"holder": NAMES[0], "iban": "DE89 3704 0044 0532 0130 01"}
        for iban, words in (("DE89 3704 0044 0532 0130 01", "the check digits do not fit"),
                            ("DE89 3704 0044 0532 0130", "An IBAN with DE has 22 characters; this has 20."),
                            ("hello", "An IBAN begins with two letters"), ("QQ89370400440532013000", "begins with QQ")):
            answer = world.api(first).ask("POST", "/account/payout-details", {**details, "iban": iban})
            assert answer.status == 422 and words in answer.body.decode(), (iban, answer)
        for worker, iban, name in zip(world.workers, IBANS, NAMES):
            spaced = " ".join(re.findall(".{1,4}", iban.lower()))
            world.api(worker).post("/account/payout-details", {"holder": name, "iban": spaced})
        assert "to DE … 3000 from now on" in world.house.mail_to(first["email"], "Where you are paid")["text"]
        shown = world.api(first).get("/account/earnings")
        assert shown["iban_masked"] == "DE … 3000" and IBANS[0] not in json.dumps(shown), shown
        world.ask(first)
        assert world.earning(first) == {"confirmed": 0, "asked": 500, "paid": 0}
        world.ask(first, expect=409)

    with story.scene("a request can be taken back, or declined with a reason; the money is earned again"):
        payout = world.api(first).get("/account/earnings")["payouts"][0]["payout_id"]
        path = f"/campaigns/{world.campaign}/payouts/{payout}"
        world.api(world.workers[1]).post(f"{path}/withdraw", expect=404)
        world.api(first).post(f"{path}/withdraw")
        world.api(first).post(f"{path}/withdraw", expect=409)
        payout = world.ask(first)["payout_id"]
        path = f"/campaigns/{world.campaign}/payouts/{payout}"
        world.api(first).post(f"{path}/decline", {"reason": "We pay on Fridays."}, expect=403)
        world.owner.post(f"{path}/decline", {"reason": "We pay on Fridays."})
        mail = world.house.mail_to(first["email"], "declined")["text"]
        assert "We pay on Fridays." in mail, mail
        assert world.earning(first) == {"confirmed": 500, "asked": 0, "paid": 0}
        world.check()


def agreed_to(story, world):
    batches = f"{world.payouts}/batches"
    with story.scene("requests of several campaigns make one line for each person"):
        world.bonus(world.workers[0], "2.50", world.other)
        for worker, amount in zip(world.workers[1:], ("12.50", "0.01", "100", "7.77", "3")):
            world.bonus(worker, amount)
            world.ask(worker)
        world.ask(world.workers[0])
        world.ask(world.workers[0], world.other)
        answer = world.owner.ask("POST", batches, {"currency": "EUR"})
        assert answer.status == 409 and answer.json()["code"] == "no_payer", answer
        world.owner.post(f"/organisations/{world.organisation}/payer", {
            "holder": "Stadtwerke Linden GmbH & Co. KG", "iban": "DE02 1203 0000 0000 2020 51", "bic": "byladem1001"})
        answer = world.owner.ask("POST", batches, {"currency": "USD"})
        assert answer.status == 409 and answer.json()["code"] == "nothing_asked", answer
        made = world.owner.post(batches, {"currency": "EUR"}, expect=201)
        assert made["line_count"] == 6 and made["amount"]["text"] == "130.78 EUR", made
        answer = world.owner.ask("POST", batches, {"currency": "EUR"})
        assert answer.status == 409, answer

    batch = made["payout_batch_id"]
    path = f"{batches}/{batch}"
    with story.scene("one approval is not enough, one person's second neither; whom it pays may not"):
        for what in ("pain.001.xml", "payouts.csv"):
            assert world.owner.ask("GET", f"{path}/{what}").status == 409
        world.owner.post(f"{path}/paid", expect=409)
        world.api(world.max).post(f"{path}/approve")
        world.api(world.max).post(f"{path}/approve")
        world.owner.post(f"{path}/paid", expect=409)
        assert world.owner.get(path)["missing_count"] == 1
        world.owner.post(f"/organisations/{world.organisation}/team", {"email": world.workers[2]["email"], "role": "manager"})
        ann = world.house.people([("ann.too@example.org", "Ann Too")], scope="manage")[0]
        world.owner.post(f"/organisations/{world.organisation}/team", {"email": ann["email"], "role": "moderator"})
        world.api(ann).post(f"{path}/approve", expect=403)
        shown = world.api(world.mia).get(path)
        assert shown["may_approve"] and shown["lines"][0]["iban_masked"].count("…") == 1, shown
        world.owner.post(f"/organisations/{world.organisation}/team", {"email": ann["email"], "role": "manager"})

    with story.scene("a manager whom a batch pays is refused, on the page as well"):
        browser = world.house.browser()
        link = browser.submit(browser.get("/sign-in").form("/sign-in/link").fill(email=world.workers[2]["email"]))
        assert link.status == 200
        browser.submit(browser.get(world.house.mail.link(world.house.mail_to(world.workers[2]["email"], "Sign in"))).forms[-1])
        page = browser.get(path)
        page.says("It pays you too, so others have to approve it.")
        token = world.house.token_of(browser)
        answer = world.house.api(token).ask("POST", f"{path}/approve", {})
        assert answer.status == 409 and answer.json()["code"] == "pays_you", answer
        world.api(world.mia).post(f"{path}/approve")
        assert world.owner.get(path)["state"] == "approved"
        world.api(world.workers[1]).post("/account/payout-details", {"holder": "Somebody Else", "iban": IBANS[2]})
    return batch


def oracle(question):
    """What the npm packages say; None where they are not."""
    if not shutil.which("node") or subprocess.run([ROOT / "tests/kit/modules"], capture_output=True, timeout=900).returncode:
        return None
    done = subprocess.run(["node", ROOT / "tests/money/oracle.mjs"], input=json.dumps(question).encode(),
                          stdout=subprocess.PIPE, check=True, timeout=60, cwd=ROOT)
    return done.stdout.decode()


# What sepa adds that banks can do without: whether to book lines together, and an id of its own for each.
OPTIONAL = {PAIN + "BtchBookg", PAIN + "InstrId"}


def shape(element):
    """Names, attributes and texts in order; a moment's zone, and ids that each program makes, apart."""
    text = (element.text or "").strip().removesuffix("Z")
    if element.tag in (PAIN + "PmtInfId",):
        text = ""
    attributes = {k: v for k, v in element.attrib.items() if "schemaLocation" not in k}
    return [element.tag.removeprefix(PAIN), attributes, text, [shape(e) for e in element if e.tag not in OPTIONAL]]


def for_the_bank(story, world, batch):
    path = f"{world.payouts}/batches/{batch}"
    with story.scene("an approved batch is a SEPA file: well-formed, its sums right, names as banks carry them"):
        answer = world.owner.ask("GET", f"{path}/pain.001.xml")
        assert answer.status == 200 and answer.headers["content-type"].startswith("application/xml"), answer
        file = world.house.folder / "pain.xml"
        file.write_bytes(answer.body)
        if shutil.which("xmllint"):
            subprocess.run(["xmllint", "--noout", file], check=True)
        root = xml.etree.ElementTree.fromstring(answer.body)

        def texts(name):
            return [e.text for e in root.iter(PAIN + name)]

        assert texts("NbOfTxs") == ["6", "6"] and texts("CtrlSum") == ["130.78", "130.78"], answer.body
        assert sorted(texts("InstdAmt")) == sorted(["7.50", "12.50", "0.01", "100.00", "7.77", "3.00"]), answer.body
        assert texts("Nm")[:2] == ["Stadtwerke Linden GmbH . Co. KG"] * 2, texts("Nm")
        assert set(texts("Nm")[2:]) >= {"Anne Grosser", "Zoe . Lukasz .Sons."}, texts("Nm")
        assert texts("BICFI") == ["BYLADEM1001"], texts("BICFI")
        assert set(texts("IBAN")) == {"DE02120300000000202051", *IBANS}, "what was approved is what is paid"

    with story.scene("npm's sepa writes the same for the same batch, and ibantools takes every number"):
        lines = [{"holder": t.find(f"{PAIN}Cdtr/{PAIN}Nm").text, "iban": t.find(f".//{PAIN}IBAN").text,
                  "minor": round(float(t.find(f".//{PAIN}InstdAmt").text) * 100),
                  "purpose": t.find(f".//{PAIN}Ustrd").text, "id": t.find(f".//{PAIN}EndToEndId").text}
                 for t in root.iter(PAIN + "CdtTrfTxInf")]
        theirs = oracle({"batch": {"id": texts("MsgId")[0], "created": texts("CreDtTm")[0], "lines": lines,
                                   "payer": {"holder": texts("Nm")[0], "iban": texts("IBAN")[0], "bic": texts("BICFI")[0]}}})
        if theirs is None:
            print("SKIPPED ledger: npm's sepa and ibantools cannot be had (tests/kit/modules says why)")
        else:
            assert shape(root) == shape(xml.etree.ElementTree.fromstring(theirs)), theirs
            numbers(world)

    with story.scene("as a table it says the same"):
        rows = list(csv.DictReader(io.StringIO(world.owner.ask("GET", f"{path}/payouts.csv").body.decode())))
        assert {r["iban"]: r["amount"] for r in rows} == {e["iban"]: f"{e['minor'] / 100:.2f}" for e in lines}, rows
        assert rows[0]["name"] == NAMES[0] and {r["currency"] for r in rows} == {"EUR"}, rows


def numbers(world):
    """A few hundred right and mistyped numbers: the server and ibantools agree on each."""
    dice = random.Random(4)
    typed = list(IBANS)
    for _ in range(150):
        iban = list(dice.choice(IBANS))
        place = dice.randrange(2, len(iban))
        iban[place] = dice.choice("0123456789")
        typed.append("".join(iban))
    said = json.loads(oracle({"ibans": typed}))
    worker = world.api(world.workers[5])
    for iban, is_valid in zip(typed, said, strict=True):
        answer = worker.ask("POST", "/account/payout-details", {"holder": NAMES[5], "iban": iban})
        assert (answer.status == 200) == is_valid, (iban, is_valid, answer)


def at_once(count, act):
    """Runs act(0) … act(count - 1) at the same moment; gives what they returned."""
    answers, gate = [None] * count, threading.Barrier(count)

    def one(n):
        gate.wait(30)
        answers[n] = act(n)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert None not in answers, answers
    return answers


def pressed_at_once(story, world, batch):
    path = f"{world.payouts}/batches/{batch}/paid"
    with story.scene(f"the button is pressed {PRESSES} times at once: it is paid once, and everybody is told once"):
        before = {c: world.money(c) for c in (world.campaign, world.other)}
        statuses = [a.status for a in at_once(PRESSES, lambda n: world.house.api(world.owner.token).ask("POST", path, {}))]
        assert set(statuses) <= {200, 503} and 200 in statuses, statuses
        print(f"          {statuses.count(200)} answered 200, {statuses.count(503)} answered 503")
        for campaign, then in before.items():
            now = world.money(campaign)
            assert now["paid"] == then["payout"] and now["payout"] == 0, (then, now)
        pays = world.house.database.ask("SELECT count(*) FROM ledger_entry WHERE entry_kind = 'pay'")
        assert pays == [["7"]], pays
        world.house.mail_to(world.workers[3]["email"], "on its way")
        time.sleep(0.5)
        assert world.house.mail.count(world.workers[3]["email"]) == 3, "a bonus, where it is paid, and a payout"
        assert {line["state"] for line in world.lines(batch)} == {"paid"}
        world.check()


def came_back(story, world, batch):
    worker = world.workers[3]
    with story.scene("a line that the bank returned is earned again; its person is told, and is paid the second time"):
        path = f"{world.payouts}/batches/{batch}/lines/{worker['person_id']}/return"
        before = world.money()
        world.owner.post(path, {"reason": "Account closed"})
        world.owner.post(path, {"reason": "Account closed"}, expect=409)
        assert "Account closed" in world.house.mail_to(worker["email"], "came back")["text"]
        assert world.earning(worker) == {"confirmed": 10000, "asked": 0, "paid": 0}
        assert world.money()["paid"] == before["paid"] - 10000, (before, world.money())
        assert world.api(worker).get("/account/earnings")["payouts"][0]["reason"] == "Account closed"
        world.ask(worker)
        again = world.approved()
        world.owner.post(f"{world.payouts}/batches/{again}/paid")
        assert world.earning(worker) == {"confirmed": 0, "asked": 0, "paid": 10000}
        world.check()

    with story.scene("a batch that was not paid can be taken apart; its requests wait again"):
        world.bonus(worker, "1")
        world.ask(worker)
        apart = world.approved()
        world.owner.post(f"{world.payouts}/batches/{apart}/dissolve")
        world.owner.post(f"{world.payouts}/batches/{apart}/dissolve", expect=409)
        world.owner.post(f"{world.payouts}/batches/{apart}/paid", expect=409)
        assert world.earning(worker)["asked"] == 100
        world.owner.post(f"{world.payouts}/batches/{world.approved()}/paid")
        world.check()


def taken_back(story, world):
    base = f"/campaigns/{world.campaign}/money"
    with story.scene("a mistake is reversed by a further entry, once; what was spent cannot be"):
        world.owner.post(f"{base}/deposit", {"amount": "99", "reason": "Typed twice"})
        entry = world.owner.get(base)["transfers"][0]
        assert entry["reason"] == "Typed twice" and entry["may_reverse"], entry
        statuses = sorted(a.status for a in at_once(8, lambda n: world.house.api(world.owner.token).ask(
            "POST", f"{base}/entries/{entry['ledger_entry_id']}/reverse", {})))
        assert statuses.count(200) == 1 and set(statuses) <= {200, 409, 503}, statuses
        shown = world.owner.get(base)["transfers"]
        assert shown[0]["kind"] == "reverse" and shown[1]["is_reversed"], shown[:2]
        spent = next(t for t in shown if t["kind"] == "bonus" and not t["is_reversed"])
        world.owner.post(f"{base}/entries/{spent['ledger_entry_id']}/reverse", expect=409)
        paid = next(t for t in shown if t["kind"] == "pay")
        world.owner.post(f"{base}/entries/{paid['ledger_entry_id']}/reverse", expect=409)
        rows = list(csv.DictReader(io.StringIO(world.owner.ask("GET", f"/campaigns/{world.campaign}/money.csv").body.decode())))
        sums = {}
        for row in rows:
            cents = round(float(row["amount"]) * 100)
            sums[row["from"]] = sums.get(row["from"], 0) - cents
            sums[row["to"]] = sums.get(row["to"], 0) + cents
        now = world.money()
        assert {k: v for k, v in sums.items() if v and k != "outside"} == {k: v for k, v in now.items() if v}, (sums, now)
        world.check()


def many_at_once(story, world):
    with story.scene("at the end of a budget 40 ask at once for what is there for 25"):
        left = world.money(world.other)["budget"]
        world.owner.post(f"/campaigns/{world.other}/money/withdraw", {"amount": f"{(left - 2500) / 100:.2f}", "reason": "Not needed"})

        def one(n):
            api = world.house.api(world.owner.token)
            while True:
                answer = api.ask("POST", f"/campaigns/{world.other}/money/bonus", {
                    "email": world.workers[n % 6]["email"], "amount": "1", "reason": "Quick and good"})
                if answer.status != 503:
                    return answer.status

        statuses = at_once(40, one)
        assert sorted(statuses) == [200] * 25 + [422] * 15, statuses
        assert world.money(world.other)["budget"] == 0
        world.check()


class Presser(threading.Thread):
    """Says again and again that a batch is paid, until told so."""

    def __init__(self, world, path):
        super().__init__(daemon=True)
        self.world, self.path, self.trouble, self.cut_off = world, path, None, 0

    def run(self):
        api = self.world.house.api(self.world.owner.token)
        for _ in range(4000):
            try:
                answer = api.ask("POST", self.path, {})
            except Lost:
                self.cut_off += 1
                time.sleep(0.01)
                continue
            if answer.status == 200:
                return
            if answer.status != 503:
                self.trouble = answer
                return
            time.sleep(0.01)
        self.trouble = "never answered"


def killed(story, world):
    kills = 12 if story.is_long else 4
    with story.scene(f"the server is killed {kills} times while six press the button: each batch is paid once"):
        cut_off = 0
        for n in range(kills):
            before = world.money()
            for worker in world.workers[:5]:
                world.bonus(worker, "0.10")
                world.ask(worker)
            batch = world.approved()
            pressers = [Presser(world, f"{world.payouts}/batches/{batch}/paid") for _ in range(6)]
            for presser in pressers:
                presser.start()
            time.sleep(random.uniform(0, 0.01))
            world.house.kill()
            world.house.start()
            for presser in pressers:
                presser.join(90)
                assert not presser.is_alive() and presser.trouble is None, presser.trouble
                cut_off += presser.cut_off
            now = world.money()
            assert now["paid"] == before["paid"] + 50 and now["payout"] == 0, (n, before, now)
        print(f"          {cut_off} requests cut off")
        world.check()
        assert "0 ledger balances differed" in world.house.run("rebuild", "--check", expect=None)[0]


def gone(story, world):
    worker = world.workers[5]
    with story.scene("who erases the account is forgotten by the payouts; the books stay, and hold"):
        world.bonus(worker, "2")
        world.ask(worker)
        before = world.money()
        count = "SELECT count(*) FROM payout_details WHERE holder = 'Dan Ferreira'"
        assert world.house.database.ask(count) == [["1"]]
        browser = world.house.browser()
        browser.submit(browser.get("/sign-in").form("/sign-in/link").fill(email=worker["email"]))
        browser.submit(browser.get(world.house.mail.link(world.house.mail_to(worker["email"], "Sign in"))).forms[-1])
        browser.submit(browser.get("/account").form("/account/erase").fill(sure=True))
        wait_until(lambda: world.house.database.ask(count) == [["0"]], 30, "the details are forgotten")
        assert world.money() == before
        request = world.owner.get(world.payouts)["requests"][0]
        assert not request["has_details"], request
        world.owner.post(f"/campaigns/{world.campaign}/payouts/{request['payout_id']}/decline", {"reason": "They have left."})
        world.check()


def damaged(story, world):
    story.provokes("ledger.differs")
    story.provokes("job.failed")
    database = world.house.database
    [[campaign]] = database.ask("SELECT campaign_id FROM ledger ORDER BY campaign_id LIMIT 1")
    world.house.stop()
    with story.scene("a balance changed by hand is found, shown by doctor and the nightly job, and rebuilt"):
        database.tamper(f"UPDATE ledger_balance SET balance = balance + 7 WHERE campaign_id = {campaign} "
                        "AND account = 'budget' AND slot = 3")
        output = world.check(expect=1)
        assert "budget: kept is" in output and "add up to 7, not to 0" in output, output
        assert "BAD  all ledgers hold" in world.house.run("doctor", expect=1)[0]
        world.house.start(clock_offset_s=2 * 86400)
        wait_until(lambda: "ledger.differs" in world.house.log(), 30, "the nightly job's finding")
        world.house.stop()
        assert "1 ledger balances differed" in world.house.run("rebuild", "--check", expect=1)[0]
        world.house.run("rebuild")
        world.check()

    def found(statement, words, undo):
        database.tamper(statement)
        output = world.check(expect=1)
        assert words in output, (words, output)
        database.tamper(undo)
        world.check()

    with story.scene("so are a changed transfer, a reversal that does not match, a payout paid twice or not at all"):
        [[entry, amount]] = database.ask(
            "SELECT e.ledger_entry_id, t.amount FROM ledger_entry e JOIN ledger_transfer t ON t.ledger_entry_id = e.ledger_entry_id "
            "WHERE e.reverses_id > 0 AND e.entry_kind = 'reverse' ORDER BY e.ledger_entry_id LIMIT 1")
        found(f"UPDATE ledger_transfer SET amount = amount + 1 WHERE ledger_entry_id = {entry}",
              "is not the opposite of what it reverses",
              f"UPDATE ledger_transfer SET amount = {amount} WHERE ledger_entry_id = {entry}")
        [[payout]] = database.ask("SELECT payout_id FROM payout WHERE payout_state = 'paid' ORDER BY payout_id LIMIT 1")
        found(f"UPDATE payout SET payout_state = 'batched' WHERE payout_id = {payout}", "is batched, but 0 of it is on its way",
              f"UPDATE payout SET payout_state = 'paid' WHERE payout_id = {payout}")
        found(f"UPDATE payout SET amount = amount + 1 WHERE payout_id = {payout}", "its payouts are",
              f"UPDATE payout SET amount = amount - 1 WHERE payout_id = {payout}")
        found(f"INSERT INTO ledger_entry VALUES ({campaign}, 5, 'pay', 6, 'owner', 0, '', 0, 1)", "entry 0000000000005 has no transfers",
              "DELETE FROM ledger_entry WHERE ledger_entry_id = 5")

    with story.scene("the schema itself refuses a second payment, a second reversal and a balance below 0"):
        for statement in (
                f"INSERT INTO ledger_entry SELECT campaign_id, ledger_entry_id + 1, entry_kind, concerns, actor, person_id, "
                f"entry_reason, reverses_id, made_at FROM ledger_entry WHERE concerns = {payout} AND entry_kind = 'pay'",
                f"INSERT INTO ledger_entry SELECT campaign_id, ledger_entry_id + 1, entry_kind, concerns, actor, person_id, "
                f"entry_reason, reverses_id, made_at FROM ledger_entry WHERE ledger_entry_id = {entry}",
                "UPDATE ledger_balance SET balance = -1 WHERE account = 'budget'",
                "UPDATE ledger_transfer SET amount = 0"):
            try:
                database.tamper(statement)
            except Exception:
                continue
            raise AssertionError(f"the database took: {statement}")
        world.check()
        world.house.start()
