"""What verify says, in Polish and in English."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Weryfikacja", "Verification"),
    "check": ("sprawdzenie", "check"),
    "what": ("co z czym porównano", "what was compared"),
    "count": ("liczba", "count"),
    "verdict": ("werdykt", "verdict"),
    "holds": ("zgodne", "holds"),
    "differs": ("różnic: {number}", "differences: {number}"),
    "more": ("… i jeszcze {number}", "… and {number} more"),
    "all_hold": ("Wszystkie gwarancje zachowane.", "All guarantees hold."),
    "broken": ("Naruszone gwarancje: {names}", "Guarantees broken: {names}"),
    "not_quiet": ("Wciąż coś trwa po {seconds} s: {what}", "Still under way after {seconds} s: {what}"),
    "notes": ("Uwagi", "Notes"),
    "ledger": ("dziennik poleceń / odpowiedzi i skutki", "ledger / kept answers and effects"),
    "outbox": ("zdarzenia zapisane / na tematach", "events committed / on the topics"),
    "versions": ("kolejność wersji każdego agregatu", "order of each aggregate's versions"),
    "inbox": ("wersje zastosowane / ostatnie na tematach", "versions applied / last on the topics"),
    "enrolment": ("zgłoszenia i miejsca / zdarzenia", "applications and seats / events"),
    "ordinals": ("numery sesji każdej utworzonej grupy", "ordinals of each formed group"),
    "attendance": ("obecności w usługach / listy ze zdarzeń", "attendance in services / rosters of the events"),
    "indicators": ("wskaźniki odtworzone / na żywo, suma miast", "indicators rebuilt / live, sums of cities"),
    "certificates": ("zaświadczenia / należne według obecności", "certificates / earned by attendance"),
    "consents": ("cytowane wnioski / zgody", "conclusions cited / consents"),
    "erasure": (
        "osoby usunięte / dane i wysyłki, które po nich zostały",
        "people erased / names and mail left of them",
    ),
    "services": ("liczby usług / wskaźniki", "services' figures / insights"),
}

NUMBERS = {
    "ledger": "1",
    "outbox": "2",
    "versions": "3",
    "inbox": "4",
    "enrolment": "5",
    "ordinals": "6",
    "attendance": "7",
    "indicators": "8",
    "certificates": "9",
    "consents": "10",
    "erasure": "11",
    "services": "8a",
}
"""The number of each check among the invariants for the oracle."""


def say(lang: str, key: str, **values: object) -> str:
    """The text of this key in the language, Polish unless it is `en`."""
    return WORDS[key][lang == "en"].format(**values)
