"""A service on this machine that answers as told, right or wrong, byte by byte.

A path has a list of acts; each call takes the next one and the last one stays. An act is the bytes of a
whole answer, or a function that is given the connection and the call and does with them what it likes.
"""

import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Act = bytes | Callable[[socket.socket, Call], None]


@dataclass
class Faulty:
    """A running service; use it as a context."""

    tls: object = None
    acts: dict[str, list[Act]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self):
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = []

    def __enter__(self):
        self._threads.append(threading.Thread(target=self._serve))
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        with socket.create_connection(self._socket.getsockname()):  # wakes the one that waits
            pass
        self._socket.close()
        for thread in self._threads:
            thread.join()

    @property
    def base(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"

    def url(self, path):
        return self.base + path

    def on(self, path, *acts):
        """Answer calls of a path with these acts, one after the other."""
        self.acts[path] = list(acts)
        return self.url(path)

    def asked(self, path):
        """Return how often a path was asked for."""
        return sum(call.path == path for call in self.calls)

    @property
    def ended(self):
        """Whether whoever asks has gone; acts that wait look at it."""
        return self._ended.is_set()

    def _serve(self):
        while not self.ended:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection):
        try:
            connection.settimeout(10)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            call = self._heard(connection)
            if call:
                self._act(connection, call)
        except OSError:
            pass  # whoever asked has had enough
        finally:
            connection.close()

    def _heard(self, connection):
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return received(connection)
        finally:  # before a byte of the answer is sent: whoever has it may ask the next at once
            with self._lock:
                self.at_once -= 1

    def _act(self, connection, call):
        with self._lock:
            self.calls.append(call)
            acts = self.acts.get(call.path) or [answer(b"{}", 404)]
            act = acts.pop(0) if len(acts) > 1 else acts[0]
        if callable(act):
            act(connection, call)
        else:
            connection.sendall(act)


def received(connection):
    """Return the call that comes over a connection, or None where it ends before."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Call(method, path, headers, body)


def answer(body=b"{}", status=200, media="application/json; charset=utf-8", **headers):
    """Return the bytes of a whole answer; headers are named with underscores."""
    if isinstance(body, dict | list):
        body = json.dumps(body).encode()
    named = {"content_type": media, "content_length": str(len(body)), **headers}
    lines = [f"{k.replace('_', '-')}: {v}" for k, v in named.items() if v is not None]
    return "\r\n".join([f"HTTP/1.1 {status} Told", *lines, "", ""]).encode() + body


def too_many(retry_after=None, body=b"429 - Too many requests in too short timeframe."):
    """Return a refusal for now, as the PxWeb family gives it: plain text, and when to come again."""
    return answer(body, 429, "text/plain", **({"retry_after": retry_after} if retry_after else {}))


def page(title, status=200, media="text/html; charset=utf-8"):
    """Return a web page where figures were asked for."""
    html = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>Sorry</body></html>"
    return answer(html.encode(), status, media)


def packed(body, encoding="gzip"):
    """Return an answer whose body is compressed."""
    pack = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "bare": lambda b: zlib.compress(b, wbits=-15),
    }[encoding]
    named = "deflate" if encoding == "bare" else encoding
    return answer(pack(body), content_encoding=named)


def bomb(size=64 * 1024**2):
    """Return a small answer that grows to `size` bytes when it is unpacked."""
    return packed(bytes(size))


def shut(connection, call):
    """End the connection without a word."""


def reset(connection, call):
    """End the connection as a crash does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def drip(whole, pause, service):
    """Return an act that sends an answer one byte at a time, as long as somebody listens."""

    def act(connection, call):
        for byte in whole:
            if service.ended:
                return
            connection.sendall(bytes([byte]))
            time.sleep(pause)

    return act


def silent(service):
    """Return an act that takes the question and says nothing."""

    def act(connection, call):
        while not service.ended:
            time.sleep(0.01)

    return act


def lingering(whole, later, pause):
    """Return an act that sends an answer, and something more a while after."""

    def act(connection, call):
        connection.sendall(whole)
        time.sleep(pause)
        connection.sendall(later)

    return act
