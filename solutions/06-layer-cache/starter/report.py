"""Print the weekly report on the penguins in penguins.csv, which lies beside this file."""

import csv
from pathlib import Path

import drydock_beaks
import drydock_scales

TITLE = "Weekly report"

with Path(__file__).with_name("penguins.csv").open(newline="", encoding="utf-8") as file:
    penguins = list(csv.DictReader(file))

print(f"{TITLE}, made with beaks {drydock_beaks.__version__} and scales {drydock_scales.__version__}")
for species in sorted({penguin["species"] for penguin in penguins}):
    ours = [penguin for penguin in penguins if penguin["species"] == species]
    beak = drydock_beaks.average(float(penguin["bill_length_mm"]) for penguin in ours)
    mass = drydock_scales.kilograms(drydock_beaks.average(float(penguin["body_mass_g"]) for penguin in ours))
    print(f"{species}: {len(ours)} seen, beak {beak} mm, {mass} kg")
