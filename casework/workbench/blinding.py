"""Whose work a reader is told that it is. Offers nothing itself."""

from __future__ import annotations

from casework.model.decisions import digest
from casework.workbench.rights import Access


def shown_as(access: Access, owner: str, session: str) -> str:
    """The owner's id, or an alias of this session and reader alone where the marking plan says blind."""
    person = access.person
    open_roles = set(person.roles) - set(access.library.blind_roles)
    if owner == person.id or open_roles & {"trainer", "lead"}:
        return owner
    return f"candidate-{digest([session, person.id, 'alias'])[:8]}"
