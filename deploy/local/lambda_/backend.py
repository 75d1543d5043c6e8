"""Lambda's account: how many functions may run at once, and what may be reserved of that.

moto sets no limit, and tells none.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.awslambda import models, responses
from moto.awslambda import urls as moto_urls
from moto.awslambda.exceptions import InvalidParameterValueException

# An account's default limit; new ones may have 10.
CONCURRENT_EXECUTIONS = 1000
# What Lambda leaves to functions that have reserved nothing.
LEAST_UNRESERVED = 100


class LambdaBackend(models.LambdaBackend):
    """moto's Lambda in an account with a limit."""

    limit = CONCURRENT_EXECUTIONS

    @property
    def _url_module(self) -> Any:
        return _Urls

    def put_function_concurrency(self, function_name: str, reserved_concurrency: str) -> str:
        name = self.get_function(function_name).function_name
        if self.unreserved(but_for=name) - int(reserved_concurrency) < LEAST_UNRESERVED:
            raise InvalidParameterValueException(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{LEAST_UNRESERVED}]."
            )
        return str(super().put_function_concurrency(function_name, reserved_concurrency))

    def unreserved(self, but_for: str = "") -> int:
        """What is left of the limit; the function of this name as if it had reserved nothing."""
        reserved = {one.function_name: one.reserved_concurrency for one in self.list_functions()}
        return self.limit - sum(
            int(count) for name, count in reserved.items() if count and name != but_for
        )


class LambdaResponse(responses.LambdaResponse):
    """moto's Lambda API, and the account's settings."""

    def get_account_settings(self) -> tuple[int, dict[str, str], str]:
        backend: Any = self.backend
        settings = {
            "AccountLimit": {
                "ConcurrentExecutions": backend.limit,
                "UnreservedConcurrentExecutions": backend.unreserved(),
            },
            "AccountUsage": {"FunctionCount": len(list(backend.list_functions()))},
        }
        return 200, {}, json.dumps(settings)


class _Urls:
    """Where moto finds a service's routes."""

    url_bases = moto_urls.url_bases
    url_paths: Mapping[str, Any] = {
        **dict.fromkeys(moto_urls.url_paths, LambdaResponse.dispatch),
        r"{0}/(?P<api_version>[^/]+)/account-settings/?$": LambdaResponse.dispatch,
    }
