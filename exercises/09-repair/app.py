"""Serve the penguin model over HTTP, and remember every prediction in a PostgreSQL database.

    GET  /health         status and station: the service is alive; says nothing about the database
    POST /predict        measurements in, species out; the prediction is stored
    GET  /predictions    all that was ever predicted, oldest first

DATABASE_URL in the environment says where the database is: postgresql://USER:PASSWORD@HOST:PORT/DATABASE
STATION says where the penguins are measured.
"""

import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
from fastapi import FastAPI, HTTPException
from psycopg.rows import dict_row
from pydantic import BaseModel, ConfigDict, Field

DATABASE_URL = os.environ.get("DATABASE_URL", "")
if not DATABASE_URL:
    sys.exit("penguins: the environment variable DATABASE_URL is not set; I do not know where the database is")

STATION = os.environ.get("STATION") or "unknown"
PATIENCE = 30  # seconds to wait for a database that is still starting
UNKNOWN_NAME = 6  # seconds to wait for a host that nobody knows
MODEL = json.loads(Path(__file__).with_name("model.json").read_text(encoding="utf-8"))
TABLE = """
    CREATE TABLE IF NOT EXISTS predictions (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        species text NOT NULL,
        bill_length_mm double precision NOT NULL,
        bill_depth_mm double precision NOT NULL,
        flipper_length_mm double precision NOT NULL,
        body_mass_g double precision NOT NULL
    )"""

app = FastAPI(title="penguins")


class Measurements(BaseModel):
    """One penguin."""

    model_config = ConfigDict(extra="forbid")

    bill_length_mm: float = Field(gt=0)
    bill_depth_mm: float = Field(gt=0)
    flipper_length_mm: float = Field(gt=0)
    body_mass_g: float = Field(gt=0)


def connect():
    """Connect to the database, with patience while it starts."""
    begun = time.monotonic()
    while True:
        try:
            return psycopg.connect(DATABASE_URL, connect_timeout=5, row_factory=dict_row)
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
            # A database that answers and says no will not change its mind, unless it says that it is starting.
            refused = "FATAL" in reason and "starting up" not in reason
            patience = UNKNOWN_NAME if "resolve host" in reason else PATIENCE
            if refused or time.monotonic() > begun + patience:
                print(f"penguins: no database: {reason}", file=sys.stderr, flush=True)
                raise HTTPException(503, f"no database: {reason}") from error
            time.sleep(0.3)


@contextmanager
def storage():
    """Open the table of predictions, which the first to come makes; what was changed is kept at the end."""
    with connect() as database:
        database.execute("SELECT pg_advisory_xact_lock(1)")  # two requests may both be the first
        database.execute(TABLE)
        yield database


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
    return {"status": "ok", "station": STATION}


@app.post("/predict")
def predict(penguin: Measurements):
    """Name the species and store the prediction."""
    row = {"species": species_of(penguin), **penguin.model_dump()}
    with storage() as database:
        stored = database.execute(
            "INSERT INTO predictions (species, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g)"
            " VALUES (%(species)s, %(bill_length_mm)s, %(bill_depth_mm)s, %(flipper_length_mm)s, %(body_mass_g)s)"
            " RETURNING *",
            row,
        ).fetchone()
    return stored


@app.get("/predictions")
def predictions():
    """List what was predicted."""
    with storage() as database:
        return database.execute("SELECT * FROM predictions ORDER BY id").fetchall()
