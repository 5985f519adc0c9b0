"""The one list of topics: names, owners, partitions (fixed for life), retention (internal topics: for ever)."""

import msgspec

from contracts import enrollment, publications, sessions, trainings


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as it is declared to Kafka. `retention_ms` -1 keeps every record."""

    name: str
    owner: str
    partitions: int = 16
    retention_ms: int = -1


TOPICS = tuple(
    Topic(name=module.TOPIC, owner=module.TOPIC.removesuffix(".events"))
    for module in (enrollment, sessions, trainings, publications)
)
PARTITIONS = {topic.name: topic.partitions for topic in TOPICS}
