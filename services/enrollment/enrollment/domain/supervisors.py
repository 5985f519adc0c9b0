"""Supervisors with their certificates and ties, and the gates of rules 4 and 5: who may lead whom, and when."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.errors import Conflict, NotFound, says
from contracts.enrollment import LeaderConflictArose, LeaderConflictCleared, SupervisorCertified
from contracts.event import Event

from enrollment.domain.days import Period, day_after, day_before, gaps, merged

CertificateKind = Literal["social_work", "domestic_violence", "psychotherapy"]
TieKind = Literal["employment", "superior", "family", "personal", "business"]

GROUND_OF_TIE: dict[TieKind, str] = {
    "employment": "reg-2016.4.1",
    "superior": "reg-2016.4.1",
    "family": "std.1.4",
    "personal": "std.1.4",
    "business": "std.1.4",
}
GROUND_OF_SOCIAL_WORK = "std.1.1"
GROUND_OF_CERTIFICATE = "std.1.2"


class SupervisorNotFound(NotFound):
    """There is no such supervisor."""

    says = says(pl="Nie ma takiej superwizorki ani superwizora.", en="There is no such supervisor.")


class TieNotFound(NotFound):
    """The supervisor has no such tie."""

    says = says(pl="Nie ma takiego powiązania.", en="There is no such tie.")


class TieEnded(Conflict):
    """A tie ends once."""

    says = says(pl="To powiązanie już się skończyło.", en="This tie has ended before.")


@dataclass(frozen=True)
class Certificate:
    """A certificate of a supervisor; both days are within its validity."""

    id: UUID
    certificate: CertificateKind
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class Tie:
    """A tie to all of a centre or to one person; both days are within it."""

    id: UUID
    kind: TieKind
    since: date
    until: date | None = None
    centre_id: UUID | None = None
    person_id: UUID | None = None
    ended: bool = False


@dataclass(frozen=True)
class Member:
    """What the gates need to know of somebody who has a seat."""

    person_id: UUID
    centre_id: UUID | None
    social_worker: bool
    since: date


@dataclass(frozen=True)
class LeaderConflict:
    """Days on which a leader may not lead the group, and the rule that says so."""

    supervisor_id: UUID
    ground: str
    period: Period


@dataclass(eq=False)
class Supervisor:
    """A person who may lead groups. Rule 4 [reg-2016.4.1, std.1.4] and rule 5 [std.1.1, std.1.2] are asked here."""

    id: UUID
    relation: str
    certificates: tuple[Certificate, ...] = ()
    ties: tuple[Tie, ...] = ()
    version: int = 0
    programme_id: UUID | None = field(default=None, init=False)

    def certify(self, certificate: Certificate) -> list[Event]:
        """Record a certificate."""
        self.certificates += (certificate,)
        return [
            SupervisorCertified(
                supervisor_id=self.id,
                certificate=certificate.certificate,
                valid_from=certificate.valid_from,
                valid_to=certificate.valid_to,
            )
        ]

    def tie(self, tie: Tie) -> None:
        """Record a tie. It is told only as the conflicts that it makes: ties are nobody else's business."""
        self.ties += (tie,)

    def end_tie(self, tie_id: UUID, *, on: date) -> None:
        """The tie no longer stands on that day. Raises TieNotFound, TieEnded."""
        tie = next((tie for tie in self.ties if tie.id == tie_id), None)
        if tie is None:
            raise TieNotFound
        if tie.ended:
            raise TieEnded
        last = day_before(on) if tie.until is None else min(tie.until, day_before(on))
        self.ties = tuple(replace(tie, until=last, ended=True) if one is tie else one for one in self.ties)

    def conflicts_with(
        self, members: Iterable[Member], *, centre_id: UUID | None, since: date
    ) -> frozenset[LeaderConflict]:
        """Every period from `since` on in which this person may not lead these members, drawn from that centre."""
        found: dict[str, list[Period]] = {}
        everyone = list(members)
        for tie in self.ties:
            touched = [one.since for one in everyone if tie.person_id == one.person_id or _same(tie, one.centre_id)]
            if _same(tie, centre_id):
                touched.append(since)
            if touched and (tie.until is None or tie.since <= tie.until):
                standing = Period(tie.since, tie.until).starting(max(since, min(touched)))
                found.setdefault(GROUND_OF_TIE[tie.kind], []).extend([standing] if standing else [])
        found[GROUND_OF_CERTIFICATE] = gaps(self._certified(), since)
        social_workers = [one.since for one in everyone if one.social_worker]
        if social_workers:
            found[GROUND_OF_SOCIAL_WORK] = gaps(self._certified("social_work"), max(since, min(social_workers)))
        return frozenset(
            LeaderConflict(self.id, ground, period) for ground, periods in found.items() for period in merged(periods)
        )

    def _certified(self, kind: CertificateKind | None = None) -> list[Period]:
        return [
            Period(one.valid_from, one.valid_to)
            for one in self.certificates
            if kind in (None, one.certificate) and (one.valid_to is None or one.valid_from <= one.valid_to)
        ]


def _same(tie: Tie, centre_id: UUID | None) -> bool:
    return tie.centre_id is not None and tie.centre_id == centre_id


def standing(conflicts: Iterable[LeaderConflict], on: date) -> str | None:
    """The ground of a conflict that stands on a day, the law's before the standard's; None if none does."""
    return min((one.ground for one in conflicts if one.period.holds(on)), default=None)


def united(*groups: Iterable[LeaderConflict]) -> frozenset[LeaderConflict]:
    """All conflicts together, those of one supervisor and ground in as few periods as possible."""
    periods: dict[tuple[UUID, str], list[Period]] = {}
    for conflicts in groups:
        for one in conflicts:
            periods.setdefault((one.supervisor_id, one.ground), []).append(one.period)
    return frozenset(
        LeaderConflict(supervisor_id, ground, period)
        for (supervisor_id, ground), several in periods.items()
        for period in merged(several)
    )


def what_changed(group_id: UUID, old: frozenset[LeaderConflict], new: frozenset[LeaderConflict]) -> list[Event]:
    """The events that lead a listener from the old conflicts to the new ones.

    Cleared means: nothing of this leader and ground stands from `since` on; what then still does is told again. The
    `until` of an event is the first day on which the conflict no longer stands, as the `since` of Cleared is.
    """
    events: list[Event] = []
    for supervisor_id, ground in sorted({(one.supervisor_id, one.ground) for one in old ^ new}):
        was = [one.period for one in old if (one.supervisor_id, one.ground) == (supervisor_id, ground)]
        is_ = [one.period for one in new if (one.supervisor_id, one.ground) == (supervisor_id, ground)]
        freed = [day for day in (_first_day_freed(period, is_) for period in was) if day]
        cleared = min(freed, default=None)
        if cleared:
            events.append(
                LeaderConflictCleared(group_id=group_id, supervisor_id=supervisor_id, ground=ground, since=cleared)
            )
        events.extend(
            LeaderConflictArose(
                group_id=group_id,
                supervisor_id=supervisor_id,
                ground=ground,
                since=period.since,
                until=period.until and day_after(period.until),
            )
            for period in sorted(is_, key=lambda one: one.since)
            if (cleared and period.last >= cleared) or not any(known.covers(period) for known in was)
        )
    return events


def _first_day_freed(period: Period, left: list[Period]) -> date | None:
    """The first day of a period that is in none of what is left, which has no two that touch."""
    within = next((one for one in left if one.holds(period.since)), None)
    if within is None:
        return period.since
    return day_after(within.last) if within.last < period.last else None
