"""Where the published bytes lie that tests may read and the repository does not hold."""

import os
from pathlib import Path

import pytest

NAMED = "HEALTHINDICATORS_REAL_FILES"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def real_file(name):
    """Return the path of a published file, or skip the test that needs it."""
    path = Path(os.environ.get(NAMED) or BESIDE) / name
    if not path.is_file():
        pytest.skip(f"the published file {name} is not here: name its folder in {NAMED}")
    return path
