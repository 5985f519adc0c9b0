"""The live page in a browser: signed in with OIDC, moving by itself, readable by everyone, back after a break."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import uvicorn
from aiokafka import AIOKafkaProducer
from axe_playwright_python.async_playwright import Axe
from chassis import topics
from chassis.database import an_engine, sessions_of
from chassis.inbox import Inbox
from chassis.service import a_server
from chassis.settings import ServiceSettings
from chassis.subscribing import Subscription
from chassis.testing import key_of, migrated
from contracts import enrollment, sessions
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event
from insights.consumers import events
from insights.main import service
from joserfc.jwk import RSAKey
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from superwizja.issuer import Issuer, application
from superwizja.leash import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECRET = "a secret of the tests"
WITHIN = 20_000


@dataclass
class Insights:
    """The page's processes: what is needed to start and stop them, and a way to tell events."""

    settings: ServiceSettings
    producer: AIOKafkaProducer
    address: str
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)

    async def tell(self, programme: UUID, *told: Event) -> None:
        for event in told:
            key = key_of(event)
            version = self.versions[event.topic, key] = self.versions.get((event.topic, key), 0) + 1
            envelope = Envelope(
                id=uuid4(),
                type=event.type,
                time=datetime.now(UTC),
                key=key,
                version=version,
                programme_id=programme,
                correlation_id=uuid4(),
                actor=Actor(role="service", service="tests"),
            )
            headers = headers_of(envelope, source="tests", schema=event.schema())
            body = msgspec.json.encode(event)
            await self.producer.send_and_wait(event.topic, body, key=str(key).encode(), headers=headers)

    @asynccontextmanager
    async def api(self) -> AsyncIterator[None]:
        async with serving(a_server(service.api(self.settings), self.settings)):
            yield

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        engine = an_engine(self.settings, timeout=30)
        subscription = Subscription(
            self.settings, Inbox(events, sessions_of(engine, self.settings)), group=str(uuid4())
        )
        await subscription.start()
        try:
            yield
        finally:
            await subscription.stop()
            await engine.dispose()


@asynccontextmanager
async def serving(server: uvicorn.Server) -> AsyncIterator[None]:
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 15)


def opened(programme: UUID, code: str, name: str, **targets: int) -> enrollment.ProgrammeOpened:
    return enrollment.ProgrammeOpened(
        programme_id=programme,
        code=code,
        name=name,
        targets=tuple(enrollment.Target(indicator=indicator, value=value) for indicator, value in targets.items()),
        areas=(enrollment.PriorityArea(name="Kraków", city="1261011", reason="migration"),) if targets else (),
    )


def formed(group: UUID, name: str) -> enrollment.GroupFormed:
    return enrollment.GroupFormed(
        group_id=group,
        name=name,
        track="supervision",
        audience="workers",
        place=enrollment.Place(terc="1261011", zone="city", area="1261011"),
        cohort="first",
        formed_on=date(2022, 10, 1),
        starts_on=date(2022, 10, 1),
        shape=enrollment.Shape(minimum=5, maximum=15, meetings=10, minutes=300, quorum=3, threshold_percent=80),
        members=(),
        leaders=(),
    )


def met(group: UUID, ordinal: int, *people: UUID) -> sessions.SessionCompleted:
    return sessions.SessionCompleted(
        cycle_id=group,
        session_id=uuid4(),
        ordinal=ordinal,
        held_on=date(2022, 9 + ordinal, 5),
        minutes=300,
        leaders=(uuid4(),),
        attendance=tuple(sessions.Attendance(person_id=each, status="attended", minutes=300) for each in people),
    )


@pytest.fixture(scope="module")
async def insights(
    new_database: Callable[[str, Callable[[str], None]], str], kafka_bootstrap: str
) -> AsyncIterator[Insights]:
    """An issuer, topics and a database; the processes of insights are each test's to start."""
    await topics.declare(topics.Settings(kafka_bootstrap_servers=kafka_bootstrap))
    port, issuer_port = free_port(), free_port()
    address, issuer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{issuer_port}"
    settings = service.settings(  # type: ignore[call-arg]  # the settings of insights, not of any service
        database_url=new_database("insights", migrated(service)),
        kafka_bootstrap_servers=kafka_bootstrap,
        issuer=issuer,
        allow_insecure_issuer=True,
        port=port,
        public_url=address,
        oidc_client_id="insights",
        oidc_client_secret=SECRET,
        session_secret=SECRET,
        database_timeout=20.0,
    )
    people = application(Issuer(issuer, address, RSAKey.generate_key(2048, auto_kid=True), {"insights": SECRET}))
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    async with serving(uvicorn.Server(uvicorn.Config(people, port=issuer_port, log_config=None))):
        yield Insights(settings, producer, address)
    await producer.stop()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    # Without a Chromium of the system, the one that `make test` has fetched.
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(WITHIN)
    yield context
    await context.close()


async def signed_in(context: BrowserContext, insights: Insights, person: str = "Kalina") -> Page:
    page = await context.new_page()
    await page.goto(insights.address)
    await page.get_by_role("link", name="Zaloguj się").click()
    await page.get_by_role("button", name=person).click()
    await page.wait_for_url(re.compile(re.escape(insights.address)))
    return page


async def says(page: Page, selector: str, text: str) -> None:
    await expect(page.locator(selector)).to_contain_text(text, timeout=WITHIN)


async def accessible(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def test_the_empty_page_comes_to_life_and_moves_by_itself(insights: Insights, context: BrowserContext) -> None:
    unicef, zgierz, group = uuid4(), uuid4(), uuid4()
    async with insights.api(), insights.worker():
        page = await signed_in(context, insights)
        await says(page, "h1", "Jeszcze nic się nie wydarzyło")
        await says(page, "#connection", "na żywo")
        await accessible(page)

        await insights.tell(unicef, opened(unicef, "unicef", "UNICEF 2022-2024", sessions_completed=1800))
        await says(page, "h1", "UNICEF 2022-2024")
        await says(page, "#card-sessions_completed", "0 z 1\u00a0800")

        anna, bela = uuid4(), uuid4()
        await insights.tell(unicef, formed(group, "Grupa krakowska"), met(group, 1, anna, bela), met(group, 2, anna))
        await says(page, "#card-sessions_completed", "2 z 1\u00a0800")
        await says(page, "#card-sessions_completed", "sesje superwizyjne")
        await says(page, "#tile-people_reached", "2 osoby objęte superwizją")
        await says(page, "#tile-attendances", "3 obecności")
        await says(page, "[data-region=places] tbody tr:first-child", "Kraków")
        await says(page, "[data-region=latest]", "Odbyła się sesja superwizyjna Grupa krakowska")
        await says(page, "[data-region=status]", "stan na")
        await accessible(page)

        await insights.tell(zgierz, opened(zgierz, "zgierz", "Zgierz"))
        await page.get_by_role("link", name="Zgierz").click()
        await says(page, "h1", "Zgierz")
        assert await page.locator(".bar").count() == 0
        await accessible(page)

        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", name="Main figures")).to_be_visible()
        assert await page.locator("html").get_attribute("lang") == "en"


async def test_it_works_by_keyboard(insights: Insights, context: BrowserContext) -> None:
    programme = uuid4()
    await insights.tell(programme, opened(programme, "keys", "Klawiatura", groups_formed=1))
    async with insights.api(), insights.worker():
        page = await context.new_page()
        await page.goto(insights.address)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Bratumił").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(re.escape(insights.address)))
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Przejdź do treści")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#main")).to_be_focused()
        await page.get_by_role("link", name="Klawiatura").focus()
        await page.keyboard.press("Enter")
        await says(page, "h1", "Klawiatura")
        await page.get_by_role("button", name="Wyloguj się").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Zaloguj się")).to_be_visible()


async def test_it_reconnects_by_itself_and_an_open_page_does_not_keep_the_process_from_stopping(
    insights: Insights, context: BrowserContext
) -> None:
    programme, group = uuid4(), uuid4()
    async with insights.worker():
        async with insights.api():
            await insights.tell(programme, opened(programme, "again", "Powrót", groups_formed=2))
            page = await signed_in(context, insights)
            await page.goto(f"{insights.address}/?programme=again")
            await says(page, "h1", "Powrót")
            await says(page, "#connection", "na żywo")
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 5
        await says(page, "#connection", "łączę ponownie…")
        await insights.tell(programme, formed(group, "Grupa po przerwie"))
        async with insights.api():
            await says(page, "#connection", "na żywo")
            await says(page, "#card-groups_formed", "1 z 2")


async def test_silence_is_shown_as_such(insights: Insights, context: BrowserContext) -> None:
    async with insights.api():
        page = await signed_in(context, insights)
        await says(page, "#connection", "na żywo")
        await page.evaluate("Date.now = (now => () => now() + 60000)(Date.now)")
        await says(page, "#connection", "liczby mogą być nieaktualne")


async def test_a_participant_sees_no_figures_and_may_sign_in_as_another(
    insights: Insights, context: BrowserContext
) -> None:
    async with insights.api():
        page = await signed_in(context, insights, "Jagna")
        await says(page, "h1", "Ta rola nie widzi liczb")
        await accessible(page)
        cookie = next(each for each in await context.cookies() if each["name"] == "superwizja")
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        await page.get_by_role("button", name="Wyloguj się").click()
        await expect(page.get_by_role("link", name="Zaloguj się")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_needs_no_scrolling_sideways_in_light_and_in_dark(
    insights: Insights, browser: Browser, scheme: Any
) -> None:
    phone = await browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    phone.set_default_timeout(WITHIN)
    async with insights.api():
        page = await signed_in(phone, insights)
        await says(page, "#connection", "na żywo")
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        await accessible(page)
    await phone.close()
