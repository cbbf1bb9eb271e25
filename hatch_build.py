"""What a wheel holds beside Python: the dashboard and the help, as `make setup` built them, and the migrations.

store/db/shipped.py finds them. Node builds the dashboard, so that neither a wheel's build nor its user needs Node.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE = "store/shipped"
SHIPPED = ("alembic/env.py", "alembic/script.py.mako", "alembic/versions", "frontend/dist", "docs/_build/html")
BUILT = ("frontend/dist/index.html", "docs/_build/html/index.html")


class ShippedFiles(BuildHookInterface):  # type: ignore[type-arg]  # hatchling is no part of what mypy looks at
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds them to a wheel. An installation for development (`pip install -e`) finds them in the clone."""
        if version == "editable":
            return
        missing = [path for path in BUILT if not (Path(self.root) / path).is_file()]
        if missing:
            raise SystemExit(f"A wheel needs {' and '.join(missing)}. Run `make setup` first: it builds them.")
        if self.target_name == "wheel":
            build_data["force_include"] |= {path: f"{INSIDE}/{path}" for path in SHIPPED}
