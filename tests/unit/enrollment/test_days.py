from datetime import date

from enrollment.domain.days import Period, day_after, day_before, gaps, merged

JAN, FEB, MAR, APR = (date(2023, month, 1) for month in (1, 2, 3, 4))


def test_periods_that_touch_or_overlap_are_one():
    assert merged([Period(MAR, APR), Period(JAN, day_before(FEB)), Period(FEB, MAR)]) == [Period(JAN, APR)]
    assert merged([Period(JAN, FEB), Period(MAR)]) == [Period(JAN, FEB), Period(MAR)]
    assert merged([Period(JAN), Period(FEB, MAR)]) == [Period(JAN)]


def test_gaps_are_the_days_that_no_period_holds():
    assert gaps([], JAN) == [Period(JAN)]
    assert gaps([Period(JAN)], JAN) == []
    assert gaps([Period(FEB, MAR)], JAN) == [Period(JAN, day_before(FEB)), Period(day_after(MAR))]
    assert gaps([Period(JAN, FEB)], MAR) == [Period(MAR)]


def test_the_calendar_has_a_first_and_a_last_day():
    assert day_before(date.min) == date.min
    assert day_after(date.max) == date.max
    assert gaps([Period(date.min, date.max)], JAN) == []
