"""Arrays of places in logs: three-valued answers at each, and which reach another in their group."""

from __future__ import annotations

from typing import Any

import numpy as np

Numbers = np.ndarray[Any, Any]


def both(one: Numbers, other: Numbers) -> Numbers:
    """Whether both hold: not where one does not, and not to be told where one cannot be."""
    return np.where((one == 0) | (other == 0), 0, np.minimum(one, other))


def reached(groups: Numbers, others: Numbers, places: Numbers, later: bool) -> Numbers:
    """Whether each place has one of the others in its group, further on or further back."""
    if not len(others):
        return np.zeros(len(places), bool)
    ordered = others[::-1] if later else others
    keys, first = np.unique(groups[ordered], return_index=True)
    wanted = groups[places]
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    end = ordered[first][at]
    return np.asarray((keys[at] == wanted) & ((end > places) if later else (end < places)))
