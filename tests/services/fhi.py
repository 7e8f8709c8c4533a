"""FHI's open API as its text tells: one filter for each dimension, `top` is first, rows are limited."""

import json
import re
from itertools import product
from math import prod

from tests.services.loopback import Answer
from tests.services.opened import Opened, as_json


class Refused(Exception):
    pass


class Table:
    """`dimensions` maps a dimension to its categories: a code, or a code with its children.

    `cells` maps codes, in the order of the dimensions, to a number, a text (a flag) or None.
    """

    def __init__(
        self, dimensions, cells, *, flags=(), modified="2026-03-02T09:30:00.1234567+01:00"
    ):
        self.dimensions, self.cells, self.flags, self.modified = dimensions, cells, flags, modified

    def codes(self, dimension):
        return list(flat(self.dimensions[dimension]))


def flat(categories):
    for category in categories:
        code, children = category if isinstance(category, tuple) else (category, ())
        yield code
        yield from flat(children)


def tree(categories):
    for category in categories:
        code, children = category if isinstance(category, tuple) else (category, ())
        yield {"label": f"Label {code}", "value": code, "children": list(tree(children))}


class Fhi(Opened):
    root = "/api/open/v1"

    def __init__(self, tables, *, bom=True, delimiter=";", decimal="."):
        super().__init__()
        self.tables, self.bom, self.delimiter, self.decimal = tables, bom, delimiter, decimal
        self.published = iter(())

    def tell(self, method, path, query, body):
        found = re.fullmatch(r"/(\w+)/[Tt]able/(\d+)(?:/(\w+))?", path)
        table = self.tables.get(f"{found[1]}/{found[2]}") if found else None
        if table is None:
            return as_json({"title": "Not Found", "status": 404, "detail": path}, 404)
        if found[3] is None:
            card = {
                "tableId": int(found[2]),
                "title": "A table",
                "publishedAt": "2026-01-01T00:00:00",
            }
            return as_json(card | {"modifiedAt": table.modified}, bom=self.bom)
        if found[3] == "dimension":
            said = [
                {"code": code, "label": code.title(), "categories": list(tree(categories))}
                for code, categories in table.dimensions.items()
            ]
            return as_json({"dimensions": said}, bom=self.bom)
        if found[3] == "flag":
            return as_json([{"value": f, "label": text} for f, text in table.flags], bom=self.bom)
        try:
            return self.data(table, json.loads(body))
        except Refused as refused:
            return as_json({"title": "Bad Request", "status": 400, "detail": str(refused)}, 400)

    def data(self, table, asked):
        said = asked["dimensions"]
        names = [d["code"] for d in said]
        if sorted(names) != sorted(table.dimensions):
            raise Refused("every dimension must be there exactly once")
        by_name = {d["code"]: d for d in said}
        chosen = {name: self.select(by_name[name], table.codes(name)) for name in table.dimensions}
        most = asked["response"].get("maxRowCount")
        if most is not None and prod(map(len, chosen.values())) > most:
            raise Refused(f"the number of rows is above maxRowCount {most}")
        kind = asked["response"]["format"]
        return self.stat(table, chosen) if kind == "json-stat2" else self.csv(table, chosen)

    def select(self, said, codes):
        kind, values = said["filter"], said["values"]
        if kind == "item":
            strange = [value for value in values if value not in codes]
            if strange:
                raise Refused(f"{said['code']}: no category {', '.join(strange)}")
            return [code for code in codes if code in values]
        if kind in ("top", "bottom") and len(values) == 1 and values[0].isdecimal():
            count = int(values[0])
            return codes[:count] if kind == "top" else codes[-count:]
        if kind == "all":
            jokers = [re.compile(".*".join(map(re.escape, v.split("*")))) for v in values]
            return [code for code in codes if any(joker.fullmatch(code) for joker in jokers)]
        raise Refused(f"{said['code']}: no filter {kind}")

    def stat(self, table, chosen):
        dimension = {
            name: {"label": name.title(), "category": {
                "index": codes, "label": {code: f"Label {code}" for code in codes},
                "unit": {c: {"decimals": None} for c in codes} if name == "MEASURE_TYPE" else None,
            }, "extension": None}
            for name, codes in chosen.items()
        }  # fmt: skip
        return as_json(
            {
                "version": "2.0", "class": "dataset", "label": "A table", "href": None, "source": None,
                "updated": next(self.published, "2022-12-20T11:44:58.7706326+00:00"),
                "id": list(chosen), "size": [len(codes) for codes in chosen.values()],
                "role": {"time": None, "geo": None, "metric": ["MEASURE_TYPE"]},
                "dimension": dimension, "status": "",
                "value": [table.cells.get(key) for key in product(*chosen.values())],
            },
            bom=self.bom,
        )  # fmt: skip

    def csv(self, table, chosen):
        lines = [self.delimiter.join([*chosen, "VALUE"])]
        for key in product(*chosen.values()):
            value = table.cells.get(key)
            lines.append(
                self.delimiter.join(
                    [*key, "" if value is None else str(value).replace(".", self.decimal)]
                )
            )
        return Answer(200, ("\r\n".join(lines) + "\r\n").encode(), "text/csv")
