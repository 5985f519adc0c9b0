"""What the gateway leads where."""

from chassis.service import KEEP_ALIVE
from superwizja.gateway import IDLE, configuration


def routes() -> dict[str, list[str]]:
    """Each path's upstreams, in the order in which they are tried; "" is everything else."""
    apis = {"sessions": [1, 2], "publications": [3], "insights": [4], "enrollment": []}
    configured = configuration(8080, 2019, 9, apis)["apps"]["http"]["servers"]["gateway"]["routes"]
    return {
        path: [upstream["dial"] for upstream in route["handle"][-1]["upstreams"]]
        for route in configured
        if "upstreams" in route["handle"][-1]
        for path in (route["match"][0]["path"] if "match" in route else [""])
    }


def test_a_services_api_is_spread_over_its_processes() -> None:
    assert routes()["/api/sessions/*"] == ["127.0.0.1:1", "127.0.0.1:2"]


def test_published_issues_come_from_publications_and_pages_from_insights() -> None:
    assert routes()["/issues/*"] == ["127.0.0.1:3"]
    assert list(routes())[-1] == ""
    assert routes()[""] == ["127.0.0.1:4"]


def test_a_service_without_a_process_keeps_its_place() -> None:
    assert routes()["/api/enrollment/*"] == []


def test_the_gateway_gives_up_a_resting_connection_before_its_server_does() -> None:
    assert IDLE < KEEP_ALIVE
