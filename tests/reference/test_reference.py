"""Worked examples with numbers from published sources, one case each, for every public statistic.

An example names a `function` of `healthindicators.statistics`, its `source`, `arguments` and what is
`expected`: attributes of what the function returns, dotted where they lie deeper, or `result` for
what it returns itself. Published digits are met as printed (`decimals`), all others to 1e-9 or to
the relative `tolerance` of the example.
"""

import inspect
import tomllib
from pathlib import Path

import numpy as np
import pytest

from healthindicators import statistics
from healthindicators.statistics import Estimate

KEYS = {"function", "source", "arguments", "expected", "decimals", "tolerance"}
NEEDED = {"function", "source", "arguments", "expected"}
EXACT = 1e-9
AN_ESTIMATE = {"value", "lower", "upper", "level", "method"}


def read_examples():
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for number, example in enumerate(content["example"], start=1):
            name = f"{path.stem} {number}: {example.get('function')}"
            yield pytest.param(example, id=name)


EXAMPLES = list(read_examples())


def argument(given):
    """Return what a table of the five fields of an estimate stands for; all else as it is."""
    if isinstance(given, dict) and set(given) == AN_ESTIMATE:
        return Estimate(**given)
    return given


def leaves(expected, path=""):
    """Return dotted names and values, whether the dots were written in quotes or not."""
    for key, value in expected.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


def found(result, path):
    if path == "result":
        return np.asarray(result)
    for name in path.split("."):
        result = getattr(result, name)
    return np.asarray(result)


def meets(got, wanted, example):
    """Return whether every element agrees, in as many digits as the source gives."""
    wanted = np.asarray(wanted)
    if got.shape != wanted.shape:
        return False
    if wanted.dtype.kind not in "iuf":
        return bool((got == wanted).all())
    relative, absolute = example.get("tolerance", EXACT), 0.0
    if "decimals" in example:
        # A last digit printed from an exact half may go either way.
        relative, absolute = 0.0, 0.5 * 10.0 ** -example["decimals"] * (1 + 1e-6)
    elif (wanted == 0).any():
        absolute = 1e-12
    return np.allclose(got.astype(float), wanted, rtol=relative, atol=absolute, equal_nan=True)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_published_example_comes_out_as_published(example):
    assert set(example) <= KEYS
    assert set(example) >= NEEDED
    assert len(example["source"]) > 20, "a source can be found again"
    assert example["expected"]

    function = getattr(statistics, example["function"])
    result = function(**{name: argument(given) for name, given in example["arguments"].items()})

    for path, wanted in leaves(example["expected"]):
        got = found(result, path)
        assert meets(got, wanted, example), f"{path} is {got.tolist()}, published as {wanted}"


def test_every_public_function_has_an_example():
    functions = {
        name for name in statistics.__all__ if inspect.isroutine(getattr(statistics, name))
    }
    shown = {case.values[0]["function"] for case in EXAMPLES}

    assert functions
    assert not functions - shown, "these have no worked example from a source"
