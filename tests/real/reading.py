"""Published files through the readers, as a table that declares them would have them read."""

from functools import cache
from pathlib import Path

from healthindicators import snapshots
from healthindicators.formats import figures
from healthindicators.model import Dimension, Source, Table
from healthindicators.protocols import Ask, Reply, Request, download
from healthindicators.workspace import Workspace
from tests.real_files import real_file


@cache
def cube_of(name, code, *dimensions, **layout):
    """Return the cells of a file that a user downloaded; read once for all tests."""
    told = tuple(Dimension(column, role) for column, role in dimensions)
    table = Table("table", "files", "register", code=code, dimensions=told, layout=layout)
    ask = Ask(Source("download", "as downloaded by hand"), table)
    return download.read(ask, {Request(name): Reply(body_of(name))}, where=name)


def body_of(name):
    return real_file(name).read_bytes()


def picked(cube, **codes):
    """Return the cells that have these codes, each dimension as text."""
    cells = cube.cells.astype(dict.fromkeys((*cube.dimensions, "symbol"), "str"))
    for name, code in codes.items():
        cells = cells[cells[name].isin([code] if isinstance(code, str) else list(code))]
    return cells


def value(cube, **codes):
    """Return the value of the one cell that has these codes."""
    (number,) = picked(cube, **codes)["value"]
    return number


def compiled(country, table):
    """Return the rows of a table that was compiled from published ones and is pinned here."""
    workspace = Workspace(Path(__file__).resolve().parents[2])
    lock = snapshots.read_lock(workspace)
    pin = lock.pins[snapshots.table_key(country, "compiled", table)]
    return figures.read(snapshots.open_pinned(workspace, pin).body, where=table)
