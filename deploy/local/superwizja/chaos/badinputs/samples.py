"""Sound values for the services' schemas, from a seed."""

import random
from datetime import date, timedelta
from typing import Any

from superwizja.chaos.badinputs.known import Ids, Known
from superwizja.chaos.badinputs.operations import Schema

COMMUNES = ("1465028", "1061011", "1020031", "2262011", "3064011")
FIRST_DAY, DAYS = date(2022, 9, 1), 900


class Samples:
    """Makes values that a schema allows; ids are those of what exists, most often of what belongs together."""

    def __init__(self, rng: random.Random, known: Known) -> None:
        self.rng = rng
        self.known = known
        self.made = 0

    def value(self, schema: Schema, name: str, around: Ids) -> Any:
        """One value of a field."""
        rng = self.rng
        if "anyOf" in schema:
            options = [each for each in schema["anyOf"] if each.get("type") != "null"]
            return None if rng.random() < 0.15 else self.value(rng.choice(options), name, around)
        if "enum" in schema:
            return rng.choice(schema["enum"])
        match schema.get("type", "string"):
            case "object":
                return self.body(schema, around)
            case "array":
                few = rng.randint(schema.get("minItems", 0), max(schema.get("minItems", 0), 4))
                return [self.value(schema.get("items", {}), name, around) for _ in range(few)]
            case "integer":
                least, most = int(schema.get("minimum", 0)), int(schema.get("maximum", 1000))
                if name == "ordinal" and "ordinal" in around:
                    return int(around["ordinal"])
                return rng.choice((least, most, rng.randint(least, min(most, least + 20))))
            case "number":
                return rng.uniform(0, 1000)
            case "boolean":
                return rng.random() < 0.5
        return self.text(schema, name, around)

    def body(self, schema: Schema, around: Ids) -> dict[str, Any]:
        """An object with all that is required and some of what is not."""
        required = schema.get("required", ())
        fields = schema.get("properties", {})
        return {
            name: self.value(each, name, around)
            for name, each in fields.items()
            if name in required or self.rng.random() < 0.5
        }

    def text(self, schema: Schema, name: str, around: Ids) -> str:
        """A text in the form that the field asks for."""
        rng = self.rng
        self.made += 1
        if schema.get("format") == "uuid":
            return self.known.one(rng, name, around)
        if schema.get("format") == "date":
            return (FIRST_DAY + timedelta(days=rng.randrange(DAYS))).isoformat()
        pattern = schema.get("pattern", "")
        if name in ("terc", "city", "surroundings", "venue") or pattern == "^[0-9]{7}$":
            return rng.choice(COMMUNES)
        if "@" in pattern:
            return f"nobody{self.made}@example.org"
        if pattern.startswith("^[0-9]{4}-"):
            return "1234-5679"
        if pattern.startswith("^\\+?[0-9]"):
            return "+48 22 000 00 00"
        if pattern.startswith("^[a-z][a-z-]"):
            return rng.choice(("enrollment", "sessions", "trainings", "publications", "insights"))
        if pattern.startswith("^[a-z]"):
            return f"code_{rng.randrange(10**6)}"
        if "_-" in pattern:
            return "v1.0"
        return f"Tekst {self.made} (przykład)"[: schema.get("maxLength", 200)]
