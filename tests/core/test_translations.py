"""Every text that a reader can meet is there in every language, with the same fields."""

import re
import tomllib

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from healthindicators.text import SOURCE_LANGUAGE, languages

METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]
# A template that cannot be read must fail here, not be passed over.
OPTIONS = {"**.j2": {"silent": "false"}}
KEYWORDS = {"say": None, "message": None}
FIELD = re.compile(r"\{[^}]*\}")
FROM_SIDECARS = ("provider", "title", "licence", "status")

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
