"""A mail server for tests and demonstrations: takes every mail and keeps it, or says that it came."""

import email
import email.policy
import re
import socketserver
import threading


class Session(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a well-behaved client needs."""

    timeout = 60

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        recipients = []
        self.say("220 localhost ready")
        while line := self.rfile.readline(2000):
            word = line[:4].upper().strip()
            if word == b"QUIT":
                self.say("221 Goodbye")
                return
            if word == b"DATA":
                self.say("354 Go on")
                self.server.take(recipients, self.content())
                recipients = []
                self.say("250 Kept")
                continue
            if word == b"RCPT":
                recipients.append(re.search(rb"<([^>]*)>", line).group(1).decode())
            self.say("250-localhost\r\n250 8BITMIME" if word == b"EHLO" else "250 Fine")

    def content(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class Postbox(socketserver.ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1. `mails` holds what came: {to, subject, text, message}."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, on_mail=None):
        super().__init__(("127.0.0.1", 0), Session)
        self.port, self.mails, self.on_mail = self.server_address[1], [], on_mail
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def take(self, recipients, content):
        message = email.message_from_bytes(content, policy=email.policy.default)
        text = message.get_body(("plain",)).get_content()
        for recipient in recipients:
            mail = {"to": recipient, "subject": str(message["subject"]), "text": text, "message": message}
            self.mails.append(mail)
            if self.on_mail:
                self.on_mail(mail)

    def newest(self, address, subject=""):
        return next((m for m in reversed(self.mails)
                     if m["to"] == address and subject.lower() in m["subject"].lower()), None)

    def count(self, address):
        return sum(m["to"] == address for m in self.mails)

    @staticmethod
    def link(mail):
        return re.search(r"https?://\S+", mail["text"]).group(0)

    def stop(self):
        self.shutdown()
        self.server_close()
