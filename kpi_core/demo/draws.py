"""Chance that depends on nothing but its keys.

Every number is a hash of (seed, subject, keys), so that a row of one day stays the same whatever is drawn before it,
in whichever order, on any machine and with any release of numpy.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]
    Keys = npt.NDArray[np.int64] | int

# Above it exp(-mean) has few digits left and the sum of chances many terms; the normal curve is close enough there.
_SMALL_MEAN = 30.0


@frozen
class Draws:
    """Draws of a seed. `subject` names what is drawn, `keys` (broadcast together) say for which row."""

    seed: int

    def uniform(self, subject: str, *keys: Keys) -> Floats:
        """Evenly in (0, 1), ends excluded."""
        import numpy as np

        name = hashlib.blake2b(f"{self.seed}/{subject}".encode(), digest_size=8).digest()
        mixed = np.array([int.from_bytes(name, "big")], dtype=np.uint64)
        # One key after the other, so that (1, 2) and (2, 1) are strangers.
        for key in keys:
            mixed = _stirred(mixed + np.asarray(key, dtype=np.int64).astype(np.uint64))
        # 53 bits, as many as a float has; the half keeps out 0, whose logarithm is no number.
        unit: Floats = ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
        return unit

    def normal(self, subject: str, *keys: Keys) -> Floats:
        """Mean 0, deviation 1."""
        import numpy as np

        radius = np.sqrt(-2.0 * np.log(self.uniform(f"{subject}/radius", *keys)))
        turned: Floats = radius * np.cos(2.0 * np.pi * self.uniform(f"{subject}/angle", *keys))
        return turned

    def noise(self, spread: float, subject: str, *keys: Keys) -> Floats:
        """A factor around 1, log-normal with mean 1."""
        import numpy as np

        # Without the second term the mean of such factors would lie above 1.
        factor: Floats = np.exp(spread * self.normal(subject, *keys) - spread * spread / 2.0)
        return factor

    def poisson(self, mean: Floats, subject: str, *keys: Keys) -> Ints:
        """Counts with the given means: exact for small ones, rounded normal for large ones."""
        import numpy as np

        drawn = np.broadcast_to(self.uniform(subject, *keys), mean.shape)
        large = np.rint(mean + np.sqrt(mean) * np.broadcast_to(self.normal(subject, *keys), mean.shape))
        # Large means run along with a small one: every array has one shape, and their counts are not taken.
        small = np.minimum(mean, _SMALL_MEAN)
        chance = np.exp(-small)
        below = chance.copy()
        counts = np.zeros(mean.shape, dtype=np.int64)
        for value in range(1, 4 * int(_SMALL_MEAN)):
            beyond = drawn > below
            if not beyond.any():
                break
            counts += beyond
            chance = chance * small / value
            below += chance
        return np.where(mean > _SMALL_MEAN, np.maximum(large, 0).astype(np.int64), counts)

    def choice(self, weights: Sequence[float], subject: str, *keys: Keys) -> Ints:
        """Positions in `weights`, each as often as its weight says."""
        import numpy as np

        shares = np.cumsum(np.asarray(weights, dtype=np.float64))
        positions: Ints = np.searchsorted(shares / shares[-1], self.uniform(subject, *keys), side="right").astype(
            np.int64
        )
        # Rounding may leave the last share a hair below 1.
        return np.minimum(positions, len(weights) - 1)


def _stirred(value: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """One step of splitmix64: neighbours become strangers."""
    import numpy as np

    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
