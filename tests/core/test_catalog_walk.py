"""Every declaration that is found, as soon as it exists."""

from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from healthindicators import catalog, countries
from healthindicators.assess.derive import METHODS
from healthindicators.model import Measure
from healthindicators.text import languages
from healthindicators.vocabulary import (
    AGE_BANDS,
    BASES,
    DERIVATIONS,
    REASONS,
    UNITS,
    age_range,
    bands_within,
)

CATALOG = Path(str(files("healthindicators.catalog")))
INDICATORS = sorted(p.stem for p in (CATALOG / "indicators").glob("*.toml"))
FRAMEWORKS = sorted(p.stem for p in (CATALOG / "frameworks").glob("*.toml"))


def test_every_file_is_loaded(declared):
    assert sorted(declared.indicators) == INDICATORS
    assert sorted(declared.frameworks) == FRAMEWORKS
    assert len(INDICATORS) >= 25
    assert len(FRAMEWORKS) >= 2


@pytest.mark.parametrize("id", INDICATORS)
def test_an_indicator_is_complete(declared, id):
    indicator = declared.indicator(id)
    assert indicator.id == id
    assert indicator.unit in UNITS
    assert set(indicator.text) == set(languages())
    for text in indicator.text.values():
        for part in (text.name, text.short, text.definition, text.population):
            assert part.strip() == part != ""
        assert text.caveat or not indicator.shown, "what readers see needs its caveat"
        assert len(text.short) <= 40, "the short name stands beside a chart"
        assert text.definition.endswith(".")
    assert indicator.expect.minimum < indicator.expect.maximum
    first, last = age_range(indicator.ages)
    assert 0 <= first <= last
    assert (indicator.unit == "percent") >= (indicator.measure is Measure.PROPORTION)


@pytest.mark.parametrize("id", INDICATORS)
def test_the_texts_of_two_languages_are_not_the_same_sentence(declared, id):
    texts = declared.indicator(id).text
    definitions = {text.definition for text in texts.values()}
    assert len(definitions) == len(texts)


@pytest.mark.parametrize("id", FRAMEWORKS)
def test_a_framework_is_complete(declared, id):
    framework = declared.framework(id)
    assert set(framework.text) == set(languages())
    assert framework.citation
    assert framework.areas
    for area in framework.areas:
        assert set(area.text) == set(languages())
        for text in area.text.values():
            assert text.name
            assert text.promise
            assert text.gap
        for service in area.indicators:
            assert declared.indicator(service.indicator).shown
            assert set(service.rationale) == set(languages())
            assert all(reason.strip() for reason in service.rationale.values())


@pytest.mark.parametrize("id", FRAMEWORKS)
def test_every_shown_indicator_serves_each_framework_or_stands_under_others(declared, id):
    """No framework names an indicator that no report can show."""
    served = {s.indicator for area in declared.framework(id).areas for s in area.indicators}
    assert served <= {i for i, x in declared.indicators.items() if x.shown}


def test_every_named_derivation_has_its_code_and_the_other_way_round():
    assert set(DERIVATIONS) == set(METHODS)


def test_every_derivation_names_what_exists(declared):
    for indicator in declared.indicators.values():
        if indicator.derivation:
            assert indicator.derivation.method in METHODS
            assert indicator.derivation.numerator in declared.indicators
            assert indicator.derivation.years >= 1
            assert bands_within(indicator.derivation.ages)


def test_every_word_of_the_vocabulary_is_used_or_explained():
    assert all(meaning.strip() for words in (REASONS, UNITS, BASES) for meaning in words.values())


def test_the_catalogue_knows_no_country():
    """An indicator says what is measured; who publishes it is said in the country's folder."""
    for file in (CATALOG / "indicators").glob("*.toml"):
        text = file.read_text("utf-8")
        assert not any(word in text for word in ("source =", "provider =", "table =")), file.name


def test_loading_is_done_once():
    assert catalog.load() is catalog.load()
    assert countries.load() is countries.load()


def test_the_age_bands_join_without_gap_or_overlap():
    ranges = [age_range(band) for band in AGE_BANDS]
    assert ranges[0][0] == 0
    assert all(after[0] == before[1] + 1 for before, after in pairwise(ranges))


@pytest.mark.parametrize(
    ("ages", "first", "last", "count"),
    [("total", "0", "90+", 20), ("0-74", "0", "70-74", 16), ("16+", "15-19", "90+", 16),
     ("0", "0", "0", 1), ("15-16", "15-19", "15-19", 1), ("0-17", "0", "15-19", 5)],
)  # fmt: skip
def test_bands_within(ages, first, last, count):
    bands = bands_within(ages)
    assert (bands[0], bands[-1], len(bands)) == (first, last, count)


@pytest.mark.parametrize("label", ["", "old", "-5", "5 to 9", "5-9-14"])
def test_what_is_no_age_is_refused(label):
    with pytest.raises(ValueError, match=f"'{label}' is no age"):
        age_range(label)


@pytest.mark.parametrize("label", ["5-", "74-0"])
def test_half_a_range_and_a_range_backwards_are_refused(label):
    with pytest.raises(ValueError, match=label):
        age_range(label)
