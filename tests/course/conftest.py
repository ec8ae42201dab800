"""The chapters' helpers are imported as a notebook imports them: from the folder beside it."""

import sys

from tests.course.chapters import COURSE

sys.path.insert(0, str(COURSE))
