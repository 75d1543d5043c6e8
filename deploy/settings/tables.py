"""Which deployments the configuration file has a table for, and which is meant without a name."""

from __future__ import annotations

from pathlib import Path

from deploy.deployment import DEFAULT_CONFIG, DEFAULT_NAME
from deploy.errors import ConfigurationError
from deploy.settings.configuration import deployment_name, read_document


def usual_name(config: Path | None) -> str:
    """The deployment that is meant when none is named: that of the only table in the file.

    With no table, or with several, it is s3link. Raises ConfigurationError when the only table
    has a name that no deployment can have.
    """
    names = table_names(config)
    if len(names) != 1:
        return DEFAULT_NAME
    [name] = names
    problem = deployment_name().problem(name)
    if problem:
        raise ConfigurationError(
            f"{config or DEFAULT_CONFIG}: [{name}] cannot name a deployment. {problem}; rename the "
            "table."
        )
    return name


def table_names(config: Path | None) -> list[str]:
    """The deployments that the configuration file has a table for; none if it cannot be read."""
    try:
        document = read_document(config or DEFAULT_CONFIG, DEFAULT_NAME)
    except ConfigurationError:  # whoever needs what is in it is told then
        return []
    return [name for name, value in document.items() if isinstance(value, dict)]
