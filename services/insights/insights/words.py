"""What the page says: figures, events and states in Polish first and English second, with plurals and numbers right."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

Language = Literal["pl", "en"]

LOCALES = {"pl": Locale("pl", "PL"), "en": Locale("en", "GB")}
WARSAW = ZoneInfo("Europe/Warsaw")

FIGURES: dict[str, tuple[str, str, str, str, str]] = {
    "centres_invited": (
        "zaproszony ośrodek", "zaproszone ośrodki", "zaproszonych ośrodków", "centre invited", "centres invited"),
    "centres_joined": (
        "ośrodek w projekcie", "ośrodki w projekcie", "ośrodków w projekcie", "centre joined", "centres joined"),
    "groups_formed": (
        "grupa superwizyjna", "grupy superwizyjne", "grup superwizyjnych", "supervision group", "supervision groups"),
    "training_groups_formed": (
        "grupa szkoleniowa", "grupy szkoleniowe", "grup szkoleniowych", "training group", "training groups"),
    "supervisor_training_groups_formed": (
        "grupa szkoleniowa dla kadry superwizorskiej", "grupy szkoleniowe dla kadry superwizorskiej",
        "grup szkoleniowych dla kadry superwizorskiej", "training group of supervisors",
        "training groups of supervisors"),
    "groups_completed": (
        "zakończona grupa", "zakończone grupy", "zakończonych grup", "group completed", "groups completed"),
    "applications": ("zgłoszenie", "zgłoszenia", "zgłoszeń", "application", "applications"),
    "applications_waitlisted": (
        "zgłoszenie przez listę rezerwową", "zgłoszenia przez listę rezerwową", "zgłoszeń przez listę rezerwową",
        "application waitlisted", "applications waitlisted"),
    "applications_ineligible": (
        "zgłoszenie spoza grona odbiorców", "zgłoszenia spoza grona odbiorców", "zgłoszeń spoza grona odbiorców",
        "ineligible application", "ineligible applications"),
    "seats_taken": ("zajęte miejsce", "zajęte miejsca", "zajętych miejsc", "seat taken", "seats taken"),
    "people_enrolled": (
        "osoba w grupach superwizyjnych", "osoby w grupach superwizyjnych", "osób w grupach superwizyjnych",
        "person in supervision groups", "people in supervision groups"),
    "offers_made": (
        "propozycja miejsca", "propozycje miejsca", "propozycji miejsca", "seat offered", "seats offered"),
    "offers_expired": (
        "wygasła propozycja", "wygasłe propozycje", "wygasłych propozycji", "offer expired", "offers expired"),
    "withdrawals": ("rezygnacja", "rezygnacje", "rezygnacji", "withdrawal", "withdrawals"),
    "hours_minutes": (
        "godzina uczestnictwa", "godziny uczestnictwa", "godzin uczestnictwa",
        "hour of participation", "hours of participation"),
    "mail_recipients": (
        "zawiadomienie o numerze", "zawiadomienia o numerach", "zawiadomień o numerach",
        "notice of an issue", "notices of issues"),
    "sessions_completed": (
        "sesja superwizyjna", "sesje superwizyjne", "sesji superwizyjnych",
        "supervision session", "supervision sessions"),
    "supervision_minutes": (
        "godzina superwizji", "godziny superwizji", "godzin superwizji",
        "hour of supervision", "hours of supervision"),
    "attendances": ("obecność", "obecności", "obecności", "attendance", "attendances"),
    "people_reached": (
        "osoba objęta superwizją", "osoby objęte superwizją", "osób objętych superwizją",
        "person reached by supervision", "people reached by supervision"),
    "cycles_completed": (
        "zakończony cykl superwizji", "zakończone cykle superwizji", "zakończonych cykli superwizji",
        "supervision cycle completed", "supervision cycles completed"),
    "conclusions_recorded": (
        "wniosek z superwizji", "wnioski z superwizji", "wniosków z superwizji",
        "conclusion of supervision", "conclusions of supervision"),
    "conclusions_released": (
        "wniosek za zgodą wszystkich", "wnioski za zgodą wszystkich", "wniosków za zgodą wszystkich",
        "conclusion released with everyone’s consent", "conclusions released with everyone’s consent"),
    "conclusions_withheld": (
        "wniosek pozostaje w grupie", "wnioski pozostają w grupach", "wniosków pozostaje w grupach",
        "conclusion stays in its group", "conclusions stay in their groups"),
    "consents_revoked": ("wycofana zgoda", "wycofane zgody", "wycofanych zgód", "consent revoked", "consents revoked"),
    "signatures": (
        "podpis kontraktu superwizyjnego", "podpisy kontraktów superwizyjnych", "podpisów kontraktów superwizyjnych",
        "signature of a group contract", "signatures of group contracts"),
    "titles_developed": (
        "opracowane szkolenie", "opracowane szkolenia", "opracowanych szkoleń",
        "training developed", "trainings developed"),
    "titles_published": (
        "ogłoszone szkolenie", "ogłoszone szkolenia", "ogłoszonych szkoleń",
        "training published", "trainings published"),
    "supervisor_titles_published": (
        "szkolenie dla kadry superwizorskiej", "szkolenia dla kadry superwizorskiej",
        "szkoleń dla kadry superwizorskiej", "training for supervisors", "trainings for supervisors"),
    "runs_completed": (
        "realizacja szkolenia", "realizacje szkoleń", "realizacji szkoleń", "training run", "training runs"),
    "training_groups_trained": (
        "przeszkolona grupa", "przeszkolone grupy", "przeszkolonych grup", "group trained", "groups trained"),
    "training_attendances": (
        "obecność na szkoleniach", "obecności na szkoleniach", "obecności na szkoleniach",
        "attendance at trainings", "attendances at trainings"),
    "people_trained": (
        "przeszkolona osoba", "przeszkolone osoby", "przeszkolonych osób", "person trained", "people trained"),
    "supervisor_runs_completed": (
        "realizacja szkolenia dla kadry superwizorskiej", "realizacje szkoleń dla kadry superwizorskiej",
        "realizacji szkoleń dla kadry superwizorskiej",
        "training run for supervisors", "training runs for supervisors"),
    "supervisors_trained": (
        "przeszkolona osoba z kadry superwizorskiej", "przeszkolone osoby z kadry superwizorskiej",
        "przeszkolonych osób z kadry superwizorskiej", "supervisor trained", "supervisors trained"),
    "certificates_issued": (
        "ważne zaświadczenie o uczestnictwie", "ważne zaświadczenia o uczestnictwie",
        "ważnych zaświadczeń o uczestnictwie", "valid certificate of attendance", "valid certificates of attendance"),
    "certificates_revoked": (
        "unieważnione zaświadczenie", "unieważnione zaświadczenia", "unieważnionych zaświadczeń",
        "certificate revoked", "certificates revoked"),
    "issues_published": (
        "numer publikacji SPS", "numery publikacji SPS", "numerów publikacji SPS", "issue of SPS", "issues of SPS"),
    "articles_published": ("artykuł", "artykuły", "artykułów", "article", "articles"),
    "submissions": (
        "nadesłany tekst", "nadesłane teksty", "nadesłanych tekstów", "text submitted", "texts submitted"),
    "articles_dropped": (
        "tekst wycofany z numeru", "teksty wycofane z numerów", "tekstów wycofanych z numerów",
        "article dropped from an issue", "articles dropped from issues"),
    "deliveries": (
        "doręczenie numeru", "doręczenia numerów", "doręczeń numerów", "delivery of an issue", "deliveries of issues"),
}  # fmt: skip
"""A figure's noun: Polish for 1, 2-4 and 5 or more, English for one and many; `_minutes` are shown as hours."""

COUNTED: dict[str, tuple[str, str, str, str, str]] = {
    "wait_events": ("zdarzenie czeka", "zdarzenia czekają", "zdarzeń czeka", "event waits", "events wait"),
    "sessions": ("sesja", "sesje", "sesji", "session", "sessions"),
}

SHORT: dict[str, tuple[str, str, str, str, str]] = {
    "groups_formed": ("grupa", "grupy", "grup", "group", "groups"),
    "sessions_completed": ("sesja", "sesje", "sesji", "session", "sessions"),
    "people_reached": ("osoba", "osoby", "osób", "person", "people"),
    "attendances": FIGURES["attendances"],
    "training_groups_trained": (
        "przeszkolona grupa",
        "przeszkolone grupy",
        "przeszkolonych grup",
        "trained",
        "trained",
    ),
}  # fmt: skip
"""Short nouns for the columns of a table."""

GROUNDS: dict[str, tuple[str, str]] = {
    "programme.audience": ("spoza grona odbiorców", "outside the programme’s audience"),
    "reg-2016.3.3": ("brak zgody wszystkich na wniosek", "no consent of everyone to a conclusion"),
    "reg-2016.4.1": ("zależność od ośrodka lub od osób z grupy", "tied to the centre or to members"),
    "std.1.1": ("brak certyfikatu superwizora pracy socjalnej", "no certificate of social-work supervision"),
    "std.1.2": ("brak certyfikatu", "no certificate"),
    "std.1.4": ("powiązania rodzinne, osobiste lub biznesowe", "family, personal or business ties"),
}
"""What a ground means, in few words; a ground that is not here stands for itself."""

EVENTS: dict[str, tuple[str, str]] = {
    "ProgrammeOpened": ("Otwarto projekt", "A programme was opened"),
    "TargetsChanged": ("Zmieniono wartości docelowe", "Targets were changed"),
    "CentreInvited": ("Zaproszono ośrodek", "A centre was invited"),
    "CentreJoined": ("Ośrodek bierze udział", "A centre joined"),
    "CentreDeclined": ("Ośrodek odmówił udziału", "A centre declined"),
    "CentreRegistered": ("Zarejestrowano ośrodek", "A centre was registered"),
    "SupervisorCertified": (
        "Zapisano certyfikat superwizora pracy socjalnej",
        "A supervisor’s certificate was noted",
    ),
    "GroupOpened": ("Grupa przyjmuje zgłoszenia", "A group takes applications"),
    "ApplicationSubmitted": ("Wpłynęło zgłoszenie", "An application came in"),
    "ApplicationDecided": ("Rozpatrzono zgłoszenie", "An application was decided"),
    "ParticipantEnrolled": ("Przyznano miejsce w grupie", "A seat was given"),
    "ParticipantWaitlisted": ("Wpisano na listę rezerwową", "Someone joined a waiting list"),
    "SeatOffered": ("Złożono propozycję miejsca", "A seat was offered"),
    "SeatAccepted": ("Przyjęto propozycję miejsca", "An offered seat was accepted"),
    "SeatDeclined": ("Odrzucono propozycję miejsca", "An offered seat was declined"),
    "SeatOfferExpired": ("Propozycja miejsca wygasła", "An offer of a seat expired"),
    "ParticipantWithdrawn": ("Wycofano zgłoszenie", "An application was withdrawn"),
    "ParticipantErased": ("Usunięto dane osoby", "A person's data were erased"),
    "SupervisorAssigned": ("Grupa ma osobę prowadzącą", "A group was given a leader"),
    "SupervisorAssignmentRefused": ("Odmówiono przydzielenia prowadzenia", "Leading a group was refused"),
    "LeaderReplaced": ("Zmieniono osobę prowadzącą", "A leader was replaced"),
    "LeaderConflictArose": ("Powstała przeszkoda w prowadzeniu grupy", "A conflict of a leader arose"),
    "LeaderConflictCleared": ("Ustała przeszkoda w prowadzeniu grupy", "A conflict of a leader was cleared"),
    "GroupFormed": ("Powstała grupa", "A group was formed"),
    "GroupBelowMinimum": ("Grupa liczy mniej osób, niż wymaga minimum", "A group fell below its minimum"),
    "GroupDissolved": ("Rozwiązano grupę", "A group was dissolved"),
    "GroupCompleted": ("Grupa zakończyła pracę", "A group was completed"),
    "MailingCounted": ("Policzono adresatów zawiadomienia", "The recipients of a notice were counted"),
    "SessionScheduled": ("Zaplanowano sesję superwizyjną", "A session was scheduled"),
    "SessionRescheduled": ("Przełożono sesję superwizyjną", "A session was rescheduled"),
    "SessionPostponed": ("Odroczono sesję superwizyjną", "A session was postponed"),
    "SessionCancelled": ("Odwołano sesję superwizyjną", "A session was cancelled"),
    "SessionInquorate": ("Sesja nie odbyła się: za mało osób", "Too few people came to a session"),
    "SessionCompleted": ("Odbyła się sesja superwizyjna", "A supervision session took place"),
    "AttendanceCorrected": ("Poprawiono obecność", "An attendance was corrected"),
    "CycleCompleted": ("Zakończono cykl superwizji", "A supervision cycle was completed"),
    "ContractSigned": ("Podpisano kontrakt superwizyjny", "A group contract was signed"),
    "ContractRevised": ("Zmieniono kontrakt superwizyjny", "A group contract was revised"),
    "ConclusionRecorded": ("Zapisano wniosek z superwizji", "A conclusion was recorded"),
    "ConclusionReleased": ("Wszyscy zgodzili się na wniosek z superwizji", "A conclusion was released by everyone"),
    "ConclusionWithheld": ("Wniosek z superwizji pozostaje w grupie", "A conclusion stays in its group"),
    "ConclusionConsentRevoked": ("Wycofano zgodę na wniosek", "A consent was revoked"),
    "ConclusionLocked": ("Potwierdzono zgody na wniosek w numerze", "Consents were confirmed for an issue"),
    "ConclusionLockRefused": ("Brak zgody: wniosek nie wejdzie do numeru", "Consent does not stand: not in the issue"),
    "TitleDeveloped": ("Opracowano szkolenie", "A training was developed"),
    "TitlePublished": ("Ogłoszono szkolenie", "A training was published"),
    "TitleSuperseded": ("Szkolenie zastąpiono nowym", "A training was superseded"),
    "RunScheduled": ("Zaplanowano realizację szkolenia", "A training run was scheduled"),
    "RunCancelled": ("Odwołano realizację szkolenia", "A training run was cancelled"),
    "RunCompleted": ("Zrealizowano szkolenie", "A training was given"),
    "CertificateIssued": ("Wydano zaświadczenie o uczestnictwie", "A certificate of attendance was issued"),
    "CertificateRevoked": ("Unieważniono zaświadczenie", "A certificate was revoked"),
    "IssueOpened": ("Otwarto numer", "An issue was opened"),
    "SubmissionReceived": ("Nadesłano tekst", "A text was submitted"),
    "ArticleAccepted": ("Przyjęto artykuł", "An article was accepted"),
    "ArticleRejected": ("Odrzucono tekst", "An article was rejected"),
    "ArticleDropped": ("Artykuł wycofano z numeru", "An article was dropped"),
    "IssueFreezeRequested": ("Numer czeka na potwierdzenie zgód", "An issue waits for consents"),
    "IssueFrozen": ("Zamknięto treść numeru", "An issue’s content was frozen"),
    "IssueScheduled": ("Wyznaczono datę publikacji numeru", "An issue was scheduled"),
    "IssuePublished": ("Ukazał się numer", "An issue was published"),
    "DeliveryRequested": ("Zlecono rozesłanie numeru", "Delivery of an issue was requested"),
    "IssueDistributed": ("Rozesłano numer", "An issue was distributed"),
}
"""What an event is called, by its class; a class that is not here is shown by its own name."""


def number(value: float, language: Language) -> str:
    """A number as the language writes it: `1 234`, `1,5`."""
    return format_decimal(value, format="#,##0.#", locale=LOCALES[language])


def percent(part: int, whole: int, language: Language) -> str:
    """A share, rounded down, so that only all of it is 100%."""
    return format_percent(min(part * 100 // whole, 100) / 100 if whole else 1, locale=LOCALES[language])


def form(forms: tuple[str, str, str, str, str], value: float, language: Language) -> str:
    """The form of a noun that goes with the number; Polish fractions take the genitive, as in `1,5 godziny`."""
    category = LOCALES[language].plural_form(value)
    if language == "en":
        return forms[3] if category == "one" else forms[4]
    return forms[{"one": 0, "few": 1, "many": 2}.get(category, 1)]


def figure(code: str, value: int, language: Language) -> tuple[str, str]:
    """A figure as it is read: its number, and its noun in the form that goes with it."""
    shown: float = round(value / 60, 1) if code.endswith("_minutes") else value
    return number(shown, language), form(FIGURES[code], shown, language)


def counted(code: str, value: int, language: Language) -> str:
    """`3 zdarzenia`."""
    return f"{number(value, language)} {form(COUNTED[code], value, language)}"


def event_name(kind: str, language: Language) -> str:
    """What an event is called; a kind that has no words yet is shown by its own name."""
    return EVENTS.get(kind, (kind, kind))[language == "en"]


def ground(code: str, language: Language) -> str:
    """What a ground of a refusal means; nothing for one that has no words yet."""
    return GROUNDS.get(code, ("", ""))[language == "en"]


def month(key: str, language: Language) -> str:
    """`2022-10` as `paź 2022`."""
    return format_date(date.fromisoformat(f"{key}-01"), "LLL y", locale=LOCALES[language])


def clock(at: datetime, language: Language) -> str:
    """The time of day in Poland, to the second."""
    return format_datetime(at.astimezone(WARSAW), "HH:mm:ss", locale=LOCALES[language])


def day(on: date, language: Language) -> str:
    """A date in words."""
    return format_date(on, "d MMMM y", locale=LOCALES[language])
