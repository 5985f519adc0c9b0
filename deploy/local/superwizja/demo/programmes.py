"""The two programmes as a coordinator opens them. Sizes that no document states are made up, and say so here."""

from collections.abc import Mapping
from typing import Any

from superwizja.demo.calendar import FIRST, LAST
from superwizja.demo.places import areas
from superwizja.demo.sizes import MEETINGS, MINUTES, Size

OFFER_VALIDITY = 2
"""Seconds: an offer of a seat must be able to expire while one watches."""

AREA_NAMES = {city: places[0].name for city, places in areas().items()}

UNICEF_SUPERVISION: Mapping[str, Any] = {
    "minimum": 5,
    "maximum": 15,
    "meetings": MEETINGS,
    "minutes": MINUTES,
    "quorum": 4,
    "threshold_percent": 80,
    "rhythm": "monthly",
}
UNICEF_TRAINING: Mapping[str, Any] = {
    "minimum": 5,
    "maximum": 15,
    "meetings": 1,
    "minutes": 360,
    "quorum": 3,
    "threshold_percent": 80,
    "rhythm": "free",
}


def unicef(size: Size, suffix: str = "") -> dict[str, Any]:
    """The programme for workers who have or may have contact with clients from Ukraine. Codes are unique: `suffix`."""
    return {
        "code": f"unicef_2022_2024{suffix}",
        "name": "UNICEF 2022-2024",
        "funder": "UNICEF",
        "provider": "Polskie Towarzystwo Superwizji Pracy Socjalnej",
        "starts_on": FIRST.isoformat(),
        "ends_on": LAST.isoformat(),
        "audience": ["has", "may_have"],
        "supervision": dict(UNICEF_SUPERVISION),
        "training": dict(UNICEF_TRAINING),
        "targets": [{"indicator": indicator, "value": value} for indicator, value in size.targets.items()],
        "areas": [
            {
                "name": AREA_NAMES[city],
                "city": city,
                "surroundings": [place.code for place in places if place.zone == "surroundings"],
                "reason": "migration_from_ukraine",
            }
            for city, places in areas().items()
        ],
        "offer_validity_seconds": OFFER_VALIDITY,
    }


def system_project(suffix: str = "") -> dict[str, Any]:
    """The system project that the programme of Zgierz is a part of; nothing more is known of it here."""
    return {"code": f"rewitalizacja_spoleczna{suffix}", "name": "Rewitalizacja społeczna"}


ZGIERZ_SHAPE: Mapping[str, Any] = {
    "minimum": 5,
    "maximum": 12,
    "meetings": 8,
    "minutes": 180,
    "quorum": 4,
    "threshold_percent": 75,
    "rhythm": "fortnightly",
}
"""Made up: of this programme neither the size nor the number or length of meetings is published."""


def zgierz(*, parent_id: str, commissioner_id: str, suffix: str = "") -> dict[str, Any]:
    """Group supervision for the workers of one centre, which commissioned it. No funder, dates or targets."""
    return {
        "code": f"zgierz{suffix}",
        "name": "Społecznie aktywni – wyżyło się lepiej",
        "parent_id": parent_id,
        "commissioner_id": commissioner_id,
        "provider": "Polskie Towarzystwo Superwizji Pracy Socjalnej",
        "supervision": dict(ZGIERZ_SHAPE),
    }
