"""Conversations with StatBank, FHI, Kolada and Eurostat of which one answer is spoiled."""

from contextlib import contextmanager

from healthindicators.protocols import eurostat, fhi, kolada, statbank
from tests.formats import slowly_kolada, slowly_statbank
from tests.fuzz.cases import unmarked
from tests.fuzz.talk import Talk, by_name, fuzz_figures, fuzz_the_rest, slow_json_stat
from tests.services.opened import lead
from tests.traps import test_traps_services as small


def is_data(request):
    return "/data" in request.url and "statistics" not in request.url


@contextmanager
def talk(service, protocol, code, dimensions, **options):
    name = protocol.__name__.rpartition(".")[2]
    with service:
        question = small.ask(name, service.base, code, dimensions, **options)
        yield Talk(protocol, question, lead(protocol, question), is_data)


def bank():
    service = small.bank()
    cells = service.tables["folk"].cells
    cells["101", "1", "2023K1"] = 0
    cells["101", "2", "2023K1"] = None
    del cells["000", "1", "2023K1"]
    for period in small.PERIODS[:1]:
        for sex in "12":
            del cells["0301", sex, period]
    return talk(service, statbank, "FOLK", small.EVERYTHING)


def test_figures_of_statbank():
    asked = {"OMRÅDE": ["000", "0301", "101"], "KØN": ["1", "2"], "Tid": small.PERIODS}

    def slow(bodies):
        (body,) = map(unmarked, bodies)
        return by_name(asked, slowly_statbank.read(body, asked=asked, time="Tid", decimal="."))

    with bank() as told:
        fuzz_figures("statbank, figures", told, slow)


def test_what_statbank_says_of_its_figures():
    with bank() as told:
        fuzz_the_rest("statbank, the rest", told)


def health():
    service = small.health()
    cells = service.tables["nokkel/1"].cells
    for place, key in enumerate(cells):
        cells[key] = place + 0.5
    cells["0301", "2021_2021", "RATE"] = "k"
    cells["03", "2021_2021", "RATE"] = None
    return talk(service, fhi, "nokkel/1", dict.fromkeys(small.FHI, small.ALL), cells=6)


def test_figures_of_fhi():
    with health() as told:
        fuzz_figures("fhi, figures", told, slow_json_stat)


def test_what_fhi_says_of_its_figures():
    with health() as told:
        fuzz_the_rest("fhi, the rest", told)


FEW = {"kpi": ["N00945"], "municipality": ["000*"], "year": ["2022", "2023"], "gender": ["T"]}


def sweden():
    service = small.sweden(largest=7)
    service.cells["N00945", "0003", "2023", "T"] = {"value": 9.5, "isdeleted": True}
    del service.cells["N00945", "0004", "2023", "T"]
    return talk(service, kolada, "", FEW)


def test_figures_of_kolada():
    places = [f"{number:04d}" for number in range(1, 10)]
    asked = [("N00945", place, year, "T") for place in places for year in FEW["year"]]

    def slow(bodies):
        cells = slowly_kolada.read(bodies)
        assert {key for key in cells if key[3] == "T"} <= set(asked)
        return by_name(FEW, {key: cells.get(key, (None, "..")) for key in asked})

    with sweden() as told:
        fuzz_figures("kolada, figures", told, slow)


def test_what_kolada_says_of_its_figures():
    with sweden() as told:
        fuzz_the_rest("kolada, the rest", told)


def europe():
    return talk(small.europe(at_once=2), eurostat, "t", dict.fromkeys(small.GEOS, small.ALL))


def test_figures_of_eurostat():
    def slow(bodies):
        cells = slow_json_stat(bodies)
        return {
            key: cell if any(cell) or cell[0] == 0 else (None, ":") for key, cell in cells.items()
        }

    with europe() as told:
        fuzz_figures("eurostat, figures", told, slow)


def test_what_eurostat_says_of_its_figures():
    with europe() as told:
        fuzz_the_rest("eurostat, the rest", told)
