"""Days before, after and between, within what a calendar can hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


def day_before(day: date) -> date:
    """The day before, or the first day that there is."""
    return day - DAY if day > date.min else day


def day_after(day: date) -> date:
    """The day after, or the last day that there is."""
    return day + DAY if day < date.max else day


@dataclass(frozen=True)
class Period:
    """From a day to another, both within it; `until` None is without end."""

    since: date
    until: date | None = None

    @property
    def last(self) -> date:
        """The last day, for comparing."""
        return self.until or date.max

    def holds(self, day: date) -> bool:
        """Whether the day lies within."""
        return self.since <= day <= self.last

    def covers(self, other: "Period") -> bool:
        """Whether every day of the other lies within."""
        return self.since <= other.since and other.last <= self.last

    def starting(self, day: date) -> "Period | None":
        """What is left of it from a day on; None if nothing is."""
        since = max(self.since, day)
        return Period(since, self.until) if since <= self.last else None


def merged(periods: Iterable[Period]) -> list[Period]:
    """The same days in as few periods as possible, in order."""
    whole: list[Period] = []
    for period in sorted(periods, key=lambda one: one.since):
        if whole and period.since <= day_after(whole[-1].last):
            if period.last > whole[-1].last:
                whole[-1] = Period(whole[-1].since, period.until)
        else:
            whole.append(period)
    return whole


def gaps(periods: Iterable[Period], since: date) -> list[Period]:
    """The days from `since` on that no period holds."""
    missing: list[Period] = []
    day = since
    for period in merged(periods):
        if period.last < day:
            continue
        if period.since > day:
            missing.append(Period(day, day_before(period.since)))
        if period.last == date.max:
            return missing
        day = day_after(period.last)
    return [*missing, Period(day)]
