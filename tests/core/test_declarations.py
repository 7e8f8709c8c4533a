"""Mistakes in declarations: all at once, each with its file, its line and what to do."""

from importlib.resources import files
from pathlib import Path

import pytest

from healthindicators import catalog, declarations
from healthindicators.errors import CatalogError
from healthindicators.model import Framework, Indicator, Table

PACKAGE = Path(str(files("healthindicators")))

GINI = """\
unit = "index"
measure = "index"
polarity = "lower-is-better"
decimals = 2
ages = "total"
expect = { minimum = 15, maximum = 65 }

[text.en]
name = "Gini"
short = "Gini"
definition = "Inequality of income."
population = "All residents"

[text.da]
name = "Gini"
short = "Gini"
definition = "Ulighed i indkomst."
population = "Alle borgere"
"""

FRAMEWORK = """\
first_year = 2021
last_year = 2030
original_language = "da"
citation = "A strategy."

[text.en]
title = "Strategy"
network = "Network"
about = "About."

[text.da]
title = "Strategi"
network = "Netværk"
about = "Om."

[[areas]]
id = "one"
maps = ["gini"]

[areas.text.en]
name = "One"
promise = "Promise."
gap = "Gap."

[areas.text.da]
name = "En"
promise = "Løfte."
gap = "Hul."

[[areas.indicators]]
indicator = "gini"
role = "direct"
rationale = { en = "Because.", da = "Fordi." }
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A small catalogue that holds in two languages, to be spoiled."""
    monkeypatch.setattr("healthindicators.catalog.checks.languages", lambda: ("en", "da"))
    for name, text in (("indicators/gini", GINI), ("frameworks/plan", FRAMEWORK)):
        file = tmp_path / f"{name}.toml"
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    return tmp_path


def spoil(file, *changes):
    text = file.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file.write_text(text, encoding="utf-8")


def problems_of(folder):
    with pytest.raises(CatalogError) as raised:
        catalog.load_folder(folder)
    assert raised.value.exit_code == 20
    return [str(problem) for problem in raised.value.problems]


def test_the_small_catalogue_holds(folder):
    loaded = catalog.load_folder(folder)
    assert list(loaded.indicators) == ["gini"]
    assert loaded.frameworks["plan"].areas[0].indicators[0].indicator == "gini"


def test_five_mistakes_of_shape_are_told_at_once_with_their_lines(folder):
    spoil(
        folder / "indicators" / "gini.toml",
        ('measure = "index"', 'measure = "indeks"'),
        ("decimals = 2", 'decimals = "two"'),
        ("polarity =", "polarty ="),
        ("minimum = 15", 'minimum = "low"'),
        ('definition = "Ulighed i indkomst."\n', ""),
    )
    found = problems_of(folder)
    assert len(found) == 6, "the misspelt key is unknown, and the right one is missing"
    for start in (
        "gini.toml:2: 'measure' is 'indeks' (Input should be 'proportion', 'rate'",
        "gini.toml:4: 'decimals' is 'two' (Input should be a valid integer)",
        "gini.toml:3: 'polarty' is not a known key (did you mean polarity or comparability?)",
        "gini.toml:1: 'polarity' is missing (add it)",
        "gini.toml:6: 'expect.minimum' is 'low' (Input should be a valid number)",
        "gini.toml:14: 'text.da.definition' is missing (add it)",
    ):
        assert any(line.startswith(start) for line in found), (start, found)


def test_five_mistakes_of_meaning_are_told_at_once_with_their_lines(folder):
    """Meaning is checked once the shape holds: a value of the wrong type has no meaning yet."""
    spoil(
        folder / "indicators" / "gini.toml",
        ('unit = "index"', 'unit = "indx"'),
        ("decimals = 2", "decimals = 9"),
        ('ages = "total"', 'ages = "everyone"'),
        ("minimum = 15", "minimum = 95"),
        ("[text.da]", "[text.xx]"),
    )
    assert problems_of(folder) == [
        "gini.toml:1: text: no text in 'da' (every language of reports needs one)",
        "gini.toml:14: text.xx: is not a language of reports (en, da)",
        "gini.toml:1: unit: 'indx' is not a known unit (index, list-index)",
        "gini.toml:6: expect: minimum is not below maximum",
        "gini.toml:4: decimals: is not 0 to 4",
        "gini.toml:5: ages: 'everyone' is not an age range (such as 16+, 0-17 or total)",
    ]


def test_a_reason_of_comparability_is_there_in_every_language(folder):
    graded = """
[[comparability]]
countries = ["DK", "SE"]
grade = "near"
reason = { en = "Because." }
"""
    file = folder / "indicators" / "gini.toml"
    file.write_text(GINI + graded, encoding="utf-8")
    assert problems_of(folder) == [
        "gini.toml:23: comparability.0.reason: no text in 'da' "
        "(every language of reports needs one)",
    ]


def test_mistakes_of_several_files_and_both_kinds_come_in_one_error(folder):
    spoil(folder / "indicators" / "gini.toml", ("decimals = 2", "decimals = 2.5"))
    (folder / "indicators" / "other.toml").write_text(GINI.replace('"index"\nm', '"kroner"\nm'))
    spoil(
        folder / "frameworks" / "plan.toml",
        ('indicator = "gini"', 'indicator = "ginni"'),
        ('original_language = "da"', 'original_language = "dk"'),
    )
    found = "\n".join(problems_of(folder))
    assert "gini.toml:4: 'decimals' is 2.5" in found
    assert "other.toml:1: unit: 'kroner' is not a known unit" in found
    assert "plan.toml:3: original_language: is not a language of reports (en, da)" in found
    assert "plan.toml:31: areas.0.indicators.0.indicator: there is no indicator 'ginni' " in found
    assert "(nearest: gini)" in found
    assert "plan.toml:18: areas.0.maps: 'gini' does not serve the area (ginni)" in found
    assert found.count("\n") == 4


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("last_year = 2030", "last_year = 2020", "plan.toml:2: last_year: is before first_year"),
        (', da = "Fordi."', "", "plan.toml:33: areas.0.indicators.0.rationale: no text in 'da'"),
        ('role = "direct"', 'role = "main"', "plan.toml:32: 'areas.0.indicators.0.role' is 'main'"),
        ("[areas.text.da]", "[areas.text.xx]", "areas.0.text: no text in 'da'"),
        ('gap = "Hul."', 'gap = " "', "plan.toml:28: areas.0.text.da.gap: is empty"),
        (', da = "Fordi."', ', da = ""', "plan.toml:33: areas.0.indicators.0.rationale.da: is empty"),
        ('promise = "Løfte."', 'promse = "L"', "plan.toml:27: 'areas.0.text.da.promse' is not a"),
        ('promise = "Løfte."', 'promse = "L"', "(did you mean promise?)"),
    ],
)  # fmt: skip
def test_mistakes_in_a_framework(folder, before, after, expected):
    spoil(folder / "frameworks" / "plan.toml", (before, after))
    assert expected in "\n".join(problems_of(folder))


def test_an_area_and_a_service_that_stand_twice(folder):
    spoil(
        folder / "frameworks" / "plan.toml",
        ("[[areas.indicators]]", FRAMEWORK[FRAMEWORK.index("[[areas.indicators]]") :] * 2
         + "\n[[areas.indicators]]"),
    )  # fmt: skip
    area = FRAMEWORK[FRAMEWORK.index("[[areas]]") :]
    file = folder / "frameworks" / "plan.toml"
    file.write_text(file.read_text("utf-8") + "\n" + area, encoding="utf-8")
    found = "\n".join(problems_of(folder))
    assert "plan.toml:16: areas.0: 'gini' serves the area twice" in found
    assert "areas.1.id: 'one' stands twice" in found


def test_a_derivation_of_nothing_known(folder):
    with (folder / "indicators" / "gini.toml").open("a") as file:
        file.write('\n[derivation]\nmethod = "life-expectency"\nnumerator = "gin"\n')
    assert problems_of(folder) == [
        "gini.toml:21: derivation.method: 'life-expectency' is not known (life-expectancy)",
        "gini.toml:22: derivation.numerator: there is no indicator 'gin' (nearest: gini)",
    ]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("decimals = 2", "decimals 2", 4),
        ("decimals = 2", "decimals = 2\ndecimals = 3", 5),
        ('short = "Gini"', 'short = "Gini', 10),
        ("[text.da]", "[text.da", 14),
        ("decimals = 2", "decimals = 02", 4),
    ],
)
def test_a_mistake_of_syntax_gives_its_line(folder, before, after, line):
    spoil(folder / "indicators" / "gini.toml", (before, after))
    first = problems_of(folder)[0]
    assert first.startswith(f"gini.toml:{line}: not valid TOML: ")


def test_a_file_that_ends_in_the_middle_of_a_text_gives_its_last_line(folder):
    file = folder / "indicators" / "gini.toml"
    file.write_text(GINI + '\n[more]\ntext = """\nno end\n')
    assert problems_of(folder)[0].startswith("gini.toml:22: not valid TOML: ")


def test_a_file_saved_in_the_letters_of_windows_is_told(folder):
    file = folder / "indicators" / "gini.toml"
    file.write_bytes(GINI.replace("Ulighed", "Indkomståulighed").encode("cp1252"))
    assert any("UTF-8" in line for line in problems_of(folder))


def test_what_the_place_of_the_file_says_is_not_said_again(folder):
    spoil(folder / "indicators" / "gini.toml", ("decimals = 2", 'decimals = 2\nid = "gini"'))
    assert problems_of(folder) == [
        "gini.toml:5: 'id' is said by the file's place (remove it)",
    ]


def test_types_are_not_bent(folder):
    """`true` is no number, `2.0` no whole number, `"2"` neither."""
    for wrong in ("true", "2.0", '"2"', "[2]", "2026-01-01"):
        (folder / "indicators" / "gini.toml").write_text(
            GINI.replace("decimals = 2", f"decimals = {wrong}")
        )
        assert len(problems_of(folder)) >= 1


@pytest.mark.parametrize(
    ("into", "file", "location"),
    [
        (Indicator, "catalog/indicators/gini.toml", ("text", "da", "name")),
        (Framework, "catalog/frameworks/denmark-2021-2030.toml", ("areas", 1, "maps")),
        (Table, "countries/denmark/tables/health-profile.toml", ("feeds", 3, "indicator")),
    ],
)
def test_the_lines_found_are_those_of_the_key(into, file, location):
    path = PACKAGE / file
    line = declarations.line_of(path, location)
    written = path.read_text("utf-8").splitlines()[line - 1]
    assert written.startswith(f"{location[-1]} =")
    read, problems = declarations.read(path, into, {"id": path.stem})
    assert not problems
    value = read
    for part in location:
        value = value[part] if isinstance(value, (dict, tuple)) else getattr(value, part)
    shown = value[0] if isinstance(value, tuple) else value
    assert shown in written


def test_a_key_that_is_not_there_has_the_line_of_the_nearest_heading():
    path = PACKAGE / "catalog" / "indicators" / "gini.toml"
    heading = path.read_text("utf-8").splitlines().index("[text.da]") + 1
    assert declarations.line_of(path, ("text", "da", "absent")) == heading
    assert declarations.line_of(path, ("absent",)) == 1
