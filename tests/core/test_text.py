"""Numbers, periods and sort order as each language writes them."""

import math

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from healthindicators.errors import UnknownLanguage
from healthindicators.model import Period
from healthindicators.text import Language, language, languages
from healthindicators.text.sorting import ALPHABETS

DA, EN, NB, SV = (language(code) for code in ("da", "en", "nb", "sv"))


def test_four_languages_are_written():
    assert languages()[0] == "en", "the language of the code comes first"
    assert set(languages()) == {"en", "da", "nb", "sv"}


def test_every_language_has_its_alphabet():
    missing = set(languages()) - set(ALPHABETS)
    assert not missing, f"add the letters of {missing} to text/sorting.py"


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


@pytest.mark.parametrize("language", [NB, SV], ids=lambda x: x.code)
@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (10.6, 1, "10,6"),
        (999, 0, "999"),
        (1000, 0, "1\u00a0000"),
        (632340, 0, "632\u00a0340"),
        (1234567.891, 2, "1\u00a0234\u00a0567,89"),
        (-1234.5, 1, "\u22121\u00a0234,5"),
        (-0.04, 1, "0,0"),
    ],
)
def test_norwegian_and_swedish_group_by_a_space_that_does_not_break(
    language, value, decimals, text
):
    assert language.number(value, decimals) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [(EN, "10.6%"), (DA, "10,6\u00a0%"), (NB, "10,6\u00a0%"), (SV, "10,6\u00a0%")],
    ids=lambda x: getattr(x, "code", None),
)
def test_a_percentage_stands_apart_from_its_sign_where_the_language_says_so(language, text):
    assert language.say("{value}%", value=language.number(10.6, 1)) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "22 November 2026"), (DA, "22. november 2026"), (NB, "22. november 2026"),
        (SV, "22 november 2026"),
    ],
    ids=lambda x: getattr(x, "code", None),
)  # fmt: skip
def test_a_day_is_told_in_words(language, text):
    assert language.date("2026-11-22T08:15:00+00:00") == text


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


@pytest.mark.parametrize("language", [EN, DA, NB, SV], ids=lambda x: x.code)
def test_periods_are_written_alike_in_all_languages(language):
    assert language.period(Period(2015, 2019)) == "2015\u20132019"
    assert language.period(Period(2024, 2025), school_year=True) == "2024/25"


# As ICU 78 orders them.
IN_ORDER = {
    EN: "1 Vest|10 Øst|Aabenraa|Aarhus|Ærø|Ålesund|Åmål|Ängelholm|Ås|Åsnes|Assens|Aukra|Bærum|Bø|"
    "Eda|Éda|Edsbyn|Kárášjohka - Karasjok|Øby|Odense|Örebro|Østre Toten|Ülvesund|Upplands Väsby|"
    "Upplands-Bro|Växjö|Veddige|Wüst|Ystad|Zeeland",
    DA: "1 Vest|10 Øst|Assens|Aukra|Bærum|Bø|Eda|Éda|Edsbyn|Kárášjohka - Karasjok|Odense|"
    "Upplands Väsby|Upplands-Bro|Veddige|Växjö|Wüst|Ülvesund|Ystad|Zeeland|Ängelholm|Ærø|Øby|"
    "Örebro|Østre Toten|Aabenraa|Ålesund|Åmål|Aarhus|Ås|Åsnes",
    NB: "1 Vest|10 Øst|Assens|Aukra|Bærum|Bø|Eda|Éda|Edsbyn|Kárášjohka - Karasjok|Odense|"
    "Upplands Väsby|Upplands-Bro|Veddige|Växjö|Wüst|Ülvesund|Ystad|Zeeland|Ängelholm|Ærø|Øby|"
    "Örebro|Østre Toten|Aabenraa|Ålesund|Åmål|Aarhus|Ås|Åsnes",
    SV: "1 Vest|10 Øst|Aabenraa|Aarhus|Assens|Aukra|Bærum|Bø|Eda|Éda|Edsbyn|Kárášjohka - Karasjok|"
    "Odense|Upplands Väsby|Upplands-Bro|Veddige|Växjö|Wüst|Ülvesund|Ystad|Zeeland|Ålesund|Åmål|"
    "Ås|Åsnes|Ängelholm|Ærø|Øby|Örebro|Østre Toten",
}


@pytest.mark.parametrize("language", IN_ORDER, ids=lambda x: x.code)
def test_names_are_sorted_as_in_the_dictionaries_of_each_language(language):
    names = IN_ORDER[language].split("|")
    assert sorted(sorted(names), key=language.sort_key) == names
    assert sorted(sorted(names, reverse=True), key=language.sort_key) == names


@pytest.mark.parametrize("language", [DA, NB], ids=lambda x: x.code)
def test_aa_is_the_last_letter(language):
    names = ["Århus", "Aarhus", "Ørsta", "Zealand"]
    assert sorted(names, key=language.sort_key) == ["Zealand", "Ørsta", "Aarhus", "Århus"]


def test_w_is_a_letter_of_its_own_in_swedish():
    names = ["Växjö", "Waxholm", "Vetlanda", "Vaxholm"]
    assert sorted(names, key=SV.sort_key) == ["Vaxholm", "Vetlanda", "Växjö", "Waxholm"]


def test_an_accent_that_is_two_characters_changes_nothing():
    for one in (EN, DA, NB, SV):
        assert one.sort_key("A\u030as")[0] == one.sort_key("\u00c5s")[0]


def test_a_language_without_an_alphabet_still_sorts():
    names = ["Ylitornio", "Äänekoski", "Ähtäri", "Zealand"]
    assert sorted(names, key=Language("fi").sort_key) == [
        "Äänekoski", "Ähtäri", "Ylitornio", "Zealand",
    ]  # fmt: skip


def test_a_list_reads_as_one_phrase():
    said = {one.code: one.listing(["a", "b", "c"]) for one in (EN, DA, NB, SV)}
    assert said == {
        "en": "a, b and c", "da": "a, b og c", "nb": "a, b og c", "sv": "a, b och c",
    }  # fmt: skip
    assert SV.listing(["a", "b"]) == "a och b"
    assert NB.listing(["a"]) == "a"


def test_what_is_not_translated_is_said_in_english():
    assert DA.say("a sentence that nobody has translated {n}", n=3) == (
        "a sentence that nobody has translated 3"
    )
