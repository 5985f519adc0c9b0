"""The public page of an issue."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from uuid import UUID, uuid4

import httpx
import pytest
from chassis.testing import Harness

from .steps import a_text, an_article, an_issue, ask_for_publication, freeze


class Outline(HTMLParser):
    """The elements of a page with their texts, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        tag, attributes, text = self.found[-1] if self.found else ("", {}, "")
        if self.found:
            self.found[-1] = (tag, attributes, text + data)

    def texts(self, tag: str, kind: str | None = None) -> list[str]:
        return [
            text.strip()
            for name, attributes, text in self.found
            if name == tag and kind in (None, attributes.get("class"))
        ]


def a_reader(h: Harness) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(h.app), base_url="http://service.example")


async def a_readable_issue(h: Harness, *texts: dict[str, object]) -> UUID:
    issue = await an_issue(h)
    for text in texts or (a_text(),):
        await an_article(h, issue, text)
    await an_article(h, issue, a_text(title="Nieprzyjęty tekst"), accept=False)
    await freeze(h, issue)
    await ask_for_publication(h, issue)
    return issue


async def test_readers_see_the_issue_and_its_articles(publications: Harness) -> None:
    issue = await a_readable_issue(
        publications,
        a_text(title="Pierwszy", body="Jeden.\r\n\r\nDwa,\nwciąż dwa.\n \nTrzy."),
        a_text(title="Drugi", kind="good_practice", byline=None),
    )
    async with a_reader(publications) as reader:
        answer = await reader.get(f"/issues/{issue}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Outline(answer.text)
    assert (page.found[0][0], page.found[0][1]["lang"]) == ("html", "pl")
    assert page.texts("title") == ["Zima 2022 – Zeszyty (przykład)"]
    assert page.texts("h1") == ["Zima 2022"]
    assert page.texts("h2") == ["Spis treści", "Pierwszy", "Drugi"]
    assert page.texts("p", "number") == ["IV kwartał 2022, wydanie specjalne"]
    assert page.texts("time") == ["10 stycznia 2023"]
    assert page.texts("p", "kind") == ["doświadczenie", "dobra praktyka"]
    assert page.texts("p", "byline") == ["Autorka Zmyślona"]
    assert page.texts("p", "text") == ["Jeden.", "Dwa,\nwciąż dwa.", "Trzy.", "Pierwszy akapit.", "Drugi akapit."]
    assert "wyłącznie w wersji elektronicznej" in answer.text
    assert [attributes for tag, attributes, _ in page.found if tag == "p" and attributes.get("lang") == "en"]


async def test_what_authors_write_stays_text(publications: Harness) -> None:
    attack = "<script>alert(1)</script>"
    issue = await a_readable_issue(
        publications, a_text(title=attack, byline=f"{attack}\"'", body=f"{attack}\n\n<b>x</b>")
    )
    async with a_reader(publications) as reader:
        answer = await reader.get(f"/issues/{issue}")
    tags = {tag for tag, _, _ in Outline(answer.text).found}
    assert not tags & {"script", "b"}
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy


async def test_a_reader_who_has_the_page_is_not_sent_it_again(publications: Harness) -> None:
    issue = await a_readable_issue(publications)
    async with a_reader(publications) as reader:
        first = await reader.get(f"/issues/{issue}")
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "public, max-age=60"
        for known in (tag, f'"other", W/{tag}', "*"):
            again = await reader.get(f"/issues/{issue}", headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert (await reader.get(f"/issues/{issue}", headers={"If-None-Match": '"other"'})).status_code == 200
        head = await reader.head(f"/issues/{issue}")
        assert (head.status_code, head.headers["etag"]) == (200, tag)


@pytest.mark.parametrize("unknown", [str(uuid4()), "zima", "00000000"])
async def test_what_is_no_issue_is_a_page_that_says_so(publications: Harness, unknown: str) -> None:
    async with a_reader(publications) as reader:
        answer = await reader.get(f"/issues/{unknown}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert Outline(answer.text).texts("h1") == ["Nie ma takiego numeru"]


async def test_an_issue_cannot_be_read_before_it_is_opened_to_readers(publications: Harness) -> None:
    issue = await an_issue(publications)
    await an_article(publications, issue)
    seen = []
    async with a_reader(publications) as reader:
        seen.append((await reader.get(f"/issues/{issue}")).status_code)
        await freeze(publications, issue)
        seen.append((await reader.get(f"/issues/{issue}")).status_code)
        await ask_for_publication(publications, issue)
        seen.append((await reader.get(f"/issues/{issue}")).status_code)
    assert seen == [404, 404, 200]
