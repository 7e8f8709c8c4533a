"""Period codes of all services, and what is no period."""

import pytest

from healthindicators.errors import DataError
from healthindicators.formats.periods import period, years
from healthindicators.model import Period

COVERED = {
    "2020": (2020, 2020),
    "1998": (1998, 1998),
    "2020-2024": (2020, 2024),
    "2015_2019": (2015, 2019),
    "2020_2020": (2020, 2020),
    "2019:2020": (2019, 2020),
    "2020/2021": (2020, 2021),
    "2019/20": (2019, 2020),
    "1999/00": (1999, 2000),
    "2020K1": (2020, 2020),
    "2020Q4": (2020, 2020),
    "2020H2": (2020, 2020),
    "2020T3": (2020, 2020),
    "2020M01": (2020, 2020),
    "2020M12": (2020, 2020),
    "2020U27": (2020, 2020),
    "2020W53": (2020, 2020),
    "2020V01": (2020, 2020),
    "2020M12D09": (2020, 2020),
    "2020-12-09": (2020, 2020),
    "2019K4-2020K3": (2019, 2020),
    "2019M07-2020M06": (2019, 2020),
}


@pytest.mark.parametrize("code", COVERED)
def test_code_tells_its_years(code):
    assert period(code) == Period(*COVERED[code])


@pytest.mark.parametrize(
    "code",
    [
        "", "20", "202", "20200", "0301", "2020K5", "2020M13", "2020M1", "2020M00", "2020U54", "2020H3",
        "2024-2020", "2020-", "2020 ", "2020/22", "2020K1/21", "１９９９", "TOT", "2020M12D32",
        "2020-09", "9020", "2020Q0",
    ],
)  # fmt: skip
def test_what_is_no_period_gives_nothing(code):
    assert period(code) is None


def test_years_of_many_codes_come_as_one_frame():
    frame = years(["2020K1", "2015_2019"], where="a table")
    assert frame.to_dict("index") == {
        "2020K1": {"first_year": 2020, "last_year": 2020},
        "2015_2019": {"first_year": 2015, "last_year": 2019},
    }
    assert years([], where="a table").empty


def test_all_codes_that_are_no_period_are_told():
    with pytest.raises(DataError) as caught:
        years(["2020", "x", "2020K9"], where="table T, dimension Tid")
    assert [problem.what for problem in caught.value.problems] == [
        "'x' is no period",
        "'2020K9' is no period",
    ]
    assert "table T, dimension Tid" in str(caught.value)
