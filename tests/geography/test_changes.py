"""Changes of codes are read and held against the register, all problems at once."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.errors import CatalogError
from healthindicators.geography.changes import Change, Kind, carried, split_sources
from healthindicators.geography.register import parse
from tests.geography.making import CHANGES, REGISTER, TOWNS, WAVES, made, register_of

MADE = made()


def replaced(index, line):
    return [*WAVES[:index], line, *WAVES[index + 1 :]]


def told(towns, changes):
    with pytest.raises(CatalogError) as raised:
        register_of(towns, changes)
    return [str(p) for p in raised.value.problems]


def test_a_change_is_typed_and_frozen():
    split = next(c for c in MADE.changes if c.new == "X-N")
    assert split == Change("X-D", "X-N", 2020, Kind.SPLIT, 0.75, "stated", "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        split.weight = 1.0


def test_a_country_without_the_file_has_no_changes():
    assert (
        parse("X", f"{REGISTER}X,country,Landet,,,,0,\nA,municipality,Alene,,,,2007,\n").changes
        == ()
    )


def test_years_are_included_and_a_change_is_on_the_first_of_january():
    assert [g.code for g in MADE.edition(2017)] == ["A", "B", "C", "D", "E", "F"]
    assert [g.code for g in MADE.edition(2018)] == ["AB", "C", "D", "E", "F"]
    assert [g.code for g in MADE.edition(2024)] == ["CD", "E", "N", "Z"]
    assert MADE.municipalities == MADE.edition(2024)
    assert [g.code for g in MADE.former] == ["A", "AB", "B", "C", "D", "F"]


@pytest.mark.parametrize(
    ("towns", "changes", "problem"),
    [
        (TOWNS, replaced(0, ("A", "Q", 2018, "merge", 1)), "changes of X:2: 'X-Q' is no municipality"),
        (TOWNS, replaced(0, ("A", "R", 2018, "merge", 1)), "changes of X:2: 'X-R' is no municipality"),
        (TOWNS, replaced(3, ("D", "CD", 2020, "split", 0.35)), "'X-D' in 2020 sum to 1.1, not to 1"),
        (TOWNS, [*WAVES, ("C", "N", 2020, "merge", 1)], "'X-C' changes twice in 2020, and not as a"),
        (TOWNS, [*WAVES, WAVES[0]], "'X-A' goes to the same code twice in 2018"),
        (TOWNS, WAVES[:-1], "'X-AB' ends with 2023 and has no successor"),
        (TOWNS, WAVES[:-1], "'X-Z' begins in 2024 and nothing becomes it"),
        (TOWNS, replaced(6, ("AB", "Z", 2023, "renumber", 1)), "'X-AB' changes in 2023 and is valid"),
        (TOWNS, replaced(6, ("AB", "Z", 2023, "renumber", 1)), "'X-Z' comes of a change in 2023 and"),
        (TOWNS, [*WAVES, ("A", "AB", 2019, "renumber", 1)], "'X-A' changes in 2019 and is not valid"),
        (TOWNS, replaced(0, ("A", "AB", 2018, "renumber", 1)), "is no renumber: others become it too"),
        (TOWNS, replaced(5, ("F", "E", 2020, "renumber", 1)), "is no renumber: others become it too"),
        (TOWNS, replaced(6, ("AB", "Z", 2024, "merge", 1)), "is no merge: nothing else becomes it"),
        (TOWNS, replaced(0, ("A", "AB", 2018, "swap", 1)), "changes of X:2: not a change: 'swap'"),
        (TOWNS, replaced(0, ("A", "AB", "soon", "merge", 1)), "changes of X:2: not a change: invalid"),
        (TOWNS, replaced(0, ("A", "AB", 2018, "merge", 0.5)), "of a merge the whole goes, not 0.5"),
        (TOWNS, replaced(3, ("D", "CD", 2020, "split", -1)), "weight -1 is not above 0 and at most 1"),
        (TOWNS, replaced(3, ("D", "CD", 2020, "split", "nan")), "weight nan is not above 0"),
        ([*TOWNS, ("G", 2013, 2015)], WAVES, "'X-G' ends with 2015 and has no successor"),
        ([*TOWNS, ("G", 2015, "")], WAVES, "'X-G' begins in 2015 and nothing becomes it"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told(towns, changes, problem):
    assert any(problem in line for line in told(towns, changes)), told(towns, changes)


def test_all_problems_are_told_at_once():
    lines = told(TOWNS, [("Q", "P", 2018, "renumber", 1), ("A", "AB", 2018, "swap", 1), *WAVES[2:]])
    assert [line[:14] for line in lines] == ["changes of X:3", "changes of X:2", "changes of X:2"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("old,new\n", "changes of X:1: the first line is not the header"),
        (f"{CHANGES}A,B,2020\n", "changes of X:2: not a change: more or fewer fields"),
        (f"{CHANGES}A,B,2020,merge,1,,,,\n", "changes of X:2: not a change: more or fewer fields"),
        (f"{CHANGES}A,B,2020,split,0.5,,\n", "a split says where its weight is from"),
    ],
)
def test_a_file_that_is_not_laid_out_as_it_should_be(text, problem):
    with pytest.raises(CatalogError) as raised:
        parse("X", f"{REGISTER}A,municipality,Alene,,,,2013,\n", text)
    assert problem in str(raised.value)


def test_two_codes_that_are_exchanged_in_one_year_are_no_chain():
    """An old code and a new one of one year are of two editions, though they are written alike."""
    register = register_of(
        [("A", 2013, ""), ("B", 2013, "")],
        [("A", "B", 2020, "renumber", 1), ("B", "A", 2020, "renumber", 1)],
    )
    assert carried(register.changes, ["X-A", "X-B"], 2019) == {"X-A": {"X-B": 1}, "X-B": {"X-A": 1}}


def test_chains_compose_and_weights_multiply():
    shares = carried(MADE.changes, ["X-A", "X-D", "X-E", "X-F"], 2013)
    assert shares == {
        "X-A": {"X-Z": 1}, "X-D": {"X-CD": 0.25, "X-N": 0.75}, "X-E": {"X-E": 1}, "X-F": {"X-E": 1},
    }  # fmt: skip
    twice = (*MADE.changes, Change("X-N", "X-P", 2025, Kind.SPLIT, 0.5, "b"),
             Change("X-N", "X-CD", 2025, Kind.SPLIT, 0.5, "b"))  # fmt: skip
    assert carried(twice, ["X-D"], 2019)["X-D"] == {"X-CD": 0.625, "X-P": 0.375}
    assert split_sources(twice, "X-D", 2019) == ("b", "stated")
    assert split_sources(twice, "X-D", 2019, 2020) == ("stated",)
    assert split_sources(twice, "X-A", 2013) == ()


def test_a_split_whose_parts_come_together_again_is_whole():
    shares = {"B": 0.1, "C": 0.2, "D": 0.7}
    changes = [Change("X-A", f"X-{n}", 2020, Kind.SPLIT, w, "s") for n, w in shares.items()]
    changes += [Change(f"X-{n}", "X-E", 2024, Kind.MERGE) for n in "BCD"]
    assert carried(changes, ["X-A"], 2019) == {"X-A": {"X-E": 1.0}}


@given(st.integers(2010, 2026), st.integers(2010, 2026))
def test_shares_sum_to_one_between_any_two_years(since, to):
    shares = carried(MADE.changes, [g.id for g in MADE.edition(since)], since, to)
    assert all(sum(parts.values()) == pytest.approx(1) for parts in shares.values())
