"""Kolada's API as clients and users tell: 25 ids, pages, deleted figures, and no version 2."""

from urllib.parse import urlencode

from tests.services.opened import Opened, as_json


class Kolada(Opened):
    """`kpis` maps an id to whether it is divided by gender, `places` an id to its type, `cells`
    (kpi, place, year, gender) to a number, None, or a mapping that takes the place of the figure.
    """

    root = "/v3"

    def __init__(self, kpis, places, cells, *, groups=(), largest=5000):
        super().__init__()
        self.kpis, self.places, self.cells = kpis, places, cells
        self.groups, self.largest = groups, largest
        self.forget_next = False
        self.next_host = ""

    def elsewhere(self, path):
        if path.startswith("/v2"):
            return as_json({"detail": "Gone"}, 410)
        return as_json({"detail": "Not Found"}, 404)

    def tell(self, method, path, query, body):
        parts = path.strip("/").split("/")
        if parts[0] == "kpi" and len(parts) == 2:
            found = [self.kpi(id) for id in parts[1].split(",") if id in self.kpis]
            return self.limited(parts[1:]) or self.paged(path, query, found)
        if parts == ["municipality"]:
            found = [{"id": id, "title": f"Place {id}", "type": t} for id, t in self.places.items()]
            return self.paged(path, query, found)
        if parts == ["municipality_groups"]:
            found = [{"id": id, "title": f"Group {id}", "members": []} for id in self.groups]
            return self.paged(path, query, found)
        if parts[0] == "data" and len(parts) in (5, 7):
            return self.limited(parts[2::2]) or self.paged(path, query, self.data(parts[1:]))
        return as_json({"detail": "Not Found"}, 404)

    def kpi(self, id):
        return {
            "id": id, "title": f"Figure {id}", "description": f"What {id} means", "auspice": "X",
            "municipality_type": "A", "is_divided_by_gender": self.kpis[id], "has_ou_data": False,
            "publication_date": "2026-02-24", "prel_publication_date": None,
        }  # fmt: skip

    def limited(self, lists):
        if any(len(ids.split(",")) > 25 for ids in lists):
            return as_json({"detail": "at most 25 ids"}, 400)
        return None

    def data(self, parts):
        asked = {name: ids.split(",") for name, ids in zip(parts[::2], parts[1::2], strict=True)}
        found = {}
        for (kpi, place, year, gender), cell in self.cells.items():
            key = {"kpi": kpi, "municipality": place, "year": year}
            if all(key[name] in ids for name, ids in asked.items()):
                figure = {
                    "gender": gender,
                    "count": 1,
                    "status": "",
                    "value": cell,
                    "isdeleted": False,
                }
                figure |= cell if isinstance(cell, dict) else {}
                found.setdefault((kpi, place, year), []).append(figure)
        return [
            {"kpi": kpi, "municipality": place, "period": int(year), "values": figures}
            for (kpi, place, year), figures in found.items()
        ]

    def paged(self, path, query, items):
        asked = dict(query)
        size = min(int(asked.get("per_page", self.largest)), self.largest)
        number = int(asked.get("page", 1))
        start = (number - 1) * size
        here = items[start : start + size]
        more = start + size < len(items) and not self.forget_next
        query = urlencode({"per_page": asked.get("per_page", size), "page": number + 1})
        following = f"{self.next_host or self.host}{self.root}{path}?{query}"
        return as_json(
            {"values": here, "count": len(here), "next_url": following if more else None,
             "previous_url": None}
        )  # fmt: skip


def ids(prefix, count, width=4):
    """Return so many ids that are numbers with leading zeros."""
    return [f"{prefix}{number:0{width}d}" for number in range(1, count + 1)]
