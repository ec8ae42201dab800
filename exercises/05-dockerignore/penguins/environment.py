"""Where penguins live. (Nothing to do with environment variables.)"""

_WHERE = {"Adelie": "sea ice", "Chinstrap": "rocky islands", "Gentoo": "beaches"}


def habitat(species):
    """Say where a species lives."""
    return _WHERE.get(species, "an unknown place")
