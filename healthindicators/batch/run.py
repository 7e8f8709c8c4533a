"""A batch: planned, made side by side, accounted for, whatever ends it."""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Protocol

from joblib import cpu_count

from healthindicators.batch import account, record
from healthindicators.batch.account import Ending, Entry, Failed, Run, Sources, Status
from healthindicators.batch.hold import hold
from healthindicators.batch.inputs import Inputs
from healthindicators.batch.progress import Advance
from healthindicators.batch.record import Record
from healthindicators.batch.stopping import signal_of, terminable
from healthindicators.errors import Problem, WorkspaceError
from healthindicators.execution.limits import Limits
from healthindicators.report import export
from healthindicators.report.parameters import Request
from healthindicators.report.runner import Failure, Finish, Made, default_engine, make_each
from healthindicators.workspace import Workspace, sweep

Key = tuple[str, ...]
Show = Callable[[int], AbstractContextManager[Advance]]
Look = Callable[[Inputs, Request], Record | None]


class MakeEach(Protocol):
    """What makes reports: `healthindicators.report.runner.make_each`, or its like elsewhere."""

    def __call__(
        self,
        workspace: Workspace,
        requests: Sequence[Request],
        *,
        engine: str,
        jobs: int,
        limits: Limits,
        finish: Finish,
    ) -> Generator[tuple[Request, Made | Failure]]:
        """Yield each report's outcome as it ends; closing the iterator stops the others."""


@dataclass(frozen=True)
class Options:
    """How a batch is made.

    Attributes
    ----------
    engine : str
        One of `healthindicators.report.runner.ENGINES`.
    jobs : int
        Reports at a time; 0 means one for each core.
    limits : Limits
        Of each report.
    again : bool
        Make reports even if nothing has changed.
    """

    engine: str = field(default_factory=default_engine)
    jobs: int = 0
    limits: Limits = field(default_factory=Limits)
    again: bool = False


@dataclass(frozen=True)
class Result:
    """What became of one report: a record where it is whole, a failure where it could not be made."""

    request: Request
    status: Status
    record: Record | None = None
    failure: Failure | None = None
    seconds: float = 0.0


@dataclass
class Batch:
    """What has become of the reports of a batch so far.

    Attributes
    ----------
    requests : sequence of Request
        All that was asked for.
    results : dict
        By municipality and stem, of those that are settled.
    stopped : int
        The signal that stopped the batch; 0 if it came to its end.
    troubles : list of Problem
        What went wrong beside the reports.
    """

    requests: Sequence[Request]
    results: dict[Key, Result] = field(default_factory=dict)
    stopped: int = 0
    troubles: list[Problem] = field(default_factory=list)

    def settle(self, result: Result) -> None:
        """Keep what became of a report."""
        self.results[_key(result.request)] = result

    def of(self, request: Request) -> Result:
        """Return what became of a report; it is left where the batch was stopped before it."""
        return self.results.get(_key(request)) or Result(request, Status.LEFT)

    def count(self, status: Status) -> int:
        """Return how many reports have a status."""
        return sum(self.of(request).status is status for request in self.requests)

    @property
    def whole_requests(self) -> list[Request]:
        """The reports that are as they should be."""
        return [request for request in self.requests if self.of(request).record]

    @property
    def whole(self) -> int:
        """How many reports are as they should be."""
        return len(self.whole_requests)

    @property
    def problems(self) -> list[Problem]:
        """What went wrong, in order of municipality."""
        failed = [r for r in self.results.values() if r.failure]
        failed.sort(key=lambda result: (result.request.geo.code, result.request.stem))
        return [_problem(result) for result in failed] + self.troubles

    def __str__(self) -> str:
        """Say how many reports are whole, and what became of all."""
        parts = [f"{self.count(s)} {s}" for s in (Status.MADE, Status.UNCHANGED, Status.FAILED)]
        if self.count(Status.LEFT):
            parts.append(f"{self.count(Status.LEFT)} left")
        return f"{self.whole} of {len(self.requests)} reports: {', '.join(parts)}."


def make_all(
    workspace: Workspace,
    requests: Sequence[Request],
    options: Options | None = None,
    *,
    show: Show = lambda total: nullcontext(lambda: None),
    make: MakeEach = make_each,
    unchanged: Look = record.unchanged,
) -> Batch:
    """Make those reports whose inputs have changed or whose files are not whole.

    Parameters
    ----------
    workspace : Workspace
        Where everything lies; the figures are built.
    requests : sequence of Request
        The reports.
    options : Options, optional
        How they are made.
    show : callable
        Given how many reports are to be made, returns a context with what is called as each ends.
    make : callable
        What makes the reports.
    unchanged : callable
        Returns the record of a report that need not be made.

    Returns
    -------
    Batch
        What became of each. A failing report stops no other, and neither it nor Ctrl-C is raised.

    Raises
    ------
    EditionBusy
        If another batch is at work in the same edition.
    WorkspaceError
        If the reports folder cannot be written.
    """
    options = options or Options()
    options = replace(options, jobs=options.jobs or cpu_count())
    batch = Batch(requests)
    inputs = Inputs(workspace)
    watch = _Watch()
    folders = [workspace.edition(edition) for edition in sorted({r.edition for r in requests})]
    with ExitStack() as held:
        held.enter_context(terminable())
        for folder in folders:
            held.enter_context(hold(folder))
        try:
            for folder in folders:
                sweep(folder)
                export.write_assets(folder / "assets")
            todo = list(requests) if options.again else _changed(inputs, batch, unchanged)
            with show(len(todo)) as advance:
                _make(inputs, todo, options, batch, advance, make)
        except KeyboardInterrupt as stop:
            batch.stopped = signal_of(stop)
        _account(inputs, options, batch, watch)
    return batch


def _changed(inputs: Inputs, batch: Batch, unchanged: Look) -> list[Request]:
    """Return the reports that must be made, and settle the others."""
    todo = []
    for request in batch.requests:
        found = unchanged(inputs, request)
        if found is None:
            todo.append(request)
        else:
            batch.settle(Result(request, Status.UNCHANGED, found))
    return todo


def _make(
    inputs: Inputs,
    todo: Sequence[Request],
    options: Options,
    batch: Batch,
    advance: Advance,
    make: MakeEach,
) -> None:
    if not todo:
        return
    inputs.look(todo)
    outcomes = make(
        inputs.workspace,
        todo,
        engine=options.engine,
        jobs=min(options.jobs, len(todo)),
        limits=options.limits,
        finish=partial(record.finish, inputs),
    )
    # Closed whatever happens here: then the reports that are under way are stopped.
    with closing(outcomes):
        for request, outcome in outcomes:
            batch.settle(_result(inputs.workspace, request, outcome))
            advance()


def _result(workspace: Workspace, request: Request, outcome: Made | Failure) -> Result:
    if isinstance(outcome, Failure):
        return Result(request, Status.FAILED, failure=outcome)
    # A report that was made elsewhere brings no record along, but leaves it beside its page.
    written = outcome.noted or record.read(record.path_of(workspace, request))
    if written is None:
        failure = Failure(message="Its record is absent after it was made.", cell="")
        return Result(request, Status.FAILED, failure=failure)
    return Result(request, Status.MADE, written, seconds=outcome.seconds)


@dataclass(frozen=True)
class _Watch:
    """When a batch began."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        return round(time.perf_counter() - self.began, 3)


def _account(inputs: Inputs, options: Options, batch: Batch, watch: _Watch) -> None:
    """Write what became of the reports; an account that cannot be written hides no failure."""

    def home(request: Request) -> tuple[str, str, str]:
        return request.edition, request.country.id, request.stem

    for (edition, country, stem), some in groupby(sorted(batch.requests, key=home), key=home):
        path = inputs.workspace.country_reports(edition, country) / account.NAME
        results = [batch.of(request) for request in some]
        try:
            account.write(path, stem, _run(inputs, options, batch, watch, results))
        except WorkspaceError as error:
            batch.troubles.append(Problem(str(error)))


def _run(
    inputs: Inputs, options: Options, batch: Batch, watch: _Watch, results: Sequence[Result]
) -> Run:
    counts = Counter(result.status for result in results)
    started = watch.started.isoformat(timespec="seconds")
    ending = Ending.FAILED if counts[Status.FAILED] else Ending.DONE
    return Run(
        ending=Ending.STOPPED if batch.stopped else ending,
        inputs=Sources(
            inputs.lock,
            inputs.code,
            inputs.notebook,
            inputs.processed(results[0].request.country.id),
        ),
        versions={**inputs.versions, "platform": platform.platform()},
        engine=options.engine,
        jobs=options.jobs,
        limits={"seconds": options.limits.seconds, "memory": options.limits.memory},
        started=started,
        seconds=watch.seconds,
        counts={status: counts[status] for status in Status},
        reports=[_entry(result, started) for result in results],
        failures=[_failed(result.request, result.failure) for result in results if result.failure],
    )


def _entry(result: Result, asked: str) -> Entry:
    geo, found = result.request.geo, result.record
    return Entry(
        municipality=geo.id,
        name=geo.name(result.request.language.code),
        status=result.status,
        inputs=found.inputs if found else "",
        files=found.files if found else {},
        seconds=round(result.seconds, 3),
        asked=asked,
    )


def _failed(request: Request, failure: Failure) -> Failed:
    name = request.geo.name(request.language.code)
    return Failed(request.geo.id, name, failure.cell, failure.message)


def _problem(result: Result) -> Problem:
    assert result.failure is not None
    failed = _failed(result.request, result.failure)
    where = f"{failed.municipality} {failed.name}"
    return Problem(failed.message, f"{where}, {failed.cell}" if failed.cell else where)


def _key(request: Request) -> Key:
    return request.geo.id, request.stem, request.edition
