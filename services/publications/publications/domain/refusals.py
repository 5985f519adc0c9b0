"""What publications does not find, does not allow now, or refuses by a rule."""

from chassis.errors import Conflict, NotFound, Refused, says

CONSENT = "reg-2016.3.3"
"""Conclusions leave the group only with everyone's written consent: regulation Dz.U. 2016 poz. 2087, par. 3(3)."""

ONE_PER_QUARTER = "journal.one-per-quarter"
"""One issue per quarter, journal and edition: the programme's own rule."""


class JournalNotFound(NotFound):
    """No such journal."""

    says = says(pl="Nie ma takiej publikacji.", en="There is no such journal.")


class ProgrammeNotFound(NotFound):
    """No such programme is known here, or the editor's grant does not reach it."""

    says = says(pl="Nie ma takiego projektu.", en="There is no such programme.")


class IssueNotFound(NotFound):
    """No such issue, or the editor's grant does not reach its programme."""

    says = says(pl="Nie ma takiego numeru.", en="There is no such issue.")


class ArticleNotFound(NotFound):
    """No such article, or the editor's grant does not reach its programme."""

    says = says(pl="Nie ma takiego tekstu.", en="There is no such article.")


class IssnTaken(Conflict):
    """An ISSN names one journal."""

    says = says(pl="Publikacja o tym numerze ISSN już istnieje.", en="A journal with this ISSN exists already.")


class IssueExists(Refused):
    """The journal has an issue of this quarter and edition."""

    ground = ONE_PER_QUARTER
    says = says(
        pl="Publikacja ma już numer tego wydania za ten kwartał ({year}/{quarter}, {edition}).",
        en="The journal already has an issue of this edition for this quarter ({year}/{quarter}, {edition}).",
    )


class IssueNotOpen(Conflict):
    """The issue's content is no longer open to change."""

    says = says(pl="Numer nie jest już otwarty (stan: {status}).", en="The issue is no longer open (state: {status}).")


class NothingAccepted(Conflict):
    """An issue without an accepted article cannot freeze."""

    says = says(
        pl="Numer nie ma żadnego przyjętego tekstu.",
        en="The issue has no accepted article.",
    )


class IssueNotFrozen(Conflict):
    """Only an issue whose content is frozen gets a date of publication."""

    says = says(
        pl="Treść numeru nie jest zamknięta do publikacji (stan: {status}).",
        en="The issue's content is not frozen (state: {status}).",
    )


class IssueNotScheduled(Conflict):
    """Only a scheduled issue is published, and only once."""

    says = says(
        pl="Numer nie ma wyznaczonej daty publikacji albo jest już opublikowany (stan: {status}).",
        en="The issue has no date of publication, or is published already (state: {status}).",
    )


class ConclusionNotReleased(Refused):
    """Not everyone who took part consents, as far as is known here: nothing may rest on this conclusion."""

    ground = CONSENT
    says = says(
        pl="Ten wniosek z superwizji nie ma zgody wszystkich osób, które brały udział.",
        en="This conclusion does not have the consent of everyone who took part.",
    )


class RunNotCompleted(Conflict):
    """No completed run of this id is known here for the programme."""

    says = says(
        pl="Nie ma zakończonej realizacji szkolenia o tym identyfikatorze.",
        en="There is no completed training run of this id.",
    )


class ArticleDecided(Conflict):
    """The article was accepted, rejected or dropped before."""

    says = says(pl="O tym tekście już zdecydowano (stan: {status}).", en="The article is decided (state: {status}).")


class DateTooEarly(Conflict):
    """A date lies before what it follows."""

    says = says(pl="Data {date} jest wcześniejsza niż {earliest}.", en="The date {date} is earlier than {earliest}.")


class LockBroken(Exception):
    """Sessions told of a withdrawal after it had locked the conclusion: a promise between the services is broken.

    Never met while sessions keeps to the handshake, and no answer that a person could be given: the cycle's events are
    parked and an operator sees why.
    """


class NotReadable(Exception):
    """An issue's address does not answer with the issue yet: nobody is told of it, and it is tried again later."""
