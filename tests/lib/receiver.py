"""A program that webhooks are sent to: keeps what comes, and answers as it is told."""

import json
import time

from standin import StandIn


class Received:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.id, self.at = headers["webhook-id"], time.monotonic()
        self.news = json.loads(body)
        self.type, self.data = self.news["type"], self.news["data"]


class Receiver(StandIn):
    """Answers 204, or with the status that `answers` holds for a path, after the seconds that `delays` holds."""

    def __init__(self, port=0):
        self.received, self.answers, self.delays = [], {}, {}
        super().__init__(port)
        self.url = f"http://{self.host}"

    def answer(self, path, headers, body):
        self.received.append(Received(path, headers, body.decode()))
        time.sleep(self.delays.get(path, 0))
        status = self.answers.get(path, 204)
        return status, b"" if status == 204 else b"As it is\n"

    def of(self, path, kind=None):
        return [r for r in list(self.received) if r.path == path and kind in (None, r.type)]
