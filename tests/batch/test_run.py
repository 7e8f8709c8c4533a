"""A batch makes what has changed and nothing else, and accounts for all of it, whatever ends it."""

import json
import os
import signal

import pytest

from healthindicators import build
from healthindicators.batch import account, record
from healthindicators.batch.account import Ending, Status
from healthindicators.batch.run import make_all
from healthindicators.report import place
from healthindicators.report.runner import Failure
from tests.batch.making import ISLANDS, Maker, add_cell, requests_of, run, with_figures

STEM = "denmark-2021-2030.da"


@pytest.fixture
def islands(workspace, processed):
    """The requests of three small islands."""
    with_figures(workspace, processed)
    return requests_of(workspace)


def path_of(workspace, request, name):
    return workspace.report(request.edition, request.country.id, request.geo) / name


def accounts(workspace):
    return account.read(workspace.country_reports("2026", "DK") / account.NAME)


def statuses(batch):
    return [str(batch.of(request).status) for request in batch.requests]


def test_all_are_made_once_and_then_none(workspace, islands):
    first, maker = run(workspace, islands)
    assert maker.made == list(ISLANDS)
    assert str(first) == "3 of 3 reports: 3 made, 0 unchanged, 0 failed."
    second, maker = run(workspace, islands)
    assert maker.made == []
    assert str(second) == "3 of 3 reports: 0 made, 3 unchanged, 0 failed."
    assert second.problems == []


def test_two_runs_give_the_same_records(workspace, islands):
    run(workspace, islands)
    paths = [record.path_of(workspace, request) for request in islands]
    first = [path.read_bytes() for path in paths]
    _, maker = run(workspace, islands, again=True)
    assert maker.made == list(ISLANDS)
    assert [path.read_bytes() for path in paths] == first


def edit(path):
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def shorten(path):
    path.write_bytes(path.read_bytes()[:-1])


def remove(path):
    path.unlink()


@pytest.mark.parametrize("spoil", [edit, shorten, remove])
@pytest.mark.parametrize(
    "name", [place.FIGURES, f"{STEM}.html", f"{STEM}.ipynb", f"{STEM}{record.ENDING}"]
)
def test_a_report_that_is_not_whole_is_made_again_and_no_other(workspace, islands, name, spoil):
    run(workspace, islands)
    spoil(path_of(workspace, islands[1], name))
    batch, maker = run(workspace, islands)
    assert maker.made == [ISLANDS[1]]
    assert statuses(batch) == ["unchanged", "made", "unchanged"]


def test_a_changed_notebook_changes_every_report(workspace, islands):
    run(workspace, islands)
    add_cell(workspace, "page.figures")
    assert run(workspace, islands)[1].made == list(ISLANDS)


def test_a_change_that_no_report_shows_makes_none_and_is_looked_at_once(workspace, islands):
    run(workspace, islands)
    path = record.path_of(workspace, islands[0])
    before = record.read(path)
    with workspace.lock.open("a", encoding="utf-8") as lock:
        lock.write("# nothing was pinned anew\n")
    build.opened(workspace, "DK")
    assert run(workspace, islands)[1].made == []
    after = record.read(path)
    assert after.common != before.common
    assert (after.inputs, after.files) == (before.inputs, before.files)


def test_another_language_is_another_report(workspace, islands):
    run(workspace, islands)
    english = requests_of(workspace, language="en")
    assert run(workspace, english)[1].made == list(ISLANDS)
    assert run(workspace, islands)[1].made == []
    assert set(accounts(workspace)) == {STEM, "denmark-2021-2030.en"}


def test_failures_are_told_in_order_and_stop_no_other(workspace, islands):
    def fail(request):
        return Failure("no ferry", "cell 7 (page.areas())") if request.geo.id != "DK-741" else None

    batch, maker = run(workspace, islands[::-1], fail)
    assert maker.made == ["DK-741"]
    assert [str(problem) for problem in batch.problems] == [
        "DK-563 Fanø, cell 7 (page.areas()): no ferry",
        "DK-825 Læsø, cell 7 (page.areas()): no ferry",
    ]
    told = accounts(workspace)[STEM]
    assert told.ending is Ending.FAILED
    assert [(f.municipality, f.cell, f.message) for f in told.failures] == [
        ("DK-825", "cell 7 (page.areas())", "no ferry"),
        ("DK-563", "cell 7 (page.areas())", "no ferry"),
    ]


def test_the_account_tells_inputs_versions_digests_and_times(workspace, islands):
    batch, _ = run(workspace, islands)
    told = accounts(workspace)[STEM]
    assert told.ending is Ending.DONE
    assert told.counts == {Status.MADE: 3, Status.UNCHANGED: 0, Status.FAILED: 0, Status.LEFT: 0}
    assert {"python", "platform", "numpy", "plotly"} <= set(told.versions)
    assert set(told.inputs.processed) == set(build.TABLES)
    assert told.started.endswith("+00:00")
    assert (told.engine, told.limits["seconds"]) == ("fork", 120.0)
    assert told.jobs >= 1
    assert told.seconds >= 0
    for request, entry in zip(islands, told.reports, strict=True):
        found = batch.of(request).record
        assert (entry.municipality, entry.status) == (request.geo.id, Status.MADE)
        assert (entry.inputs, entry.files, entry.seconds) == (found.inputs, found.files, 0.25)
        assert set(entry.files) == {"figures.csv", f"{STEM}.html", f"{STEM}.ipynb"}


def test_reports_that_were_not_asked_for_stay_in_the_account(workspace, islands):
    _, second, third = islands
    failing = {third.geo.id: Failure("no ferry today", "cell 7")}
    run(workspace, islands, lambda request: failing.get(request.geo.id))
    before = accounts(workspace)[STEM]
    run(workspace, [second], again=True)
    told = accounts(workspace)[STEM]
    assert told.counts[Status.MADE] == 1
    assert told.counts[Status.FAILED] == 0
    assert [entry.municipality for entry in told.reports] == [r.geo.id for r in islands]
    assert (told.reports[0], told.reports[2]) == (before.reports[0], before.reports[2])
    assert told.failures == before.failures
    run(workspace, [third])
    assert accounts(workspace)[STEM].failures == []
    assert {e.status for e in accounts(workspace)[STEM].reports} == {Status.MADE}


def test_an_account_that_cannot_be_read_is_begun_anew(workspace, islands):
    path = workspace.country_reports("2026", "DK") / account.NAME
    path.parent.mkdir(parents=True)
    path.write_text('{"half":')
    run(workspace, islands)
    assert set(json.loads(path.read_bytes())) == {STEM}


def test_an_account_that_cannot_be_written_is_a_trouble_and_the_reports_stay(workspace, islands):
    path = workspace.country_reports("2026", "DK") / account.NAME
    (path / "in the way").mkdir(parents=True)
    batch, _ = run(workspace, islands)
    assert batch.whole == 3
    assert "Cannot write" in str(batch.problems[0])


def stopper(number):
    """Stop this process by a signal before the second report."""

    def stop(request):
        if request.geo.id == ISLANDS[1]:
            os.kill(os.getpid(), number)

    return stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_accounted_for_and_the_next_run_goes_on(workspace, islands, number):
    before = signal.getsignal(signal.SIGTERM)
    batch, maker = run(workspace, islands, stopper(number))
    assert batch.stopped == number
    assert maker.closed
    assert statuses(batch) == ["made", "left", "left"]
    assert str(batch) == "1 of 3 reports: 1 made, 0 unchanged, 0 failed, 2 left."
    assert accounts(workspace)[STEM].ending is Ending.STOPPED
    assert signal.getsignal(signal.SIGTERM) is before
    again, maker = run(workspace, islands)
    assert maker.made == list(ISLANDS[1:])
    assert again.whole == 3


def test_a_report_made_while_figures_were_built_anew_has_no_record(workspace, islands):
    def rebuild(request):
        if request.geo.id == ISLANDS[1]:
            stamp = workspace.processed("DK") / build.STAMP
            stamp.write_text(stamp.read_text().replace('estimates = "', 'estimates = "0'))

    batch, _ = run(workspace, islands, rebuild)
    assert statuses(batch) == ["made", "failed", "failed"]
    assert "built anew" in str(batch.problems[0])
    assert not record.path_of(workspace, islands[1]).exists()


def test_progress_is_told_the_number_to_make_and_each_end(workspace, islands):
    run(workspace, islands[:1])
    told = []

    class Show:
        def __init__(self, total):
            told.append(total)

        def __enter__(self):
            return lambda: told.append("ended")

        def __exit__(self, *error):
            told.append("closed")

    make_all(workspace, islands, show=Show, make=Maker())
    assert told == [2, "ended", "ended", "closed"]


def test_what_a_dead_process_left_half_written_is_removed(workspace, islands):
    folder = workspace.edition("2026") / "DK" / "DK-563-fanoe"
    folder.mkdir(parents=True)
    dead = folder / f".{STEM}.html.{2**22 + 1}.part"  # no process of Linux has so high a number
    live = folder / f".another.html.{os.getpid()}.part"
    for path in (dead, live):
        path.write_text("half")
    run(workspace, islands)
    assert not dead.exists()
    assert live.exists()
