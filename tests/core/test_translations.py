"""Every text that a reader can meet is there in every language, with the same fields."""

import re
import tomllib
from dataclasses import replace

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from healthindicators import countries
from healthindicators.charts import words
from healthindicators.errors import Problem
from healthindicators.report import checking
from healthindicators.text import SOURCE_LANGUAGE, language, languages
from healthindicators.text.checks import text_problems
from healthindicators.vocabulary import BASES, REASONS, UNITS

METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]
# A template that cannot be read must fail here, not be passed over.
OPTIONS = {"**.j2": {"silent": "false"}}
KEYWORDS = {"say": None, "message": None}
FIELD = re.compile(r"\{[^}]*\}")
FROM_SIDECARS = ("provider", "provider_table", "title", "licence", "status")

TRANSLATED = [code for code in languages() if code != SOURCE_LANGUAGE]


@pytest.fixture(scope="module")
def messages(repository):
    """What the code says, and what the sources table says out of the sidecars."""
    found = extract_from_dir(repository / "healthindicators", METHODS, OPTIONS, keywords=KEYWORDS)
    said = {message for _, _, message, _, _ in found}
    for path in (repository / "data" / "raw").rglob("*.gz.toml"):
        about = tomllib.loads(path.read_text(encoding="utf-8"))
        said |= {about[key] for key in FROM_SIDECARS}
    assert len(said) > 150
    return said


def catalog_of(repository, code):
    with (repository / "healthindicators" / "text" / f"{code}.po").open("rb") as stream:
        return {m.id: m for m in read_po(stream, locale=code) if m.id}


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_message_is_missing_and_none_is_left_over(repository, messages, code):
    written = catalog_of(repository, code)
    assert sorted(messages - set(written)) == []
    assert sorted(set(written) - messages) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_translation_is_sure_and_keeps_its_fields(repository, code):
    for id, message in catalog_of(repository, code).items():
        assert message.string, id
        assert not message.fuzzy, id
        assert sorted(FIELD.findall(message.string)) == sorted(FIELD.findall(id)), id


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_word_of_the_vocabulary_that_readers_see_is_translated(repository, code):
    english = language(SOURCE_LANGUAGE)
    shown = {words.unit(unit, english) for unit in UNITS}
    shown |= {words.why(reason, english) for reason in REASONS if reason}
    shown |= {words.basis(basis, english) for basis in BASES}
    assert sorted(shown - set(catalog_of(repository, code))) == []


def test_the_files_of_texts_hold():
    assert text_problems() == []


def po(folder, code, *entries):
    head = f'msgid ""\nmsgstr ""\n"Language: {code}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    (folder / f"{code}.po").write_text("\n".join([head, *entries]), encoding="utf-8")


def entry(id, text, *, fuzzy=False):
    return f'{"#, fuzzy" if fuzzy else "#"}\nmsgid "{id}"\nmsgstr "{text}"\n'


def told(folder, **also):
    return sorted(str(problem) for problem in text_problems(folder, **also))


def test_what_one_language_has_all_must_have(tmp_path):
    po(tmp_path, "da", entry("Men", "Mænd"), entry("Women", "Kvinder"))
    po(tmp_path, "sv", entry("Men", "Män"), entry("yes", "ja"))
    assert told(tmp_path) == [
        "da.po: no translation of 'yes' (sv.po has it)",
        "sv.po: no translation of 'Women' (da.po has it)",
    ]


def test_what_tables_say_must_be_there_too(tmp_path):
    po(tmp_path, "da", entry("Men", "Mænd"))
    assert told(tmp_path, also=["Men", "Population"]) == [
        "da.po: no translation of 'Population' (a table says it)"
    ]


def test_empty_doubtful_and_misfilled_translations_are_told_with_their_lines(tmp_path):
    po(
        tmp_path,
        "nb",
        entry("Men", ""),
        entry("Women", "Kvinner", fuzzy=True),
        entry("{value} km", "{verdi} km"),
        entry("{value} m", "meter"),
    )
    assert told(tmp_path) == [
        "nb.po:11: a doubtful translation of 'Women' (remove the fuzzy mark)",
        "nb.po:15: other fields than the English of '{value} km' (fields: {value})",
        "nb.po:19: other fields than the English of '{value} m' (fields: {value})",
        "nb.po:7: no translation of 'Men'",
    ]


def test_a_language_without_an_alphabet_is_told(tmp_path):
    po(tmp_path, "fi", entry("Men", "Miehet"))
    assert told(tmp_path) == [
        "fi.po: the order of its letters is not known (add it to text/sorting.py)"
    ]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"\xff\xfe", "da.po: cannot be read: 'utf-8' codec can't decode"),
        (b'msgid "Men"\nmsgstr "M\xe6nd"\n', "da.po: cannot be read: 'utf-8' codec can't decode"),
        (b'msgid "Men"\nnonsense\n', "da.po: cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_read_is_told_once(tmp_path, body, problem):
    po(tmp_path, "sv", entry("Men", "Män"))
    (tmp_path / "da.po").write_bytes(body)
    (found,) = told(tmp_path)
    assert found.startswith(problem)


def test_a_message_that_stands_twice_and_a_wrong_language_are_told(tmp_path):
    po(tmp_path, "da", entry("Men", "Mænd"), entry("Men", "Mand"))
    (tmp_path / "da.po").rename(tmp_path / "nb.po")
    assert told(tmp_path) == [
        "nb.po: 1 messages stand twice",
        "nb.po: says it is in 'da' ('nb')",
    ]


@pytest.mark.parametrize("code", TRANSLATED)
def test_messages_stand_in_alphabetical_order(repository, code):
    ids = list(catalog_of(repository, code))
    assert ids == sorted(ids, key=lambda text: (text.casefold(), text))


def test_a_country_without_a_name_is_told():
    country = countries.home("DK").country
    unnamed = replace(country, names={"da": "Danmark", "en": "Denmark", "nb": " "})
    assert [str(p) for p in checking.country_problems(unnamed)] == [
        "country.toml of DK: names: no name in 'nb'",
        "country.toml of DK: names: no name in 'sv'",
    ]
    assert list(checking.country_problems(country)) == []


def test_the_command_tells_every_missing_text_at_once(workspace, monkeypatch):
    missing = Problem("no translation of 'Men'", "nb.po")
    monkeypatch.setattr(checking, "_figures", lambda _: iter(()))
    monkeypatch.setattr(checking, "text_problems", lambda also: [missing, *map(Problem, also)])
    with pytest.raises(checking.CheckError) as raised:
        list(checking.check_all(workspace))
    told = [str(problem) for problem in raised.value.problems]
    assert "nb.po: no translation of 'Men'" in told
    assert "Statistics Denmark" in told, "what the sidecars say is held against the texts"
