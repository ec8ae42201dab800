"""The engine layer: the only place that talks to Docker. Images and containers by its API, builds and compose by its CLI."""
