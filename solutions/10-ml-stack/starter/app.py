"""Serve the penguin model over HTTP: answers come from a cache in Redis, every prediction is kept in PostgreSQL.

    GET  /health         {"status": "ok"}: the service is alive; says nothing about the others
    GET  /cache          {"cache": "there"} or {"cache": "away"}
    POST /predict        measurements in, species out; "cached" says whether the model had to think
    GET  /predictions    all that was ever predicted, oldest first

Settings, from the environment:

    DATABASE_URL   postgresql://USER:PASSWORD@HOST:PORT/DATABASE
    REDIS_URL      redis://HOST:PORT; without it nothing is cached
"""

import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
from cache import Cache
from fastapi import FastAPI, HTTPException
from psycopg.rows import dict_row
from pydantic import BaseModel, ConfigDict, Field

DATABASE_URL = os.environ.get("DATABASE_URL", "")
if not DATABASE_URL:
    sys.exit("penguins: the environment variable DATABASE_URL is not set; I do not know where the database is")

PATIENCE = 30  # seconds to wait for a database that is still starting
THINKS_SECONDS = 0.3  # this stands for a larger model
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
cache = Cache(os.environ.get("REDIS_URL", ""))


class Measurements(BaseModel):
    """One penguin."""

    model_config = ConfigDict(extra="forbid")

    bill_length_mm: float = Field(gt=0)
    bill_depth_mm: float = Field(gt=0)
    flipper_length_mm: float = Field(gt=0)
    body_mass_g: float = Field(gt=0)


def connect():
    """Connect to the database, with patience while it starts."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return psycopg.connect(DATABASE_URL, connect_timeout=5, row_factory=dict_row)
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
            refused = "FATAL" in reason and "starting up" not in reason
            if refused or time.monotonic() > deadline:
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
    time.sleep(THINKS_SECONDS)
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


@app.get("/cache")
def cache_state():
    """Say whether the cache answers."""
    return {"cache": "there" if cache.is_there() else "away"}


@app.post("/predict")
def predict(penguin: Measurements):
    """Name the species, from the cache if it has been asked for before, and store the prediction."""
    name = penguin.model_dump_json()
    known = cache.get(name)
    species = known or species_of(penguin)
    with storage() as database:
        stored = database.execute(
            "INSERT INTO predictions (species, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g)"
            " VALUES (%(species)s, %(bill_length_mm)s, %(bill_depth_mm)s, %(flipper_length_mm)s, %(body_mass_g)s)"
            " RETURNING *",
            {"species": species, **penguin.model_dump()},
        ).fetchone()
    if not known:
        cache.put(name, species)
    return {**stored, "cached": bool(known)}


@app.get("/predictions")
def predictions():
    """List what was predicted."""
    with storage() as database:
        return database.execute("SELECT * FROM predictions ORDER BY id").fetchall()
