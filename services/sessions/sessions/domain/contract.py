"""The group's contract: its versions, and who signed which of them. Signatures are evidence and only ever added."""

from collections.abc import Iterable
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from sessions.domain.refusals import DateTooEarly

Form = Literal["paper", "electronic"]


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """One person signed one version, on paper or electronically; `recorded_by` says who put it on record."""

    person_id: UUID
    contract_version: int
    signed_on: date
    form: Form
    recorded_by: UUID


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """The contract of a group. `revised_on[0]` is the day of its first version, and so on."""

    revised_on: tuple[date, ...] = ()
    signatures: tuple[Signature, ...] = ()

    @property
    def version(self) -> int:
        """The number of the current version, from 1; 0 before there is a contract."""
        return len(self.revised_on)

    def version_on(self, on: date) -> int:
        """The number of the version that was in force on that day."""
        return sum(day <= on for day in self.revised_on)

    def missing(self, people: Iterable[UUID], *, on: date | None = None) -> set[UUID]:
        """Who of these people had not signed the version in force by the end of that day; None asks for now."""
        version = self.version if on is None else self.version_on(on)
        signed = {
            signature.person_id
            for signature in self.signatures
            if signature.contract_version == version and (on is None or signature.signed_on <= on)
        }
        return set(people) - signed

    def signed(self, person_id: UUID, *, on: date, form: Form, recorded_by: UUID) -> "Contract":
        """The contract with one more signature under its current version. Raises DateTooEarly before that version."""
        if on < self.revised_on[-1]:
            raise DateTooEarly(date=on, earliest=self.revised_on[-1])
        signature = Signature(
            person_id=person_id, contract_version=self.version, signed_on=on, form=form, recorded_by=recorded_by
        )
        return msgspec.structs.replace(self, signatures=(*self.signatures, signature))

    def revised(self, on: date) -> "Contract":
        """The contract with a new version, which nobody has signed. Raises DateTooEarly before the one before it."""
        if on < self.revised_on[-1]:
            raise DateTooEarly(date=on, earliest=self.revised_on[-1])
        return msgspec.structs.replace(self, revised_on=(*self.revised_on, on))
