"""A real IPython kernel without sockets: its messages are kept in a list.

The shell, the display hook and the publisher are ipykernel's own, so that a library that asks in which
shell it runs gets the answer that it gets in Jupyter.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from IPython.core.shellapp import InteractiveShellApp
from jupyter_client.session import Session, extract_header
from traitlets.config import Config

from healthindicators.execution.outputs import Message

HISTORY_OFF = Config({"HistoryManager": {"enabled": False}})
"""History would be written by a thread, which does not survive a fork."""

MATPLOTLIB = "module://matplotlib_inline.backend_inline"
LAUNCHER = "ipykernel_launcher.py"
DEBUGGER = "debugpy"
"""No debugger attaches to a run, and importing one would take a tenth of a second."""


class _Sink(Session):
    """A session that keeps what it is to send, packed and unpacked as sockets would do it."""

    kept: list[Message]

    def msg(self, msg_type: str, content: Any = None, parent: Any = None, *_: Any) -> Any:
        """Return a message; nobody asks those of one process for their time and number."""
        header = {"msg_id": "", "msg_type": msg_type, "username": self.username, "session": ""}
        return {
            "header": header,
            "msg_id": "",
            "msg_type": msg_type,
            "parent_header": {} if parent is None else extract_header(parent),
            "content": content or {},
            "metadata": {},
        }

    def send(
        self, stream: object, msg_or_type: Any, content: Any = None, *_: Any, **__: Any
    ) -> Any:
        if isinstance(msg_or_type, Mapping):
            kind, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        else:
            kind = msg_or_type
        self.kept.append(Message(kind, self.unpack(self.pack(content or {}))))
        return None


class _Stream(io.TextIOBase):
    """Standard output or error of the cells: what is written is sent when it is flushed.

    Subprocesses write to the process's own channel, past Python: that is kept in memory, and read
    whenever Python writes, so that the order holds.
    """

    encoding = "UTF-8"
    errors = None

    def __init__(self, name: str, number: int, sink: _Sink) -> None:
        self.name = name
        self._number = number
        self._sink = sink
        self._written: list[str] = []
        self._lock = threading.RLock()
        self._channel = os.memfd_create(name)
        self._read = 0
        os.dup2(self._channel, number)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        with self._lock:
            self._drain()
            self._written.append(text)
        return len(text)

    def flush(self) -> None:
        with self._lock:
            self._drain()
            text, self._written = "".join(self._written), []
        if text:
            self._sink.send(None, "stream", {"name": self.name, "text": text})

    def _drain(self) -> None:
        if waiting := os.fstat(self._channel).st_size - self._read:
            body = os.pread(self._channel, waiting, self._read)
            self._read += len(body)
            self._written.append(body.decode("utf-8", "replace"))


@dataclass(frozen=True)
class Fault:
    """The error that a cell ended with."""

    ename: str
    evalue: str
    traceback: tuple[str, ...]


class Kernel:
    """One kernel. It may be made before a fork; it runs cells after `enter`, in the copy.

    Attributes
    ----------
    language_info : dict
        What a notebook's metadata says of its language.
    """

    def __init__(self) -> None:
        self._sink = _Sink(key=b"")
        self._sink.kept = []
        before, main = dict(os.environ), sys.modules["__main__"]
        os.environ.setdefault("MPLBACKEND", MATPLOTLIB)
        with _absent(DEBUGGER):
            self._kernel = IPythonKernel.instance(
                session=self._sink, config=HISTORY_OFF, log=logging.getLogger(__name__)
            )
        # The maker keeps its own: colours of its terminal hang on the environment.
        self._environment, self._main = dict(os.environ), sys.modules["__main__"]
        sys.modules["__main__"] = main
        os.environ.clear()
        os.environ.update(before)
        self._shell: Any = self._kernel.shell  # neither library says what types it takes
        self.language_info = dict(self._kernel.language_info)

    @property
    def prompt(self) -> int:
        """The number of the next cell."""
        return int(self._shell.execution_count)

    def rehearse(self) -> None:
        """Go through the motions of a cell, so that copies need not import and compile for their first.

        A silent cell leaves no trace in namespace, history or count.
        """
        import_module("IPython.core.logger")  # else each copy would, for the history of its cells
        self._shell.run_cell("None", silent=True)
        self._shell.transform_cell("None\n")
        self._shell.display_formatter.format(None)
        asyncio.run(asyncio.sleep(0))

    def enter(self) -> None:
        """Make this process the kernel's: its streams, modules, paths and environment."""
        os.environ.update(self._environment)
        sys.modules["__main__"] = self._main
        sys.argv = [LAUNCHER]
        if not sys.flags.safe_path:
            del sys.path[0]  # the folder of the script that made the copy
        InteractiveShellApp().init_path()  # type: ignore[no-untyped-call]
        self._kernel._forward_input(allow_stdin=False)  # type: ignore[no-untyped-call]
        sys.stdout = _Stream("stdout", 1, self._sink)
        sys.stderr = _Stream("stderr", 2, self._sink)

    async def run(self, source: str) -> tuple[Fault | None, list[Message]]:
        """Run one cell; return what it failed with and its messages."""
        messages: list[Message] = []
        self._sink.kept = messages
        parent: Any = self._kernel.set_parent
        parent([], self._sink.msg("execute_request"))
        fault = await self._execute(source)
        sys.stdout.flush()
        sys.stderr.flush()
        self._shell.payload_manager.clear_payload()
        await asyncio.sleep(0)  # tasks that a cell has begun go on between cells
        return fault, messages

    async def _execute(self, source: str) -> Fault | None:
        """Do what ipykernel's `do_execute` does, which transforms each cell twice and asks more."""
        shell = self._shell
        shell._last_traceback, shell._last_traceback_during_displayhook = None, False
        code, wrong, result = source, None, None
        try:
            code = shell.transform_cell(source)
        except Exception:  # the shell shows it as the error of the cell
            wrong = sys.exc_info()
        try:
            result = await shell.run_cell_async(
                source, store_history=True, transformed_cell=code, preprocessing_exc_tuple=wrong
            )
            error = result.error_before_exec or result.error_in_exec
        except BaseException as escaped:
            shell.showtraceback(running_compiled_code=True)
            error = escaped
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        if error is None and not shell._last_traceback_during_displayhook:
            return None
        return Fault(type(error).__name__, str(error), tuple(shell._last_traceback or ()))


@contextmanager
def _absent(module: str) -> Iterator[None]:
    """Let an import of `module` fail, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
