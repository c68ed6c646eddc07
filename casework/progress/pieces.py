"""Pieces of evidence: what one scored file, observation, test, note or reflection says of the competencies it serves.

A scored file is one piece, however many criteria it has. A simulated survey is no evidence and has no place here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic import dataclasses as checked

from casework.model.decisions import digest
from casework.model.framework import Competency, EvidenceKind, Framework
from casework.progress import mastery
from casework.quality.scoring import Scorecard

if TYPE_CHECKING:
    from casework.progress.difficulty import Calibration

Finite = Annotated[float, Field(allow_inf_nan=False)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
NOTHING_KNOWN = mastery.SCENARIO_SPREAD**2  # Squared logits: how unsure a scenario's difficulty is that nothing was learned of.
Assigned = Literal["random", "chosen"]
LONGEST = 2000  # Characters of a piece's words.
RUBRIC = "the rubric"  # Who answers for a file that nobody has marked.
NOBODY, GONE = "erased person ", "(erased)"  # What stands where a name, with a few signs of its reference, and where words were.
CHAINED = {"chained": True}  # The context of a piece whose every byte a chain's hash has shown to be as written: its id is not reckoned again.


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@checked.dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Given:
    """One criterion on one file: the share given (0 to 1), None where unscored; difficulty in logits; `error` where it was critical.

    `worth` is how many marks of pass or fail the mark tells as much as.
    """

    criterion: Id
    share: Annotated[float, Field(ge=0, le=1)] | None
    difficulty: Finite = 0.0
    error: bool = False
    worth: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class Part(_Value):
    """What a piece says of one competency. `unsure`: how unsurely the difficulties are known, in squared logits."""

    competency: Id
    given: tuple[Given, ...] = ()
    unsure: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple([one.criterion for one in self.given if one.error])


class Piece(_Value):
    """One piece of evidence. `id` is a digest of all but names and words, which may be erased; `source` of the log it rests on.

    `nonce` is drawn by chance by whoever writes the piece, and tells apart pieces without a source that are alike in all else.
    `by` is who answers for it; `agreed` whether people's marks are in it; `replaces` the id of a piece that it corrects.
    `says` holds words for kinds other than a scorecard. `total` is the file's, in percent; `calibration` names where the
    difficulties were learned, and is empty where files were taken as average. `live`: real work, not simulated.
    """

    id: str = ""
    trainee: Id
    kind: EvidenceKind
    at: AwareDatetime
    by: Id
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    scenario: str = ""
    family: str = ""
    jurisdiction: str = ""
    seed: int = 0
    rubric: str = ""
    rubric_version: int = 0
    source: str = ""
    case: str = ""
    total: Finite | None = None
    first_attempt: bool = True
    aided: bool = False
    agreed: bool = False
    assigned: Assigned = "chosen"
    says: Annotated[str, Field(max_length=LONGEST)] = ""
    replaces: str = ""
    calibration: Annotated[str, Field(max_length=200)] = ""
    live: bool = False
    nonce: Annotated[str, Field(max_length=32)] = ""

    @model_validator(mode="after")
    def _holds(self, info: ValidationInfo) -> Piece:
        named = [part.competency for part in self.parts]
        if len(set(named)) < len(named):
            raise ValueError("a competency stands twice in the piece")
        if self.kind == "scorecard" and not (self.scenario and self.source and self.rubric):
            raise ValueError("a scorecard's piece names its scenario, rubric and source")
        if not (self.source or self.nonce):
            raise ValueError("a piece without a source needs a nonce, or two that are alike would pass for one")
        if self.kind != "scorecard" and not self.says.strip():
            raise ValueError(f"a {self.kind} says what was seen: give the words")
        if self.kind == "reflection" and self.by != self.trainee:
            raise ValueError("a reflection is the trainee's own")
        if self.kind in ("observation", "witness note") and self.by == self.trainee:
            raise ValueError(f"a {self.kind} is by somebody else than the trainee")
        if not self.id:
            object.__setattr__(self, "id", self.reckoned)
        elif info.context is not CHAINED and self.id != self.reckoned:
            raise ValueError("the piece's id does not fit what it holds")
        return self

    @property
    def reckoned(self) -> str:
        left = {"id", "at", "trainee", "by", "says"}
        return digest(self.model_dump(mode="json", exclude=left) | {"at": self.at.astimezone(UTC).isoformat()})

    @property
    def competencies(self) -> tuple[str, ...]:
        return tuple(part.competency for part in self.parts)

    @property
    def file(self) -> tuple[str, str]:
        """The log and the case in it that the piece rests on."""
        return self.source, self.case

    @property
    def counts(self) -> bool:
        """Whether it tells mastery: the first play of a scored file, without help."""
        return self.kind == "scorecard" and self.first_attempt and not self.aided


def serving(framework: Framework, lines: Iterable[str]) -> tuple[Competency, ...]:
    """The competencies that share a role line with a criterion."""
    asked = set(lines)
    return tuple(one for one in framework.competencies if asked & set(one.lines))


def pieces_of(
    card: Scorecard, framework: Framework, at: datetime, *, source: str, family: str = "", jurisdiction: str = "", first_attempt: bool = True,
    agreed: bool = False, assigned: Assigned = "chosen", by: str = RUBRIC, known: Mapping[str, Calibration] | None = None,
    worth: Mapping[str, float] | None = None, replaces: str = "", pending: Collection[str] = (), calibration: str = "", live: bool = False,
) -> tuple[Piece, ...]:  # fmt: skip
    """The piece that a scorecard makes, its criteria under the competencies whose role lines they share; none where nothing was rated.

    `known` holds what was learned of difficulty, by competency; elsewhere files are taken as average, and as unsure as that is.
    `worth` holds what each criterion's mark tells, where that is not 1.
    A mark that is `pending` an appeal moves no level until it is answered, and blocks where it is a critical error: an
    appeal alone lifts nothing.
    """
    known, worth, parts = known or {}, worth or {}, []
    for competency in framework.competencies:
        if "scorecard" not in competency.evidence_from:
            continue
        rated = [r for r in card.ratings if r.status != "not_applicable" and set(r.criterion.evidences) & set(competency.lines)]
        shares = [float(r.rating) if r.status == "rated" and r.criterion.id not in pending else None for r in rated]
        told = [r.criterion.id for r, share in zip(rated, shares, strict=True) if share is not None]
        if not told:
            continue
        learned = known.get(competency.id)
        names = [r.criterion.id for r in rated]
        hard = learned.of(card.scenario, names) if learned else [0.0] * len(rated)
        unsure = learned.variance(card.scenario, told) if learned else NOTHING_KNOWN + mastery.CRITERION_SPREAD**2 / len(told)
        given = tuple(
            Given(criterion=r.criterion.id, share=share, difficulty=difficulty, error=r.critical_error, worth=worth.get(r.criterion.id, 1.0))
            for r, share, difficulty in zip(rated, shares, hard, strict=True)
        )
        parts.append(Part(competency=competency.id, given=given, unsure=unsure))
    if not parts:
        return ()
    return (Piece(
        trainee=card.trainee, kind="scorecard", at=at, by=by, parts=tuple(parts), scenario=card.scenario, family=family, jurisdiction=jurisdiction,
        seed=card.seed, rubric=card.rubric.id, rubric_version=card.rubric.version, source=source, case=card.case, total=float(card.total),
        first_attempt=first_attempt, aided=bool(card.hints), agreed=agreed, assigned=assigned, replaces=replaces,
        calibration=calibration if any(part.competency in known or any(one.worth != 1 for one in part.given) for part in parts) else "", live=live,
    ),)  # fmt: skip
