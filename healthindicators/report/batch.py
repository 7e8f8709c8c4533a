"""Many reports: in processes, each on its own; failures are collected and stop no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from joblib import Parallel, cpu_count, delayed

from healthindicators.errors import HealthIndicatorsError, Problem
from healthindicators.report import runner
from healthindicators.report.parameters import Request
from healthindicators.workspace import Workspace


@dataclass
class Outcome:
    """What became of a batch."""

    made: list[Request] = field(default_factory=list)
    failed: list[Problem] = field(default_factory=list)


def make_all(
    workspace: Workspace,
    requests: Sequence[Request],
    *,
    jobs: int = 0,
    each: Callable[[], None] = lambda: None,
) -> Outcome:
    """Make every report and return what was made and what failed.

    Parameters
    ----------
    workspace : Workspace
        Where everything lies.
    requests : sequence of Request
        The reports.
    jobs : int
        Processes; 0 means one for each core.
    each : callable
        Called when a report is finished, for a progress bar.
    """
    outcome = Outcome()
    workers = min(jobs or cpu_count(), max(len(requests), 1))
    work = (delayed(_make)(workspace, request) for request in requests)
    parallel = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    for request, problem in parallel(work):
        if problem is None:
            outcome.made.append(request)
        else:
            outcome.failed.append(problem)
        each()
    outcome.made.sort(key=lambda r: r.geo.code)
    outcome.failed.sort(key=lambda p: p.where)
    return outcome


def _make(workspace: Workspace, request: Request) -> tuple[Request, Problem | None]:
    where = f"{request.geo.id} {request.geo.name(request.language.code)}"
    try:
        runner.make(workspace, request)
    except HealthIndicatorsError as error:
        return request, Problem(str(error), where)
    except Exception as error:
        # One municipality must never stop the others, whatever went wrong in it; it is told below.
        return request, Problem(f"{type(error).__name__}: {error}", where)
    return request, None
