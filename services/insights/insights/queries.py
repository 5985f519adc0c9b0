"""Reads: facts added up per programme, month and city, straight to what is answered."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.errors import NotFound, says
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from insights.places import CITIES


class ProgrammeNotFound(NotFound):
    """Insights has not heard of such a programme."""

    says = says(pl="Nie ma takiego projektu.", en="There is no such programme.")


class Target(BaseModel):
    """What a programme set out to reach, and how much of it is reached."""

    indicator: str
    value: int
    achieved: int


class Programme(BaseModel):
    """A programme as it may be shown."""

    id: UUID
    code: str
    name: str
    funder: str | None
    provider: str | None
    starts_on: date | None
    ends_on: date | None


class City(BaseModel):
    """A city with its surroundings; `terc` is None for all places apart from the cities. Degrees."""

    terc: str | None
    name: str | None
    lat: float | None = None
    lon: float | None = None
    figures: dict[str, int]


class Figures(BaseModel):
    """A programme's figures by code, in all and by month of the fact ("2022-10"); answers that refused by ground."""

    figures: dict[str, int]
    months: dict[str, dict[str, int]]
    refusals: dict[str, int]


class Indicators(Figures):
    """The figures against the programme's targets, and by city. `as_of`: when the database was read."""

    programme: Programme
    targets: list[Target]
    cities: list[City]
    as_of: datetime


OPENED = text(
    """
    select *, statement_timestamp() as as_of from programme
     where programme_id = :programme and name is not null
    """
)

TOTALS = text(
    """
    select * from
      (select count(*) as centres_invited,
              count(*) filter (where joined) as centres_joined
         from invitation where programme_id = :programme) invitations,
      (select count(*) filter (where track = 'supervision') as groups_formed,
              count(*) filter (where track = 'training' and audience = 'workers') as training_groups_formed,
              count(*) filter (where track = 'training' and audience = 'supervisors')
                as supervisor_training_groups_formed,
              count(*) filter (where completed_on is not null) as groups_completed
         from "group" where programme_id = :programme and formed_on is not null) groups,
      (select count(submitted_on) as applications,
              count(*) filter (where waitlisted) as applications_waitlisted,
              count(*) filter (where ineligible) as applications_ineligible,
              count(distinct person_id) filter (where track = 'supervision' and withdrawn_on is null
                and dissolved_on is null) as seats_taken,
              count(distinct person_id) filter (where track = 'supervision') as people_enrolled
         from application left join (select group_id, dissolved_on from "group") g using (group_id)
        where programme_id = :programme) applications,
      (select count(*) filter (where code = 'offers_made') as offers_made,
              count(*) filter (where code = 'offers_expired') as offers_expired,
              count(*) filter (where code = 'withdrawals') as withdrawals,
              count(*) filter (where code = 'signatures') as signatures,
              count(*) filter (where code = 'consents_revoked') as consents_revoked
         from happening where programme_id = :programme) happenings,
      (select count(*) as sessions_completed,
              coalesce(sum(minutes), 0) as supervision_minutes
         from session where programme_id = :programme) sessions,
      (select coalesce(sum(visits), 0) as attendances,
              count(*) filter (where visits > 0) as people_reached,
              coalesce(sum(minutes), 0) as attended_minutes
         from (select count(*) filter (where minutes > 0) as visits, sum(minutes) as minutes
                 from attendance where programme_id = :programme group by person_id) people) attendances,
      (select count(*) as cycles_completed from cycle where programme_id = :programme) cycles,
      (select count(recorded_on) as conclusions_recorded,
              count(released_on) as conclusions_released,
              count(withheld_on) as conclusions_withheld
         from conclusion where programme_id = :programme) conclusions,
      (select count(developed_on) filter (where audience = 'workers') as titles_developed,
              count(published_on) filter (where audience = 'workers') as titles_published,
              count(published_on) filter (where audience = 'supervisors') as supervisor_titles_published
         from title where programme_id = :programme) titles,
      (select count(*) filter (where audience = 'workers') as runs_completed,
              count(distinct group_id) filter (where audience = 'workers') as training_groups_trained,
              count(*) filter (where audience = 'supervisors') as supervisor_runs_completed
         from run where programme_id = :programme) runs,
      (select count(*) filter (where audience = 'workers' and minutes > 0) as training_attendances,
              count(distinct person_id) filter (where audience = 'workers' and minutes > 0) as people_trained,
              count(distinct person_id) filter (where audience = 'supervisors' and minutes > 0)
                as supervisors_trained,
              coalesce(sum(minutes), 0) as trained_minutes
         from run_attendance where programme_id = :programme) run_attendances,
      (select count(issued_on) filter (where revoked_on is null) as certificates_issued,
              count(revoked_on) as certificates_revoked
         from certificate where programme_id = :programme) certificates,
      (select count(published_on) as issues_published,
              coalesce(sum(articles) filter (where published_on is not null), 0) as articles_published,
              coalesce(sum(recipients), 0) as deliveries
         from issue where programme_id = :programme) issues,
      (select count(submitted_on) as submissions,
              count(*) filter (where dropped) as articles_dropped
         from article where programme_id = :programme) articles,
      (select coalesce(sum(recipients), 0) as mail_recipients
         from mailing where programme_id = :programme) mailings
    """
)

REFUSALS = text(
    """
    select ground, count(*) as number from happening
     where programme_id = :programme and code = 'refusal' group by ground order by ground
    """
)

MONTHS = text(
    """
    select 'groups_formed' as code, to_char(formed_on, 'YYYY-MM') as month, count(*) as number
      from "group" where programme_id = :programme and track = 'supervision' and formed_on is not null group by 2
    union all
    select 'sessions_completed', to_char(held_on, 'YYYY-MM'), count(*)
      from session where programme_id = :programme group by 2
    union all
    select unnest(array['attendances', 'people_reached']), to_char(month, 'YYYY-MM'),
           unnest(array[sum(visits), count(*)])
      from (select date_trunc('month', held_on::timestamp) as month, count(*) as visits
              from attendance where programme_id = :programme and minutes > 0 group by 1, person_id) people
     group by month
    union all
    select 'runs_completed', to_char(held_on, 'YYYY-MM'), count(*)
      from run where programme_id = :programme and audience = 'workers' group by 2
    union all
    select 'issues_published', to_char(published_on, 'YYYY-MM'), count(*)
      from issue where programme_id = :programme and published_on is not null group by 2
    """
)

PLACES = text(
    """
    with place as (
      select group_id, coalesce(area, case when terc = any(:cities) then terc end) as city
        from "group" where programme_id = :programme)
    select 'groups_formed' as code, city, count(*) as number
      from place join "group" using (group_id) where track = 'supervision' and formed_on is not null group by city
    union all
    select 'sessions_completed', city, count(*)
      from session left join place on group_id = cycle_id where programme_id = :programme group by city
    union all
    select unnest(array['attendances', 'people_reached']), city, unnest(array[sum(visits), count(*)])
      from (select city, count(*) as visits
              from attendance left join place on group_id = cycle_id
             where programme_id = :programme and minutes > 0 group by city, person_id) people
     group by city
    union all
    select unnest(array['runs_completed', 'training_groups_trained']), city,
           unnest(array[count(*), count(distinct group_id)])
      from run left join place using (group_id)
     where programme_id = :programme and audience = 'workers' group by city
    """
)


async def programmes(db: AsyncSession) -> list[Programme]:
    """Every programme that was opened, those with targets first."""
    known = text(
        """
        select programme_id as id, code, name, funder, provider, starts_on, ends_on from programme
         where name is not null
         order by coalesce(jsonb_array_length(targets), 0) = 0, starts_on, programme_id
        """
    )
    return [Programme.model_validate(row, from_attributes=True) for row in await db.execute(known)]


async def group_names(db: AsyncSession, groups: Collection[UUID]) -> dict[UUID, str]:
    """What groups are called, those that have formed."""
    if not groups:
        return {}
    named = text('select group_id, name from "group" where group_id = any(:groups) and name is not null')
    return {row.group_id: row.name for row in await db.execute(named, {"groups": list(groups)})}


async def figures(db: AsyncSession, programme: UUID) -> Figures:
    """All figures of a programme. Raises ProgrammeNotFound."""
    await _opened(db, programme)
    return Figures(
        figures=await _totals(db, programme),
        months=await _months(db, programme),
        refusals=await _refusals(db, programme),
    )


async def indicators(db: AsyncSession, programme: UUID) -> Indicators:
    """A programme's figures, against its targets and by city. Raises ProgrammeNotFound."""
    opened = await _opened(db, programme)
    totals = await _totals(db, programme)
    return Indicators(
        programme=Programme(id=programme, **{name: opened[name] for name in Programme.model_fields if name != "id"}),
        figures=totals,
        months=await _months(db, programme),
        refusals=await _refusals(db, programme),
        targets=[Target(**target, achieved=totals.get(target["indicator"], 0)) for target in opened["targets"] or ()],
        cities=await _cities(db, programme, {area["city"]: area["name"] for area in opened["areas"] or ()}),
        as_of=opened["as_of"],
    )


async def _opened(db: AsyncSession, programme: UUID) -> dict[str, Any]:
    known = text(
        "select *, statement_timestamp() as as_of from programme where programme_id = :programme and name is not null"
    )
    row = (await db.execute(known, {"programme": programme})).mappings().first()
    if row is None:
        raise ProgrammeNotFound
    return dict(row)


async def _totals(db: AsyncSession, programme: UUID) -> dict[str, int]:
    row = (await db.execute(TOTALS, {"programme": programme})).mappings().one()
    totals = {code: int(number) for code, number in row.items()}
    totals["hours_minutes"] = totals.pop("attended_minutes") + totals.pop("trained_minutes")
    return totals


async def _refusals(db: AsyncSession, programme: UUID) -> dict[str, int]:
    return {row.ground: row.number for row in await db.execute(REFUSALS, {"programme": programme})}


async def _months(db: AsyncSession, programme: UUID) -> dict[str, dict[str, int]]:
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for code, month, number in await db.execute(MONTHS, {"programme": programme}):
        months[month][code] = int(number)
    return dict(sorted(months.items()))


async def _cities(db: AsyncSession, programme: UUID, areas: dict[str, str]) -> list[City]:
    """The programme's priority areas, then other cities on the map, then everywhere else."""
    counted: dict[str | None, dict[str, int]] = {terc: {} for terc in areas}
    for code, city, number in await db.execute(PLACES, {"programme": programme, "cities": list(CITIES)}):
        counted.setdefault(city, {})[code] = int(number)
    cities = []
    for terc, numbers in sorted(counted.items(), key=lambda entry: entry[0] is None):
        place = CITIES.get(terc or "")
        cities.append(
            City(
                terc=terc,
                name=areas.get(terc or "") or (place.name if place else None),
                lat=place.lat if place else None,
                lon=place.lon if place else None,
                figures=numbers,
            )
        )
    return cities
