"""Which decisions fit: what is looked up once is what looking at each would find."""

from fractions import Fraction

import pytest

from casework import workbench
from casework.model.checks import ACTIONS, Qualifiers
from casework.model.errors import BadInput
from casework.practice.matching import fit_each, fits
from casework.quality import scoring


@pytest.fixture(scope="module")
def record(library):
    session = workbench.play(library, "rule-7-handler-away", "novice", 2)
    return session.record(session.caseload.cases[0].key)


def test_decisions_by_action_are_those_of_a_walk_in_their_order(record):
    for actions in (*((one,) for one in ACTIONS), ("note", "escalate", "read"), ACTIONS, ()):
        assert record.doing(actions) == tuple(e for e in record.decisions if set(actions) & set(e.acts)), actions
    assert record.doing(ACTIONS) and not record.doing(())


def test_a_record_since_an_item_has_the_same_decisions_and_its_own_time(record):
    item = next(e.item for e in record.events if e.event == "arrived")
    since = record.since(item)
    assert since.decisions is record.decisions and since.opened_at == record.arrived_at(item) and record.opened_at is None
    asked = Qualifiers(within="complaints.third-day")
    late = max(record.decisions, key=lambda e: e.at).model_copy(update={"at": since.due("complaints.third-day", since.opened_at)})
    assert fits(since, asked, late) is True
    assert record.due("complaints.third-day", record.case.opens) != since.due("complaints.third-day", since.opened_at) or since.opened_at == record.case.opens


def test_each_is_judged_as_one_alone_and_no_date_is_asked_for_without_any(record):
    asked = Qualifiers(to=("handler",), channel=("email", "PHONE"), after=record.decisions[0].item)
    assert fit_each(record, asked, record.decisions) == [(e, fits(record, asked, e)) for e in record.decisions]
    assert fit_each(record, Qualifiers(within="no-such-clause"), ()) == []
    with pytest.raises(BadInput, match="no clause 'no-such-clause'"):
        fits(record, Qualifiers(within="no-such-clause"), record.decisions[0])


def test_a_sum_is_exact():
    parts = [Fraction(n, d) for n, d in ((1, 3), (5, 7), (2, 9), (0, 1), (11, 4))]
    assert scoring._sum(parts) == sum(parts, Fraction(0)) and scoring._sum(()) == 0
