"""What the benchmarks share: a release build, a campaign with people and ideas, load, processor time.

Each benchmark prints lines `name value unit ratio`; the ratio compares two things measured in the same
run, and is `-` where there is nothing to compare with. Lines that begin with # explain.

Requests per second of processor time is the measure for pages: it stays the same whether the load
generator has a core of its own or not.
"""

import base64
import contextlib
import csv
import hashlib
import json
import os
import pathlib
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
LUA = pathlib.Path(__file__).resolve().parent
ROUND_S = float(os.environ.get("BENCH_ROUND_S", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))

if "MANYHANDS_BUILD" not in os.environ:
    subprocess.run([ROOT / "script" / "build", "--release", "manyhands"], check=True)
    os.environ["MANYHANDS_BUILD"] = str(ROOT / "build-release")
sys.path.insert(0, str(ROOT / "tests" / "lib"))

from manyhands import PROGRAM, Installation, free_port, wait_until  # noqa: E402


def report(name, value, unit, ratio=None):
    print(f"{name} {value:.4g} {unit} {'-' if ratio is None else f'{ratio:.2f}'}", flush=True)


def note(text):
    print(f"# {text}", flush=True)


# --- Data -----------------------------------------------------------------------------------------

THINGS = ("river park bus school library tree lamp bridge market square music clinic sport garden cycle "
          "water street museum night youth bench tram harbour kitchen roof island station meadow").split()
CATEGORIES = ("", "Streets", "Parks", "Schools", "Culture", "Sport")
IMPORT_ROWS_MAX = 20000  # of one file


def words_of_idea(number):
    a, b, c = (THINGS[(number // n) % len(THINGS)] for n in (1, 7, 131))
    title = f"A {a} near every {b} of the {c} quarter, number {number}"
    text = (f"Whoever uses the **{a}** today has to walk to the {b}. It could start with one {c} and\n"
            f"grow from there:\n\n* ask those who live by the {b},\n* build it with the {c}'s friends.\n")
    return title, text * (1 + number % 3)


class Campaign:
    """An open campaign with ideas in an installation that is set up and stopped."""

    def __init__(self, house, ideas, people=0):
        self.house = house
        self._run("setup", "--name", "Benchtown", "--email", "owner@example.org", "--person", "Owner",
                  MANYHANDS_OWNER_PASSWORD="granite-lantern-42-harbour")
        self.tokens, self.people = [], []
        if people > 0:
            self._import_people(people)
        self.id = None
        for first in range(0, ideas, IMPORT_ROWS_MAX):
            self._import_ideas(range(first, min(ideas, first + IMPORT_ROWS_MAX)))
        self.ideas = [id_text(n) for n in self.rows("SELECT subject_id FROM subject ORDER BY subject_id")]
        self.categories = [id_text(n) for n in self.rows("SELECT category_id FROM category ORDER BY position")]
        self.path = f"/campaigns/{self.id}"
        self._choose_port()

    def _choose_port(self):
        """Taking in many ideas lasts: the port chosen before may have gone to somebody else."""
        house = self.house
        house.port = free_port()
        house.url = f"http://127.0.0.1:{house.port}"
        house.settings["MANYHANDS_SERVER_LISTEN"] = f"127.0.0.1:{house.port}"
        house.settings["MANYHANDS_SERVER_PUBLIC_URL"] = house.url

    def _run(self, *arguments, **environment):
        done = subprocess.run([PROGRAM, *arguments], env=self.house.environment(**environment),
                              cwd=self.house.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _file(self, rows):
        path = self.house.folder / "import.csv"
        with open(path, "w", newline="") as out:
            csv.writer(out).writerows(rows)
        return path

    def _import_people(self, count):
        rows = [("email", "name"), *((f"p{i}@example.org", f"Person {i}") for i in range(count))]
        for line in self._run("import", "people", self._file(rows), "--token", "participate").split():
            self.tokens.append(line.split(",")[2])
        self.people = self.rows("SELECT person_id FROM person ORDER BY person_id DESC LIMIT 100")

    def _import_ideas(self, numbers):
        rows = [("title", "text", "author", "category"),
                *((*words_of_idea(i), f"Citizen {i}", CATEGORIES[i % len(CATEGORIES)]) for i in numbers)]
        into = ("--campaign", self.id) if self.id else ("--open", "--question", "What should change here?")
        said = self._run("import", "ideas", self._file(rows), *into)
        self.id = self.id or said.split("campaign ")[1].split()[0]

    def _database(self):
        path = self.house.database.url.removeprefix("sqlite:")
        return contextlib.closing(sqlite3.connect(path))

    def rows(self, query):
        with self._database() as db:
            return [row[0] for row in db.execute(query)]

    def sign_in(self):
        """A session of one of the people, as a Cookie header; put where the server would put it."""
        token = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
        now = int(time.time() * 1e6)
        with self._database() as db, db:
            db.execute("INSERT INTO session (session_id, token_hash, person_id, created_at, expires_at) "
                       "VALUES (?, ?, ?, ?, ?)", (secrets.randbits(62), hashlib.sha256(token.encode()).digest(),
                                                  self.people[0], now, now + 86400 * 10**6))
        return f"session={token}"

    def votes_file(self):
        """For votes.lua: each line a place to vote, each token a person."""
        (self.house.folder / "tokens").write_text("\n".join(self.tokens) + "\n")
        (self.house.folder / "ideas").write_text("\n".join(self.ideas) + "\n")


def id_text(number):
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(digits[number >> shift & 31] for shift in range(60, -1, -5))


# --- Load -----------------------------------------------------------------------------------------

class Load:
    """One run of wrk; `result()` waits for its end."""

    def __init__(self, url, connections, seconds=ROUND_S, script="same.lua", headers=(), **environment):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s", "-s", LUA / script]
        for header in headers:
            command += ["-H", header]
        self.process = subprocess.Popen([*command, url], env={**os.environ, **environment}, text=True,
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)

    def result(self):
        said, _ = self.process.communicate()
        result = json.loads(said[said.index("RESULT ") + 7:].splitlines()[0])
        result["rate"] = result["requests"] / result["seconds"]
        return result


def must_be_clean(result):
    assert result["errors"] == 0, f"{result['errors']} requests failed"
    return result


def votes(campaign, connections, start, seconds=ROUND_S):
    return Load(campaign.house.url, connections, seconds, "votes.lua", BENCH_START=str(start),
                BENCH_FOLDER=str(campaign.house.folder), BENCH_CAMPAIGN=campaign.id)


def processor_s(pid):
    """Processor time of all threads so far, from the scheduler's own clock."""
    total = 0
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


class Nginx:
    """Debian's nginx with one worker, serving a folder of files."""

    CONFIG = """worker_processes 1; daemon off; master_process on; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5; default_type "text/html; charset=utf-8";
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="manyhands-nginx-")
        self.folder, self.port = pathlib.Path(self._temporary.name), free_port()
        self.folder.chmod(0o755)
        self.url = f"http://127.0.0.1:{self.port}"
        (self.folder / "conf").write_text(self.CONFIG.format(folder=self.folder, port=self.port))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", self.folder / "conf"],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        wait_until(lambda: children.read_text().strip(), 10, "nginx's start")
        self.worker = int(children.read_text().split()[0])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self._temporary.cleanup()


def median(values):
    return statistics.median(values)
