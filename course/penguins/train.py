"""Learn to tell penguins apart (Gaussian naive Bayes): reads penguins.csv, writes model.json."""

import csv
import json
import statistics
from collections import defaultdict
from pathlib import Path

from model import classify


def main() -> None:
    """Train on four fifths of the penguins, test on the rest."""
    with Path("penguins.csv").open(newline="", encoding="utf-8") as file:
        rows = [(species, [float(number) for number in numbers]) for species, *numbers in list(csv.reader(file))[1:]]
    held_out = rows[::5]
    by_species = defaultdict(list)
    for index, (species, numbers) in enumerate(rows):
        if index % 5:
            by_species[species].append(numbers)

    model = {}
    for species in sorted(by_species):
        columns = list(zip(*by_species[species], strict=True))
        model[species] = {
            "mean": [round(statistics.fmean(column), 3) for column in columns],
            "spread": [round(statistics.pstdev(column), 3) for column in columns],
        }
    Path("model.json").write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")

    right = sum(classify(model, numbers)[0] == species for species, numbers in held_out)
    print(f"trained on {len(rows) - len(held_out)} penguins, {right / len(held_out):.1%} of the other {len(held_out)} right")


if __name__ == "__main__":
    main()
