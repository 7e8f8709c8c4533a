"""A service that is slow, broken, busy, moved or hostile: what is asked again, what is told."""

import os
import socket
import ssl
import subprocess
import sys

import pytest

from healthindicators.errors import (
    SourceChanged,
    SourceOffline,
    SourceUnavailable,
    WorkspaceError,
)
from healthindicators.model import Limits
from healthindicators.protocols import Request
from healthindicators.snapshots import wire
from healthindicators.snapshots.transport import AGENT, Patience
from tests.services import faulty
from tests.services.faulty import Faulty, answer, page, too_many
from tests.snapshots.calm import NOON, Time, transport

FIGURES = b'{"value": [34.98]}'


@pytest.fixture
def service():
    with Faulty() as running:
        yield running


@pytest.fixture
def time():
    return Time()


def sent(service, time, path="/data", **options):
    return transport(time, **options).send(Request(service.url(path)))


def refused(error, *words):
    (problem,) = error.value.problems
    for word in words:
        assert word in str(problem), str(problem)
    return problem


# What an answer is.


def test_an_answer_is_given_back_as_it_came(service, time):
    service.on("/data", answer(FIGURES))
    arrival = sent(service, time)
    assert arrival.reply.body == FIGURES
    assert arrival.reply.status == 200
    assert arrival.reply.media == "application/json; charset=utf-8"
    assert arrival.received == "2026-11-22T12:00:00Z"
    assert time.slept == []


def test_the_service_is_told_who_asks(service, time):
    service.on("/data", answer(FIGURES))
    sent(service, time)
    (call,) = service.calls
    assert call.headers["user-agent"] == AGENT
    assert AGENT.startswith("healthindicators/0.1.0 ")
    assert call.headers["accept-encoding"] == "gzip, deflate"
    assert (call.method, call.body) == ("GET", b"")


def test_a_question_with_a_body_is_posted_as_json(service, time):
    service.on("/data", answer(FIGURES))
    body = '{"variables": ["OMRÅDE"]}'
    transport(time).send(Request(service.url("/data"), "POST", body))
    (call,) = service.calls
    assert (call.method, call.body) == ("POST", body.encode())
    assert call.headers["content-type"] == "application/json"


def test_trap_30_letters_outside_ascii_are_encoded_in_addresses(service, time):
    """And what is encoded already stays as it is."""
    service.on("/codelists/agg_%C3%85lder?x=%5Ba%5D", answer(FIGURES))
    for path in ("/codelists/agg_Ålder?x=[a]", "/codelists/agg_%C3%85lder?x=%5Ba%5D"):
        assert sent(service, time, path).reply.body == FIGURES


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare"])
def test_a_packed_body_is_unpacked(service, time, encoding):
    service.on("/data", faulty.packed(FIGURES * 1000, encoding))
    assert sent(service, time).reply.body == FIGURES * 1000


def test_a_body_in_several_packed_members_is_whole(service, time):
    import gzip

    body = gzip.compress(b"first ") + gzip.compress(b"second")
    service.on("/data", answer(body, content_encoding="gzip"))
    assert sent(service, time).reply.body == b"first second"


def test_a_body_in_chunks_is_whole(service, time):
    chunks = b"6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    service.on("/data", head + chunks)
    assert sent(service, time).reply.body == b"first second"


def test_a_body_that_ends_with_its_connection_is_whole(service, time):
    service.on("/data", b"HTTP/1.0 200 OK\r\n\r\n" + FIGURES)
    assert sent(service, time).reply.body == FIGURES


def test_continue_before_the_answer_is_no_answer(service, time):
    service.on("/data", b"HTTP/1.1 100 Continue\r\n\r\n" + answer(FIGURES))
    assert sent(service, time).reply.body == FIGURES


# Too many calls, and faults that pass.


def test_trap_11_retry_after_in_seconds_is_kept_to(service, time):
    service.on("/data", too_many("7"), answer(FIGURES))
    assert sent(service, time).reply.body == FIGURES
    assert len(time.slept) == 1
    assert 7 <= time.slept[0] <= 9


def test_trap_11_retry_after_as_a_date_is_kept_to(service, time):
    assert NOON.hour == 12
    service.on("/data", too_many("Sun, 22 Nov 2026 12:01:30 GMT"), answer(FIGURES))
    assert sent(service, time).reply.body == FIGURES
    assert 90 <= time.slept[0] <= 92


def test_trap_11_a_date_is_held_against_the_clock_of_the_service(service, time):
    busy = answer(
        b"", 429, retry_after="Mon, 01 Jan 2024 00:00:20 GMT", date="Mon, 01 Jan 2024 00:00:00 GMT"
    )
    service.on("/data", busy, answer(FIGURES))
    sent(service, time)
    assert 20 <= time.slept[0] <= 22


def test_never_earlier_than_told_whatever_chance_says(service):
    for chance in (0.0, 0.999):
        time = Time(chance=chance)
        service.on("/data", too_many("7"), answer(FIGURES))
        sent(service, time)
        assert time.slept[0] >= 7


def test_a_service_that_asks_for_hours_is_believed_and_not_waited_for(service, time):
    service.on("/data", too_many("7200"))
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time)
    refused(error, "it answers 429", "asks to wait 7200 s", "what arrived is kept")
    assert service.asked("/data") == 1
    assert time.slept == []


def test_the_longest_that_is_waited_for_is_a_limit_of_its_own(service, time):
    service.on("/data", too_many("101"), answer(FIGURES))
    with pytest.raises(SourceUnavailable):
        sent(service, time, patience=Patience(longest=100, total=1e6))
    assert service.asked("/data") == 1
    service.on("/data", too_many("100"), answer(FIGURES))
    assert sent(service, time, patience=Patience(longest=100)).reply.body == FIGURES


@pytest.mark.parametrize("nonsense", ["soon", "-5", "1e9", "²", "Sun, 99 Nov 2026 12:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_as_if_absent(service, time, nonsense):
    service.on("/data", answer(b"", 503, retry_after=nonsense.encode().decode("latin-1")), answer())
    sent(service, time)
    assert 1 <= time.slept[0] <= 2


def test_without_retry_after_a_full_window_is_waited(service, time):
    service.on("/data", too_many(), answer(FIGURES))
    asking = transport(time)
    asking.pace(service.base, Limits(calls=30, seconds=60))
    asking.send(Request(service.url("/data")))
    assert time.slept == [60]


def test_a_retry_after_with_a_fraction_is_no_less_than_it_says(service, time):
    service.on("/data", too_many("12.5"), answer(FIGURES))
    sent(service, time)
    assert time.slept[0] >= 12.5


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 507, 520])
def test_a_fault_of_the_server_is_asked_again(service, time, status):
    service.on("/data", answer(b"oops", status, "text/plain"), answer(FIGURES))
    assert sent(service, time).reply.body == FIGURES


def test_pauses_double_and_differ_by_chance():
    with Faulty() as service:
        service.on("/data", answer(b"", 500))
        for chance, slept in ((0.0, [2, 4, 8, 16, 20]), (1.0, [1, 2, 4, 8, 10])):
            time = Time(chance=chance)
            with pytest.raises(SourceUnavailable):
                sent(service, time, patience=Patience(widest=20))
            assert time.slept == slept


def test_a_question_is_asked_a_few_times_and_no_more(service, time):
    service.on("/data", answer({"error": "Database is\u0007 down"}, 500))
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time, patience=Patience(tries=3))
    refused(error, "it answers 500: “Database is down”; asked 3 times", service.url("/data"))
    assert service.asked("/data") == 3
    assert error.value.exit_code == 71


def test_all_pauses_together_have_an_end(service, time):
    service.on("/data", too_many("200"))
    with pytest.raises(SourceUnavailable):
        sent(service, time, patience=Patience(tries=99, total=900))
    assert sum(time.slept) <= 900
    assert service.asked("/data") == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_trap_8_a_refusal_is_an_answer_and_not_asked_again(service, time, status):
    """400 against 403: what it means is read by the protocol, from status and body together."""
    body = {"title": "Too many cells selected", "status": status}
    service.on("/data", answer(body, status, "application/problem+json"))
    reply = sent(service, time).reply
    assert reply.status == status
    assert b"Too many cells" in reply.body
    assert service.asked("/data") == 1


def test_trap_9_the_status_is_that_of_the_answer_not_of_its_body(service, time):
    service.on("/data", answer({"title": "no such table", "status": 404}, 400))
    assert sent(service, time).reply.status == 400


def test_trap_10_a_warning_with_status_200_reaches_the_protocol(service, time):
    body = b'{"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}}'
    service.on("/data", answer(body))
    assert sent(service, time).reply.body == body


def test_a_request_waits_as_long_as_it_says(service, time):
    service.on("/data", answer())
    transport(time).send(Request(service.url("/data"), wait=30.0, attempt=1))
    assert time.slept == [30.0]


# Web pages.


@pytest.mark.parametrize("media", ["text/html; charset=utf-8", "application/json", ""])
def test_a_web_page_with_status_200_is_no_answer(service, time, media):
    service.on("/data", page("Vi er straks tilbage &mdash; SSB", media=media))
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time)
    refused(error, "a web page came in place of figures: “Vi er straks tilbage — SSB”")
    assert service.asked("/data") == 1


def test_a_web_page_with_status_503_is_told_by_its_title(service, time):
    service.on("/data", page("503 Service Temporarily Unavailable", 503))
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time)
    refused(error, "it answers 503: “503 Service Temporarily Unavailable”")


# Broken connections.

BROKEN = {
    "cut before an answer": faulty.shut,
    "reset": faulty.reset,
    "cut in the head": answer(FIGURES)[:20],
    "cut in the body": answer(FIGURES)[:-3],
    "shorter than announced": answer(FIGURES, content_length=len(FIGURES) + 1),
    "longer than announced": answer(FIGURES, content_length=len(FIGURES) - 1),
    "longer by a whole answer": answer(FIGURES) + answer(b'{"value": [1]}'),
    "cut between chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst \r\n",
    "packed and cut": answer(faulty.gzip.compress(FIGURES)[:-4], content_encoding="gzip"),
    "said to be packed": answer(FIGURES, content_encoding="gzip"),
    "with rubbish after the packed": answer(
        faulty.gzip.compress(FIGURES) + b"rubbish", content_encoding="gzip"
    ),
    "no HTTP": b"220 smtp.example ready\r\n",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_answer_is_asked_again(service, time, how):
    service.on("/data", BROKEN[how], answer(FIGURES))
    assert sent(service, time).reply.body == FIGURES
    assert service.asked("/data") == 2


@pytest.mark.parametrize("how", BROKEN)
def test_an_answer_that_stays_broken_is_told(service, time, how):
    service.on("/data", BROKEN[how])
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time, patience=Patience(tries=2))
    refused(error, "asked 2 times")


def test_what_comes_late_after_the_body_is_noticed(service, time):
    act = faulty.lingering(answer(FIGURES), b"more", 0.1)
    service.on("/data", act, answer(FIGURES))
    assert sent(service, time, closing=1.0).reply.body == FIGURES
    assert service.asked("/data") == 2


def test_nothing_of_one_answer_gets_into_the_next(service, time):
    service.on("/one", answer(FIGURES) + answer(b"poison"))
    service.on("/two", answer(b"[2]"))
    asking = transport(time, patience=Patience(tries=1))
    with pytest.raises(SourceUnavailable):
        asking.send(Request(service.url("/one")))
    assert asking.send(Request(service.url("/two"))).reply.body == b"[2]"


def test_a_slow_drip_ends(service, time):
    service.on("/data", faulty.drip(answer(FIGURES * 100), 0.01, service))
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time, patience=Patience(tries=1), whole=0.2)
    refused(error, "the whole answer took longer than 0.2 s")


def test_a_slow_drip_of_headers_ends(service, time):
    endless = b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 100
    service.on("/data", faulty.drip(endless, 0.01, service))
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time, patience=Patience(tries=1), whole=0.2)
    refused(error, "the whole answer took longer than 0.2 s")


def test_a_service_that_says_nothing_is_given_up(service, time):
    service.on("/data", faulty.silent(service))
    with pytest.raises(SourceUnavailable) as error:
        sent(service, time, patience=Patience(tries=2), read=0.1)
    refused(error, "nothing came for 0.1 s; asked 2 times")


# Size.


def test_a_compressed_bomb_is_stopped_while_it_grows(service, time):
    service.on("/data", faulty.bomb(64 * 1024**2))
    with pytest.raises(SourceChanged) as error:
        sent(service, time, unpacked=1024**2)
    refused(error, "unpacked, the answer is larger than allowed")
    assert service.asked("/data") == 1


def test_the_largest_that_is_allowed_is_allowed(service, time):
    service.on("/data", faulty.packed(bytes(1000)))
    assert len(sent(service, time, unpacked=1000).reply.body) == 1000
    with pytest.raises(SourceChanged):
        sent(service, time, unpacked=999)


def test_an_answer_that_is_too_large_is_stopped(service, time):
    service.on("/data", answer(bytes(2000)))
    with pytest.raises(SourceChanged) as error:
        sent(service, time, received=1999)
    refused(error, "the answer is larger than allowed")
    assert sent(service, time, received=2000).reply.status == 200


def test_a_packing_that_was_not_asked_for_is_told(service, time):
    service.on("/data", answer(FIGURES, content_encoding="br"))
    with pytest.raises(SourceChanged) as error:
        sent(service, time)
    refused(error, "packed as 'br'")


# Redirects.


def moved(to, status=302):
    return answer(b"", status, location=to)


def test_a_redirect_on_the_same_host_is_followed(service, time):
    service.on("/data", moved("/v2/data", 301))
    service.on("/v2/data", answer(FIGURES))
    assert sent(service, time).reply.body == FIGURES


def test_a_question_keeps_its_body_through_a_redirect(service, time):
    service.on("/data", moved("/v2/data", 308))
    service.on("/v2/data", answer(FIGURES))
    transport(time).send(Request(service.url("/data"), "POST", '{"q": 1}'))
    assert [(c.method, c.body) for c in service.calls] == [("POST", b'{"q": 1}')] * 2


def test_a_redirect_that_would_lose_the_question_is_refused(service, time):
    service.on("/data", moved("/v2/data", 302))
    with pytest.raises(SourceChanged) as error:
        transport(time).send(Request(service.url("/data"), "POST", '{"q": 1}'))
    refused(error, "would lose the question", "/v2/data")


@pytest.mark.parametrize("port", [1, None], ids=["another port", "another service"])
def test_a_redirect_to_another_host_is_refused(service, time, port):
    with Faulty() as other:
        other.on("/data", answer(FIGURES))
        target = other.url("/data") if port is None else "http://127.0.0.1:1/data"
        service.on("/data", moved(target))
        with pytest.raises(SourceChanged) as error:
            sent(service, time)
        refused(error, "it redirects to another host", target, "change the source's address")
        assert other.calls == []
        assert error.value.exit_code == 72


def test_a_redirect_to_a_host_that_is_allowed_is_followed(service, time):
    with Faulty() as other:
        other.on("/data", answer(FIGURES))
        service.on("/data", moved(other.url("/data")))
        allowed = frozenset({"127.0.0.1"})
        assert sent(service, time, allowed=allowed).reply.body == FIGURES


def test_a_redirect_in_a_circle_ends(service, time):
    service.on("/data", moved("/there"))
    service.on("/there", moved("/data"))
    with pytest.raises(SourceChanged) as error:
        sent(service, time)
    refused(error, "it redirects in a circle")
    assert len(service.calls) == 2


def test_redirects_without_end_end(service, time):
    for number in range(20):
        service.on(f"/{number}", moved(f"/{number + 1}"))
    with pytest.raises(SourceChanged) as error:
        sent(service, time, "/0")
    refused(error, "it redirects in a circle")
    assert len(service.calls) < 10


@pytest.mark.parametrize(
    ("moved", "told"),
    [(answer(b"", 302), "it answers 302"), (moved("http://[x/"), "it redirects to no address")],
)
def test_a_redirect_to_nowhere_is_told(service, time, moved, told):
    service.on("/data", moved)
    with pytest.raises(SourceChanged) as error:
        sent(service, time)
    refused(error, told)


# Encryption.


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 that nobody but itself vouches for."""
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "own.pem"
    line = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-keyout {made} -out {folder / 'only.pem'} -subj /CN=nobody "
        "-addext subjectAltName=IP:127.0.0.1"
    )
    try:
        subprocess.run(line.split(), check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no certificate can be made here: {error}")
    made.write_bytes(made.read_bytes() + (folder / "only.pem").read_bytes())
    return made, folder / "only.pem"


@pytest.fixture
def secret(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate[0])
    with Faulty(tls=context) as running:
        yield running


def test_a_certificate_that_nobody_vouches_for_is_refused(secret, time, monkeypatch):
    monkeypatch.delenv(wire.CA_BUNDLE, raising=False)
    secret.on("/data", answer(FIGURES))
    with pytest.raises(SourceChanged) as error:
        sent(secret, time)
    refused(error, "its certificate does not hold: self-signed certificate", wire.CA_BUNDLE)
    assert secret.calls == []


def test_an_authority_of_ones_own_is_trusted_when_named(secret, time, certificate, monkeypatch):
    monkeypatch.setenv(wire.CA_BUNDLE, str(certificate[1]))
    secret.on("/data", answer(FIGURES))
    assert sent(secret, time).reply.body == FIGURES


def test_a_certificate_of_another_host_is_refused(secret, time, certificate, monkeypatch):
    monkeypatch.setenv(wire.CA_BUNDLE, str(certificate[1]))
    url = secret.url("/data").replace("127.0.0.1", "localhost")
    with pytest.raises(SourceChanged) as error:
        transport(time).send(Request(url))
    refused(error, "its certificate does not hold: Hostname mismatch")


def test_a_bundle_that_cannot_be_used_is_named(secret, time, tmp_path, monkeypatch):
    bundle = tmp_path / "bundle.pem"
    monkeypatch.setenv(wire.CA_BUNDLE, str(bundle))
    with pytest.raises(WorkspaceError, match=r"SSL_CERT_FILE names .*bundle\.pem"):
        sent(secret, time)
    bundle.write_text("no certificate")
    with pytest.raises(WorkspaceError, match=r"SSL_CERT_FILE names .*bundle\.pem"):
        sent(secret, time)


def test_encryption_is_never_left(secret, service, time, certificate, monkeypatch):
    monkeypatch.setenv(wire.CA_BUNDLE, str(certificate[1]))
    service.on("/data", answer(FIGURES))
    secret.on("/data", moved(service.url("/data")))
    with pytest.raises(SourceChanged) as error:
        sent(secret, time, allowed=frozenset({"127.0.0.1"}))
    refused(error, "it redirects to an address without encryption")
    assert service.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.statbank.dk/v1/data",
        "ftp://127.0.0.1/data",
        "file:///etc/passwd",
        "https:///data",
        "https://user:secret@127.0.0.1/",
        "https://127.0.0.1:port/",
        "https://[::1/",
        "data",
    ],
)
def test_addresses_that_are_not_asked(time, url):
    with pytest.raises(SourceChanged):
        transport(time).send(Request(url))


# No way to the service.


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the name of the host"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "the name of the host"),
        (OSError(101, "Network is unreachable"), "there is no way to the host"),
        (OSError(113, "No route to host"), "there is no way to the host"),
    ],
)
def test_without_a_network_it_is_said_at_once(time, error, words, monkeypatch):
    looked = []

    def no_way(address, *arguments, **options):
        looked.append(address)
        raise error

    monkeypatch.setattr(socket, "create_connection", no_way)
    asking = transport(time)
    for _ in range(2):
        with pytest.raises(SourceOffline) as raised:
            asking.send(Request("https://data.ssb.no/api"))
        refused(raised, words, "is there a network?")
    assert raised.value.exit_code == 73
    assert looked == [("data.ssb.no", 443)], "a host that is not there is not looked for again"
    assert time.slept == []


def test_a_closed_port_is_asked_again_and_then_no_more_in_this_run(time):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    asking = transport(time, patience=Patience(tries=3))
    for _ in range(2):
        with pytest.raises(SourceUnavailable) as error:
            asking.send(Request(f"http://127.0.0.1:{port}/data"))
        refused(error, "no connection", "asked 3 times")
    assert len(time.slept) == 2


def test_a_proxy_that_refuses_is_told(service, time, monkeypatch):
    """Only https goes through it, and nothing on this machine does."""
    proxy = service.base
    monkeypatch.setenv("HTTPS_PROXY", proxy.replace("http://", "http://me:secret@"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    service.on("data.ssb.no:443", answer(b"", 407))
    with pytest.raises(SourceOffline) as error:
        transport(time).send(Request("https://data.ssb.no/api"))
    refused(error, "the proxy refused", "407")
    (call,) = service.calls
    assert call.method == "CONNECT"
    assert call.headers["proxy-authorization"].startswith("Basic ")
    assert "secret" not in str(error.value)


# Pace.


def test_no_more_calls_than_the_window_allows(service, time):
    service.on("/data", answer())
    asking = transport(time)
    asking.pace(service.base, Limits(calls=3, seconds=10))
    began = []
    for _ in range(8):
        asking.send(Request(service.url("/data")))
        began.append(time.seconds)
    assert all(later - earlier >= 10 for earlier, later in zip(began, began[3:], strict=False))
    assert time.seconds == 20


def test_a_call_that_is_repeated_counts(service, time):
    service.on("/data", answer(b"", 500), answer())
    asking = transport(time)
    asking.pace(service.base, Limits(calls=1, seconds=100))
    asking.send(Request(service.url("/data")))
    assert time.seconds >= 100


def test_without_limits_of_its_own_a_service_is_asked_gently(service, time):
    service.on("/data", answer())
    asking = transport(time)
    asking.pace(service.base, Limits())
    for _ in range(11):
        asking.send(Request(service.url("/data")))
    assert time.seconds == 2


def test_hosts_have_paces_of_their_own(service, time):
    with Faulty() as other:
        for each in (service, other):
            each.on("/data", answer())
        asking = transport(time)
        asking.pace(service.base, Limits(calls=1, seconds=100))
        for each in (service, other):
            asking.send(Request(each.url("/data")))
    assert time.seconds == 0


def test_one_question_at_a_time(service, time):
    service.on("/data", answer())
    asking = transport(time)
    for _ in range(5):
        asking.send(Request(service.url("/data")))
    assert service.most_at_once == 1


def test_opening_snapshots_loads_no_network_library():
    code = "import sys, healthindicators.snapshots; print('httpcore' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert run.stdout.strip() == "False"
