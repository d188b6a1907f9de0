"""People who do tasks, simulated: each with a hand of their own, over the real API.

    staff = [Worker(person, Careful(...)), ...]
    crew = Crew(port, campaign, staff, connections=64)
    crew.run()                       # until there is nothing left to do
    crew.given, crew.seconds

A connection serves several workers in turn, one request after another, as browsers on one machine
would. Answers that were cut off are asked again with the same fence: the server says whether it has
them.
"""

import asyncio
import json
import time


class Worker:
    """`hand` answers: hand(item) → text, from what is shown. What was acknowledged, by what the items show, is
    `given`; what was cut off and then refused, so that it may be there, `maybe`. `unsure` holds, by item, answers
    that were sent and not yet acknowledged."""

    def __init__(self, person, hand):
        self.token, self.person_id, self.hand = person["token"], person["person_id"], hand
        self.items, self.given, self.unsure, self.maybe = [], {}, {}, set()
        self.rests_until, self.is_done, self.stopped = 0.0, False, ""


class Broken(Exception):
    """The connection ended before the answer did."""


class Wire:
    """One kept-alive connection, opened when it is needed."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def post(self, token, path, body):
        data = json.dumps(body).encode()
        head = (f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n").encode()
        try:
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            self.writer.write(head + data)
            top = await self.reader.readuntil(b"\r\n\r\n")
            size = 0
            for line in top.split(b"\r\n"):
                if line[:15].lower() == b"content-length:":
                    size = int(line[15:])
            content = await self.reader.readexactly(size)
        except (OSError, asyncio.IncompleteReadError) as trouble:
            self.close()
            raise Broken(str(trouble)) from trouble
        return int(top[9:12]), json.loads(content) if content else {}

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def shown(item):
    """What tells an item from others: its text, or its picture's address."""
    return item["shown"] or item["image"]


class Crew:
    def __init__(self, ports, campaign, workers, connections=64, most=None, vanish=0.0, chance=None):
        """`ports`: of one server, or of several in turn. `most`: answers after which it stops. `vanish`:
        share of items that are taken and never answered."""
        self.ports = ports if isinstance(ports, (list, tuple)) else [ports]
        self.path, self.workers, self.connections = f"/campaigns/{campaign}/tasks", workers, connections
        self.most, self.vanish, self.chance = most, vanish, chance
        self.given, self.refused, self.cut_off, self.seconds = 0, {}, 0, 0.0
        self.halted = False

    def run(self):
        started = time.monotonic()
        asyncio.run(self._all())
        self.seconds = time.monotonic() - started

    async def _all(self):
        lots = [self.workers[n::self.connections] for n in range(self.connections)]
        await asyncio.gather(*(self._serve(Wire(self.ports[n % len(self.ports)]), lot)
                               for n, lot in enumerate(lots) if lot))

    def _enough(self):
        return self.halted or (self.most is not None and self.given >= self.most)

    async def _serve(self, wire, workers):
        left = list(workers)
        while left and not self._enough():
            now = time.monotonic()
            ready = [w for w in left if w.rests_until <= now]
            if not ready:
                await asyncio.sleep(0.05)
            for worker in ready:
                if self._enough():
                    break
                try:
                    await self._step(wire, worker)
                except Broken:
                    self.cut_off += 1
                    await asyncio.sleep(0.05)
            left = [w for w in left if not w.is_done]
        wire.close()

    async def _step(self, wire, worker):
        if not worker.items:
            status, view = await wire.post(worker.token, self.path + "/take", {"count": 1})
        else:
            item = worker.items[0]
            if self.vanish and self.chance.random() < self.vanish:
                worker.maybe |= {shown(i) for i in worker.items if i["task_item_id"] in worker.unsure}
                worker.items = []
                worker.rests_until = time.monotonic() + 1
                return
            answer = worker.unsure.get(item["task_item_id"]) or worker.hand(item)
            body = {"fence": item["fence"], "count": 1}
            body.update(answer if isinstance(answer, dict) else {"answer": answer})
            worker.unsure[item["task_item_id"]] = answer
            status, view = await wire.post(worker.token, f"{self.path}/{item['task_item_id']}/give", body)
            if status in (200, 409):
                sent = worker.unsure.pop(item["task_item_id"])
                worker.items = worker.items[1:]
                if status == 200:
                    worker.given[shown(item)] = sent
                    self.given += 1
                else:
                    worker.maybe.add(shown(item))
                    self.refused[view.get("code")] = self.refused.get(view.get("code"), 0) + 1
                    return
        if status == 503:
            worker.rests_until = time.monotonic() + 0.05
            return
        if status == 409 and view.get("code") == "not_now" or status in (403, 404):
            worker.is_done = True
            return
        assert status == 200, (status, view)
        worker.items = view["items"]
        if not worker.items:
            worker.stopped = view["worker"]["state"] == "stopped" and view["nothing"]
            worker.is_done = view["again_seconds"] == 0
            worker.rests_until = time.monotonic() + 0.3
