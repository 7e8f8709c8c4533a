"""A loopback PxWeb API version 1: executes filters, limits and errors as its server does."""

import itertools
import json
import math
from dataclasses import dataclass, field

from tests.services.cubes import json_stat, population
from tests.services.loopback import Answer, Service, as_json


class RefusedError(Exception):
    def __init__(self, error, status=400):
        super().__init__(error)
        self.answer = as_json({"error": error}, status)


@dataclass
class PxWeb1(Service):
    tables: dict = field(default_factory=lambda: {"B_HLV/befolkning på region.px": population()})
    most_cells: int = 100_000
    most_values: int = 10_000
    told_cells: int | None = None
    pages: bool = False
    """Whether refusals are web pages, as some installations have them."""

    def limited(self, wait):
        text = "429 - Too many requests in too short timeframe."
        return as_json({"error": text}, 429, **{"Retry-After": wait})

    def answer(self, question):
        try:
            return self.route(question)
        except RefusedError as error:
            if self.pages:
                return Answer(
                    error.answer.status, b"<html><h1>Bad Request</h1></html>", "text/html"
                )
            return error.answer

    def route(self, question):
        if ("config", "") in question.query:
            return as_json(
                {
                    "maxValues": self.most_values,
                    "maxCells": self.most_cells if self.told_cells is None else self.told_cells,
                    "maxCalls": self.rate.calls or 30,
                    "timeWindow": int(self.rate.seconds) or 10,
                    "CORS": True,
                }
            )
        cube = self.tables.get(question.path.strip("/"))
        if cube is None:
            raise RefusedError("The requested resource was not found", 404)
        if question.method == "GET":
            return as_json(
                {"title": cube.title, "variables": [self.variable(v) for v in cube.variables]}
            )
        return self.data(cube, question)

    def variable(self, variable):
        said = {"code": variable.code, "text": variable.label}
        if len(variable.values) <= self.most_values:
            said |= {
                "values": list(variable.values),
                "valueTexts": list(variable.values.values()),
            }
        said |= {"elimination": True} if variable.eliminates else {}
        return said | ({"time": True} if variable.time else {})

    def data(self, cube, question):
        try:
            body = json.loads(question.body)
            asked = {
                q["code"]: (q["selection"]["filter"], q["selection"]["values"])
                for q in body["query"]
            }
            kind = body["response"]["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError("Parameter error") from error
        chosen = {}
        for code, selection in asked.items():
            variable = cube.variable(code)
            if variable is None:
                raise RefusedError(f"The request for variable '{code}' has an error.")
            chosen[variable.code] = picked(variable, *selection)
        for variable in cube.variables:
            if not variable.eliminates and not chosen.get(variable.code, ("", []))[1]:
                chosen[variable.code] = ("", list(variable.values))
        chosen = {code: said for code, said in chosen.items() if said[1]}
        if math.prod(len(codes) for _, codes in chosen.values()) > self.most_cells:
            raise RefusedError("Too many values selected", 403)
        if kind not in WRITERS:
            raise RefusedError("Parameter error")
        return WRITERS[kind](json_stat(cube, chosen))


FILTERS = ("item", "all", "top")
LISTS = ("vs", "agg", "agg_single", "agg_all")


def picked(variable, filter, texts):
    kind, _, name = filter.partition(":")
    codelist = f"{kind.split('_')[0]}_{name}" if name else ""
    wrong = RefusedError(f"The request for variable '{variable.code}' has an error.")
    if kind not in (LISTS if name else FILTERS) or (name and codelist not in variable.lists):
        raise wrong
    codes = list(variable.values_in(codelist))
    if kind == "top":
        if len(texts) != 1 or not texts[0].isdigit():
            raise wrong
        count = int(texts[0])
        return codelist, codes[max(0, len(codes) - count) :] if variable.time else codes[:count]
    if kind == "all":
        return codelist, [c for c in codes if any(fits(c, text) for text in texts)]
    if any(text not in codes for text in texts):
        raise wrong
    return codelist, [code for code in codes if code in texts]


def fits(code, text):
    if text == "*":
        return True
    if text.endswith("*"):
        return code.startswith(text[:-1])
    return code.endswith(text[1:]) if text.startswith("*") else code == text


def version_1(said):
    """JSON-stat as version 1 has it: a bundle, with id, size and role among the dimensions."""
    inside = {key: said[key] for key in ("id", "size", "role")}
    rest = {
        key: said[key] for key in ("label", "source", "updated", "value", "status") if key in said
    }
    return as_json({"dataset": {**rest, "dimension": {**said["dimension"], **inside}}})


def px_json(said):
    """PxWeb's own JSON: rows of a key and values, which are text."""
    names = [name for name in said["id"] if name != "ContentsCode"]
    contents = list(said["dimension"]["ContentsCode"]["category"]["index"])
    columns = [
        {"code": n, "text": said["dimension"][n]["label"], "type": "t" if n == "Tid" else "d"}
        for n in names
    ] + [{"code": c, "text": c, "type": "c"} for c in contents]
    codes = {n: list(said["dimension"][n]["category"]["index"]) for n in said["id"]}
    cells = {}
    for at, key in enumerate(itertools.product(*codes.values())):
        value, mark = said["value"][at], said.get("status", {}).get(str(at), "")
        cells[key] = mark if value is None else str(value)
    rows = []
    for key in itertools.product(*(codes[n] for n in names)):
        whole = dict(zip(names, key, strict=True))
        values = [
            cells[tuple({**whole, "ContentsCode": c}[n] for n in said["id"])] for c in contents
        ]
        rows.append({"key": list(key), "values": values})
    described = [{"updated": said["updated"], "label": said["label"], "source": said["source"]}]
    return as_json({"columns": columns, "comments": [], "data": rows, "metadata": described})


WRITERS = {"json-stat2": as_json, "json-stat": version_1, "json": px_json}
