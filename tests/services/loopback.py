"""A service on this machine: it answers from a thread of its own and ends with the test."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass
class Answer:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    media: str = "application/json; charset=UTF-8"
    headers: dict = field(default_factory=dict)


@dataclass
class Question:
    """What was asked."""

    method: str
    path: str
    query: list
    body: bytes
    length: int

    def one(self, name, default=""):
        return next(
            (value for key, value in self.query if key.casefold() == name.casefold()), default
        )


def as_json(tree, status=200, **headers):
    return Answer(status, json.dumps(tree, ensure_ascii=False).encode(), headers=headers)


WEB_PAGE = Answer(200, b"<!DOCTYPE html><html><h1>Maintenance</h1></html>", "text/html")


@dataclass
class Rate:
    """So many calls in a window of seconds; the next is refused until it has passed."""

    calls: int = 0
    seconds: float = 0.0
    as_date: bool = False
    clock: object = time.time
    made: list = field(default_factory=list)

    def refused(self):
        """Return seconds to wait, as Retry-After has it, or nothing where the call is within limits."""
        now = self.clock()
        self.made = [moment for moment in self.made if moment > now - self.seconds]
        if not self.calls or len(self.made) < self.calls:
            self.made.append(now)
            return None
        wait = self.made[0] + self.seconds - now
        return formatdate(now + wait + 1, usegmt=True) if self.as_date else str(int(wait) + 1)


@dataclass
class Service:
    """What all services have: a log of what was asked, a rate, and answers that come instead."""

    rate: Rate = field(default_factory=Rate)
    instead: list = field(default_factory=list)
    log: list = field(default_factory=list)

    def answer(self, question):
        raise NotImplementedError

    def limited(self, wait):
        return Answer(429, b"API calls quota exceeded!", "text/plain", {"Retry-After": wait})

    def respond(self, question):
        self.log.append(question)
        wait = self.rate.refused()
        if wait is not None:
            return self.limited(wait)
        for number, (part, answer) in enumerate(self.instead):
            if part in question.path:
                del self.instead[number]
                return answer
        return self.answer(question)

    @contextmanager
    def running(self):
        """Yield the address of the service."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        server.daemon_threads = True
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def handler(service):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = parse_qsl(parts.query, keep_blank_values=True)
            question = Question(self.command, unquote(parts.path), query, body, len(self.path))
            answer = service.respond(question)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = handle_any  # noqa: N815

        def log_message(self, *arguments):
            pass

    return Handler
