"""JSON-stat with anything wrong in it: what a slow reader reads of the same bytes, or refused."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthindicators.formats import bulk, jsonstat
from tests.formats import slowly
from tests.formats.test_jsonstat import SEEDS
from tests.fuzz.cases import TIMES, Tally, chances, count, draws, told
from tests.fuzz.spoil import members_spoiled, spoiled
from tests.real_files import real_file

BODIES = [json.dumps(said).encode() for said in SEEDS]


def read(body):
    return told(jsonstat.read(body, where="x"))


def test_spoiled_bytes():
    tally = Tally(read, slowly.read)
    for chance in draws("json-stat"):
        tally.judge(spoiled(chance.choice(BODIES), chance))
    tally.close(count("json-stat"))


def test_spoiled_members():
    tally = Tally(read, slowly.read)
    for chance in draws("json-stat, members"):
        tally.judge(members_spoiled(chance.choice(SEEDS), chance))
    tally.close(count("json-stat, members"))


words = st.text(st.sampled_from('0123 aéå"\\:,_-'), min_size=1, max_size=4)
figures = st.one_of(
    st.none(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["..", ":", "", "x"]),
)


@st.composite
def datasets(draw):
    """Draw a data set of any shape and form, of which some contradict themselves."""
    names = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    codes = {name: draw(st.lists(words, max_size=3, unique=draw(st.booleans()))) for name in names}
    cells = 1
    for name in names:
        cells *= len(codes[name])
    values = draw(st.lists(figures, min_size=cells, max_size=cells))
    if draw(st.booleans()):
        values = {str(at): value for at, value in enumerate(values) if draw(st.booleans())}
    marks = st.one_of(st.none(), st.sampled_from(["", "..", "e", "ep"]))
    status = draw(
        st.one_of(
            marks,
            st.lists(marks, min_size=cells, max_size=cells),
            st.dictionaries(st.integers(0, max(cells, 1)).map(str), marks, max_size=3),
        )
    )
    dimension = {}
    for name, own in codes.items():
        order = draw(st.permutations(own))
        as_object = {code: own.index(code) for code in order}
        dimension[name] = {"category": {"index": draw(st.sampled_from([own, as_object]))}}
    sizes = [len(codes[name]) for name in names]
    return {"id": names, "size": sizes, "dimension": dimension, "value": values, "status": status}


def test_drawn_data_sets():
    tally = Tally(read, slowly.read)

    @settings(max_examples=count("json-stat, drawn"), derandomize=True, database=None)
    @given(datasets(), st.booleans())
    def judge(said, spaced):
        separators = (" , ", " : ") if spaced else None
        tally.judge(json.dumps(said, separators=separators, ensure_ascii=spaced).encode())

    judge()
    assert tally.outcomes.total() >= count("json-stat, drawn")
    assert min(tally.outcomes["read"], tally.outcomes["refused"]) > 20


def test_long_runs_take_their_own_way(monkeypatch):
    monkeypatch.setattr(bulk, "LONG", 60)
    bodies = [
        json.dumps(a_run(sparse, kind), separators=separators).encode()
        for sparse in (False, True)
        for kind in (0, 1)
        for separators in ((",", ":"), (", ", ": "))
    ]
    assert all(ways(body) == {"numbers", "marks"} for body in bodies)
    tally, taken = Tally(read, slowly.read), Counter()
    for chance in draws("json-stat, many cells"):
        body = chance.choice(bodies)
        at = body.index(b'"value"') - 20
        case = body[:at] + spoiled(body[at:], chance)
        taken.update(ways(case))
        tally.judge(case)
    tally.close(count("json-stat, many cells"))
    assert min(taken["numbers"], taken["marks"]) > 0.3 * count("json-stat, many cells"), taken


def test_long_runs_with_members_spoiled(monkeypatch):
    monkeypatch.setattr(bulk, "LONG", 8)
    tally, taken = Tally(read, slowly.read), Counter()
    for chance in draws("json-stat, long members"):
        said = a_run(chance.random() < 0.7, chance.randrange(2))
        for key in chance.sample(["value", "status"], chance.randrange(3)):
            said[key] = shuffled(said[key], chance)
        part = {key: said.pop(key) for key in ("value", "status")}
        body = json.dumps(said)[:-1].encode() + b", " + members_spoiled(part, chance)[1:]
        taken.update(ways(body))
        tally.judge(body)
    tally.close(count("json-stat, long members"))
    assert min(taken["numbers"], taken["marks"]) > 0.2 * count("json-stat, long members"), taken


def shuffled(run, chance):
    if isinstance(run, list):
        return run
    return dict(chance.sample(list(run.items()), len(run)))


def ways(body):
    """Return what is lifted out of a body."""
    found = bulk.lift(body)[1].values()
    return {"numbers" if isinstance(run.said, np.ndarray) else "marks" for run in found}


def a_run(sparse, kind):
    values = [[1, None, 20, -3, 4.5, 0, 1e5, 12345678901][(n * n) % 8] for n in range(24)]
    values = [n * 7 for n in range(24)] if kind else values
    years = [str(year) for year in range(2000, 2024)]
    marks = ["..", ":", "", "e p", ",", "-"]
    return {
        "id": ["Tid"],
        "size": [24],
        "dimension": {"Tid": {"category": {"index": years}}},
        "value": {str(at): value for at, value in enumerate(values)} if sparse else values,
        "status": {str(at): marks[at % 6] for at in range(0, 24, 2)},
    }


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("se/v1_response_se.json", 300),
        ("dk/statbank_data_jsonstat1.json", 300),
        ("no/07459_jsonstat2_KommSummer_2022.json", 60),
        ("se/TAB6471_data.json", 30),
    ],
)
def test_published_bytes_spoiled(name, cases):
    body = real_file(name).read_bytes()
    tree = json.loads(body.decode("utf-8-sig"))
    tally = Tally(read, slowly.read)
    for chance in chances(name, cases * TIMES):
        way = chance.random() < 0.5
        tally.judge(spoiled(body, chance) if way else members_spoiled(tree, chance))
    tally.close(cases * TIMES)
