"""How much of the script is played: the same scenes with more or fewer groups."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Numbers of the UNICEF programme; its targets follow from them. `waiting`: applicants beyond a group's seats."""

    groups: int
    cohorts: int
    waiting: tuple[int, ...]
    supervisors: int
    titles: int
    training_groups: int
    supervisor_titles: int
    supervisor_groups: int
    quarters: int
    conclusions_every: int
    communes_per_area: int
    communes_elsewhere: int

    @property
    def targets(self) -> dict[str, int]:
        """What the programme sets out to reach, by indicator."""
        return {
            "groups_formed": self.groups,
            "sessions_completed": self.groups * MEETINGS,
            "titles_published": self.titles,
            "training_groups_trained": self.training_groups,
        }


MEETINGS = 10
MINUTES = 300

FULL = Size(
    groups=180,
    cohorts=12,
    waiting=(3, 4, 2, 4, 3),
    supervisors=60,
    titles=20,
    training_groups=80,
    supervisor_titles=3,
    supervisor_groups=4,
    quarters=9,
    conclusions_every=3,
    communes_per_area=27,
    communes_elsewhere=80,
)

SMALL = Size(
    groups=6,
    cohorts=2,
    waiting=(3,),
    supervisors=10,
    titles=3,
    training_groups=4,
    supervisor_titles=1,
    supervisor_groups=1,
    quarters=2,
    conclusions_every=1,
    communes_per_area=3,
    communes_elsewhere=3,
)
