"""What services say when they refuse, in the shapes that are known, and in none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthindicators.formats.refusals import LONGEST, is_page, said


@pytest.mark.parametrize(
    ("body", "media", "expected"),
    [
        (b'{"type":"Parameter error","title":"Too many cells selected","status":400}',
         "application/problem+json", "Too many cells selected"),
        (b'{"title": "Bad", "detail": "Unsupported language"}', "", "Bad: Unsupported language"),
        (b'{"error":"Too many values selected"}', "application/json", "Too many values selected"),
        (b'{"errorTypeCode":"EXTRACT-NOTFOUND","message":"Tabel ikke fundet"}', "",
         "EXTRACT-NOTFOUND: Tabel ikke fundet"),
        (b'{"error":[{"status":404,"id":100,"label":"No dataset"}]}', "", "No dataset"),
        (b'{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE"}}', "", "ASYNCHRONOUS_RESPONSE"),
        (b'{"detail":[{"loc":["path"],"msg":"too many ids"}]}', "", "too many ids"),
        (b'\xef\xbb\xbf{"error":"med BOM"}', "application/json", "med BOM"),
        (b'{"other": 1}', "application/json", '{"other": 1}'),
        (b"429 - Too many requests.", "text/plain", "429 - Too many requests."),
        ("Område".encode("cp1252"), "text/plain; charset=windows-1252", "Område"),
        ("Område".encode("cp1252"), "text/plain", "Område"),
        ("Område".encode(), "text/plain; charset=klingon", "Område"),
        (b"<html><h1>Gateway <b>Timeout</b></h1></html>", "text/html", "Gateway Timeout"),
        (b"<html>Forbidden by <b>firewall</b></html>", "text/html", "Forbidden by firewall"),
        (b"<html><title></title></html>", "text/html", "an empty page"),
        (b'{"error":"Too many values selected"}', "text/html", "Too many values selected"),
        (b"a\x1b[31mred\x00\r\nline\xe2\x80\xae", "", "a [31mred line"),
        (b"", "", ""),
    ],
)  # fmt: skip
def test_what_a_service_says(body, media, expected):
    assert said(body, media) == expected


def test_a_long_text_is_cut():
    text = said(b"word " * 1000)
    assert len(text) <= LONGEST
    assert text.startswith("word word")
    assert text.endswith(" ...")


@pytest.mark.parametrize(
    "body",
    [b"<!---->" * 9000, b"<html>" + b"<title" * 10_000, b"<html><title>" + b"<" * 60_000,
     b"<html>" + b"<h1>" * 16_000, b"<?xml" * 10_000],
    ids=["comments", "titles", "brackets", "headings", "declarations"],
)  # fmt: skip
def test_a_page_made_to_be_slow_to_read_is_read(body):
    """Backtracking over any of these would take from minutes to for ever."""
    assert len(said(body, "text/html")) <= LONGEST


def test_deep_json_is_no_trap():
    assert said(b"[" * 100_000) == said(b"[" * LONGEST * 2)


@given(
    st.binary(max_size=300), st.sampled_from(["", "text/html", "application/json; charset=utf-16"])
)
def test_any_bytes_are_told_in_one_line_that_changes_no_terminal(body, media):
    text = said(body, media)
    assert len(text) <= LONGEST
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"\n <!DOCTYPE HTML>", b'<?xml version="1.0"?><html xmlns="x">', b"\xef\xbb\xbf<HTML>",
     b"<!-- made by a firewall --><html>"],
)  # fmt: skip
def test_a_page_is_known_by_how_it_begins(body):
    assert is_page(body, "application/json")


@pytest.mark.parametrize("body", [b"", b"geo;value", b"<queued><id>1</id></queued>", b'"<html>"'])
def test_other_answers_are_no_pages(body):
    assert not is_page(body, "text/csv")
