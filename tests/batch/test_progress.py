"""Progress: a bar on a terminal, a line now and then elsewhere, and never a thread."""

import io
import threading

import pytest
from rich.console import Console

from healthindicators.batch import progress as module
from healthindicators.batch.progress import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_short_batch_says_nothing_where_there_is_no_terminal(clock):
    console = Console(file=io.StringIO())
    with progress(console, 3) as advance:
        for _ in range(3):
            clock[0] += 1
            advance()
    assert console.file.getvalue() == ""


def test_a_long_batch_tells_count_rate_and_remaining_time_now_and_then(clock):
    console = Console(file=io.StringIO(), width=100)
    with progress(console, 100) as advance:
        for _ in range(100):
            clock[0] += 0.5
            advance()
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "30 of 100 reports, 2.0 a second, about 35 s left."
    assert len(lines) == 3


def test_a_bar_is_drawn_without_a_thread():
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    before = threading.active_count()
    with progress(console, 4) as advance:
        for _ in range(4):
            advance()
            assert threading.active_count() == before
    drawn = console.file.getvalue()
    assert "4/4" in drawn
    assert "a second" in drawn


def test_a_bar_is_drawn_ten_times_a_second_at_most(monkeypatch, clock):
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with progress(console, 1000) as advance:
        for _ in range(1000):
            clock[0] += 0.001
            advance()
    assert 10 <= console.file.getvalue().count("/1000") <= 14


def test_where_nothing_is_to_be_made_nothing_is_shown():
    console = Console(file=io.StringIO(), force_terminal=True)
    with progress(console, 0):
        pass
    assert console.file.getvalue() == ""
