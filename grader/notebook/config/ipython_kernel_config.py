"""Settings of every kernel of the Python environment that the grader is installed in; IPython reads this file.

A notebook's own folder comes last among the places that modules are looked for in: a learner's docker.py or yaml.py beside the
notebook must not take the place of the library that the graded cells need. Their own modules are found as before.
"""

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - IPython gives it
c.InteractiveShellApp.exec_lines = ['__import__("sys").path.sort(key=lambda place: place == "")']
