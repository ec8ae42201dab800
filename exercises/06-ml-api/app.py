"""Serve the penguin model over HTTP.

    GET  /health     {"status": "ok"}
    POST /predict    measurements in, species and probabilities out
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI(title="penguins")


class Measurements(BaseModel):
    """One penguin."""

    model_config = ConfigDict(extra="forbid")

    bill_length_mm: float = Field(gt=0)
    bill_depth_mm: float = Field(gt=0)
    flipper_length_mm: float = Field(gt=0)
    body_mass_g: float = Field(gt=0)


@cache
def model():
    """Read model.json, which lies beside this file, when the first prediction is asked for."""
    return json.loads(Path(__file__).with_name("model.json").read_text(encoding="utf-8"))


@app.get("/health")
def health():
    """Say that the service is alive."""
    return {"status": "ok"}


@app.post("/predict")
def predict(penguin: Measurements):
    """Name the species, with the probability of each."""
    trained = model()
    measured = np.array([getattr(penguin, feature) for feature in trained["features"]])
    inputs = (measured - trained["mean"]) / trained["spread"]
    scores = inputs @ np.array(trained["weights"]) + trained["biases"]
    powers = np.exp(scores - scores.max())
    probabilities = dict(zip(trained["species"], (powers / powers.sum()).round(6).tolist()))
    return {"species": max(probabilities, key=probabilities.get), "probabilities": probabilities}
