"""Random tables of counts: up to three dimensions, each with overlapping groups and a total."""

import numpy as np
import scipy.sparse as sp

from healthindicators.disclosure import product, table

LIMIT = 5


def dimension(rng, parts, groupings):
    """Return parts, the groups of each grouping, and the total: which parts each label covers."""
    rows = [np.eye(parts), np.ones((1, parts))]
    for groups in groupings:
        label = rng.integers(groups, size=parts)
        rows.append(np.array([label == group for group in range(groups)], dtype=float))
    stacked = np.unique(np.vstack(rows), axis=0)
    return sp.csr_array(stacked[stacked.sum(axis=1) > 0])


def cells(rng, shape, groupings):
    """Return which inner cells each cell sums: every combination of labels."""
    dimensions = [dimension(rng, n, g) for n, g in zip(shape, groupings, strict=True)]
    every = np.array(list(np.ndindex(*(d.shape[0] for d in dimensions))))
    return product(*(d[every[:, i]] for i, d in enumerate(dimensions)))


def protected(matrix, inner, limit=LIMIT):
    """Return the table of the counts `inner`, with the rules that everybody can read."""
    values = matrix @ inner
    small = (values > 0) & (values < limit)
    everybody = matrix.sum(axis=1) == matrix.shape[1]
    return table(
        matrix,
        values,
        small,
        must=everybody & ~small,
        rules=np.where(small[:, None], [1, limit - 1], [limit, np.inf]),
        width=limit,
    )


def counts(rng, size):
    """Return counts of which many are small and some are zero."""
    return rng.poisson(rng.gamma(0.5, 2 * rng.choice([5, 20, 60]), size=size)).astype(float)


def random_table(seed):
    """Return a table of one, two or three dimensions."""
    rng = np.random.default_rng(seed)
    most = {1: 9, 2: 6, 3: 4}[count := int(rng.integers(1, 4))]
    shape = rng.integers(2, most, size=count)
    # Groupings that overlap; in three dimensions one is enough to tell every inner cell twice.
    groupings = [[[], [2], [2, 3]][rng.integers(3 if count < 3 else 2)] for _ in range(count)]
    matrix = cells(rng, shape, groupings)
    return protected(matrix, counts(rng, matrix.shape[1]))
