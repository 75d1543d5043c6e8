"""The sentence for each error of botocore that arises on this machine, before or instead of AWS.

A table of its classes; a class stands for those below it that have no line of their own. Pure: it
looks at exceptions, and at the variables that name the AWS tools' files.
"""

from __future__ import annotations

from collections.abc import Callable

from botocore import exceptions as botocore_errors
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, DEFAULT_S3_CONFIG_VARS
from botocore.exceptions import BotoCoreError

from deploy.aws.connection_errors import CONNECTION_SENTENCES, configuration_file
from deploy.aws.masking import masked
from deploy.errors import AccessError, ConfigurationError, S3LinkError

NO_REGION = "No AWS region is set; add --region, or region to s3link.toml, or set AWS_REGION."

_NO_CREDENTIALS = (
    "No AWS credentials were found{}; run `aws configure`, `aws sso login` or `aws login`, or add "
    "--profile."
)

LOG_IN = "log in again (`aws sso login` or `aws login`) or renew the keys, then repeat the command"

# The variable of each setting that has one.
_VARIABLES: dict[str, str] = {
    name: variable
    for known in (BOTOCORE_DEFAUT_SESSION_VARIABLES, DEFAULT_S3_CONFIG_VARS)
    for name, (_, variable, *_) in known.items()
    if isinstance(variable, str)
}


def explain_local(exc: BotoCoreError) -> S3LinkError | None:
    """The sentence for an error of botocore's own, or None when it is a fault of s3link."""
    for kind in type(exc).__mro__:
        sentence = _SENTENCES.get(kind)
        if sentence:
            return sentence(exc)
    return None


def _plain(exc: BotoCoreError) -> str:
    return " ".join(masked(str(exc)).split()).rstrip(".")


def no_credentials(place: str = "") -> AccessError:
    """The error for credentials that are in no `place`, such as "in profile …"."""
    return AccessError(_NO_CREDENTIALS.format(f" {place}" if place else ""))


def _no_credentials(exc: BotoCoreError) -> S3LinkError:
    return no_credentials()


def _partial_credentials(exc: BotoCoreError) -> S3LinkError:
    return AccessError(
        f"The AWS credentials are incomplete: {exc.kwargs['cred_var']} is missing from "
        f"{exc.kwargs['provider']}; complete them with `aws configure`."
    )


def _no_profile(exc: BotoCoreError) -> S3LinkError:
    return AccessError(
        f'There is no AWS profile "{exc.kwargs["profile"]}" in {configuration_file()}; see '
        "`aws configure list-profiles`."
    )


def _broken_file(exc: BotoCoreError) -> S3LinkError:
    return AccessError(
        f"The AWS configuration file {exc.kwargs['path']} is not in the form that AWS's tools "
        "read; correct it, or name another in AWS_CONFIG_FILE."
    )


def _not_renewed(exc: BotoCoreError) -> S3LinkError:
    return AccessError(f"The AWS session could not be renewed; {LOG_IN}.")


def _no_second_code(exc: BotoCoreError) -> S3LinkError:
    return AccessError(
        "The session that an MFA code opened has ended; repeat the command, which asks for another."
    )


def _no_rights_to_log_in(exc: BotoCoreError) -> S3LinkError:
    return AccessError(
        "AWS denied signin:CreateOAuth2Token, which renews a session of `aws login`; ask your "
        "administrator to allow it, or use another --profile."
    )


def _no_crt(exc: BotoCoreError) -> S3LinkError:
    return AccessError(
        "What this profile asks for needs the package awscrt, which is not installed beside "
        "s3link; run `pipx inject s3link 'botocore[crt]'`, or use another --profile."
    )


def _written_wrongly(exc: BotoCoreError) -> S3LinkError:
    return ConfigurationError(
        f"{_plain(exc)}; correct {configuration_file()}, or the variable that says so."
    )


def _setting(name: str, value: str) -> Callable[[BotoCoreError], S3LinkError]:
    """For a setting of the AWS tools, and the exception's argument that holds its value."""

    def sentence(exc: BotoCoreError) -> S3LinkError:
        key = str(exc.kwargs.get("config_key", name))
        place = f"{key} in {configuration_file()}"
        if key in _VARIABLES:
            place = f"{_VARIABLES[key]}, or {place}"
        return ConfigurationError(
            f'"{exc.kwargs.get(value, "")}" is not a value of the AWS setting {key}; correct '
            f"{place}."
        )

    return sentence


def _no_region(exc: BotoCoreError) -> S3LinkError:
    return ConfigurationError(NO_REGION)


def _not_a_region(exc: BotoCoreError) -> S3LinkError:
    return AccessError(
        f'"{exc.kwargs["region_name"]}" is not an AWS region; correct --region, for example '
        "eu-west-1."
    )


def _no_endpoint(exc: BotoCoreError) -> S3LinkError:
    return ConfigurationError(
        f"AWS has no such endpoint ({_plain(exc)}); correct --region, or AWS_USE_FIPS_ENDPOINT, "
        f"AWS_USE_DUALSTACK_ENDPOINT and their lines in {configuration_file()}."
    )


def _no_description(exc: BotoCoreError) -> S3LinkError:
    return ConfigurationError(
        f"botocore has no description of what s3link calls ({_plain(exc)}); correct AWS_DATA_PATH "
        f"and api_versions in {configuration_file()}, or install s3link again."
    )


def _proxy_settings(exc: BotoCoreError) -> S3LinkError:
    return ConfigurationError(
        "The certificates for the proxy cannot be read; correct proxy_ca_bundle and "
        f"proxy_client_cert in {configuration_file()}."
    )


def _no_md5(exc: BotoCoreError) -> S3LinkError:
    return ConfigurationError(
        "The Python that runs s3link has no MD5 (FIPS mode), which a setting asks for; correct "
        f"signature_version in {configuration_file()}."
    )


_SENTENCES: dict[type, Callable[[BotoCoreError], S3LinkError]] = {
    # Credentials
    botocore_errors.NoCredentialsError: _no_credentials,
    botocore_errors.PartialCredentialsError: _partial_credentials,
    botocore_errors.CredentialRetrievalError: _not_renewed,
    botocore_errors.TokenRetrievalError: _not_renewed,
    botocore_errors.NoAuthTokenError: _not_renewed,
    botocore_errors.MetadataRetrievalError: _not_renewed,
    botocore_errors.RefreshWithMFAUnsupportedError: _no_second_code,
    botocore_errors.SSOError: _not_renewed,
    botocore_errors.LoginError: _not_renewed,
    botocore_errors.LoginInsufficientPermissions: _no_rights_to_log_in,
    botocore_errors.MissingDependencyException: _no_crt,
    # The files and variables of the AWS tools
    botocore_errors.ProfileNotFound: _no_profile,
    botocore_errors.ConfigParseError: _broken_file,
    botocore_errors.ConfigNotFound: _broken_file,
    botocore_errors.InvalidConfigError: _written_wrongly,
    botocore_errors.InvalidRetryConfigurationError: _written_wrongly,
    botocore_errors.InvalidEndpointConfigurationError: _written_wrongly,
    botocore_errors.UnknownSignatureVersionError: _written_wrongly,
    botocore_errors.UnsupportedSignatureVersionError: _written_wrongly,
    botocore_errors.UnsupportedS3ConfigurationError: _written_wrongly,
    botocore_errors.InvalidIMDSEndpointError: _setting("ec2_metadata_service_endpoint", "endpoint"),
    botocore_errors.InvalidIMDSEndpointModeError: _setting(
        "ec2_metadata_service_endpoint_mode", "mode"
    ),
    botocore_errors.InvalidDefaultsMode: _setting("defaults_mode", "mode"),
    botocore_errors.InvalidRetryModeError: _setting("retry_mode", "provided_retry_mode"),
    botocore_errors.InvalidMaxRetryAttemptsError: _setting("max_attempts", "provided_max_attempts"),
    botocore_errors.InvalidChecksumConfigError: _setting("", "config_value"),
    botocore_errors.InvalidEndpointDiscoveryConfigurationError: _setting(
        "endpoint_discovery_enabled", "config_value"
    ),
    botocore_errors.InvalidSTSRegionalEndpointsConfigError: _setting(
        "sts_regional_endpoints", "sts_regional_endpoints_config"
    ),
    botocore_errors.InvalidS3UsEast1RegionalEndpointConfigError: _setting(
        "us_east_1_regional_endpoint", "s3_us_east_1_regional_endpoint_config"
    ),
    botocore_errors.InvalidS3AddressingStyleError: _setting(
        "addressing_style", "s3_addressing_style"
    ),
    botocore_errors.MD5UnavailableError: _no_md5,
    botocore_errors.InvalidProxiesConfigError: _proxy_settings,
    # What botocore knows of regions and services
    botocore_errors.NoRegionError: _no_region,
    botocore_errors.InvalidRegionError: _not_a_region,
    botocore_errors.UnknownRegionError: _not_a_region,
    botocore_errors.BaseEndpointResolverError: _no_endpoint,
    botocore_errors.EndpointProviderError: _no_endpoint,
    botocore_errors.ServiceNotInRegionError: _no_endpoint,
    botocore_errors.InvalidHostLabelError: _no_endpoint,
    botocore_errors.DataNotFoundError: _no_description,
    botocore_errors.ApiVersionNotFoundError: _no_description,
    **CONNECTION_SENTENCES,
}
