"""What many areas cost: a model from measurements, checked by simulation at 10 and 100 times the size.

    python benchmarks/scale.py --report 0.05 --latency 0.1

Costs that are not given are those that `scale_measured.py` has measured; docs/many-areas.md has the
formula, and what it leaves out.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
from bisect import bisect_right
from dataclasses import dataclass, fields, replace

from healthindicators.batch.chunk import AT_ONCE, LOOKED
from healthindicators.batch.cluster import chunk_size


@dataclass(frozen=True)
class Costs:
    """What a run is made of. The first six are measured, the others assumed."""

    start: float = 1.75
    """Seconds from the start of a chunk's process to its first report, on one core."""
    report: float = 0.085
    """Seconds of one core that a report takes."""
    bytes: float = 0.51e6
    """Bytes of a report: page, notebook, table of figures and record."""
    inputs: float = 0.8e6
    """Bytes of the inputs."""
    task: float = 0.008
    """Seconds of driver and scheduler a chunk."""
    plan: float = 0.0002
    """Seconds of the driver a report: planned, read before and after, accounted for."""
    latency: float = 0.05
    """Seconds of a request to an object store."""
    bandwidth: float = 60e6
    """Bytes a second between a worker and the store, each way."""
    at_once: int = 128
    """Requests of one machine under way at a time, fsspec's own number."""
    connect: float = 5.0
    """Seconds until all workers have come and the driver is ready."""


@dataclass(frozen=True)
class Fleet:
    """The machines."""

    workers: int = 20
    cores: int = 4
    lost_every: float = math.inf
    """Hours that a machine lives on average; spot machines die young."""
    noticed: float = 30.0
    """Seconds until Dask knows that a worker is lost."""
    replaced: float = 120.0
    """Seconds until there is another one."""
    spread: float = 0.0
    """Standard deviation of the logarithm of machines' speeds."""
    price: float = 0.05
    """Euro an hour of a core."""


@dataclass(frozen=True)
class Forecast:
    """What a run takes."""

    seconds: float
    worker_hours: float
    euro: float
    gigabytes: float
    requests: float


def forecast(reports: int, costs: Costs, fleet: Fleet, size: int = 0) -> Forecast:
    """Return what the model says of a run."""
    size = size or chunk_size(reports, fleet.workers)
    chunks = math.ceil(reports / size)
    busy = chunk_seconds(costs, fleet, min(size, reports))
    # Slow machines take fewer chunks: what counts is the mean speed, 1 after normalising.
    in_turn = chunks * busy / fleet.workers
    losses = 1 / (fleet.lost_every * 3600)
    # A lost worker costs its machine's absence, a start, and the reports under way at that moment.
    lost = fleet.replaced + costs.start + publish_delay(costs, fleet)
    working = max(in_turn, busy, chunks * costs.task) * (1 + losses * lost)
    # The last chunk of each: equal machines end with a wave, others half a chunk apart on average.
    waves = math.ceil(chunks / fleet.workers)
    in_step = min(busy / 2, waves * busy - in_turn)
    any_loss = -math.expm1(-fleet.workers * losses * working)
    apart = 1.0 if fleet.spread else any_loss
    uneven = in_step + apart * (busy / 2 - in_step) if chunks > fleet.workers else 0.0
    slowest = math.exp(fleet.spread * _expected_extreme(min(fleet.workers, chunks)))
    end = uneven + busy / 2 * (slowest - 1)
    # A worker lost in its last chunk is waited for: it must be noticed, and the rest begun again.
    late = -math.expm1(-fleet.workers * losses * busy) * (fleet.noticed + costs.start)
    seconds = edges(reports, costs) + stage_seconds(costs) + working + end + late
    hours = fleet.workers * seconds / 3600
    return Forecast(
        seconds=seconds,
        worker_hours=hours,
        euro=hours * fleet.cores * fleet.price,
        gigabytes=reports * costs.bytes / 1e9,
        requests=reports * FILES * 3,
    )


FILES = 4
"""Files of a report, its record among them; each is put and read back, and records are read again."""


def edges(reports: int, costs: Costs) -> float:
    """Return seconds before the first chunk and after the last: one driver, many requests at a time."""
    looks = 2 * reports * costs.latency / costs.at_once
    listings = 2 * math.ceil(reports * FILES / 1000) * costs.latency
    return costs.connect + reports * costs.plan + looks + listings


def stage_seconds(costs: Costs) -> float:
    """Return seconds that the copy of the inputs and the look at its figures take, once a machine."""
    return costs.inputs / costs.bandwidth + 2 * costs.latency + costs.start


def chunk_seconds(costs: Costs, fleet: Fleet, size: int) -> float:
    """Return seconds of a chunk: computed and published side by side, so the slower of both counts."""
    computed = size * costs.report / fleet.cores
    rounds = math.ceil(size / AT_ONCE) * 3 * costs.latency
    published = rounds + 2 * size * costs.bytes / costs.bandwidth
    return costs.start + max(computed, published) + publish_delay(costs, fleet)


def publish_delay(costs: Costs, fleet: Fleet) -> float:
    """Return seconds from the end of the last report to its record at the address."""
    per_look = LOOKED * fleet.cores / costs.report
    last = min(AT_ONCE, max(1.0, per_look)) / 2
    return LOOKED / 2 + 3 * costs.latency + 2 * last * costs.bytes / costs.bandwidth


def _expected_extreme(count: int) -> float:
    """Return how many standard deviations the slowest of `count` normal values lies out."""
    return statistics.NormalDist().inv_cdf(count / (count + 1)) if count > 1 else 0.0


class Simulation:
    """A run, event by event: chunks, looks for finished reports, requests, losses, stragglers."""

    def __init__(self, reports: int, costs: Costs, fleet: Fleet, seed: int, size: int = 0) -> None:
        self.costs = costs
        self.fleet = fleet
        self.random = random.Random(seed)
        size = size or chunk_size(reports, fleet.workers)
        self.queue = [min(size, reports - start) for start in range(0, reports, size)][::-1]
        self.reports = reports
        self.lost = 0
        self.made_twice = 0

    def run(self) -> float:
        """Return the seconds of the whole run."""
        costs = self.costs
        speeds = [
            self.random.lognormvariate(0, self.fleet.spread) for _ in range(self.fleet.workers)
        ]
        mean = statistics.fmean(speeds)
        ready = edges(self.reports, costs) / 2
        # (moment, number, kind, speed, chunk that comes back)
        events: list[tuple[float, int, str, float, int]] = []
        for number, speed in enumerate(speeds):
            heapq.heappush(events, (ready + self._staged(), number, "free", speed / mean, 0))
        left, number, end, dispatched = self.reports, len(events), 0.0, 0.0
        idle: list[float] = []
        while left:
            now, _, kind, speed, back = heapq.heappop(events)
            if kind == "back":
                self.queue.append(back)
                if not idle:
                    continue
                speed = idle.pop()
            if not self.queue:
                idle.append(speed)
                continue
            # One scheduler hands out one chunk after another.
            dispatched = max(dispatched, now) + costs.task
            size = self.queue.pop()
            dies = self._lifetime()
            seconds, done = self._chunk(size, speed, dies)
            number += 1
            left -= done
            if done == size:
                end = max(end, dispatched + seconds)
                heapq.heappush(events, (dispatched + seconds, number, "free", speed, 0))
                continue
            self.lost += 1
            died = dispatched + dies
            heapq.heappush(events, (died + self.fleet.noticed, number, "back", 0.0, size - done))
            new = died + self.fleet.replaced + self._staged()
            heapq.heappush(events, (new, number + 1, "free", speed, 0))
            number += 1
        return end + edges(self.reports, costs) / 2

    def _chunk(self, size: int, speed: float, dies: float) -> tuple[float, int]:
        """Return seconds and published reports of a chunk on a machine that dies after `dies`."""
        costs, cores = self.costs, self.fleet.cores
        clock = costs.start / speed
        free = [clock] * cores
        finished = []
        for _ in range(size):
            # Reports differ a little: those of large municipalities show more.
            work = self.random.gammavariate(25, costs.report / 25) / speed
            begun = heapq.heappop(free)
            heapq.heappush(free, begun + work)
            finished.append(begun + work)
        finished.sort()
        done, now = 0, self.random.random() * LOOKED
        while True:
            ready = bisect_right(finished, now) - done
            ended = now >= finished[-1]
            for some in range(0, ready, AT_ONCE):
                count = min(AT_ONCE, ready - some)
                now += sum(self._request() for _ in range(3))
                now += 2 * count * costs.bytes / costs.bandwidth
                if now > dies:
                    return dies, done
                done += count
            if ended:
                return now, done
            now += LOOKED

    def _request(self) -> float:
        """Return seconds of a round of requests: the mean is the latency, some take far longer."""
        return self.random.lognormvariate(math.log(self.costs.latency) - 0.18, 0.6)

    def _staged(self) -> float:
        return stage_seconds(self.costs) * self.random.uniform(0.8, 1.2)

    def _lifetime(self) -> float:
        hours = self.fleet.lost_every
        return math.inf if math.isinf(hours) else self.random.expovariate(1 / (hours * 3600))


SITUATIONS = {
    "calm": {},
    "uneven machines": {"spread": 0.25},
    "spot machines, one lost every 2 h each": {"lost_every": 2.0, "spread": 0.15},
    "very bad day, one lost every 10 min each": {"lost_every": 1 / 6, "spread": 0.25},
}
SIZES = ((745, 2, 2), (7_450, 4, 4), (74_500, 20, 4), (100_000, 20, 4), (100_000, 50, 8))


def compare(costs: Costs, seeds: int) -> float:
    """Print model against simulation and return the largest difference of the means."""
    worst = 0.0
    print(f"{'reports':>8} {'workers':>8} {'cores':>5}  situation", end="")
    print(
        f"{'model s':>42} {'simulated s (least to most)':>30} {'differ':>8} {'lost':>5} {'euro':>7}"
    )
    for reports, workers, cores in SIZES:
        for name, changed in SITUATIONS.items():
            fleet = replace(Fleet(workers, cores), **changed)
            model = forecast(reports, costs, fleet)
            # Small runs seldom lose a worker: more of them are needed to see what is to be expected.
            times = seeds * max(1, 20_000 // reports)
            runs = [Simulation(reports, costs, fleet, seed) for seed in range(times)]
            took = sorted(run.run() for run in runs)
            # The mean, not the median: a rare loss is part of what is to be expected.
            mean = statistics.fmean(took)
            differ = model.seconds / mean - 1
            worst = max(worst, abs(differ))
            lost = statistics.fmean(run.lost for run in runs)
            print(
                f"{reports:>8,} {workers:>8} {cores:>5}  {name:<42} {model.seconds:>7.0f} "
                f"{f'{mean:.0f} ({took[0]:.0f} to {took[-1]:.0f})':>30} {differ:>+8.1%} "
                f"{lost:>5.1f} {model.euro:>7.2f}"
            )
    return worst


def main() -> None:
    """Run what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--seeds", type=int, default=10, help="simulated runs of each kind")
    for cost in fields(Costs):
        asked.add_argument(f"--{cost.name.replace('_', '-')}", type=type(cost.default))
    given = {name: value for name, value in vars(asked.parse_args()).items() if value is not None}
    seeds = given.pop("seeds")
    costs = Costs(**given)
    print(costs)
    print(f"\nLargest difference: {compare(costs, seeds):.1%}")


if __name__ == "__main__":
    main()
