"""What the model is and how it decides: Gaussian naive Bayes in the standard library alone."""

import json
import math
from pathlib import Path

FILE = "model.json"

Model = dict[str, dict[str, list[float]]]
"""For each species the mean and the spread of each of the four measurements."""


def load(path: str = FILE) -> Model:
    """Read a model that train.py wrote."""
    model: Model = json.loads(Path(path).read_text(encoding="utf-8"))
    return model


def classify(model: Model, numbers: list[float]) -> tuple[str, float]:
    """Return the most likely species and its probability."""
    scores = {
        species: sum(
            -(((number - mean) / spread) ** 2) / 2 - math.log(spread)
            for number, mean, spread in zip(numbers, known["mean"], known["spread"], strict=True)
        )
        for species, known in model.items()
    }
    best = max(scores, key=lambda species: scores[species])
    return best, 1 / sum(math.exp(score - scores[best]) for score in scores.values())
