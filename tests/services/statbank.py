"""StatBank Denmark as its documentation tells: selections, limits and errors are carried out."""

import json
import random
import re
from itertools import product
from math import prod

from tests.services.loopback import Answer
from tests.services.opened import Opened, as_json


class Refused(Exception):
    def __init__(self, code, message, status=400):
        super().__init__(code, message, status)


def variable(id, codes, *, text="", elimination=False, time=False, map=None):
    """A variable; codes are a mapping from code to text, or codes that are their own texts."""
    texts = codes if isinstance(codes, dict) else {code: code for code in codes}
    return {"id": id, "text": text or id, "elimination": elimination, "time": time} | (
        {"map": map} if map else {}
    ) | {"values": [{"id": code, "text": label} for code, label in texts.items()]}  # fmt: skip


class Table:
    """`cells` maps codes, in the order of the variables, to a number, or to None for ``..``."""

    def __init__(self, id, variables, cells, *, suppressed="0", updated="2025-03-25T08:00:00"):
        self.id, self.variables, self.cells = id, variables, cells
        self.suppressed, self.updated = suppressed, updated

    def info(self):
        return {
            "id": self.id, "text": f"Table {self.id}", "description": f"Table {self.id} by all",
            "unit": "Number", "suppressedDataValue": self.suppressed, "updated": self.updated,
            "active": True, "contacts": [], "documentation": {"id": "x", "url": "http://127.0.0.1/"},
            "footnote": {"text": "Read with care."}, "variables": self.variables,
        }  # fmt: skip


class StatBank(Opened):
    root = "/v1"

    def __init__(self, *tables, limit=1_000_000):
        super().__init__()
        self.tables = {table.id.lower(): table for table in tables}
        self.limit = limit

    def elsewhere(self, path):
        return as_json({"errorTypeCode": "REQUEST-NOTFOUND", "message": path}, 404)

    def tell(self, method, path, query, body):
        try:
            if path not in ("/tableinfo", "/data"):
                raise Refused("REQUEST-NOTFOUND", f"No function {path}", 404)
            try:
                asked = json.loads(body)
            except ValueError:
                raise Refused("REQUEST-MISSING", "The request is missing") from None
            table = self.tables.get(str(asked.get("table", "")).lower())
            if table is None:
                raise Refused(
                    "EXTRACT-NOTFOUND", f"Tabellen blev ikke fundet: {asked.get('table')}"
                )
            return as_json(table.info()) if path == "/tableinfo" else self.data(table, asked)
        except Refused as refused:
            code, message, status = refused.args
            return as_json({"errorTypeCode": code, "message": message}, status)

    def data(self, table, asked):
        kind = asked.get("format", "")
        streams = kind == "BULK"
        named = {v["code"].casefold(): v["values"] for v in asked.get("variables", ())}
        strange = set(named) - {v["id"].casefold() for v in table.variables}
        if strange:
            raise Refused("EXTRACT-NOTFOUND", f"Variablen blev ikke fundet: {sorted(strange)}")
        if streams and asked.get("timeOrder"):
            raise Refused("EXTRACT-STREAMINGTIMESORT", "Streaming cannot sort")
        chosen, gone = {}, []
        for v in table.variables:
            codes = [value["id"] for value in v["values"]]
            if v["id"].casefold() in named:
                chosen[v["id"]] = select(named[v["id"].casefold()], codes, v)
            elif v["time"] and not streams:
                chosen[v["id"]] = [max(codes)]
            elif v["elimination"] and not streams:
                gone.append(v["id"])
            else:
                raise Refused(
                    "EXTRACT-NOTALLOWED", f"Der skal vælges værdier for variabel: {v['text']}"
                )
        columns = len(chosen) + 1
        count = prod(len(codes) for codes in chosen.values()) * columns
        if not streams and count > self.limit:
            raise Refused("REQUEST-LIMIT", f"{count} celler er flere end {self.limit}")
        rows = self.rows(table, chosen, gone)
        if kind == "JSONSTAT":
            return self.bundle(table, chosen, rows)
        return self.text(table, chosen, rows, asked, streams)

    def rows(self, table, chosen, gone):
        """Rows that are there; of a variable that is left out, its first code is the total."""
        ids = [v["id"] for v in table.variables]
        totals = {v["id"]: v["values"][0]["id"] for v in table.variables if v["id"] in gone}
        full = {id: chosen.get(id) or [totals[id]] for id in ids}
        kept = [i for i, id in enumerate(ids) if id in chosen]
        return {
            tuple(key[i] for i in kept): table.cells[key]
            for key in product(*full.values())
            if key in table.cells
        }

    def text(self, table, chosen, rows, asked, streams):
        comma = asked.get("lang", "da") == "da"
        texts = {v["id"]: {x["id"]: x["text"] for x in v["values"]} for v in table.variables}
        shown = asked.get("valuePresentation", "Default")
        keys = list(rows) if streams else list(product(*chosen.values()))
        if streams:
            random.Random(7).shuffle(keys)
        lines = [";".join([*(id.upper() for id in chosen), "INDHOLD"])]
        for key in keys:
            if streams and (key not in rows or str(rows[key]) == table.suppressed):
                continue
            value = rows.get(key, 0)
            words = (
                key
                if shown == "Code"
                else [texts[id][c] for id, c in zip(chosen, key, strict=True)]
            )
            number = ".." if value is None else f"{value:.15g}"
            lines.append(
                ";".join([*words, number.replace(".", ",") if comma and value else number])
            )
        content = b"\xef\xbb\xbf" + ("\r\n".join(lines) + "\r\n").encode()
        return Answer(200, content, "text/csv; charset=utf-8")

    def bundle(self, table, chosen, rows):
        by_id = {v["id"]: v for v in table.variables}
        order = [id for id in chosen if not by_id[id]["time"]]
        time = [id for id in chosen if by_id[id]["time"]]
        ids = [*order, "ContentsCode", *time]
        dimension = {
            id: {
                "label": by_id[id]["text"],
                "category": {"index": {code: i for i, code in enumerate(codes)}},
            }
            for id, codes in chosen.items()
        }
        dimension["ContentsCode"] = {
            "label": "Indhold", "category": {"index": {table.id: 0}, "label": {table.id: "all"}},
        }  # fmt: skip
        dimension |= {
            "id": ids, "size": [len(chosen.get(id, "x")) for id in ids],
            "role": {"metric": ["ContentsCode"], "time": time},
        }  # fmt: skip
        places = [list(chosen).index(id) for id in (*order, *time)]
        values = []
        for key in product(*(chosen[id] for id in (*order, *time))):
            whole = dict(zip(places, key, strict=True))
            values.append(rows.get(tuple(whole[i] for i in range(len(chosen))), 0))
        return as_json(
            {"dataset": {"dimension": dimension, "label": table.id, "value": values,
                         "updated": "2025-03-25T07:00:00Z"}}
        )  # fmt: skip


def select(expressions, codes, variable):
    found = set()
    for expression in expressions:
        some = one(expression, codes)
        if not some:
            raise Refused("EXTRACT-NOTFOUND", f"{variable['text']}: {expression} blev ikke fundet")
        found.update(some)
    return [code for code in codes if code in found]


def one(expression, codes):
    exact = [code for code in codes if code.casefold() == expression.casefold()]
    if exact:
        return exact
    if "*" in expression:
        joker = re.compile(".*".join(map(re.escape, expression.split("*"))), re.IGNORECASE)
        return [code for code in codes if joker.fullmatch(code)]
    nth = re.fullmatch(r"(-?)\((?:(\d+)|-n\+(\d+))\)", expression)
    if nth:
        line = sorted(codes, reverse=not nth[1])
        return line[int(nth[2]) - 1 : int(nth[2])] if nth[2] else line[: int(nth[3])]
    between = re.fullmatch(r"(>=?)([^<>=]+)(?:(<=?)([^<>=]+))?|(<=?)([^<>=]+)", expression)
    if not between:
        return []
    low, high = between[2] or "", between[4] or between[6] or "~"
    above = low.__le__ if between[1] == ">=" else low.__lt__
    end = high + "~" if "=" in (between[3] or between[5] or "=") else high
    return [code for code in codes if above(code) and code < end]
