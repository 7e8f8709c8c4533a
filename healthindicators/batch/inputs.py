"""What a report is a function of, as two digests.

The *common* digest covers all that could matter to the reports of one framework and language. It is
cheap: while it stands, no report of theirs can have changed. The *own* digest covers what one report
shows. It decides when the common one has moved, so that a changed figure touches those reports only
that show it.
"""

from __future__ import annotations

import hashlib
import platform
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import requires, version
from pathlib import Path

import orjson

from healthindicators import build, catalog, geography
from healthindicators import profile as profiles
from healthindicators.batch.said import Said
from healthindicators.processed import Processed, once
from healthindicators.report import notebook
from healthindicators.report.page import Page
from healthindicators.report.parameters import Request
from healthindicators.workspace import Workspace

PACKAGE = Path(__file__).resolve().parents[1]

ABOVE = ("__main__.py", "batch/", "cli.py")
"""What calls reports and is never called by them: the order of imports holds that."""

DECLARED = ("catalog/", "countries/")
"""Their declarations reach a report through its figures and its profile; their code is code."""

DECLARATIONS = (".toml", ".csv")
WORDS = re.compile(r"text/(\w+)\.po")


@dataclass(frozen=True)
class Inputs:
    """What the reports of a workspace are made from, as it stood when the batch began."""

    workspace: Workspace
    package: Path = PACKAGE

    def common(self, request: Request) -> str:
        """Return the digest of all that could matter to the reports of a framework and language."""
        kind = (request.country.id, request.framework.id, request.language.code, request.edition)
        if kind not in self._common:
            self._common[kind] = _digest(
                {
                    **self._code_of(request.language.code),
                    **_declared(self._files, request),
                    "lock": self.lock,
                    **self.processed(request.country.id),
                    "kind": "|".join(kind),
                }
            )
        return self._common[kind]

    def own(self, request: Request) -> str:
        """Return the digest of what one report shows."""
        return _digest(
            {
                **self._code_of(request.language.code),
                "boundaries": self.processed(request.country.id)["boundaries"],
                **self._shown(request),
                **self._maps(request),
            }
        )

    def look(self, requests: Iterable[Request]) -> None:
        """Look once at what many reports share, so that copies of this process need not."""
        for request in {self.common(request): request for request in requests}.values():
            self.own(request)

    def moved(self, country: str) -> bool:
        """Return whether the figures of a country are no longer those that the batch began with."""
        self.processed(country)
        return _stamp(self.workspace, country) != self._stamps[country]

    @cached_property
    def code(self) -> str:
        """The digest of everything in the package that is neither words nor declarations."""
        return _digest({path: body for path, body in self._files.items() if _is_code(path)})

    @cached_property
    def lock(self) -> str:
        """The digest of the lock."""
        return _sha256(self.workspace.lock.read_bytes())

    @cached_property
    def notebook(self) -> str:
        """The digest of the notebook."""
        return _sha256(notebook.find(self.workspace).read_bytes())

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of the libraries that the package asks for, and Python's."""
        wanted = [line for line in requires("healthindicators") or () if "extra ==" not in line]
        names = sorted({re.split(r"[^\w.-]", line)[0].lower() for line in wanted})
        return {"python": platform.python_version(), **{name: version(name) for name in names}}

    def processed(self, country: str) -> dict[str, str]:
        """Return the digest of every processed file of a country."""
        if country not in self._stamps:
            self._stamps[country] = _stamp(self.workspace, country)
            stamp = tomllib.loads(self._stamps[country].decode())
            self._processed[country] = stamp["files"]
        return self._processed[country]

    def _code_of(self, language: str) -> dict[str, str]:
        return {
            "code": self.code,
            "words": self._files.get(f"text/{language}.po", ""),
            "notebook": self.notebook,
            "versions": _sha256(orjson.dumps(self.versions)),
        }

    @cached_property
    def _stamps(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def _processed(self) -> dict[str, dict[str, str]]:
        return {}

    @cached_property
    def _said(self) -> Said:
        return Said()

    @cached_property
    def _common(self) -> dict[tuple[str, ...], str]:
        return {}

    @cached_property
    def _files(self) -> dict[str, str]:
        return dict(package_files(self.package))

    def _shown(self, request: Request) -> dict[str, str]:
        """Return the digest of every part of a report that is about its own municipality."""
        code = request.language.code
        processed = build.opened(self.workspace, request.country.id)
        table = processed.estimates_by_geo
        figures = [*table.columns, table.part(request.geo.id, *table.columns)]
        return {
            "parameters": _sha256(orjson.dumps(request.parameters())),
            "profile": _sha256(self._said.profile(Page(processed, request).profile, code)),
            "figures": _sha256(orjson.dumps(figures)),
            "names": _names(processed, code),
        }

    def _maps(self, request: Request) -> dict[str, str]:
        """Return the digests of the indicators that a report shows of every municipality."""
        shown = self._named | {id for area in request.framework.areas for id in area.maps}
        processed = build.opened(self.workspace, request.country.id)
        return {f"map of {id}": _everywhere(processed, id) for id in sorted(shown)}

    @cached_property
    def _named(self) -> frozenset[str]:
        """The indicators that stand in a code cell; one too many costs little."""
        cells = notebook.read(notebook.find(self.workspace))["cells"]
        code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
        indicators = catalog.load().indicators.values()
        return frozenset(i.id for i in indicators if i.shown and i.id in code)


def package_files(package: Path) -> Iterator[tuple[str, str]]:
    """Yield path and digest of every file of the package that a report can depend on."""
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        if "__pycache__" not in name and not name.startswith(ABOVE) and path.is_file():
            yield name, _sha256(path.read_bytes())


def _is_code(path: str) -> bool:
    return not (WORDS.fullmatch(path) or _is_declaration(path))


def _is_declaration(path: str) -> bool:
    return path.startswith(DECLARED) and path.endswith(DECLARATIONS)


def _declared(files: Mapping[str, str], request: Request) -> dict[str, str]:
    """Return the declarations that could matter: not those of another framework."""
    own = f"catalog/frameworks/{request.framework.id}.toml"
    return {
        path: digest
        for path, digest in files.items()
        if _is_declaration(path) and (path == own or not path.startswith("catalog/frameworks/"))
    }


def _stamp(workspace: Workspace, country: str) -> bytes:
    return (workspace.processed(country) / build.STAMP).read_bytes()


@once
def _names(processed: Processed, language: str) -> str:
    municipalities = geography.load(processed.plan.country.id).municipalities
    return _sha256(orjson.dumps({m.id: m.name(language) for m in municipalities}))


@once
def _everywhere(processed: Processed, indicator: str) -> str:
    return _sha256(orjson.dumps(profiles.everywhere(processed, indicator)))


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _digest(parts: Mapping[str, str]) -> str:
    return _sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS))
