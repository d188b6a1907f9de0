"""Serves the demonstration until Ctrl-C, with a mail server that prints what would be mailed."""

import os
import pathlib
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script" / "demonstration"))

import town  # noqa: E402
from postbox import Postbox  # noqa: E402

WELCOME = """
  Open        {url}
  Owner       {owner[0]}  password  {owner[2]}
  Moderator   {moderator[0]}  password  {moderator[2]}
  Participant {participant[0]}  password  {participant[2]}

  You can sign up as well: mails are printed here. Ctrl-C stops the server.
"""


def print_mail(mail):
    print(f"\nMail to {mail['to']}: {mail['subject']}\n")
    print("".join("    " + line + "\n" for line in mail["text"].strip().splitlines()), flush=True)


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    url = os.environ.get("MANYHANDS_SERVER_PUBLIC_URL", "http://localhost:8080")
    postbox = Postbox(print_mail)
    settings = {
        "MANYHANDS_DATABASE_URL": f"sqlite:{folder}/manyhands.db",
        "MANYHANDS_FILES_FOLDER": str(folder / "files"),
        "MANYHANDS_MAIL_SMTP_URL": f"smtp://127.0.0.1:{postbox.port}",
        "MANYHANDS_LOG_LEVEL": os.environ.get("MANYHANDS_LOG_LEVEL", "warn"),
    }
    server = subprocess.Popen([ROOT / "build" / "manyhands", "serve"], env={**os.environ, **settings}, cwd=ROOT,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.send_signal(signal.SIGTERM))
    for line in server.stdout:
        print(line, end="")
        if "Manyhands serves" in line:
            print(WELCOME.format(url=url, owner=town.OWNER, moderator=town.MODERATOR, participant=town.PARTICIPANT),
                  flush=True)
    status = server.wait()
    print("Stopped." if status == 0 else f"The server ended with {status}.", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
