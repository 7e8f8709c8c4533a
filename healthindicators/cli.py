"""The command `healthindicators`. Heavy libraries are imported by the commands that need them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from healthindicators.errors import BatchError, HealthIndicatorsError, UnknownName, together

if TYPE_CHECKING:
    from healthindicators.batch.elsewhere import Driver
    from healthindicators.batch.run import Batch, Options
    from healthindicators.model import Source
    from healthindicators.protocols import Reply
    from healthindicators.protocols import Request as Question
    from healthindicators.report.parameters import Request
    from healthindicators.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Honest public-health profiles of municipalities from open official statistics.",
)
# Wide where output goes to a file: a line broken at column 80 cannot be searched.
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

CountryOption = Annotated[str, typer.Option(help="Country, such as DK.")]
LanguageOption = Annotated[
    str, typer.Option(help="Language of the report; the country's own if left out.")
]
FrameworkOption = Annotated[
    str, typer.Option(help="Strategy to report under; the country's own if left out.")
]
EditionOption = Annotated[
    str, typer.Option(help="Edition, such as 2026; the lock's own if left out.")
]
EngineOption = Annotated[
    str, typer.Option(help="fork or papermill; the fastest that is safe here if left out.")
]
JobsOption = Annotated[
    int, typer.Option(min=0, help="Reports at a time; 0 means one for each core.")
]
AgainOption = Annotated[bool, typer.Option(help="Make reports even if nothing has changed.")]
TimeOption = Annotated[
    float, typer.Option(min=1, metavar="SECONDS", help="The time that one report may take.")
]
MemoryOption = Annotated[
    int, typer.Option(min=1, metavar="MB", help="The memory that one report may take.")
]
SECONDS, MEGABYTES = 120.0, 2048
SchedulerOption = Annotated[
    str, typer.Option(help="Dask scheduler whose workers make the reports: tcp://host:8786.")
]
InputsOption = Annotated[
    str,
    typer.Option(help="Where data and notebooks are, as any fsspec address: s3://bucket/health."),
]
OutputsOption = Annotated[
    str, typer.Option(help="Where reports go, as any fsspec address: s3://bucket/reports.")
]
TakeOverOption = Annotated[
    bool, typer.Option(help="Take over an edition at an address from a run that is dead.")
]
# For chunks of a larger batch, whose driver writes the index.
IndexOption = Annotated[bool, typer.Option(hidden=True)]

WIDE = 1000
"""Columns of a table that goes to a file."""

FEW = 5
"""So many reports are named one by one; of more, the index tells."""

LISTS = ("indicators", "municipalities", "frameworks", "countries", "languages")


def main() -> None:
    """Run the command; errors of ours print without traceback and end with their own exit code."""
    try:
        app()
    except HealthIndicatorsError as error:
        err.print(f"{error}", style="red", markup=False, highlight=False)
        sys.exit(error.exit_code)


@app.command()
def build(
    country: CountryOption = "",
    again: Annotated[bool, typer.Option(help="Compute even if nothing has changed.")] = False,
) -> None:
    """Read the pinned snapshots and compute everything for all municipalities of a country."""
    from healthindicators import build as building
    from healthindicators import countries
    from healthindicators.workspace import Workspace

    workspace = Workspace.find()
    for id in [country] if country else countries.load():
        processed, done = building.build(workspace, id, again=again)
        estimates = processed.estimates
        said = "built" if done else "unchanged, nothing to do"
        count = estimates["indicator"].nunique()
        out.print(f"{id}: {said}; {len(estimates):,} estimates of {count} indicators.")


@app.command()
def check(
    live: Annotated[
        bool, typer.Option("--live", help="Ask the services whether their tables are as declared.")
    ] = False,
) -> None:
    """Check declarations, texts, snapshots, figures and the notebook, and tell every problem found."""
    from healthindicators.report.checking import check_all
    from healthindicators.workspace import Workspace

    workspace = Workspace.find()
    if live:
        from healthindicators.report.live import check_live
        from healthindicators.snapshots.transport import Transport

        transport = Transport()

        def ask(request: Question, source: Source) -> Reply:
            transport.pace(request.url, source.limits)
            return transport.send(request).reply

        for line in check_live(workspace, ask):
            out.print(line, markup=False, highlight=False)
        return
    for line in check_all(workspace):
        out.print(line)


@app.command()
def fetch(
    country: CountryOption = "",
    indicator: Annotated[str, typer.Option(help="Only the tables that feed it.")] = "",
    table: Annotated[str, typer.Option(help="Only the table of this id.")] = "",
) -> None:
    """Ask services for today's figures and keep them as snapshots; no pin is moved."""
    from healthindicators import fetching
    from healthindicators.fetching.arrive import closing, raise_worst
    from healthindicators.fetching.progress import Shown
    from healthindicators.workspace import Workspace

    workspace = Workspace.find()
    tables = fetching.live(country, indicator, table)
    try:
        done = fetching.fetch(workspace, tables, Shown(err, len(tables))) if tables else []
    except KeyboardInterrupt:
        err.print("Stopped. What arrived is kept; run the same command again.", style="red")
        raise typer.Exit(130) from None
    out.print(closing(done, country), markup=False, highlight=False)
    raise_worst(done)


@app.command()
def take(
    file: Annotated[Path, typer.Argument(help="A file that was downloaded by hand.")],
    country: Annotated[str, typer.Option(help="Country of the table, such as NO.")],
    table: Annotated[str, typer.Option(help="Id of the table that the file is of.")],
) -> None:
    """Keep a downloaded file as a snapshot of its table, once it can be read; no pin is moved."""
    from healthindicators import fetching
    from healthindicators.fetching import taking
    from healthindicators.workspace import Workspace

    (bound,) = fetching.bound(country, table)
    kept, cells = taking.take(Workspace.find(), bound, file)
    out.print(f"{kept}: {cells:,} cells. `healthindicators lock` pins it.", markup=False)


@app.command()
def lock(
    country: CountryOption = "",
    table: Annotated[str, typer.Option(help="Only the table of this id.")] = "",
    file: Annotated[str, typer.Option(help="Pin this snapshot, not the newest.")] = "",
    edition: Annotated[str, typer.Option(help="Edition from now on, such as 2027.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Tell what would move; write nothing.")] = False,
) -> None:
    """Pin the newest snapshot of each table, once it holds and can be read."""
    from pathlib import Path

    from healthindicators import fetching
    from healthindicators.workspace import Workspace

    moved = fetching.move(
        Workspace.find(),
        fetching.bound(country, table),
        file=Path(file) if file else None,
        edition=edition,
        dry_run=dry_run,
    )
    for pin in moved:
        out.print(str(pin), markup=False, highlight=False)
    said = "would move" if dry_run else "moved"
    out.print(f"{len(moved)} {'pin' if len(moved) == 1 else 'pins'} {said}.")


@app.command()
def status(
    country: CountryOption = "",
    live: Annotated[bool, typer.Option(help="Ask the services what has changed.")] = False,
) -> None:
    """Tell what is pinned of each table, how old it is, and whether there is newer."""
    from healthindicators import fetching
    from healthindicators.fetching.arrive import raise_worst
    from healthindicators.fetching.standing import COLUMNS
    from healthindicators.workspace import Workspace

    lines = fetching.status(Workspace.find(), fetching.bound(country), live=live)
    _print_table(COLUMNS if live else COLUMNS[:-1], [line.row for line in lines])
    raise_worst(lines)


@app.command("list")
def list_(
    what: Annotated[str, typer.Argument(help=" | ".join(LISTS))],
    country: CountryOption = "",
    language: Annotated[str, typer.Option(help="Language of the names.")] = "en",
) -> None:
    """List indicators, municipalities, frameworks, countries or languages."""
    from healthindicators.report import listing
    from healthindicators.text import language as find_language

    if what not in LISTS:
        raise UnknownName(what, LISTS)
    columns, rows = listing.listing(what, country, find_language(language))
    _print_table(columns, rows)


@app.command()
def show(
    indicator: Annotated[str, typer.Argument(help="Id of an indicator, such as daily-smoking.")],
    language: Annotated[str, typer.Option(help="Language of the texts.")] = "en",
) -> None:
    """Show what an indicator is, what serves it and where its figures come from."""
    from healthindicators.report import listing
    from healthindicators.text import language as find_language
    from healthindicators.workspace import Workspace

    for name, text in listing.describe(Workspace.find(), indicator, find_language(language)):
        out.print(f"[bold]{name}[/bold]", end="  ")
        out.print(text, markup=False, highlight=False)


@app.command()
def coverage(
    framework: Annotated[str, typer.Option(help="Strategy; all of them if left out.")] = "",
    country: Annotated[str, typer.Option(help="Country; all of them if left out.")] = "",
    language: Annotated[str, typer.Option(help="Language of the names.")] = "en",
) -> None:
    """Tell which promises have a direct measure, a proxy or no open measure in which country."""
    from itertools import groupby

    from healthindicators.report import coverage as covering
    from healthindicators.text import language as find_language
    from healthindicators.workspace import Workspace

    words = find_language(language)
    found = covering.covered(Workspace.find(), framework, country)
    for chosen, parts in groupby(found, lambda part: part.framework):
        title = chosen.text[words.code].title
        out.print(f"{title} ({chosen.id})", style="bold", markup=False, highlight=False)
        _print_table(*covering.table(parts, words))
        out.print()
    _print_table(*covering.totals(found, words))


@app.command()
def report(
    municipality: Annotated[
        list[str], typer.Argument(help="Ids, codes or names: DK-101, 101, Aarhus.")
    ],
    language: LanguageOption = "",
    framework: FrameworkOption = "",
    edition: EditionOption = "",
    engine: EngineOption = "",
    jobs: JobsOption = 0,
    again: AgainOption = False,
    time_limit: TimeOption = SECONDS,
    memory_limit: MemoryOption = MEGABYTES,
    index: IndexOption = True,
) -> None:
    """Make the reports of one or more municipalities, where anything in them has changed."""
    from healthindicators.report.parameters import resolve
    from healthindicators.workspace import Workspace

    workspace = Workspace.find()
    # All names are resolved first: a misspelt one is told before any report is made.
    requests = together(
        *(partial(resolve, workspace, name, language, framework, edition) for name in municipality)
    )
    unique = list({request.geo.id: request for request in requests}.values())
    options = _options(engine, jobs, again, time_limit, memory_limit)
    _make(workspace, unique, options, index=index)


@app.command()
def reports(
    country: CountryOption = "DK",
    language: LanguageOption = "",
    framework: FrameworkOption = "",
    edition: EditionOption = "",
    engine: EngineOption = "",
    jobs: JobsOption = 0,
    again: AgainOption = False,
    time_limit: TimeOption = SECONDS,
    memory_limit: MemoryOption = MEGABYTES,
    scheduler: SchedulerOption = "",
    inputs: InputsOption = "",
    outputs: OutputsOption = "",
    take_over: TakeOverOption = False,
) -> None:
    """Make the reports of a country where anything has changed, and the index that lists them."""
    from healthindicators import geography
    from healthindicators.report.parameters import resolve
    from healthindicators.workspace import Workspace

    options = _options(engine, jobs, again, time_limit, memory_limit)
    with _elsewhere(scheduler, inputs, outputs, take_over) as driver:
        workspace = driver.workspace if driver else Workspace.find()
        municipalities = geography.load(country).municipalities
        requests = [resolve(workspace, m.id, language, framework, edition) for m in municipalities]
        _make(workspace, requests, options, driver)


def _elsewhere(
    scheduler: str, inputs: str, outputs: str, take_over: bool
) -> AbstractContextManager[Driver | None]:
    """Return what makes reports elsewhere, or None where all is here."""
    if not (scheduler or inputs or outputs):
        return nullcontext()
    from healthindicators.batch.elsewhere import Where, opened

    return opened(Where(scheduler, inputs, outputs, take_over=take_over))


def _options(engine: str, jobs: int, again: bool, time_limit: float, memory_limit: int) -> Options:
    from healthindicators.batch.run import Options
    from healthindicators.execution.limits import Limits
    from healthindicators.report.runner import ENGINES, default_engine

    if engine and engine not in ENGINES:
        raise UnknownName(engine, ENGINES)
    limits = Limits(time_limit, memory_limit * 1024**2)
    return Options(engine or default_engine(), jobs, limits, again)


def _make(
    workspace: Workspace,
    requests: list[Request],
    options: Options,
    driver: Driver | None = None,
    *,
    index: bool = True,
) -> None:
    from healthindicators.report import place

    try:
        batch = _batch(workspace, requests, options, driver)
    except KeyboardInterrupt:
        # Caught here: the command library would end without a word.
        err.print("Stopped. What is written is whole; run the same command again.", style="red")
        raise typer.Exit(130) from None
    if batch.stopped:
        err.print(
            f"Stopped. {batch.whole} of {len(requests)} reports are whole; run the same command "
            "again for the others.",
            style="red",
        )
        raise typer.Exit(128 + batch.stopped)
    written = driver.indexes(batch) if driver else _indexes(workspace, batch)
    for path in written if index else ():
        out.print(f"Index: {path}")
    for request in batch.whole_requests if len(requests) <= FEW and not driver else []:
        folder = workspace.report(request.edition, request.country.id, request.geo)
        out.print(f"Report: {folder / place.page_name(request)}")
    out.print(str(batch))
    if batch.problems:
        raise BatchError(batch.problems)


def _batch(
    workspace: Workspace, requests: list[Request], options: Options, driver: Driver | None
) -> Batch:
    from healthindicators import build as building
    from healthindicators.batch.progress import progress
    from healthindicators.batch.run import make_all
    from healthindicators.report import notebook

    notebook.find(workspace)
    for country in sorted({request.country.id for request in requests}):
        building.opened(workspace, country)
    show = partial(progress, err)
    if driver:
        return driver.make_all(requests, options, show)
    return make_all(workspace, requests, options, show=show)


def _indexes(workspace: Workspace, batch: Batch) -> Iterator[Path]:
    """Write the index of every edition, country and language that has a report in the batch."""
    from healthindicators.report import site

    shown = {(r.edition, r.country.id, r.language.code) for r in batch.whole_requests}
    for edition, country, language in sorted(shown):
        yield site.write_index(workspace, edition, country, language)


def _print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row[: len(columns)])
    # Wide where output goes to a file, as every other line.
    (out if out.is_terminal else Console(width=WIDE)).print(table)
