"""The process beside a service's API: relay, consumers and due work, with probes and metrics on a port of its own."""

import asyncio
import contextvars
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from prometheus_client import make_asgi_app
from starlette.applications import Starlette
from starlette.routing import Mount

from chassis.consuming import Consumer
from chassis.database import an_engine, sessions_of
from chassis.due import DueWork, DueWorker
from chassis.inbox import Inbox
from chassis.loop import run
from chassis.progress import Progress
from chassis.pruning import Pruning
from chassis.redriving import Redriving
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from chassis.subscribing import Subscription
from chassis.vitals import Part, Vitals

log = structlog.get_logger()

STATEMENT_TIMEOUT = 30.0
"""Seconds that a statement of a worker may take: a batch is longer than a request."""

PULSE = 0.5
"""Seconds between two signs that the parts' loop gives of itself."""


class Worker:
    """What runs in a worker: built from a service's parts, started and drained with the application around it.

    The parts share a loop on a thread of their own; probes and the watch stay outside, so that they can tell of a
    handler that computes and lets nobody else run.
    """

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        *,
        publishes: str | None,
        consumers: list[Consumer],
        work: DueWork,
        on_failure: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.engine = an_engine(settings, timeout=STATEMENT_TIMEOUT)
        sessions = sessions_of(self.engine, settings)
        self.vitals = Vitals(settings)
        self.pulse = Progress()
        self.stopping = asyncio.Event()
        self.on_failure = on_failure
        self.relay = Relay(settings, publishes) if publishes else None
        self.due = DueWorker(name, work, sessions)
        inboxes = [Inbox(consumer, sessions, act_from=settings.act_from) for consumer in consumers]
        self.subscriptions = [Subscription(settings, inbox) for inbox in inboxes]
        self.redriving = Redriving(inboxes, sessions)
        self.pruning = Pruning(settings, sessions)
        self.context = contextvars.copy_context()
        self.thread = threading.Thread(target=self._run, name="parts", daemon=True)
        self.started = threading.Event()
        self._watch_over()

    def _watch_over(self) -> None:
        vitals, parts = self.vitals, self.vitals.parts
        parts.append(Part("loop", self.pulse, lambda: 1, where=self._where))
        if self.relay:
            parts.append(_publishing(self.relay, vitals))
        parts.append(Part("due", self.due.progress, lambda: self.due.progress.waiting, bounded=True))
        for subscription in self.subscriptions:
            parts.append(_consuming(subscription))

    def _run(self) -> None:
        # What is logged carries the same service and process as outside.
        self.context.run(run, self._live())

    async def _live(self) -> None:
        """Run every part until told to stop, then let each finish what it has in hand."""
        self.loop = asyncio.get_running_loop()
        self.started.set()
        parts = [self.due.run(), self.redriving.run(self.stopping), self.pruning.run(self.stopping), self._beat()]
        if self.relay:
            parts.append(self.relay.run())
        parts += [subscription.run_until(self.stopping) for subscription in self.subscriptions]
        tasks = [asyncio.create_task(part) for part in parts]
        for task in tasks:
            task.add_done_callback(self._ended)
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.engine.dispose()

    async def _beat(self) -> None:
        """Give a sign of life, and note what waits, until told to stop."""
        while not self.stopping.is_set():
            self.pulse.done()
            for subscription in self.subscriptions:
                await subscription.look()
            await asyncio.sleep(PULSE)

    def _where(self) -> str:
        """What the parts' thread is at: the innermost function that is none of the standard library's."""
        frame = sys._current_frames().get(self.thread.ident or 0)
        while frame and frame.f_globals.get("__name__", "").partition(".")[0] in sys.stdlib_module_names:
            frame = frame.f_back
        if frame is None:
            return ""
        return f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}:{frame.f_lineno}"

    def _stop(self) -> None:
        self.stopping.set()
        self.due.stop()
        if self.relay:
            self.relay.stop()

    @asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        """Run the parts until the application stops, and then for at most `drain_timeout` seconds."""
        self.thread.start()
        self.started.wait()
        watch = asyncio.create_task(self.vitals.watch())
        watch.add_done_callback(self._ended)
        try:
            yield
        finally:
            watch.cancel()
            self.loop.call_soon_threadsafe(self._stop)
            await asyncio.to_thread(self.thread.join, self.settings.drain_timeout)
            await asyncio.wait([watch])
            if self.thread.is_alive():
                log.warning("what was in hand is left to whoever comes next", seconds=self.settings.drain_timeout)

    def _ended(self, task: "asyncio.Future[None]") -> None:
        """A part that ends by itself ends the process, which is then restarted: nothing goes on half alive."""
        if self.stopping.is_set() or task.cancelled():
            return
        log.error("a part of the worker ended", exc_info=task.exception())
        self.on_failure()

    def app(self) -> Starlette:
        """The probes and metrics, around which the parts run."""
        routes = [*self.vitals.routes(), Mount("/metrics", make_asgi_app())]
        return Starlette(routes=routes, lifespan=self.running)


def _publishing(relay: Relay, vitals: Vitals) -> Part:
    def waiting() -> int | None:
        unpublished = vitals.unpublished
        return None if unpublished is None else sum(unpublished.get(shard, 0) for shard in relay.mine)

    return Part("relay", relay.progress, waiting, writes=(relay.topic,))


def _consuming(subscription: Subscription) -> Part:
    progress = subscription.inbox.progress
    topics = subscription.inbox.consumer.topics

    def waiting() -> int | None:
        # What is in hand may keep the lag from being counted.
        return 1 if progress.step else progress.waiting

    return Part(f"consumer {subscription.group}", progress, waiting, reads=topics, bounded=True)
