"""One question, one answer, one connection: the only module that knows the HTTP library.

httpcore is the lower half of httpx and keeps its sockets behind a documented seam. That seam is what
this module needs and httpx hides: a limit for the whole answer, whatever the pace its bytes arrive at,
and a count of bytes, so that a body longer than its Content-Length is noticed. Nothing is reused
between answers: what one answer leaves in a connection cannot become the beginning of the next.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import httpcore

from healthindicators.errors import Problem, SourceChanged, SourceOffline, WorkspaceError

CA_BUNDLE = "SSL_CERT_FILE"
"""Environment variable that names further certificate authorities, such as an organisation's own."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_PATH = "/%:@!$&'()*+,;=~-._"
_QUERY = _PATH + "?"
_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


@dataclass(frozen=True)
class Bounds:
    """How long one answer may take, in seconds, and how large it may be, in bytes.

    `connect` and `read` are for one step (a connection, the next bytes), `whole` for the answer from
    the first byte sent to the last received. `closing` is waited for the end of the connection, to
    see that nothing comes after the body.
    """

    connect: float = 15.0
    read: float = 120.0
    whole: float = 600.0
    closing: float = 0.5
    received: int = 192 * 1024**2
    unpacked: int = 512 * 1024**2


@dataclass(frozen=True)
class Answer:
    """Status, headers with names in small letters, and the body, unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class BrokenError(Exception):
    """No whole answer came; it may be asked for again. `reached` says whether a connection was."""

    def __init__(self, what: str, *, reached: bool = True) -> None:
        super().__init__(what)
        self.reached = reached


class Wire:
    """Asks one question after another, each over a connection of its own.

    Parameters
    ----------
    bounds : Bounds
        Of each answer.
    """

    def __init__(self, bounds: Bounds = Bounds()) -> None:
        self._bounds = bounds
        self._network = _Network()
        self._context: ssl.SSLContext | None = None

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Return the answer of a service.

        Raises
        ------
        BrokenError
            If the connection broke, or brought less or more than was announced, or took too long.
        SourceOffline
            If there is no way to the host.
        SourceChanged
            If the host is not who it says, or the answer is larger than any table.
        """
        target = address(url)
        if target.scheme == b"https" and self._context is None:
            self._context = trusted()
        bounds = self._bounds
        self._network.begin(bounds.whole)
        steps = {"connect": bounds.connect, "read": bounds.read, "write": bounds.read}
        try:
            with (
                _pool(url, self._context, self._network) as pool,
                pool.stream(
                    method,
                    target,
                    headers=list({**headers, "Connection": "close"}.items()),
                    content=body or None,
                    extensions={"timeout": steps},
                ) as response,
            ):
                known = _headers(response.headers)
                received = _capped(response.iter_stream(), bounds.received, url)
                unpacked = b"".join(_unpacked(received, known, bounds.unpacked, url))
                self._whole(known)
        except httpcore.TimeoutException as error:
            raise BrokenError(self._too_slow(error), reached=not _connecting(error)) from error
        except httpcore.ConnectError as error:
            raise _unreached(error, url) from error
        except httpcore.ProxyError as error:
            hint = "ask who runs your network; the proxy is named in HTTPS_PROXY"
            raise SourceOffline(
                [Problem(f"the proxy refused: {error}", url, None, hint)]
            ) from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise BrokenError(f"the connection broke: {_why(error)}") from error
        except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
            raise SourceChanged([Problem(f"cannot be asked: {error}", url)]) from error
        return Answer(response.status, known, unpacked)

    def _whole(self, headers: Mapping[str, str]) -> None:
        """Refuse a body that goes on after its announced end; a shorter one never gets here."""
        announced = headers.get("content-length")
        if announced is None or "transfer-encoding" in headers:
            return
        surplus = self._network.surplus(int(announced), self._bounds.closing)
        if surplus:
            raise BrokenError(f"the answer is longer than the {announced} bytes it announced")

    def _too_slow(self, error: Exception) -> str:
        if self._network.is_over:
            return f"the whole answer took longer than {self._bounds.whole:g} s"
        if _connecting(error):
            return f"no connection within {self._bounds.connect:g} s"
        return f"nothing came for {self._bounds.read:g} s"


def trusted() -> ssl.SSLContext:
    """Return what certificates are held against: the system's authorities, certifi's and one's own.

    Raises
    ------
    WorkspaceError
        If the file named in `SSL_CERT_FILE` cannot be used.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    if own := os.environ.get(CA_BUNDLE):
        try:
            context.load_verify_locations(cafile=own)
        except OSError as error:  # ssl.SSLError is one
            raise WorkspaceError(
                f"{CA_BUNDLE} names {own}, which cannot be used: {error}"
            ) from error
    return context


def address(url: str) -> httpcore.URL:
    """Return an address as it is sent, letters outside ASCII percent-encoded.

    Raises
    ------
    SourceChanged
        If it is no address of a service, or goes over plain HTTP to another machine.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna"), parts.port
    except ValueError as error:
        raise SourceChanged([Problem(f"not an address: {error}", url)]) from error
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise SourceChanged([Problem("not an address of a service", url)])
    if parts.scheme == "http" and host.decode() not in LOOPBACK:
        hint = "plain HTTP can be read and altered on its way"
        raise SourceChanged([Problem("asks without encryption", url, None, hint)])
    target = quote(parts.path or "/", safe=_PATH)
    if parts.query:
        target += "?" + quote(parts.query, safe=_QUERY)
    return httpcore.URL(scheme=parts.scheme, host=host, port=port, target=target)


def _pool(
    url: str, context: ssl.SSLContext | None, network: httpcore.NetworkBackend
) -> httpcore.ConnectionPool:
    """Return what makes one connection, through the proxy of the environment where there is one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    named = urlsplit(proxy if proxy and "://" in proxy else f"http://{proxy or ''}")
    if not named.hostname or host in LOOPBACK or proxy_bypass(host):
        return httpcore.ConnectionPool(ssl_context=context, network_backend=network)
    who = (unquote(named.username), unquote(named.password or "")) if named.username else None
    return httpcore.HTTPProxy(
        proxy_url=f"{named.scheme}://{named.hostname}:{named.port or 8080}",
        proxy_auth=who,
        ssl_context=context,
        network_backend=network,
    )


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("ascii").lower(): value.decode("latin-1") for name, value in raw}


def _capped(chunks: Iterable[bytes], room: int, url: str) -> Iterator[bytes]:
    for chunk in chunks:
        room -= len(chunk)
        if room < 0:
            raise _too_large("the answer is", url)
        yield chunk


def _unpacked(
    chunks: Iterable[bytes], headers: Mapping[str, str], room: int, url: str
) -> Iterator[bytes]:
    """Yield a body as it was before it was compressed, and stop in time where it grows too large."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in _BITS:
        raise SourceChanged([Problem(f"packed as '{encoding}', which was not asked for", url)])
    head = b""
    engine = None
    for chunk in chunks:
        head += chunk
        if len(head) < 2:
            continue
        engine = engine or zlib.decompressobj(_bits(encoding, head))
        while head:
            try:
                piece = engine.decompress(head, room + 1)
            except zlib.error as error:
                raise BrokenError(f"the packed body cannot be unpacked: {error}") from error
            room -= len(piece)
            if room < 0:
                raise _too_large("unpacked, the answer is", url)
            yield piece
            head = engine.unconsumed_tail
            if engine.eof and engine.unused_data:
                head, engine = engine.unused_data, zlib.decompressobj(_bits(encoding, head))
    if head or (engine and not engine.eof):
        raise BrokenError("the packed body is cut off")


def _bits(encoding: str, head: bytes) -> int:
    """Return how zlib must read a body: `deflate` comes with zlib's two bytes, and often without."""
    bare = encoding == "deflate" and (head[0] & 15 != 8 or (head[0] << 8 | head[1]) % 31)
    return -zlib.MAX_WBITS if bare else _BITS[encoding]


def _too_large(what: str, url: str) -> SourceChanged:
    hint = "no table is so large; if this one is, ask for less of it"
    return SourceChanged([Problem(f"{what} larger than allowed", url, None, hint)])


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _why(error: BaseException) -> str:
    return next((text for e in _causes(error) if (text := str(e))), type(error).__name__)


def _connecting(error: BaseException) -> bool:
    return isinstance(error, httpcore.ConnectTimeout)


def _unreached(error: httpcore.ConnectError, url: str) -> Exception:
    """Return what it means that no connection came about."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            what = f"the name of the host is not found: {cause.strerror or cause}"
            return SourceOffline([Problem(what, url, None, "is there a network?")])
        if isinstance(cause, ssl.SSLCertVerificationError):
            what = f"its certificate does not hold: {cause.verify_message}"
            hint = f"name your organisation's authority in {CA_BUNDLE} if it has its own"
            return SourceChanged([Problem(what, url, None, hint)])
        if isinstance(cause, OSError) and cause.errno in NO_WAY:
            what = f"there is no way to the host: {cause.strerror}"
            return SourceOffline([Problem(what, url, None, "is there a network?")])
    return BrokenError(f"no connection: {_why(error)}", reached=False)


class _Network(httpcore.NetworkBackend):
    """Connections that end when the time of the answer is over."""

    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()
        self._end = 0.0
        self._last: _Stream | None = None

    def begin(self, seconds: float) -> None:
        """Give the next answer so many seconds from now."""
        self._end = time.monotonic() + seconds
        self._last = None

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def left(self, step: float | None) -> float:
        """Return the seconds that a step may take, or raise when none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
        return left if step is None else min(left, step)

    def surplus(self, announced: int, patience: float) -> bool:
        """Return whether more than the announced body has come, or comes before the end."""
        if self._last is None:
            return False
        if self._last.body > announced:
            return True
        try:
            return bool(self._last.read(1, patience))
        except (httpcore.TimeoutException, httpcore.NetworkError):
            return False

    def watched(self, stream: httpcore.NetworkStream) -> _Stream:
        self._last = _Stream(stream, self)
        return self._last

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *rest: Any, **options: Any
    ) -> httpcore.NetworkStream:
        step = self.left(timeout)
        return self.watched(self._network.connect_tcp(host, port, step, *rest, **options))


class _Stream(httpcore.NetworkStream):
    """A connection that counts the bytes after the head of an answer."""

    def __init__(self, stream: httpcore.NetworkStream, network: _Network) -> None:
        self._stream = stream
        self._network = network
        self._head: bytes | None = b""
        self.body = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._network.left(timeout))
        if self._head is None:
            self.body += len(data)
        else:
            self._count(self._head + data)
        return data

    def _count(self, head: bytes) -> None:
        while found := _HEAD_ENDS.search(head):
            rest = head[found.end() :]
            if not re.match(rb"HTTP/1\.\d 1\d\d", head):  # after "100 Continue" comes another head
                self._head, self.body = None, len(rest)
                return
            head = rest
        self._head = head

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        step = self._network.left(timeout)
        return self._network.watched(self._stream.start_tls(ssl_context, server_hostname, step))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
