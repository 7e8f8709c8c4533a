"""What the tests of the batch share: reports that cost nothing, and notebooks that misbehave."""

import hashlib
import json
import shutil
from dataclasses import replace

from healthindicators import build
from healthindicators.batch.run import Options, make_all
from healthindicators.report import notebook, place
from healthindicators.report.parameters import resolve
from healthindicators.report.runner import Failure, Made
from healthindicators.workspace import write_together

ISLANDS = ("DK-563", "DK-741", "DK-825")


def requests_of(workspace, names=ISLANDS, language="", framework=""):
    """The requests of some municipalities; their figures are built."""
    build.opened(workspace, "DK")
    return [resolve(workspace, name, language, framework) for name in names]


def with_figures(workspace, processed):
    """Put figures that were built before into a workspace with the same pins."""
    shutil.copytree(processed.workspace.processed("DK"), workspace.processed("DK"))


class Maker:
    """Makes reports of a few words, in order; `before` is called with each request first.

    What `before` returns is the outcome, unless it is None.
    """

    def __init__(self, before=lambda request: None):
        self.before = before
        self.made = []
        self.closed = False

    def __call__(self, workspace, requests, *, engine, jobs, limits, finish):
        try:
            for request in requests:
                failure = self.before(request)
                yield request, failure or self.make(workspace, request, finish)
        finally:
            self.closed = True

    def make(self, workspace, request, finish):
        folder = workspace.report(request.edition, request.country.id, request.geo)
        names = (place.FIGURES, place.notebook_name(request), place.page_name(request))
        bodies = {folder / name: f"{name} of {request.geo.id}".encode() for name in names}
        write_together(bodies)
        made = Made(
            {path.name: hashlib.sha256(body).hexdigest() for path, body in bodies.items()},
            {path.name: len(body) for path, body in bodies.items()},
            0.25,
        )
        try:
            made = replace(made, noted=finish(request, made))
        except Exception as error:
            return Failure(str(error))
        self.made.append(request.geo.id)
        return made


def run(workspace, requests, before=lambda request: None, **options):
    """Run a batch of such reports; return it with what made them."""
    maker = Maker(before)
    return make_all(workspace, requests, Options("fork", **options), make=maker), maker


def add_cell(workspace, source):
    """Put one more cell at the end of the notebook."""
    path = notebook.find(workspace)
    body = json.loads(path.read_bytes())
    cell = {"cell_type": "code", "id": "more", "metadata": {}, "source": [source]}
    body["cells"].append(cell | {"outputs": [], "execution_count": None})
    path.write_text(json.dumps(body), encoding="utf-8")
