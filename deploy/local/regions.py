"""The region that the embedded AWS is in, and where it cannot be."""

from __future__ import annotations

from moto.ses.models import ses_backends
from moto.utilities.utils import get_partition

from deploy.aws.machine.named import Named
from deploy.local import LOCAL_ACCOUNT

DEFAULT_REGION = "eu-west-1"


def usable_region(given: Named | None) -> str:
    """The region that the operator names, or the usual one. Raises ConfigurationError."""
    if given is None:
        return DEFAULT_REGION
    if not is_usable(given.value):
        raise given.error(no_region(f'"{given.value}" ({given.source})'))
    return given.value


def is_usable(region: str) -> bool:
    """moto knows the regions where SES is; our ARNs are those of AWS's largest partition."""
    return region in ses_backends[LOCAL_ACCOUNT].regions and get_partition(region) == "aws"


def no_region(region: str) -> str:
    """The sentence for a region that is not usable."""
    return (
        f'The embedded AWS cannot be in {region}; take a region of the partition "aws" that has '
        f"SES, for example --region {DEFAULT_REGION}."
    )
