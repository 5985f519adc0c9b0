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
    "stuck": ("stoi", "stuck"),
    "is_stuck": ("{part} stoi od {seconds} s: {why}", "{part} has been stuck for {seconds} s: {why}"),
    "is_out": (
        "{part} od {seconds} s czeka na {server} (awaria): {why}",
        "{part} has been waiting for {server} for {seconds} s (outage): {why}",
    ),
    "why_lock": ("czeka na blokadę {detail}", "it waits for a lock on {detail}"),
    "why_statement": ("baza wykonuje zapytanie, {detail}", "the database is at a statement, {detail}"),
    "why_step": ("w toku jest {detail}", "in hand is {detail}"),
    "why_deaf": ("Kafka odpowiada, ale nie temu odbiorcy: {detail}", "Kafka answers, but not this consumer: {detail}"),
    "why_loop": ("liczy i nie dopuszcza nic innego: {detail}", "it computes and lets nothing else run: {detail}"),
    "why_unknown": ("nie wiadomo, na co czeka {detail}", "it is not known what it waits for {detail}"),
    "why_silent": ("nie odpowiada {detail}", "no answer {detail}"),
    "why_leaderless": ("partycja bez lidera: {detail}", "a partition without a leader: {detail}"),
    "why_copies": ("za mało zgodnych kopii: {detail}", "too few copies in sync: {detail}"),
    "why_error": ("{detail}", "{detail}"),
    "step_connects": ("łączenie się z serwerami", "connecting to the servers"),
    "step_reads": ("odczyt outboxa", "reading the outbox"),
    "step_sends": ("oczekiwanie na potwierdzenie Kafki", "waiting for Kafka to acknowledge"),
    "step_marks": ("oznaczanie wysłanych", "marking what was sent"),
    "step_stops": ("rozłączanie się z Kafką", "leaving Kafka"),
    "step_inbox": ("praca nad inboxem", "work on the inbox"),
    "mute": ("nie odpowiada na pytanie o stan ({error})", "does not answer when asked how it is ({error})"),
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
