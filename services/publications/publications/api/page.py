"""The public page of an issue: what readers of the journal see, and no token opens or closes."""

import base64
import hashlib
import re
from datetime import date
from uuid import UUID

from babel.dates import format_date
from chassis.outages import is_outage
from chassis.web import router_for
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from publications import queries
from publications.queries import Print
from publications.use_cases.publishing import mark_of

router = router_for("publications", public=True)

KEPT = {"Cache-Control": "public, max-age=60"}
NOT_KEPT = {"Cache-Control": "no-store"}

KINDS = {"experience": "doświadczenie", "good_practice": "dobra praktyka", "account": "relacja"}
EDITIONS = {"regular": "wydanie zwykłe", "special": "wydanie specjalne"}
QUARTERS = ("I", "II", "III", "IV")


def paragraphs(text: str) -> list[str]:
    """A text as it is printed: a paragraph for each part between blank lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return [part.strip() for part in re.split(r"\n[^\S\n]*\n", lines) if part.strip()]


def polish_date(day: date) -> str:
    """A date as Polish writes it: 9 stycznia 2023."""
    return str(format_date(day, "d MMMM y", locale="pl"))


templates = Environment(
    loader=PackageLoader("publications"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters |= {"paragraphs": paragraphs, "polish_date": polish_date}
templates.globals |= {"kinds": KINDS, "editions": EDITIONS, "quarters": QUARTERS}

style = templates.get_template("print.css").render()
style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

SAFETY = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@router.api_route("/issues/{issue_id}", methods=["GET", "HEAD"], include_in_schema=False)
async def read_issue(issue_id: str, request: Request) -> Response:
    """An issue for its readers; a page that says so, until it can be read."""
    try:
        issue = await _printed(request, issue_id)
    except Exception as error:
        if is_outage(error):
            return _told("unavailable.html", 503, {"Retry-After": "5"})
        raise
    if issue is None:
        return _told("unknown.html", 404, {})
    return _answer(issue, request)


async def _printed(request: Request, issue_id: str) -> Print | None:
    try:
        known = UUID(issue_id)
    except ValueError:
        return None
    async with request.app.state.sessions() as db:
        return await queries.printed(db, known)


def _told(template: str, status: int, headers: dict[str, str]) -> Response:
    page = templates.get_template(template).render()
    return HTMLResponse(page, status, SAFETY | NOT_KEPT | headers | {"Content-Language": "pl"})


def _answer(issue: Print, request: Request) -> Response:
    """The page, or that the reader has it already."""
    page = templates.get_template("issue.html").render(issue=issue, mark=mark_of(issue.id))
    tag = f'"{hashlib.sha256(page.encode()).hexdigest()[:32]}"'
    headers = SAFETY | KEPT | {"ETag": tag, "Content-Language": "pl"}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(page, headers=headers)
