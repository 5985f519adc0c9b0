"""The programme opens: supervisors become known, centres are invited area by area and enrol their workers."""

from superwizja.demo.calendar import FIRST, days_after
from superwizja.demo.cast import Centre, Supervisor
from superwizja.demo.play import Play, all_of
from superwizja.demo.programmes import unicef

AT_ONCE = 12
BATCH = 200


async def open_programme(play: Play) -> None:
    """The programme exists, with everybody who may lead in it."""
    made = await play.enrollment(play.office, "programmes", **unicef(play.plan.size, play.suffix))
    play.programme = made["id"]
    await all_of((_supervisor(play, supervisor) for supervisor in play.plan.supervisors), at_once=AT_ONCE)


async def invite_centres(play: Play) -> None:
    """Centres and their workers, area by area, the areas of the first groups first: those may begin meanwhile."""
    for area in dict.fromkeys([group.place.area for group in play.plan.groups] + list(play.areas)):
        centres = [centre for centre in play.plan.centres if centre.place.area == area]
        await all_of((_centre(play, centre) for centre in centres), at_once=AT_ONCE)
        play.areas[area].set()


async def _centre(play: Play, centre: Centre) -> None:
    centre.id = (await play.enrollment(play.office, "centres", **centre.body))["id"]
    invitations = f"programmes/{play.programme}/invitations"
    await play.enrollment(play.coordinator, invitations, centre_id=centre.id)
    answer = "joined" if centre.joins else "declined"
    answered_on = days_after(FIRST, len(centre.place.name) % 5).isoformat()
    await play.enrollment(centre.manager, f"{invitations}/{centre.id}/answer", answer=answer, answered_on=answered_on)
    play.stages.advance("centres")
    for first in range(0, len(centre.workers), BATCH):
        workers = centre.workers[first : first + BATCH]
        path = f"centres/{centre.id}/workers"
        made = await play.enrollment(centre.manager, path, workers=[worker.body for worker in workers])
        for worker, worker_id in zip(workers, made["ids"], strict=True):
            worker.id = worker_id
        play.stages.advance("workers", len(workers))


async def _supervisor(play: Play, supervisor: Supervisor) -> None:
    supervisor.id = (await play.enrollment(play.office, "supervisors", **supervisor.body))["id"]
    path = f"supervisors/{supervisor.id}/certificates"
    since = f"20{10 + supervisor.number % 10:02d}-06-01"
    await play.enrollment(play.office, path, certificate="social_work", valid_from=since)
    play.stages.advance("workers")
