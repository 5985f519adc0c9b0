"""Declare the topics of contracts.topics to Kafka: `python -m chassis.topics`, settings in TOPICS_*."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from contracts.topics import TOPICS

from chassis.kafka import connection
from chassis.settings import KafkaSettings, env_prefix


class Settings(KafkaSettings):
    """How to reach Kafka, and how many replicas a topic has."""

    model_config = env_prefix("TOPICS_")


class DeclaredOtherwise(RuntimeError):
    """A topic exists with another number of partitions: those are fixed for life."""


async def declare(settings: KafkaSettings) -> None:
    """Create the topics that are missing; harmless when they exist. Raises DeclaredOtherwise."""
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        there = {found["topic"]: len(found["partitions"]) for found in await admin.describe_topics()}
        for topic in TOPICS:
            if there.get(topic.name, topic.partitions) != topic.partitions:
                raise DeclaredOtherwise(f"{topic.name} has {there[topic.name]} partitions, not {topic.partitions}")
        missing = [topic for topic in TOPICS if topic.name not in there]
        if missing:
            await admin.create_topics(
                [
                    NewTopic(
                        topic.name,
                        topic.partitions,
                        settings.kafka_replication_factor,
                        topic_configs={"retention.ms": str(topic.retention_ms), "cleanup.policy": "delete"},
                    )
                    for topic in missing
                ]
            )
    finally:
        await admin.close()


if __name__ == "__main__":
    asyncio.run(declare(Settings()))
