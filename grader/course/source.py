"""Definitions are programs of the course: run each time they are read, and never anything beside them."""

import importlib.util
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from grader.values.errors import DefinitionError


class _SourceOnly(SourceFileLoader):
    """Compiles a definition each time: no byte code appears in the course's folders, and none that lies there is believed."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the loader's own signature
        return self.source_to_code(self.get_data(self.path), self.path)


def run(path: Path, name: str) -> ModuleType:
    """Run a definition.

    Args:
        path: of the file.
        name: of the module, any text.

    Raises:
        DefinitionError: it does not run.
    """
    module_name = f"drydock_{re.sub(r'[^0-9A-Za-z]', '_', name)}"
    loader = _SourceOnly(module_name, str(path))
    spec = importlib.util.spec_from_file_location(module_name, path, loader=loader)
    if spec is None:
        raise DefinitionError(f"{path} is no Python module.")
    module = importlib.util.module_from_spec(spec)
    try:
        loader.exec_module(module)
    except DefinitionError:
        raise
    except (Exception, SystemExit) as error:
        raise DefinitionError(f"{path} does not run: {type(error).__name__}: {error}") from error
    return module
