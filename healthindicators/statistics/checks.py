"""Input checks shared by the statistics; each error names the first element that is wrong.

The bounds serve two ends. Outside them a figure is a mistake of unit: no count of persons or
events is that large, no denominator that small. Inside them no formula of this room overflows, and
the gamma quantiles of scipy hold (they fail from about 1e15), so a checked input cannot become NaN.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, Never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError
from healthindicators.statistics.estimate import FloatArray

LARGEST = 1e12
SMALLEST = 1e-9


def tail(level: float) -> float:
    """Return the probability beyond each limit: half of what the confidence level leaves out.

    Examples
    --------
    >>> round(tail(0.95), 6)
    0.025
    """
    if not is_number(level) or not 0 < level < 1:
        raise StatisticsError(f"level is {level!r}; it must lie between 0 and 1, such as 0.95")
    return (1 - float(level)) / 2


def is_number(given: object) -> bool:
    """Return whether this is one real number; truth values are not."""
    return isinstance(given, Real) and not isinstance(given, bool | np.bool_)


def positive_number(name: str, given: float) -> float:
    """Return a single number that may multiply or divide, such as `per`."""
    if not is_number(given) or not SMALLEST <= given <= LARGEST:
        raise StatisticsError(
            f"{name} is {given!r}; it must be one number from {SMALLEST:g} to {LARGEST:g}"
        )
    return float(given)


def counts(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers from 0 upwards as float64."""
    array = _numbers(name, given)
    refuse(name, array, ~np.isfinite(array), "must be finite")
    refuse(name, array, array < 0, "must not be negative")
    refuse(name, array, array > LARGEST, f"must not exceed {LARGEST:g}")
    return array


def positives(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers above 0 as float64: something to divide by."""
    array = counts(name, given)
    refuse_zero(name, array, "must be above 0")
    return array


def refuse_zero(
    name: str, array: FloatArray, reason: str, where: NDArray[np.bool_] | bool = True
) -> None:
    """Raise if an element, of those looked at, is 0 or too small to divide by."""
    refuse(name, array, (array < SMALLEST) & where, f"{reason} (at least {SMALLEST:g})")


def refuse(name: str, array: FloatArray, wrong: NDArray[np.bool_], reason: str) -> None:
    """Raise for the first element that is marked wrong."""
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        _raise_at(name, index, float(array[index]), reason)


def together(
    first_name: str, first: FloatArray, second_name: str, second: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return both arrays in their common shape."""
    try:
        shape = np.broadcast_shapes(first.shape, second.shape)
    except ValueError:
        raise StatisticsError(
            f"{first_name} has shape {first.shape} and {second_name} has shape {second.shape}; "
            "the shapes do not fit together"
        ) from None
    return np.broadcast_to(first, shape), np.broadcast_to(second, shape)


def last_axis(name: str, array: FloatArray, bands: int, of: str) -> None:
    """Raise unless the last axis has one element a band; one element is never spread over bands."""
    if array.ndim == 0 or array.shape[-1] != bands:
        raise StatisticsError(
            f"{name} has shape {array.shape}; its last axis must have {bands} bands, as {of} has"
        )


def one_axis(name: str, array: FloatArray) -> None:
    """Raise unless the array is a plain list of bands."""
    if array.ndim != 1:
        raise StatisticsError(f"{name} has shape {array.shape}; it must be one list, one a band")


def _numbers(name: str, given: ArrayLike) -> FloatArray:
    """Return float64; text, truth values and None are refused, where numpy would convert some."""
    try:
        array: NDArray[Any] = np.asarray(given)
    except ValueError:
        raise StatisticsError(f"{name} has rows of different lengths") from None
    if array.size == 0:
        raise StatisticsError(f"{name} is empty")
    if array.dtype.kind not in "iuf":
        for index in np.ndindex(array.shape):
            if array.dtype.kind != "O" or not is_number(array[index]):
                _raise_at(name, index, array[index], "is not a number")
    return array.astype(np.float64)


def _raise_at(name: str, index: tuple[int, ...], value: object, reason: str) -> Never:
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    raise StatisticsError(f"{place} is {value}: {reason}")
