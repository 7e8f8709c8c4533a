"""PxWeb's own JSON, pages of Kolada and Eurostat's two kinds of text with anything wrong in them."""

import json

from healthindicators.formats import kolada, pxjson
from healthindicators.protocols import _eurostat_text
from tests.formats import slowly_eurostat, slowly_kolada
from tests.formats.slowly_delimited import fields
from tests.fuzz import slowly_pxjson
from tests.fuzz.cases import Tally, count, draws, told, unmarked
from tests.fuzz.spoil import members_spoiled, spoiled

PXJSON = {
    "columns": [
        {"code": "Region", "text": "region", "type": "d"},
        {"code": "Tid", "text": "år", "type": "t"},
        {"code": "BE1", "text": "Antal", "type": "c"},
        {"code": "BE2", "text": "Andel", "type": "c"},
    ],
    "comments": [],
    "data": [
        {"key": ["0114", "2023"], "values": ["48000", "1.25"]},
        {"key": ["0114", "2024"], "values": ["..", "-3"]},
        {"key": ["0123", "2023"], "values": ["-", "0.0"]},
        {"key": ["0123", "2024"], "values": ["1e3", None]},
    ],
    "metadata": [{"label": "Folkmängd", "updated": "2025-06-08T06:00:00Z"}],
}
KOLADA = {
    "values": [
        {
            "kpi": "N00945",
            "municipality": "0180",
            "period": year,
            "values": [
                {"gender": "T", "count": 1, "status": "", "value": 81.5, "isdeleted": False},
                {"gender": "K", "count": 1, "status": "Privacy", "value": None, "isdeleted": False},
                {"gender": "M", "count": 1, "status": None, "value": -2, "isdeleted": True},
            ],
        }
        for year in (2022, 2023)
    ],
    "count": 2,
    "next_url": None,
}
SDMX = (
    b"DATAFLOW,LAST UPDATE,freq,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\r\n"
    b"ESTAT:T(1.0),08/06/26 23:00:00,A,DK,2020,1.5,,\r\n"
    b"ESTAT:T(1.0),08/06/26 23:00:00,A,DK,2021,-12,b,\r\n"
    b"ESTAT:T(1.0),08/06/26 23:00:00,A,NO,2020,,,C\r\n"
    b"ESTAT:T(1.0),08/06/26 23:00:00,A,NO,2021,:,u,\r\n"
)
TSV = (
    b"freq,unit,geo\\TIME_PERIOD\t2020 \t2021 \t2022 \n"
    b"A,NR,DK\t628 \t12.5 e\t: \nA,NR,NO\t: c\t-3 bp\t0n\n"
)


def test_spoiled_pxweb_json():
    body = json.dumps(PXJSON, ensure_ascii=False).encode()
    tally = Tally(lambda given: told(pxjson.read(given, where="x")), slowly_pxjson.read)
    for chance in draws("pxweb json"):
        whole = chance.random() < 0.5
        tally.judge(spoiled(body, chance) if whole else members_spoiled(PXJSON, chance))
    tally.close(count("pxweb json"))


def test_spoiled_pages_of_kolada():
    body = json.dumps(KOLADA).encode()
    tally = Tally(lambda given: told(kolada.read([given], where="x")), slow_pages)
    for chance in draws("kolada"):
        whole = chance.random() < 0.5
        tally.judge(spoiled(body, chance) if whole else members_spoiled(KOLADA, chance))
    tally.close(count("kolada"))


def slow_pages(body):
    return slowly_kolada.read([body])


def read_text(body):
    cube = _eurostat_text.read(body, where="x")
    cells = told(cube)
    return {
        tuple(sorted(zip(cube.dimensions, key, strict=True))): cell for key, cell in cells.items()
    }


def slow_sdmx(body):
    """Read as `slowly_eurostat.sdmx`, which knows no quotation marks, once these are taken away."""
    lines = unmarked(body).decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    records = [fields(line, ",") for line in lines]
    assert not any("," in text for record in records for text in record)
    return slowly_eurostat.sdmx("\n".join(map(",".join, records)).encode("utf-8-sig"))


def test_spoiled_sdmx():
    tally = Tally(read_text, slow_sdmx)
    for chance in draws("sdmx"):
        tally.judge(spoiled(SDMX, chance))
    tally.close(count("sdmx"))


def test_spoiled_tsv():
    tally = Tally(read_text, lambda given: slowly_eurostat.tsv(unmarked(given)))
    for chance in draws("tsv"):
        tally.judge(spoiled(TSV, chance))
    tally.close(count("tsv"))
