"""When the meetings of a cycle are planned: whole days of the calendar in Poland, without a time of day."""

from datetime import date
from typing import Literal

from dateutil.relativedelta import relativedelta

Rhythm = Literal["monthly", "fortnightly", "weekly", "free"]

STEPS: dict[Rhythm, relativedelta] = {
    "monthly": relativedelta(months=1),
    "fortnightly": relativedelta(weeks=2),
    "weekly": relativedelta(weeks=1),
    "free": relativedelta(months=1),
}
"""From one meeting to the next. Where the rhythm is free a month is a proposal, which the leader reschedules."""


def meeting_dates(first: date, meetings: int, rhythm: Rhythm) -> list[date]:
    """The dates of a cycle's meetings, in order.

    Each is counted from the first, so that a cycle which begins on the 31st comes back to it after a shorter month.
    """
    return [first + STEPS[rhythm] * number for number in range(meetings)]
