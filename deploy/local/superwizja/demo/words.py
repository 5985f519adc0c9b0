"""What the player and its table say, in Polish and in English."""

from collections.abc import Mapping

from babel.numbers import format_decimal

WORDS: Mapping[str, tuple[str, str]] = {
    "stage_centres": ("Zaproszenia ośrodków", "Centres invited"),
    "stage_workers": ("Osoby w rejestrze", "People registered"),
    "stage_seats": ("Zgłoszenia", "Applications"),
    "stage_sessions": ("Sesje superwizyjne", "Supervision sessions"),
    "stage_conclusions": ("Wnioski z superwizji", "Conclusions"),
    "stage_trainings": ("Szkolenia i ich realizacje", "Trainings and their runs"),
    "stage_issues": ("Numery publikacji", "Issues"),
    "stage_scenes": ("Sceny odmów i granic", "Scenes of refusals and limits"),
    "intro": (
        "Dwa projekty: UNICEF 2022-2024 i Zgierz. Osoby, ośrodki i wyniki są zmyślone (dane przykładowe).",
        "Two programmes: UNICEF 2022-2024 and Zgierz. People, centres and results are made up (sample data).",
    ),
    "failed": ("Scenariusz przerwany: {error}", "The script broke off: {error}"),
    "quiet": ("Czekanie, aż wszystko ucichnie", "Waiting until everything is quiet"),
    "targets": ("Wartości docelowe i wyniki: {programme}", "Targets and results: {programme}"),
    "indicator": ("wskaźnik", "indicator"),
    "target": ("cel", "target"),
    "achieved": ("wynik", "achieved"),
    "cities": (
        "Miasta (priorytetowe z okolicami): {programme}",
        "Cities (priority ones with surroundings): {programme}",
    ),
    "city": ("miasto", "city"),
    "elsewhere": ("pozostałe miejsca", "elsewhere"),
    "groups": ("grupy", "groups"),
    "sessions": ("sesje", "sessions"),
    "people": ("osoby", "people"),
    "trained": ("grupy przeszkolone", "training groups trained"),
    "runs": ("realizacje szkoleń", "runs"),
    "refusals": ("Odmowy", "Refusals"),
    "ground": ("podstawa", "ground"),
    "kind": ("rodzaj", "kind"),
    "number": ("liczba", "number"),
    "recorded": ("zapisany wynik", "recorded outcome"),
    "http": ("odmowa HTTP {status}: {code}", "HTTP refusal {status}: {code}"),
    "no_ground": ("(bez reguły)", "(no rule)"),
    "numbers": ("Liczby przebiegu", "Numbers of the run"),
    "commands": ("polecenia HTTP", "HTTP commands"),
    "reads": ("odczyty HTTP", "HTTP reads"),
    "retries": ("ponowienia po utracie odpowiedzi", "retries after a lost answer"),
    "events": ("zdarzenia na tematach Kafki", "events on Kafka's topics"),
    "time_played": ("czas scenariusza", "time of the script"),
    "time_quiet": ("czas do ciszy po scenariuszu", "time until quiet after the script"),
    "scenes": ("sceny odegrane", "scenes played"),
    "seconds": ("{number} s", "{number} s"),
    "memory": ("Pamięć procesów", "Memory of processes"),
    "process": ("proces", "process"),
    "total": ("razem", "total"),
    "megabytes": ("{number} MB", "{number} MB"),
    "held": (
        "Wszystko się zgadza: cele osiągnięte, weryfikacja bez zastrzeżeń.",
        "All held: targets reached, all verified.",
    ),
    "not_held": ("Nie wszystko się zgadza.", "Not everything held."),
    "addresses": ("Strona na żywo: {live}\nOpisy API: {docs}", "Live page: {live}\nAPI docs: {docs}"),
    "stays": ("Platforma działa dalej; Ctrl-C ją zatrzyma.", "The platform stays up; Ctrl-C stops it."),
    "groups_formed": ("grupy superwizyjne utworzone", "supervision groups formed"),
    "groups_completed": ("grupy z zakończonym cyklem", "groups that completed their cycle"),
    "sessions_completed": ("sesje superwizyjne odbyte", "supervision sessions completed"),
    "supervision_hours": ("godziny superwizji", "hours of supervision"),
    "people_hours": ("godziny obecności uczestniczek i uczestników", "participants' hours"),
    "people_reached": ("różne osoby objęte superwizją", "unique people reached by supervision"),
    "attendances": ("obecności na sesjach", "attendances at sessions"),
    "applications": ("zgłoszenia", "applications"),
    "applications_waitlisted": ("zgłoszenia na liście rezerwowej", "applications waitlisted"),
    "seats_taken": ("osoby z miejscem w grupie superwizyjnej", "people with a seat in a supervision group"),
    "titles_published": ("szkolenia opracowane i ogłoszone", "titles published"),
    "training_groups_trained": ("grupy szkoleniowe przeszkolone", "training groups trained"),
    "runs_completed": ("realizacje szkoleń", "training runs"),
    "people_trained": ("osoby przeszkolone", "people trained"),
    "supervisor_titles_published": ("szkolenia dla superwizorek i superwizorów", "titles for supervisors"),
    "supervisors_trained": ("osoby superwizujące przeszkolone", "supervisors trained"),
    "certificates_issued": ("zaświadczenia o uczestnictwie", "certificates of attendance"),
    "conclusions_released": ("wnioski z superwizji za zgodą wszystkich", "conclusions released"),
    "conclusions_withheld": ("wnioski bez zgody", "conclusions withheld"),
    "issues_published": ("numery publikacji", "issues published"),
    "articles_published": ("artykuły", "articles published"),
    "articles_dropped": ("artykuły wycofane po wycofaniu zgody", "articles dropped"),
    "deliveries": ("powiadomienia o numerach", "deliveries of issues"),
    "centres_invited": ("ośrodki zaproszone", "centres invited"),
    "centres_joined": ("ośrodki uczestniczące", "centres that joined"),
}


def say(lang: str, key: str, **values: object) -> str:
    """The text of this key in the language, Polish unless it is `en`."""
    return WORDS[key][lang == "en"].format(**values)


def number(lang: str, value: float) -> str:
    """A number as the language writes it: 1 800 or 1,800."""
    return format_decimal(value, locale="en" if lang == "en" else "pl")
