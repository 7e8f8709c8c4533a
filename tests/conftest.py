"""What all tests share: a closed network, the package's data, and a workspace to spoil."""

import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from healthindicators import build, catalog, countries, geography, snapshots
from healthindicators.workspace import HOME, Workspace

# A busy machine is no mistake: examples have no deadline.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

REPOSITORY = Path(__file__).resolve().parents[1]
LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost", "", None}
REACHING = ("connect", "connect_ex", "sendto")
DOORS = [(socket.socket, name) for name in REACHING] + [(socket, "getaddrinfo")]
OPEN = {name: getattr(owner, name) for owner, name in DOORS}


class NetworkClosedError(Exception):
    """A test reached for the internet. Not an OSError, so that nothing takes it for a bad line."""


def is_local(address):
    """Return whether a socket's address is on this machine: a path, or a host that is local."""
    host = address[0] if isinstance(address, tuple) else None
    return (host.decode() if isinstance(host, bytes) else host) in LOCAL_HOSTS


def guarded(name):
    def reach(self, *arguments):
        # sendto takes its address last, after the bytes and perhaps flags.
        address = arguments[-1] if name == "sendto" else arguments[0]
        if not is_local(address):
            raise NetworkClosedError(f"the network is closed in tests: {name} to {address!r}")
        return OPEN[name](self, *arguments)

    return reach


def look_up(host, *arguments, **options):
    if not is_local((host,)):
        raise NetworkClosedError(f"the network is closed in tests: look-up of {host!r}")
    return OPEN["getaddrinfo"](host, *arguments, **options)


def close_network():
    for name in REACHING:
        setattr(socket.socket, name, guarded(name))
    socket.getaddrinfo = look_up


def open_network():
    for owner, name in DOORS:
        setattr(owner, name, OPEN[name])


def pytest_configure(config):
    close_network()


def pytest_unconfigure(config):
    open_network()


@pytest.fixture(autouse=True)
def network(request):
    """Open the network for a test marked `live`, and for no other."""
    if request.node.get_closest_marker("live") is None:
        yield
        return
    open_network()
    yield
    close_network()


@pytest.fixture(autouse=True)
def no_named_home(monkeypatch):
    """Keep the workspace of whoever runs the tests out of them."""
    monkeypatch.delenv(HOME, raising=False)


@pytest.fixture(scope="session")
def repository():
    """The checkout itself, to read."""
    return REPOSITORY


def copied_workspace(root):
    """Return a workspace at `root` with the pinned snapshots and the notebooks."""
    shutil.copytree(REPOSITORY / "data" / "raw", root / "data" / "raw")
    shutil.copytree(REPOSITORY / "notebooks", root / "notebooks")
    return Workspace(root.resolve())


@pytest.fixture
def workspace(tmp_path):
    """A workspace of one's own, with nothing processed yet."""
    return copied_workspace(tmp_path / "workspace")


@pytest.fixture(scope="session")
def processed(tmp_path_factory):
    """The real figures, built once. To read: every test gets the same."""
    return build.build(copied_workspace(tmp_path_factory.mktemp("processed") / "w"), "DK")[0]


@pytest.fixture(scope="session")
def declared():
    """The package's own catalogue."""
    return catalog.load()


@pytest.fixture(scope="session")
def denmark():
    """Denmark's sources, tables and register."""
    return countries.home("DK")


@pytest.fixture(scope="session")
def register():
    """Denmark's geos."""
    return geography.load("DK")


@pytest.fixture
def repin(workspace):
    """A function that changes the bytes of a table, perhaps its sidecar, and pins the result."""

    def change_bytes(table, change, **sidecar):
        lock = snapshots.read_lock(workspace)
        key = snapshots.table_key("DK", "compiled", table)
        before = snapshots.open_pinned(workspace, lock.pins[key])
        after = change(before.body)
        assert after != before.body, "the change changed nothing"
        pin = snapshots.take(workspace, after, replace(before.sidecar, **sidecar), "csv.gz")
        snapshots.write_lock(workspace, replace(lock, pins={**lock.pins, key: pin}))
        return pin

    return change_bytes


MADE = ("København", "Lolland", "Billund", "Ærø", "Samsø", "Fanø", "Læsø")


def command(workspace, *arguments, **environment):
    """Run the command in a workspace and return what it said."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("healthindicators")), *arguments],
        cwd=workspace.root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A workspace with the reports of some municipalities in Danish, and one in English."""
    workspace = copied_workspace(tmp_path_factory.mktemp("reports") / "w")
    danish = command(workspace, "report", *MADE)
    assert danish.returncode == 0, danish.stderr
    english = command(
        workspace, "report", "Aarhus", "--language", "en", "--framework", "denmark-2017-2020"
    )
    assert english.returncode == 0, english.stderr
    return workspace


def page_of(workspace, folder, stem="denmark-2021-2030.da") -> Path:
    return workspace.root / "reports" / "2026" / "DK" / folder / f"{stem}.html"
