from datetime import date, timedelta
from uuid import UUID

from contracts.enrollment import LeaderConflictArose
from enrollment.domain.days import Period, day_before
from enrollment.domain.supervisors import LeaderConflict, standing, united, what_changed
from hypothesis import given
from hypothesis import strategies as st

GROUP, LEADER = UUID(int=1), UUID(int=2)
FIRST = date(2023, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(40)]


@st.composite
def periods(draw):
    since = draw(st.sampled_from(DAYS[:30]))
    length = draw(st.one_of(st.none(), st.integers(0, 9)))
    return Period(since, None if length is None else since + timedelta(days=length))


conflicts = st.lists(
    st.builds(LeaderConflict, st.just(LEADER), st.sampled_from(["std.1.1", "std.1.4"]), periods()), max_size=4
).map(united)


class Listener:
    """What sessions keeps: days by ground, `until` not among them; Cleared cuts off all of its ground from a day on."""

    def __init__(self):
        self.known = {}

    def hear(self, events):
        for event in events:
            heard = self.known.setdefault(event.ground, [])
            if isinstance(event, LeaderConflictArose):
                heard.append(Period(event.since, event.until and day_before(event.until)))
            else:
                before = day_before(event.since)
                self.known[event.ground] = [
                    Period(one.since, min(one.last, before)) for one in heard if one.since <= before
                ]

    def stands(self, ground, day):
        return any(one.holds(day) for one in self.known.get(ground, []))


@given(st.lists(conflicts, min_size=1, max_size=5))
def test_who_hears_every_change_knows_every_day_of_conflict(history):
    listener, old = Listener(), frozenset()
    for new in history:
        listener.hear(what_changed(GROUP, old, new))
        for ground in ("std.1.1", "std.1.4"):
            mine = [one for one in new if one.ground == ground]
            assert [listener.stands(ground, day) for day in DAYS] == [standing(mine, day) is not None for day in DAYS]
        old = new


@given(conflicts)
def test_nothing_is_told_where_nothing_changed(same):
    assert what_changed(GROUP, same, same) == []
