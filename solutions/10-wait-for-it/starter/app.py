"""Serve the penguin model over HTTP, and remember every prediction in a PostgreSQL database.

    GET  /health         {"status": "ok"}: the service is alive
    POST /predict        measurements in, species out; the prediction is stored
    GET  /predictions    all that was ever predicted, oldest first

The environment variable DATABASE_URL says where the database is: postgresql://USER:PASSWORD@HOST:PORT/DATABASE

This service has no patience. It connects once, when it starts, and ends with exit code 1 where that fails. When it loses its
database later, it ends as well: whoever started it shall start it again.
"""

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
from fastapi import FastAPI
from psycopg.rows import dict_row
from pydantic import BaseModel, ConfigDict, Field

MODEL = json.loads(Path(__file__).with_name("model.json").read_text(encoding="utf-8"))

try:
    DATABASE = psycopg.connect(os.environ.get("DATABASE_URL", ""), connect_timeout=5, autocommit=True, row_factory=dict_row)
    print("penguins: connected to the database", file=sys.stderr, flush=True)
except psycopg.Error as error:
    sys.exit(f"penguins: no database, so I give up: {' '.join(str(error).split())}")

app = FastAPI(title="penguins")


class Measurements(BaseModel):
    """One penguin."""

    model_config = ConfigDict(extra="forbid")

    bill_length_mm: float = Field(gt=0)
    bill_depth_mm: float = Field(gt=0)
    flipper_length_mm: float = Field(gt=0)
    body_mass_g: float = Field(gt=0)


@contextmanager
def storage():
    """Use the database; end where it is gone."""
    try:
        yield DATABASE
    except psycopg.OperationalError as error:
        print(f"penguins: the database is gone, so I give up: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
        os._exit(1)


def species_of(penguin):
    """Name the species whose score is highest."""
    inputs = [
        (getattr(penguin, feature) - mean) / spread
        for feature, mean, spread in zip(MODEL["features"], MODEL["mean"], MODEL["spread"])
    ]
    scores = list(MODEL["biases"])
    for value, weights in zip(inputs, MODEL["weights"]):
        scores = [score + value * weight for score, weight in zip(scores, weights)]
    return MODEL["species"][scores.index(max(scores))]


@app.get("/health")
def health():
    """Say that the service is alive."""
    return {"status": "ok"}


@app.post("/predict")
def predict(penguin: Measurements):
    """Name the species and store the prediction."""
    with storage() as database:
        row = {"species": species_of(penguin), **penguin.model_dump()}
        return database.execute(
            "INSERT INTO predictions (species, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g)"
            " VALUES (%(species)s, %(bill_length_mm)s, %(bill_depth_mm)s, %(flipper_length_mm)s, %(body_mass_g)s)"
            " RETURNING *",
            row,
        ).fetchone()


@app.get("/predictions")
def predictions():
    """List what was predicted."""
    with storage() as database:
        return database.execute("SELECT * FROM predictions ORDER BY id").fetchall()
