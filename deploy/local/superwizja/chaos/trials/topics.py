"""Topics read on from where they were read to before: which event ids came, and whether in order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from contracts.cloudevents import NotAnEnvelope, envelope_of

from superwizja.runtime import Runtime
from superwizja.verify.sources import PARTITIONS


@dataclass
class Reading:
    """What was read so far of some aggregates (all, where none are named).

    `last`: the highest version of each aggregate of a topic. `inversions` are first appearances behind a higher
    version of the same aggregate; `repeated` are records of an event that had come before.
    """

    runtime: Runtime
    keys: Collection[UUID] | None = None
    done: dict[TopicPartition, int] = field(default_factory=dict)
    last: dict[tuple[str, UUID], int] = field(default_factory=dict)
    missing: dict[tuple[str, UUID], set[int]] = field(default_factory=dict)
    ids: set[UUID] = field(default_factory=set)
    records: int = 0
    repeated: int = 0
    inversions: int = 0

    async def go_on(self) -> None:
        """Read on to what is now the end of every topic."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.runtime.bootstrap_servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            group_id=None,
        )
        await consumer.start()
        try:
            consumer.assign(PARTITIONS)
            ends = await consumer.end_offsets(PARTITIONS)
            for part in PARTITIONS:
                consumer.seek(part, self.done.setdefault(part, 0))
            while any(self.done[part] < end for part, end in ends.items()):
                for part, records in (await consumer.getmany(timeout_ms=500)).items():
                    for record in records:
                        self.take(part.topic, record.headers)
                    self.done[part] = records[-1].offset + 1
        finally:
            await consumer.stop()

    def take(self, topic: str, headers: Iterable[tuple[str, bytes]]) -> None:
        """One record, as the next one of its topic; what is no event is passed over."""
        try:
            envelope = envelope_of(headers)
        except NotAnEnvelope:
            return
        if self.keys is not None and envelope.key not in self.keys:
            return
        self.records += 1
        self.ids.add(envelope.id)
        aggregate, version = (topic, envelope.key), envelope.version
        before = self.last.get(aggregate, 0)
        if version > before:
            self.last[aggregate] = version
            if version > before + 1:
                self.missing.setdefault(aggregate, set()).update(range(before + 1, version))
        elif version in self.missing.get(aggregate, ()):
            self.missing[aggregate].discard(version)
            self.inversions += 1
        else:
            self.repeated += 1
