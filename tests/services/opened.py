"""A loopback service as a context of its own, with the faults that services have."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from tests.services import driver
from tests.services.loopback import WEB_PAGE, Answer, Question, Service


def soon():
    return format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)


FAULTS = {
    "429-seconds": lambda: Answer(429, b"Too many requests", "text/plain", {"Retry-After": "1"}),
    "429-date": lambda: Answer(429, b'{"error": "too many"}', headers={"Retry-After": soon()}),
    "html": lambda: WEB_PAGE,
    "503": lambda: Answer(503, WEB_PAGE.body, "text/html"),
    "500": lambda: Answer(500),
}
"""Answers that any service may give once in place of the true one."""


class Opened(Service):
    """Inside the context, `base` answers what `tell` says of a path below `root`."""

    root = ""

    def __enter__(self):
        self.context = self.running()
        self.host = self.context.__enter__()
        return self

    def __exit__(self, *what):
        self.context.__exit__(*what)

    @property
    def base(self):
        return self.host + self.root

    @property
    def asked(self):
        """Return method, path with its query, and body of all that was asked."""
        return [(q.method, with_query(q), q.body.decode()) for q in self.log]

    def fail(self, fault):
        """Answer the next request with a fault."""
        self.instead.append(("", FAULTS[fault]()))

    def ask(self, method, path, body=""):
        """Return the answer to a request that does not go over the line: its status and its body."""
        parts = urlsplit(path)
        query = [tuple(pair.split("=", 1)) for pair in parts.query.split("&") if pair]
        question = Question(method, unquote(parts.path), query, body.encode(), len(path))
        answer = self.answer(question)
        return answer.status, answer.body

    def answer(self, question):
        inside = question.path.removeprefix(self.root)
        if self.root and inside == question.path:
            return self.elsewhere(question.path)
        return self.tell(question.method, inside, question.query, question.body.decode())

    def elsewhere(self, path):
        return Answer(404, WEB_PAGE.body, "text/html")

    def tell(self, method, path, query, body):
        raise NotImplementedError


def with_query(question):
    query = "&".join(f"{key}={value}" for key, value in question.query)
    return f"{question.path}?{query}" if query else question.path


def as_json(said, status=200, bom=False):
    content = json.dumps(said, ensure_ascii=False).encode()
    return Answer(status, b"\xef\xbb\xbf" * bom + content)


def lead(protocol, ask):
    """Lead a conversation to its end with no regard for waiting; return all that was answered."""
    return driver.converse(protocol, ask, wait=lambda _: None)
