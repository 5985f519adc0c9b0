"""Made-up people to sign in as during development: one or two of each role, none of them real."""

from dataclasses import dataclass
from uuid import UUID, uuid5

MADE_UP = UUID("5c1d8a3e-4b7f-5e21-9c60-0d2f6a7b8c91")

ROLES = {
    "coordinator": ("Koordynatorka programu", "Programme coordinator"),
    "centre_manager": ("Kierowniczka ośrodka", "Centre manager"),
    "participant": ("Osoba uczestnicząca", "Participant"),
    "supervisor": ("Superwizorka", "Supervisor"),
    "trainer": ("Trenerka", "Trainer"),
    "editor": ("Redaktorka", "Editor"),
    "operator": ("Osoba obsługująca platformę", "Platform operator"),
    "partner": ("Organizacja partnerska", "Partner organisation"),
}
UNLISTED_ROLES = ("reviewer", "author", "person_of_trust")
ALL_ROLES = (*ROLES, *UNLISTED_ROLES)


@dataclass(frozen=True)
class Person:
    """Somebody made up. A role without a scope reaches everything."""

    name: str
    role: str

    @property
    def id(self) -> UUID:
        """Always the same for the same name and role."""
        return uuid5(MADE_UP, f"{self.role}/{self.name}")


PEOPLE = (
    Person("Kalina Zmyślona", "coordinator"),
    Person("Bogna Przykładna", "centre_manager"),
    Person("Jagna Umowna", "participant"),
    Person("Gniewko Wymyślony", "participant"),
    Person("Dobrawa Próbna", "supervisor"),
    Person("Ziemowit Pozorny", "supervisor"),
    Person("Mirka Fikcyjna", "trainer"),
    Person("Sława Papierowa", "editor"),
    Person("Bratumił Nibylski", "operator"),
    Person("Fundacja Na Niby", "partner"),
)


def one_of(role: str) -> UUID:
    """The id of the first listed person of a role, or of somebody who has just that role."""
    return next((person.id for person in PEOPLE if person.role == role), Person("", role).id)
