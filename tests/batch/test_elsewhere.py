"""The real command elsewhere: the same bytes, the same account, nothing made that is whole."""

import json
from contextlib import nullcontext

import distributed
import pytest

from healthindicators.batch import account, claim, elsewhere, record, remote
from healthindicators.batch.claim import Claim, ClaimError
from healthindicators.batch.elsewhere import Where
from healthindicators.batch.inputs import Inputs
from healthindicators.batch.remote import Place
from healthindicators.batch.run import Options
from healthindicators.report.parameters import resolve
from healthindicators.report.runner import FORK
from tests.batch.shelf import digests
from tests.conftest import command, copied_workspace

NAMES = ("Fanø", "Samsø")
TIMES = {"started", "seconds", "jobs"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Inputs with figures built by the first who asks, and a scratch folder that tests share."""
    return copied_workspace(tmp_path_factory.mktemp("elsewhere") / "w")


@pytest.fixture(autouse=True)
def scratch(home, monkeypatch):
    monkeypatch.setenv(remote.SCRATCH, str(home.root.parent / "scratch"))


@pytest.fixture(scope="module")
def here(home):
    """The same reports made in the ordinary way, beside the inputs."""
    workspace = copied_workspace(home.root.parent / "here")
    told = command(workspace, "report", *NAMES)
    assert told.returncode == 0, told.stderr
    return workspace.root / "reports"


def make(home, outputs, names=NAMES, **where):
    """Make reports elsewhere and return the batch and the addresses of its indexes."""
    with elsewhere.opened(Where(inputs=str(home.root), outputs=str(outputs), **where)) as driver:
        requests = [resolve(driver.workspace, name) for name in names]
        batch = driver.make_all(
            requests, Options(engine=FORK), lambda total: nullcontext(lambda: None)
        )
        return batch, driver.indexes(batch)


def untimed(path):
    """An account without what differs from run to run."""
    (run,) = json.loads(path.read_bytes()).values()
    run["reports"] = [{**report, "seconds": 0, "asked": ""} for report in run["reports"]]
    return {key: value for key, value in run.items() if key not in TIMES}


def test_reports_of_two_workers_are_those_of_this_machine(home, here, tmp_path):
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
    ) as machines:
        batch, (index,) = make(home, tmp_path / "out", scheduler=machines.scheduler_address, size=1)
    assert batch.problems == []
    assert str(batch) == "2 of 2 reports: 2 made, 0 unchanged, 0 failed."
    assert index == f"{tmp_path}/out/2026/DK/index.html"
    there = tmp_path / "out"
    account_name = f"2026/DK/{account.NAME}"
    apart = {account_name, "2026/.batch.lock"}
    expected = {name: d for name, d in digests(here).items() if name not in apart}
    assert {name: d for name, d in digests(there).items() if name not in apart} == expected
    assert untimed(there / account_name) == untimed(here / account_name)


def test_what_is_whole_at_its_address_is_not_made_again(home):
    outputs = f"memory://{home.root}/out"
    batch, _ = make(home, outputs)
    assert str(batch) == "2 of 2 reports: 2 made, 0 unchanged, 0 failed."
    batch, _ = make(home, outputs)
    assert str(batch) == "2 of 2 reports: 0 made, 2 unchanged, 0 failed."
    Place(outputs).remove("2026/DK/DK-741-samsoe/figures.csv")
    batch, _ = make(home, outputs)
    assert str(batch) == "2 of 2 reports: 1 made, 1 unchanged, 0 failed."
    assert claim.holder(Place(outputs), "2026") == {}


def test_a_change_that_a_report_does_not_show_renews_its_record_only(home, tmp_path):
    make(home, tmp_path, NAMES[:1])
    path = next(tmp_path.glob(f"2026/DK/*/*{record.ENDING}"))
    now = path.read_bytes()
    path.write_bytes(now.replace(json.loads(now)["common"].encode(), b"0" * 64))
    batch, _ = make(home, tmp_path, NAMES[:1])
    assert str(batch) == "1 of 1 reports: 0 made, 1 unchanged, 0 failed."
    assert path.read_bytes() == now


def test_an_edition_that_another_run_holds_is_refused(home, tmp_path):
    with Claim(Place(str(tmp_path)), "2026"), pytest.raises(ClaimError, match="Another run works"):
        make(home, tmp_path)


def test_a_second_framework_or_run_keeps_the_account_and_index_of_the_first(home, tmp_path):
    make(home, tmp_path, ["Fanø"])
    make(home, tmp_path, ["Samsø"])
    index = (tmp_path / "2026/DK/index.html").read_text(encoding="utf-8")
    assert "DK-563-fanoe/" in index
    assert "DK-741-samsoe/" in index


def test_the_plan_of_a_copy_is_that_of_the_original(home, tmp_path):
    with elsewhere.opened(Where(inputs=str(home.root), outputs=str(tmp_path))) as driver:
        request = resolve(driver.workspace, "Fanø")
        with elsewhere.opened(
            Where(inputs=str(driver.workspace.root), outputs="memory://x")
        ) as copy:
            assert Inputs(copy.workspace).common(request) == Inputs(driver.workspace).common(
                request
            )


def test_an_address_without_inputs_is_told_without_a_traceback(workspace, tmp_path):
    told = command(workspace, "reports", "--inputs", str(tmp_path / "none"))
    assert told.returncode == remote.RemoteError.exit_code
    assert "no data/raw/lock.toml" in told.stderr
    assert "Traceback" not in told.stderr
