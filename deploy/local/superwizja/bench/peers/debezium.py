"""Debezium under Kafka Connect as a contender: its outbox event router, as it comes or tuned as an expert would."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import psutil
from aiokafka import AIOKafkaConsumer
from sqlalchemy import make_url

from superwizja import postgres
from superwizja.bench.ground import Ground
from superwizja.bench.hearing import total
from superwizja.bench.load import Sent
from superwizja.bench.peers import connect

Tuning = Literal["defaults", "latency", "throughput"]
"""What it is tuned for: as little delay, or as many events in a second, as it can."""

TUNED = {
    "poll.interval.ms": "1",
    "max.batch.size": "8192",
    "max.queue.size": "65536",
    "heartbeat.interval.ms": "0",
    "producer.override.batch.size": "262144",
    "producer.override.buffer.memory": "134217728",
    "producer.override.enable.idempotence": "true",
    "producer.override.max.in.flight.requests.per.connection": "5",
}
"""Connect's own producers are not idempotent and have one request under way: ours is, and so it may have several."""

TUNINGS: dict[Tuning, dict[str, str]] = {
    "defaults": {},
    "latency": {**TUNED, "producer.override.linger.ms": "0"},
    "throughput": {**TUNED, "producer.override.linger.ms": "1"},
}

PLACED = {
    "id": ["ce_id"],
    "type": ["ce_type"],
    "aggregateid": ["ce_subject", "ce_partitionkey"],
    "specversion": ["ce_specversion"],
    "source": ["ce_source"],
    "time": ["ce_time"],
    "dataschema": ["ce_dataschema"],
    "version": ["ce_version"],
    "correlationid": ["ce_correlationid"],
    "actorrole": ["ce_actorrole"],
    "contenttype": ["content-type"],
    "programmeid": ["ce_programmeid"],
    "actorservice": ["ce_actorservice"],
}
"""The headers that each column becomes: with them a record is the same as ours."""

ROUTED = ("id", "aggregatetype", "aggregateid", "type", "payload")
"""Columns that the outbox event router asks for."""

ATTRIBUTES = tuple(column for column in PLACED if column not in ROUTED)

WARMING = 400_000
"""Small events to another topic before all others: a warm machine is what is measured, not one that compiles."""

WARM_WITHIN = 120.0
"""Seconds that these take at most."""

LOOK = 0.1
"""Seconds between two looks at what is waited for."""

# The publication comes before the slot: whoever reads the slot must find it at the place where the slot begins. Nobody
# hears of it when the table is emptied: only inserts are published.
PREPARED = """\
SET ROLE "{role}";
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    aggregatetype varchar(255) NOT NULL,
    aggregateid varchar(255) NOT NULL,
    type varchar(255) NOT NULL,
    payload bytea NOT NULL,
    {attributes}
);
CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert');
SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput');
SELECT $$
    INSERT INTO outbox SELECT gen_random_uuid(), '{topic}', gen_random_uuid(), 'Bench', decode(repeat('78', 64), 'hex'),
    {letters} FROM generate_series(1, 10000)
$$ FROM generate_series(1, {events} / 10000)\\gexec
TRUNCATE outbox;
"""

DROPPED = """\
SELECT pg_drop_replication_slot(slot_name) IS NULL FROM pg_replication_slots
WHERE slot_name = '{slot}' AND NOT active;
SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{slot}';
"""

ACTIVE = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{slot}' AND active;"

GONE_WITHIN = 20.0
"""Seconds in which PostgreSQL notices that whoever read a slot has ended."""


@dataclass
class Debezium:
    """An outbox of its own, read from the log, with a column for each attribute of an envelope. It runs once."""

    name: str
    url: str
    topic: str
    warming_topic: str
    bootstrap_servers: str
    folder: Path
    server: postgres.Server
    tuning: Tuning
    table: str = "outbox"
    columns: tuple[str, ...] = (*ROUTED, *ATTRIBUTES)
    returning: str = ""
    ours: bool = False

    @property
    def database(self) -> str:
        """What its database is called, and its role and its slot too."""
        return str(make_url(self.url).database)

    def row(self, sent: Sent) -> tuple[Any, ...]:
        """As Debezium's outbox event router asks for it; the type of an aggregate is the topic of its events."""
        told = {name: value.decode() for name, value in sent.headers}
        attributes = (told[PLACED[column][0]] for column in ATTRIBUTES)
        return UUID(told["ce_id"]), self.topic, str(sent.aggregate), told["ce_type"], sent.body, *attributes

    def prepare(self) -> None:
        """Make the table, the publication of its inserts, and the slot: whatever is written from then on waits for it.

        A slot that nobody reads keeps the log for ever: `running` or `drop` must follow.
        """
        told = {
            "role": self.database,
            "slot": self.database,
            "topic": self.warming_topic,
            "events": WARMING,
            "attributes": ", ".join(f"{column} text NOT NULL" for column in ATTRIBUTES),
            "letters": ", ".join("'xxxxxx'" for _ in ATTRIBUTES),
        }
        self.server.execute(PREPARED.format(**told), self.database)

    @contextmanager
    def running(self) -> Iterator[Sequence[psutil.Process]]:
        """Connect, from the moment it reads the slot and is warm; the slot goes with it."""
        home = self.folder / f"{self.topic}.connect"
        try:
            with connect.running(home, self.bootstrap_servers, self.connector(), ready=self.read) as process:
                with ThreadPoolExecutor(1) as apart:
                    apart.submit(asyncio.run, self._warm()).result()
                yield [psutil.Process(process.pid)]
        finally:
            self.drop()

    def connector(self) -> dict[str, str]:
        """Its settings as a connector."""
        url = make_url(self.url)
        return {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "tasks.max": "1",
            "database.hostname": str(url.host),
            "database.port": str(url.port),
            "database.user": str(url.username),
            "database.password": str(url.password),
            "database.dbname": self.database,
            "topic.prefix": "bench",
            "plugin.name": "pgoutput",
            "slot.name": self.database,
            "publication.name": "outbox",
            "publication.autocreate.mode": "disabled",
            "table.include.list": "public.outbox",
            "snapshot.mode": "no_data",
            "transforms": "outbox",
            "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
            "transforms.outbox.route.topic.replacement": "${routedByValue}",
            "transforms.outbox.table.fields.additional.placement": ",".join(
                f"{column}:header:{header}" for column, headers in PLACED.items() for header in headers
            ),
            **TUNINGS[self.tuning],
        }

    def read(self) -> bool:
        """Whether somebody reads the slot."""
        return self.server.execute(ACTIVE.format(slot=self.database)) == "1"

    async def _warm(self) -> None:
        """Return once it has published what warms it up. Raises TimeoutError."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers)
        await consumer.start()
        try:
            async with asyncio.timeout(WARM_WITHIN):
                while True:
                    if await total(consumer, self.warming_topic) >= WARMING:
                        return
                    await asyncio.sleep(LOOK)
        finally:
            await consumer.stop()

    def drop(self) -> None:
        """Have no slot any more. Raises TimeoutError where somebody keeps reading it."""
        deadline = time.monotonic() + GONE_WITHIN
        while self.server.execute(DROPPED.format(slot=self.database)).splitlines()[-1] != "0":
            if time.monotonic() > deadline:
                raise TimeoutError(f"somebody still reads the slot {self.database}")
            time.sleep(LOOK)


async def debezium(ground: Ground, tuning: Tuning) -> Debezium:
    """A fresh one, prepared: what is written from now on, it will publish."""
    made = Debezium(
        name="Debezium with its defaults" if tuning == "defaults" else "Debezium tuned",
        url=ground.empty_database(),
        topic=await ground.new_topic(),
        warming_topic=await ground.new_topic(),
        bootstrap_servers=ground.bootstrap_servers,
        folder=ground.folder,
        server=ground.server,
        tuning=tuning,
    )
    made.prepare()
    return made
