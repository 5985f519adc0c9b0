"""The API process of a service: its routes, the operators' routes, probes, metrics and documentation."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import make_asgi_app
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.database import an_engine, sessions_of
from chassis.settings import ServiceSettings
from chassis.telemetry import REQUESTS
from chassis.vitals import Vitals
from chassis.web import parking
from chassis.web.problems import install
from chassis.web.tokens import Tokens


class Limited:
    """Refuses to read a body past its limit (413), with a problem document: the framework answers in plain text."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is read of a request."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted if scope["type"] == "http" else receive, send)


Lifespan = Callable[[FastAPI], Any]


class Measured:
    """Measures how long each operation takes, by its name and the kind of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Time a request until its answer begins."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("route")
                name = getattr(route, "name", None) or "none"
                status = f"{message['status'] // 100}xx"
                REQUESTS.labels(name, status).observe(time.perf_counter() - started)
            await send(message)

        await self.app(scope, receive, timed)


def an_api(
    name: str, settings: ServiceSettings, routers: Sequence[APIRouter], *, around: Sequence[Lifespan] = ()
) -> FastAPI:
    """The application of a service's `api` process. It needs the database and the issuer's keys, never Kafka.

    `around` are context managers entered with the application and left when it stops.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(app.state.engine.dispose)
            stack.push_async_callback(app.state.tokens.close)
            for each in around:
                await stack.enter_async_context(each(app))
            yield

    app = FastAPI(
        title=f"Superwizja: {name}",
        version=settings.build_id,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": "."}],
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.stopping = asyncio.Event()
    app.state.engine = an_engine(settings)
    app.state.sessions = sessions_of(app.state.engine, settings)
    app.state.tokens = Tokens(settings)
    install(app)
    for router in (*routers, parking.router):
        app.include_router(router)
    app.routes.extend(Vitals(settings).routes())
    app.mount("/metrics", make_asgi_app())
    app.mount("/docs/assets", StaticFiles(directory=str(files("fastapi_swagger.resources"))))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """The API's documentation, from our own address."""
        assets = "docs/assets"
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=app.title,
            swagger_js_url=f"{assets}/swagger-ui-bundle.js",
            swagger_css_url=f"{assets}/swagger-ui.css",
            swagger_favicon_url=f"{assets}/favicon-32x32.png",
        )

    app.add_middleware(Limited, limit=settings.body_limit)
    app.add_middleware(Measured)
    return app
