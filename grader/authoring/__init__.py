"""The course proves itself: what every exercise must keep to, told without running it, and by running every variant."""
