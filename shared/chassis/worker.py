"""The process beside a service's API: relay, consumers and due work, with probes and metrics on a port of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from prometheus_client import make_asgi_app
from starlette.applications import Starlette
from starlette.routing import Mount

from chassis.consuming import Consumer
from chassis.database import an_engine, sessions_of
from chassis.due import DueWork, DueWorker
from chassis.inbox import Inbox
from chassis.pruning import Pruning
from chassis.redriving import Redriving
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from chassis.subscribing import Subscription
from chassis.vitals import Part, Vitals

log = structlog.get_logger()

STATEMENT_TIMEOUT = 30.0
"""Seconds that a statement of a worker may take: a batch is longer than a request."""


class Worker:
    """What runs in a worker: built from a service's parts, started and drained with the application around it."""

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
        self.engine = an_engine(settings, timeout=STATEMENT_TIMEOUT)
        self.sessions = sessions_of(self.engine, settings)
        self.vitals = Vitals(settings, self.sessions, kafka=True)
        self.stopping = asyncio.Event()
        self.on_failure = on_failure
        self.relay = Relay(settings, publishes) if publishes else None
        self.due = DueWorker(name, work, self.sessions)
        inboxes = [Inbox(consumer, self.sessions, act_from=settings.act_from) for consumer in consumers]
        self.subscriptions = [Subscription(settings, inbox) for inbox in inboxes]
        self.redriving = Redriving(inboxes, self.sessions)
        self.pruning = Pruning(settings, self.sessions)
        self._watch_over()

    def _watch_over(self) -> None:
        async def depth() -> int:
            return self.vitals.outbox_depth

        async def overdue() -> int:
            return self.vitals.overdue

        if self.relay:
            relay = self.relay
            self.vitals.parts.append(Part("relay", lambda: relay.acknowledged, depth))
        self.vitals.parts.append(Part("due", lambda: self.due.done, overdue))
        for subscription in self.subscriptions:
            self.vitals.parts.append(Part(f"consumer {subscription.group}", *_progress_of(subscription)))

    @asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        """Run every part until the application stops, then let each finish what it has in hand."""
        parts: list[Awaitable[None]] = [
            self.due.run(),
            self.redriving.run(self.stopping),
            self.pruning.run(self.stopping),
        ]
        if self.relay:
            parts.append(self.relay.run())
        parts += [subscription.run_until(self.stopping) for subscription in self.subscriptions]
        tasks = [asyncio.ensure_future(part) for part in parts]
        watch = asyncio.create_task(self.vitals.watch())
        for task in (*tasks, watch):
            task.add_done_callback(self._ended)
        try:
            yield
        finally:
            self.stopping.set()
            self.due.stop()
            if self.relay:
                self.relay.stop()
            watch.cancel()
            await asyncio.gather(*tasks, watch, return_exceptions=True)
            await self.engine.dispose()

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


def _progress_of(subscription: Subscription) -> tuple[Callable[[], int], Callable[[], Awaitable[int]]]:
    async def waiting() -> int:
        return sum((await subscription.lag()).values())

    return (lambda: subscription.taken), waiting
