"""Train the model: the average penguin of each species. Writes model.json into the directory that it is started from.

    train.py ROWS      learn from so many made-up penguins

The penguins are drawn from a fixed seed: the same ROWS make the same model.
"""

import json
import random
import sys

SEED = 5
SPECIES = {  # average and spread of: flipper length (mm), body mass (g)
    "Adelie": ((190.0, 6.0), (3700.0, 420.0)),
    "Chinstrap": ((196.0, 6.5), (3730.0, 360.0)),
    "Gentoo": ((217.0, 6.0), (5080.0, 470.0)),
}


def main(arguments):
    try:
        [rows] = map(int, arguments)
    except ValueError:
        print(f"train.py: expected one whole number, got: {' '.join(arguments) or 'nothing'}", file=sys.stderr)
        return 2
    if rows < len(SPECIES):
        print(f"train.py: {rows} penguins are too few", file=sys.stderr)
        return 2

    chance = random.Random(SEED)
    seen = {species: [] for species in SPECIES}
    for number in range(rows):
        species = list(SPECIES)[number % len(SPECIES)]
        seen[species].append([chance.gauss(average, spread) for average, spread in SPECIES[species]])
    averages = {species: [round(sum(column) / len(column), 1) for column in zip(*measured)] for species, measured in seen.items()}
    with open("model.json", "w", encoding="utf-8") as file:
        json.dump({"trained_on": rows, "averages": averages}, file, indent=1)
    print(f"trained on {rows} penguins")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
