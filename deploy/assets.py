"""Where the templates and the Lambda sources are: in the repository, or inside the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_assets"
_ROOT = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent

TEMPLATES = _ROOT / "cloudformation"
LAMBDA_SOURCES = _ROOT / "lambda_src"
