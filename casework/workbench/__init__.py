"""Every use case, one function each; the command line, the notebooks and the desk call nothing else.

A name is imported when it is first asked for, so that looking up a date does not import the store.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casework.workbench.authoring import branches, discrimination, new_scenario
    from casework.workbench.batching import BatchResult, Plan, batch_plan, read_batch, run_batch
    from casework.workbench.calibration import (
        Calibration,
        CriteriaStudy,
        CriterionAgreement,
        calibrate,
        calibrate_marks,
        calibration_json,
        criteria,
        criteria_json,
        criteria_of,
        demonstration_marks,
        read_marks,
    )
    from casework.workbench.checking import check
    from casework.workbench.contents import (
        due,
        due_table,
        examine,
        handbook_only,
        init,
        late_payment,
        library,
        library_for,
        listing,
        look,
        notebook,
        policy_behind,
        policy_diff,
        policy_list,
        policy_show,
        practice_notebook,
    )
    from casework.workbench.exporting import Exported, export_records
    from casework.workbench.forgetting import OwnRecord, forget_person, forget_what_is_due, own_record, own_record_json
    from casework.workbench.importing import bring_back, draft_mapping, export_xes, import_events, read_xes
    from casework.workbench.marked import export_marks, marks_of, outcomes_of
    from casework.workbench.marking import agree
    from casework.workbench.measuring import import_values, measure_person, measure_team, measures_json
    from casework.workbench.people import (
        add_person,
        anchor_store,
        audit_trail,
        backup_store,
        copy_store,
        erase_person,
        first_person,
        list_people,
        new_token,
        open_access,
        restore_store,
        retire_person,
        set_roles,
        trail_of,
        upgrade_store,
        verify_store,
    )
    from casework.workbench.planning import Prepared, demonstration_plans, plan_json, plan_of, prepare_plan, write_plan
    from casework.workbench.plays import (
        MAIN_RUBRIC,
        Replayed,
        cards_in,
        caseload,
        debrief,
        debrief_json,
        explain,
        headline,
        losses,
        losses_json,
        par,
        play,
        play_answer,
        score,
        score_file,
        score_json,
        scorecard_json,
        timeline,
        verify,
        winning_changes,
    )
    from casework.workbench.progressing import (
        Gathered,
        gather_person,
        gather_progress,
        gather_team,
        note_evidence,
        person_progress,
        practise_next,
        progress_json,
        record_progress,
        record_team,
        sign,
        sign_off_state,
        team_progress,
        team_progress_json,
    )
    from casework.workbench.rescoring import (
        Rescored,
        read_rubric,
        rescore,
        rescore_each,
        rescore_preview,
        rescoring_of,
    )
    from casework.workbench.reviewing import (
        Queued,
        Reviewing,
        assign_review,
        bring_in,
        files_to_mark,
        mark,
        open_outcome,
        open_review,
        submit_review,
    )
    from casework.workbench.rights import OPEN, Access, Right
    from casework.workbench.sampling import (
        draw_sample,
        estimate,
        first_weeks,
        frame,
        plan_assurance,
        plan_batch,
        plan_fall,
        sample_json,
        write_selection,
    )
    from casework.workbench.sessions import (
        MODES,
        Sitting,
        begin_session,
        debrief_of,
        decide,
        dispute,
        export_session,
        find_under_way,
        finish_session,
        log_of,
        reflect,
        resume_session,
        scorecards_of,
        sessions_of,
        sessions_to_mark,
        take_hint,
        wait,
        words_of,
    )
    from casework.workbench.settling import (
        Agreed,
        acknowledge_feedback,
        adjudicate,
        agreed_of,
        answer_appeal,
        appeal_mark,
        feedback_for_me,
        send_feedback,
    )
    from casework.workbench.simulating import simulate, simulation_json
    from casework.workbench.transferring import person_lines, practice_and_live, practice_and_live_json

__all__ = [
    "Access", "Agreed", "BatchResult", "Calibration", "CriteriaStudy", "CriterionAgreement", "Exported", "Gathered", "MAIN_RUBRIC", "MODES", "OPEN",
    "OwnRecord", "Plan", "Prepared", "Queued", "Replayed", "Rescored", "Reviewing", "Right", "Sitting", "acknowledge_feedback", "add_person",
    "adjudicate", "agree", "agreed_of", "anchor_store", "answer_appeal", "appeal_mark", "assign_review", "audit_trail", "backup_store", "batch_plan",
    "begin_session", "branches", "bring_back", "bring_in", "calibrate", "calibrate_marks", "calibration_json", "cards_in", "caseload", "check",
    "copy_store", "criteria", "criteria_json", "criteria_of", "debrief", "debrief_json", "debrief_of", "decide", "demonstration_marks",
    "demonstration_plans", "discrimination", "dispute", "draft_mapping", "draw_sample", "due", "due_table", "erase_person", "estimate", "examine",
    "explain", "export_marks", "export_records", "export_session", "export_xes", "feedback_for_me", "files_to_mark", "find_under_way",
    "finish_session", "first_person", "first_weeks", "forget_person", "forget_what_is_due", "frame", "gather_person", "gather_progress",
    "gather_team", "handbook_only", "headline", "import_events", "import_values", "init", "late_payment", "library", "library_for", "list_people",
    "listing", "log_of", "look", "losses", "losses_json", "mark", "marks_of", "measure_person", "measure_team", "measures_json", "new_scenario",
    "new_token", "note_evidence", "notebook", "open_access", "open_outcome", "open_review", "outcomes_of", "own_record", "own_record_json", "par",
    "person_lines", "person_progress", "plan_assurance", "plan_batch", "plan_fall", "plan_json", "plan_of", "play", "play_answer", "policy_behind",
    "policy_diff", "policy_list", "policy_show", "practice_and_live", "practice_and_live_json", "practice_notebook", "practise_next", "prepare_plan",
    "progress_json", "read_batch", "read_marks", "read_rubric", "read_xes", "record_progress", "record_team", "reflect", "rescore", "rescore_each",
    "rescore_preview", "rescoring_of", "restore_store", "resume_session", "retire_person", "run_batch", "sample_json", "score",
    "score_file", "score_json", "scorecard_json", "scorecards_of", "send_feedback", "sessions_of", "sessions_to_mark", "set_roles", "sign",
    "sign_off_state", "simulate", "simulation_json", "submit_review", "take_hint", "team_progress", "team_progress_json", "timeline", "trail_of",
    "upgrade_store", "verify", "verify_store", "wait", "winning_changes", "words_of", "write_plan", "write_selection",
]

HOMES = {
    "authoring": "branches discrimination new_scenario",
    "batching": "BatchResult Plan batch_plan read_batch run_batch",
    "calibration": (
        "Calibration CriteriaStudy CriterionAgreement calibrate calibrate_marks calibration_json criteria criteria_json "
        "criteria_of demonstration_marks read_marks"
    ),
    "checking": "check",
    "contents": (
        "due due_table examine handbook_only init late_payment library library_for listing look notebook policy_behind "
        "policy_diff policy_list policy_show practice_notebook"
    ),
    "exporting": "Exported export_records",
    "forgetting": "OwnRecord forget_person forget_what_is_due own_record own_record_json",
    "importing": "bring_back draft_mapping export_xes import_events read_xes",
    "marked": "export_marks marks_of outcomes_of",
    "marking": "agree",
    "measuring": "import_values measure_person measure_team measures_json",
    "people": (
        "add_person anchor_store audit_trail backup_store copy_store erase_person first_person list_people new_token "
        "open_access restore_store retire_person set_roles trail_of upgrade_store verify_store"
    ),
    "planning": "Prepared demonstration_plans plan_json plan_of prepare_plan write_plan",
    "plays": (
        "MAIN_RUBRIC Replayed cards_in caseload debrief debrief_json explain headline losses losses_json par play play_answer "
        "score score_file score_json scorecard_json timeline verify winning_changes"
    ),
    "progressing": (
        "Gathered gather_person gather_progress gather_team note_evidence person_progress practise_next progress_json "
        "record_progress record_team sign sign_off_state team_progress team_progress_json"
    ),
    "rescoring": "Rescored read_rubric rescore rescore_each rescore_preview rescoring_of",
    "reviewing": "Queued Reviewing assign_review bring_in files_to_mark mark open_outcome open_review submit_review",
    "rights": "OPEN Access Right",
    "sampling": "draw_sample estimate first_weeks frame plan_assurance plan_batch plan_fall sample_json write_selection",
    "sessions": (
        "MODES Sitting begin_session debrief_of decide dispute export_session find_under_way finish_session log_of reflect "
        "resume_session scorecards_of sessions_of sessions_to_mark take_hint wait words_of"
    ),
    "settling": "Agreed acknowledge_feedback adjudicate agreed_of answer_appeal appeal_mark feedback_for_me send_feedback",
    "simulating": "simulate simulation_json",
    "transferring": "person_lines practice_and_live practice_and_live_json",
}  # fmt: skip
_HOME = {name: home for home, names in HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
