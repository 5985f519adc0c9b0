"""What may be said of a session outside it: themes, methods and practices as codes, with their names in both languages.

A case itself is never told: these lists are all that leaves the room. They may grow; a code that was used stays.
"""

from typing import NamedTuple


class Label(NamedTuple):
    """What people read in place of a code."""

    pl: str
    en: str


METHODS = {
    "social_contract": Label("metodyka kontraktu socjalnego", "the social contract method"),
    "balint_elements": Label("elementy metodyki grup Balinta", "elements of Balint groups"),
    "other": Label("inna metoda", "another method"),
}

THEMES = {
    "mental_illness": Label("choroba psychiczna", "mental illness"),
    "neglect_in_upbringing": Label("zaniedbania wychowawcze", "neglect in upbringing"),
    "alcohol": Label("problem alkoholowy", "alcohol"),
    "violence": Label("przemoc", "violence"),
    "several_dysfunctions": Label("kilka dysfunkcji jednocześnie", "several dysfunctions at once"),
    "war_trauma": Label("trauma wojenna", "trauma of war"),
    "loss_and_grief": Label("strata i żałoba", "loss and grief"),
    "family_separation": Label("rozłąka rodziny", "a separated family"),
    "children_adapting": Label("adaptacja dzieci", "children who adapt to a new place"),
    "language_barrier": Label("bariera językowa", "a language barrier"),
    "cultural_differences": Label("różnice kulturowe", "cultural differences"),
    "housing": Label("mieszkanie", "housing"),
    "work_and_income": Label("praca i utrzymanie", "work and income"),
    "legal_status": Label("status prawny", "legal status"),
    "disability": Label("niepełnosprawność", "disability"),
    "ageing": Label("starość i samotność", "old age and loneliness"),
    "workload": Label("przeciążenie pracą", "workload"),
    "helplessness": Label("bezradność osoby pomagającej", "the helper's helplessness"),
    "boundaries": Label("granice w relacji pomagania", "boundaries in the relation of help"),
    "cooperation": Label("współpraca z instytucjami", "cooperation with institutions"),
    "prejudice": Label("uprzedzenia", "prejudice"),
    "other": Label("inne zagadnienie", "another theme"),
}
"""What the cases of a session were about: dysfunctions of families, and what the supervisees met in themselves."""

PRACTICES_BEFORE = {
    "individual_work": Label("przewaga pracy indywidualnej", "individual work dominated"),
    "crisis_response": Label("reagowanie na kryzys", "responding to crises"),
    "benefits_first": Label("przewaga pomocy finansowej", "benefits came first"),
    "referral": Label("odsyłanie do innych instytucji", "referral elsewhere"),
    "little_reflection": Label("mało czasu na refleksję", "little time to reflect"),
}
"""How people worked until now, as a conclusion finds it."""

PRACTICES_RECOMMENDED = {
    "alliances": Label(
        "sojusze pomocy z innymi specjalistami i instytucjami",
        "alliances of help with other specialists and institutions",
    ),
    "interdisciplinary_teams": Label("zespoły interdyscyplinarne", "interdisciplinary teams"),
    "family_meetings": Label(
        "spotkania rodzin ze specjalistami, którzy im pomagają", "meetings of families with the specialists involved"
    ),
    "work_on_relation": Label("praca nad relacją z klientem", "work on the relation with the client"),
    "naming_emotions": Label("nazywanie emocji", "naming emotions"),
    "interpreters": Label("praca z tłumaczem", "work with interpreters"),
    "peer_support": Label("wsparcie koleżeńskie", "peer support"),
    "regular_supervision": Label("stała superwizja", "regular supervision"),
}
"""What a conclusion would have people do from now on."""
