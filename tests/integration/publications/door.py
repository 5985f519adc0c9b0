"""The service's pages at a real address, which a test opens and closes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

DEADLINE = 10.0


class Door:
    """A port of this machine; nothing answers there unless it is open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    @asynccontextmanager
    async def opened(self, app: ASGIApp) -> AsyncIterator[None]:
        """Let the application answer at the address, until left."""
        config = uvicorn.Config(app, "127.0.0.1", self.port, lifespan="off", ws="none", log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        async with asyncio.timeout(DEADLINE):
            while not server.started:
                assert not serving.done(), serving
                await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            await serving
