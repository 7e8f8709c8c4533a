"""Numbers, periods and sort order as each language writes them."""

import math

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from healthindicators.errors import UnknownLanguage
from healthindicators.model import Period
from healthindicators.text import Language, language, languages

DA, EN = language("da"), language("en")


def test_english_and_danish_are_written():
    assert languages()[0] == "en", "the language of the code comes first"
    assert {"en", "da"} <= set(languages())


@pytest.mark.parametrize("code", ["xx", "", "DA", "danish"])
def test_an_unknown_language_has_its_own_error(code):
    with pytest.raises(UnknownLanguage, match=f"There is no language '{code}'") as raised:
        language(code)
    assert raised.value.exit_code == 14


@pytest.mark.parametrize(
    ("value", "decimals", "danish", "english"),
    [
        (10.6, 1, "10,6", "10.6"),
        (632340, 0, "632.340", "632,340"),
        (1234567.891, 2, "1.234.567,89", "1,234,567.89"),
        (-1234.5, 1, "−1.234,5", "−1,234.5"),
        (80, 1, "80,0", "80.0"),
        (0.04, 1, "0,0", "0.0"),
        (-0.04, 1, "0,0", "0.0"),
        (999, 0, "999", "999"),
        (1000, 0, "1.000", "1,000"),
    ],
)
def test_numbers(value, decimals, danish, english):
    assert DA.number(value, decimals) == danish
    assert EN.number(value, decimals) == english


@pytest.mark.parametrize(
    ("value", "text"), [(0.3, "+0,3"), (-0.3, "−0,3"), (0.0, "0,0"), (0.04, "0,0")]
)
def test_differences_carry_their_sign_and_zero_has_none(value, text):
    assert DA.number(value, 1, signed=True) == text


def test_minus_is_the_minus_sign_and_not_a_hyphen():
    text = DA.number(-5)
    assert text[0] == "\u2212"
    assert "-" not in text


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_number_reads_back_as_itself_rounded(value, decimals):
    danish = DA.number(value, decimals).replace(".", "").replace(",", ".")
    english = EN.number(value, decimals).replace(",", "")
    assert danish == english
    assert float(english.replace("\u2212", "-")) == round(value, decimals)
    assert len(english.partition(".")[2]) == decimals


@given(
    st.sampled_from(["en", "da", "nb", "sv"]).map(Language),
    st.floats(-1e20, 1e20) | st.integers(-(10**12), 10**12),
    st.integers(0, 4),
)
@example(Language("da"), 0.5, 0)
@example(Language("sv"), -2.5, 0)
@example(Language("nb"), 1.005, 2)
@example(Language("en"), 1e22, 1)
@example(Language("da"), -0.0, 1)
def test_numbers_are_written_as_babel_writes_them(language, value, decimals):
    rounded = round(float(value), decimals) + 0.0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    expected = format_decimal(rounded, pattern, locale=language.locale).replace("-", "\u2212")
    assert language.number(value, decimals) == expected
    sign = "+" if math.copysign(1, rounded) > 0 and rounded else ""
    assert language.number(value, decimals, signed=True) == sign + expected


@pytest.mark.parametrize(
    ("period", "school_year", "text"),
    [
        (Period(2019, 2019), False, "2019"),
        (Period(2015, 2019), False, "2015–2019"),
        (Period(2024, 2025), True, "2024/25"),
        (Period(1999, 2000), True, "1999/00"),
        (Period(2024, 2025), False, "2024–2025"),
        (Period(2023, 2025), True, "2023–2025"),
    ],
)
def test_periods(period, school_year, text):
    assert DA.period(period, school_year=school_year) == text


def test_danish_letters_stand_last_and_aa_is_one_of_them():
    names = ["Aabenraa", "Ærø", "Odense", "Øby", "Århus", "Aarhus", "Assens"]
    ordered = sorted(names, key=DA.sort_key)
    assert ordered[:4] == ["Assens", "Odense", "Ærø", "Øby"]
    assert ordered[4] == "Aabenraa"
    assert DA.sort_key("Århus") == DA.sort_key("Aarhus")


def test_english_readers_look_under_a_and_o():
    names = ["Zealand", "Ærø", "Øby", "Aabenraa"]
    assert sorted(names, key=EN.sort_key) == ["Aabenraa", "Ærø", "Øby", "Zealand"]


def test_a_list_reads_as_one_phrase():
    assert DA.listing(["a", "b", "c"]) == "a, b og c"
    assert EN.listing(["a", "b", "c"]) == "a, b and c"


def test_what_is_not_translated_is_said_in_english():
    assert DA.say("a sentence that nobody has translated {n}", n=3) == (
        "a sentence that nobody has translated 3"
    )
