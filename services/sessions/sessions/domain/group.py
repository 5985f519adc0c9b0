"""The group of a cycle: its people as of any date, its contract, and the gates that look at them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from contracts.event import Event
from contracts.sessions import ContractRevised, ContractSigned

from sessions.domain.contract import Contract, Form
from sessions.domain.people import Leader, LeaderConflict, Member, ended, present
from sessions.domain.refusals import (
    DateTooEarly,
    DoesNotLead,
    GroupHasDissolved,
    LeaderInConflict,
    NotOfTheGroup,
)


@dataclass(eq=False)
class Group:
    """Who meets, under which contract. All that the gates look at is values of the one row that is locked."""

    id: UUID
    programme_id: UUID | None
    version: int = 0
    name: str = ""
    formed_on: date | None = None
    dissolved_on: date | None = None
    members: tuple[Member, ...] = ()
    leaders: tuple[Leader, ...] = ()
    conflicts: tuple[LeaderConflict, ...] = ()
    contract: Contract = field(default_factory=Contract)

    def join(self, person_id: UUID, on: date) -> None:
        """A late joiner, who signs the contract before the next session."""
        if not present(self.members, person_id):
            self.members += (Member(person_id=person_id, since=on),)

    def withdraw(self, person_id: UUID, on: date) -> None:
        """Somebody left the group: nobody waits for their signature any more."""
        self.members = ended(self.members, person_id, on)

    def assign(self, leader: Leader) -> None:
        """Somebody leads the group, or leads it together with others, from a date on."""
        if not present(self.leaders, leader.person_id):
            self.leaders += (leader,)

    def replace_leader(self, previous_id: UUID, leader: Leader) -> None:
        """One leader makes way for another."""
        self.leaders = ended(self.leaders, previous_id, leader.since)
        self.assign(leader)

    def conflict_arose(self, conflict: LeaderConflict) -> None:
        """No session with this leader while the conflict stands on its date."""
        self.conflicts += (conflict,)

    def conflict_cleared(self, person_id: UUID, ground: str, on: date) -> None:
        """Every conflict of this leader on this ground is over from a date on."""
        self.conflicts = tuple(
            conflict.cleared(on) if (conflict.person_id, conflict.ground) == (person_id, ground) else conflict
            for conflict in self.conflicts
        )

    def is_led_by(self, person_id: UUID) -> bool:
        """Whether they lead the group now."""
        return present(self.leaders, person_id)

    def knows(self, person_id: UUID) -> bool:
        """Whether they belong to the group or did before, as a member or as a leader."""
        return person_id in {known.person_id for people in (self.members, self.leaders) for known in people}

    # The contract: rule 7, std.2.2

    def unsigned(self, on: date | None = None, leading: Iterable[UUID] = ()) -> set[UUID]:
        """Who has yet to sign: members, the leader, and the co-leaders of the session that is asked about.

        As of a date by whoever belonged then and the version in force then; None asks for now.
        """
        bound = {m.person_id for m in self.members if (m.until is None if on is None else m.must_sign(on))}
        bound |= {
            leader.person_id
            for leader in self.leaders
            if leader.leads_as == "leader" and (leader.until is None if on is None else leader.may_lead(on))
        }
        return self.contract.missing(bound.union(leading), on=on)

    def sign(self, people: Sequence[UUID], *, on: date, form: Form, recorded_by: UUID) -> list[Event]:
        """Put signatures under the current version on record; who signed it already stays as recorded.

        Raises NotOfTheGroup and DateTooEarly.
        """
        strangers = [p for p in people if not present(self.members, p) and not present(self.leaders, p)]
        if strangers:
            raise NotOfTheGroup(date=on, strangers=len(strangers))
        events: list[Event] = []
        for person in dict.fromkeys(people):
            if not self.contract.missing([person]):
                continue
            self.contract = self.contract.signed(person, on=on, form=form, recorded_by=recorded_by)
            events.append(
                ContractSigned(
                    cycle_id=self.id,
                    person_id=person,
                    contract_version=self.contract.version,
                    signed_on=on,
                    form=form,
                    unsigned=len(self.unsigned()),
                )
            )
        return events

    def revise_contract(self, on: date) -> list[Event]:
        """A new version of the contract, which everyone signs anew. Raises DateTooEarly."""
        self.contract = self.contract.revised(on)
        return [ContractRevised(cycle_id=self.id, contract_version=self.contract.version, revised_on=on)]

    # What a session's date must agree with

    def check_date(self, on: date) -> None:
        """No session before the group formed, and none begins once it has dissolved.

        Raises DateTooEarly and GroupHasDissolved.
        """
        if self.formed_on and on < self.formed_on:
            raise DateTooEarly(date=on, earliest=self.formed_on)
        if self.dissolved_on:
            raise GroupHasDissolved(dissolved_on=self.dissolved_on)

    def check_leaders(self, people: Iterable[UUID], on: date) -> None:
        """Everyone who leads a session leads the group on its date, free of conflicts (rules 4, 5 and 13).

        Raises DoesNotLead and LeaderInConflict.
        """
        for person in people:
            if not any(leader.person_id == person and leader.may_lead(on) for leader in self.leaders):
                raise DoesNotLead(date=on)
            for conflict in self.conflicts:
                if conflict.person_id == person and conflict.stands(on):
                    raise LeaderInConflict(date=on, ground=conflict.ground)

    def check_members(self, people: Iterable[UUID], on: date) -> None:
        """A roster holds members of the group on that date, nobody else. Raises NotOfTheGroup."""
        members = {member.person_id for member in self.members if member.may_attend(on)}
        if strangers := set(people) - members:
            raise NotOfTheGroup(date=on, strangers=len(strangers))
