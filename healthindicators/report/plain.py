"""Plain papermill: the reference for every other way to run the notebook, and the fall-back.

Imported only where it is used: papermill and nbformat take seconds to import.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.execute import remove_error_markers
from traitlets.config import Config

from healthindicators.errors import ReportError
from healthindicators.execution.cells import CellFailure, Notebook
from healthindicators.execution.limits import Limits

KERNEL = Config(
    {
        "KernelManager": {"transport_encryption": "auto"},
        "NotebookClient": {"shutdown_kernel": "immediate"},
    }
)
"""Without the first each kernel of ipykernel 7.4 prints a warning; the second spares the wait for a
goodbye that prints an error (seen November 2026)."""


def execute(
    path: Path, parameters: Mapping[str, str], folder: Path, limits: Limits
) -> tuple[Notebook, CellFailure | None]:
    """Run a notebook by papermill in a kernel of its own.

    Parameters
    ----------
    path : Path
        The notebook.
    parameters : mapping
        Texts by name.
    folder : Path
        Where the kernel works.
    limits : Limits
        Of the whole run. Memory is limited where the system allows it: on Linux.

    Returns
    -------
    tuple
        The notebook with its outputs, and the error that it ended with.

    Raises
    ------
    ReportError
        If the kernel died or took too long.
    """
    deadline = time.monotonic() + limits.seconds
    with tempfile.TemporaryDirectory() as scratch, _calm(), _limited(limits):
        target = Path(scratch) / path.name
        try:
            papermill.execute_notebook(
                str(path),
                str(target),
                parameters=dict(parameters),
                cwd=str(folder),
                progress_bar=False,
                request_save_on_cell_execute=False,
                config=KERNEL,
                timeout_func=lambda cell: _left(deadline),
            )
        except PapermillExecutionError as error:
            failure = CellFailure(
                error.cell_index, error.ename, error.evalue, tuple(error.traceback)
            )
            return read(target), failure
        except CellTimeoutError as error:
            raise ReportError(limits.time_fault) from error
        except DeadKernelError as error:
            raise ReportError("the kernel died") from error
        made = read(target)
        return made, _left_early(made)


def _left_early(made: Notebook) -> CellFailure | None:
    """Return the cell that a notebook ended itself in: papermill takes that for a success."""
    for number, cell in enumerate(made["cells"]):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error" and output["ename"] == SystemExit.__name__:
                return CellFailure(
                    number, output["ename"], output["evalue"], tuple(output["traceback"])
                )
    return None


def read(path: Path) -> Notebook:
    """Return a notebook that papermill wrote, as plain dictionaries, its texts in one piece.

    The cells that papermill puts around an error are left out: they would move the others.
    """
    notebook = remove_error_markers(nbformat.read(path, as_version=4))
    plain: Notebook = json.loads(json.dumps(notebook))
    return plain


def _left(deadline: float) -> int:
    """Return the whole seconds that a cell may still take; nbclient takes 0 for no limit."""
    left = deadline - time.monotonic()
    return 0 if left == float("inf") else max(round(left), 1)


@contextmanager
def _calm() -> Iterator[None]:
    with warnings.catch_warnings():
        # papermill 2.7 uses a deprecated clock call; not ours to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@contextmanager
def _limited(limits: Limits) -> Iterator[None]:
    """Limit the memory of the kernels that are begun, which inherit it from this process."""
    if sys.platform != "linux" or not limits.memory:
        yield
        return
    import resource  # noqa: PLC0415 - Windows has none

    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    resource.setrlimit(resource.RLIMIT_DATA, (pages * resource.getpagesize() + limits.memory, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))
