"""Name a penguin's species from four measurements."""

import sys

from model import classify, load


def main() -> None:
    """Print the species, or how to ask for it."""
    try:
        numbers = [float(word) for word in sys.argv[1:]]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        sys.exit("usage: predict.py BILL_LENGTH_MM BILL_DEPTH_MM FLIPPER_LENGTH_MM BODY_MASS_G")
    species, probability = classify(load(), numbers)
    print(f"{species} ({probability:.0%})")


if __name__ == "__main__":
    main()
