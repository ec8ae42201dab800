"""Tell penguins apart: penguins.py BILL_LENGTH BILL_DEPTH FLIPPER BODY_MASS"""

import sys

from drydock_nearest import nearest

AVERAGES = {  # bill length (mm), bill depth (mm), flipper length (mm), body mass (g)
    "Adelie": (38.8, 18.3, 190.0, 3700.0),
    "Chinstrap": (48.8, 18.4, 196.0, 3730.0),
    "Gentoo": (47.5, 15.0, 217.0, 5080.0),
}
SPREADS = (5.3, 1.9, 13.2, 768.0)

if __name__ == "__main__":
    measured = [float(word) for word in sys.argv[1:]]
    if len(measured) != len(SPREADS):
        sys.exit(__doc__)
    which, distance = nearest(measured, list(AVERAGES.values()), SPREADS)
    print(f"{list(AVERAGES)[which]}, distance {distance:.4f}")
