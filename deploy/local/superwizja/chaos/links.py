"""Ways between the services and their servers that can fall silent or slow: TCP proxies on a thread of their own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvloop

CHUNK = 65_536
Change = Callable[["Link"], None]


class Link:
    """One way to one server. What a silent link has taken it keeps, and passes on when it is open again.

    A silent link still accepts connections, as a network does that loses packets behind a load balancer: whoever
    speaks to it hears nothing, neither an answer nor an end.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.seconds = 0.0
        self.open = asyncio.Event()
        self.open.set()
        self.under_way: set[asyncio.Task[None]] = set()

    async def serve(self) -> asyncio.Server:
        """Accept connections on `port` and pass them on to `target`."""
        return await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.under_way.add(task)
        writers = [writer]
        try:
            await self.open.wait()
            answers, asks = await asyncio.open_connection("127.0.0.1", self.target)
            writers.append(asks)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, asks))
                both.create_task(self._pump(answers, writer))
        except* (OSError, RuntimeError):
            # The server or the client has gone (uvloop: "the handler is closed"): the other end is told below.
            pass
        finally:
            self.under_way.discard(task)
            for each in writers:
                each.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK):
            await self._way()
            writer.write(chunk)
            await writer.drain()
        await self._way()
        with suppress(OSError):
            writer.write_eof()

    async def _way(self) -> None:
        if self.seconds:
            await asyncio.sleep(self.seconds)
        await self.open.wait()


class Links:
    """All links of a rig, by service and server: `("sessions", "database")`, `("sessions", "kafka.1")`."""

    def __init__(self, places: dict[tuple[str, str], tuple[int, int]]) -> None:
        self.places = places
        self.links: dict[tuple[str, str], Link] = {}
        self.loop = uvloop.new_event_loop()

    def silence(self, service: str, server: str) -> None:
        """From now on nothing passes between the service and the server (`kafka` means every broker)."""
        self._each(service, server, lambda link: link.open.clear())

    def forward(self, service: str, server: str) -> None:
        """Everything passes again, at once; first what was held back."""

        def again(link: Link) -> None:
            link.seconds = 0.0
            link.open.set()

        self._each(service, server, again)

    def delay(self, service: str, server: str, seconds: float) -> None:
        """Each piece takes so many seconds longer, in both directions."""

        def slower(link: Link) -> None:
            link.seconds = seconds

        self._each(service, server, slower)

    def _each(self, service: str, server: str, change: Change) -> None:
        for (of, to), link in self.links.items():
            if of == service and (to == server or to.startswith(f"{server}.")):
                self.loop.call_soon_threadsafe(change, link)

    @contextmanager
    def serving(self) -> Iterator["Links"]:
        """Pass everything on for the length of the block."""
        started = threading.Event()
        thread = threading.Thread(target=self._run, args=(started,), name="links", daemon=True)
        thread.start()
        started.wait()
        try:
            yield self
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)

        async def serve() -> None:
            for key, (port, target) in self.places.items():
                self.links[key] = Link(port, target)
                self.servers.append(await self.links[key].serve())

        self.servers: list[asyncio.Server] = []
        self.loop.run_until_complete(serve())
        started.set()
        self.loop.run_forever()
        self.loop.run_until_complete(self._end())
        self.loop.close()

    async def _end(self) -> None:
        for server in self.servers:
            server.close()
        under_way = [task for link in self.links.values() for task in link.under_way]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
