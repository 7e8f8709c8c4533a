from healthindicators.profile import Same
from healthindicators.report.tables import figures_csv
from healthindicators.report.templating import render
from healthindicators.text import language

EN = language("en")


def test_a_slot_is_filled_anew_and_escaped():
    first, second = (
        render(
            "for_whom.html.j2",
            EN,
            {"name": name, "rows": "", "inside": " "},
            split=False,
            divided=False,
        )
        for name in ("Aa & <b>", "Odense")
    )
    assert "No open figure for Aa &amp; &lt;b&gt; is split by sex." in first
    assert second == first.replace("Aa &amp; &lt;b&gt;", "Odense")


def test_a_template_says_what_it_is_told_each_time():
    slots = {"name": "Odense", "rows": "row", "inside": " "}
    with_rows, without = (
        render("for_whom.html.j2", EN, slots, split=s, divided=False) for s in (True, False)
    )
    assert "<tbody>\nrow\n</tbody>" in with_rows
    assert "<tbody>" not in without


def test_the_same_is_the_very_same():
    one = (1000, 2000)
    equal = one[:1] + one[1:]
    assert {Same(one): "found"}.get(Same(one)) == "found"
    assert Same(one) != Same(equal)


def test_words_of_a_table_are_quoted_as_csv_wants_them():
    table = {"name": ['a "b"', "c,d", "", None], "n": [1, True, 1.0, float("nan")]}
    assert figures_csv(table) == b'name,n\n"a ""b""",1\n"c,d",True\n,1.0\n,\n'
