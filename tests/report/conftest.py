"""Property tests here measure no time: a busy machine must not make them fail. They leave no folder behind either."""

from hypothesis import settings

settings.register_profile("drydock", deadline=None, database=None, print_blob=True)
settings.load_profile("drydock")
