"""A mail server for tests: prints its port, keeps each mail as a file, and refuses by recipient.

    mail_server.py FOLDER [ADDRESS]

Mails to refuse@…, later@… and data@… are answered with 550, 451, and 554 after the text.
Received mails are FOLDER/1.eml, 2.eml, … as they came, and 1.txt, … as Python's mail reader
understands them. Whoever logs in needs the password 'right', and FOLDER/logins counts a line for
each that tried. TLS is not offered. It ends when its standard input closes.
"""

import email
import email.policy
import pathlib
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Handler:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("data@"):
            return "554 5.7.1 we do not like this text"
        self.count += 1
        (self.folder / f"{self.count}.eml").write_bytes(envelope.original_content)
        (self.folder / f"{self.count}.txt").write_text(read(envelope), encoding="utf-8")
        return "250 OK kept"


def read(envelope):
    mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
    sender = mail["From"].addresses[0]
    defects = [*mail.defects, *(d for value in mail.values() for d in value.defects)]
    return (f"envelope: {envelope.mail_from} > {envelope.rcpt_tos[0]}\n"
            f"from: {sender.display_name} / {sender.addr_spec}\n"
            f"to: {mail['To']}\nsubject: {mail['Subject']}\nid: {mail['Message-ID']}\n"
            f"date: {mail['Date'].datetime.isoformat()}\ndefects: {defects}\n\n"
            + mail.get_content().replace("\r\n", "\n"))


class AnyPort(Controller):
    """Port 0, so that the system chooses; the controller's own first connection needs to know it."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def login(server, session, envelope, mechanism, data):
    with (pathlib.Path(sys.argv[1]) / "logins").open("a") as logins:
        print(data.login.decode(), file=logins)
    return AuthResult(success=data.password == b"right")


host = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
controller = AnyPort(Handler(sys.argv[1]), hostname=host, port=0, auth_require_tls=False,
                     authenticator=login)
controller.start()
print(controller.port, flush=True)
sys.stdin.read()
controller.stop()
