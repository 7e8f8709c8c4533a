"""The engine `healthindicators` of papermill: each notebook in a fresh copy of a warm process.

    papermill --engine healthindicators in.ipynb out.ipynb

papermill loads this module whenever it is imported, so it imports nothing that papermill has not; for
the same reason import papermill first, never this module. Where a process cannot be copied safely,
papermill's own engine takes over and gives the same notebook.
"""

from __future__ import annotations

import ast
import logging
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine
from papermill.log import logger

from healthindicators.execution.child import Child, wait
from healthindicators.execution.limits import NONE
from healthindicators.execution.safety import why_unsafe

if TYPE_CHECKING:
    from papermill.engines import NotebookExecutionManager

    from healthindicators.execution.cells import CellFailure

LANGUAGE = "python"
PACKAGE = "healthindicators"
WARM_UP = "warm_up"
"""A module of ours that has a function of this name opens what its notebooks will read."""

TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class ForkEngine(Engine):  # type: ignore[misc]
    """Runs a notebook in a copy of this process, which has imported our libraries already."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> None:
        """Run the notebook that `nb_man` holds and put the outputs into it.

        Raises
        ------
        nbclient.exceptions.CellTimeoutError
            If a cell runs longer than `execution_timeout` seconds.
        nbclient.exceptions.DeadKernelError
            If the copy ends before the notebook does.
        """
        language = nb_man.nb.metadata.get("kernelspec", {}).get("language", LANGUAGE)
        warm_up(nb_man.nb)
        why = why_unsafe() if language == LANGUAGE else f"the notebook is in {language}"
        if why:
            logger.warning("Run by papermill's own engine: %s.", why)
            NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)
        else:
            _Run(nb_man, **options).follow()


def warm_up(notebook: NotebookNode) -> None:
    """Import, before the copy is made, what the notebook will import of this package.

    Other libraries wait for the copy: a notebook may set their environment before it imports them.
    Errors wait as well: the cell will meet them and say so.
    """
    import_module("healthindicators.execution.kernel")
    for cell in notebook.cells:
        if cell.cell_type == "code" and PACKAGE in cell.source:
            for name in _imported(cell.source):
                with suppress(Exception):
                    getattr(import_module(name), WARM_UP, lambda: None)()


def _imported(source: str) -> list[str]:
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a cell with magics
        return []
    froms = [s.module or "" for s in statements if isinstance(s, ast.ImportFrom) and not s.level]
    plain = [a.name for s in statements if isinstance(s, ast.Import) for a in s.names]
    return [name for name in froms + plain if name.partition(".")[0] == PACKAGE]


class _Run:
    """One notebook: what its copy tells is put into it as if a kernel had sent it."""

    def __init__(
        self,
        nb_man: NotebookExecutionManager,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        execution_timeout: int | None = None,
        **_: Any,
    ) -> None:
        self._manager = nb_man
        self._nb = nb_man.nb
        self._log = PapermillNotebookClient(
            nb_man, log=logger, log_output=log_output, stdout_file=stdout_file,
            stderr_file=stderr_file,
        ).log_output_message  # fmt: skip
        self._limit = execution_timeout
        self._cell: int | None = None
        self._begun_at = ""
        self._deadline = float("inf")

    def follow(self) -> None:
        """Make the copy and follow it to its end."""
        hears: dict[str, Callable[..., None]] = {
            "begun": self._begin, "done": self._complete, "over": self._end
        }  # fmt: skip
        child = Child(self._work, NONE)
        try:
            while child.ending is None:
                wait([child], self._deadline - time.monotonic())
                for what, *told in child.listen():
                    hears[what](*told)
                if self._limit and time.monotonic() > self._deadline:
                    cell = self._nb.cells[self._cell]
                    message = "Cell execution timed out"
                    raise CellTimeoutError.error_from_timeout_and_cell(message, self._limit, cell)
            if child.ending.fault:
                raise DeadKernelError(f"Kernel died: {child.ending.fault}")
        finally:
            if self._cell is not None:
                self._manager.cell_complete(self._nb.cells[self._cell], cell_index=self._cell)
            child.kill()

    def _work(self, tell: Any) -> None:
        """Run the cells; this happens in the copy."""
        # Imported by `warm_up` before; whoever only imports papermill does not wait for it.
        from healthindicators.execution.cells import run_cells  # noqa: PLC0415
        from healthindicators.execution.kernel import Kernel  # noqa: PLC0415

        cells = self._nb.cells
        _forget_caller()

        def done(number: int, changed: set[int], failure: CellFailure | None) -> None:
            found = {c: list(cells[c].outputs) for c in changed}
            count = cells[number].get("execution_count")
            tell(("done", _now(), count, found, failure is not None))

        run_cells(self._nb, Kernel(), lambda number: tell(("begun", _now(), number)), done)
        extra = {k: self._nb.metadata.get(k) for k in ("language_info", "widgets")}
        tell(("over", {name: value for name, value in extra.items() if value}))

    def _begin(self, moment: str, number: int) -> None:
        self._cell, self._begun_at = number, moment
        self._manager.cell_start(self._nb.cells[number], number)
        if self._limit:
            self._deadline = time.monotonic() + self._limit

    def _complete(
        self, moment: str, count: int | None, found: dict[int, list[Any]], failed: bool
    ) -> None:
        number, self._cell, self._deadline = self._cell, None, float("inf")
        for changed, outputs in found.items():
            self._nb.cells[changed].outputs = from_dict(outputs)
        cell = self._nb.cells[number]
        if number in found:  # otherwise it is no code, or is not to run
            cell.execution_count = count
            cell.metadata["execution"] = from_dict({
                "iopub.status.busy": self._begun_at,
                "iopub.execute_input": self._begun_at,
                "iopub.status.idle": moment,
                "shell.execute_reply": moment,
            })  # fmt: skip
            for output in cell.outputs:
                self._log(output)
        if failed:
            self._manager.cell_exception(cell, cell_index=number)
        self._manager.cell_complete(cell, cell_index=number)

    def _end(self, metadata: dict[str, Any]) -> None:
        self._nb.metadata.update(from_dict(metadata))


def _forget_caller() -> None:
    """Return to the warnings and logs of a fresh interpreter, not those of papermill's caller."""
    logging.root.handlers.clear()
    logging.root.setLevel(logging.WARNING)
    warnings.resetwarnings()
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
    for quiet in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", quiet, append=True)


def _now() -> str:
    return datetime.now(UTC).strftime(TIME)
