"""What a test does with a group: made up, through the consumers and the API like everyone else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
from chassis.testing import Harness
from contracts.enrollment import GroupFormed, ParticipantEnrolled, ParticipantWithdrawn, Place, Shape
from contracts.publications import CitedConclusion, IssueFreezeRequested

FORMED = "2022-10-03"
DAYS = [f"{year}-{month:02}-12" for year in (2022, 2023) for month in range(1, 13)][9:]
"""The twelfth of each month from October 2022 on."""


def a_group_formed(*, members: int = 3, meetings: int = 3, **more: Any) -> GroupFormed:
    told: dict[str, Any] = {
        "group_id": uuid4(),
        "name": "Grupa przykładowa",
        "track": "supervision",
        "audience": "workers",
        "place": Place(terc="1465011", zone="city", area="1465011"),
        "cohort": "october_2022",
        "formed_on": date.fromisoformat(FORMED),
        "starts_on": date.fromisoformat(DAYS[0]),
        "shape": Shape(minimum=1, maximum=15, meetings=meetings, minutes=300, quorum=2, threshold_percent=80),
        "members": tuple(uuid4() for _ in range(members)),
        "leaders": (uuid4(),),
    }
    return GroupFormed(**(told | more))


def an_enrolment(group: GroupFormed, person: UUID | None = None, on: str = "2022-11-01") -> ParticipantEnrolled:
    return ParticipantEnrolled(
        group_id=group.group_id,
        application_id=uuid4(),
        person_id=person or uuid4(),
        track=group.track,
        enrolled_on=date.fromisoformat(on),
    )


def a_withdrawal(group: GroupFormed, person: UUID, on: str = "2022-11-01") -> ParticipantWithdrawn:
    return ParticipantWithdrawn(
        group_id=group.group_id,
        application_id=uuid4(),
        person_id=person,
        had_seat=True,
        withdrawn_on=date.fromisoformat(on),
    )


@dataclass
class Steps:
    """A group with its people, each with a client of their own."""

    harness: Harness
    group: GroupFormed

    @property
    def id(self) -> UUID:
        return self.group.group_id

    @property
    def members(self) -> Sequence[UUID]:
        return self.group.members

    def leader(self, person: UUID | None = None) -> httpx.AsyncClient:
        return self.harness.client("supervisor", person=person or self.group.leaders[0])

    def member(self, number: int = 0) -> httpx.AsyncClient:
        return self.harness.client("participant", person=self.members[number])

    def coordinator(self, programme: UUID | None = None) -> httpx.AsyncClient:
        return self.harness.client("coordinator", programme=programme)

    def path(self, *parts: object) -> str:
        return "/".join(["/v1/cycles", str(self.id), *(str(part) for part in parts)])

    async def command(self, client: httpx.AsyncClient, *parts: object, **body: Any) -> httpx.Response:
        return await client.post(self.path(*parts), json=body)

    async def sign(self, people: Sequence[UUID], on: str = DAYS[0]) -> httpx.Response:
        told = {"signed_on": on, "form": "paper", "people": [str(person) for person in people]}
        return await self.command(self.leader(), "contract/signatures", **told)

    async def everyone_signs(self, on: str = DAYS[0]) -> None:
        signed = await self.sign([*self.members, *self.group.leaders], on)
        assert signed.json() == {"unsigned": 0}, signed.text

    async def start(self, ordinal: int = 1, **body: Any) -> httpx.Response:
        told = {"held_on": DAYS[ordinal - 1]} | body
        return await self.command(self.leader(), "sessions", ordinal, "start", **told)

    def roster(self, *minutes: int) -> list[dict[str, Any]]:
        status = {300: "attended", 0: "absent"}
        return [
            {"person_id": str(person), "status": status.get(spent, "partly_attended"), "minutes": spent}
            for person, spent in zip(self.members, minutes or [300] * len(self.members), strict=False)
        ]

    async def complete(self, ordinal: int = 1, *minutes: int, **body: Any) -> httpx.Response:
        told = {"minutes": 300, "attendance": self.roster(*minutes)} | body
        return await self.command(self.leader(), "sessions", ordinal, "completion", **told)

    async def hold(self, *ordinals: int) -> None:
        for ordinal in ordinals:
            assert (await self.start(ordinal)).status_code == 200
            completed = await self.complete(ordinal)
            assert completed.json()["outcome"] == "completed", completed.text

    async def conclude(self, **body: Any) -> UUID:
        told = {"ordinal": 1, "recorded_on": DAYS[0], "practice_recommended": ["alliances"]} | body
        concluded = await self.command(self.leader(), "conclusions", **told)
        assert concluded.status_code == 201, concluded.text
        return UUID(concluded.json()["id"])

    async def consent(self, conclusion: UUID, *numbers: int, **body: Any) -> httpx.Response:
        told = {"given": True, "given_on": DAYS[0], "form": "paper", "text_version": 1} | body
        told |= {"people": [str(self.members[number]) for number in numbers]}
        return await self.command(self.leader(), "conclusions", conclusion, "consents", **told)

    async def released(self) -> UUID:
        """A conclusion of the first session, which everyone attended and consents to."""
        await self.hold(1)
        conclusion = await self.conclude()
        consented = await self.consent(conclusion, *range(len(self.members)))
        assert consented.json() == {"outcome": "released"}, consented.text
        return conclusion

    def freeze(self, *conclusions: UUID, cycle: UUID | None = None) -> IssueFreezeRequested:
        cited = tuple(CitedConclusion(cycle_id=cycle or self.id, conclusion_id=each) for each in conclusions)
        return IssueFreezeRequested(issue_id=uuid4(), issue="SPS 4/2022 (przykład)", conclusions=cited)


async def a_group(harness: Harness, **more: Any) -> Steps:
    group = a_group_formed(**more)
    await harness.deliver(group)
    return Steps(harness, group)


def refused(response: httpx.Response, code: str, ground: str | None = None) -> dict[str, Any]:
    """The problem document of a 409 of that name and ground."""
    assert response.status_code == 409, response.text
    problem: dict[str, Any] = response.json()
    assert (problem["type"], problem.get("ground")) == (f"urn:superwizja:problem:{code}", ground)
    return problem
