"""Make penguins.csv: measurements of penguins that never lived, drawn from a fixed seed.

You do not need this file in your image.
"""

import csv
import random

SEED = 5
EACH = 40
SPECIES = {  # average and spread of: bill length (mm), bill depth (mm), flipper length (mm), body mass (g)
    "Adelie": ((38.8, 2.5), (18.3, 1.1), (190.0, 6.0), (3700.0, 420.0)),
    "Chinstrap": ((48.8, 3.0), (18.4, 1.1), (196.0, 6.5), (3730.0, 360.0)),
    "Gentoo": ((47.5, 2.9), (15.0, 0.9), (217.0, 6.0), (5080.0, 470.0)),
}

chance = random.Random(SEED)
with open("penguins.csv", "w", newline="", encoding="utf-8") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["species", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"])
    for species, features in SPECIES.items():
        for _ in range(EACH):
            drawn = [chance.gauss(average, spread) for average, spread in features]
            rows.writerow([species, f"{drawn[0]:.1f}", f"{drawn[1]:.1f}", f"{drawn[2]:.0f}", f"{drawn[3]:.0f}"])
