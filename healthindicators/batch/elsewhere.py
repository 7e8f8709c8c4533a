"""A batch whose inputs, outputs or workers are elsewhere; its account is that of any other batch.

The driver plans, sends chunks out and writes what stands once an edition: assets, account and index. It
works in a workspace of its own on a copy of the inputs, as every worker does.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from healthindicators.batch import account, cluster, record
from healthindicators.batch.chunk import BUILD, Planned, Work, prepare, records, run_folder
from healthindicators.batch.chunk import Record as Stored
from healthindicators.batch.claim import Claim
from healthindicators.batch.hold import hold
from healthindicators.batch.inputs import Inputs
from healthindicators.batch.record import File, Record
from healthindicators.batch.remote import Inputs as Stock
from healthindicators.batch.remote import Place, scratch_folder, stage, survey
from healthindicators.batch.run import Batch, Look, Options, Show, make_all
from healthindicators.report import export, site
from healthindicators.report.parameters import Request
from healthindicators.report.runner import Failure, Made
from healthindicators.workspace import Workspace, write_whole

if TYPE_CHECKING:
    import distributed

REPORTS = "reports"
ASSETS = "assets"


@dataclass(frozen=True)
class Where:
    """Where a batch takes place; what is empty is this machine and the workspace's own folders.

    Attributes
    ----------
    scheduler : str
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``.
    inputs, outputs : str
        Addresses of a workspace and of its reports, such as ``s3://bucket/health``.
    size : int
        Reports in a chunk; 0 chooses.
    take_over : bool
        Take over an edition from a run that is dead.
    """

    scheduler: str = ""
    inputs: str = ""
    outputs: str = ""
    size: int = 0
    take_over: bool = False


@contextmanager
def opened(where: Where) -> Iterator[Driver]:
    """Copy the inputs to this machine and return what makes batches from them.

    Raises
    ------
    RemoteError
        If there is no workspace at the address of the inputs, or it cannot be read.
    """
    home = Place(where.inputs or str(Workspace.find().root)).everywhere()
    outputs = Place(where.outputs or f"{home.address}/{REPORTS}").everywhere()
    outputs.stores_objects  # noqa: B018 - an address that cannot hold reports is told at once
    stock = survey(home.address)
    scratch = scratch_folder()
    inputs = stage(stock, scratch, partial(prepare, BUILD))
    with run_folder(scratch, inputs) as run:
        yield Driver(where, stock, Workspace(run), outputs)


@dataclass(frozen=True)
class Driver:
    """Makes batches elsewhere, from a workspace whose own reports are drafts.

    Attributes
    ----------
    where : Where
        What was asked for.
    stock : Stock
        The inputs that workers copy.
    workspace : Workspace
        A copy of them, and drafts of what stands once an edition.
    outputs : Place
        Where the reports go.
    """

    where: Where
    stock: Stock
    workspace: Workspace
    outputs: Place

    def make_all(self, requests: Sequence[Request], options: Options, show: Show) -> Batch:
        """Make those reports whose inputs have changed or whose files are not whole at the outputs.

        Raises
        ------
        ClaimError
            If another run works in the same edition.
        RemoteError
            If an address or the scheduler does not answer.
        """
        with ExitStack() as held:
            claims = self._claimed(held, sorted({request.edition for request in requests}))
            client = None
            if self.where.scheduler:
                client = held.enter_context(cluster.connected(self.where.scheduler))
            self._begin(requests)
            batch = make_all(
                self.workspace,
                requests,
                options,
                show=show,
                make=partial(self._make, client=client, claims=claims, asked=options),
                unchanged=self._look(requests),
            )
            self._end(batch)
        return batch

    def indexes(self, batch: Batch) -> list[str]:
        """Return the addresses of the indexes that a batch has written."""
        names = {
            f"{r.edition}/{r.country.id}/{site.index_name(r.country, r.language.code)}"
            for r in batch.whole_requests
        }
        return [f"{self.outputs.address}/{name}" for name in sorted(names)]

    def _claimed(self, held: ExitStack, editions: Sequence[str]) -> dict[str, Claim]:
        claims = {}
        for edition in editions:
            if folder := self.outputs.folder:
                # A batch on this machine holds the folder and knows of no claim.
                held.enter_context(hold(folder / edition))
            claim = Claim(self.outputs, edition, take_over=self.where.take_over)
            claims[edition] = held.enter_context(claim)
        return claims

    def _begin(self, requests: Sequence[Request]) -> None:
        """Put what every page needs, and fetch accounts: they tell of other frameworks as well."""
        for edition in {request.edition for request in requests}:
            assets = self.workspace.edition(edition) / ASSETS
            export.write_assets(assets)
            there = self.outputs.sizes(self._name(assets))
            for path in assets.iterdir():
                if there.get(self._name(path)) != path.stat().st_size:
                    self._put(path)
        accounts = {self._name(self._account(r.edition, r.country.id)) for r in requests}
        for name, body in self.outputs.read(accounts).items():
            write_whole(self.workspace.root / REPORTS / name, body)

    def _look(self, requests: Sequence[Request]) -> Look:
        """Return what tells whether a report is whole, from one look at all records."""
        inputs = Inputs(self.workspace)
        asked = {request.geo.id: request for request in requests}
        plan = [self._planned(inputs, request) for request in requests]
        told = records(self.outputs, plan)
        renewed = {}
        for report in plan:
            before = told.get(report.municipality, {})
            if not before or report.is_told_by(before):
                continue
            request = asked[report.municipality]
            if before.get("inputs") == inputs.own(request):
                # As on one machine: what has changed is nothing that this report shows.
                path = record.path_of(self.workspace, request)
                record.write(path, _typed({**before, "common": report.common}))
                renewed[report.record] = path.read_bytes()
        self.outputs.put(renewed)
        whole = {id: _typed(told) for id, told in cluster.whole(self.outputs, plan).items()}
        return lambda _, request: whole.get(request.geo.id)

    def _make(
        self,
        workspace: Workspace,
        requests: Sequence[Request],
        *,
        client: distributed.Client | None,
        claims: Mapping[str, Claim],
        asked: Options,
        **_: object,
    ) -> Generator[tuple[Request, Made | Failure]]:
        """Make reports as `healthindicators.report.runner.make_each` does, elsewhere.

        How many at a time is a matter of each worker unless somebody has said so.
        """
        inputs = Inputs(workspace)
        for kind, some in groupby(sorted(requests, key=_kind), key=_kind):
            reports = {request.geo.id: request for request in some}
            edition, framework, language = kind
            work = Work(
                inputs=self.stock,
                outputs=self.outputs.address,
                edition=edition,
                options=_options(edition, framework, language, asked),
                token=claims[edition].token,
                again=asked.again,
            )
            todo = [self._planned(inputs, request) for request in reports.values()]
            check = claims[edition].check
            with closing(cluster.run(client, work, todo, size=self.where.size, check=check)) as run:
                for ended in run:
                    request = reports[ended.municipality]
                    if ended.record is None:
                        yield request, Failure(ended.message, ended.cell)
                    else:
                        record.write(record.path_of(workspace, request), _typed(ended.record))
                        yield request, Made({}, {}, ended.seconds)

    def _end(self, batch: Batch) -> None:
        """Put the accounts, and the index of every page that there is at the address."""
        for edition, country in sorted({(r.edition, r.country.id) for r in batch.requests}):
            self._put(self._account(edition, country))
            if batch.stopped:
                continue
            for name in self.outputs.sizes(f"{edition}/{country}"):
                page = self.workspace.root / REPORTS / name
                # The index leads to the pages that lie beside it; of a draft's, the names are enough.
                if page.suffix == ".html" and page.parent.name != country:
                    page.parent.mkdir(parents=True, exist_ok=True)
                    page.touch()
            shown = {r.language.code for r in batch.whole_requests if r.country.id == country}
            for language in sorted(shown):
                self._put(site.write_index(self.workspace, edition, country, language))

    def _planned(self, inputs: Inputs, request: Request) -> Planned:
        path = record.path_of(self.workspace, request)
        return Planned(request.geo.id, self._name(path), inputs.common(request))

    def _account(self, edition: str, country: str) -> Path:
        return self.workspace.country_reports(edition, country) / account.NAME

    def _put(self, path: Path) -> None:
        self.outputs.put({self._name(path): path.read_bytes()})

    def _name(self, path: Path) -> str:
        return path.relative_to(self.workspace.root / REPORTS).as_posix()


def _kind(request: Request) -> tuple[str, str, str]:
    return request.edition, request.framework.id, request.language.code


def _options(edition: str, framework: str, language: str, asked: Options) -> tuple[str, ...]:
    """Return the command's options for a chunk, whose index nobody would read."""
    options = {
        "--edition": edition,
        "--framework": framework,
        "--language": language,
        "--engine": asked.engine,
        "--jobs": asked.jobs,
        "--time-limit": asked.limits.seconds,
        "--memory-limit": asked.limits.memory // 1024**2,
    }
    return (*(str(word) for option in options.items() for word in option), "--no-index")


def _typed(told: Stored) -> Record:
    files = {name: File(**about) for name, about in told["files"].items()}
    return Record(**{**told, "files": files})
