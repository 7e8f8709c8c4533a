"""A loopback PxWebApi 2: executes selections, limits and errors as its server does.

Its reading of selections shares nothing with the package's.
"""

import fnmatch
import json
import math
import re
from dataclasses import dataclass, field

from tests.services.cubes import json_stat, population
from tests.services.loopback import Answer, Service, as_json

URL_LIMIT = 2100


class RefusedError(Exception):
    def __init__(self, title, status=400, inner=None):
        super().__init__(title)
        self.answer = as_json(
            {"type": "Parameter error", "title": title, "status": inner or status}, status
        )


@dataclass
class PxWebApi2(Service):
    tables: list = field(default_factory=lambda: [population()])
    most_cells: int = 800_000
    told_cells: int | None = None
    """What the configuration says, where it is not the limit."""
    too_many: int = 400
    languages: tuple = ("no", "en")

    def answer(self, question):
        try:
            return self.route(question)
        except RefusedError as error:
            return error.answer

    def route(self, question):
        if question.length > URL_LIMIT:
            return Answer(404, b"<html>Not found</html>", "text/html")
        language = question.one("lang")
        if language and language not in self.languages:
            raise RefusedError("Unsupported language")
        match question.path.strip("/").split("/"):
            case [first] if first.casefold() == "config":
                return as_json(self.config())
            case [first] if first.casefold() == "tables":
                return self.listed(question)
            case [first, name] if first.casefold() == "codelists":
                return self.codelist(name)
            case [_, name, "metadata"]:
                return self.metadata(self.table(name, 404))
            case [_, name, "data"]:
                return self.data(self.table(name, 400), question)
        return Answer(404, b"", "text/plain")

    def config(self):
        most = self.most_cells if self.told_cells is None else self.told_cells
        return {
            "apiVersion": "2.2.0",
            "languages": [{"id": name, "label": name} for name in self.languages],
            "maxDataCells": most,
            "maxCallsPerTimeWindow": self.rate.calls or 30,
            "timeWindow": int(self.rate.seconds) or 60,
            "defaultDataFormat": "json-stat2",
            "dataFormats": ["json-stat2", "csv", "px"],
        }

    def table(self, name, status):
        for cube in self.tables:
            if cube.id.casefold() == name.casefold():
                return cube
        raise RefusedError("Non-existent table", status, 404)

    def listed(self, question):
        size, page = int(question.one("pageSize", "20")), int(question.one("pageNumber", "1"))
        pages = max(1, math.ceil(len(self.tables) / size))
        if page > pages:
            raise RefusedError("Non-existent page", 404)
        some = self.tables[(page - 1) * size : page * size]
        return as_json(
            {
                "tables": [{"id": cube.id, "label": cube.title} for cube in some],
                "page": {"pageNumber": page, "pageSize": size, "totalPages": pages},
            }
        )

    def codelist(self, name):
        for cube in self.tables:
            for variable in cube.variables:
                for own, codes in variable.lists.items():
                    if own.casefold() == name.casefold():
                        values = [
                            {"code": code, "label": label, "valueMap": list(parts)}
                            for code, (label, parts) in codes.items()
                        ]
                        return as_json({"id": own, "label": own, "values": values})
        raise RefusedError("Non-existent codelist", 404)

    def metadata(self, cube):
        said = json_stat(cube, {v.code: ("", list(v.values)) for v in cube.variables})
        said.pop("status", None)
        return as_json({**said, "value": []})

    def data(self, cube, question):
        if question.one("outputFormat", "json-stat2") != "json-stat2":
            raise RefusedError("Unsupported output format")
        selection, placement = self.asked(question)
        chosen = self.chosen(cube, selection) if selection else default(cube)
        if math.prod(len(codes) for _, codes in chosen.values()) > self.most_cells:
            raise RefusedError("Too many cells selected", self.too_many)
        return as_json(json_stat(cube, chosen, placed(cube, chosen, placement)))

    def asked(self, question):
        """Return [(variable, code list, expressions)] and the placement."""
        if question.method == "POST":
            try:
                body = json.loads(question.body)
                found = [
                    (s["variableCode"], s.get("codelist") or "", s["valueCodes"])
                    for s in body["selection"]
                ]
            except (ValueError, KeyError, TypeError) as error:
                raise RefusedError("Illegal body") from error
            return found, body.get("placement")
        lists, found = {}, []
        for key, value in question.query:
            name = re.fullmatch(r"(\w+)\[(.+)\]", key)
            if key.casefold() == "valuecodes":
                raise RefusedError("Missing variable")
            if name and name[1].casefold() == "codelist":
                lists[name[2].casefold()] = value
            elif name and name[1].casefold() == "valuecodes":
                codes = re.findall(r"\[[^\]]*\]|[^,\[\]]+(?:\([^)]*\))?", value)
                found.append((name[2], [c.strip("[]") for c in codes]))
        # A code list without values is passed over without a word.
        return [(name, lists.get(name.casefold(), ""), codes) for name, codes in found], None

    def chosen(self, cube, selection):
        chosen = {}
        for name, codelist, expressions in selection:
            variable = cube.variable(name)
            if variable is None and name.casefold() == "time":
                variable = next(v for v in cube.variables if v.time)
            if variable is None or variable.code in chosen:
                raise RefusedError("Non-existent variable")
            if codelist and codelist.casefold() not in {n.casefold() for n in variable.lists}:
                raise RefusedError("Non-existent codelist")
            codes = list(variable.values_in(codelist))
            picked = set().union(*(select(text, codes, variable.time) for text in expressions))
            chosen[variable.code] = (codelist, [code for code in codes if code in picked])
        for variable in cube.variables:
            if not variable.eliminates and not chosen.get(variable.code, ("", []))[1]:
                raise RefusedError("Missing selection for mandantory variable")
        return {code: said for code, said in chosen.items() if said[1]}


def default(cube):
    """Return the small slice that comes where nothing is selected."""
    return {
        v.code: ("", list(v.values)[-1:] if v.time else list(v.values)[: 3 if at == 0 else 1])
        for at, v in enumerate(cube.variables)
    }


def placed(cube, chosen, placement):
    if not placement:
        return None
    order = [*placement.get("stub", []), *placement.get("heading", [])]
    if {name.casefold() for name in order} != {name.casefold() for name in chosen}:
        raise RefusedError("Illegal placement")
    return [cube.variable(name).code for name in order]


def select(text, codes, is_time):
    """Return the codes that one expression picks."""
    low = [code.casefold() for code in codes]
    if text.casefold() in low:
        return {codes[low.index(text.casefold())]}
    call = re.fullmatch(r"(\w+)\((.*)\)", text)
    if call:
        return called(
            call[1].casefold(), [a.strip() for a in call[2].split(",")], codes, low, is_time
        )
    if "*" in text:
        if text.count("*") > 2 or "*" in text[1:-1] or "?" in text:
            raise RefusedError("Illegal selection expression")
        return {c for c in codes if fnmatch.fnmatchcase(c.casefold(), text.casefold())}
    if "?" in text:
        return {c for c in codes if fnmatch.fnmatchcase(c.casefold(), text.casefold())}
    raise RefusedError("Non-existent value")


def called(name, arguments, codes, low, is_time):
    if name in ("top", "bottom") and len(arguments) < 3 and all(a.isdigit() for a in arguments):
        newest_first = is_time == (name == "top")
        line = list(reversed(codes)) if newest_first else list(codes)
        count, offset = int(arguments[0]), int(arguments[1]) if len(arguments) == 2 else 0
        return set(line[offset:][:count])
    if name not in ("from", "to", "range") or len(arguments) != (2 if name == "range" else 1):
        raise RefusedError("Illegal selection expression")
    if any(a.casefold() not in low for a in arguments):
        raise RefusedError("Non-existent value")
    at = [low.index(a.casefold()) for a in arguments]
    first = 0 if name == "to" else min(at)
    last = len(codes) - 1 if name == "from" else max(at)
    return set(codes[first : last + 1])
