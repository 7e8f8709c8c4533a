"""The command `healthindicators`. Heavy libraries are imported by the commands that need them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from healthindicators.errors import BatchError, HealthIndicatorsError, UnknownName

if TYPE_CHECKING:
    from healthindicators.report.parameters import Request

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
JobsOption = Annotated[int, typer.Option(min=0, help="Processes; 0 means one for each core.")]

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
def check() -> None:
    """Check declarations, snapshots, figures and the notebook, and tell every problem found."""
    from healthindicators.report.checking import check_all
    from healthindicators.workspace import Workspace

    for line in check_all(Workspace.find()):
        out.print(line)


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
def report(
    municipality: Annotated[
        list[str], typer.Argument(help="Ids, codes or names: DK-101, 101, Aarhus.")
    ],
    language: LanguageOption = "",
    framework: FrameworkOption = "",
    edition: EditionOption = "",
    jobs: JobsOption = 0,
) -> None:
    """Make the reports of one or more municipalities."""
    from healthindicators.report.parameters import resolve
    from healthindicators.workspace import Workspace

    workspace = Workspace.find()
    # All names are resolved first: a misspelt one is told before any report is made.
    requests = [resolve(workspace, name, language, framework, edition) for name in municipality]
    _make(list({request.geo.id: request for request in requests}.values()), jobs)


@app.command()
def reports(
    country: CountryOption = "DK",
    language: LanguageOption = "",
    framework: FrameworkOption = "",
    edition: EditionOption = "",
    jobs: JobsOption = 0,
) -> None:
    """Make the reports of all municipalities of a country, and the index that lists them."""
    from healthindicators import geography
    from healthindicators.report.parameters import resolve
    from healthindicators.workspace import Workspace

    workspace = Workspace.find()
    municipalities = geography.load(country).municipalities
    requests = [resolve(workspace, m.id, language, framework, edition) for m in municipalities]
    _make(requests, jobs)


def _make(requests: list[Request], jobs: int) -> None:
    from healthindicators import build as building
    from healthindicators.report import batch, export, runner, site
    from healthindicators.workspace import Workspace

    workspace = Workspace.find()
    runner.notebook_path(workspace)
    for country in sorted({request.country.id for request in requests}):
        building.build(workspace, country)
    # A folder that cannot be written is told before the first report is begun, and once.
    for edition in sorted({request.edition for request in requests}):
        export.write_assets(workspace.edition(edition) / "assets")
    try:
        with _progress(len(requests)) as advance:
            outcome = batch.make_all(workspace, requests, jobs=jobs, each=advance)
    except KeyboardInterrupt:
        # Caught here: the command library would end without a word.
        err.print("Stopped. Finished reports are whole; run the same command again.", style="red")
        raise typer.Exit(130) from None
    for edition, country, language in sorted(
        {(r.edition, r.country.id, r.language.code) for r in outcome.made}
    ):
        index = site.write_index(workspace, edition, country, language)
        out.print(f"Index: {index}")
    for request in outcome.made if len(outcome.made) <= FEW else []:
        folder = workspace.report(request.edition, request.country.id, request.geo)
        out.print(f"Report: {folder / request.stem}.html")
    out.print(f"{len(outcome.made)} of {len(requests)} reports made.")
    if outcome.failed:
        raise BatchError(outcome.failed)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("reports"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    out.print(table)
