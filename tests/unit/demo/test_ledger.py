"""The player's account of its commands."""

from pathlib import Path

from superwizja.demo.ledger import Entry, Ledger, read


def an_entry(key: str, **more: object) -> Entry:
    told: dict[str, object] = {"person": "p", "service": "enrollment", "operation": "/groups", "outcome": "refused"}
    return Entry(key=key, **(told | more))  # type: ignore[arg-type]  # each is of its field's type


def test_entries_come_back_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    for keys in (("a", "b"), ("c",)):
        ledger = Ledger(file)
        for key in keys:
            ledger.write(an_entry(key, status=409, ids=("x", "y")))
        ledger.close()
    assert read(file) == [an_entry(key, status=409, ids=("x", "y")) for key in "abc"]


def test_no_ledger_is_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path / "ledger.jsonl") == []


def test_the_last_entry_of_a_key_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", at_once=True)
    for key, outcome in (("a", "unknown"), ("b", "refused"), ("a", "acknowledged")):
        ledger.write(an_entry(key, outcome=outcome))
    found = [(entry.key, entry.outcome) for entry in read(tmp_path / "ledger.jsonl")]
    ledger.close()
    assert found == [("a", "acknowledged"), ("b", "refused")]
