"""How fast the statistics are, beside `phstatsmethods` in the same run.

    .venv/bin/python benchmarks/statistics.py [--rows 100000] [--few 500] [--repeats 5] [--write]

Wall clock, and CPU time of the process beside it; medians of the repeats, taken in turn. Ratios are
the figures to trust on a busy machine. Where `phstatsmethods` is installed it does the same work in
the same run, from data frames as it wants them; it gets `--few` rows, and its time is scaled up. The
values of both are compared as well. With `--write` the tables in docs/intervals.md are renewed.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import sys
import sysconfig
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

SEED = 4
AGES = 19
GROUPS = 5
LEVELS = {"2s": 0.95, "3s": 0.998}
TARGETS = {
    "100,000 proportions, rates and standardised rates together": 0.2,
    "each funnel of 100,000": 0.5,
    "slope index of 10,000 places": 0.5,
}
"""Seconds."""


@dataclass(frozen=True)
class Work:
    """Something to time; `target` names what it counts against."""

    name: str
    rows: int
    call: Callable[[], Any]
    target: str = ""


@dataclass(frozen=True)
class Took:
    """Medians of seconds."""

    wall: float
    cpu: float


def ours(rows: int) -> list[Work]:
    """Return what is timed of this package."""
    import numpy as np

    from healthindicators import statistics as st

    random = np.random.default_rng(SEED)
    n, having, deaths, persons, standard = drawn(rows)
    events, years = random.poisson(random.gamma(1, 20, rows)), random.uniform(1e3, 1e5, rows)
    mixed = np.exp(random.uniform(np.log(0.5), np.log(1e5), rows))
    tiny = random.uniform(0.01, 20, rows)
    places, few = max(rows // 10, 1), max(rows // 1_000, 1)
    groups = [random.uniform(low, high, (places, GROUPS)) for low, high in ((20, 60), (1, 9))]
    groups.append(random.uniform(0.5, 3, (places, GROUPS)))
    together, funnel, slope = TARGETS
    standardised = partial(st.directly_standardised_rate, deaths, persons, standard)
    two = having, n, having[::-1], n[::-1]
    of_ratio = partial(st.funnel_limits, 1, kind="ratio")
    return [
        Work("`wilson`", rows, partial(st.wilson, having, n), together),
        Work("`byar`", rows, partial(st.byar, events, years), together),
        Work("`directly_standardised_rate`, 19 ages", rows, standardised, together),
        Work("the same, Fay and Feuer", rows, partial(standardised, method="fay-feuer")),
        Work("`clopper_pearson`", rows, partial(st.clopper_pearson, having, n)),
        Work("`poisson_exact`", rows, partial(st.poisson_exact, events, years)),
        Work("`difference_of_proportions`", rows, partial(st.difference_of_proportions, *two)),
        Work("`ratio_of_rates`", rows, partial(st.ratio_of_rates, *two)),
        Work("`funnel_limits`, proportions", rows, partial(st.funnel_limits, 0.1, n), funnel),
        Work("`funnel_limits`, rates, mixed sizes", rows, partial(of_ratio, mixed), funnel),
        Work("the same, 99.8 %", rows, partial(of_ratio, mixed, level=0.998), funnel),
        Work("`funnel_limits`, rates, tiny places", rows, partial(of_ratio, tiny), funnel),
        Work("the same, 99.8 %", rows, partial(of_ratio, tiny, level=0.998), funnel),
        Work("`slope_index`, 5 groups", places, partial(st.slope_index, *groups), slope),
        Work("`relative_index`, 5 groups", places, partial(st.relative_index, *groups)),
        Work(
            "`between_group_variance`, 5 groups, simulated limits",
            few,
            partial(st.between_group_variance, *(part[:few] for part in groups)),
        ),
    ]


def drawn(rows: int) -> tuple[Any, ...]:
    """Return persons, those of them who have a property, and deaths and persons by age."""
    import numpy as np

    from healthindicators import statistics as st

    random = np.random.default_rng(SEED)
    n = random.integers(100, 10_000, rows)
    # With five deaths an age: phstatsmethods gives no rate under ten deaths in all.
    deaths = random.poisson(5, (rows, AGES))
    persons = random.uniform(1e3, 1e4, (rows, AGES)).round()
    return n, random.binomial(n, 0.1), deaths, persons, st.standard_weights(list(st.ESP2013))


def measured(works: list[Work], repeats: int) -> list[Took]:
    """Return the medians of all, each taken once in every round, after one that does not count."""
    import numpy as np

    rounds = [[_once(work.call) for work in works] for _ in range(repeats + 1)][1:]
    wall, cpu = np.median(rounds, axis=0).T
    return [Took(float(w), float(c)) for w, c in zip(wall, cpu, strict=True)]


def _once(call: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def table(works: list[Work], times: list[Took]) -> Iterator[str]:
    """Yield what each takes, and what that is against the targets."""
    yield "| | rows | wall clock | CPU |"
    yield "|---|---|---|---|"
    for work, took in zip(works, times, strict=True):
        yield f"| {work.name} | {work.rows:,} | {_told(took.wall)} | {_told(took.cpu)} |"
    yield ""
    yield "| | wanted | wall clock | CPU |"
    yield "|---|---|---|---|"
    for name, limit in TARGETS.items():
        counted = [t for w, t in zip(works, times, strict=True) if w.target == name]
        combine: Callable[[list[float]], float] = sum if "together" in name else max
        wall, cpu = (combine([getattr(t, part) for t in counted]) for part in ("wall", "cpu"))
        yield f"| {name} | {limit} s | {_told(wall)} | {_told(cpu)} |"


def _told(seconds: float) -> str:
    for unit, size in (("minutes", 60.0), ("s", 1.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds * 1e3:.2g} ms" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"


# Side by side


@dataclass(frozen=True)
class Pair:
    """The same figures by both packages, and how far they lie apart."""

    name: str
    rows: int
    mine: Callable[[int], Callable[[], Any]]
    """From a number of rows to the call that makes so many."""
    theirs: Callable[[], Any]
    apart: Callable[[Any], float]
    """The largest relative difference to what theirs returns."""


def pairs(few: int) -> list[Pair]:
    """Return what both make of so many rows; nothing where the other package is not installed."""
    try:
        import pandas as pd
        import PHStatsMethods
    except ImportError:
        return []

    n, having, deaths, persons, standard = drawn(few)
    frame = pd.DataFrame({"events": having, "n": n})
    ages = {"place": [p for p in range(few) for _ in range(AGES)], "standard": [*standard] * few}
    by_age = pd.DataFrame(ages | {"events": deaths.ravel(), "n": persons.ravel()})
    columns = {
        "proportions": partial(PHStatsMethods.ph_proportion, frame, "events", "n"),
        "rates": partial(PHStatsMethods.ph_rate, frame, "events", "n"),
        "directly standardised rates": partial(
            PHStatsMethods.ph_dsr,
            by_age,
            "events",
            "n",
            "standard",
            "place",
            euro_standard_pops=False,
        ),
    }
    found = [
        Pair(name, few, partial(_mine, name), call, partial(_estimates_apart, _mine(name, few)))
        for name, call in columns.items()
    ]
    funnel = partial(PHStatsMethods.calculate_funnel_limits, frame, "events", denom_col="n")
    share = having.sum() / n.sum()
    return [
        *found,
        Pair(
            "control limits of proportions, both levels",
            100,
            partial(_funnel, "proportion", share),
            partial(funnel, statistic="proportion", multiplier=100),
            partial(_proportions_apart, share),
        ),
        Pair(
            "control limits of ratios, both levels",
            100,
            partial(_funnel, "ratio", 1.0),
            partial(funnel, statistic="ratio", multiplier=1, ratio_type="isr", years_of_data=1),
            _ratios_apart,
        ),
    ]


def _mine(name: str, rows: int) -> Callable[[], Any]:
    from healthindicators import statistics as st

    n, having, deaths, persons, standard = drawn(rows)
    return {
        "proportions": partial(st.wilson, having, n),
        "rates": partial(st.byar, having, n),
        "directly standardised rates": partial(
            st.directly_standardised_rate, deaths, persons, standard
        ),
    }[name]


def _funnel(kind: str, benchmark: float, rows: int) -> Callable[[], Any]:
    """Return the limits of both levels, for sizes as phstatsmethods' own points have."""
    import numpy as np

    from healthindicators import statistics as st

    size = np.linspace(0.03, 100, rows) if kind == "ratio" else np.resize(np.arange(1, 101), rows)
    return lambda: [
        st.funnel_limits(benchmark, size, kind=kind, level=level) for level in LEVELS.values()
    ]


def _estimates_apart(call: Callable[[], Any], frame: Any) -> float:
    mine = call()
    return _apart(
        (mine.value, frame["Value"]),
        (mine.lower, frame["lower_95_ci"]),
        (mine.upper, frame["upper_95_ci"]),
    )


def _proportions_apart(share: float, frame: Any) -> float:
    from healthindicators import statistics as st

    columns = []
    for sigma, level in LEVELS.items():
        mine = st.funnel_limits(100 * share, frame["Population"], per=100, level=level)
        columns += [(getattr(mine, s), frame[f"{s}_{sigma}_limit"]) for s in ("lower", "upper")]
    return _apart(*columns)


def _ratios_apart(frame: Any) -> float:
    """Compare each limit at the number of expected events at which phstatsmethods gives it."""
    from healthindicators import statistics as st

    columns = []
    for sigma, level in LEVELS.items():
        for side in ("lower", "upper"):
            at = frame[f"{side}_{sigma}_exp_events"]
            mine = st.funnel_limits(100, at, kind="ratio", per=100, level=level)
            columns.append((getattr(mine, side), frame[f"{side}_{sigma}_limit"]))
    return _apart(*columns)


def _apart(*columns: tuple[Any, Any]) -> float:
    """Return the largest relative difference of columns; two zeros do not differ."""
    import numpy as np

    apart = []
    for one, two in columns:
        mine, theirs = np.asarray(one, dtype=float), np.asarray(two, dtype=float)
        assert mine.shape == theirs.shape
        larger = np.maximum(np.maximum(np.abs(mine), np.abs(theirs)), 1e-300)
        apart.append(float((np.abs(mine - theirs) / larger).max()))
    return max(apart)


def side_by_side(found: list[Pair], rows: int, repeats: int) -> Iterator[str]:
    """Yield the comparison: CPU time of so many rows, theirs scaled up from few."""
    if not found:
        yield "`phstatsmethods` is not installed here, so nothing is compared."
        return
    version = importlib.metadata.version("phstatsmethods")
    yield (
        f"CPU time for {rows:,} rows beside `phstatsmethods` {version} in the same run; its time is "
        f"that of {found[0].rows:,} rows (control limits: its 100 points), scaled up."
    )
    yield ""
    yield (
        "| | here | `phstatsmethods` | times faster | with equally few rows, not scaled "
        "| largest relative difference of values |"
    )
    yield "|---|---|---|---|---|---|"
    for pair in found:
        whole, same, theirs = measured(
            [Work("", n, c) for n, c in ((rows, pair.mine(rows)), (pair.rows, pair.mine(pair.rows)),
                                         (pair.rows, pair.theirs))],
            repeats,
        )  # fmt: skip
        scaled = theirs.cpu * rows / pair.rows
        yield (
            f"| {pair.name} | {_told(whole.cpu)} | {_told(scaled)} | {scaled / whole.cpu:,.0f} "
            f"| {theirs.cpu / same.cpu:,.0f} | {pair.apart(pair.theirs()):.0e} |"
        )


def main() -> None:
    """Measure, compare, print, and write where that was asked for."""
    from coverage import PAGE, renew

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--few", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    works = ours(given.rows)
    lines = list(table(works, measured(works, given.repeats)))
    with warnings.catch_warnings():
        # What the other package warns of is not ours to tell.
        warnings.simplefilter("ignore")
        lines += ["", *side_by_side(pairs(given.few), given.rows, given.repeats)]
    day = datetime.datetime.now(tz=datetime.UTC).date()
    asked = " ".join(f"--{name} {getattr(given, name)}" for name in ("rows", "few", "repeats"))
    text = f"`python benchmarks/statistics.py {asked}`, {day}.\n\n" + "\n".join(lines)
    print(text)
    if given.write:
        renew(PAGE, "speed", text)


if __name__ == "__main__":
    main()
elif __name__ == "statistics":
    # A script beside this one that says `import statistics`, or has a library do so, finds this file
    # first and means Python's own module. It gets it.
    _path = Path(sysconfig.get_path("stdlib")) / "statistics.py"
    _spec = importlib.util.spec_from_file_location("statistics", _path)
    assert _spec
    assert _spec.loader
    _standard = sys.modules["statistics"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_standard)
