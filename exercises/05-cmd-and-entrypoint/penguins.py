#!/usr/bin/env python3
"""Watch penguins, tell them apart, or give them bands.

    penguins.py watch                                  count penguins until somebody asks it to stop (SIGTERM)
    penguins.py classify BILL_LENGTH BILL_DEPTH FLIPPER BODY_MASS
    penguins.py band NAME...                           one band for each name; a name may have spaces in it

Exit status: 0 when all is well, 2 when it does not understand.
"""

import signal
import sys
import time

AVERAGES = {  # bill length (mm), bill depth (mm), flipper length (mm), body mass (g)
    "Adelie": (38.8, 18.3, 190.0, 3700.0),
    "Chinstrap": (48.8, 18.4, 196.0, 3730.0),
    "Gentoo": (47.5, 15.0, 217.0, 5080.0),
}
SPREADS = (5.3, 1.9, 13.2, 768.0)


def nearest(measured):
    """Name the species whose average is nearest."""
    return min(AVERAGES, key=lambda name: sum(((m - a) / s) ** 2 for m, a, s in zip(measured, AVERAGES[name], SPREADS)))


def watch():
    """Count a penguin every second; say goodbye when asked to stop."""
    counted = 0

    def stop(*_):
        raise KeyboardInterrupt  # as Ctrl-C does; whatever is being done is left at once

    signal.signal(signal.SIGTERM, stop)
    try:
        print("watching", flush=True)
        while True:
            time.sleep(1)
            counted += 1
    except KeyboardInterrupt:
        print(f"counted {counted} penguins, goodbye", flush=True)


def main(arguments):
    match arguments:
        case ["watch"]:
            watch()
        case ["classify", *numbers] if len(numbers) == 4:
            print(f"species: {nearest([float(number) for number in numbers])}")
        case ["band", *names] if names:
            for number, name in enumerate(names, 1):
                print(f"band {number}: [{name}]")
        case _:
            print(f"penguins.py: I do not understand: {arguments}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
