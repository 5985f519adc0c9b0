"""What each event tells: the rows that it leaves, and how a batch of them is written."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from contracts import enrollment, publications, sessions, trainings
from contracts.event import Envelope, Event
from sqlalchemy import ARRAY, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from insights import tables

Row = dict[str, Any]
Rows = Callable[[Any, Envelope], Iterable[Row]]


async def keep(db: AsyncSession, batch: Sequence[tuple[Event, Envelope]]) -> None:
    """Write what a batch of events tells: a fact that is there is completed, its other columns stay.

    Rows of the same fact become one, the later event prevailing; then each table is written with one statement for
    each set of columns.
    """
    facts: dict[tuple[Table, Hashable], Row] = defaultdict(dict)
    for event, envelope in batch:
        for table, rows_of in TOLD[type(event)]:
            for told in rows_of(event, envelope):
                row = {**told, "programme_id": envelope.programme_id}
                facts[table, tuple(row[name] for name in _key(table))].update(row)
    alike: dict[tuple[Table, tuple[str, ...]], list[Row]] = defaultdict(list)
    for (table, _), row in facts.items():
        alike[table, tuple(sorted(row))].append(row)
    for (table, columns), rows in alike.items():
        await db.execute(_written(table, columns), {name: [row[name] for row in rows] for name in columns})


@cache
def _key(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


@cache
def _written(table: Table, columns: tuple[str, ...]) -> Insert:
    """Insert these columns of facts, or set them where a fact is there: an array for each, of however many facts."""
    arrays = [bindparam(name, type_=ARRAY(table.c[name].type, dimensions=1)) for name in columns]
    told = func.unnest(*arrays).table_valued(*columns).render_derived()
    statement = insert(table).from_select(columns, select(told))
    others = {name: statement.excluded[name] for name in columns if name not in _key(table)}
    if not others:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(index_elements=_key(table), set_=others)


def fields(*names: str, **known: object) -> Rows:
    """One row of these fields of the event, and of what the event's type says."""
    return lambda event, _: [{name: getattr(event, name) for name in names} | known]


def counted(code: str) -> Rows:
    """One row that is only counted, as the figure `code`."""
    return lambda _, envelope: [{"event_id": envelope.id, "code": code}]


def refused(event: Any, envelope: Envelope) -> Iterable[Row]:
    """An answer that refuses, by its ground; without a ground it refuses nothing."""
    return [{"event_id": envelope.id, "code": "refusal", "ground": event.ground}] if event.ground else []


def opened(event: enrollment.ProgrammeOpened, _: Envelope) -> Iterable[Row]:
    """A programme as it can be shown."""
    named = {name: getattr(event, name) for name in ("code", "name", "funder", "provider", "starts_on", "ends_on")}
    return [named | {"targets": msgspec.to_builtins(event.targets), "areas": msgspec.to_builtins(event.areas)}]


def placed(event: enrollment.GroupFormed, _: Envelope) -> Iterable[Row]:
    """A formed group and its place."""
    place = {"terc": event.place.terc, "zone": event.place.zone, "area": event.place.area}
    return [{name: getattr(event, name) for name in ("group_id", "name", "track", "audience", "formed_on")} | place]


def decided(event: enrollment.ApplicationDecided, _: Envelope) -> Iterable[Row]:
    """Whether an application was ineligible."""
    return [{"application_id": event.application_id, "ineligible": event.outcome == "ineligible"}]


def attended(event: sessions.SessionCompleted, _: Envelope) -> Iterable[Row]:
    """A session's roster: one row a person."""
    held = {"session_id": event.session_id, "cycle_id": event.cycle_id, "held_on": event.held_on}
    return [held | {"person_id": one.person_id, "minutes": one.minutes} for one in event.attendance]


def trained(event: trainings.RunCompleted, _: Envelope) -> Iterable[Row]:
    """A run's roster: one row a person."""
    held = {"run_id": event.run_id, "audience": event.audience}
    return [held | {"person_id": one.person_id, "minutes": one.minutes} for one in event.attendance]


TOLD: dict[type[Event], list[tuple[Table, Rows]]] = {
    enrollment.ProgrammeOpened: [(tables.programme, opened)],
    enrollment.TargetsChanged: [
        (tables.programme, lambda event, _: [{"targets": msgspec.to_builtins(event.targets)}]),
    ],
    enrollment.CentreInvited: [(tables.invitation, fields("centre_id"))],
    enrollment.CentreJoined: [(tables.invitation, fields("centre_id", joined=True))],
    enrollment.CentreDeclined: [(tables.invitation, fields("centre_id", joined=False))],
    enrollment.GroupFormed: [(tables.group, placed)],
    enrollment.GroupCompleted: [(tables.group, fields("group_id", "completed_on"))],
    enrollment.GroupDissolved: [(tables.group, fields("group_id", "dissolved_on"))],
    enrollment.ApplicationSubmitted: [
        (tables.application, fields("application_id", "group_id", "person_id", "submitted_on")),
    ],
    enrollment.ApplicationDecided: [(tables.application, decided), (tables.happening, refused)],
    enrollment.ParticipantWaitlisted: [(tables.application, fields("application_id", waitlisted=True))],
    enrollment.ParticipantEnrolled: [(tables.application, fields("application_id", "track", "enrolled_on"))],
    enrollment.ParticipantWithdrawn: [
        (tables.application, fields("application_id", "withdrawn_on")),
        (tables.happening, counted("withdrawals")),
    ],
    enrollment.SeatOffered: [(tables.happening, counted("offers_made"))],
    enrollment.SeatOfferExpired: [(tables.happening, counted("offers_expired"))],
    enrollment.SupervisorAssignmentRefused: [(tables.happening, refused)],
    enrollment.MailingCounted: [(tables.mailing, fields("delivery_id", "issue_id", "recipients"))],
    sessions.ContractSigned: [(tables.happening, counted("signatures"))],
    sessions.SessionCompleted: [
        (tables.session, fields("session_id", "cycle_id", "held_on", "minutes")),
        (tables.attendance, attended),
    ],
    sessions.AttendanceCorrected: [
        (tables.attendance, fields("session_id", "person_id", "cycle_id", "held_on", "minutes")),
    ],
    sessions.CycleCompleted: [(tables.cycle, fields("cycle_id", "completed_on"))],
    sessions.ConclusionRecorded: [(tables.conclusion, fields("conclusion_id", "recorded_on"))],
    sessions.ConclusionReleased: [(tables.conclusion, fields("conclusion_id", "released_on"))],
    sessions.ConclusionWithheld: [
        (tables.conclusion, fields("conclusion_id", "withheld_on")),
        (tables.happening, refused),
    ],
    sessions.ConclusionConsentRevoked: [(tables.happening, counted("consents_revoked"))],
    sessions.ConclusionLockRefused: [(tables.happening, refused)],
    trainings.TitleDeveloped: [(tables.title, fields("title_id", "name", "audience", "developed_on"))],
    trainings.TitlePublished: [(tables.title, fields("title_id", "name", "audience", "published_on"))],
    trainings.RunCompleted: [
        (tables.run, fields("run_id", "group_id", "audience", "held_on", "minutes")),
        (tables.run_attendance, trained),
    ],
    trainings.CertificateIssued: [(tables.certificate, fields("certificate_id", "issued_on", revoked_on=None))],
    trainings.CertificateRevoked: [(tables.certificate, fields("certificate_id", "revoked_on"))],
    publications.IssueOpened: [(tables.issue, fields("issue_id", "name", "year", "quarter"))],
    publications.IssuePublished: [
        (tables.issue, fields("issue_id", "name", "year", "quarter", "articles", "published_on")),
    ],
    publications.IssueDistributed: [(tables.issue, fields("issue_id", "recipients"))],
    publications.SubmissionReceived: [(tables.article, fields("article_id", "issue_id", "submitted_on"))],
    publications.ArticleDropped: [
        (tables.article, fields("article_id", "issue_id", dropped=True)),
        (tables.happening, refused),
    ],
}
"""For each event that tells a fact: the tables, and the rows that it leaves there."""
