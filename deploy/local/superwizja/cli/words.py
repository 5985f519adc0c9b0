"""What the command says, in Polish and in English."""

from collections.abc import Mapping

LANGUAGES = ("pl", "en")

WORDS: Mapping[str, tuple[str, str]] = {
    "disk": (
        "Za mało miejsca na dysku: w {folder} wolne {free} GB, potrzeba {least} GB. "
        "Zwolnij miejsce albo wskaż inny folder zmienną SUPERWIZJA_HOME.",
        "Too little disk: {free} GB free in {folder}, {least} GB needed. "
        "Free some, or name another folder in SUPERWIZJA_HOME.",
    ),
    "port": (
        "Port {port} jest zajęty ({who}). Zatrzymaj tamten program albo wybierz inny port: "
        "superwizja up --port {other} (lub SUPERWIZJA_PORT={other}).",
        "Port {port} is taken ({who}). Stop that program or choose another port: "
        "superwizja up --port {other} (or SUPERWIZJA_PORT={other}).",
    ),
    "fetch": (
        "Nie udało się pobrać Kafki z Maven Central: {error}\nSprawdź sieć i spróbuj jeszcze raz.",
        "Kafka could not be fetched from Maven Central: {error}\nCheck the network and try again.",
    ),
    "server": ("Serwer nie wystartował: {error}", "A server did not start: {error}"),
    "supervisor": (
        "Nadzorca procesów zakończył pracę. Dziennik: {log}\n{tail}",
        "The supervisor of the processes ended. Its log: {log}\n{tail}",
    ),
    "process": (
        "{name} nie startuje mimo kolejnych prób (które trwają). Dziennik: {log}\n{tail}\n"
        "Co dalej: superwizja status, superwizja logs {name}, superwizja down.",
        "{name} does not start in spite of being tried again and again. Its log: {log}\n{tail}\n"
        "What next: superwizja status, superwizja logs {name}, superwizja down.",
    ),
    "fetching": ("Pobieranie Kafki", "Fetching Kafka"),
    "starting": ("Uruchamianie", "Starting"),
    "stopping": ("Zatrzymywanie", "Stopping"),
    "up": ("Działa: {gateway} (gotowe po {seconds} s)", "Running: {gateway} (ready after {seconds} s)"),
    "up_already": ("Już działa: {gateway}", "Running already: {gateway}"),
    "attached": ("Ctrl-C zatrzymuje.", "Ctrl-C stops it."),
    "down": ("Zatrzymano.", "Stopped."),
    "down_already": ("Nic nie działało.", "Nothing was running."),
    "not_up": (
        "Platforma nie działa (profil {profile}). Uruchom ją: superwizja up",
        "The platform does not run (profile {profile}). Start it: superwizja up",
    ),
    "scaled": ("Gotowe: {names}", "Done: {names}"),
    "scale_form": (
        "Podaj na przykład sessions.worker=3; rodzaje: {kinds}; liczba od 0 do {most}.",
        "Say for example sessions.worker=3; kinds: {kinds}; a number from 0 to {most}.",
    ),
    "reset_ask": (
        "Usunąć wszystkie dane profilu {profile} ({folder})?",
        "Remove all data of the profile {profile} ({folder})?",
    ),
    "reset_done": ("Usunięto dane profilu {profile}.", "The data of the profile {profile} are gone."),
    "kept": ("Nic nie usunięto.", "Nothing was removed."),
    "role_unknown": ("Nie ma roli {role}. Role: {roles}.", "There is no role {role}. Roles: {roles}."),
    "process_name": ("proces", "process"),
    "state": ("stan", "state"),
    "pid": ("pid", "pid"),
    "port_column": ("port", "port"),
    "restarts": ("restarty", "restarts"),
    "memory": ("pamięć", "memory"),
    "notes": ("uwagi", "notes"),
    "waiting": ("czeka", "waiting"),
    "starting_state": ("startuje", "starting"),
    "ready": ("gotowy", "ready"),
    "done": ("zrobione", "done"),
    "backing_off": ("ponowi", "backing off"),
    "stopped": ("zatrzymany", "stopped"),
    "not_ready": ("niegotowy", "not ready"),
    "exit_code": ("kod wyjścia {code}", "exit code {code}"),
    "lag": ("zaległość {lag}", "lag {lag}"),
    "outbox": ("outbox {depth}", "outbox {depth}"),
    "parked_count": ("odłożone {count}", "parked {count}"),
    "total": ("razem", "total"),
    "no_log": ("Nie ma dziennika pasującego do: {names}", "No log matches: {names}"),
    "parked_none": ("Nic nie jest odłożone.", "Nothing is parked."),
    "service": ("usługa", "service"),
    "consumer": ("odbiorca", "consumer"),
    "aggregate": ("agregat", "aggregate"),
    "events": ("zdarzenia", "events"),
    "error": ("błąd", "error"),
    "redriven": ("Ponowiono: {answer}", "Redriven: {answer}"),
    "refused": ("{service}: {status}: {answer}", "{service}: {status}: {answer}"),
}


def say(lang: str, key: str, **values: object) -> str:
    """The text of this key in the language, Polish unless it is `en`."""
    return WORDS[key][LANGUAGES.index(lang) if lang in LANGUAGES else 0].format(**values)
