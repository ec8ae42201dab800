"""A name is not the image."""

from grader import Drill

drill = Drill(
    title="Another name",
    place=4,
    task="""There is an image `{app}:1.0`. Let the same image be called `{app}:stable`, and no longer `{app}:1.0`.""",
    draws={"app": "name"},
)


@drill.setup
def an_image(setup):
    """There is an image."""
    setup.image(f"{setup.drawn['app']}:1.0", {"app": setup.drawn["app"]})


@drill.check
def it_has_the_new_name(lab):
    """{app}:stable is the image that was {app}:1.0."""
    lab.expect_kept("{app}:1.0").image("{app}:stable").expect_is("{app}:1.0")


@drill.check
def the_old_name_is_gone(lab):
    """Nothing is called {app}:1.0 any more."""
    lab.expect_gone("image", "{app}:1.0")


drill.answer("docker tag {app}:1.0 {app}:stable", "docker rmi {app}:1.0")
drill.mistake(
    "left the old name",
    "docker tag {app}:1.0 {app}:stable",
    says="The image {app}:1.0 is still there.",
)
drill.mistake(
    "gave the name to another image",
    "docker tag busybox {app}:stable",
    says="{app}:stable is another image than the one that was called {app}:1.0.",
)
drill.mistake(
    "removed the only name first",
    "docker rmi {app}:1.0",
    says="The image that was called {app}:1.0 is gone: it went with its last name.",
)
