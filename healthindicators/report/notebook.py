"""The notebook that reports are made from, as plain dictionaries: read, given parameters, written.

papermill reads, changes and writes a notebook in the same way, seconds later: its libraries take
that long to import. A test holds both against each other.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from healthindicators.errors import ParameterError, WorkspaceError, nearest
from healthindicators.execution.cells import Notebook
from healthindicators.workspace import Workspace

NAME = "municipality_profile.ipynb"
PARAMETERS, INJECTED = "parameters", "injected-parameters"
FORMAT = (4, 5)
"""Cells have had ids since this format; older notebooks would be given random ones."""

VOLATILE = ("papermill", "execution")
"""What differs from run to run in the metadata of notebook and cells."""


def find(workspace: Workspace) -> Path:
    """Return the path of the notebook that reports are made from.

    Raises
    ------
    WorkspaceError
        If it is absent.
    """
    path = workspace.notebooks / NAME
    if not path.is_file():
        raise WorkspaceError(f"The notebook {path} is absent.")
    return path


def read(path: Path) -> Notebook:
    """Return a notebook without outputs, its texts in one piece.

    Raises
    ------
    WorkspaceError
        If the file is no notebook of a format with cell ids.
    """
    try:
        notebook: Notebook = orjson.loads(path.read_bytes())
        found = (notebook["nbformat"], notebook["nbformat_minor"])
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["metadata"].setdefault("tags", [])
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise WorkspaceError(f"{path} is not a notebook: {error}.") from error
    if found[0] != FORMAT[0] or found < FORMAT:
        raise WorkspaceError(
            f"{path} is of notebook format {found[0]}.{found[1]}; open and save it in JupyterLab, "
            f"which writes {FORMAT[0]}.{FORMAT[1]} or later."
        )
    return notebook


def with_parameters(notebook: Notebook, parameters: Mapping[str, str]) -> Notebook:
    """Return a copy to run, with a cell of parameters after the one tagged for them."""
    lines = [f'{name} = "{_escaped(value)}"\n' for name, value in parameters.items()]
    injected: dict[str, Any] = {
        "cell_type": "code",
        "id": INJECTED,
        "metadata": {"tags": [INJECTED]},
        "source": "".join(["# Parameters\n", *lines]),
        "outputs": [],
        "execution_count": None,
    }
    cells = [cell | {"metadata": dict(cell["metadata"])} for cell in notebook["cells"]]
    before = _tagged(cells, INJECTED)
    if before is not None:
        cells[before] = injected
    else:
        place = _tagged(cells, PARAMETERS)
        cells.insert(0 if place is None else place + 1, injected)
    return notebook | {"cells": cells, "metadata": dict(notebook["metadata"])}


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode().replace('"', r"\"")


def _tagged(cells: list[dict[str, Any]], tag: str) -> int | None:
    return next((n for n, c in enumerate(cells) if tag in c["metadata"]["tags"]), None)


def refuse_unknown(given: Mapping[str, object], notebook: Notebook) -> None:
    """Raise if a parameter is given that the notebook does not have.

    Raises
    ------
    ParameterError
        With every unknown name and the nearest known one.
    """
    known = parameter_names(notebook)
    wrong = [name for name in given if name not in known]
    if wrong:
        offers = [
            f"'{name}'"
            + (f" (nearest: {', '.join(nearest(name, known))})" if nearest(name, known) else "")
            for name in wrong
        ]
        raise ParameterError(
            f"{NAME} has no parameter {', '.join(offers)}. It has {', '.join(known)}."
        )


def parameter_names(notebook: Notebook) -> tuple[str, ...]:
    """Return the names that the cell tagged for parameters assigns."""
    place = _tagged(notebook["cells"], PARAMETERS)
    source = "" if place is None else notebook["cells"][place]["source"]
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(
            f"{NAME}: the cell of parameters is not plain Python: {error.msg}."
        ) from error
    targets = [t for s in statements if isinstance(s, ast.Assign) for t in s.targets]
    return tuple(t.id for t in targets if isinstance(t, ast.Name))


def steady(notebook: Notebook) -> Notebook:
    """Remove times, paths and random ids from a notebook that was run: two runs give the same bytes."""
    for part in (notebook, *notebook["cells"]):
        for key in VOLATILE:
            part["metadata"].pop(key, None)
        if INJECTED in part["metadata"].get("tags", []):
            part["id"] = INJECTED
    return notebook


def encode(notebook: Notebook) -> bytes:
    """Return the bytes of a notebook, its keys in order."""
    return orjson.dumps(notebook, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def first_line(source: str) -> str:
    """Return the line that names a cell in a message."""
    return source.strip().partition("\n")[0]
