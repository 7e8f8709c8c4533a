"""A plan on Dask distributed: chunks of reports go to workers, and every report is accounted for.

What a worker has told is not believed: at the end the records at the address decide. What is missing is
sent out again in smaller chunks, so that a report that takes its worker along is at last alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from healthindicators.batch.chunk import (
    Account,
    Ended,
    OtherInputsError,
    Planned,
    Record,
    Work,
    make_chunk,
    records,
)
from healthindicators.batch.remote import Place, RemoteError, parts

try:
    import distributed
except ImportError as error:
    raise RemoteError(
        "Work on other machines needs libraries that are not installed.\n"
        'Install them with: pip install "healthindicators[cluster]"'
    ) from error

ROUNDS = 3
"""So often is sent out what is missing; each time in chunks a quarter as large."""

RETRIES = 2
"""So often Dask tries a chunk again that ended with an error."""

CHUNKS_A_WORKER = 4
"""With several chunks each, workers end at about the same time; with many, starting costs most."""

LARGEST, LEAST = 1000, 25
"""Reports in a chunk. A lost worker costs little even of a large one: it publishes as it goes."""

ABSENT = "Its files are not at their address, or not whole."

ALONE = 300.0
"""Seconds without any worker before a run gives up."""

LOOKED = 5.0
"""Seconds between looks whether the run still has workers and its edition."""


@contextmanager
def connected(scheduler: str, seconds: float = 60.0) -> Iterator[distributed.Client]:
    """Connect to a scheduler that has at least one worker.

    Parameters
    ----------
    scheduler : str
        Address such as ``tcp://10.0.0.5:8786``.
    seconds : float
        How long to wait for the scheduler, and again for a worker.

    Raises
    ------
    RemoteError
        If none answers.
    """
    try:
        client = distributed.Client(scheduler, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RemoteError(f"No scheduler answers at {scheduler}: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=seconds)
        except TimeoutError as error:
            raise RemoteError(
                f"The scheduler at {scheduler} has no worker. Start some: "
                f"dask worker {scheduler} --nthreads 1"
            ) from error
        yield client


def run(
    client: distributed.Client | None,
    work: Work,
    todo: Sequence[Planned],
    *,
    size: int = 0,
    check: Callable[[], None] = lambda: None,
) -> Generator[Ended]:
    """Make reports and yield what became of each; closing the iterator stops the others.

    What was told as made and is not whole at its address in the end is told again, as failed.

    Parameters
    ----------
    client : distributed.Client or None
        Connected to a scheduler with workers; None makes the chunks on this machine, one by one.
    work : Work
        What is the same for every chunk.
    todo : sequence of Planned
        The reports; a municipality stands once.
    size : int
        Reports in a chunk; 0 chooses by their number and that of the workers.
    check : callable
        Called now and then; raises if the run must stop.

    Raises
    ------
    RemoteError
        If the outputs cannot be read or no worker is left. What was finished is whole.
    """
    told: dict[str, Ended] = {}
    trouble = ABSENT
    size = size or (chunk_size(len(todo), _threads(client)) if client else LARGEST)
    hopeless = False
    for _ in range(ROUNDS):
        missing = [report for report in todo if report.municipality not in told]
        chunks = list(parts(missing, size))
        for result in _far(client, work, chunks, check) if client else _here(work, chunks, check):
            if isinstance(result, Exception):
                trouble = str(result) or type(result).__name__
                hopeless = hopeless or isinstance(result, OtherInputsError)
                continue
            for ended in result.ended():
                # A chunk whose worker was thought lost may be told twice.
                if ended.municipality not in told:
                    told[ended.municipality] = ended
                    yield ended
        if hopeless:
            break
        size = max(1, size // 4)
    found = whole(Place(work.outputs), todo)
    for report in todo:
        id = report.municipality
        if id not in told:
            yield Ended(id, message=trouble)
        elif told[id].record and id not in found:
            yield Ended(id, message=ABSENT)


def chunk_size(reports: int, workers: int) -> int:
    """Return how many reports go into a chunk.

    Examples
    --------
    >>> chunk_size(745, 2), chunk_size(100_000, 20), chunk_size(98, 50)
    (94, 1000, 25)
    """
    return min(LARGEST, max(LEAST, math.ceil(reports / (CHUNKS_A_WORKER * max(workers, 1)))))


def whole(place: Place, planned: Sequence[Planned]) -> dict[str, Record]:
    """Return the records of those reports that are whole: made from today's inputs, no file short.

    One listing and many records a call. Digests of files were compared when they were published;
    here their number of bytes is.
    """
    told = records(place, planned)
    current = [report for report in planned if report.is_told_by(told.get(report.municipality, {}))]
    sizes: dict[str, int] = {}
    for folder in sorted({report.folder.rpartition("/")[0] for report in current}):
        sizes |= place.sizes(folder)
    return {
        report.municipality: told[report.municipality]
        for report in current
        if all(
            sizes.get(f"{report.folder}/{name}") == about["bytes"]
            for name, about in told[report.municipality]["files"].items()
        )
    }


def _here(
    work: Work, chunks: Sequence[list[Planned]], check: Callable[[], None]
) -> Iterator[Account | Exception]:
    for chunk in chunks:
        check()
        try:
            yield make_chunk(work, chunk)
        except RemoteError as error:
            yield error


def _far(
    client: distributed.Client,
    work: Work,
    chunks: Sequence[list[Planned]],
    check: Callable[[], None],
) -> Iterator[Account | Exception]:
    """Send chunks out and yield what comes back, errors among it, as it comes."""
    # Not pure: a chunk that was once made is asked for anew, since the address may have changed.
    futures = client.map(
        make_chunk, [work] * len(chunks), chunks, pure=False, retries=RETRIES, key="reports"
    )
    waiting = set(futures)
    del futures
    alone = time.monotonic()
    try:
        while waiting:
            check()
            try:
                with client.as_current():
                    done = distributed.wait(waiting, LOOKED, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                done = set()
            waiting -= done
            if done or _threads(client):
                alone = time.monotonic()
            elif time.monotonic() - alone > ALONE:
                raise RemoteError(
                    f"No worker has been left for {ALONE:.0f} seconds. Finished reports are whole; "
                    "start workers and run the same command again."
                )
            for future in done:
                yield future.result() if future.status == "finished" else _trouble(future)
    finally:
        # After Ctrl-C or an error nothing more is begun; what runs loses its claim and stops.
        if waiting:
            client.cancel(list(waiting), force=True)


def _trouble(future: distributed.Future[Account]) -> Exception:
    error = future.exception() if future.status == "error" else None
    if isinstance(error, distributed.KilledWorker):
        return RemoteError(
            "Workers were lost while they made this report; it may need more memory than they have."
        )
    return error if isinstance(error, Exception) else RemoteError(f"A chunk was {future.status}.")


def _threads(client: distributed.Client) -> int:
    """Return how many chunks can run at once."""
    about: dict[str, Any] = client.scheduler_info(n_workers=-1)
    return sum(int(worker["nthreads"]) for worker in about["workers"].values())
