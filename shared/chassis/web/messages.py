"""What the edge says to people, in Polish and English."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from chassis.errors import Says

BY_STATUS = {
    400: Says("Niezrozumiałe żądanie", "The request cannot be understood"),
    401: Says("Wymagane logowanie", "Sign-in required"),
    403: Says("Brak uprawnień", "Not allowed"),
    404: Says("Nie znaleziono", "Not found"),
    405: Says("Tej metody tu nie ma", "Method not allowed"),
    409: Says("Stan na to nie pozwala", "The state does not allow it"),
    413: Says("Treść żądania jest za duża", "The body of the request is too large"),
    422: Says("Nieprawidłowe dane", "Invalid data"),
    500: Says("Błąd po naszej stronie", "A fault of ours"),
    503: Says("Usługa chwilowo niedostępna", "The service is away for the moment"),
}

FIELD = {
    "missing": Says("Pole jest wymagane.", "The field is required."),
    "extra_forbidden": Says("Nie ma takiego pola.", "There is no such field."),
    "string_type": Says("Podaj tekst.", "Give a text."),
    "string_too_short": Says(
        "Za krótkie: co najmniej znaków: {min_length}.", "Too short: at least {min_length} characters."
    ),
    "string_too_long": Says(
        "Za długie: co najwyżej znaków: {max_length}.", "Too long: at most {max_length} characters."
    ),
    "string_pattern_mismatch": Says("Niewłaściwy zapis (wzór: {pattern}).", "Not in the form {pattern}."),
    "too_short": Says("Za mało pozycji: co najmniej {min_length}.", "Too few items: at least {min_length}."),
    "too_long": Says("Za dużo pozycji: co najwyżej {max_length}.", "Too many items: at most {max_length}."),
    "int_type": Says("Podaj liczbę całkowitą.", "Give a whole number."),
    "int_parsing": Says("Podaj liczbę całkowitą.", "Give a whole number."),
    "int_from_float": Says("Podaj liczbę całkowitą.", "Give a whole number."),
    "bool_type": Says("Podaj true albo false.", "Give true or false."),
    "bool_parsing": Says("Podaj true albo false.", "Give true or false."),
    "greater_than_equal": Says("Co najmniej {ge}.", "At least {ge}."),
    "less_than_equal": Says("Co najwyżej {le}.", "At most {le}."),
    "greater_than": Says("Więcej niż {gt}.", "More than {gt}."),
    "less_than": Says("Mniej niż {lt}.", "Less than {lt}."),
    "literal_error": Says("Dozwolone: {expected}.", "Allowed: {expected}."),
    "enum": Says("Dozwolone: {expected}.", "Allowed: {expected}."),
    "uuid_type": Says("Podaj identyfikator UUID.", "Give a UUID."),
    "uuid_parsing": Says("Podaj identyfikator UUID.", "Give a UUID."),
    "date_type": Says("Podaj datę RRRR-MM-DD.", "Give a date YYYY-MM-DD."),
    "date_parsing": Says("Podaj datę RRRR-MM-DD.", "Give a date YYYY-MM-DD."),
    "date_from_datetime_parsing": Says("Podaj datę RRRR-MM-DD.", "Give a date YYYY-MM-DD."),
    "date_from_datetime_inexact": Says("Podaj datę RRRR-MM-DD.", "Give a date YYYY-MM-DD."),
    "list_type": Says("Podaj listę.", "Give a list."),
    "model_attributes_type": Says("Podaj obiekt.", "Give an object."),
    "model_type": Says("Podaj obiekt.", "Give an object."),
    "in_the_future": Says("Data nie może być w przyszłości.", "The date must not be in the future."),
    "idempotency_key_missing": Says(
        "Wyślij nagłówek Idempotency-Key: własny, niepowtarzalny identyfikator polecenia (do 100 znaków).",
        "Send the header Idempotency-Key: an identifier of the command, your own and unique (at most 100 characters).",
    ),
}

OTHERWISE = Says("Nieprawidłowa wartość.", "The value is not valid.")


def language_of(request: Request) -> str:
    """`en` for who asks for English first, else `pl`."""
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "pl"


def field_message(error: Mapping[str, Any], language: str) -> str:
    """What is wrong with one field; a service's own type of error brings its texts as `pl` and `en` in its context."""
    context = error.get("ctx", {})
    if "pl" in context and "en" in context:
        return str(context[language])
    said: str = getattr(FIELD.get(error["type"], OTHERWISE), language)
    return said.format_map(context) if context else said
