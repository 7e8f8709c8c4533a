"""The network is closed while tests run; this machine is not the network."""

import socket
import tempfile
from pathlib import Path

import pytest

OUTSIDE = ("192.0.2.1", 443)  # RFC 5737: an address that belongs to nobody


@pytest.mark.parametrize("way", ["connect", "connect_ex"])
def test_no_connection_leaves_this_machine(way):
    with socket.socket() as outward, pytest.raises(Exception, match="network is closed"):
        getattr(outward, way)(OUTSIDE)


def test_no_datagram_leaves_this_machine():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward,
        pytest.raises(Exception, match="network is closed"),
    ):
        outward.sendto(b"hello", OUTSIDE)


def test_no_name_is_looked_up():
    with pytest.raises(Exception, match=r"look-up of 'api\.statbank\.dk'"):
        socket.create_connection(("api.statbank.dk", 443))


def test_an_http_request_is_refused_rather_than_waited_for():
    from urllib.request import urlopen

    with pytest.raises(Exception, match="network is closed"):
        urlopen("https://api.statbank.dk/v1/subjects", timeout=1)


def test_this_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port)) as inward:
            assert inward.getpeername()[1] == port


def test_a_socket_file_is_reached():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        path = str(Path(folder) / "s")
        server.bind(path)
        server.listen()
        with socket.socket(socket.AF_UNIX) as inward:
            inward.connect(path)
            assert inward.getpeername() == path
