"""SES v1: mails are rendered and land in the mailbox, and their fate becomes events.

moto keeps what was sent unrendered, ignores the configuration set and takes missing variables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.ses import models, responses
from moto.ses import urls as moto_urls
from moto.ses.exceptions import (
    ConfigurationSetDoesNotExist,
    EventDestinationAlreadyExists,
    InvalidParameterValue,
    MessageRejectedError,
    TemplateDoesNotExist,
)
from moto.ses.utils import get_random_message_id, is_valid_address

from deploy.local.inbox.mailbox import MAILBOX
from deploy.local.ses import events
from deploy.local.ses.messages import Outgoing, RawMail, tags_of
from deploy.local.ses.rendering import RenderingError, render
from deploy.local.ses.send_rate import EXCEEDED, SEND_RATE, ThrottlingError

# An account that has left the sandbox starts with these; recipients need not be verified.
_DAILY_QUOTA = 50_000  # recipients
_LONGEST_ADDRESS = 320  # with its name
_RECIPIENT_LIMIT = 50  # per call and per message, SES's limit


class EventDestinationDoesNotExist(ServiceException):
    code = "EventDestinationDoesNotExist"


class SesBackend(models.SESBackend):
    """moto's SES, and what becomes of the mails."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # By configuration set, then by name; moto keeps only the last one of a set.
        self.destinations: dict[str, dict[str, Mapping[str, Any]]] = {}
        # What moto takes for verified has DKIM; on AWS only these do, and the addresses below them.
        self.dkim_domains: set[str] = set()

    @property
    def _url_module(self) -> Any:
        return _Urls

    def get_send_quota(self) -> Any:
        quota = super().get_send_quota()
        quota.max24_hour_send, quota.max_send_rate = _DAILY_QUOTA, SEND_RATE.max_send_rate
        return quota

    def get_identity_dkim_attributes(self, identities: list[str]) -> dict[str, dict[str, Any]]:
        """The records that DKIM needs are in DNS here as soon as it is set up for a domain."""
        found: dict[str, dict[str, Any]] = super().get_identity_dkim_attributes(identities)
        for name, attributes in found.items():
            if name not in self.dkim_domains:
                attributes["DkimVerificationStatus"] = "NotStarted"
                attributes.pop("DkimTokens", None)
            if "@" in name:
                attributes["DkimEnabled"] = name.rpartition("@")[2].lower() in self.dkim_domains
        return found

    def set_identity_mail_from_domain(
        self,
        identity: str,
        mail_from_domain: str | None = None,
        behavior_on_mx_failure: str | None = None,
    ) -> None:
        """moto forgets what happens without an MX record where nobody has said it."""
        super().set_identity_mail_from_domain(
            identity, mail_from_domain, behavior_on_mx_failure or "UseDefaultValue"
        )

    def delete_identity(self, identity: str) -> None:
        super().delete_identity(identity)
        self.dkim_domains.discard(identity)
        self.identity_mail_from_domains.pop(identity, None)

    def create_configuration_set_event_destination(
        self, configuration_set_name: str, event_destination: Mapping[str, Any]
    ) -> None:
        self.check_configuration_set(configuration_set_name)
        destinations = self.destinations.setdefault(configuration_set_name, {})
        name = event_destination["Name"]
        if name in destinations:
            raise EventDestinationAlreadyExists(
                f"Event destination <{name}> already exists for configuration set "
                f"<{configuration_set_name}>."
            )
        events.check_destination(self, configuration_set_name, event_destination)
        destinations[name] = event_destination

    def delete_event_destination(self, configuration_set_name: str, name: str) -> None:
        self.check_configuration_set(configuration_set_name)
        if name not in self.destinations.get(configuration_set_name, {}):
            raise EventDestinationDoesNotExist(
                f"Event destination <{name}> does not exist for configuration set "
                f"<{configuration_set_name}>."
            )
        del self.destinations[configuration_set_name][name]

    def delete_configuration_set(self, configuration_set_name: str) -> None:
        self.check_configuration_set(configuration_set_name)
        super().delete_configuration_set(configuration_set_name)
        self.destinations.pop(configuration_set_name, None)

    def check_configuration_set(self, name: str | None) -> None:
        if name and name not in self.config_sets:
            raise ConfigurationSetDoesNotExist(f"Configuration set <{name}> does not exist.")

    def check_template(self, name: str) -> Mapping[str, str]:
        if name not in self.templates:
            raise TemplateDoesNotExist(f"Template {name} does not exist")
        template: Mapping[str, str] = self.templates[name]
        return template

    def check_sender(self, source: str) -> None:
        if len(source) > _LONGEST_ADDRESS:
            raise InvalidParameterValue(
                f"Address length is more than {_LONGEST_ADDRESS} characters long: '{source}'"
            )
        if not self._is_verified_address(source):
            self.rejected_messages_count += 1
            raise MessageRejectedError(
                "Email address is not verified. The following identities failed the check in "
                f"region {self.region_name.upper()}: {source}"
            )

    def deliver(self, outgoing: Outgoing, subject: str, text: str, html: str) -> None:
        """Put the mail into the mailbox unless its address simulates a fate; tell what happened."""
        self.sent_message_count += len(outgoing.recipients)
        events.publish_send(self, outgoing, subject)
        delivered = [
            address
            for address in outgoing.recipients
            if not events.publish_simulated(self, outgoing, subject, address)
        ]
        if delivered:
            MAILBOX.deliver(outgoing.source, delivered, subject, text, html, outgoing.reply_to)
            events.publish_delivery(self, outgoing, subject, delivered)
            events.publish_automatic_answers(self, outgoing, subject, delivered)

    def deliver_template(self, outgoing: Outgoing, template_name: str, *data: str) -> None:
        """Render and deliver. What cannot be rendered never leaves; only an event tells of it."""
        template = self.check_template(template_name)
        try:
            mail = render(template, *data)
        except RenderingError as exc:
            events.publish_rendering_failure(self, outgoing, template_name, str(exc))
            return
        self.deliver(outgoing, mail.subject, mail.text, mail.html)


class SesResponse(responses.EmailResponse):
    """moto's SES API, with the calls that send."""

    def send_email(self) -> ActionResult:
        outgoing = self._single(self._destination())
        message = self._get_param("Message")
        body = message.get("Body", {})
        self.backend.deliver(
            outgoing,
            message["Subject"]["Data"],
            body.get("Text", {}).get("Data", ""),
            body.get("Html", {}).get("Data", ""),
        )
        return ActionResult({"MessageId": outgoing.message_id})

    def send_raw_email(self) -> ActionResult:
        raw = RawMail.read(self._get_param("RawMessage.Data"))
        recipients = self._get_param("Destinations") or raw.recipients
        outgoing = self._single(recipients, self._get_param("Source") or raw.sender)
        outgoing = replace(outgoing, reply_to=raw.reply_to)
        self.backend.deliver(outgoing, raw.subject, raw.text, raw.html)
        return ActionResult({"MessageId": outgoing.message_id})

    def send_templated_email(self) -> ActionResult:
        outgoing = self._single(self._destination())
        template = self._get_param("Template")
        self.backend.deliver_template(outgoing, template, self._get_param("TemplateData"))
        return ActionResult({"MessageId": outgoing.message_id})

    def send_bulk_templated_email(self) -> ActionResult:
        entries = self._get_param("Destinations", [])
        total = sum(len(_addresses(entry.get("Destination", {}))) for entry in entries)
        if len(entries) > _RECIPIENT_LIMIT or total > _RECIPIENT_LIMIT:
            raise MessageRejectedError("Too many destinations.")
        # These fail the whole call, before the first mail.
        self._outgoing([], tags=tags_of(self._get_param("DefaultTags")))
        template = self._get_param("Template")
        self.backend.check_template(template)
        default = self._get_param("DefaultTemplateData", "{}")
        return ActionResult({"Status": [self._send_one(e, template, default) for e in entries]})

    def _send_one(self, entry: Mapping[str, Any], template: str, default: str) -> dict[str, str]:
        try:
            tags = tags_of(self._get_param("DefaultTags"), entry.get("ReplacementTags"))
            outgoing = self._outgoing(_addresses(entry.get("Destination", {})), tags=tags)
        except InvalidParameterValue as exc:
            return {"Status": "InvalidParameterValue", "Error": str(exc.message)}
        if not SEND_RATE.allows(len(outgoing.recipients)):
            return {"Status": "AccountThrottled", "Error": EXCEEDED}
        data = entry.get("ReplacementTemplateData", "{}")
        self.backend.deliver_template(outgoing, template, default, data)
        return {"Status": "Success", "MessageId": outgoing.message_id}

    def verify_domain_dkim(self) -> ActionResult:
        self.backend.dkim_domains.add(self._get_param("Domain").lower())
        return super().verify_domain_dkim()

    def describe_configuration_set(self) -> ActionResult:
        name = self._get_param("ConfigurationSetName")
        self.backend.check_configuration_set(name)
        answer: dict[str, Any] = {"ConfigurationSet": {"Name": name}}
        configuration_set = self.backend.config_sets[name]
        wanted = self._get_param("ConfigurationSetAttributeNames", [])
        if "eventDestinations" in wanted:
            answer["EventDestinations"] = list(self.backend.destinations.get(name, {}).values())
        if "deliveryOptions" in wanted:
            # REQUIRE in templates and in version 2 of the API, Require here
            answer["DeliveryOptions"] = {
                name: str(value).capitalize()
                for name, value in configuration_set.delivery_options.items()
            }
        if "reputationOptions" in wanted:
            answer["ReputationOptions"] = configuration_set.reputation_options
        return ActionResult(answer)

    def delete_configuration_set_event_destination(self) -> ActionResult:
        self.backend.delete_event_destination(
            self._get_param("ConfigurationSetName"), self._get_param("EventDestinationName")
        )
        return EmptyResult()

    def _destination(self) -> list[str]:
        return _addresses(self._get_param("Destination", {}))

    def _single(self, recipients: Sequence[str], source: str | None = None) -> Outgoing:
        """The mail of a call that sends one."""
        outgoing = self._outgoing(recipients, source, tags_of(self._get_param("Tags")))
        if not SEND_RATE.allows(len(recipients)):
            raise ThrottlingError
        return outgoing

    def _outgoing(
        self,
        recipients: Sequence[str],
        source: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Outgoing:
        """A mail that may be sent. Raises what SES answers when it may not."""
        sender = source or self._get_param("Source")
        if len(recipients) > _RECIPIENT_LIMIT:
            raise MessageRejectedError("Too many recipients.")
        configuration_set = self._get_param("ConfigurationSetName")
        self.backend.check_configuration_set(configuration_set)
        self.backend.check_sender(sender)
        for address in recipients:
            problem = is_valid_address(address)
            if problem:
                raise InvalidParameterValue(problem)
        return Outgoing(
            get_random_message_id(),
            sender,
            tuple(recipients),
            configuration_set or None,
            tags or {},
            tuple(self._get_param("ReplyToAddresses", [])),
        )


class _Urls:
    """Where moto finds a service's routes."""

    url_bases = moto_urls.url_bases
    url_paths: Mapping[str, Any] = {"{0}/$": SesResponse.dispatch}


def _addresses(destination: Mapping[str, Sequence[str]]) -> list[str]:
    kinds = ("ToAddresses", "CcAddresses", "BccAddresses")
    return [address for kind in kinds for address in destination.get(kind, [])]
