"""See how well penguins.py tells penguins apart that it has not seen before."""

from penguins import nearest

KNOWN = [
    ("Adelie", (38.9, 18.6, 187, 3550)),
    ("Chinstrap", (49.9, 18.8, 198, 3700)),
    ("Gentoo", (46.8, 14.9, 219, 5200)),
    ("Gentoo", (49.1, 15.3, 222, 5400)),
]

right = sum(nearest(measured) == species for species, measured in KNOWN)
print(f"{right} of {len(KNOWN)} right")
