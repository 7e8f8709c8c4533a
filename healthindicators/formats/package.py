"""The package that a workbook (xlsx) is: unpacked once, to see that it is whole and says what it shows.

It is unpacked only as far as its parts stay within a limit; nothing in it is run or followed. A part
that is named and not there (seen 2026-11-22: a drawing) does not matter.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import IO

from healthindicators.errors import DataError, Problem

MOST_BYTES = 256 * 2**20
"""A package that unpacks to more is refused: it would fill the memory."""
OLD = b"\xd0\xcf\x11\xe0"
PACKED = b"PK\x03\x04"
_CHUNK = 2**20
_SHEETS = "/worksheets/"
_NO_RESULT = re.compile(
    rb'<c(?![^>]*\bt="str")[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
"""A cell with a formula and no result; an empty text may be one."""
_PLACE = re.compile(rb'<(?:\w+:)?(row|c)\s(?:[^>]*?\s)?r="([A-Z]*)([0-9]{1,7})"')


def refuse(body: bytes, where: str) -> None:
    """Unpack every part once, within the limit, so that a broken or a swollen one is noticed.

    Raises
    ------
    DataError
        If the bytes are no whole package, unpack to too much, or hold sheets of which a reader would
        pass over something silently.
    """
    if body.startswith(OLD):
        hint = "save it as .xlsx"
        raise DataError(
            [Problem("an old kind of workbook (.xls), or a locked one", where, None, hint)]
        )
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            for part in package.infolist():
                with package.open(part) as stream:
                    left -= _unpacked(stream, part.filename, left, where)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DataError([Problem(f"not a whole workbook: {error}", where)]) from error
    except (RuntimeError, ValueError, UnicodeError) as error:
        raise DataError(
            [Problem(f"a workbook that is locked or broken: {error}", where)]
        ) from error


def _unpacked(stream: IO[bytes], name: str, left: int, where: str) -> int:
    """Return how large a part is; of a sheet, refuse what the library would pass over silently."""
    size, chunks = 0, []
    cells = _SHEETS in f"/{name}".lower()
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > left:
            limit = MOST_BYTES // 2**20
            raise DataError([Problem(f"it unpacks to more than {limit} megabytes", where)])
        if cells:
            chunks.append(chunk)
    if cells:
        _refuse_silent(b"".join(chunks), where)
    return size


def _refuse_silent(xml: bytes, where: str) -> None:
    """Refuse formulas without results, and rows and cells that stand twice or out of order."""
    if _NO_RESULT.search(xml):
        hint = "open it in a spreadsheet program and save it"
        raise DataError([Problem("formulas have no results in it", where, None, hint)])
    row, last = 0, (0, b"")
    for kind, letters, digits in _PLACE.findall(xml):
        number, column = int(digits), (len(letters), letters)
        if kind == b"row":
            wrong = number <= row
            row, last = number, (0, b"")
        else:
            wrong = number != row or column <= last
            last = column
        if wrong:
            at = (letters + digits).decode()
            what = f"{'row' if kind == b'row' else 'cell'} {at} stands twice or out of order"
            raise DataError([Problem(what, where)])
