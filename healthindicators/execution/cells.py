"""Run the cells of a notebook one after the other, until one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from healthindicators.execution.kernel import Kernel
from healthindicators.execution.outputs import Outputs

Notebook = dict[str, Any]
"""A notebook of format 4 as plain dictionaries, its texts not parted into lines."""

ALLOWED_TO_FAIL = "raises-exception"
SKIPPED = "skip-execution"


@dataclass(frozen=True)
class CellFailure:
    """The error that a notebook ended with."""

    cell: int
    ename: str
    evalue: str
    traceback: tuple[str, ...]


Begun = Callable[[int], None]
Done = Callable[[int, set[int], CellFailure | None], None]


def run_cells(
    notebook: Notebook,
    kernel: Kernel,
    begun: Begun = lambda cell: None,
    done: Done = lambda cell, changed, failure: None,
) -> CellFailure | None:
    """Run a notebook's cells in this process and put the outputs into it.

    Parameters
    ----------
    notebook : dict
        Changed in place: outputs, execution counts, `language_info` and state of widgets.
    kernel : Kernel
        Made here or before the fork; this process becomes its own.
    begun : callable
        Told the number of every cell, of whatever kind, before it runs.
    done : callable
        Told the number of every cell after it ran, which cells' outputs it has changed, and its
        failure if that ends the notebook.

    Returns
    -------
    CellFailure or None
        The first error in a cell that is not tagged ``raises-exception``; cells after it do not run.
    """
    kernel.enter()
    return asyncio.run(_run(notebook, kernel, begun, done))


async def _run(
    notebook: Notebook,
    kernel: Kernel,
    begun: Begun,
    done: Done,
) -> CellFailure | None:
    outputs = Outputs()
    failure = None
    for number, cell in enumerate(notebook["cells"]):
        begun(number)
        if _runs(cell):
            failure = await _run_cell(number, cell, kernel, outputs)
        for changed in outputs.changed - {number}:
            notebook["cells"][changed]["outputs"] = outputs.of(changed)
        done(number, set(outputs.changed), failure)
        outputs.changed.clear()
        if failure:
            break
    notebook["metadata"]["language_info"] = kernel.language_info
    if widgets := outputs.widgets():
        notebook["metadata"]["widgets"] = widgets
    return failure


async def _run_cell(
    number: int, cell: dict[str, Any], kernel: Kernel, outputs: Outputs
) -> CellFailure | None:
    outputs.begin(number)
    cell["execution_count"] = kernel.prompt
    fault, messages = await kernel.run(cell["source"])
    for message in messages:
        outputs.take(number, message)
    cell["outputs"] = outputs.of(number)
    if fault is None or ALLOWED_TO_FAIL in _tags(cell):
        return None
    return CellFailure(number, fault.ename, fault.evalue, fault.traceback)


def _runs(cell: dict[str, Any]) -> bool:
    is_code = cell["cell_type"] == "code" and bool(cell["source"].strip())
    return is_code and SKIPPED not in _tags(cell)


def _tags(cell: dict[str, Any]) -> list[str]:
    tags: list[str] = cell["metadata"].get("tags", [])
    return tags
