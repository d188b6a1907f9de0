"""A Manyhands server of one's own for a test: its database, folder, port, mails and log.

    with Installation("sqlite") as house:
        house.set_up()
        house.start()
        owner = house.owner()

Everything listens on 127.0.0.1; processes are ended by their own id.
"""

import contextlib
import csv
import datetime
import io
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from clients import Api, Browser
from postbox import Postbox

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MANYHANDS_BUILD", ROOT / "build"))
PROGRAM = BUILD / "manyhands"
OWNER = ("anna.berg@example.org", "Anna Berg", "granite-lantern-42-harbour")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def days_ahead(days):
    """A time as the API takes it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def wait_until(happened, patience_s=30.0, what="it"):
    """Asks again and again until the answer is true, and returns it."""
    end = time.monotonic() + patience_s
    while True:
        result = happened()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {patience_s:.0f} s")
        time.sleep(0.05)


class Cluster:
    """A PostgreSQL of one's own, on a private port and in a private folder."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="manyhands-postgres-"))
        self.folder.chmod(0o755)  # the user postgres passes through
        self.url = self._script("start").strip()

    def _script(self, what):
        return subprocess.run([ROOT / "script/postgres", what, self.folder / "cluster"], check=True, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.decode()

    def crash(self):
        """Stops it as a crash would, and starts it again."""
        self._script("restart")

    def stop(self):
        self._script("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_of(self, words, lines=8):
        """What the server said where its log holds these words, with the lines that follow."""
        said = (self.folder / "cluster" / "log").read_text(errors="replace").splitlines()
        return "\n".join("\n".join(said[i:i + lines]) for i, line in enumerate(said) if words in line)


class Database:
    """A fresh, empty database; `url` is what the server is given."""

    def __init__(self, kind, folder, cluster=None):
        self.kind, self.name = kind, None
        if kind == "sqlite":
            self.url = f"sqlite:{folder}/manyhands.db"
            return
        cluster = cluster or os.environ["MANYHANDS_TEST_POSTGRES"]
        self.cluster, self.name = cluster, "story_" + secrets.token_hex(6)
        self._psql(f"CREATE DATABASE {self.name}")
        self.url = cluster.rsplit("/", 1)[0] + "/" + self.name

    def _psql(self, statement, url=None):
        subprocess.run(["psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-c", statement, url or self.cluster],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)

    def tamper(self, statements):
        """Changes rows behind the server's back, for tests of what notices it."""
        if self.kind == "sqlite":
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:"))) as connection:
                connection.executescript(statements)
        else:
            self._psql(statements, self.url)

    def ask(self, statement):
        """Runs one statement beside the server; rows as lists of text."""
        if self.kind == "sqlite":
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:"), timeout=30)) as db, db:
                return [[str(value) for value in row] for row in db.execute(statement)]
        done = subprocess.run(["psql", "-q", "-X", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                               "-c", statement, self.url],
                              check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)
        return [line.split("\t") for line in done.stdout.decode().splitlines()]

    def holding(self, words):
        """Where words stand in any table: 'table.column', for texts and bytes alike."""
        if self.kind == "sqlite":
            columns = self.ask("SELECT m.name, c.name, 'any' FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'")
        else:
            columns = self.ask("SELECT table_name, column_name, data_type FROM information_schema.columns "
                               "WHERE table_schema = 'public' AND data_type IN ('text', 'bytea')")
        as_text = {"any": 'CAST("{}" AS TEXT)', "text": '"{}"', "bytea": "encode(\"{}\", 'escape')"}
        looks = [f"SELECT '{table}.{column}', count(*) FROM \"{table}\" WHERE {as_text[kind].format(column)} LIKE '%{words}%'"
                 for table, column, kind in columns]
        some = 100  # SQLite joins no more than 500 at once
        return [place for at in range(0, len(looks), some)
                for place, found in self.ask(" UNION ALL ".join(looks[at:at + some])) if found != "0"]

    def drop(self):
        if self.name:
            self._psql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


class Installation:
    """One server with its data; can be stopped, killed and started again on them."""

    def __init__(self, kind="sqlite", with_mail=True, folder=None, cluster=None, share=None, **settings):
        """In a new folder that goes away at the end, or in one that stays; on a new database, or on one that is
        shared."""
        self.kind, self.stays = kind, folder is not None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="manyhands-story-"))
        self.shares = share is not None
        self.database = share or Database(kind, self.folder, cluster)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mail = Postbox() if with_mail else None
        self.process, self.console = None, ""
        self.log_path = self.folder / "log"
        self.starts = 0
        self.settings = {
            "MANYHANDS_SERVER_LISTEN": f"127.0.0.1:{self.port}",
            "MANYHANDS_SERVER_PUBLIC_URL": self.url,
            "MANYHANDS_SERVER_RATE_LIMITS": "no",
            "MANYHANDS_DATABASE_URL": self.database.url,
            "MANYHANDS_FILES_FOLDER": str(self.folder / "files"),
        }
        if self.mail:
            self.settings["MANYHANDS_MAIL_SMTP_URL"] = f"smtp://127.0.0.1:{self.mail.port}"
        self.settings.update(settings)

    def twin(self, node=1):
        """Another server on the same database and files; it goes before this one does."""
        twin = Installation(self.kind, with_mail=False, folder=self.folder / f"node-{node}", share=self.database)
        twin.folder.mkdir()
        twin.settings |= {"MANYHANDS_FILES_FOLDER": self.settings["MANYHANDS_FILES_FOLDER"],
                          "MANYHANDS_CLUSTER_NODE": str(node)}
        return twin

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        if self.process is not None:
            self.kill()
        if self.mail:
            self.mail.stop()
            self.mail = None
        if not self.shares:
            self.database.drop()
        if os.environ.get("MANYHANDS_KEEP"):
            print(f"      kept: {self.folder}")
        elif not self.stays:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- The process --------------------------------------------------------------------------------

    def environment(self, **more):
        return {**os.environ, **self.settings, **{k: str(v) for k, v in more.items()}}

    def start(self, clock_offset_s=None, **more):
        """Starts the server and waits until it is ready."""
        assert self.process is None
        if clock_offset_s is not None:
            self.settings["MANYHANDS_CLOCK_OFFSET_S"] = str(clock_offset_s)
        self.starts += 1
        console = open(self.folder / f"console-{self.starts}", "w+b")
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([PROGRAM, "serve"], env=self.environment(**more), cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=console, stderr=log)
        console.close()
        log.close()

        def ready():
            self.console = (self.folder / f"console-{self.starts}").read_text()
            status = self.process.poll()
            assert status is None, f"the server ended with {status}: {self.log()[-2000:]}"
            return "Manyhands serves" in self.console

        wait_until(ready, 60, "the server's start")
        return self

    def stop(self):
        """Asks it to stop and expects that it does so well."""
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        status = process.wait(60)
        assert status == 0, f"the server ended with {status}: {self.log()[-3000:]}"

    def kill(self):
        process, self.process = self.process, None
        process.kill()
        process.wait(60)

    def restart(self, **how):
        self.stop()
        return self.start(**how)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def complaints(self):
        """Lines of the log of level error, and whatever is no JSON (a sanitizer's report)."""
        found = []
        for line in self.log().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                found.append(line)
                continue
            if entry.get("level") == "error":
                found.append(line)
        return found

    # --- The command line -----------------------------------------------------------------------------

    def run(self, *arguments, expect=0, stdin=None, **more):
        """Runs a subcommand on the same configuration; returns what it printed, (stdout, stderr)."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], env=self.environment(**more), cwd=self.folder,
                              input=stdin, capture_output=True, timeout=300)
        output, errors = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        assert expect is None or done.returncode == expect, \
            f"manyhands {' '.join(map(str, arguments))} ended with {done.returncode}: {output[-800:]} {errors[-1500:]}"
        return output, errors

    def set_up(self, name="Stadtwerke Linden", owner=OWNER, *options):
        email, person, password = owner
        return self.run("setup", "--name", name, "--email", email, "--person", person, *options,
                        MANYHANDS_OWNER_PASSWORD=password)

    def people(self, names, scope="participate"):
        """Accounts with bearer tokens: [{email, person_id, token, name}]."""
        rows = io.StringIO()
        writer = csv.writer(rows)
        writer.writerow(["email", "name"])
        pairs = [n if isinstance(n, tuple) else (f"{n.lower().replace(' ', '.')}@example.org", n) for n in names]
        writer.writerows(pairs)
        output, _ = self.run("import", "people", "-", "--token", scope, stdin=rows.getvalue().encode())
        made = [line.split(",") for line in output.splitlines()]
        return [{"email": e, "person_id": i, "token": t, "name": name}
                for (e, i, t), (_, name) in zip(made, pairs, strict=True)]

    # --- Those who come in ----------------------------------------------------------------------------------

    def browser(self):
        return Browser(self)

    def api(self, token=""):
        return Api(self, token)

    def mail_to(self, address, subject="", patience_s=30.0):
        """The newest mail to this address whose subject contains the words."""
        return wait_until(lambda: self.mail.newest(address, subject), patience_s, f"a mail “{subject}” to {address}")

    def owner(self):
        browser = self.browser()
        browser.sign_in(OWNER[0], OWNER[2])
        return browser

    def token_of(self, browser, scope="manage", label="Story"):
        """A bearer token made on the account page."""
        page = browser.submit(browser.get("/account").form("/account/tokens").fill(label=label, scope=scope))
        return re.search(r"shown only now\.\s*([\w-]{43})", page.text).group(1)
