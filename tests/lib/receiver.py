"""A program that webhooks are sent to: keeps what comes, and answers as it is told."""

import http.server
import json
import threading
import time


class Received:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.id, self.at = headers["webhook-id"], time.monotonic()
        self.news = json.loads(body)
        self.type, self.data = self.news["type"], self.news["data"]


class Receiver:
    """Answers 204, or with the status that `answers` holds for a path, after the seconds that `delays` holds."""

    def __init__(self, port=0):
        receiver = self
        self.received, self.answers, self.delays = [], {}, {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.path, headers, body.decode()))
                time.sleep(receiver.delays.get(self.path, 0))
                status = receiver.answers.get(self.path, 204)
                try:
                    self.send_response(status)
                    self.send_header("content-length", "0" if status == 204 else "9")
                    self.end_headers()
                    self.wfile.write(b"" if status == 204 else b"As it is\n")
                except OSError:
                    pass  # whoever asked has gone

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, path, kind=None):
        return [r for r in list(self.received) if r.path == path and kind in (None, r.type)]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
