"""Days as customers write them, counted from a Wednesday."""

from datetime import date

import pytest

from bot.components.dates import chinese_number, find_dates

WEDNESDAY = date(2026, 3, 11)


def found(text: str, today: date = WEDNESDAY) -> list[str | int]:
    return [one.value for one in sorted(find_dates(text, today), key=lambda one: one.start)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("it came today", "2026-03-11"),
        ("Yesterday", "2026-03-10"),
        ("the day before yesterday", "2026-03-09"),
        ("the day after tomorrow", "2026-03-13"),
        ("last Tuesday", "2026-03-10"),
        ("last wednesday", "2026-03-04"),
        ("next Friday", "2026-03-13"),
        ("next Wed", "2026-03-18"),
        ("this friday", "2026-03-13"),
        ("on Monday", "2026-03-09"),
        ("Wednesday", "2026-03-11"),
        ("3 days ago", "2026-03-08"),
        ("two weeks ago", "2026-02-25"),
        ("a month ago", "2026-02-11"),
        ("in 2 days", "2026-03-13"),
        ("3 March", "2026-03-03"),
        ("the 3rd of March", "2026-03-03"),
        ("March 3rd, 2025", "2025-03-03"),
        ("20 Dec.", "2025-12-20"),
        ("1 Aug", "2026-08-01"),
        ("2026-03-05", "2026-03-05"),
        ("5/3/2026", "2026-03-05"),
        ("3/15/26", "2026-03-15"),
        ("05.03.2026", "2026-03-05"),
        ("今天下的单", "2026-03-11"),
        ("大前天", "2026-03-08"),
        ("后天送到吗", "2026-03-13"),
        ("3月5号", "2026-03-05"),
        ("三月五日", "2026-03-05"),
        ("2025年12月3日", "2025-12-03"),
        ("十二月二十五号", "2025-12-25"),
        ("上周二", "2026-03-03"),
        ("上上个星期五", "2026-02-27"),
        ("下周一", "2026-03-16"),
        ("周二", "2026-03-10"),
        ("礼拜天", "2026-03-08"),
        ("三天前", "2026-03-08"),
        ("两个月前", "2026-01-11"),
        ("2周后", "2026-03-25"),
    ],
)
def test_days_are_told_from_today(text: str, day: str) -> None:
    assert found(text) == [day]


@pytest.mark.parametrize(
    "text",
    ["", "last week", "31.02.2026", "30 February", "29 Feb", "2026-13-40", "Mondays", "sun", "may",
     "you may 5x", "十五月四十号", "price 3.50", "999 days", "周末", "1.2.3.4.2026"],
)  # fmt: skip
def test_what_is_no_day_is_none(text: str) -> None:
    assert found(text) == []


def test_a_month_before_the_31st_ends_where_the_month_does() -> None:
    assert found("a month ago", date(2026, 3, 31)) == ["2026-02-28"]
    assert found("一个月前", date(2026, 1, 31)) == ["2025-12-31"]


def test_the_nearest_year_is_meant() -> None:
    assert found("20 december", date(2026, 1, 4)) == ["2025-12-20"]
    assert found("4 january", date(2026, 12, 20)) == ["2027-01-04"]
    assert found("29 feb", date(2027, 11, 1)) == ["2028-02-29"]


def test_several_days_are_found_where_they_stand() -> None:
    text = "ordered on 3 March, sent yesterday, 3月5号"
    days = sorted(find_dates(text, WEDNESDAY), key=lambda one: one.start)
    assert [(text[one.start : one.end], one.value) for one in days] == [
        ("3 March", "2026-03-03"),
        ("yesterday", "2026-03-10"),
        ("3月5号", "2026-03-05"),
    ]


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("十", 10), ("十九", 19), ("二十", 20)])
def test_chinese_numbers_are_read(text: str, number: int) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "三四", "十十", "二三十", "十一二"])
def test_what_is_no_chinese_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number up to 99"):
        chinese_number(text)
