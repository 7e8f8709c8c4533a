"""What a notebook call returns: small things that draw themselves wherever a notebook is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from healthindicators.charts.figure import html_bundle


@dataclass(frozen=True, repr=False)
class Html:
    """A piece of the page with a plain description, which is also its `repr`."""

    about: str
    html: str

    def __repr__(self) -> str:
        return self.about

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        return html_bundle(self.about, self.html)


@dataclass(frozen=True, repr=False)
class Parts:
    """Several pieces shown one below the other, as the outputs of one cell."""

    parts: tuple[Any, ...]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.parts))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    def _ipython_display_(self) -> None:
        # Only IPython calls this, and it takes long to import. It has no types.
        from IPython.display import display  # noqa: PLC0415

        for part in self.parts:
            # Its own bundle as it is: else ten formatters would each be asked for another one.
            display(part._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
