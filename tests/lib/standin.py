"""What programs that stand in for others share: an HTTP server of its own on a port of this machine."""

import http.server
import threading


class StandIn:
    """Answers each POST with what `answer(path, headers, body)` of the subclass gives: status and body, as bytes.
    Header names are lower case. Each question has a thread of its own, so that an answer may take its time."""

    def __init__(self, port=0):
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                question = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, body = stand_in.answer(self.path, headers, question)
                try:
                    self.send_response(status)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # whoever asked has gone

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
