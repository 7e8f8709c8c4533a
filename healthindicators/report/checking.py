"""Everything that can be checked before a report is made, in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from healthindicators import build, catalog, countries, snapshots
from healthindicators.errors import (
    HealthIndicatorsError,
    Problem,
    ProblemsError,
    SnapshotError,
    WorkspaceError,
)
from healthindicators.model import Country
from healthindicators.report import notebook
from healthindicators.text import languages
from healthindicators.text.checks import text_problems
from healthindicators.workspace import Workspace

ALLOWED_IMPORT = "healthindicators"


class CheckError(ProblemsError):
    """Something that was checked does not hold."""

    exit_code = 21
    headline = "Checks failed"


def check_all(workspace: Workspace) -> Iterator[str]:
    """Yield a line for everything that holds, and raise at the end with all that does not.

    Raises
    ------
    CheckError
        With every problem of declarations, texts, snapshots, figures and the notebook.
    """
    problems: list[Problem] = []
    for stage in (_declarations, _texts, _snapshots, _figures, _notebook):
        try:
            yield from stage(workspace)
        except HealthIndicatorsError as error:
            problems += _problems(error)
    if problems:
        # A figure is not built where its declaration or snapshot is wrong: told once is enough.
        raise CheckError(list(dict.fromkeys(problems)))


def _declarations(workspace: Workspace) -> Iterator[str]:
    declared = catalog.load()
    yield f"{len(declared.indicators)} indicators and {len(declared.frameworks)} frameworks hold."
    yield f"{len(countries.load())} countries hold."


def _texts(workspace: Workspace) -> Iterator[str]:
    missing = text_problems(also=_said_of_snapshots(workspace))
    missing += [p for home in countries.load().values() for p in country_problems(home.country)]
    if missing:
        raise CheckError(missing)
    yield f"The texts of {len(languages())} languages are complete."


def _said_of_snapshots(workspace: Workspace) -> Iterator[str]:
    """Yield what the table of sources says out of the sidecars, which stand in English."""
    for pin in snapshots.read_lock(workspace).pins.values():
        try:
            about = snapshots.open_sidecar(workspace, pin)
        except SnapshotError:
            continue  # told where snapshots are verified
        yield from (about.provider, about.provider_table, about.title)
        yield from (about.licence, about.status)


def country_problems(country: Country) -> Iterator[Problem]:
    """Yield the languages of reports that a country, or a region of it, has no name in."""
    where = f"country.toml of {country.id}"
    # A country need not say what it calls its regions; where it does, every reader is told.
    for key, names in (("names", country.names), ("regions", country.regions)):
        for code in languages() if names or key == "names" else ():
            if not names.get(code, "").strip():
                yield Problem(f"{key}: no name in '{code}'", where)


def _snapshots(workspace: Workspace) -> Iterator[str]:
    lock = snapshots.read_lock(workspace)
    wrong = snapshots.verify(workspace, lock)
    whole = len(lock.pins) - len({problem.where for problem in wrong})
    yield f"{whole} of {len(lock.pins)} snapshots are the bytes that were pinned."
    if wrong:
        raise SnapshotError(wrong)


def _figures(workspace: Workspace) -> Iterator[str]:
    for id in countries.load():
        processed, _ = build.build(workspace, id)
        yield f"{id}: {len(processed.observations):,} observations hold."


def _notebook(workspace: Workspace) -> Iterator[str]:
    thick = list(notebook_problems(workspace))
    if thick:
        raise CheckError(thick)
    yield "The notebook is thin."


def _problems(error: HealthIndicatorsError) -> list[Problem]:
    return list(error.problems) if isinstance(error, ProblemsError) else [Problem(str(error))]


def notebook_problems(workspace: Workspace) -> Iterator[Problem]:
    """Yield what makes the notebook more than a narrator: definitions, loops, several calls a cell."""
    path = notebook.find(workspace)
    try:
        cells = notebook.read(path)["cells"]
    except WorkspaceError as error:
        yield Problem(str(error), path.name)
        return
    parameters = [c for c in cells if notebook.PARAMETERS in c["metadata"]["tags"]]
    if len(parameters) != 1:
        yield Problem(f"{len(parameters)} cells are tagged parameters instead of one", path.name)
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            where = f"{path.name} cell {number}"
            try:
                statements = ast.parse(cell["source"]).body
            except SyntaxError as error:
                yield Problem(f"not plain Python: {error.msg}", where)
                continue
            if cell in parameters:
                yield from _parameter_problems(statements, cell["source"], where)
            else:
                yield from _thin_problems(statements, where)


def _parameter_problems(statements: list[ast.stmt], source: str, where: str) -> Iterator[Problem]:
    if not all(isinstance(s, ast.Assign) for s in statements):
        yield Problem("the parameters cell holds more than assignments", where)
    if len(statements) != len(source.strip().splitlines()):
        yield Problem("the parameters cell has not one assignment a line", where)


def _thin_problems(statements: list[ast.stmt], where: str) -> Iterator[Problem]:
    if len(statements) != 1:
        yield Problem(f"{len(statements)} statements instead of one", where)
    for statement in statements:
        if isinstance(statement, ast.ImportFrom):
            if (statement.module or "").partition(".")[0] != ALLOWED_IMPORT:
                yield Problem(f"imports {statement.module}", where)
        elif not isinstance(statement, ast.Expr | ast.Assign) or not isinstance(
            statement.value, ast.Call
        ):
            yield Problem("is not one call", where)
        elif sum(isinstance(node, ast.Call) for node in ast.walk(statement)) > 1:
            yield Problem("makes several calls", where)
