"""Reports: parameters checked, notebook run, page exported, all files written together.

Two engines run the notebook. `fork` runs each in a fresh copy of this process, which is warm; plain
`papermill` starts a kernel for each, in processes side by side. Both give the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from joblib import Parallel, delayed

from healthindicators.errors import HealthIndicatorsError, ParameterError, UnknownName
from healthindicators.execution.cells import CellFailure, Notebook, run_cells
from healthindicators.execution.child import Tell
from healthindicators.execution.farm import Ended, run_each
from healthindicators.execution.limits import Limits
from healthindicators.execution.safety import why_unsafe
from healthindicators.report import export, notebook, place
from healthindicators.report.page import open_page
from healthindicators.report.parameters import Request
from healthindicators.report.warm import kernel, warm_up
from healthindicators.workspace import Workspace, write_together

FORK, PAPERMILL = "fork", "papermill"
ENGINES = (FORK, PAPERMILL)


@dataclass(frozen=True)
class Made:
    """The files of one finished report: digest and size by name, and how long it took.

    `noted` is what `finish` returned of it.
    """

    files: Mapping[str, str]
    sizes: Mapping[str, int]
    seconds: float
    noted: Any = None


@dataclass(frozen=True)
class Failure:
    """Why a report was not made, and in which cell; empty where it was in none."""

    message: str
    cell: str = ""


Finish = Callable[[Request, Made], Any]


def default_engine() -> str:
    """Return the fastest engine that is safe in this process."""
    return PAPERMILL if why_unsafe() else FORK


def make_each(
    workspace: Workspace,
    requests: Sequence[Request],
    *,
    engine: str,
    jobs: int,
    limits: Limits,
    finish: Finish,
) -> Generator[tuple[Request, Made | Failure]]:
    """Make reports and yield what became of each, in the order in which they end.

    Parameters
    ----------
    workspace : Workspace
        Where everything lies.
    requests : sequence of Request
        The reports.
    engine : str
        One of `ENGINES`.
    jobs : int
        Reports at a time.
    limits : Limits
        Of each report.
    finish : callable
        Called with each report after its files are written, in the process that made it; what it
        returns comes back with the report.

    Raises
    ------
    UnknownName, ParameterError
        If there is no such engine, or it is not safe here; if the notebook lacks a parameter.
    WorkspaceError
        If the notebook is absent or is none.

    Notes
    -----
    Closing the generator ends what is still running and leaves nothing half-written.
    """
    if engine not in ENGINES:
        raise UnknownName(engine, ENGINES)
    if engine == FORK and (why := why_unsafe()):
        raise ParameterError(f"The engine 'fork' cannot be used: {why}. Use 'papermill'.")
    template = notebook.read(notebook.find(workspace))
    for request in requests[:1]:
        notebook.refuse_unknown(request.parameters(), template)
    making = _Making(workspace, limits, finish)
    if engine == FORK:
        yield from _forked(making, template, requests, jobs)
    else:
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        yield from parallel(delayed(_plainly)(making, request) for request in requests)


@dataclass(frozen=True)
class _Making:
    """What all reports of a batch share."""

    workspace: Workspace
    limits: Limits
    finish: Finish


def _forked(
    making: _Making, template: Notebook, requests: Sequence[Request], jobs: int
) -> Generator[tuple[Request, Made | Failure]]:
    warm_up(making.workspace, requests)
    limits = making.limits

    def work(request: Request, tell: Tell) -> Made | Failure:
        begun = time.perf_counter()
        try:
            os.chdir(making.workspace.root)
            run = notebook.with_parameters(template, request.parameters())
            failure = run_cells(run, kernel(), begun=tell)
            return _finish(making, request, run, failure, begun)
        except Exception as error:
            return _fault(error, limits)

    for ended in run_each(requests, work, jobs=jobs, limits=limits):
        yield ended.task, _outcome(ended, template)


def _outcome(ended: Ended[Request], template: Notebook) -> Made | Failure:
    outcome: Made | Failure | None = ended.ending.value
    if outcome is not None:
        return outcome
    run = notebook.with_parameters(template, ended.task.parameters())
    at = ended.last_told
    return Failure(f"It {ended.ending.fault}.", "" if at is None else _cell(run, at))


def _plainly(making: _Making, request: Request) -> tuple[Request, Made | Failure]:
    from healthindicators.report import plain  # noqa: PLC0415 - it takes seconds to import

    begun = time.perf_counter()
    path = notebook.find(making.workspace)
    try:
        run, failure = plain.execute(
            path, request.parameters(), making.workspace.root, making.limits
        )
        return request, _finish(making, request, run, failure, begun)
    except Exception as error:
        return request, _fault(error, making.limits)


def _fault(error: Exception, limits: Limits) -> Failure:
    """Return what is said of an error: one report stops no other, whatever went wrong in it."""
    if isinstance(error, MemoryError):
        return Failure(f"It {limits.memory_fault}.")
    ours = isinstance(error, HealthIndicatorsError)
    return Failure(str(error) if ours else f"{type(error).__name__}: {error}")


def _finish(
    making: _Making, request: Request, run: Notebook, failure: CellFailure | None, begun: float
) -> Made | Failure:
    """Write the files of a report whose notebook has run, or say what it ended with."""
    if failure is not None:
        said = f"{failure.ename}: {failure.evalue}"
        if failure.ename == MemoryError.__name__:
            said = f"It {making.limits.memory_fault}."
        return Failure(said, _cell(run, failure.cell))
    html = export.document(run, request, place.links(request))
    page = open_page(**request.parameters(), workspace=making.workspace)
    folder = making.workspace.report(request.edition, request.country.id, request.geo)
    bodies = {
        folder / place.FIGURES: page.figures_csv(),
        folder / place.notebook_name(request): notebook.encode(notebook.steady(run)),
        folder / place.page_name(request): html.encode(),
    }
    write_together(bodies)
    made = Made(
        {path.name: hashlib.sha256(body).hexdigest() for path, body in bodies.items()},
        {path.name: len(body) for path, body in bodies.items()},
        time.perf_counter() - begun,
    )
    return replace(made, noted=making.finish(request, made))


def _cell(run: Notebook, number: int) -> str:
    return f"cell {number} ({notebook.first_line(run['cells'][number]['source'])})"
