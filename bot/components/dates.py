"""Days in a message ("last Tuesday", "3月5号"), as ISO dates.

The words are few, so they are read here: ``dateparser`` took 1.0-2.6 ms for each of them, knew
neither "last Tuesday" nor "上周二" nor "3月5号", and read 2026-03-05 as the 3rd of May.

Chinese is put into English first, so that there is one reading of both.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.components.found import Found

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_WEEKDAYS = "mon tue wed thu fri sat sun".split()  # noqa: SIM905
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>20\d\d))?"
_FULL = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SHORT = "mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_UNIT_DAYS = {"day": 1, "week": 7}

# Written like this, a date is one wherever it stands.
_ENGLISH = [
    re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])", re.IGNORECASE)
    for pattern in (
        r"(?P<year>20\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})(?P<sign>[./-])(?P<month>\d{1,2})(?P=sign)(?P<year>(?:20)?\d\d)",
        rf"{_DAY} (?:of )?{_MONTH}{_YEAR}",
        rf"{_MONTH} {_DAY}(?! ?(?:x|pcs|pieces|of)\b){_YEAR}",
        r"(?:the )?(?P<near>day before yesterday|day after tomorrow|yesterday|today|tomorrow)",
        rf"(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)}) (?P<unit>day|week|month)s? (?P<way>ago)",
        rf"(?P<way>in) (?P<count>\d{{1,3}}|{'|'.join(_COUNTS)}) (?P<unit>day|week)s?",
        rf"(?:(?:on )?(?P<which>last|this|next) (?P<weekday>{_FULL}|{_SHORT})|"
        rf"on (?P<weekday2>{_FULL}|{_SHORT})|(?P<weekday3>{_FULL}))",
    )
]
_NEAR = {
    "day before yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1,
    "day after tomorrow": 2,
}  # fmt: skip

_HAN_NEAR = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_HAN_NUMBER = r"\d{1,3}|[一二两三四五六七八九十]{1,3}"
_CHINESE = [
    re.compile(pattern)
    for pattern in (
        rf"(?:(?P<year>20\d\d)年)?(?P<month>{_HAN_NUMBER})月(?P<day>{_HAN_NUMBER})[日号號]?",
        r"(?P<near>大前|大后|前|昨|今|明|后)[天日](?!气)",
        rf"(?P<count>{_HAN_NUMBER})(?P<unit>天|日|周|个?星期|个?礼拜|个月)(?:之|以)?(?P<way>前|后)",
        r"(?P<which>上上|下下|上|这|本|下)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])",
    )
]
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}


def find_dates(text: str, today: date) -> Iterator[Found]:
    """The days that ``text`` names.

    Of a day without a year the nearest one is meant; of a weekday alone the last one, as customers
    speak of orders that were placed and parcels that came. Where both orders of day and month are
    possible the day is first. What is no day of a calendar is left out.

    Example:
        >>> [one.value for one in find_dates("since last Tuesday", date(2026, 3, 11))]
        ['2026-03-10']
        >>> [one.value for one in find_dates("3月5号下的单", date(2026, 3, 11))]
        ['2026-03-05']
    """
    taken: list[tuple[int, int]] = []
    for patterns, read in ((_ENGLISH, _english), (_CHINESE, _chinese)):
        for pattern in patterns:
            for match in pattern.finditer(text):
                if any(match.start() < end and start < match.end() for start, end in taken):
                    continue
                try:
                    day = read(match, today)
                except (ValueError, OverflowError):
                    continue
                taken.append(match.span())
                yield Found("date", day.isoformat(), *match.span())


def chinese_number(text: str) -> int:
    """The number that ``text`` writes in digits, or in Chinese up to 99.

    Raises:
        ValueError: it writes none.

    Example:
        >>> chinese_number("两"), chinese_number("十二"), chinese_number("三十")
        (2, 12, 30)
    """
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    digits = _HAN_DIGITS | ({"": 0} if ten else {})
    if (tens and tens not in digits) or ones not in digits:
        raise ValueError(f"{text!r} is no number up to 99")
    return 10 * (digits[tens] if tens else bool(ten)) + digits[ones]


def _english(match: re.Match[str], today: date) -> date:
    parts = {name: value.lower() for name, value in match.groupdict().items() if value}
    if near := parts.get("near"):
        return today + timedelta(_NEAR[near])
    if unit := parts.get("unit"):
        count = _COUNTS.get(parts["count"]) or int(parts["count"])
        return _shifted(today, unit, count if parts["way"] == "in" else -count)
    if "day" in parts:
        day, month = int(parts["day"]), parts["month"]
        number = int(month) if month.isdecimal() else 1 + _MONTHS.index(month[:3])
        if "sign" in parts and number > 12 >= day:
            day, number = number, day
        return _on(day, number, parts.get("year"), today)
    weekday = parts.get("weekday") or parts.get("weekday2") or parts["weekday3"]
    ahead = (_WEEKDAYS.index(weekday[:3]) - today.weekday()) % 7
    which = parts.get("which")
    if which == "this":
        return today + timedelta(ahead)
    if which == "next":
        return today + timedelta(ahead or 7)
    if which == "last":
        return today + timedelta(ahead - 7)
    return today + timedelta(ahead - 7 if ahead else 0)


def _chinese(match: re.Match[str], today: date) -> date:
    parts = {name: value for name, value in match.groupdict().items() if value}
    if near := parts.get("near"):
        return today + timedelta(_HAN_NEAR[near])
    if unit := parts.get("unit"):
        count = chinese_number(parts["count"]) * (1 if parts["way"] == "后" else -1)
        english = "day" if unit in ("天", "日") else "month" if "月" in unit else "week"
        return _shifted(today, english, count)
    if "day" in parts:
        day, month = chinese_number(parts["day"]), chinese_number(parts["month"])
        return _on(day, month, parts.get("year"), today)
    weekday = "一二三四五六日".index(parts["weekday"].replace("天", "日"))
    if which := parts.get("which"):
        # "上周二" is the Tuesday of the week before, which "last Tuesday" need not be.
        weeks = {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(which, 0)
        return today + timedelta(weekday - today.weekday() + 7 * weeks)
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(ahead - 7 if ahead else 0)


def _shifted(today: date, unit: str, count: int) -> date:
    if unit in _UNIT_DAYS:
        return today + timedelta(_UNIT_DAYS[unit] * count)
    months = today.year * 12 + today.month - 1 + count
    # The 31st a month before is the month's last day.
    for day in range(today.day, 27, -1):
        try:
            return date(months // 12, months % 12 + 1, day)
        except ValueError:
            continue
    return date(months // 12, months % 12 + 1, today.day)


def _on(day: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    years = [today.year - 1, today.year, today.year + 1]
    days = [
        date(one, month, day) for one in years if (month, day) != (2, 29) or calendar.isleap(one)
    ]
    if not days:
        raise ValueError("no such day near")
    return min(days, key=lambda one: abs(one - today))
