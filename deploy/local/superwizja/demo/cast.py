"""Who takes part: made-up centres, workers and supervisors, whose names say so. Ids come from the platform, later."""

from dataclasses import dataclass, field

from superwizja.demo.client import Persona
from superwizja.demo.places import Commune

PROFESSIONS = ("social_worker", "family_assistant", "foster_care_coordinator", "psychologist", "care_assistant")
KINDS = {"miejska": "MOPS", "wiejska": "GOPS", "miejsko-wiejska": "OPS", "dzielnica": "OPS"}
LONG_NAMES = {
    "MOPS": "Miejski Ośrodek Pomocy Społecznej",
    "GOPS": "Gminny Ośrodek Pomocy Społecznej",
    "OPS": "Ośrodek Pomocy Społecznej",
}


@dataclass(eq=False)
class Centre:
    """A centre of social welfare in a real commune."""

    place: Commune
    joins: bool
    workers: list["Worker"] = field(default_factory=list)
    id: str = ""

    @property
    def body(self) -> dict[str, object]:
        """The centre as a coordinator registers it."""
        kind = KINDS[self.place.kind]
        name = f"{LONG_NAMES[kind]} – {self.place.name} (dane przykładowe)"
        return {"name": name, "kind": kind, "terc": self.place.code}

    @property
    def manager(self) -> Persona:
        """Whoever runs the centre; the centre's own id serves as that person's."""
        return Persona("centre_manager", self.id, centre=self.id)


@dataclass(eq=False)
class Worker:
    """A worker of social welfare."""

    number: int
    contact: str
    social_worker: bool
    profession: str
    id: str = ""

    @property
    def body(self) -> dict[str, object]:
        """The worker as a centre manager enrols them."""
        noun = "Uczestniczka" if self.number % 6 else "Uczestnik"
        return {
            "name": f"{noun} {self.number:04d} (osoba zmyślona)",
            "email": f"uczestnictwo{self.number:04d}@example.org",
            "profession": self.profession,
            "social_worker": self.social_worker,
            "contact": self.contact,
        }

    @property
    def me(self) -> Persona:
        """The worker as a participant."""
        return Persona("participant", self.id)


@dataclass(eq=False)
class Supervisor:
    """Somebody who leads groups and trainings."""

    number: int
    id: str = ""

    @property
    def body(self) -> dict[str, object]:
        """The supervisor as a coordinator registers them."""
        noun = "Superwizorka" if self.number % 4 else "Superwizor"
        return {
            "name": f"{noun} {self.number:03d} (osoba zmyślona)",
            "email": f"superwizja{self.number:03d}@example.org",
            "relation": "cooperating",
        }

    @property
    def me(self) -> Persona:
        """The supervisor in that role."""
        return Persona("supervisor", self.id)

    @property
    def as_trainer(self) -> Persona:
        """The supervisor as a trainer."""
        return Persona("trainer", self.id)
