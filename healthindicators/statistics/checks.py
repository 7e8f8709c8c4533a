"""Input checks shared by the statistics; each error names the first element that is wrong.

The bounds serve two ends. Outside them a figure is a mistake of unit: no count of persons or
events is that large, no denominator that small. Inside them no formula of this room overflows, and
the gamma quantiles of scipy hold (they fail from about 1e15), so a checked input cannot become NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from numbers import Rational, Real
from typing import Any, Never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from healthindicators.errors import StatisticsError
from healthindicators.statistics.estimate import Estimate, FloatArray

LARGEST = 1e12
SMALLEST = 1e-9
MOST_DRAWS = 1_000_000


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


def whole_number(name: str, given: int, least: int, most: int = MOST_DRAWS) -> int:
    """Return a single whole number, such as how many draws to make."""
    whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not whole or given < least:
        raise StatisticsError(f"{name} is {given!r}; it must be a whole number from {least}")
    if given > most:
        raise StatisticsError(f"{name} exceeds the {most} that are possible")
    return int(given)


def seed_number(given: int) -> int:
    """Return a seed that every generator of random numbers takes."""
    return whole_number("seed", given, 0, 2**32 - 1)


def truth_value(name: str, given: bool) -> bool:
    """Return an answer of yes or no; text would count as yes, whatever it says."""
    if not isinstance(given, bool | np.bool_):
        raise StatisticsError(f"{name} is {given!r}; it must be True or False")
    return bool(given)


def word(name: str, given: str, known: Iterable[str]) -> str:
    """Return a choice that is one of the known words."""
    known = list(known)
    if not isinstance(given, str) or given not in known:
        raise StatisticsError(f"{name} is {given!r}; it must be one of {', '.join(known)}")
    return given


def labels(name: str, given: Sequence[str]) -> list[str]:
    """Return a list of words, one a band or a feature."""
    try:
        # Text, sets and tables can be listed too, but not as one word a place.
        told = [] if isinstance(given, str | Set | Mapping) else list(given)
    except TypeError:
        told = []
    if not told:
        wrong = "empty" if isinstance(given, Sequence) else repr(given)
        raise StatisticsError(f"{name} is {wrong}; it must be a list of words")
    for index, label in enumerate(told):
        if not isinstance(label, str):
            raise StatisticsError(f"{name}[{index}] is {label!r}; it must be text")
    return told


def estimate(name: str, given: Estimate) -> Estimate:
    """Return what is an estimate indeed, with a level."""
    if not isinstance(given, Estimate):
        raise StatisticsError(f"{name} is {given!r}; it must be an Estimate")
    if not is_number(given.level) or not 0 < given.level < 1:
        raise StatisticsError(f"{name}.level is {given.level!r}; it must lie between 0 and 1")
    return given


def counts(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers from 0 upwards as float64."""
    array = _numbers(name, given)
    # NaN makes both comparisons false; the element is looked for only where there is one.
    if not (array.min() >= 0 and array.max() <= LARGEST):
        _refuse_infinite(name, array, np.isfinite(array))
        refuse(name, array, array < 0, "must not be negative")
        refuse(name, array, array > LARGEST, f"must not exceed {LARGEST:g}")
    return array


def counts_or_truth_values(name: str, given: ArrayLike) -> FloatArray:
    """Return a matrix of weights; one of truth values is as good as one of 0 and 1."""
    if isinstance(given, np.ndarray) and given.dtype == bool:
        return given.astype(np.float64)
    return counts(name, given)


def counts_or_missing(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers from 0 upwards as float64, and NaN where a count is not known."""
    array = numbers_or_missing(name, given)
    refuse(name, array, array < 0, "must not be negative")
    return array


def numbers(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers of either sign as float64."""
    array = _numbers(name, given)
    _refuse_infinite(name, array, np.isfinite(array))
    refuse(name, array, np.abs(array) > LARGEST, f"must not exceed {LARGEST:g}")
    return array


def numbers_or_missing(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers of either sign as float64, and NaN where a number is missing."""
    array = _numbers(name, given)
    _refuse_infinite(name, array, ~np.isinf(array))
    refuse(name, array, np.abs(array) > LARGEST, f"must not exceed {LARGEST:g}")
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
    first, second = all_together((first_name, first), (second_name, second))
    return first, second


def all_together(*named: tuple[str, FloatArray]) -> list[FloatArray]:
    """Return the arrays in their common shape."""
    try:
        shape = np.broadcast_shapes(*(array.shape for _, array in named))
    except ValueError:
        shapes = " and ".join(f"{name} has shape {a.shape}" for name, a in named)
        raise StatisticsError(f"{shapes}; the shapes do not fit together") from None
    return [np.broadcast_to(array, shape) for _, array in named]


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
    if isinstance(given, np.ma.MaskedArray) and given.dtype.kind in "iuf":
        # What is masked is missing; numpy would give the number under the mask.
        given = np.ma.filled(given.astype(np.float64), np.nan)
    try:
        array: NDArray[Any] = np.asarray(given, dtype=object if _hides(given) else None)
    except ValueError:
        raise StatisticsError(f"{name} has rows of different lengths") from None
    if array.size == 0:
        raise StatisticsError(f"{name} is empty")
    if array.dtype.kind not in "iuf":
        for index in np.ndindex(array.shape):
            value = array[index]
            if array.dtype.kind != "O" or not is_number(value):
                _raise_at(name, index, value, "is not a number")
            # Such an integer or fraction may be more than a float can hold.
            if isinstance(value, Rational) and abs(value) > LARGEST:
                _raise_at(name, index, "too large", f"must not exceed {LARGEST:g}")
    return array.astype(np.float64, copy=False)


def _hides(given: object) -> bool:
    """Return whether a list holds what numpy makes a number of: a truth value, or a mask."""
    if not isinstance(given, list | tuple):
        return False
    # A set of types is quicker than a look at each of many numbers.
    kinds = set(map(type, given))
    if kinds & {bool, np.bool_, type(np.ma.masked)}:
        return True
    return bool(kinds & {list, tuple}) and any(map(_hides, given))


def _refuse_infinite(name: str, array: FloatArray, valid: NDArray[np.bool_]) -> None:
    refuse(name, array, ~valid, "must be finite")


def _raise_at(name: str, index: tuple[int, ...], value: object, reason: str) -> Never:
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    raise StatisticsError(f"{place} is {value}: {reason}")
