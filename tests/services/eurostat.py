"""Eurostat's Statistics API as it is told: sparse answers, later ones, and errors in their shapes."""

import re
from itertools import product
from math import prod

from tests.services.loopback import Answer
from tests.services.opened import Opened, as_json

ID = "6a4a3b2c-0d1e-4f50-8a61-{:012d}"
SOAP = b"""<?xml version='1.0' encoding='UTF-8'?><S:Envelope><S:Body><S:Fault><faultcode>413</faultcode>
<faultstring>EXTRACTION_TOO_BIG: the requested extraction is too big</faultstring>
</S:Fault></S:Body></S:Envelope>"""
LATER = (
    "ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. Please try again later."
)


class Eurostat(Opened):
    """`cells` maps codes, in the order of the dimensions, to (value or None, flag)."""

    root = "/eurostat/api/dissemination"

    def __init__(self, code, dimensions, cells, *, at_once=500_000, at_all=5_000_000, levels=None):
        super().__init__()
        self.code, self.dimensions, self.cells = code, dimensions, cells
        self.at_once, self.at_all, self.levels = at_once, at_all, levels or {}
        self.states = []
        self.with_id = True
        self.delayed = {}

    def tell(self, method, path, query, body):
        if path == f"/statistics/1.0/data/{self.code}":
            return self.data(query)
        look = re.fullmatch(r"/1\.0/async/(status|data)/([\w-]+)", path)
        if look and look[1] == "status":
            state = self.states.pop(0) if self.states else "AVAILABLE"
            state = state if look[2] in self.delayed else "UNKNOWN_REQUEST"
            said = f"<env><status><key>{look[2]}</key><status>{state}</status></status></env>"
            return Answer(200, said.encode(), "application/xml")
        if look and look[2] in self.delayed:
            return self.stat(self.delayed[look[2]])
        return self.error(404, 100, "ERR_NOT_FOUND_4: the dataset is not there")

    def error(self, status, id, label, http=None):
        return as_json({"error": [{"status": status, "id": id, "label": label}]}, http or status)

    def data(self, query):
        asked = {}
        for key, value in query:
            if key not in ("format", "lang"):
                asked.setdefault(key, []).append(value)
        if "geo" in asked and "geoLevel" in asked:
            return self.error(400, 150, "geo and geoLevel cannot be used together")
        chosen = {}
        for name, codes in self.dimensions.items():
            wanted = asked.pop(name, None)
            strange = [code for code in wanted or () if code not in codes]
            if strange:
                return self.error(400, 150, f"ERR_BAD_PARAMETER: {name} {strange}")
            chosen[name] = [code for code in codes if wanted is None or code in wanted]
        levels = asked.pop("geoLevel", None)
        if levels:
            chosen["geo"] = [code for code in chosen["geo"] if self.levels.get(code) in levels]
        chosen["time"] = self.periods(asked, chosen["time"])
        if asked:
            return self.error(400, 150, f"ERR_BAD_PARAMETER: {sorted(asked)}")
        return self.sized(chosen)

    def periods(self, asked, periods):
        since = asked.pop("sinceTimePeriod", [""])[0]
        until = asked.pop("untilTimePeriod", ["9"])[0]
        last = int(asked.pop("lastTimePeriod", ["0"])[0])
        return [period for period in periods if since <= period <= until][-last:]

    def sized(self, chosen):
        count = prod(map(len, chosen.values()))
        if count > self.at_all:
            return Answer(413, SOAP, "text/xml")
        if count <= self.at_once or (self.delayed and not self.with_id):
            return self.stat(chosen)
        id = ID.format(len(self.delayed))
        self.delayed[id] = chosen
        warning = {"status": 413, "label": LATER} | ({"id": id} if self.with_id else {})
        return as_json({"warning": warning})

    def stat(self, chosen):
        value, status = {}, {}
        for place, key in enumerate(product(*chosen.values())):
            number, flag = self.cells.get(key, (None, ""))
            if number is not None:
                value[str(place)] = number
            if flag:
                status[str(place)] = flag
        dimension = {
            name: {"label": name, "category": {
                "index": {code: i for i, code in enumerate(codes)},
                "label": {code: f"Label {code}" for code in codes},
            }} for name, codes in chosen.items()
        }  # fmt: skip
        return as_json(
            {"version": "2.0", "class": "dataset", "label": "A data set", "source": "ESTAT",
             "updated": "2026-02-06T23:00:00+0100", "value": value, "status": status,
             "id": list(chosen), "size": [len(codes) for codes in chosen.values()],
             "dimension": dimension, "extension": {"id": self.code.upper(), "annotation": []}}
        )  # fmt: skip
