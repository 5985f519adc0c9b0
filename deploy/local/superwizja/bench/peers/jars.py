"""Kafka Connect and Debezium's connector for PostgreSQL, from Maven Central, in the cache beside Kafka."""

import shutil
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver

from superwizja import folders, kafka, leash

DEBEZIUM = "3.4.0.Final"
# Resolved apart: together they would pick one version of what both need, and not always the one that works.
COORDINATES = (
    f"org.apache.kafka:connect-runtime:{kafka.VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
)


def jars() -> Path:
    """A folder with Connect's jars in `connect` and the connector's in `plugins`, fetched if it is not there.

    Some 70 MB, a minute. Raises kafka.NotFetched.
    """
    folder = folders.cache() / f"debezium-{DEBEZIUM}-connect-{kafka.VERSION}"
    with leash.locked(folders.cache() / "debezium.lock"):
        if not folder.exists():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    """Resolve and download beside the folder, then move: a folder that is there is whole."""
    repository, making = folder.with_name("debezium.maven.part"), folder.with_name(f"{folder.name}.part")
    for leftover in (repository, making):
        shutil.rmtree(leftover, ignore_errors=True)
    (making / "connect").mkdir(parents=True)
    context = MavenContext(repo_cache=repository, resolver=PythonResolver(), timeout=60)
    connector = context.project("io.debezium", "debezium-connector-postgres").at_version(DEBEZIUM)
    try:
        kafka.gather(context, COORDINATES, making / "connect")
        plugin = connector.artifact(classifier="plugin", packaging="tar.gz").resolve()
        shutil.unpack_archive(plugin, making / "plugins", "gztar")
    except (OSError, RuntimeError, shutil.ReadError) as error:
        raise kafka.NotFetched(str(error)) from error
    shutil.rmtree(repository)
    making.rename(folder)
