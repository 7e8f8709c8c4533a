"""A made-up country whose tables are asked from a made-up service on this machine."""

import sys
from types import SimpleNamespace

import pytest

from healthindicators import countries, geography, protocols
from healthindicators.countries import Home
from healthindicators.model import Country, Feed, Source, Table
from healthindicators.snapshots import Lock, write_lock
from healthindicators.workspace import Workspace
from tests.services import made_up
from tests.services.faulty import Faulty, answer
from tests.snapshots.calm import Time


@pytest.fixture
def service():
    with Faulty() as running:
        yield running


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def bare(tmp_path):
    """A workspace with an empty lock."""
    workspace = Workspace(tmp_path.resolve() / "w")
    write_lock(workspace, Lock("2026", {}))
    return workspace


def feeding(id, indicator, source="service"):
    feed = Feed(indicator, indicator, "value", "no-interval-published")
    return Table(
        id, source, "register", (feed,), code=id.upper(), title=f"All of {id}", unit="index"
    )


@pytest.fixture
def nowhere(service, monkeypatch):
    """A country of two tables of a service and one of a file; `serve` makes the service give one."""
    name = f"{protocols.__name__}.made_up"
    monkeypatch.setitem(sys.modules, name, made_up)
    known = protocols.names()
    monkeypatch.setattr(protocols, "names", lambda: (*known, "made_up"))
    source = Source("made_up", "as received", base=service.base, provider="Nowhere", licence="CC0")
    tables = (
        feeding("gini", "gini"), feeding("area", "population-density"),
        feeding("plain", "obesity", "compiled"),
    )  # fmt: skip
    sources = {"service": source, "compiled": Source("figures", "compiled")}
    country = Country("XX", {"en": "Nowhere"}, ("en",), "who-six-ps", 25832, sources)
    monkeypatch.setattr(countries, "load", lambda: {"XX": Home(country, tables, "")})

    def serve(table, parts, updated="2026-11-01T08:00:00Z", config=None):
        code = table.upper()
        service.on("/config", answer(config or {"calls": 100, "seconds": 1}))
        about = {"parts": list(parts), "updated": updated}
        service.on(f"/tables/{code}/metadata", answer(about))
        for part, cells in parts.items():
            service.on(f"/tables/{code}/data/{part}", answer({"cells": cells}))

    yield SimpleNamespace(serve=serve, home=countries.load()["XX"], service=service)
    # Registers are kept, and a country that was made up must not be found again.
    geography.load.cache_clear()
