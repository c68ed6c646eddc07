"""Levels of many trainees and competencies at once: the arithmetic of `mastery`, file by file on arrays.

Agrees with `mastery.after` to nine places (a property test).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from casework.progress.mastery import CEILING, FAR, FILE_SPREAD, REACH, START_VARIANCE, STEP, UNASSUMED, WANDER, Marks


def after(levels: Sequence[tuple[float, float]], files: Sequence[Sequence[Marks]]) -> list[tuple[float, float]]:
    """Mean and variance of each level after its own files in their order, as `mastery.after` has them one at a time."""
    order = sorted(range(len(files)), key=lambda n: -len(files[n]))  # Whoever has a next file stands first.
    told = np.array([levels[n] for n in order], dtype=float).reshape(-1, 2)
    queues = [files[n] for n in order]
    left = len(queues)
    for turn in range(len(queues[0]) if queues else 0):
        while len(queues[left - 1]) <= turn:
            left -= 1
        told[:left] = _moved(told[:left, 0], told[:left, 1], [queue[turn] for queue in queues[:left]])
    found: list[tuple[float, float]] = [(0.0, 0.0)] * len(order)
    for place, (mean, variance) in zip(order, told.tolist(), strict=True):
        found[place] = mean, variance
    return found


def _moved(mean: np.ndarray, variance: np.ndarray, files: Sequence[Marks]) -> np.ndarray:
    """Shape (n, 2): means and variances of shape (n,) after one file each."""
    weeks, each_hard, each_given, unsure = zip(*files, strict=True)
    lengths = np.fromiter(map(len, each_hard), int)
    hard, given = (np.fromiter(chain.from_iterable(each), float) for each in (each_hard, each_given))
    wander = WANDER + UNASSUMED / (1 + np.exp(np.minimum(mean - CEILING, FAR))) ** 2
    variance = np.maximum(variance, np.minimum(variance + wander * np.array(weeks), START_VARIANCE))
    wide = variance + FILE_SPREAD**2 + np.array(unsure)
    first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    z, narrow = _own_level(mean, wide, np.minimum(np.repeat(mean, lengths) - hard, FAR), np.add.reduceat(given, first), lengths, first)
    gain = variance / wide
    return np.stack([mean + gain * (z - mean), variance - gain * gain * (wide - narrow)], axis=1)


def _own_level(mean: np.ndarray, wide: np.ndarray, above: np.ndarray, total: np.ndarray, most: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `mastery._own_level`: `above` is by how much the mean lies above each criterion, all files' in a row; `first` where each file's begin."""
    step = STEP / np.sqrt(1 + wide * most / 4)
    count = np.ceil(REACH / step)
    numbers = np.arange(-count.max(), count.max() + 1)
    nodes = (np.sqrt(wide) * step)[:, None] * numbers
    level = above[:, None] + np.repeat(nodes, most, axis=0)
    likely = total[:, None] * nodes - nodes**2 / (2 * wide)[:, None] - np.add.reduceat(np.log(1 + np.exp(level)), first, axis=0)
    likely[np.abs(numbers) > count[:, None]] = -np.inf
    weights = np.exp(likely - likely.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    middle = (weights * nodes).sum(axis=1)
    narrow = (weights * (nodes - middle[:, None]) ** 2).sum(axis=1)
    return mean + middle, np.minimum(wide, narrow)
