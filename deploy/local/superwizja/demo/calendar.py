"""Days of the played programmes: all of them past, since history is recorded."""

from datetime import date, timedelta

FIRST = date(2022, 10, 1)
LAST = date(2024, 12, 31)


def month(first: date, number: int) -> date:
    """The same day so many months later; days up to the 28th only."""
    months = first.month - 1 + number
    return first.replace(year=first.year + months // 12, month=months % 12 + 1)


def days_before(day: date, number: int) -> date:
    """So many days earlier."""
    return day - timedelta(days=number)


def days_after(day: date, number: int) -> date:
    """So many days later."""
    return day + timedelta(days=number)


def quarter_end(number: int) -> date:
    """The last day of the programme's quarter of this number, counted from 0."""
    return month(FIRST, 3 * (number + 1)) - timedelta(days=1)
