#!/usr/bin/env python3
"""Summarise measurements of penguins, or name the species of one penguin.

    penguins.py                                          the average penguin of each species
    penguins.py BILL_LENGTH BILL_DEPTH FLIPPER BODY_MASS   the species with the nearest average

Reads penguins.csv in the directory that it is started from.
Exit status: 0 when all is well, 3 when the arguments are not four numbers, 4 when there is no penguins.csv.
"""

import csv
import sys
from statistics import fmean, pstdev

COLUMNS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


def load(path):
    """Read the measurements: species -> list of (bill length, bill depth, flipper length, body mass)."""
    penguins = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            penguins.setdefault(row["species"], []).append([float(row[column]) for column in COLUMNS])
    return penguins


def averages(penguins):
    """Average each measurement, species by species. This is the whole model."""
    return {species: [fmean(column) for column in zip(*rows)] for species, rows in penguins.items()}


def nearest(penguins, measured):
    """Name the species whose average is nearest, with each measurement counted in its own spread."""
    everyone = [row for rows in penguins.values() for row in rows]
    spreads = [pstdev(column) or 1.0 for column in zip(*everyone)]

    def distance(average):
        return sum(((m - a) / spread) ** 2 for m, a, spread in zip(measured, average, spreads))

    model = averages(penguins)
    return min(model, key=lambda species: distance(model[species]))


def main(arguments):
    try:
        penguins = load("penguins.csv")
    except FileNotFoundError:
        print("penguins.py: there is no penguins.csv in this directory", file=sys.stderr)
        return 4

    if not arguments:
        print(f"{sum(map(len, penguins.values()))} penguins")
        for species, average in averages(penguins).items():
            length, depth, flipper, mass = average
            print(f"{species}: bill {length:.1f} x {depth:.1f} mm, flipper {flipper:.1f} mm, {mass:.0f} g")
        return 0

    try:
        length, depth, flipper, mass = map(float, arguments)
    except ValueError:
        print(f"penguins.py: expected four numbers, got: {' '.join(arguments)}", file=sys.stderr)
        return 3
    print(f"species: {nearest(penguins, (length, depth, flipper, mass))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
