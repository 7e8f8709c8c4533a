"""From a kernel's messages to the outputs of a notebook's cells, as nbclient does it.

Fields are plain dictionaries: building nodes of nbformat would validate each of them, which takes
longer than making them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Output = dict[str, Any]

_FIELDS = {
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "stream": ("name", "text"),
    "error": ("ename", "evalue", "traceback"),
}
"""The messages that become an output, and what the output keeps of them."""

WIDGETS = "application/vnd.jupyter.widget-state+json"


@dataclass(frozen=True)
class Message:
    """One message of a kernel: its type and its content."""

    kind: str
    content: Mapping[str, Any]


class Outputs:
    """The outputs of all cells of one notebook, updated message by message."""

    def __init__(self) -> None:
        self._cells: dict[int, list[Output]] = {}
        self._shown: dict[str, list[tuple[int, int]]] = {}
        self._clear_first = False
        self._widgets: dict[str, dict[str, Any]] = {}
        self.changed: set[int] = set()

    def begin(self, cell: int) -> None:
        """Begin a cell: it has no outputs yet."""
        self._cells[cell] = []
        self._clear_first = False
        self.changed.add(cell)

    def of(self, cell: int) -> list[Output]:
        """Return the outputs of a cell so far."""
        return self._cells[cell]

    def take(self, cell: int, message: Message) -> None:
        """Let a message change the outputs: of this cell or, by a display id, of earlier ones."""
        kind, content = message.kind, message.content
        shown_as = (content.get("transient") or {}).get("display_id")
        if shown_as and kind in {"display_data", "execute_result", "update_display_data"}:
            self._update(shown_as, content)
        if kind == "clear_output":
            self._clear_first = bool(content.get("wait"))
            if not self._clear_first:
                self._clear(cell)
        elif kind in {"comm_open", "comm_msg"}:
            self._widget(content)
        elif kind in _FIELDS:
            self._add(cell, kind, content, shown_as)

    def widgets(self) -> dict[str, Any]:
        """Return the notebook's metadata of widgets; empty where there are none."""
        state = {
            id: {
                "model_name": s.get("_model_name"),
                "model_module": s.get("_model_module"),
                "model_module_version": s.get("_model_module_version"),
                "state": s,
            }
            for id, s in self._widgets.items()
            if "_model_name" in s
        }
        if not self._widgets:
            return {}
        return {WIDGETS: {"state": state, "version_major": 2, "version_minor": 0}}

    def _add(self, cell: int, kind: str, content: Mapping[str, Any], shown_as: str | None) -> None:
        if self._clear_first:
            self._clear(cell)
            self._clear_first = False
        outputs = self._cells[cell]
        if shown_as:
            self._shown.setdefault(shown_as, []).append((cell, len(outputs)))
        outputs.append({"output_type": kind, **{name: content[name] for name in _FIELDS[kind]}})

    def _clear(self, cell: int) -> None:
        self._cells[cell].clear()
        for places in self._shown.values():
            places[:] = [place for place in places if place[0] != cell]

    def _update(self, shown_as: str, content: Mapping[str, Any]) -> None:
        for cell, number in self._shown.get(shown_as, []):
            self._cells[cell][number] |= {
                "data": content["data"], "metadata": content["metadata"]
            }  # fmt: skip
            self.changed.add(cell)

    def _widget(self, content: Mapping[str, Any]) -> None:
        state = content.get("data", {}).get("state")
        if isinstance(state, dict):
            self._widgets.setdefault(content["comm_id"], {}).update(state)
