"""One report: parameters checked, notebook run by papermill, page exported and written last."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from healthindicators.errors import ReportError, WorkspaceError
from healthindicators.report import export, site, tables
from healthindicators.report.page import open_page
from healthindicators.report.parameters import Request, refuse_unknown
from healthindicators.workspace import Workspace, write_whole

NOTEBOOK = "municipality_profile.ipynb"
INJECTED = "injected-parameters"
"""The tag that papermill gives the cell it adds, whose id is random."""

VOLATILE = ("papermill", "execution")
KERNEL = Config(
    {
        "KernelManager": {"transport_encryption": "auto"},
        "NotebookClient": {"shutdown_kernel": "immediate"},
    }
)
"""Without the first each kernel of ipykernel 7.4 prints a warning; the second spares the wait for a
goodbye that prints an error (seen November 2026)."""


@dataclass(frozen=True)
class Made:
    """The files of one finished report."""

    page: Path
    notebook: Path
    figures: Path


def notebook_path(workspace: Workspace) -> Path:
    """Return the notebook that reports are made from.

    Raises
    ------
    WorkspaceError
        If it is absent.
    """
    path = workspace.notebooks / NOTEBOOK
    if not path.is_file():
        raise WorkspaceError(f"The notebook {path} is absent.")
    return path


def make(workspace: Workspace, request: Request) -> Made:
    """Make one report: page, executed notebook and table of figures.

    Raises
    ------
    ReportError
        If a cell fails; says which and why.
    WorkspaceError
        If the reports folder cannot be written. Nothing half-written is left.
    """
    folder = workspace.report(request.edition, request.country.id, request.geo)
    made = Made(
        folder / f"{request.stem}.html", folder / f"{request.stem}.ipynb", folder / "figures.csv"
    )
    assets = workspace.edition(request.edition) / "assets"
    # Assets first: a folder that cannot be written is noticed before minutes are spent.
    export.write_assets(assets)
    executed = execute(workspace, request.parameters())
    links = export.Links(
        plotly=f"../../assets/{export.plotly_name()}",
        index=f"../{site.index_name(request.country, request.language.code)}",
        notebook=made.notebook.name,
        figures=made.figures.name,
    )
    html = export.document(executed, request, links)
    page = open_page(**request.parameters(), workspace=workspace)
    write_whole(made.figures, tables.figures_csv(page.figures))
    write_whole(made.notebook, nbformat.writes(executed).encode())
    write_whole(made.page, html.encode())
    return made


def execute(workspace: Workspace, parameters: dict[str, str]) -> NotebookNode:
    """Run the notebook with `parameters` and return it without what differs from run to run.

    Raises
    ------
    ParameterError
        If the notebook has no parameter of a given name.
    ReportError
        If a cell fails.
    """
    path = notebook_path(workspace)
    refuse_unknown(parameters, papermill.inspect_notebook(str(path)), path.name)
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        # papermill 2.7 uses a deprecated clock call; not ours to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        target = Path(scratch) / path.name
        try:
            executed: NotebookNode = papermill.execute_notebook(
                str(path),
                str(target),
                parameters=parameters,
                cwd=str(workspace.root),
                progress_bar=False,
                request_save_on_cell_execute=False,
                config=KERNEL,
            )
        except PapermillExecutionError as error:
            cell = f"Cell {error.cell_index} of {path.name} ({_first_line(error.source)}) failed."
            raise ReportError(f"{cell} {error.ename}: {error.evalue}") from error
    return _steady(executed)


def _first_line(source: str) -> str:
    return source.strip().partition("\n")[0]


def _steady(notebook: NotebookNode) -> NotebookNode:
    """Remove times, paths and random ids: two runs give the same bytes."""
    for part in (notebook, *notebook.cells):
        for key in VOLATILE:
            part.metadata.pop(key, None)
        if INJECTED in part.metadata.get("tags", []):
            part["id"] = INJECTED
    return notebook
