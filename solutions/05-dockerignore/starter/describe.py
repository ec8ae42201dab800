"""Describe the species that this project knows."""

from penguins import load
from penguins.environment import habitat

species = load()
print(f"{len(species)} species")
for name, about in species.items():
    print(f"{name}: {about['mass_g']} g, lives on {habitat(name)}")
