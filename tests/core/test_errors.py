"""Errors: one root, a code each, every problem told with its place and what to do."""

import inspect

import pytest

from healthindicators import errors
from healthindicators.errors import (
    DataError,
    HealthIndicatorsError,
    Problem,
    UnknownName,
    nearest,
)
from healthindicators.text import language

CLASSES = [
    c
    for _, c in inspect.getmembers(errors, inspect.isclass)
    if issubclass(c, Exception) and c.__module__ == errors.__name__
]


def test_there_is_one_root():
    assert all(issubclass(c, HealthIndicatorsError) for c in CLASSES)


def test_every_class_that_is_raised_has_its_own_exit_code():
    only_a_base = {"ProblemsError"}
    codes = {c.__name__: c.exit_code for c in CLASSES if c.__name__ not in only_a_base}
    assert len(set(codes.values())) == len(codes), codes
    assert all(0 < code < 126 for code in codes.values()), "shells keep 0 and 126 upwards"


def test_the_codes_that_scripts_rely_on():
    found = {c.__name__: c.exit_code for c in CLASSES}
    promised = {
        "HealthIndicatorsError": 1, "ProblemsError": 1, "UserError": 2, "ParameterError": 3,
        "WorkspaceError": 4, "UnknownName": 10, "UnknownMunicipality": 11, "UnknownIndicator": 12,
        "UnknownFramework": 13, "UnknownLanguage": 14, "UnknownCountry": 15, "CatalogError": 20,
        "DataError": 30, "SnapshotError": 31, "StatisticsError": 40, "ReportError": 50,
        "BatchError": 51,
    }  # fmt: skip
    assert promised.items() <= found.items()


def ask_indicator(declared, name):
    return declared.indicator(name)


def ask_framework(declared, name):
    return declared.framework(name)


def ask_language(_, name):
    return language(name)


def ask_country(_, name):
    from healthindicators import countries

    return countries.home(name)


@pytest.mark.parametrize(
    ("ask", "name", "code", "message"),
    [
        (ask_indicator, "daily-smokin", 12, "There is no indicator 'daily-smokin'. Nearest: daily"),
        (ask_indicator, "Gini ", 12, "There is no indicator 'Gini '. Nearest: gini"),
        (ask_framework, "denmark-2021", 13, "There is no framework 'denmark-2021'. Nearest: denm"),
        (ask_language, "dk", 14, "There is no language 'dk'. Nearest: da"),
        (ask_language, "zz", 14, "There is no language 'zz'."),
        (ask_country, "DKK", 15, "There is no country 'DKK'. Nearest: DK"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_and_its_code(declared, ask, name, code, message):
    with pytest.raises(UnknownName) as raised:
        ask(declared, name)
    assert str(raised.value).startswith(message)
    assert raised.value.exit_code == code


def test_of_few_names_all_are_told():
    told = str(UnknownName("zzz", ["gini", "obesity"]))
    assert told == "There is no name 'zzz'. There are gini, obesity."


def test_of_many_names_none_is_told_where_none_is_near():
    names = [f"indicator-{n}" for n in range(20)]
    assert str(UnknownName("zzz", names)) == "There is no name 'zzz'."


def test_nearest_ignores_case_and_keeps_the_spelling():
    assert nearest("GINI", ["gini", "Obesity"]) == ("gini",)
    assert nearest("obesiti", ["gini", "Obesity"]) == ("Obesity",)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("it is wrong"), "it is wrong"),
        (Problem("it is wrong", "a.toml"), "a.toml: it is wrong"),
        (Problem("it is wrong", "a.toml", 3), "a.toml:3: it is wrong"),
        (Problem("it is wrong", "a.toml", 3, "mend it"), "a.toml:3: it is wrong (mend it)"),
    ],
)
def test_a_problem_says_where_what_and_what_to_do(problem, text):
    assert str(problem) == text


def test_many_problems_are_counted_and_all_kept():
    error = DataError([Problem(f"number {n}") for n in range(25)])
    assert len(error.problems) == 25
    assert "(25)" in str(error)
    assert "number 19" in str(error)
    assert "number 20" not in str(error)
    assert str(error).endswith("... and 5 more")
