"""The sentence for each error of botocore on the way to AWS and back.

None shows a user or password, which addresses of proxies may have.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError

from deploy.aws.masking import without_user
from deploy.errors import AccessError, ConfigurationError, ConnectionFailedError, S3LinkError

NO_CONNECTION = (
    botocore_errors.ConnectTimeoutError,
    botocore_errors.ConnectionClosedError,
    botocore_errors.EndpointConnectionError,
    botocore_errors.ProxyConnectionError,
    botocore_errors.ReadTimeoutError,
)
# What OpenSSL says of an answer in plain HTTP, by its version.
_NO_TLS = re.compile("WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|HTTP_REQUEST|UNKNOWN_PROTOCOL")


def configuration_file() -> str:
    """The path of the AWS configuration file, as the environment has it."""
    return os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config"


def _connection(exc: BotoCoreError) -> S3LinkError:
    return ConnectionFailedError(
        f"AWS could not be reached at {_endpoint(exc)}; check the network, the proxy, --region "
        "and --endpoint-url."
    )


def _endpoint(exc: BotoCoreError) -> str:
    proxy, endpoint = exc.kwargs.get("proxy_url"), exc.kwargs.get("endpoint_url")
    return f"the proxy {without_user(proxy)}" if proxy else without_user(str(endpoint or "all"))


def _tls(exc: BotoCoreError) -> S3LinkError:
    if _NO_TLS.search(str(exc)):
        return ConnectionFailedError(
            f"{_endpoint(exc)} does not speak TLS; use http:// in its place, if it is yours."
        )
    return ConnectionFailedError(
        f"The certificate of {_endpoint(exc)} is not trusted here; if a proxy opens TLS "
        "connections, name its certificates in AWS_CA_BUNDLE."
    )


def _not_sent(exc: BotoCoreError) -> S3LinkError:
    """For whatever else the HTTP library raises; it quotes headers and addresses, we do not."""
    cause = exc.kwargs.get("error")
    if "Invalid header value" in str(cause):
        return AccessError(
            "A key or token of the AWS credentials has a line end or another character that "
            "cannot be sent; set it again without, for example with `aws configure`."
        )
    if isinstance(cause, OSError) and "certificate" in str(cause):
        return ConfigurationError(
            "The CA bundle cannot be read; correct AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, or "
            f"ca_bundle in {configuration_file()}."
        )
    return ConnectionFailedError(
        f"A request to AWS could not be sent or its answer not be read ({type(cause).__name__}); "
        "check the network and HTTPS_PROXY, then repeat the command."
    )


def _damaged(exc: BotoCoreError) -> S3LinkError:
    return ConnectionFailedError(
        f"What was sent or received did not arrive whole ({type(exc).__name__}); check the "
        "network and the proxy, then repeat the command."
    )


def _not_aws(exc: BotoCoreError) -> S3LinkError:
    return ConnectionFailedError(
        "The endpoint did not answer as AWS does; check --endpoint-url and the proxy."
    )


def _busy(exc: BotoCoreError) -> S3LinkError:
    return ConnectionFailedError(
        "AWS asks to slow down, and all tries are used up; wait a minute and repeat the command."
    )


CONNECTION_SENTENCES: dict[type, Callable[[BotoCoreError], S3LinkError]] = {
    botocore_errors.SSLError: _tls,
    **dict.fromkeys(NO_CONNECTION, _connection),
    botocore_errors.ConnectionError: _not_sent,
    botocore_errors.HTTPClientError: _not_sent,
    botocore_errors.ResponseStreamingError: _damaged,
    botocore_errors.IncompleteReadError: _damaged,
    botocore_errors.ChecksumError: _damaged,
    botocore_errors.FlexibleChecksumError: _damaged,
    botocore_errors.CapacityNotAvailableError: _busy,
    botocore_errors.PaginationError: _not_aws,
}
