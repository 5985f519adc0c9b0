"""What the bench says, in Polish and in English."""

from babel.numbers import format_decimal

WORDS = {
    "title": ("Pomiary: nasze wobec porównania", "Measured: ours against the reference"),
    "figure": ("pomiar (nasze : porównanie)", "figure (ours : reference)"),
    "ratio": ("stosunek", "ratio"),
    "goal": ("cel (dąż.)", "goal (aim)"),
    "no_goal": ("bez celu", "no goal"),
    "achieved": ("osiągnięte wobec celu (1 = cel)", "reached of the goal (1 = the goal)"),
    "machine": (
        "rdzenie: {cores}, pamięć: {memory} GiB, {system}, Python {python}",
        "cores: {cores}, memory: {memory} GiB, {system}, Python {python}",
    ),
    "written": ("Zapisano {file}, wykresy w {charts}", "Written: {file}, charts in {charts}"),
    "latency": ("od zatwierdzenia do odbiorcy", "commit to consumer"),
    "draining": ("zaległości", "a backlog"),
    "saturation": ("zapisy na granicy", "commits at saturation"),
    "consuming": ("odbiór i odbudowa wskaźników", "consuming and the rebuild of insights"),
    "commands": ("polecenia", "commands"),
    "listening": ("strona na żywo", "live page"),
    "idling": ("spoczynek i start", "idle and start"),
    "growing": ("jak rosną koszty", "how cost grows"),
    "lasting": ("pół godziny", "half an hour"),
}

NAMES = {
    "commit to consumer at 1,000/s, p50: bare aiokafka": "zatwierdzenie → odbiorca, 1000/s, p50: samo aiokafka",
    "commit to consumer at 1,000/s, p99: bare aiokafka": "zatwierdzenie → odbiorca, 1000/s, p99: samo aiokafka",
    "commit to consumer at 200/s, p50: bare aiokafka": "zatwierdzenie → odbiorca, 200/s, p50: samo aiokafka",
    "commit to consumer at 200/s, p99: bare aiokafka": "zatwierdzenie → odbiorca, 200/s, p99: samo aiokafka",
    "the relay's processor at 1,000/s: one core": "procesor przekaźnika przy 1000/s: jeden rdzeń",
    "the relay's processor, idle: one core": "procesor przekaźnika w spoczynku: jeden rdzeń",
    "commit to consumer at 1,000/s, p50, 2 relays: one": "zatwierdzenie → odbiorca, 1000/s, p50, 2 przekaźniki: jeden",
    "commit to consumer at 1,000/s, p50, 4 relays: one": "zatwierdzenie → odbiorca, 1000/s, p50, 4 przekaźniki: jeden",
    "commit to consumer at 1,000/s, p50, 64 partitions: 16": "zatwierdzenie → odbiorca, 1000/s, p50, 64 partycje: 16",
    "commit to consumer at 1,000/s, p50, 100,000 aggregates: 1,000": (
        "zatwierdzenie → odbiorca, 1000/s, p50, 100 000 agregatów: 1000"
    ),
    "commit to consumer at 1,000/s, p99, 2 relays: one": "zatwierdzenie → odbiorca, 1000/s, p99, 2 przekaźniki: jeden",
    "commit to consumer at 1,000/s, p99, 4 relays: one": "zatwierdzenie → odbiorca, 1000/s, p99, 4 przekaźniki: jeden",
    "commit to consumer at 1,000/s, p99, 64 partitions: 16": "zatwierdzenie → odbiorca, 1000/s, p99, 64 partycje: 16",
    "commit to consumer at 1,000/s, p99, 100,000 aggregates: 1,000": (
        "zatwierdzenie → odbiorca, 1000/s, p99, 100 000 agregatów: 1000"
    ),
    "a backlog, 2 relays: one": "zaległość, 2 przekaźniki: jeden",
    "a backlog, 4 relays: one": "zaległość, 4 przekaźniki: jeden",
    "a backlog, 64 partitions: 16": "zaległość, 64 partycje: 16",
    "a backlog of 100,000 aggregates: 1,000": "zaległość 100 000 agregatów: 1000",
    "a backlog of 1,000,000: 200,000": "zaległość 1 000 000: 200 000",
    "Kafka to inbox and effect, 64 partitions: 16": "z Kafki do skutku, 64 partycje: 16",
    "Kafka to inbox and effect, 100,000 aggregates: 1,000": "z Kafki do skutku, 100 000 agregatów: 1000",
    "Kafka to inbox and effect, 10,000,000 behind: 200,000": "z Kafki do skutku, zaległość 10 000 000: 200 000",
    "half an hour at 2,000/s, most dead rows of what waits, in its last 5 pieces: in its first 5": (
        "pół godziny, 2000/s, najwięcej martwych wierszy pod koniec: na początku"
    ),
    "half an hour at 2,000/s, the table of what waits: its first piece": "pół godziny, 2000/s, tabela: początek",
    "half an hour at 2,000/s, the outbox's bytes for an event: its first piece": (
        "pół godziny, 2000/s, bajty outboxa na zdarzenie: początek"
    ),
    "half an hour at 2,000/s, the relay's processor: its first piece": "pół godziny, 2000/s, procesor: początek",
    "a backlog of 200,000: bare aiokafka's send": "zaległość 200 000: samo `send` aiokafka",
    "commits at saturation with the relay: without it": "zapisy na granicy z przekaźnikiem: bez niego",
    "Kafka to inbox and effect: FastStream with the ORM, one by one": "z Kafki do skutku: FastStream z ORM, po jednym",
    "Kafka to inbox and effect: asyncpg, one by one": "z Kafki do skutku: asyncpg, po jednym",
    "a backlog of 200,000: Debezium tuned": "zaległość 200 000: Debezium dostrojone",
    "a backlog of 200,000: faststream-outbox": "zaległość 200 000: faststream-outbox",
    "a command's p99 at half that load: FastAPI + SQLAlchemy": "p99 polecenia przy połowie tempa: FastAPI + SQLAlchemy",
    "a process idle, resident: importing its libraries": "pamięć procesu w spoczynku: sam import bibliotek",
    "commands through the API, saturated: FastAPI + SQLAlchemy": "polecenia przez API na granicy: FastAPI + SQLAlchemy",
    "commands through the API, saturated: bare ASGI + asyncpg": "polecenia przez API na granicy: samo ASGI + asyncpg",
    "commit to consumer at 1,000/s, p50: Debezium tuned": "zatwierdzenie → odbiorca, 1000/s, p50: Debezium dostrojone",
    "commit to consumer at 1,000/s, p99: Debezium tuned": "zatwierdzenie → odbiorca, 1000/s, p99: Debezium dostrojone",
    "commit to consumer at 1,000/s, p50: Debezium with its defaults": (
        "zatwierdzenie → odbiorca, 1000/s, p50: Debezium bez zmian"
    ),
    "commit to consumer at 1,000/s, p50: faststream-outbox": "zatwierdzenie → odbiorca, 1000/s, p50: faststream-outbox",
    "commits at saturation with the relay: with Debezium tuned": "zapisy na granicy z przekaźnikiem: z Debezium",
    "insights built anew from zero: the consumer's rate": "wskaźniki od zera: tempo odbiorcy",
    "live pages delivered to 1,000 listeners: sse-starlette": "strony na żywo dla 1000 słuchaczy: sse-starlette",
    "start to ready: importing its libraries": "start do gotowości: sam import bibliotek",
    "the stalest of 1,000 live pages: one second": "najstarsza z 1000 stron na żywo: jedna sekunda",
}
"""Polish names of the figures; the goals have the English ones."""


def say(lang: str, key: str, **values: object) -> str:
    """A text in the language of whoever reads it."""
    return WORDS[key][0 if lang == "pl" else 1].format(**values)


def worded(lang: str, name: str) -> str:
    """A figure's name."""
    return NAMES[name] if lang == "pl" else name


def number(lang: str, value: float) -> str:
    """With as many digits as tell something."""
    digits = "#,##0" if abs(value) >= 100 else "0.0" if abs(value) >= 10 else "0.00" if abs(value) >= 0.1 else "0.000"
    return format_decimal(value, format=digits, locale=lang)
