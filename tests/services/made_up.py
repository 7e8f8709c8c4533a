"""A protocol of a service that does not exist: a configuration, metadata that name parts, and parts."""

import json

import pandas as pd

from healthindicators.errors import DataError, Problem, SourceChanged
from healthindicators.formats import Cube
from healthindicators.formats.refusals import said
from healthindicators.model import Limits
from healthindicators.protocols import Request


def requests(ask, answered):
    base = f"{ask.source.base}/tables/{ask.table.code}"
    opening = (Request(f"{ask.source.base}/config"), Request(f"{base}/metadata"))
    for request, reply in answered.items():
        if reply.status >= 400:
            what = f"it refuses ({reply.status}): {said(reply.body, reply.media)}"
            raise SourceChanged([Problem(what, request.url)])
    if any(request not in answered for request in opening):
        return opening
    parts = json.loads(answered[opening[1]].body)["parts"]
    return (
        *opening,
        *(Request(f"{base}/data/{part}", "POST", json.dumps({"part": part})) for part in parts),
    )


def limits(ask, answered):
    told = answered.get(Request(f"{ask.source.base}/config"))
    return Limits(**json.loads(told.body)) if told else ask.source.limits


def updated(ask, answered):
    told = answered.get(Request(f"{ask.source.base}/tables/{ask.table.code}/metadata"))
    return json.loads(told.body)["updated"] if told else ""


def read(ask, answered, *, where):
    rows = []
    for request in requests(ask, answered)[2:]:
        try:
            rows += json.loads(answered[request].body)["cells"].items()
        except ValueError as error:
            raise DataError([Problem(f"not JSON: {error}", where)]) from error
    cells = pd.DataFrame(rows, columns=["geo", "value"]).astype({"value": "float64"})
    return Cube(cells.assign(symbol=""), title="Made up")
