"""Make penguins.csv: measurements of penguins that never lived, always the same ones for the same seed."""

import argparse
import csv
import random
from pathlib import Path

COLUMNS = ("species", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
# Mean and spread of each measurement, about as field biologists report them for the Palmer Archipelago.
SPECIES = {
    "Adelie": ((38.8, 2.7), (18.3, 1.2), (190, 6.5), (3700, 460)),
    "Chinstrap": ((48.8, 3.3), (18.4, 1.1), (196, 7.1), (3730, 380)),
    "Gentoo": ((47.5, 3.1), (15.0, 1.0), (217, 6.5), (5080, 500)),
}


def main() -> None:
    """Write the file and say how many penguins are in it."""
    parser = argparse.ArgumentParser(description="Make a table of penguins.")
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", default="penguins.csv")
    options = parser.parse_args()

    chance = random.Random(options.seed)
    with Path(options.out).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for _ in range(options.rows):
            species = chance.choice(list(SPECIES))
            table.writerow([species, *(round(chance.gauss(mean, spread), 1) for mean, spread in SPECIES[species])])
    print(f"{options.rows} penguins written to {options.out}")


if __name__ == "__main__":
    main()
