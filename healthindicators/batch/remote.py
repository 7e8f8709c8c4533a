"""Folders at any fsspec address: files that are whole or absent, inputs copied once a machine.

What a service guarantees differs, and so does the way a file gets its name. An object store shows an
object when all its bytes have arrived; anywhere else a file is written beside its place and renamed.
A service that can do neither is refused.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock

from healthindicators.errors import UserError

try:
    import fsspec
    from fsspec.implementations.local import LocalFileSystem
    from fsspec.spec import AbstractFileSystem
except ImportError as error:
    raise UserError(
        "Other machines and addresses need libraries that are not installed.\n"
        'Install them with: pip install "healthindicators[cluster]"'
    ) from error

PARTS = ("data/raw", "data/processed", "notebooks")
"""The folders of a workspace that a report is made from."""

OBJECT_STORES = frozenset({"abfs", "abfss", "az", "gcs", "gs", "memory", "oci", "oss", "s3", "s3a"})
"""Protocols that show an object only when all its bytes are there."""

SOME = 256
"""So many files are asked for in one call: what `cat` holds in memory at once stays small."""

SCRATCH = "HEALTHINDICATORS_SCRATCH"
"""Environment variable that names the folder for copies of inputs and for unfinished reports."""


class RemoteError(UserError):
    """An address that cannot be read or written, or holds other bytes than it should."""

    exit_code = 60


@dataclass(frozen=True)
class Place:
    """A folder at an address; names are paths below it, with `/` between their parts.

    Parameters
    ----------
    address : str
        Any that fsspec understands, such as ``s3://bucket/reports``, or a path.

    Examples
    --------
    >>> place = Place("memory://shelf")
    >>> place.put({"2026/a.txt": b"one"})
    >>> place.read(["2026/a.txt", "2026/b.txt"])
    {'2026/a.txt': b'one'}
    """

    address: str

    def __post_init__(self) -> None:
        if "://" in self.address and urlsplit(self.address).password:
            shown = urlsplit(self.address)
            raise RemoteError(
                f"The address {shown.scheme}://{shown.hostname}{shown.path} has a password in it, "
                "which would be shown in logs. Put it where fsspec or the service's own client "
                "looks for credentials."
            )

    def __getstate__(self) -> dict[str, str]:
        """Keep the address only: a connection belongs to its process."""
        return {"address": self.address}

    @cached_property
    def _opened(self) -> tuple[AbstractFileSystem, str]:
        with self._told("open"):
            fs, root = fsspec.url_to_fs(self.address)
        return fs, root.rstrip("/")

    @property
    def _fs(self) -> AbstractFileSystem:
        return self._opened[0]

    @property
    def folder(self) -> Path | None:
        """The folder of this machine that the place is, if it is one."""
        fs, root = self._opened
        return Path(root) if isinstance(fs, LocalFileSystem) else None

    def everywhere(self) -> Place:
        """Return the place with an address that does not depend on the current folder."""
        return Place(str(self.folder)) if self.folder else self

    @cached_property
    def stores_objects(self) -> bool:
        """Whether a file appears at once when it is put.

        Raises
        ------
        RemoteError
            If it does not, and cannot be renamed into its place either.
        """
        protocols = self._fs.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        if names & OBJECT_STORES:
            return True
        if type(self._fs).mv is AbstractFileSystem.mv:
            raise RemoteError(
                f"{self.address} takes files piece by piece and cannot rename: a reader could see "
                "half a report. Use an object store, SFTP or a shared folder."
            )
        return False

    def put(self, bodies: Mapping[str, bytes]) -> None:
        """Write every file, each of them whole or not at all.

        Raises
        ------
        RemoteError
            If one cannot be written. Others of the same call may have been.
        """
        with self._told("write"):
            if self.stores_objects:
                # One call: services that can do so take many at a time.
                self._fs.pipe({self._path(name): body for name, body in bodies.items()})
                return
            for name, body in bodies.items():
                self._put_beside(self._path(name), body)

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of those files that there are, many of them in one call.

        Raises
        ------
        RemoteError
            If the service does not answer: that is no absent file.
        """
        wanted = {self._path(name): name for name in names}
        found: dict[str, bytes] = {}
        with self._told("read"):
            for paths in parts(list(wanted), SOME):
                answers = self._fs.cat(paths, on_error="return")
                for path, answer in answers.items():
                    if isinstance(answer, FileNotFoundError):
                        continue
                    if isinstance(answer, Exception):
                        raise answer
                    found[wanted[path]] = answer
        return found

    def sizes(self, folder: str) -> dict[str, int]:
        """Return name and bytes of every file below `folder`, from one listing."""
        with self._told("list"):
            self._fs.invalidate_cache()
            found = self._fs.find(self._path(folder), detail=True)
        below = len(self._opened[1]) + 1
        return {path[below:]: int(about["size"]) for path, about in sorted(found.items())}

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, read piece by piece."""
        with self._told("read"), self._fs.open(self._path(name), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file to a path on this machine."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._told("read"):
            self._fs.get_file(self._path(name), str(target))

    def remove(self, name: str) -> None:
        """Remove a file, which may have gone already."""
        with self._told("remove"):
            try:
                self._fs.rm_file(self._path(name))
            except FileNotFoundError:
                return

    def create(self, name: str, body: bytes) -> bool:
        """Write a file that must not be there yet, and say whether it was this call that did.

        A shared folder, SFTP, S3, Google and Azure refuse the second of two at the same moment. Of
        others the one that reads its own bytes back has won, which is likely and no more.
        """
        path = self._path(name)
        with self._told("write"):
            try:
                if self._fs.async_impl:
                    self._fs.pipe_file(path, body, mode="create")
                else:
                    self._fs.makedirs(self._fs._parent(path), exist_ok=True)
                    with self._fs.open(path, "xb") as file:
                        file.write(body)
            except FileExistsError:
                return False
            except (TypeError, ValueError, NotImplementedError):
                if self._fs.exists(path):
                    return False
                self._fs.pipe_file(path, body)
        return self.read([name]).get(name) == body

    def sweep(self, folders: Iterable[str]) -> None:
        """Remove what a writer that died has left beside the files of some folders."""
        if self.stores_objects:
            return
        with self._told("list"):
            for folder in folders:
                try:
                    names = self._fs.ls(self._path(folder), detail=False)
                except FileNotFoundError:
                    continue
                for path in names:
                    if path.endswith(".part"):
                        self._fs.rm_file(path)

    def _put_beside(self, path: str, body: bytes) -> None:
        """Two writers of one file never share the name beside it."""
        folder, _, name = path.rpartition("/")
        self._fs.makedirs(folder, exist_ok=True)
        beside = f"{folder}/.{name}.{uuid.uuid4().hex}.part"
        try:
            with self._fs.open(beside, "wb") as file:
                file.write(body)
            self._fs.mv(beside, path)
        except BaseException:
            if self._fs.exists(beside):
                self._fs.rm_file(beside)
            raise

    def _path(self, name: str) -> str:
        return f"{self._opened[1]}/{name}".rstrip("/")

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Turn whatever a service's client raises into one sentence."""
        try:
            yield
        except RemoteError:
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise RemoteError(f"Cannot {doing} {self.address}: {said}") from error


@dataclass(frozen=True)
class Inputs:
    """What reports are made from: an address, and the digest of every file there."""

    address: str
    files: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """One digest of all."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()


def survey(address: str) -> Inputs:
    """Return what inputs there are at an address, each with its digest.

    Raises
    ------
    RemoteError
        If there is no workspace at the address.
    """
    place = Place(address)
    names = [name for part in PARTS for name in place.sizes(part) if not _hidden(name)]
    if "data/raw/lock.toml" not in names:
        raise RemoteError(f"No workspace at {address}: there is no data/raw/lock.toml below it.")
    return Inputs(address, tuple((name, place.digest(name)) for name in names))


def _hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def stage(inputs: Inputs, scratch: Path, prepare: Callable[[Path], None]) -> Path:
    """Copy inputs to this machine unless they are here, and return their folder.

    Several processes may ask at once: one copies, the others wait. The folder gets its name when every
    digest has been compared and `prepare` is done, so a folder of that name is whole.

    Parameters
    ----------
    inputs : Inputs
        What to copy.
    scratch : Path
        A folder of this machine.
    prepare : callable
        Called with the copy before it is given its name.

    Raises
    ------
    RemoteError
        If a file is absent or has other bytes than were surveyed.
    """
    target = scratch / f"inputs-{inputs.digest[:16]}"
    with FileLock(f"{target}.lock"):
        if target.is_dir():
            return target
        coming = target.with_suffix(".part")
        shutil.rmtree(coming, ignore_errors=True)
        place = Place(inputs.address)
        for name, digest in inputs.files:
            place.fetch(name, coming / name)
            with (coming / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise RemoteError(
                        f"{inputs.address}/{name} has changed since the run began. "
                        "Leave inputs alone while reports are made, and run again."
                    )
        prepare(coming)
        coming.rename(target)
    return target


def scratch_folder(named: str = "") -> Path:
    """Return the folder for copies and unfinished reports, which belongs to this user alone.

    Raises
    ------
    RemoteError
        If somebody else has made it: what lies there would become part of reports.
    """
    default = Path(tempfile.gettempdir()) / f"healthindicators-{os.getuid()}"
    folder = Path(named or os.environ.get(SCRATCH) or default)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise RemoteError(
            f"Cannot use {folder}: {error.strerror}. Name another in {SCRATCH}."
        ) from error
    if owner != os.getuid():
        raise RemoteError(f"{folder} belongs to another user. Name another folder in {SCRATCH}.")
    return folder


def parts(names: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """Yield a sequence in lists of at most `size`.

    Examples
    --------
    >>> list(parts("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    for start in range(0, len(names), size):
        yield list(names[start : start + size])
