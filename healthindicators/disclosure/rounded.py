"""What a rounded standardised rate still tells of the count behind it.

The limits of Dobson's method lie around the rate as the limits of the count lie around the count:
their asymmetry depends on the number of events alone, and shrinks as it grows. Rounding hides it
for large counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from healthindicators.disclosure.cells import Floats
from healthindicators.statistics import byar

_EVENTS = np.geomspace(10, 1e9, 4000)


def events_left_open(
    value: ArrayLike, lower: ArrayLike, upper: ArrayLike, decimals: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the least and the greatest number of events that rounded limits leave possible.

    Parameters
    ----------
    value, lower, upper : array_like
        A rate with 95 % limits by Dobson's method; NaN where there is none.
    decimals : array_like of int
        To so many places each of the three is rounded before it is shown.

    Returns
    -------
    tuple of ndarray
        0 and infinity where nothing is known.

    Examples
    --------
    Forty events, and forty thousand, at 500 per 100,000:

    >>> few = events_left_open(500, 357.2, 680.9, 0)
    >>> [float(n[0].round()) for n in few]
    [36.0, 45.0]
    >>> many = events_left_open(500, 495.1, 504.9, 0)
    >>> [float(n[0].round()) for n in many]
    [14.0, inf]
    """
    numbers = [np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (value, lower, upper)]
    places = np.broadcast_to(np.asarray(decimals, dtype=np.float64), numbers[0].shape)
    unit = 10.0**-places
    # Rounding moves each number by half a unit, and a difference of two by one.
    middle, low, high = (np.round(x / unit) * unit for x in numbers)
    above, below = high - middle, middle - low
    with np.errstate(divide="ignore", invalid="ignore"):
        most_uneven = (above + unit) / np.maximum(below - unit, 0)
        least_uneven = np.maximum(above - unit, 0) / (below + unit)
    exact = byar(_EVENTS, 1.0, per=1.0)
    uneven = (exact.upper - _EVENTS) / (_EVENTS - exact.lower)
    # Both run downwards; np.interp wants them upwards.
    known = np.isfinite(least_uneven)
    least = np.interp(most_uneven, uneven[::-1], _EVENTS[::-1])
    most = np.interp(least_uneven, uneven[::-1], _EVENTS[::-1])
    least[~known | (most_uneven > uneven[0])] = 0.0
    most[~known | (least_uneven <= uneven[-1])] = np.inf
    return least, most
