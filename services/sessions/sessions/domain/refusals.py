"""Why something is not done: the named errors of this service. Details hold numbers, dates and codes, never people."""

from chassis.errors import Conflict, Forbidden, NotFound, Refused, says


class ProgrammeNotFound(NotFound):
    """The programme is none of the caller's."""

    says = says(pl="Nie ma takiego projektu.", en="There is no such programme.")


class CycleNotFound(NotFound):
    """There is no such cycle, or it is none of the caller's."""

    says = says(pl="Nie ma takiego cyklu superwizji.", en="There is no such cycle of supervision.")


class SessionNotFound(NotFound):
    """The cycle has no session of this ordinal."""

    says = says(pl="Ten cykl nie ma sesji o numerze {ordinal}.", en="This cycle has no session number {ordinal}.")


class ConclusionNotFound(NotFound):
    """The cycle has no such conclusion."""

    says = says(pl="Nie ma takiego wniosku z superwizji.", en="There is no such conclusion.")


class OnlyForYourself(Forbidden):
    """Who leads the group records what others signed on paper; everyone else signs and consents for themselves."""

    says = says(
        pl="Podpisy i zgody innych osób może zapisać tylko osoba prowadząca grupę.",
        en="Only who leads the group may record what other people signed.",
    )


class DateTooEarly(Conflict):
    """A date lies before what it presupposes."""

    says = says(pl="Data {date} jest wcześniejsza niż {earliest}.", en="The date {date} is earlier than {earliest}.")


class NotPlanned(Conflict):
    """The session is under way or completed already."""

    says = says(
        pl="Sesja numer {ordinal} nie jest zaplanowana (stan: {status}).",
        en="Session number {ordinal} is not planned (its status: {status}).",
    )


class PlannedForThatDay(Conflict):
    """The session has that date already."""

    says = says(
        pl="Sesja numer {ordinal} jest już zaplanowana na {date}.",
        en="Session number {ordinal} is planned for {date} already.",
    )


class NotUnderWay(Conflict):
    """Only a session that was started, and is not completed, can be completed."""

    says = says(
        pl="Sesja numer {ordinal} nie jest w toku (stan: {status}).",
        en="Session number {ordinal} is not under way (its status: {status}).",
    )


class NotCompleted(Conflict):
    """Corrections and conclusions are of sessions that took place."""

    says = says(
        pl="Sesja numer {ordinal} jeszcze się nie odbyła (stan: {status}).",
        en="Session number {ordinal} has not taken place yet (its status: {status}).",
    )


class AlreadyCompleted(Conflict):
    """A completed session is neither moved nor called off."""

    says = says(pl="Sesja numer {ordinal} już się odbyła.", en="Session number {ordinal} has taken place already.")


class CourseNotOver(Conflict):
    """A conclusion of the whole course is drawn when the course is over."""

    says = says(pl="Cykl superwizji jeszcze trwa.", en="The cycle of supervision is not over yet.")


class GroupHasDissolved(Conflict):
    """A dissolved group has no more sessions."""

    says = says(pl="Grupa została rozwiązana {dissolved_on}.", en="The group was dissolved on {dissolved_on}.")


class ContractUnsigned(Refused):
    """No second session before everyone has signed the group's current contract."""

    ground = "std.2.2"
    says = says(
        pl="Nie wszyscy podpisali kontrakt superwizyjny (brakujące podpisy: {unsigned}).",
        en="Not everyone has signed the group's contract (signatures missing: {unsigned}).",
    )


class NotOfTheGroup(Conflict):
    """Somebody named does not belong to the group on that date."""

    says = says(
        pl="Nie wszystkie wskazane osoby należą do grupy w dniu {date} (spoza grupy: {strangers}).",
        en="Not everyone named belongs to the group on {date} (who do not: {strangers}).",
    )


class DoesNotLead(Conflict):
    """Somebody named does not lead this group on that date."""

    says = says(
        pl="Nie wszystkie wskazane osoby prowadzą tę grupę w dniu {date}.",
        en="Not everyone named leads this group on {date}.",
    )


class LeaderInConflict(Refused):
    """Whoever leads a session must be free of ties on its date; the ground is the conflict's own."""

    says = says(
        pl="Osoba prowadząca nie może w dniu {date} prowadzić tej grupy (podstawa: {ground}).",
        en="A leader may not lead this group on {date} (ground: {ground}).",
    )

    def __init__(self, *, ground: str, **details: object) -> None:
        super().__init__(ground=ground, **details)
        self.ground = ground


class SessionTooShort(Refused):
    """Every session of a cycle has the length that the programme lays down."""

    ground = "programme.length"
    says = says(
        pl="Sesja trwała {minutes} min, a ma trwać co najmniej {required} min.",
        en="The session took {minutes} minutes and must take {required} at least.",
    )


class TwiceOnTheRoster(Conflict):
    """One person has one row on a roster."""

    says = says(
        pl="Na liście obecności ta sama osoba występuje więcej niż raz.",
        en="Somebody is on the roster more than once.",
    )


class MinutesDisagree(Conflict):
    """Who attended was there all the time, who attended partly a part of it, everyone else not at all."""

    says = says(
        pl="Minuty ({minutes}) nie zgadzają się ze statusem obecności {status} na sesji, która trwała {length} min.",
        en="{minutes} minutes do not agree with the status {status} at a session of {length} minutes.",
    )


class NothingToCorrect(Conflict):
    """The roster says so already."""

    says = says(pl="Lista obecności już tak stanowi.", en="The roster says so already.")


class DidNotTakePart(Conflict):
    """Consent is asked of those who took part, of nobody else."""

    says = says(
        pl="Zgoda dotyczy tylko osób, które brały udział (inne wskazane osoby: {strangers}).",
        en="Only those who took part are asked for consent (others named: {strangers}).",
    )


class NothingToRevoke(Conflict):
    """Only a consent that stands can be withdrawn."""

    says = says(pl="Nie ma zgody, którą można wycofać.", en="There is no consent to withdraw.")


class ConclusionIsLocked(Refused):
    """Consent can be withdrawn until the content of an issue that cites the conclusion is frozen."""

    ground = "reg-2016.3.3"
    says = says(
        pl="Zgody nie można już wycofać: treść numeru „{issue}” jest zamknięta.",
        en="Consent can no longer be withdrawn: the content of the issue “{issue}” is frozen.",
    )
