"""The fuzzing is as large as it says: each run is made once, and all of them together are enough."""

import re
from pathlib import Path

import pytest

from tests.fuzz.cases import CASES, Tally, draws

LEAST = 20_000


def test_there_are_enough_cases_without_the_published_bytes():
    assert sum(CASES.values()) >= LEAST


def test_every_run_is_made_by_one_test_that_counts_its_cases():
    text = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_fuzz_*.py"))
    for name in CASES:
        runs = re.findall(
            rf'(?:draws|fuzz_figures|fuzz_the_rest|max_examples=count)\("{name}"', text
        )
        assert len(runs) == 1, name


def test_a_case_that_is_not_refused_must_agree():
    tally = Tally(lambda given: {"a": given}, lambda given: {"a": 1})
    tally.judge(1)
    with pytest.raises(AssertionError) as caught:
        tally.judge(2)
    assert caught.value.__notes__ == ["the case: 2"]


def test_chance_is_the_same_every_time():
    first = [next(draws(name)).random() for name in CASES]
    assert first == [next(draws(name)).random() for name in CASES]
    assert len(set(first)) == len(CASES)
