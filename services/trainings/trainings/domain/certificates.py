"""Certificates of attendance (zaświadczenia o uczestnictwie): who earns one, and when it no longer holds.

The society does not issue the state's supervisor certificate, and nothing here is one (rule 15).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID, uuid5

from chassis.errors import Conflict, NotFound, says
from contracts.event import Event
from contracts.sessions import MinutesAttended
from contracts.trainings import CertificateIssued, CertificateRevoked

Of = Literal["cycle", "run"]

BELOW_THRESHOLD = "below_threshold"
"""The reason of a revocation that a correction caused: only such a one can another correction undo."""

_NAMES = UUID("7a1d6b0e-5c0f-5e0b-9d3e-3a8f4b1c2d60")


class CertificateNotFound(NotFound):
    """There is no such certificate in a programme of the caller."""

    says = says(pl="Nie ma takiego zaświadczenia.", en="There is no such certificate of attendance.")


class CertificateRevokedAlready(Conflict):
    """A certificate is revoked once."""

    says = says(
        pl="To zaświadczenie już unieważniono.",
        en="This certificate of attendance has been revoked already.",
    )


class RevokedBeforeIssued(Conflict):
    """A certificate is revoked no earlier than it was issued."""

    says = says(
        pl="Zaświadczenie wydano dopiero {issued_on}.",
        en="The certificate of attendance was issued only on {issued_on}.",
    )


class Course(NamedTuple):
    """What a certificate is of: a cycle of supervision or a run of a training, its minutes and its threshold."""

    of: Of
    of_id: UUID
    group_id: UUID
    programme_id: UUID
    minutes: int
    threshold_percent: int

    def earned_by(self, minutes: int) -> bool:
        """Whether who attended so many minutes earns a certificate: at least the threshold of all (rule 15)."""
        return minutes > 0 and minutes * 100 >= self.threshold_percent * self.minutes

    def certificate_id(self, person_id: UUID) -> UUID:
        """The one certificate that a person can have of this course, whenever and however often it is asked for."""
        return uuid5(_NAMES, f"{self.of}/{self.of_id}/{person_id}")


@dataclass(eq=False)
class Certificate:
    """One person's attendance of one course, certified."""

    id: UUID
    programme_id: UUID
    person_id: UUID
    of: Of
    of_id: UUID
    group_id: UUID
    minutes: int
    issued_on: date
    revoked_on: date | None = None
    reason: str | None = None
    version: int = 0

    @classmethod
    def issued(cls, course: Course, person_id: UUID, minutes: int, *, on: date) -> tuple["Certificate", list[Event]]:
        """Certify that a person attended so many minutes of a course; whether they are enough, the course says."""
        certificate = cls(
            id=course.certificate_id(person_id),
            programme_id=course.programme_id,
            person_id=person_id,
            of=course.of,
            of_id=course.of_id,
            group_id=course.group_id,
            minutes=minutes,
            issued_on=on,
        )
        return certificate, [certificate._issued()]

    def recompute(self, course: Course, minutes: int, *, on: date) -> list[Event]:
        """What a corrected attendance makes of this certificate: revoked, valid again, or as it was.

        One that a coordinator revoked for a reason of their own stays revoked.
        """
        earned = course.earned_by(minutes)
        if self.revoked_on is None and not earned:
            return self._revoke(BELOW_THRESHOLD, on)
        if self.reason == BELOW_THRESHOLD and earned:
            self.minutes, self.issued_on, self.revoked_on, self.reason = minutes, on, None, None
            return [self._issued()]
        return []

    def revoke(self, reason: str, *, on: date) -> list[Event]:
        """Declare it invalid, for a coded reason. Raises CertificateRevokedAlready, RevokedBeforeIssued."""
        if self.revoked_on is not None:
            raise CertificateRevokedAlready
        if on < self.issued_on:
            raise RevokedBeforeIssued(issued_on=self.issued_on)
        return self._revoke(reason, on)

    def _issued(self) -> CertificateIssued:
        return CertificateIssued(
            certificate_id=self.id,
            person_id=self.person_id,
            of=self.of,
            of_id=self.of_id,
            group_id=self.group_id,
            minutes=self.minutes,
            issued_on=self.issued_on,
        )

    def _revoke(self, reason: str, on: date) -> list[Event]:
        self.revoked_on, self.reason = on, reason
        return [
            CertificateRevoked(
                certificate_id=self.id,
                person_id=self.person_id,
                of=self.of,
                of_id=self.of_id,
                reason=reason,
                revoked_on=on,
            )
        ]


def earned(
    course: Course, attendance: Iterable[MinutesAttended], *, on: date, already: Iterable[UUID] = ()
) -> list[tuple[Certificate, list[Event]]]:
    """The certificates that those who attended enough have earned, apart from the ids that exist `already`."""
    known = set(already)
    return [
        Certificate.issued(course, who.person_id, who.minutes, on=on)
        for who in attendance
        if course.earned_by(who.minutes) and course.certificate_id(who.person_id) not in known
    ]
