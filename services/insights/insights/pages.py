"""What people see: the live page, its stream of changes, and the way in and out."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Annotated, cast
from urllib.parse import urlencode

import structlog
from chassis.outages import is_outage
from chassis.web import Person, router_for
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

from insights import sign_in
from insights.live import Channel, Live
from insights.queries import Programme
from insights.readers import READERS, may_read
from insights.render import page, regions
from insights.settings import Settings
from insights.ticker import Ticker
from insights.words import Language

log = structlog.get_logger()
router = router_for("pages", public=True)

Lang = Annotated[Language, Query()]

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

WELCOME = (
    "Superwizja",
    "Projekty superwizji i szkoleń pracy socjalnej na żywo: dla koordynacji, obsługi i partnerów.",
    "Programmes of supervision and training in social work, live: for coordinators, operators and partners.",
)
WRONG_ROLE = (
    "Ta rola nie widzi liczb",
    "Stronę czytają osoby koordynujące, obsługa platformy i partnerzy. Można zalogować się w innej roli.",
    "This page is for coordinators, operators and partners. You can sign in in another role.",
)
NOT_SIGNED_IN = (
    "Logowanie nie powiodło się",
    "Logowanie przerwano albo trwało zbyt długo. Spróbuj jeszcze raz.",
    "Signing in was interrupted or took too long. Please try again.",
)
AWAY = (
    "Chwila przerwy",
    "Nie odpowiada serwer, od którego zależy ta strona. Spróbuj ponownie za chwilę.",
    "A server that this page depends on does not answer. Please try again in a moment.",
)
TITLES = {"Ta rola nie widzi liczb": "This role does not see figures"} | {
    "Logowanie nie powiodło się": "Signing in failed",
    "Chwila przerwy": "A short break",
}


def install(app: FastAPI, settings: Settings) -> None:
    """Give the application its pages: their files, their cookie, and what keeps them live."""
    sign_in.install(app, settings)
    app.mount("/static", StaticFiles(directory=str(files("insights") / "static")))
    app.state.ticker = Ticker(settings)
    app.state.live = Live(app.state.sessions, app.state.ticker)


@asynccontextmanager
async def kept_live(app: FastAPI) -> AsyncIterator[None]:
    """Tail the topics and keep the live page going while the application runs; streams end when it is to stop."""
    live: Live = app.state.live

    async def close_in_time() -> None:
        await app.state.stopping.wait()
        live.close()

    tasks = [asyncio.create_task(part) for part in (app.state.ticker.run(), live.run(), close_in_time())]
    for task in tasks[:2]:
        task.add_done_callback(_ended)
    try:
        yield
    finally:
        live.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _ended(task: "asyncio.Task[None]") -> None:
    """A part that breaks ends the process, which is then restarted: nothing goes on half alive."""
    if not task.cancelled() and task.exception() is not None:
        log.error("a part of the live page ended", exc_info=task.exception())
        signal.raise_signal(signal.SIGTERM)


@router.get("/", include_in_schema=False)
async def show_page(request: Request, programme: str = "", lang: Lang = "pl") -> Response:
    """The live page of a programme, the first one unless its code is given; the way in for who is not signed in."""
    who = sign_in.signed_in(request)
    if who is None:
        return _notice(WELCOME, lang, "login")
    if who.first_of(READERS) is None:
        return _notice(WRONG_ROLE, lang, "logout", status=403)
    live: Live = request.app.state.live
    try:
        board = await live.board(None)
        mine = [each for each in board.programmes if may_read(who, each.id)]
        chosen = next((each for each in mine if each.code == programme), mine[0] if mine else None)
        if chosen is not None:
            board = await live.board(chosen.id)
    except Exception as error:
        if not is_outage(error):
            raise
        return _notice(AWAY, lang, "again", status=503)
    shown = {"board": board, "programmes": mine, "live": _stream_of(chosen, lang), "regions": regions(board, lang)}
    return HTMLResponse(page("page.html", lang, **shown), headers=HEADERS)


@router.get("/live/regions", include_in_schema=False)
async def stream_regions(request: Request, programme: str = "", lang: Lang = "pl") -> Response:
    """The regions of the page as they change, as server-sent events; 401 and 403 for who may not see it."""
    who = sign_in.signed_in(request)
    if who is None:
        return Response(status_code=401)
    live: Live = request.app.state.live
    chosen = await _chosen(live, who, programme)
    if who.first_of(READERS) is None or (programme and chosen is None):
        return Response(status_code=403)
    changes = live.stream(Channel(chosen.id if chosen else None, lang))
    return StreamingResponse(changes, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@router.get("/login", include_in_schema=False)
async def login(request: Request, lang: Lang = "pl") -> Response:
    """Go to the issuer, and come back to /callback."""
    try:
        response = await sign_in.begin(request)
    except sign_in.IssuerAway:
        return _notice(AWAY, lang, "login", status=503)
    request.session["lang"] = lang
    return response


@router.get("/callback", include_in_schema=False)
async def callback(request: Request) -> Response:
    """Take the issuer's answer, and go to the page."""
    lang = cast(Language, request.session.get("lang", "pl"))
    try:
        await sign_in.finish(request)
    except sign_in.NotSignedIn:
        return _notice(NOT_SIGNED_IN, lang, "login", status=400)
    except sign_in.IssuerAway:
        return _notice(AWAY, lang, "login", status=503)
    return RedirectResponse(f"/?lang={lang}", 303)


@router.post("/logout", include_in_schema=False)
async def logout(request: Request, lang: Lang = "pl") -> Response:
    """Forget who it was."""
    request.session.clear()
    return RedirectResponse(f"/?lang={lang}", 303)


async def _chosen(live: Live, who: Person, code: str) -> Programme | None:
    board = await live.board(None)
    return next((each for each in board.programmes if each.code == code and may_read(who, each.id)), None)


def _stream_of(chosen: Programme | None, language: Language) -> str:
    return "/live/regions?" + urlencode(({"programme": chosen.code} if chosen else {}) | {"lang": language})


def _notice(said: tuple[str, str, str], language: Language, action: str, *, status: int = 200) -> Response:
    title, pl, en = said
    shown = {"title": TITLES.get(title, title) if language == "en" else title, "text": en if language == "en" else pl}
    return HTMLResponse(page("notice.html", language, action=action, **shown), status, headers=HEADERS)
