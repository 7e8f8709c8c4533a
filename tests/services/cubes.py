"""Tables that loopback services serve: variables, code lists, and a cell for every combination."""

import itertools
from dataclasses import dataclass, field


@dataclass
class Variable:
    code: str
    label: str
    values: dict
    time: bool = False
    metric: bool = False
    geo: bool = False
    eliminates: str | bool = False
    """Whether it may be left out: ``True`` sums over all values, a text names the value that stands."""
    lists: dict = field(default_factory=dict)
    """Code lists by id: label of each code, and which values it is made of."""
    aggregated: tuple = ()
    """Ids of the lists that sum."""

    def values_in(self, codelist):
        """Return the codes of a code list, or of the variable, with their labels."""
        if not codelist:
            return self.values
        own = {name.casefold(): name for name in self.lists}[codelist.casefold()]
        return {code: label for code, (label, _) in self.lists[own].items()}

    def made_of(self, code, codelist):
        if not codelist:
            return (code,)
        own = {name.casefold(): name for name in self.lists}[codelist.casefold()]
        return self.lists[own][code][1]


@dataclass
class Cube:
    id: str
    title: str
    variables: list
    marks: dict = field(default_factory=dict)
    """Marks by combination of codes: a mark alone, or (value, mark) where a value stands too."""
    updated: str = "2026-06-08T06:00:00Z"
    notes: tuple = ()

    def variable(self, code):
        return next((v for v in self.variables if v.code.casefold() == code.casefold()), None)

    def number(self, codes):
        """Return a value that tells its combination from every other."""
        total = 0
        for variable, code in zip(self.variables, codes, strict=True):
            total = total * (len(variable.values) + 1) + list(variable.values).index(code) + 1
        return total

    def cell(self, codes):
        """Return value and mark of one combination of the table's own codes."""
        marked = self.marks.get(tuple(codes))
        if marked is None:
            return self.number(codes), ""
        return marked if isinstance(marked, tuple) else (None, marked)

    def summed(self, groups):
        """Return value and mark over groups of codes: what has no value is left out, its mark stays."""
        found = [self.cell(codes) for codes in itertools.product(*groups)]
        values = [value for value, _ in found if value is not None]
        mark = next((mark for _, mark in found if mark), "")
        return (sum(values) if values else None), mark


def json_stat(cube, chosen, order=None):
    """Return JSON-stat 2 of chosen codes: {variable: (codelist, codes)}; others are eliminated."""
    shown = [v for v in cube.variables if v.code in chosen]
    if order:
        shown.sort(key=lambda v: order.index(v.code))
    values, status = [], {}
    for at, codes in enumerate(itertools.product(*(chosen[v.code][1] for v in shown))):
        picked = dict(zip((v.code for v in shown), codes, strict=True))
        value, mark = cube.summed([group(v, chosen, picked) for v in cube.variables])
        values.append(value)
        if mark:
            status[str(at)] = mark
    said = {
        "version": "2.0",
        "class": "dataset",
        "label": cube.title,
        "source": "A loopback office",
        "updated": cube.updated,
        "note": list(cube.notes),
        "role": {
            "time": [v.code for v in shown if v.time],
            "metric": [v.code for v in shown if v.metric],
        },
        "id": [v.code for v in shown],
        "size": [len(chosen[v.code][1]) for v in shown],
        "dimension": {v.code: described(v, *chosen[v.code]) for v in shown},
        "value": values,
    }
    return {**said, "status": status} if status else said


def group(variable, chosen, picked):
    if variable.code in picked:
        return variable.made_of(picked[variable.code], chosen[variable.code][0])
    return (
        (variable.eliminates,) if isinstance(variable.eliminates, str) else tuple(variable.values)
    )


def described(variable, codelist, codes):
    labels = variable.values_in(codelist)
    category = {
        "index": {code: at for at, code in enumerate(codes)},
        "label": {code: labels[code] for code in codes},
    }
    if variable.metric:
        category["unit"] = {code: {"base": "number", "decimals": 0} for code in codes}
    extension = {
        "elimination": bool(variable.eliminates),
        "show": "value",
        "codelists": [
            {
                "id": name,
                "label": name,
                "type": "Aggregation" if name in variable.aggregated else "Valueset",
                "links": [{"rel": "metadata", "href": f"/codeLists/{name}"}],
            }
            for name in variable.lists
        ],
    }
    return {"label": variable.label, "category": category, "extension": extension}


def population():
    """A table as offices have them: old and new codes, equal labels, marks of every kind."""
    regions = {"0": "Hele landet", "0301": "Oslo", "1103": "Stavanger", "0104": "Moss", "0136": "Rygge",
               "3002": "Moss", "3103": "Moss", "1514": "Herøy", "1818": "Herøy"}  # fmt: skip
    lists = {
        "agg_KommSummer": {
            "K-0301": ("Oslo", ("0301",)),
            "K-3103": ("Moss", ("3103", "0104", "3002", "0136")),
        },
        "vs_Kommun": {code: (label, (code,)) for code, label in regions.items() if code != "0"},
        "agg_Ålder": {"-9": ("0-9 år", ("0301", "1103"))},
    }
    cube = Cube(
        "07459",
        "07459: Befolkning, etter region, kjønn, statistikkvariabel og år",
        [
            Variable("Region", "region", regions, eliminates="0", lists=lists,
                     aggregated=("agg_KommSummer", "agg_Ålder")),
            Variable("Kjonn", "kjønn", {"1": "menn", "2": "kvinner"}, eliminates=True),
            Variable("ContentsCode", "statistikkvariabel", {"Personer1": "Personer", "Andel": "Andel"},
                     metric=True),
            Variable("Tid", "år", {str(y): str(y) for y in range(2018, 2025)}, time=True),
        ],
        notes=("Statistikken er fiktiv.",),
    )  # fmt: skip
    lived = {"0104": (2018, 2019), "0136": (2018, 2019), "3002": (2020, 2023), "3103": (2024, 2024)}
    others = itertools.product("12", ("Personer1", "Andel"), cube.variable("Tid").values)
    for (sex, content, year), (old, (first, last)) in itertools.product(others, lived.items()):
        if not first <= int(year) <= last:
            cube.marks[old, sex, content, year] = "."
    cube.marks["1103", "1", "Personer1", "2024"] = "-"
    cube.marks["1103", "2", "Personer1", "2024"] = ":"
    cube.marks["0301", "1", "Personer1", "2024"] = (4711, "*")
    return cube
