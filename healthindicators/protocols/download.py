"""Files that a user downloaded by hand and saved: nothing is asked, the one answer is the file.

The table's `code` says which form the file has:

=============  ==========================================================================
statbank-csv   StatBank's CSV: one column INDHOLD of values
statbank-xlsx  StatBank's workbook: a stub with codes and texts, named by the title
ssb-csv        Statistics Norway's CSV: a title line, a column of values for each content and year
fhi-csv        Norwegian Institute of Public Health: one column ``value``
fhi-xlsx       its workbook: names only, windows of years across
imdi-csv       Directorate of Integration and Diversity: a column for each topic, or for one
kolada-xlsx    Kolada's workbook: key figure, municipality, years across; names only
columns        any other text or workbook with one header
=============  ==========================================================================

Its `dimensions` name the columns that are codes; the headings of all other columns are codes of the
dimension ``column`` (or of `across`), unless `value` names the one column of values. Its `layout` tells
what is known beyond that: ``encoding``, ``delimiter``, ``decimal``, ``thousands`` (marks of numbers),
``sheet``, ``value``, ``across``, ``stub`` (names of a workbook's columns, comma separated), ``label``
(the column that calls the codes of the geo dimension by name), ``ignored`` (columns that say nothing
more, comma separated), ``join`` (``name`` where geos are named and not coded) and ``lines``
(``unended`` where the last one is whole and has no line break, ``short`` where lines leave out empty
fields at their end, or both). What it does not tell is found out where the file leaves one
possibility, and is refused where it leaves two.

Seen (2026-11-22): a Kolada export with a row ``Alla kommuner``, the unweighted mean of municipalities,
which no municipality is, and one municipality twice; a Norwegian file whose letters had been destroyed
before it was saved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from healthindicators.errors import CatalogError, DataError, Problem, nearest
from healthindicators.formats import Cube, grid, numerals, text, workbook
from healthindicators.formats.grid import Grid
from healthindicators.model import Limits, Sidecar, Table
from healthindicators.protocols import Answered, Ask, Request
from healthindicators.vocabulary import BY_NAME

COLUMN = "column"
"""The dimension of headings, where nothing else names it."""


@dataclass(frozen=True)
class Form:
    """What files of one kind have in common.

    `stub` are the names of a cross table's columns; none where the sheet says them. `left_out` are
    texts of a column that are known and no figures of ours, each with what is noted of them.
    """

    crosstab: bool = False
    layout: Mapping[str, str] = field(default_factory=dict)
    stub: tuple[str, ...] = ()
    left_out: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


FORMS: Mapping[str, Form] = {
    "statbank-csv": Form(layout={"delimiter": ";", "value": "INDHOLD"}),
    "statbank-xlsx": Form(crosstab=True),
    "ssb-csv": Form(),
    "fhi-csv": Form(layout={"delimiter": ",", "value": "value"}),
    "fhi-xlsx": Form(crosstab=True),
    "imdi-csv": Form(),
    "kolada-xlsx": Form(
        crosstab=True,
        layout={"across": "year"},
        stub=("kpi", "municipality"),
        left_out={
            "municipality": {
                "Alla kommuner": "the unweighted mean of municipalities is left out; it is no figure "
                "of the country"
            }
        },
    ),
    "columns": Form(),
}
"""The forms that files have, by the code of a table."""

LAYOUT = (
    "encoding", "delimiter", "decimal", "thousands", "sheet", "value", "across", "stub", "label",
    "ignored", "join", "lines",
)  # fmt: skip
"""What a table's layout can tell."""
LINES = ("unended", "short")


def requests(ask: Ask, answered: Answered) -> tuple[Request, ...]:
    """Return nothing: a file is there, or it is not."""
    return ()


def limits(ask: Ask, answered: Answered) -> Limits:
    """Return no limits."""
    return ask.source.limits


def read(ask: Ask, answered: Answered, *, where: str) -> Cube:
    """Return the cells of the one file.

    Parameters
    ----------
    ask : Ask
        The source, the table that says which form the file has, and names that may stand in it: they
        tell old encodings apart.
    answered : mapping
        One answer: the bytes of the file.
    where : str
        Name of the file, for problems.

    Raises
    ------
    CatalogError
        If the table's form or layout is none that is known.
    DataError
        With everything in the file that cannot be read without a guess.
    """
    if len(answered) != 1:
        raise DataError([Problem(f"{len(answered)} files instead of one", where)])
    (reply,) = answered.values()
    form, layout = _declared(ask.table)
    _refuse_page(reply.body, where)
    return _cube(_grid(reply.body, ask, form, layout, where), ask.table, form, layout, where)


def _declared(table: Table) -> tuple[Form, Mapping[str, str]]:
    where = f"{table.id}.toml"
    form = FORMS.get(table.code)
    problems = [
        Problem(f"unknown layout '{key}'", where, None, ", ".join(nearest(key, LAYOUT) or LAYOUT))
        for key in table.layout
        if key not in LAYOUT
    ]
    if form is None:
        problems.append(Problem(f"unknown form '{table.code}'", where, None, ", ".join(FORMS)))
    if table.layout.get("join", BY_NAME) != BY_NAME:
        problems.append(Problem(f"join can be '{BY_NAME}' only", where))
    if not set(_listed(table.layout, "lines")) <= set(LINES):
        problems.append(Problem(f"lines can be {' and '.join(LINES)} only", where))
    if "label" in table.layout and not any(d.role == "geo" for d in table.dimensions):
        problems.append(Problem("a label is of the geo dimension, and there is none", where))
    if form is None or problems:
        raise CatalogError(problems)
    return form, {**form.layout, **table.layout}


def _refuse_page(body: bytes, where: str) -> None:
    start = body.removeprefix(b"\xef\xbb\xbf")[:200].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html")):
        hint = "download the table itself"
        raise DataError([Problem("this is a web page, not a table", where, None, hint)])
    if start.startswith((b"{", b"[{")):
        hint = "declare the source with the protocol of its service"
        raise DataError([Problem("this is JSON, not a table of text", where, None, hint)])
    if not start:
        raise DataError([Problem("the file is empty", where)])


def _grid(body: bytes, ask: Ask, form: Form, layout: Mapping[str, str], where: str) -> Grid:
    columns = {d.code for d in ask.table.dimensions} - {layout.get("across", COLUMN)}
    columns |= {layout[key] for key in ("value", "label") if layout.get(key)}
    if workbook.is_workbook(body):
        found = workbook.sheet(body, where=where, name=layout.get("sheet", ""))
        if not form.crosstab:
            return workbook.plain(found, columns)
        stub = _listed(layout, "stub") or form.stub
        return workbook.crosstab(found, stub, layout.get("across", ""))
    if form.crosstab:
        raise DataError([Problem("this is no workbook (.xlsx)", where)])
    return text.grid(
        body,
        where=where,
        encoding=layout.get("encoding", ""),
        delimiter=layout.get("delimiter", ""),
        names=ask.names,
        expected=columns,
        unended="unended" in _listed(layout, "lines"),
        short="short" in _listed(layout, "lines"),
    )


def _listed(layout: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in layout.get(key, "").split(",") if part.strip())


def _cube(found: Grid, table: Table, form: Form, layout: Mapping[str, str], where: str) -> Cube:
    value, label = layout.get("value", ""), layout.get("label", "")
    across = found.across or layout.get("across", COLUMN)
    roles = {d.code: d.role for d in table.dimensions}
    geo = next((code for code, role in roles.items() if role == "geo"), "")
    ignored = [*_listed(layout, "ignored"), *filter(None, [label])]
    _refuse_absent(found, [*ignored, *([geo] if label else [])], where)
    _refuse_blank(found, [code for code, role in roles.items() if role in ("geo", "period")], where)
    labels = {geo: dict(zip(found.column(geo), found.column(label), strict=True))} if label else {}
    if layout.get("join"):
        found, labels = _by_name(found, geo, label), {}
    rest = found.without(ignored)
    if value:
        keys = tuple(name for name in rest.header if name != value)
    else:
        keys = rest.keys or tuple(name for name in roles if name != across)
    if not keys:
        hint = f"name the columns that are codes in {table.id}.toml"
        raise DataError([Problem("it is not declared which columns are codes", where, None, hint)])
    alike = not value and not {roles.get(key) for key in keys} & {"topic", "measure"}
    cube = grid.cube(
        rest,
        where=where,
        keys=keys,
        across="" if value else across,
        value=value,
        style=numerals.style_of(layout, where),
        alike=alike,
    )
    if layout.get("join"):
        _refuse_lost(cube, geo, where)
    return _left_out(replace(cube, labels={**cube.labels, **labels}), form)


def _by_name(found: Grid, geo: str, label: str) -> Grid:
    """Return a grid whose geos are the names that stand beside the codes, where names do."""
    if geo in found.header and (label or geo in found.labels):
        known = found.labels.get(geo, {})
        names = found.column(label) if label else [known[c] for c in found.column(geo)]
        at = found.header.index(geo)
        rows = [
            [*row[:at], name, *row[at + 1 :]] for row, name in zip(found.rows, names, strict=True)
        ]
        beside = {name: texts for name, texts in found.labels.items() if name != geo}
        return replace(found, rows=rows, labels=beside)
    return found


def _refuse_absent(found: Grid, names: Collection[str], where: str) -> None:
    absent = [name for name in names if name not in found.header]
    if absent:
        hint = f"the columns are {', '.join(found.header)}"
        raise DataError([Problem(f"there is no column '{n}'", where, None, hint) for n in absent])


def _refuse_blank(found: Grid, names: Collection[str], where: str) -> None:
    """Refuse rows that do not say where or when: a blank is no code, nor the one above it."""
    problems = [
        Problem(f"'{name}' is blank", *found.place(where, row, found.header.index(name)))
        for name in names
        if name in found.header
        for row, code in enumerate(found.column(name))
        if not code
    ]
    if problems:
        raise DataError(problems)


def _refuse_lost(cube: Cube, geo: str, where: str) -> None:
    """Refuse names whose letters were destroyed where only names tell the geos apart."""
    known = cube.cells[geo].cat.categories if geo in cube.cells else ()
    lost = [name for name in map(str, known) if grid.has_lost_letters(name)]
    if lost:
        hint = "join by code, or download the file again and do not save it from another program"
        what = f"letters of {len(lost)} names are destroyed, as in '{lost[0]}'"
        raise DataError([Problem(what, where, None, hint)])


def _left_out(cube: Cube, form: Form) -> Cube:
    """Return the cube without rows that are known to be no figures of ours, and notes of them."""
    cells, notes = cube.cells, list(cube.notes)
    for column, known in form.left_out.items():
        for word, why in known.items():
            here = cells[column] == word
            if here.any():
                cells = cells[~here].assign(
                    **{column: cells[column][~here].cat.remove_categories([word])}
                )
                notes.append(f"'{word}': {why}")
    return replace(cube, cells=cells, notes=tuple(notes))


def sidecar_for(
    body: bytes, ask: Ask, cube: Cube, *, country: str, file: str, taken: str
) -> Sidecar:
    """Return what is known of a file that a user puts to use: the part that is not asked of them.

    Parameters
    ----------
    body : bytes
        The file, as it is kept.
    ask : Ask
        The source and the table that it is of.
    cube : Cube
        What `read` made of it: how many cells there are is checked at every later reading.
    country : str
        Id of the country.
    file : str
        What the user called the file; folders above it are nobody's business and left out.
    taken : str
        When it was taken in, as ISO 8601 in UTC.
    """
    table, source = ask.table, ask.source
    title = table.title or cube.title or table.id
    name = file.replace("\\", "/").rpartition("/")[2]
    return Sidecar(
        country=country,
        source=table.source,
        table=table.id,
        title=title,
        provider=source.provider,
        provider_table=table.id,
        unit=table.unit,
        licence=source.licence,
        quality=" ".join(cube.notes),
        citation=f"{source.provider}: {title}.",
        request=f"none: the file {name}, downloaded by hand",
        taken=taken,
        status="as downloaded by hand",
        rows=len(cube.cells),
        sha256=hashlib.sha256(body).hexdigest(),
    )
