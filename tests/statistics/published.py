"""Public example data that come with PySAL, in the form statistics take."""

import csv
from pathlib import Path

import libpysal
import numpy as np

FOLDER = Path(libpysal.__file__).parent / "examples"


def st_louis(column):
    """Return a column of the homicides in 78 counties around St. Louis."""
    with (FOLDER / "stl" / "stl_hom.csv").open(encoding="utf-8", newline="") as file:
        return np.array([float(row[column]) for row in csv.DictReader(file)])


def contiguity(name):
    """Return the matrix of neighbours of a `gal` file, in the order of its places."""
    header, *lines = (FOLDER / name).read_text(encoding="utf-8").strip().splitlines()
    heads, lists = lines[::2], lines[1::2]
    order = {head.split()[0]: place for place, head in enumerate(heads)}
    assert len(order) == int(header.split()[1 if len(header.split()) > 1 else 0])
    matrix = np.zeros((len(order), len(order)))
    for place, neighbours in enumerate(lists):
        matrix[place, [order[near] for near in neighbours.split()]] = 1
    return matrix
