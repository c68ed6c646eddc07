"""Levels of many trainees and competencies at once: the arithmetic of `mastery`, file by file on arrays.

Agrees with `mastery.after` to nine places (a property test).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from casework.progress.mastery import CEILING, FAR, FILE_SPREAD, REACH, START_VARIANCE, STEP, UNASSUMED, WANDER, Files


def after(levels: Sequence[tuple[float, float]], files: Sequence[Files]) -> list[tuple[float, float]]:
    """Mean and variance of each level after its own files in their order, as `mastery.after` has them one at a time."""
    order = sorted(range(len(files)), key=lambda n: -len(files[n]))  # Whoever has a next file stands first.
    told = np.array([levels[n] for n in order], dtype=float).reshape(-1, 2)
    lined = _Lined([files[n] for n in order])
    for turn in range(lined.most):
        left = int(np.searchsorted(-lined.lengths, -turn, side="left"))
        told[:left] = _moved(told[:left, 0], told[:left, 1], lined, lined.first[:left] + turn)
    found: list[tuple[float, float]] = [(0.0, 0.0)] * len(order)
    for place, (mean, variance) in zip(order, told.tolist(), strict=True):
        found[place] = mean, variance
    return found


class _Lined:
    """Files of everybody in one line: `first` is each one's first file, `begin` each file's first criterion."""

    def __init__(self, files: Sequence[Files]) -> None:
        def joined(parts: Iterable[Any], kind: type) -> np.ndarray:
            return np.concatenate([np.empty(0, kind), *(np.frombuffer(part, kind) for part in parts if len(part))])

        self.lengths = np.array([len(one) for one in files], np.int64)
        self.most = int(self.lengths.max(initial=0))
        self.first = np.cumsum(self.lengths) - self.lengths
        self.weeks, self.unsure = joined((one.weeks for one in files), np.float64), joined((one.unsure for one in files), np.float64)
        self.counts = joined((one.counts for one in files), np.int64)
        self.begin = np.cumsum(self.counts) - self.counts
        self.hard, self.given, self.worth = (joined((getattr(one, name) for one in files), np.float64) for name in ("hard", "given", "worth"))


def _moved(mean: np.ndarray, variance: np.ndarray, lined: _Lined, files: np.ndarray) -> np.ndarray:
    """Shape (n, 2): means and variances of shape (n,) after one file each, by the files' numbers."""
    counts = lined.counts[files]
    first = np.cumsum(counts) - counts
    criteria = np.repeat(lined.begin[files] - first, counts) + np.arange(counts.sum())
    wander = WANDER + UNASSUMED / (1 + np.exp(np.minimum(mean - CEILING, FAR))) ** 2
    variance = np.maximum(variance, np.minimum(variance + wander * lined.weeks[files], START_VARIANCE))
    wide = variance + FILE_SPREAD**2 + lined.unsure[files]
    above = np.minimum(np.repeat(mean, counts) - lined.hard[criteria], FAR)
    z, narrow = _own_level(mean, wide, above, lined.given[criteria], lined.worth[criteria], counts, first)
    gain = variance / wide
    return np.stack([mean + gain * (z - mean), variance - gain * gain * (wide - narrow)], axis=1)


def _own_level(
    mean: np.ndarray, wide: np.ndarray, above: np.ndarray, given: np.ndarray, worth: np.ndarray, counts: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """As `mastery._own_level`: `above` is by how much the mean lies above each criterion, all files' in a row; `first` where each file's begin."""
    total, most = np.add.reduceat(worth * given, first), np.add.reduceat(worth, first)
    step = STEP / np.sqrt(1 + wide * most / 4)
    count = np.ceil(REACH / step)
    numbers = np.arange(-count.max(), count.max() + 1)
    nodes = (np.sqrt(wide) * step)[:, None] * numbers
    level = above[:, None] + np.repeat(nodes, counts, axis=0)
    likely = total[:, None] * nodes - nodes**2 / (2 * wide)[:, None] - np.add.reduceat(worth[:, None] * np.log(1 + np.exp(level)), first, axis=0)
    likely[np.abs(numbers) > count[:, None]] = -np.inf
    weights = np.exp(likely - likely.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    middle = (weights * nodes).sum(axis=1)
    narrow = (weights * (nodes - middle[:, None]) ** 2).sum(axis=1)
    return mean + middle, np.minimum(wide, narrow)
