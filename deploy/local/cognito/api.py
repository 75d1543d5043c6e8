"""The API of user pools: moto's, with the calls that moto lacks or answers unlike Cognito."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cognitoidp import responses
from moto.cognitoidp import urls as moto_urls
from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import cognitoidp_backends, find_account_region_by_value
from moto.core.responses import ActionResult, EmptyResult

from deploy.local.cognito import domains, people
from deploy.local.cognito.pools import UserPool


class CognitoResponse(responses.CognitoIdpResponse):
    """moto's API of user pools, and what it lacks of it."""

    def update_user_pool(self) -> ActionResult:
        super().update_user_pool()
        return EmptyResult()

    def create_user_pool_domain(self) -> ActionResult:
        prefix = self._get_param("Domain")
        domains.check_domain(prefix, self._pool(), self.backend.user_pool_domains)
        answer = super().create_user_pool_domain()
        self._set_managed_login_version(prefix)
        return answer

    def update_user_pool_domain(self) -> ActionResult:
        answer = super().update_user_pool_domain()
        self._set_managed_login_version(self._get_param("Domain"))
        return answer

    def describe_user_pool_domain(self) -> ActionResult:
        domain = self.backend.describe_user_pool_domain(self._get_param("Domain"))
        if domain is None:
            return ActionResult({"DomainDescription": {}})
        described = {
            **domain.to_json(),
            "AWSAccountId": self.current_account,
            "ManagedLoginVersion": domain.managed_login_version,
        }
        return ActionResult({"DomainDescription": described})

    def create_managed_login_branding(self) -> ActionResult:
        branding = domains.create_branding(self._pool(), self.parameters)
        return ActionResult({"ManagedLoginBranding": branding})

    def update_managed_login_branding(self) -> ActionResult:
        branding = self._branding()[1]
        given = self._get_param("UseCognitoProvidedValues", False)
        branding["UseCognitoProvidedValues"] = given
        return ActionResult({"ManagedLoginBranding": branding})

    def describe_managed_login_branding(self) -> ActionResult:
        return ActionResult({"ManagedLoginBranding": self._branding()[1]})

    def describe_managed_login_branding_by_client(self) -> ActionResult:
        branding = self._pool().brandings.get(self._get_param("ClientId"))
        if branding is None:
            raise ResourceNotFoundError("Managed login branding does not exist.")
        return ActionResult({"ManagedLoginBranding": branding})

    def delete_managed_login_branding(self) -> ActionResult:
        del self._pool().brandings[self._branding()[0]]
        return EmptyResult()

    def update_resource_server(self) -> ActionResult:
        server = self.backend.describe_resource_server(
            self._get_param("UserPoolId"), self._get_param("Identifier")
        )
        server.name, server.scopes = self._get_param("Name"), self._get_param("Scopes", [])
        return ActionResult({"ResourceServer": server.to_json()})

    def delete_resource_server(self) -> ActionResult:
        identifier = self._get_param("Identifier")
        self.backend.describe_resource_server(self._get_param("UserPoolId"), identifier)
        del self._pool().resource_servers[identifier]
        return EmptyResult()

    def admin_create_user(self) -> ActionResult:
        pool, name = self._pool(), self._get_param("Username")
        password, action = self._get_param("TemporaryPassword"), self._get_param("MessageAction")
        if password:
            people.check_password(pool, password)
        if action == "RESEND":  # moto makes a second user
            user = self.backend.admin_get_user(pool.id, name)
            people.check_invited(user)
        else:
            attributes = self._get_param("UserAttributes", [])
            user = self.backend.admin_create_user(pool.id, name, action, password, attributes)
        # Without a medium Cognito sends a text message, which nobody here has a number for.
        by_mail = "EMAIL" in self._get_param("DesiredDeliveryMediums", [])
        people.invite(pool, user, name, password, by_mail and action != "SUPPRESS")
        return ActionResult({"User": user.to_json(extended=True)})

    def forgot_password(self) -> ActionResult:
        answer = super().forgot_password()
        self.response_headers.pop("x-moto-forgot-password-confirmation-code")
        return answer

    def global_sign_out(self) -> ActionResult:
        token = self._get_param("AccessToken")
        # Who calls it has no keys, and so no region for moto.
        finder = self._get_region_agnostic_backend()
        finder._find_backend_by_access_token(token).global_sign_out(token)
        return EmptyResult()

    def revoke_token(self) -> ActionResult:
        client_id = self._get_param("ClientId")
        account, region = find_account_region_by_value(
            "client_id", client_id, (self.current_account, self.region)
        )
        pool = cognitoidp_backends[account][region].pool_of_client(client_id)
        pool.revoke(self._get_param("Token"), client_id)
        return EmptyResult()

    def _pool(self) -> UserPool:
        pool: UserPool = self.backend.describe_user_pool(self._get_param("UserPoolId"))
        return pool

    def _branding(self) -> tuple[str, dict[str, Any]]:
        return domains.find_branding(self._pool(), self._get_param("ManagedLoginBrandingId"))

    def _set_managed_login_version(self, prefix: str) -> None:
        domain: Any = self.backend.user_pool_domains[prefix]
        domain.managed_login_version = self._get_param("ManagedLoginVersion") or 1


class Urls:
    """Where moto finds a service's routes. The issuer is the login server, not this one."""

    url_bases = moto_urls.url_bases
    url_paths: Mapping[str, Any] = {"{0}/$": CognitoResponse.dispatch}
