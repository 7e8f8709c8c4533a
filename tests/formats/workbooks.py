"""Workbooks for tests, as programs save them, and spoiled ones."""

import io
import zipfile

from openpyxl import Workbook


def saved(rows, name="Sheet1", more=()):
    """Return the bytes of a workbook with a sheet of these rows, and further sheets by name."""
    book = Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    for title in more:
        book.create_sheet(title)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(body, part, change):
    """Return a workbook with one part changed, or left out where `change` gives nothing."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            content = change(content) if name == part else content
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()
