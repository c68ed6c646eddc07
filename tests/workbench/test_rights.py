"""Every function of the workbench against every role, on one's own records and on another's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from casework import workbench
from casework.edges.store.records import open_store
from casework.model.decisions import DecisionLog, Event, Header, Recorded, encode
from casework.model.errors import BadInput, Refused
from casework.model.people import ROLES, Person
from casework.model.scenarios import Step
from casework.workbench import OPEN, Access

TABLE = yaml.safe_load((Path(__file__).parent / "rights.yaml").read_text())
FUNCTIONS = {name: f for name in workbench.__all__ if callable(f := getattr(workbench, name)) and not isinstance(f, type)}
SCENARIO = "rule-7-handler-away"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


REVIEWING = {
    "files_to_mark", "assign_review", "open_review", "mark", "submit_review", "agreed_of", "adjudicate", "send_feedback", "acknowledge_feedback",
    "appeal_mark", "answer_appeal", "marks_of", "export_marks", "rescore", "rescore_preview", "open_outcome", "outcomes_of", "bring_in", "feedback_for_me",
}  # fmt: skip

NEVER_OWN = REVIEWING - {"files_to_mark", "agreed_of", "acknowledge_feedback", "appeal_mark", "marks_of", "export_marks", "rescore", "rescore_preview", "outcomes_of", "bring_in", "feedback_for_me"}  # Nobody marks themselves.


def imported_log(n):
    """A small file of real work."""
    recorded = Recorded(actions=("note",), office="england-and-wales", authority="england-and-wales")
    header = Header(session=f"{n:016}", trainee="assistant-1", source="imported", mode="live", version=1, seed=1, zone="Europe/London", engine="0.1.0",
                    digests={"mapping/ours": "0" * 64}, recorded=recorded)  # fmt: skip
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    kinds = ({"event": "opened"}, {"event": "decided", "do": "note", "case": f"case-{n}"}, {"event": "closed"})
    return DecisionLog(header, tuple(Event.model_validate({"n": i, "at": at, **kind}) for i, kind in enumerate(kinds, 1)))


class World:
    """A store with one person of each role, an admin, and another trainee with a finished and an unfinished session."""

    def __init__(self, library, folder):
        self.library, self.folder = library, folder
        self.store = open_store("sqlite://")
        for role in ROLES:
            self.store.add_person(Person(f"a-{role}", (role,)), f"Some {role}", f"login-{role}")
        self.store.add_person(Person("a-chief", ("admin",)), "Chief", "chief")
        self.store.add_person(Person("other", ("trainee",)), "Other", "other")

    def access(self, person):
        return Access(self.store.find_person(person), self.store, self.library)

    def sitting(self, person, finished, mode="practice"):
        """A session kept for someone whatever their rights; an admin may own one from before they were admin."""
        now = self.store.find_person(person)
        able = self.store.change_person(Person(now.id, ("trainee",), now.active, now.version))
        access = self.access(person)
        sitting = workbench.begin_session(access, SCENARIO, 1, mode)
        sitting = workbench.finish_session(access, sitting.id, sitting) if finished else sitting
        self.store.change_person(Person(now.id, now.roles, now.active, able.version))
        return sitting

    def reviewing(self, name, whose):
        """A marked file of `whose`, as far on its course as the function needs it, by a marker who is none of those tried."""
        if self.store.find_person("m-1") is None:
            for person in ("m-1", "m-2"):
                self.store.add_person(Person(person, ("reviewer",)), person, person)
        n = len(list(self.folder.iterdir()))
        if name in ("files_to_mark", "marks_of", "outcomes_of", "feedback_for_me"):
            return ()
        if name == "bring_in":
            place = self.folder / f"{n}.jsonl"
            place.write_text(encode(imported_log(n)))
            return (place,)
        if name in ("rescore", "rescore_preview"):
            return (self.library.get_rubric("case-handling").model_copy(update={"version": 99}),)
        if name == "export_marks":
            return (self.folder / f"{n}.csv",)
        id = self.sitting(whose, True).id
        if name in ("assign_review", "open_review", "open_outcome"):
            return (id, SCENARIO, "first", "m-1") if name == "assign_review" else (id,)
        one, two = self.access("m-1"), self.access("m-2")
        if name in ("mark", "submit_review"):
            seen = workbench.open_review(one, id)
            return (id, seen, "filed-right", "cannot tell", "No paper was filed.") if name == "mark" else (id, seen)
        if name == "adjudicate":
            workbench.assign_review(self.access("m-2"), id, SCENARIO, "second", "m-2")
        seen = workbench.mark(one, id, workbench.open_review(one, id), "filed-right", "cannot tell", "No paper was filed.")
        workbench.submit_review(one, id, seen)
        if name == "adjudicate":
            workbench.submit_review(two, id, workbench.open_review(two, id))
            return id, workbench.agreed_of(one, id), "filed-right", "best", "It was filed by the system."
        found = workbench.agreed_of(one, id)
        if name == "send_feedback":
            return id, found, "Read the handover first."
        found = workbench.send_feedback(one, id, found, "Read the handover first.")
        if name == "answer_appeal":
            owner = self.access(whose)
            self.store.change_person(Person(whose, ("trainee",), True, owner.person.version))
            found = workbench.appeal_mark(self.access(whose), id, found, "filed-right", "It was filed.")
            now = self.store.find_person(whose)
            self.store.change_person(Person(whose, owner.person.roles, True, now.version))
            return id, found, "filed-right", "best", "So it was."
        return (id, found, "filed-right", "It was filed.") if name == "appeal_mark" else (id, found) if name == "acknowledge_feedback" else (id,)

    def arguments(self, name, whose):
        """What the function is given, on the records of `whose`."""
        if name in REVIEWING:
            return self.reviewing(name, whose)
        unfinished = {"take_hint", "resume_session", "decide", "wait", "finish_session"}
        n = len(list(self.folder.iterdir()))
        sitting = self.sitting(whose, name not in unfinished, "guided" if name == "take_hint" else "practice") if name in {
            *unfinished, "log_of", "words_of", "scorecards_of", "debrief_of", "export_session", "dispute", "reflect",
        } else None  # fmt: skip
        return {
            "begin_session": lambda: (SCENARIO, 2),
            "find_under_way": lambda: (SCENARIO, 1),
            "take_hint": lambda: (sitting.id, sitting, SCENARIO, "handover", "look"),
            "resume_session": lambda: (sitting.id,),
            "decide": lambda: (sitting.id, sitting, SCENARIO, Step(do="note", text="What was seen.")),
            "wait": lambda: (sitting.id, sitting, sitting.session.now),
            "finish_session": lambda: (sitting.id, sitting),
            "dispute": lambda: (sitting.id, sitting, SCENARIO, "filed-right", "It was filed."),
            "reflect": lambda: (sitting.id, sitting, "Read the date first."),
            "sessions_of": lambda: (whose,),
            "sessions_to_mark": lambda: (),
            "log_of": lambda: (sitting.id,),
            "words_of": lambda: (sitting.id,),
            "scorecards_of": lambda: (sitting.id,),
            "debrief_of": lambda: (sitting.id,),
            "export_session": lambda: (sitting.id, self.folder / f"{n}.jsonl"),
            "add_person": lambda: (f"New {n}", ("trainee",)),
            "set_roles": lambda: (whose, ("trainer", "admin"), self.store.find_person(whose).version),
            "retire_person": lambda: (whose,),
            "new_token": lambda: (whose,),
            "erase_person": lambda: (whose,),
            "list_people": lambda: (),
            "trail_of": lambda: (whose,),
            "audit_trail": lambda: (),
            "verify_store": lambda: (),
            "anchor_store": lambda: (),
            "backup_store": lambda: (self.folder / f"{n}.zip",),
            "gather_person": lambda: (whose, NOON),
            "gather_team": lambda: (NOON,),
            "record_team": lambda: (self.folder / f"{n}.ledger", NOON),
            "copy_store": lambda: (f"sqlite:///{self.folder / f'{n}.sqlite'}",),
        }[name]()  # fmt: skip


@pytest.fixture
def world(library, tmp_path):
    return World(library, tmp_path)


def test_every_function_is_declared_here_and_as_here():
    assert {n for n, f in FUNCTIONS.items() if f.right is OPEN} == set(TABLE["open"])
    assert {n: f.right.roles for n, f in FUNCTIONS.items() if f.right is not OPEN} == TABLE["checked"]


def test_no_public_function_of_a_module_is_left_out():
    import ast

    for path in Path(workbench.__file__).parent.glob("*.py"):
        if path.stem in ("__init__", "rights", "assessments", "blinding", "evidence", "sheets"):  # All but the first serve the others and offer nothing.
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert node.name in FUNCTIONS, f"{path.name}: {node.name} is not offered, or not declared"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(TABLE["checked"]))
def test_each_role_is_let_in_or_refused_as_declared(world, name, role):
    scope = TABLE["checked"][name].get(role)
    function, of = FUNCTIONS[name], FUNCTIONS[name].right.of
    me = world.access(f"a-{role}")
    for whose in (me.person.id, "other"):
        arguments = world.arguments(name, whose)
        allowed = (scope == "any" and not (name in NEVER_OWN and whose == me.person.id)) or (scope == "own" and (of == "store" or whose == me.person.id))
        before = len(world.store.trail())
        if allowed:
            function(me, *arguments)
        else:
            with pytest.raises(Refused):
                function(me, *arguments)
        noted = [row for row in world.store.trail()[before:] if f'"who":"{me.person.id}"' in row]
        if of != "store" and whose == "other":
            assert any(name in row and '"whose":"other"' in row or "refused" in row for row in noted), "the trail is silent"
        world.store.change_person(Person(me.person.id, (role,), True, world.store.find_person(me.person.id).version))


def test_a_role_taken_away_counts_at_once(world):
    lead = world.access("a-lead")
    world.store.change_person(Person("a-lead", ("trainee",), True, lead.person.version))
    with pytest.raises(Refused, match="you are trainee"):
        workbench.audit_trail(lead)
    world.store.change_person(Person("a-lead", ("lead",), False, 2))
    with pytest.raises(Refused, match="no longer, among the people"):
        workbench.sessions_of(lead, "a-lead")


def test_a_refusal_does_not_tell_whether_the_record_exists(world):
    me, theirs = world.access("a-trainee"), world.sitting("other", True).id
    said = []
    for session in (theirs, "0" * 16):
        with pytest.raises(Refused) as refused:
            workbench.debrief_of(me, session)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_nothing_is_told_of_ones_own_session_before_it_is_finished(world):
    trainer, sitting = world.access("a-trainer"), world.sitting("a-trainer", False)
    for function in (workbench.debrief_of, workbench.scorecards_of):
        with pytest.raises(Refused, match="still under way"):
            function(trainer, sitting.id)
    with pytest.raises(Refused, match="still under way"):
        workbench.export_session(trainer, sitting.id, world.folder / "x.jsonl")
    assert not list(world.folder.iterdir())
    assert workbench.scorecards_of(world.access("a-lead"), sitting.id)


def test_a_blind_reviewer_sees_an_alias_in_everything(world):
    reviewer, sitting = world.access("a-reviewer"), world.sitting("other", True)
    shown = [
        workbench.log_of(reviewer, sitting.id).header.trainee,
        workbench.scorecards_of(reviewer, sitting.id)[0].trainee,
        workbench.debrief_of(reviewer, sitting.id)[0].scorecard.trainee,
    ]
    assert len(set(shown)) == 1 and shown[0].startswith("candidate-")
    assert sitting.id in workbench.sessions_to_mark(reviewer)
    assert workbench.log_of(world.access("a-lead"), sitting.id).header.trainee == "other"
    with pytest.raises(Refused):
        workbench.list_people(reviewer)


def test_the_last_admin_stays(world):
    only = world.access("a-chief")
    workbench.retire_person(only, "a-admin")
    for change in (
        lambda: workbench.retire_person(only, "a-chief"),
        lambda: workbench.erase_person(only, "a-chief"),
        lambda: workbench.set_roles(only, "a-chief", ("lead",), 1),
    ):
        with pytest.raises(Refused, match="last admin"):
            change()
    with pytest.raises(BadInput, match="roles: found boss; allowed: trainee, trainer, reviewer, lead, admin"):
        workbench.add_person(only, "X", ("boss",))


def test_a_token_opens_its_owners_work_and_the_old_one_nothing(world, monkeypatch, tmp_path):
    url = f"sqlite:///{tmp_path / 'room.sqlite'}"
    admin = workbench.open_access(world.library, url)
    assert admin.person.roles == ROLES  # The first on their own computer.
    person, token = workbench.add_person(admin, "Zoë", ("trainee",))
    assert workbench.open_access(world.library, url, token).person == person
    newer = workbench.new_token(admin, person.id)
    with pytest.raises(Refused, match="opens nothing here"):
        workbench.open_access(world.library, url, token)
    assert workbench.open_access(world.library, url, newer).person.id == person.id
    assert token.encode() not in (tmp_path / "room.sqlite").read_bytes()
    monkeypatch.setenv("LOGNAME", "someone-else")
    with pytest.raises(Refused, match="not among the people"):
        workbench.open_access(world.library, url)
