"""What the API answers: ids, codes, dates and numbers. Names of people are enrollment's to tell."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from chassis.web import View


class CycleSummary(View):
    """A cycle in a list: how many of its sessions took place, and the next date."""

    id: UUID
    programme_id: UUID
    name: str
    status: str
    formed_on: date
    sessions: int
    completed: int
    next_planned_on: date | None


class MemberView(View):
    """Somebody's time in the group; `until` is None while they belong."""

    person_id: UUID
    since: date
    until: date | None


class LeaderView(MemberView):
    """Somebody's time as a leader of the group."""

    leads_as: str


class ConflictView(MemberView):
    """A tie because of which a leader may not lead, and its ground."""

    ground: str


class SignatureView(View):
    """One signature under one version of the contract."""

    person_id: UUID
    contract_version: int
    signed_on: date
    form: str


class ContractView(View):
    """The group's contract: `revised_on` holds the day of each version; `unsigned` have yet to sign the current one."""

    version: int
    revised_on: list[date]
    signatures: list[SignatureView]
    unsigned: list[UUID]


class AttendanceView(View):
    """One row of a roster."""

    person_id: UUID
    status: str
    minutes: int


class SessionView(View):
    """One session: a slot of the cycle, and what came of it."""

    id: UUID
    ordinal: int
    planned_on: date
    status: str
    held_on: date | None
    venue: str | None
    minutes: int
    leaders: list[UUID]
    attendance: list[AttendanceView]
    themes: list[str]
    methods: list[str]
    case_rounds: int

    @classmethod
    def of(cls, row: Any, *, only: UUID | None) -> "SessionView":
        """The session of a row of its table; `only` leaves one person's row of the roster."""
        told = {name: getattr(row, name) for name in cls.model_fields if name != "attendance"}
        roster = [
            AttendanceView.model_validate(entry) for entry in row.roster if only is None or entry.person_id == only
        ]
        return cls(**told, attendance=roster)


class CycleView(View):
    """A cycle with its people, its contract and its sessions. `minutes` is the length of one session."""

    id: UUID
    programme_id: UUID
    version: int
    name: str
    status: str
    formed_on: date
    dissolved_on: date | None
    minutes: int
    quorum: int
    threshold_percent: int
    members: list[MemberView]
    leaders: list[LeaderView]
    conflicts: list[ConflictView]
    contract: ContractView
    sessions: list[SessionView]


class StatementView(View):
    """What somebody said of a conclusion: evidence. The last of a person's statements counts."""

    person_id: UUID
    said: str
    on: date
    form: str | None
    text_version: str | None
    recorded_by: UUID


class LockView(View):
    """An issue whose frozen content cites the conclusion."""

    issue_id: UUID
    issue: str


class ConclusionView(View):
    """A conclusion, who took part and so is asked, and what was said. `ordinal` is None for the whole course."""

    id: UUID
    session_id: UUID | None
    ordinal: int | None
    recorded_on: date
    practice_before: list[str]
    practice_recommended: list[str]
    status: str
    released_on: date | None
    attendees: list[UUID]
    statements: list[StatementView]
    locks: list[LockView]


class Conclusions(View):
    """All conclusions of a cycle."""

    items: list[ConclusionView]


class Month(View):
    """What took place in one month."""

    sessions_completed: int = 0
    attendances: int = 0
    people_reached: int = 0


class Figures(View):
    """A programme in numbers, from this service's own tables. `months` are `2022-10`; `refusals` go by ground."""

    figures: dict[str, int]
    months: dict[str, Month]
    refusals: dict[str, int]


class CodeView(View):
    """A code and what people read in its place."""

    code: str
    pl: str
    en: str


class Codes(View):
    """The codes that this service accepts."""

    themes: Sequence[CodeView]
    methods: Sequence[CodeView]
    practices_before: Sequence[CodeView]
    practices_recommended: Sequence[CodeView]
