"""A web server for tests that stumbles as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HANG_SECONDS = 2.0


@dataclass
class Reply:
    """What the server says to one request.

    ``fault`` is ``hang`` (never answers), ``drip`` (a byte now and then), ``short`` (less than the
    declared length), ``long`` (more than it), ``reset`` (closes at once) or empty.
    """

    body: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    media_type: str = "application/json"

    def content(self) -> bytes:
        """Return the body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


@dataclass
class Asked:
    """One request that came in."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    at: float


Answering = Callable[[Asked, int], Reply]


@dataclass
class Server:
    """A server under way: where it is, what it was asked, and who answers."""

    url: str
    answering: Answering
    asked: list[Asked] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def pages(self) -> list[str]:
        """Return the paths and parameters asked for, in order."""
        return [
            "&".join([one.path, *(f"{name}={one.parameters[name]}" for name in one.parameters)])
            for one in self.asked
        ]


@contextmanager
def serving(answering: Answering) -> Iterator[Server]:
    """Serve on this machine while the block runs; ``answering`` gets the request and its try."""
    running: list[Server] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            found = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(parts.path, found, headers, time.monotonic())
            server = running[0]
            server.asked.append(asked)
            server.tries[self.path] += 1
            send(self, server.answering(asked, server.tries[self.path]))

        def log_message(self, *_: object) -> None:
            pass

    class Listening(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    with Listening(("127.0.0.1", 0), Handler) as listening:
        running.append(Server(f"http://127.0.0.1:{listening.server_address[1]}", answering))
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield running[0]
        finally:
            listening.shutdown()
            thread.join()


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send one reply, with its fault."""
    handler.close_connection = reply.fault != ""
    if reply.fault == "reset":
        handler.connection.close()
        return
    if reply.fault == "hang":
        time.sleep(HANG_SECONDS)
        return
    content = reply.content()
    length = len(content) + {"short": 1000, "long": -10}.get(reply.fault, 0)
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.media_type)
    handler.send_header("Content-Length", str(length))
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if reply.fault == "drip":
        drip(handler, content)
    else:
        handler.wfile.write(content)


def drip(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send a byte now and then, each in time, until the other side has had enough."""
    until = time.monotonic() + HANG_SECONDS
    for place in range(len(content)):
        if time.monotonic() > until:
            return
        handler.wfile.write(content[place : place + 1])
        handler.wfile.flush()
        time.sleep(0.02)
