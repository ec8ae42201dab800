"""The vocabulary that exercises are written in: a noun each. Every expectation that is not met raises CheckFailed."""
