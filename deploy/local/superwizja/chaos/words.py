"""What the report of a run under faults says, in Polish and in English."""

from collections.abc import Mapping

from babel.numbers import format_decimal

from superwizja.verify.words import WORDS as VERIFY

WORDS: Mapping[str, tuple[str, str]] = {
    "begins": (
        "{minutes} min awarii pod obciążeniem, ziarno {seed}: trzech brokerów, po dwa procesy każdego rodzaju.",
        "{minutes} min of faults under load, seed {seed}: three brokers, two processes of each kind.",
    ),
    "starting": ("platforma startuje", "the platform starts"),
    "resting": ("koniec awarii: czekam na ciszę", "no more faults: waiting until all is quiet"),
    "not_ready": (
        "Platforma nie wróciła: {what} (ziarno {seed}). Dzienniki: superwizja --profile chaos logs.",
        "The platform did not come back: {what} (seed {seed}). Logs: superwizja --profile chaos logs.",
    ),
    "faults": ("Uderzone awarie", "Faults struck"),
    "kind": ("rodzaj", "kind"),
    "times": ("razy", "times"),
    "kills": ("zabite procesy", "kills"),
    "p50": ("powrót p50", "recovery p50"),
    "p95": ("powrót p95", "recovery p95"),
    "max": ("najdłużej", "max"),
    "unseen": ("bez powrotu", "not recovered"),
    "seconds": ("{number} s", "{number} s"),
    "load": ("Obciążenie", "Load"),
    "figure": ("miara", "figure"),
    "value": ("wartość", "value"),
    "goal": ("cel", "goal"),
    "verdict": ("werdykt", "verdict"),
    "commands": ("polecenia", "commands"),
    "rate": ("polecenia na sekundę", "commands a second"),
    "acknowledged": ("potwierdzone", "acknowledged"),
    "refused": ("odmówione", "refused"),
    "unknown": ("o nieznanym wyniku", "of unknown outcome"),
    "retried": ("ponowienia po utracie odpowiedzi", "retries after a lost answer"),
    "replayed": ("potwierdzone i wysłane ponownie", "acknowledged and sent again"),
    "records": ("rekordy na tematach", "records on the topics"),
    "repeated": ("rekordy powtórzone na tematach", "records repeated on the topics"),
    "skipped": ("powtórzenia pominięte przez odbiorców", "redeliveries skipped by consumers"),
    "goals": ("Cele", "Goals"),
    "goal_lost": ("potwierdzone i utracone", "acknowledged and lost"),
    "goal_doubled": ("skutki podwójne", "effects doubled"),
    "goal_redeliveries": ("widziane powtórne doręczenia", "redeliveries seen"),
    "goal_inversions": ("odwrócenia kolejności w agregacie", "order inversions per aggregate"),
    "goal_empty": ("sprawdzenia, które nie miały czego porównać", "checks that had nothing to compare"),
    "goal_kills": ("zabite procesy", "kills"),
    "goal_recovered": ("awarie, po których coś nie wróciło", "faults after which something did not come back"),
    "goal_recovery_service": ("powrót usługi p95, pojedyncze awarie", "recovery p95 of a service, single faults"),
    "goal_recovery_database": ("powrót bazy p95, pojedyncze awarie", "recovery p95 of a database, single faults"),
    "goal_recovery_broker": ("powrót brokera p95, pojedyncze awarie", "recovery p95 of a broker, single faults"),
    "reached": ("osiągnięty", "reached"),
    "missed": ("nieosiągnięty", "missed"),
    "open": ("bez oceny", "not judged"),
    "memory": ("Pamięć procesów", "Memory of processes"),
    "process": ("proces", "process"),
    "second_quarter": ("druga ćwiartka", "second quarter"),
    "last_quarter": ("ostatnia ćwiartka", "last quarter"),
    "growth": ("wzrost", "growth"),
    "megabytes": ("{number} MB", "{number} MB"),
    "percent": ("{number} %", "{number} %"),
    "oracle": ("Wyrocznia", "Oracle"),
    "judged": (
        "Cisza po {waited} s, ocena w {seconds} s, ziarno losowania {seed}.",
        "Quiet after {waited} s, judged in {seconds} s, seed {seed}.",
    ),
    "seed": (
        "Ziarno losowania: {seed}. To samo ziarno daje ten sam plan awarii.",
        "Seed: {seed}. It gives the same schedule.",
    ),
    "schedule": ("Plan awarii", "Schedule"),
    "left_out": ("Pominięte, bo ta maszyna ich nie umożliwia: {names}", "Left out, not possible here: {names}"),
    "trail": ("Ślad pierwszego zdarzenia, które się nie zgadza", "Trail of the first event that broke"),
    "held": (
        "Wszystko się zgadza: {minutes} min awarii, {kills} zabitych procesów.",
        "All held: {minutes} min of chaos, {kills} kills.",
    ),
    "not_held": ("Nie wszystko się zgadza: {names}", "Not everything held: {names}"),
    "plants": ("Zasadzone błędy", "Planted bugs"),
    "plant": ("błąd", "bug"),
    "breaks": ("co psuje", "what it breaks"),
    "named_by": ("nazwany przez", "named by"),
    "after": ("po", "after"),
    "caught": ("złapany", "caught"),
    "not_caught": ("niezłapany", "not caught"),
    "planting": (
        "Błędy do zasadzenia: {number}, ziarno {seed}. Każdy na osobnej platformie, najwyżej 5 minut.",
        "Bugs to plant: {number}, seed {seed}. Each on a platform of its own, for at most 5 minutes.",
    ),
    "ack-before-effect": ("potwierdzenie przed skutkiem", "acknowledge before the effect"),
    "forgetful-inbox": ("skrzynka, która zapomina", "an inbox that forgets"),
    "cursor-relay": ("przekaźnik z kursorem zamiast „nieopublikowane”", "a cursor relay: position > last seen"),
    "mark-before-publish": ("oznaczenie przed publikacją", "mark before publish"),
    "double-counting": ("projekcja, która liczy dwa razy", "a projection that counts twice"),
    "late-consent-gate": ("bramka zgód czyta, zanim zablokuje", "a consent gate that reads before it locks"),
    "skipped-erasure": ("usunięcie osoby, które zostawia jej dane", "an erasure that leaves the name"),
    "written": ("Zapisano {file}", "Written to {file}"),
    "consumers": ("cisza i żywi odbiorcy każdej partycji", "quiet, and living consumers of every partition"),
    "heard": ("odpowiedzi usług na polecenia i powtórzenia", "the services' answers to commands and repetitions"),
    "made": ("co powstało / zachowane odpowiedzi", "what was made / kept answers"),
    "later": ("zamknięcia i publikacje obiecane (202) / spełnione", "freezes and publications promised (202) / done"),
    "effects": ("skutki zdarzeń, każdy raz", "effects of events, each once"),
    "facts": ("co wiedzą odbiorcy / zdarzenia innych usług", "what consumers know / events of other services"),
    "answers": ("o co poprosiły zdarzenia / odpowiedzi, każda raz", "what events asked for / answers, each once"),
    "order": ("pierwsze wystąpienia wersji na tematach", "first appearances of versions on the topics"),
    "redeliveries": ("powtórzenia widziane i pominięte", "redeliveries seen and skipped"),
    "parked": ("odłożone zdarzenia i zadania", "parked events and due work"),
    "poison": ("trucizna spotkana przez odbiorców", "poison that consumers met"),
    "seats": ("miejsca i drogi zgłoszeń w każdej chwili", "seats and ways of applications at any time"),
    "contracts": ("podpisy przed drugą sesją", "signatures before a second session"),
    "withdrawals": ("wycofania zgód / blokady wniosków", "withdrawals of consent / locks of conclusions"),
    "readable": ("numery ogłoszone / czytelne pod adresem", "issues announced / readable at their address"),
    "names": ("podłożone dane osób / miejsca, w których leżą", "planted names / the places where they lie"),
    "certified": ("zaświadczenia wydane, każde raz", "certificates issued, each once"),
}


def say(lang: str, key: str, **values: object) -> str:
    """The text of this key in the language, Polish unless it is `en`; verify's own where it is not here."""
    return (WORDS.get(key) or VERIFY[key])[lang == "en"].format(**values)


def number(lang: str, value: float) -> str:
    """A number as the language writes it: 1 800 or 1,800."""
    return format_decimal(value, locale="en" if lang == "en" else "pl")
