"""Stands in for an embeddings service: knows a few concepts in German, and fails as it is told.

Its vectors are like those of real models in what matters here: they are long, they all share a great part, and texts
that mean the same lie near each other, whatever words they are in.
"""

import hashlib
import json
import math
import time

from standin import StandIn

CONCEPTS = [{"fahrrad", "fahrräder", "velo", "velos", "rad", "drahtesel"}, {"bahnhof", "zug", "gleis", "haltestelle"},
            {"abstellen", "ständer", "parkplatz", "unterbringen"}, {"schatten", "sonne", "hitze", "bäume"},
            {"spielplatz", "kinder", "schaukel", "rutsche"}, {"bank", "bänke", "sitzen", "ausruhen"}]
LENGTH, SHARED = 768, 2.0


def words_of(text):
    return [word.strip(".,!?").lower() for word in text.split()]


def direction(name):
    """A direction of its own for each name, always the same."""
    stream = hashlib.shake_256(name.encode()).digest(LENGTH * 2)
    values = [int.from_bytes(stream[2 * i:2 * i + 2], "little") / 32768 - 1 for i in range(LENGTH)]
    length = math.sqrt(sum(v * v for v in values))
    return [v / length for v in values]


def vector(text):
    parts = [("shared", SHARED)]
    for word in words_of(text):
        concept = next((i for i, words in enumerate(CONCEPTS) if word in words), None)
        parts.append((f"concept {concept}", 1) if concept is not None else (f"word {word}", 0.1))
    sums = [0.0] * LENGTH
    for name, weight in parts:
        for i, value in enumerate(direction(name)):
            sums[i] += weight * value
    return sums


class Embedder(StandIn):
    """`how`: 'openai' or 'ollama'; 'busy' (503), 'garbage', 'short', 'longer', 'nothing' (hangs until told otherwise).
    A text that holds the word in `refuses` has its whole batch refused."""

    def __init__(self, port=0):
        self.how, self.refuses, self.asked, self.headers, self.hanging = "openai", None, [], [], 0
        super().__init__(port)

    def answer(self, _path, headers, body):
        question = json.loads(body)
        self.asked.append(question)
        self.headers.append(headers)
        self.hanging += 1
        while self.how == "nothing":
            time.sleep(0.05)
        self.hanging -= 1
        texts = question["input"]
        if self.how == "busy":
            return 503, b"later"
        if self.how == "garbage":
            return 200, b"<html>hello"
        if self.refuses and any(self.refuses in text for text in texts):
            return 400, b'{"error":"a text cannot be read"}'
        vectors = [vector(text) for text in texts]
        if self.how == "short":
            vectors = vectors[:-1]
        if self.how == "longer":
            vectors = [v + [0.5] for v in vectors]
        if self.how == "ollama":
            return 200, json.dumps({"model": question["model"], "embeddings": vectors}).encode()
        data = [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(vectors)]
        return 200, json.dumps({"object": "list", "data": data[::-1]}).encode()

    def texts(self):
        return [text for question in list(self.asked) for text in question["input"]]

    def stop(self):
        self.how = "openai"
        super().stop()
