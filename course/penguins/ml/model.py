"""What the model is and how it decides: a scikit-learn pipeline, in a file that joblib wrote."""

from typing import Any

import joblib
import numpy as np

FILE = "model.joblib"


def load(path: str = FILE) -> Any:
    """Read a model that train.py wrote. Such a file can hold any code: load none that you do not trust.

    Raises:
        OSError: it is not there, or may not be read.
        ValueError: it is no model.
    """
    try:
        return joblib.load(path)
    except OSError:
        raise
    except Exception as error:
        raise ValueError(f"{path} is no model: {error}") from error


def classify(model: Any, numbers: list[float]) -> tuple[str, float]:
    """Return the most likely species and its probability."""
    probabilities = model.predict_proba(np.array([numbers]))[0]
    best = probabilities.argmax()
    return str(model.classes_[best]), float(probabilities[best])
