"""Practice in the store: taken once durable, the same click once, a stale screen refused, nothing lost on the way."""

import pytest

from casework import workbench
from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.errors import ActionRefused, BadInput, StaleWrite
from casework.model.people import ROLES, Person
from casework.model.scenarios import Step
from casework.workbench import Access

SCENARIO = "rule-7-handler-away"
NOTE = Step(do="note", text="Rang the member; what was said, what is next.")


@pytest.fixture
def access(library, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.add_person(Person("p-1", ROLES), "Someone")
    yield Access(store.find_person("p-1"), store, library)
    store.close()


def test_what_is_shown_is_what_is_kept(access):
    sitting = workbench.begin_session(access, SCENARIO, 7)
    sitting = workbench.decide(access, sitting.id, sitting, SCENARIO, NOTE)
    sitting = workbench.wait(access, sitting.id, sitting, sitting.session.caseload.closes)
    sitting = workbench.finish_session(access, sitting.id, sitting)
    assert access.store.log(sitting.id) == sitting.session.log() and access.store.log(sitting.id).finished
    assert workbench.words_of(access, sitting.id) == {n: words for n, _, words in sitting.session.texts}
    assert verify(access.store).ok


def test_a_closed_tab_comes_back_where_it_was_left(access, library):
    sitting = workbench.begin_session(access, SCENARIO, 7)
    sitting = workbench.decide(access, sitting.id, sitting, SCENARIO, NOTE)
    # Time has passed with nothing to show for it.
    later = sitting.session.now.replace(minute=(sitting.session.now.minute + 3) % 60)
    sitting = workbench.wait(access, sitting.id, sitting, max(later, sitting.session.now))
    back = workbench.resume_session(access, sitting.id)
    assert back == sitting
    on = workbench.decide(access, back.id, back, SCENARIO, NOTE)
    assert verify(access.store).ok and len(workbench.words_of(access, on.id)) == 2


def test_two_clicks_and_two_tabs_take_a_decision_once(access):
    one = workbench.begin_session(access, SCENARIO, 7)
    other = workbench.resume_session(access, one.id)
    taken = workbench.decide(access, one.id, one, SCENARIO, NOTE)
    assert workbench.decide(access, one.id, one, SCENARIO, NOTE) == taken
    assert workbench.decide(access, other.id, other, SCENARIO, NOTE) == taken
    assert sum(e.do == "note" for e in access.store.log(one.id).events) == 1
    # The same words again on the next screen are a second decision.
    workbench.decide(access, one.id, taken, SCENARIO, NOTE)
    assert sum(e.do == "note" for e in access.store.log(one.id).events) == 2


def test_another_decision_on_an_old_screen_is_refused(access):
    one = workbench.begin_session(access, SCENARIO, 7)
    workbench.decide(access, one.id, one, SCENARIO, NOTE)
    with pytest.raises(StaleWrite, match="has gone on"):
        workbench.decide(access, one.id, one, SCENARIO, Step(do="note", text="Something else."))
    assert sum(e.do == "note" for e in access.store.log(one.id).events) == 1


def test_what_cannot_be_done_leaves_nothing(access):
    one = workbench.begin_session(access, SCENARIO, 7)
    with pytest.raises(ActionRefused):
        workbench.decide(access, one.id, one, SCENARIO, Step(do="read", item="no-such-letter"))
    assert access.store.head(one.id) == one.head


def test_playing_again_is_another_attempt(access):
    one, two = workbench.begin_session(access, SCENARIO, 7), workbench.begin_session(access, SCENARIO, 7)
    assert one.id != two.id and two.session.header.attempt == 2
    assert {head.session for head in workbench.sessions_of(access, "p-1")} == {one.id, two.id}


def test_an_exported_session_scores_the_same(access, library, tmp_path):
    sitting = workbench.begin_session(access, SCENARIO, 7)
    sitting = workbench.finish_session(access, sitting.id, sitting)
    workbench.export_session(access, sitting.id, tmp_path / "log.jsonl")
    from casework.edges import logfiles

    assert workbench.score(library, logfiles.read_log(tmp_path / "log.jsonl")) == workbench.scorecards_of(access, sitting.id)


def test_what_a_person_writes_is_no_template_and_no_credit(access):
    one = workbench.begin_session(access, SCENARIO, 7)
    names = list(one.session.caseload.cases[0].values)
    words = " ".join(f"{{{name}}}" for name in names) + " {{7*7}} ${x} {no_such} %s <b>"
    done = workbench.decide(access, one.id, one, SCENARIO, Step(do="note", text=words))
    event = access.store.log(one.id).events[-1]
    assert workbench.words_of(access, one.id)[event.n] == words and event.mentions == ()
    with pytest.raises(BadInput, match="write a day that exists as 2026-03-31"):
        workbench.decide(access, one.id, done, SCENARIO, Step.model_validate({"do": "diarise", "for": "first_day", "text": "x"}))
    with pytest.raises(BadInput, match="at most 20,000"):
        workbench.decide(access, one.id, done, SCENARIO, Step(do="note", text="x" * 20_001))


@pytest.mark.parametrize(("step", "said"), [
    ({"do": "index", "item": "x", "as": "what Mrs Moan said"}, "as: found .* allowed: .*rule 7 letter"),
    ({"do": "log", "as": "complant"}, "did you mean 'complaint'"),
    ({"do": "note", "cites": "my own view", "text": "x"}, "no clause 'my own view'"),
    ({"do": "note", "channel": "pigeon", "text": "x"}, "allowed: phone, email"),
    ({"do": "resolve", "item": "x", "acceptance": "she seemed happy"}, "allowed: spoken, written, none"),
    ({"do": "approve_spend", "amount": "about what Anna asked"}, "write a figure"),
])  # fmt: skip
def test_words_of_ones_own_stand_in_the_text_alone(access, step, said):
    one = workbench.begin_session(access, SCENARIO, 7)
    with pytest.raises(BadInput, match=said):
        workbench.decide(access, one.id, one, SCENARIO, Step.model_validate(step))
    assert access.store.head(one.id) == one.head


def test_every_answer_of_every_scenario_can_be_given_by_a_person(library):
    from casework.practice import cases, labels, scripts

    for name, answers in library.answers.items():
        for answer in answers.values():
            case = cases.named(library, name, answer.seed).cases[0]
            for step in answer.steps:
                plain = scripts.filled(case, step)
                labels.require_plain(library, plain.model_copy(update={"for_": case.day(step.for_).isoformat() if step.for_ else None}))
