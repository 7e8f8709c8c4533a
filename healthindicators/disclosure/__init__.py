"""Disclosure: what is withheld, so that no small count can be read or recomputed.

It runs once, after statistics and before anything is shown.
"""

from healthindicators.disclosure.audit import Audit, audit
from healthindicators.disclosure.cells import Publication, Table, merged, product, table
from healthindicators.disclosure.estimates import attack, disclose
from healthindicators.disclosure.primary import REASONS, Limits, primary, weak_series
from healthindicators.disclosure.secondary import protect
from healthindicators.disclosure.sums import parents_of

__all__ = [
    "REASONS",
    "Audit",
    "Limits",
    "Publication",
    "Table",
    "attack",
    "audit",
    "disclose",
    "merged",
    "parents_of",
    "primary",
    "product",
    "protect",
    "table",
    "weak_series",
]
