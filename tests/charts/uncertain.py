"""The sample profile with all that tells how sure it is: funnels, ranks, neighbours and peers."""

from dataclasses import replace

from healthindicators.model import Geo, Level, Period
from healthindicators.profile import (
    Funnel,
    FunnelPoint,
    Neighbourhood,
    Peer,
    Peers,
    PeerSpread,
    Rank,
)
from tests.charts.sample import COMMUTING, EXPECTANCY, HERE, LOANS, POVERTY, PROFILE, SMOKING

ALONE = 2.0
"""Width of the inner limits on the scale of square roots, about; the outer ones are 3 wide."""


def place(number):
    return Geo(f"DK-{number}", str(number), Level.MUNICIPALITY, {"da": f"Sted {number:02}"})


def limits(width):
    """Curves with the shape of a funnel: ratio 1 give or take `width` roots of the expected."""
    steps = [40 * 1.1**i for i in range(50)]
    return tuple((e, max(0.0, 1 - width / e**0.5), 1 + width / e**0.5) for e in steps)


def point(geo, expected, ratio, where):
    return FunnelPoint(
        geo, expected * ratio, expected, ratio, ratio - 0.05, ratio + 0.05, 1 + (ratio - 1) * 0.8,
        where,
    )  # fmt: skip


OWN = point(HERE, 400.0, 1.2, 2)
OTHERS = tuple(point(place(i), 50.0 * 1.05**i, 1 + 0.004 * (i % 5 - 2), 0) for i in range(90))
FAR = (point(place(90), 900.0, 0.8, -2), point(place(91), 60.4, 1.3, 1))

FUNNEL = Funnel(
    replace(POVERTY.indicator, id="mortality"), Period(2018, 2019), (OWN, *OTHERS, *FAR), OWN,
    limits(ALONE), limits(3.0), 3.2,
)  # fmt: skip

RANK = Rank(12, 25, 94, 0.34, 0.01, 2, 5)
FEATURES = (COMMUTING.indicator, POVERTY.indicator)
PEERS = Peers(
    FEATURES,
    (
        Peer(place(1), 0.123, 0.92, True, (COMMUTING.indicator,), POVERTY.indicator),
        Peer(place(2), 0.2, 0.5, False, (POVERTY.indicator,), COMMUTING.indicator),
    ),
)
SMOKING_BESIDE = replace(
    SMOKING,
    peers=PeerSpread(9.0, 10.0, 11.0, 2),
    neighbourhood=Neighbourhood(0.62, 0.001, "high-high"),
)
EXPECTANCY_RANKED = replace(
    EXPECTANCY, rank=RANK, peers=PeerSpread(80.0, 81.0, 82.0, 2),
    neighbourhood=Neighbourhood(0.1, 0.2, ""),
)  # fmt: skip
LOANS_BESIDE = replace(LOANS, peers=PeerSpread(1.0, 2.0, 3.0, 2))
COMMUTING_BESIDE = replace(COMMUTING, peers=PeerSpread(20.0, 21.0, 23.0, 2))

SURE = replace(
    PROFILE,
    sections=(),
    others=(SMOKING_BESIDE, EXPECTANCY_RANKED, LOANS_BESIDE, COMMUTING_BESIDE),
    funnels=(FUNNEL,),
    peers=PEERS,
)
