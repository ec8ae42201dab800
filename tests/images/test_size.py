"""Where an exercise measures size, a stand-in weighs what the official image does: limits mean the same with both."""

import shlex

import pytest

from tests.images.support import RECIPES, docker, is_stand_in

pytestmark = pytest.mark.engine


def recipe(name: str) -> dict[str, str]:
    lines = (RECIPES / name / "image.env").read_text().splitlines()
    return dict(shlex.split(line)[0].split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", sorted(path.parent.name for path in RECIPES.glob("*/image.env")))
def test_size(name: str) -> None:
    about = recipe(name)
    image = f"{about['IMAGE']}:{about['TAGS'].split()[0]}"
    if not is_stand_in(image):
        pytest.skip("the official image is used")
    if about["SIZE_MATTERS"] != "yes":
        pytest.skip("nothing in the course measures it")
    size = int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)
    assert size / 1e6 == pytest.approx(float(about["OFFICIAL_MB"]), rel=0.15)
