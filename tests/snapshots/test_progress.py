"""What a user sees of a fetch: a bar on a terminal, a few lines anywhere else."""

import io

import pytest
from rich.console import Console

from healthindicators.errors import Problem, SourceChanged
from healthindicators.fetching.arrive import Fetched
from healthindicators.fetching.progress import TOLD, Shown


@pytest.fixture
def shown():
    """A function that shows a fetch of one table whose requests take `pause` seconds each."""

    def show(*, terminal, pause=0.0):
        file, passed = io.StringIO(), [0.0]
        console = Console(file=file, force_terminal=terminal, width=120, soft_wrap=True)
        show = Shown(console, 2, lambda: passed[0])
        with show.table("XX/service/gini") as told:
            for done in range(4):
                passed[0] += pause
                told.advance(done, 3)
            told.say("something else")
        show.ended(Fetched("XX/service/gini", 1200, 3, "gini.zip"))
        show.ended(Fetched("XX/service/area", error=SourceChanged([Problem("gone")])))
        return file.getvalue()

    return show


END = [
    "something else",
    "XX/service/gini: 1,200 cells of 3 answers, kept as gini.zip",
    "XX/service/area: not taken.",
]


def test_without_a_terminal_a_line_is_said_when_a_table_begins_and_ends(shown):
    assert shown(terminal=False).splitlines() == ["1 of 2: XX/service/gini ...", *END]


def test_a_long_fetch_says_now_and_then_how_far_it_is(shown):
    lines = shown(terminal=False, pause=TOLD).splitlines()
    assert lines[1:-3] == [f"XX/service/gini: {done} of 3 requests." for done in range(3)]


def test_a_terminal_has_a_bar_that_goes_when_the_table_ends(shown):
    text = shown(terminal=True)
    assert "1 of 2: XX/service/gini" in text
    assert "3/3" in text
    for line in END:
        assert line in text
