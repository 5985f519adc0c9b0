"""What the command says, in Polish and in English."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "answers": ("Odpowiedzi na zepsute żądania: {number}", "Answers to bad requests: {number}"),
    "outcomes": (
        "Co odbiorcy zrobili z zepsutymi rekordami: {number} (w tym poprawnych: {sound})",
        "What consumers made of bad records: {number} (sound among them: {sound})",
    ),
    "kind": ("co zepsuto", "what was spoilt"),
    "gateway": ("brama", "gateway"),
    "consumer": ("odbiorca", "consumer"),
    "applied": ("zastosowane", "applied"),
    "ignored": ("nieznane typy", "unknown types"),
    "foreign": ("obce", "foreign"),
    "parked": ("odłożone", "parked"),
    "redelivered": ("powtórzone", "repeated"),
    "before_act_from": ("sprzed ACT_FROM", "before ACT_FROM"),
    "taken": ("razem", "in all"),
    "stage_play": ("Mały projekt, na którym to się dzieje", "A small programme on which it happens"),
    "stage_requests": ("Zepsute żądania", "Bad requests"),
    "stage_records": ("Zepsute rekordy", "Bad records"),
    "stage_drained": ("Odbiorcy czytają do końca", "Consumers read to the end"),
    "took": (
        "Żądań: {requests} w {requests_seconds} s; rekordów: {records} w {records_seconds} s, "
        "przeczytane po kolejnych {drained} s. Serwer chwilowo niedostępny (503), zapytany ponownie: {away}.",
        "Requests: {requests} in {requests_seconds} s; records: {records} in {records_seconds} s, "
        "read after {drained} s more. A server away for a moment (503), asked again: {away}.",
    ),
    "defect": ("{what} [{kind}] razy: {times}", "{what} [{kind}] times: {times}"),
    "held": (
        "Nic nie dostało 5xx, nic nie zginęło ({sound} poprawnych zdarzeń ma skutek), odbiorcy żyją.",
        "Nothing was answered 5xx, nothing was lost ({sound} sound events took effect), the consumers live.",
    ),
    "not_held": (
        "Odpowiedzi 5xx: {errors}; usterki: {defects}; zdarzenia bez skutku: {lost} z {sound}; "
        "martwe lub zaległe: {dead}.",
        "Answered 5xx: {errors}; defects: {defects}; events without effect: {lost} of {sound}; dead or behind: {dead}.",
    ),
    "kept": ("Wynik i żądania, które pokazują usterki: {file}", "The result, and what shows the defects: {file}"),
}  # fmt: skip


def say(lang: str, key: str, **values: object) -> str:
    """The text of this key in the language, Polish unless it is `en`; a key without a text is said as it is."""
    return WORDS[key][lang == "en"].format(**values) if key in WORDS else key
