"""What a process does once, so that a thousand copies of it need not: open, import, draw one page.

No cell of the notebook runs here: what a notebook changes must not be there before it begins.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any

import pyarrow

from healthindicators.execution.cells import Notebook
from healthindicators.execution.kernel import Kernel
from healthindicators.report import export, place
from healthindicators.report.display import Parts
from healthindicators.report.page import Page, open_page
from healthindicators.report.parameters import Request
from healthindicators.workspace import Workspace


@cache
def kernel() -> Kernel:
    """Return the kernel that every copy of this process enters."""
    return Kernel()


def warm_up(workspace: Workspace, requests: Iterable[Request]) -> None:
    """Draw one page of each country, language and framework, and let the collector forget it all."""
    kernel().rehearse()
    first = {(r.country.id, r.language.code, r.framework.id): r for r in requests}
    with warnings.catch_warnings():  # a warning given here would not be given in a copy
        warnings.simplefilter("ignore")
        for request in first.values():
            page = open_page(**request.parameters(), workspace=workspace)
            export.document(drawn(page), request, place.links(request))
            page.figures_csv()
    gc.collect()
    pyarrow.default_memory_pool().release_unused()  # what is not there need not be copied
    gc.freeze()  # or the collector of a copy would touch, and so copy, every page of memory


CALLS = (
    "heading", "in_brief", "overview", "areas", "others", "for_whom", "trends", "across", "certainty",
    "peers", "abroad", "definitions", "recasting", "sources",
)  # fmt: skip
"""What the notebook calls; what is not drawn here is made anew in every copy."""


def drawn(page: Page) -> Notebook:
    """Return a notebook with all that a page shows, made by plain calls and without a kernel."""
    pieces: list[Any] = [page.style()]
    for name in CALLS:
        shown = getattr(page, name)()
        pieces += shown if isinstance(shown, Parts) else [shown]
    bundles = [piece._repr_mimebundle_() for piece in pieces]
    outputs = [{"output_type": "display_data", "data": b, "metadata": {}} for b in bundles]
    return {"cells": [{"cell_type": "code", "outputs": outputs}], "metadata": {}}
