"""Who may do what, on whose records: declared with each use case, checked before it runs.

Every public function of the workbench carries one declaration. A function that touches no record of a
person is open to all; every other takes an Access first, and names the roles that may call it, on their
own records or on anyone's. What someone does with another's record goes into the audit trail first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from casework.edges import journal
from casework.model.errors import Refused
from casework.model.library import Library
from casework.model.people import Person

if TYPE_CHECKING:
    from casework.edges.store.records import Store

Scope = Literal["own", "any"]
Of = Literal["session", "person", "store"]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Who asks, of which store, with which content."""

    person: Person
    store: Store
    library: Library


@dataclass(frozen=True)
class Right:
    """What a use case touches, and each role's scope. A role that is not named is refused."""

    of: Of | None
    roles: dict[str, Scope]


OPEN = Right(None, {})


def open_to_all(function: F) -> F:
    """Declares that a use case touches no record of a person: content, or files the caller holds already."""
    function.right = OPEN  # type: ignore[attr-defined]
    return function


def right(of: Of, **roles: Scope) -> Callable[[F], F]:
    """Declares who may call a use case. `of` names the argument that tells whose record it is.

    A record's owner is looked up in the store, never taken from the caller. Refusals say the same for a
    record that is not there as for one that is another's.
    """

    def declare(function: F) -> F:
        bound = signature(function)

        @wraps(function)
        def checked(access: Access, *args: Any, **kwargs: Any) -> Any:
            person = access.store.find_person(access.person.id)
            if person is None or not person.active:
                raise Refused("you are not, or no longer, among the people of this store; ask whoever runs it to add you")
            access = Access(person, access.store, access.library)
            scopes = {roles[role] for role in person.roles if role in roles}
            what = function.__name__
            if not scopes:
                _refused(access, what, "-")
                raise Refused(f"{what.replace('_', ' ')} is for {_said(roles)}; you are {person.said}. Ask one of them")
            if of == "store":
                return function(access, *args, **kwargs)
            given = bound.bind(access, *args, **kwargs).arguments[of]
            owner = _owner(access, of, given)
            if owner != person.id:
                if "any" not in scopes:
                    _refused(access, what, owner or "-")
                    raise Refused(f"there is no such {of} of yours; {what.replace('_', ' ')} of others is for {_said(roles, 'any')}")
                if owner is not None:
                    access.store.audit(datetime.now(UTC), person.id, what, owner, given if of == "session" else "-")
            return function(access, *args, **kwargs)

        checked.right = Right(of, dict(roles))  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return declare


def _owner(access: Access, of: Of, given: Any) -> str | None:
    """Whose record an argument names: a session's owner by the store, or the person."""
    if of == "person":
        return str(given) if access.store.find_person(str(given)) is not None else None
    head = access.store.head(str(given))
    return None if head is None else head.person


def _refused(access: Access, what: str, owner: str) -> None:
    access.store.audit(datetime.now(UTC), access.person.id, f"refused {what}", owner, "-")
    journal.warn("refused", person=access.person.id, use_case=what)


def _said(roles: dict[str, Scope], scope: Scope | None = None) -> str:
    named = [f"{role}s" for role in roles if scope is None or roles[role] == scope]
    return "nobody" if not named else " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else named[0]
