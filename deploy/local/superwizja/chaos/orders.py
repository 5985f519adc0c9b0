"""What lies on the topics: order, repetitions, one partition a key, and what every consumer made of it."""

from collections import defaultdict
from uuid import UUID

from superwizja.chaos.testimony import Testimony
from superwizja.runtime import SERVICES
from superwizja.verify.finding import About, Finding
from superwizja.verify.history import Aggregate
from superwizja.verify.quiet import CONSUMES


def order(testimony: Testimony) -> Finding:
    """Each aggregate's versions first appear in order, without a gap, in one partition, however often repeated."""
    finding = Finding("order")
    highest: dict[Aggregate, int] = defaultdict(int)
    seen: set[tuple[Aggregate, int]] = set()
    lies_in: dict[Aggregate, int] = {}
    for read in testimony.clean.records:
        if not read.own or read.envelope is None:
            continue
        aggregate, version = (read.topic, read.envelope.key), read.envelope.version
        partition = lies_in.setdefault(aggregate, read.partition)
        if partition != read.partition:
            text = f"{read.topic} {read.envelope.key} lies in partitions {partition} and {read.partition}"
            finding.differs(text, About(str(read.envelope.key), "inverted"))
        if (aggregate, version) in seen:
            continue
        seen.add((aggregate, version))
        before, highest[aggregate] = highest[aggregate], max(highest[aggregate], version)
        at = f"{read.topic} {read.envelope.key} at {read.partition}/{read.offset}"
        about = About(str(read.envelope.id), "inverted" if version < before else "")
        finding.expect(version == before + 1, f"{at}: version {version} after {before}", about)
    return finding


def repeated(testimony: Testimony) -> int:
    """How many records repeat an event that was on its topic already, but for those that the rig doubled."""
    seen: set[UUID] = set()
    times = 0
    for read in testimony.clean.records:
        if read.own and read.envelope is not None:
            if read.envelope.id in seen and (read.topic, read.partition, read.offset) not in testimony.planted.doubled:
                times += 1
            seen.add(read.envelope.id)
    return times


def redeliveries(testimony: Testimony) -> Finding:
    """Events did come again, on the topics or to consumers: otherwise nothing was proved about skipping them."""
    finding = Finding("redeliveries")
    on_topics, skipped = repeated(testimony), testimony.planted.skipped
    finding.compared = on_topics + skipped
    text = f"repeated on the topics: {on_topics}, skipped by consumers: {skipped}"
    if not finding.compared and testimony.planted.long:
        finding.differs(text)
    else:
        finding.notes.append(text)
    return finding


def parked(testimony: Testimony) -> Finding:
    """Nothing is parked but what the rig poisoned; no due work is."""
    finding = Finding("parked")
    for service in SERVICES:
        rows = testimony.evidence.rows(service, "parked")
        finding.compared += len(rows)
        for row in rows:
            if (row["topic"], row["aggregate"]) not in testimony.poisoned:
                at = f"{service}: {row['topic']} {row['aggregate']} version {row['version']}"
                finding.differs(f"{at} is parked: {row['cause']}", About(str(row["aggregate"])))
        for row in testimony.evidence.rows(service, "due_parked"):
            text = f"{service}: due work {row['kind']} of {row['subject']} is parked: {row['cause']}"
            finding.differs(text, About(str(row["subject"])))
    return finding


def poison(testimony: Testimony) -> Finding:
    """Every consumer has met the poison of its topics and gone on: what it knows and cannot read, it has parked."""
    finding = Finding("poison")
    for topic, key in sorted(testimony.poisoned):
        for consumer, topics in CONSUMES.items():
            if topic in topics:
                rows = testimony.evidence.rows(consumer, "inbox")
                met = any((row["topic"], row["aggregate"]) == (topic, key) for row in rows)
                finding.expect(met, f"{consumer} has not met the poison {topic} {key}", About(str(key)))
    return finding


def consumers(testimony: Testimony) -> Finding:
    """Everything is at its end, and every partition has a living consumer in each group."""
    finding = Finding("consumers")
    quiet = testimony.quiet
    finding.expect(quiet is None, f"still under way when patience ended: {quiet}")
    finding.expect(testimony.away is None, f"an API does not answer: {testimony.away}")
    gaps = testimony.planted.gaps
    finding.expect(not gaps, f"consumers missed versions before {gaps} events")
    for consumer, lacks in testimony.consuming.items():
        finding.expect(not lacks, f"{consumer}: {lacks}")
    return finding
