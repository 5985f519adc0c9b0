"""Our own relay as a contender, alone in a process of its own: `python -m superwizja.bench.ours URL KAFKA TOPIC`."""

import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psutil
from chassis.collector import settled
from chassis.ids import new_id
from chassis.loop import run
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from contracts.topics import PARTITIONS as TOPICS

from superwizja import leash
from superwizja.bench.ground import Ground
from superwizja.bench.load import PARTITIONS, Sent


@dataclass
class Ours:
    """The outbox of the chassis, and so many relays that share it."""

    url: str
    topic: str
    bootstrap_servers: str
    folder: Path
    relays: int = 1
    partitions: int = PARTITIONS
    name: str = "Superwizja"
    table: str = "outbox"
    columns: tuple[str, ...] = ("event_id", "shard", "aggregate", "version", "type", "time", "headers", "body")
    returning: str = ""
    ours: bool = True

    def row(self, sent: Sent) -> tuple[Any, ...]:
        """As `chassis.outbox` writes it."""
        headers = msgspec.msgpack.encode(sent.headers)
        shard = sent.partition(self.partitions)
        return new_id(), shard, sent.aggregate, sent.version, "Bench", datetime.now(UTC), headers, sent.body

    @contextmanager
    def running(self) -> Iterator[Sequence[psutil.Process]]:
        """The relays, each once it holds its shards."""
        with ExitStack() as stack:
            started = []
            for number in range(self.relays):
                told = self.folder / f"{self.topic}.{number}"
                command = [sys.executable, "-m", "superwizja.bench.ours", self.url, self.bootstrap_servers, self.topic]
                relay = leash.child(
                    leash.leashed([*command, str(self.partitions), str(told)]),
                    told.with_suffix(".log"),
                    ready=partial(_shares, told),
                )
                started.append(stack.enter_context(relay))
            yield [psutil.Process(each.pid) for each in started]


async def ours(ground: Ground, *, relays: int = 1, partitions: int = PARTITIONS) -> Ours:
    """A fresh one."""
    topic = await ground.new_topic(partitions)
    return Ours(ground.database(), topic, ground.bootstrap_servers, ground.folder, relays, partitions)


def _shares(told: Path, _: int) -> bool:
    return told.exists()


async def relay(settings: ServiceSettings, topic: str, told: Path) -> None:
    """Publish until SIGTERM; `told` is written once the relay looks at its shards."""
    publishing = Relay(settings, topic)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, publishing.stop)

    def tell() -> None:
        if publishing.held:
            told.touch()
        else:
            loop.call_later(0.01, tell)

    tell()
    await publishing.run()


def main(url: str, bootstrap_servers: str, topic: str, partitions: str, told: str) -> None:
    """One relay."""
    TOPICS[topic] = int(partitions)
    settings = ServiceSettings(
        database_url=url, kafka_bootstrap_servers=bootstrap_servers, issuer="https://issuer.example"
    )
    settled()
    run(relay(settings, topic, Path(told)))


if __name__ == "__main__":
    main(*sys.argv[1:])
