"""A run: one title taught to one training group, by its trainers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Self
from uuid import UUID

from chassis.errors import Conflict, Invalid, NotFound, Refused, says
from contracts.enrollment import Audience
from contracts.event import Event
from contracts.sessions import MinutesAttended
from contracts.trainings import RunCancelled, RunCompleted, RunScheduled

from trainings.domain.titles import Title, TitleUndeveloped

RunStatus = Literal["planned", "in_progress", "completed", "cancelled"]


class RunNotFound(NotFound):
    """There is no such run, or the caller does not lead it."""

    says = says(pl="Nie ma takiej realizacji szkolenia.", en="There is no such training run.")


class GroupNotFormed(Conflict):
    """Runs are for training groups that have formed, as far as this service has heard."""

    says = says(
        pl="Nie ma tu jeszcze takiej utworzonej grupy szkoleniowej.",
        en="No such training group is known here as formed yet.",
    )


class GroupEnded(Conflict):
    """A dissolved group is taught no more."""

    says = says(pl="Grupa szkoleniowa została rozwiązana.", en="The training group has been dissolved.")


class RunExists(Conflict):
    """One run per group and title, cancelled ones apart."""

    says = says(
        pl="Ta grupa ma już realizację tego szkolenia.",
        en="This group already has a run of this title.",
    )


class AudienceMismatch(Refused):
    """Trainings for supervisors and for workers are apart: the group's audience is the title's (rule 16)."""

    ground = "programme.title-audience"
    says = says(
        pl="Szkolenie jest przeznaczone dla innych odbiorców niż ta grupa.",
        en="The title is meant for another audience than this group.",
    )


class RunOutOfTurn(Conflict):
    """What was asked for does not follow from the run's state."""

    says = says(
        pl="Na to nie pora w tym stanie realizacji szkolenia.",
        en="The run's state does not allow it ({status}).",
    )


class RunTooShort(Refused):
    """A run takes at least as long as was planned."""

    ground = "programme.length"
    says = says(
        pl="Szkolenie trwało {minutes} min, a ma trwać co najmniej {required} min.",
        en="The run took {minutes} minutes and must take {required} at least.",
    )


class AttendeesNotMembers(Conflict):
    """Only who belonged to the group on the run's date can have attended."""

    says = says(
        pl="Lista obecności obejmuje osoby spoza grupy (liczba: {people}).",
        en="The roster holds people who were not of the group (number: {people}).",
    )


class PersonTwice(Invalid):
    """A roster has one row a person."""

    says = says(pl="Ta sama osoba jest na liście więcej niż raz.", en="The same person is on the roster twice.")


class AttendedTooLong(Invalid):
    """Nobody attends longer than a run takes."""

    says = says(
        pl="Obecność jest dłuższa niż szkolenie ({minutes} min).",
        en="The attendance is longer than the run ({minutes} min).",
    )


@dataclass(eq=False)
class TrainingGroup:
    """A formed group of the training track, as enrollment told of it."""

    group_id: UUID
    programme_id: UUID
    audience: Audience
    threshold_percent: int
    formed_on: date
    dissolved_on: date | None = None


@dataclass(eq=False)
class Attended:
    """How long one person was at a run, in minutes; 0 for who did not come."""

    person_id: UUID
    minutes: int


@dataclass(eq=False)
class Run:
    """One title for one group. `minutes` is its length: as planned, and once completed as it was."""

    id: UUID
    programme_id: UUID
    title_id: UUID
    group_id: UUID
    audience: Audience
    planned_on: date
    minutes: int
    threshold_percent: int
    trainers: list[UUID]
    status: RunStatus = "planned"
    held_on: date | None = None
    attendance: list[Attended] = field(default_factory=list)
    version: int = 0

    @classmethod
    def scheduled(
        cls, run_id: UUID, title: Title, group: TrainingGroup, *, on: date, minutes: int, trainers: Collection[UUID]
    ) -> tuple[Self, list[Event]]:
        """Plan a developed title for a formed group of its audience.

        Raises TitleUndeveloped, TitleGaveWay, GroupEnded, AudienceMismatch.
        """
        title.may_be_run()
        if group.dissolved_on is not None:
            raise GroupEnded
        if group.audience != title.audience:
            raise AudienceMismatch
        run = cls(
            id=run_id,
            programme_id=title.programme_id,
            title_id=title.id,
            group_id=group.group_id,
            audience=title.audience,
            planned_on=on,
            minutes=minutes,
            threshold_percent=group.threshold_percent,
            trainers=list(dict.fromkeys(trainers)),
        )
        event = RunScheduled(
            run_id=run.id,
            title_id=run.title_id,
            group_id=run.group_id,
            audience=run.audience,
            planned_on=on,
            minutes=minutes,
            trainers=tuple(run.trainers),
        )
        return run, [event]

    def start(self, title: Title, *, on: date) -> None:
        """Begin, on a date on which the title was already developed. Raises RunOutOfTurn, TitleUndeveloped."""
        if self.status != "planned":
            raise RunOutOfTurn(status=self.status)
        if title.developed_on is None or on < title.developed_on:
            raise TitleUndeveloped
        self.status, self.held_on = "in_progress", on

    def complete(self, roster: Sequence[Attended], *, minutes: int, members: Collection[UUID]) -> RunCompleted:
        """Close the run: it took `minutes`, and each person was there for as many as the roster says.

        `members` are the group's on the run's date. Raises RunOutOfTurn, RunTooShort, PersonTwice,
        AttendedTooLong, AttendeesNotMembers.
        """
        if self.status != "in_progress" or self.held_on is None:
            raise RunOutOfTurn(status=self.status)
        if minutes < self.minutes:
            raise RunTooShort(minutes=minutes, required=self.minutes)
        people = {entry.person_id for entry in roster}
        if len(people) < len(roster):
            raise PersonTwice("attendance")
        if any(entry.minutes > minutes for entry in roster):
            raise AttendedTooLong("attendance", minutes=minutes)
        strangers = people - set(members)
        if strangers:
            raise AttendeesNotMembers(people=len(strangers))
        self.status, self.minutes = "completed", minutes
        self.attendance = sorted(roster, key=lambda entry: entry.person_id)
        return RunCompleted(
            run_id=self.id,
            title_id=self.title_id,
            group_id=self.group_id,
            audience=self.audience,
            held_on=self.held_on,
            minutes=minutes,
            threshold_percent=self.threshold_percent,
            trainers=tuple(self.trainers),
            attendance=tuple(MinutesAttended(person_id=a.person_id, minutes=a.minutes) for a in self.attendance),
        )

    def cancel(self) -> list[Event]:
        """Call the run off; the group may have another of the same title. Raises RunOutOfTurn once completed."""
        if self.status not in ("planned", "in_progress"):
            raise RunOutOfTurn(status=self.status)
        self.status, self.held_on = "cancelled", None
        return [RunCancelled(run_id=self.id, title_id=self.title_id, group_id=self.group_id)]
