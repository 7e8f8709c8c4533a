"""The closed word lists of the observation table, each word with its meaning.

Words are codes: what a reader sees is their label in `text`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SEXES = ("total", "female", "male")

TOTAL = "total"
"""The word for *not split* in sex, age, stratifier and stratum."""

AGE_BANDS = (
    "0", "1-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49",
    "50-54", "55-59", "60-64", "65-69", "70-74", "75-79", "80-84", "85-89", "90+",
)  # fmt: skip
"""Age bands of deaths and population, in order; life tables need the first year of life apart."""

STRATIFIERS: Mapping[str, tuple[str, ...]] = {
    TOTAL: (TOTAL,),
    "education": ("compulsory", "upper-secondary", "tertiary"),
    "origin": (
        "immigrants", "norwegian-born-to-immigrants", "rest-of-population",
        "without-immigrant-background",
    ),
}  # fmt: skip
"""Social dimensions, each with its strata, from least to most advantaged where they have an order."""

ENDS: Mapping[str, tuple[str, str]] = {
    "education": ("compulsory", "tertiary"),
    "origin": ("immigrants", "rest-of-population"),
}
"""The two strata of a social dimension that a gap is told between, the less advantaged first."""

STATUSES_WITH_VALUE = ("observed", "derived", "corrected", "provisional", "unreliable")
STATUSES_WITHOUT_VALUE = ("suppressed", "missing", "not-applicable")
STATUSES = STATUSES_WITH_VALUE + STATUSES_WITHOUT_VALUE

INTERVALS = ("published", "wilson", "byar", "dobson", "chiang", "none")

REASONS: Mapping[str, str] = {
    "": "nothing to explain: there is a value with its interval",
    "survey-interval-not-published": "a sample was asked; the interval is not in the open figures",
    "denominator-not-published": "the count and the population behind it are not published",
    "interval-not-published": "a mean or an index whose interval is not in the open figures",
    "complete-register": "every case is counted and no sampling error exists",
    "weighted-mean": "the population-weighted mean of the municipalities has no interval of its own",
    "not-published": "the provider publishes no value here",
    "no-usable-figure": "the provider publishes no value, or one that cannot be a measurement",
    "suppressed-by-provider": "the provider has hidden the value to protect persons",
    "not-applicable": "the question does not arise here",
    "too-few-events": "withheld: fewer events than the indicator's limit",
    "population-too-small": "withheld: fewer person-years than the limit, or none at some age",
    "too-few-municipalities": "withheld: the municipalities with a value hold too few residents",
    "interval-too-wide": "withheld: the interval is too wide to say anything",
    "small-count": "withheld: so few cases that persons might be recognised",
    "small-complement": "withheld: so few without the condition that persons might be recognised",
    "small-denominator": "withheld: so few persons asked or at risk that some might be recognised",
    "secondary": "withheld: another small figure could be computed from it",
    "weak-series": "withheld: most years of the series rest on too few cases",
    "no-weight": "a municipality was merged or split since, and no weight for its parts is known",
    "recast": "carried to today's municipalities: parts added up, or weighted",
    "apportioned": "the share of a municipality that was split since, by a stated weight",
    "mean-of-sexes": "the mean of the figures of women and men, the only ones published",
    "not-covered": "the table at hand does not cover this municipality",
    "counts-withheld": "rounded, and its counts withheld, so that no small one can be computed",
}
"""Why a row has no interval, or no value at all."""

UNITS: Mapping[str, str] = {
    "percent": "percent",
    "years": "years",
    "index": "index from 0 to 100",
    "dkk": "Danish kroner",
    "nok": "Norwegian kroner",
    "sek": "Swedish kronor",
    "kilometres": "kilometres",
    "square-metres-per-person": "square metres per person",
    "per-100-residents": "per 100 residents",
    "per-resident": "per resident",
    "per-1000": "per 1,000 residents",
    "per-10000": "per 10,000 residents",
    "per-100000": "per 100,000 person-years",
    "per-100000-residents": "per 100,000 residents",
    "kilometres-per-resident": "kilometres per resident",
    "list-index": "index, 100 where the lists are full",
    "grade": "grade on the Danish scale from -3 to 12",
    "persons": "persons",
    "person-years": "person-years",
    "offences": "reported offences",
    "loans": "loans of books and other media from libraries",
    "man-years": "man-years",
    "square-kilometres": "square kilometres",
    "per-square-kilometre": "per square kilometre",
}

ROLES: Mapping[str, str] = {
    "geo": "which geo a cell is about",
    "period": "which years it covers",
    "sex": "which sex",
    "age": "which ages",
    "stratum": "which stratum of a social dimension, written stratifier/stratum",
    "topic": "what is told, with the other topics which feed it is",
    "measure": "whether it is a value or a count, or a topic of the same kind",
    "single": "asked for one code only, which says nothing more",
}
"""What a dimension of a service's table can mean."""

BY_NAME = "name"
"""The way of joining a table's geos by what they are called, where its codes are absent or wrong."""

DOWNLOAD = "download"
"""The protocol of files that a user downloaded by hand."""

BASES: Mapping[str, str] = {
    "register": "counted in registers",
    "survey": "asked of a sample",
    "election": "counted at an election",
    "membership": "reported by organisations",
    "computed": "computed here from counts",
}
"""Where the figures of a table come from: a survey says survey."""


_AGES = re.compile(r"(?P<first>\d{1,3})(?:(?P<open>\+)|-(?P<last>\d{1,3}))?", re.ASCII)


def is_age(label: str) -> bool:
    """Return whether `label` is an age, a range of ages, an open range or ``total``."""
    try:
        age_range(label)
    except ValueError:
        return False
    return True


def age_range(label: str) -> tuple[int, int]:
    """Return first and last year of age of a band; an open band ends at 200.

    Raises
    ------
    ValueError
        If `label` is not an age, a range, an open range or ``total``.

    Examples
    --------
    >>> age_range("5-9"), age_range("90+"), age_range("0"), age_range("total")
    ((5, 9), (90, 200), (0, 0), (0, 200))
    """
    if label == TOTAL:
        return 0, 200
    parts = _AGES.fullmatch(label)
    if parts is None:
        raise ValueError(f"'{label}' is no age, range of ages or open range")
    first = int(parts["first"])
    last = 200 if parts["open"] else int(parts["last"] or first)
    if last < first:
        raise ValueError(f"'{label}' ends before it begins")
    return first, last


def bands_within(ages: str) -> tuple[str, ...]:
    """Return the age bands that share at least a year with `ages`, in order.

    Examples
    --------
    >>> bands_within("0-4"), bands_within("87+")
    (('0', '1-4'), ('85-89', '90+'))
    """
    first, last = age_range(ages)
    return tuple(b for b in AGE_BANDS if age_range(b)[0] <= last and first <= age_range(b)[1])


DERIVATIONS: Mapping[str, str] = {
    "mean-population": "person-years of a year: the mean of the populations at its two ends",
    "residents": "the population of an age range",
    "share-of-residents": "percentage of the population that is in an age range",
    "density": "residents over land area",
    "per-residents": "a count over the residents of an age range, times a multiplier",
    "directly-standardised-rate": "events per person-years, on the European Standard Population 2013",
    "life-expectancy": "expected years of life in an abridged life table (Chiang II)",
}
"""Named ways of computing one indicator from others; the code is in `assess`."""
