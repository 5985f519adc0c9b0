"""The page of the local issuer on which one chooses who to be, in Polish or English."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request

from superwizja import people

WORDS = {
    "pl": {
        "title": "Wybierz osobę – Superwizja",
        "heading": "Kim chcesz być?",
        "warning": "To miejsce służy tylko do tworzenia i prób systemu: każdy może tu zostać kimkolwiek.",
        "made_up": "Osoby są zmyślone.",
        "nobody_asked": "Żadna strona nie prosiła teraz o zalogowanie. Te osoby można wybrać, gdy poprosi:",
        "choose": "Osoby według ról",
        "other": "English",
    },
    "en": {
        "title": "Choose a person – Superwizja",
        "heading": "Who do you want to be?",
        "warning": "This is for development and trials only: anybody can become anyone here.",
        "made_up": "The people are made up.",
        "nobody_asked": "No page asked you to sign in just now. These people can be chosen when one does:",
        "choose": "People by role",
        "other": "Polski",
    },
}

STYLE = """
:root { color-scheme: light dark }
body { font: 1.0625rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
h2 { font-size: 1.0625rem; margin: 1.5rem 0 .25rem }
.note { border-left: .25rem solid; padding-left: .75rem }
ul { list-style: none; margin: 0; padding: 0 }
button { font: inherit; width: 100%; text-align: left; padding: .6rem .75rem; margin: .2rem 0; min-height: 2.75rem }
button:focus-visible, a:focus-visible { outline: .2rem solid; outline-offset: .1rem }
"""


def language(request: Request) -> str:
    """`lang` of the address, or the first of our languages that the browser names; Polish if it names none."""
    named = [request.query_params.get("lang", ""), *request.headers.get("accept-language", "").split(",")]
    spoken = (each.strip()[:2].lower() for each in named)
    return next((each for each in spoken if each in WORDS), "pl")


def page(request: Request, issuer: str, asked: Mapping[str, str]) -> str:
    """The whole page. Without `asked` it only lists the people."""
    lang = language(request)
    words, position = WORDS[lang], list(WORDS).index(lang)
    other = next(each for each in WORDS if each != lang)
    switch = urlencode({**dict(request.query_params), "lang": other})
    here = f"{issuer}/{'authorize' if asked else ''}"
    groups = []
    for role, names in people.ROLES.items():
        entries = "".join(_entry(person, bool(asked)) for person in people.PEOPLE if person.role == role)
        groups.append(f'<h2 id="{role}">{names[position]}</h2><ul aria-labelledby="{role}">{entries}</ul>')
    hidden = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in asked.items())
    listed = f'<form method="post" action="{here}">{hidden}{"".join(groups)}</form>' if asked else "".join(groups)
    return f"""<!doctype html>
<html lang="{lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words["title"]}</title><style>{STYLE}</style></head>
<body>
<header><nav><a href="{here}?{escape(switch)}" lang="{other}" hreflang="{other}">{words["other"]}</a></nav></header>
<main>
<h1>{words["heading"]}</h1>
<p class="note">{words["warning"]} <strong>{words["made_up"]}</strong></p>
<p>{words["choose"] if asked else words["nobody_asked"]}</p>
{listed}
</main>
</body></html>"""


def _entry(person: people.Person, to_choose: bool) -> str:
    if to_choose:
        return f'<li><button name="person" value="{person.id}">{escape(person.name)}</button></li>'
    return f"<li>{escape(person.name)}</li>"
