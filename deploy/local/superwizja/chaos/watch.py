"""What is seen of the processes while they live: their memory, and how many redeliveries their consumers skipped."""

import asyncio
import time
from dataclasses import dataclass, field

import psutil
from prometheus_client.parser import text_string_to_metric_families

from superwizja.chaos.heard import Sample
from superwizja.chaos.rig import Rig

EVERY = 15.0


@dataclass
class Watch:
    """Looks at every process every few seconds."""

    rig: Rig
    samples: list[Sample] = field(default_factory=list)
    skips: dict[tuple[str, int], int] = field(default_factory=dict)
    missing: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def skipped(self) -> int:
        """Redeliveries that consumers skipped, as far as they told before they were killed."""
        return sum(self.skips.values())

    @property
    def gaps(self) -> int:
        """Versions that consumers missed before an event."""
        return sum(self.missing.values())

    async def until(self, stopping: asyncio.Event) -> None:
        """Look until told to stop, and once more at the end."""
        while not stopping.is_set():
            await self.look()
            try:
                await asyncio.wait_for(stopping.wait(), EVERY)
            except TimeoutError:
                continue
        await self.look()

    async def look(self) -> None:
        """One look at every process that runs."""
        for name in self.rig.names():
            pid = self.rig.pid(name)
            if pid is None:
                continue
            try:
                self.samples.append(Sample(time.time(), name, psutil.Process(pid).memory_info().rss))
            except psutil.NoSuchProcess:
                continue
            if ".worker." in name and (said := await self.rig.metrics(name)):
                self.skips[name, pid] = _sum(said, "consumer_events_total", outcome="redelivered")
                self.missing[name, pid] = _sum(said, "consumer_gaps_total")


def _sum(said: str, name: str, **labels: str) -> int:
    """The sum of a counter over the labels that are not named."""
    return sum(
        int(sample.value)
        for family in text_string_to_metric_families(said)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
