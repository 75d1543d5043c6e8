"""What an operator of the generator stack can type, and what happens without typing."""

from __future__ import annotations

import pytest
from files.expiry import DIRECT_LINK_LIMIT

from deploy.stacks.templates import load_template
from tests.templates.reading import GENERATOR

KEYS = "arn:aws:kms:eu-west-1:123456789012:key/"


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("ExchangableObjectsTTL", 1),
        ("LinkExpirationPeriod", 18_000),
        ("DeadLetterQueueAlarmTreshold", 5),
        ("DeploymentName", "s3link"),
        ("AuthorizedRecipients", ""),
        ("AuthorizedSenders", ""),
        ("FileExchangeBucketName", ""),
    ],
)
def test_defaults(name: str, default: object) -> None:
    """The defaults of the original design stay."""
    assert GENERATOR.parameters[name]["Default"] == default


def test_longest_derived_bucket_name_is_a_bucket_name() -> None:
    """The longest deployment name, any account and the longest region's name fit together."""
    longest_region = "ap-southeast-1"
    longest = GENERATOR.parameters["DeploymentName"]["MaxLength"]

    assert longest + len("-123456789012-") + len(longest_region) <= 63


def test_a_link_may_be_asked_for_as_long_as_one_can_hold() -> None:
    """The template takes what LinkGenerator can keep, and no second more."""
    longest = GENERATOR.parameters["LinkExpirationPeriod"]["MaxValue"]

    assert longest == DIRECT_LINK_LIMIT.total_seconds()


@pytest.mark.parametrize(
    ("name", "value", "is_taken"),
    [
        ("FileKeyArns", "", True),
        ("FileKeyArns", f"{KEYS}1234abcd-12ab-34cd-56ef-1234567890ab", True),
        ("FileKeyArns", f"{KEYS}mrk-1234abcd12ab34cd56ef1234567890ab,{KEYS}1234", True),
        ("FileKeyArns", "arn:aws-cn:kms:cn-north-1:123456789012:key/1234", True),
        ("FileKeyArns", "arn:aws:kms:eu-west-1:123456789012:alias/files", False),
        ("FileKeyArns", f"{KEYS}*", False),
        ("FileKeyArns", "*", False),
        ("FileKeyArns", "1234abcd-12ab-34cd-56ef-1234567890ab", False),
        ("PermissionsBoundaryArn", "", True),
        ("PermissionsBoundaryArn", "arn:aws:iam::123456789012:policy/team/boundary", True),
        ("PermissionsBoundaryArn", "arn:aws-us-gov:iam::aws:policy/PowerUserAccess", True),
        ("PermissionsBoundaryArn", "arn:aws:iam::123456789012:role/boundary", False),
        ("PermissionsBoundaryArn", "boundary", False),
        ("EmailSender", "files@example.com", True),
        ("EmailSender", "r&d.o'neill+files_1@mail.example-1.co.uk", True),
        ("EmailSender", "files@xn--bcher-kva.example", True),
        ("EmailSender", "files@bücher.example", False),
        ("EmailSender", "fïles@example.com", False),
        ("EmailSender", "Files <files@example.com>", False),
        ("EmailSender", "a@example.com,b@example.com", False),
        ("EmailSender", "files@localhost", False),
        ("EmailSender", "files@example..com", False),
        ("EmailSender", "files@.example.com", False),
        ("EmailSender", "files@example.com.", False),
        ("EmailSender", "example.com", False),
        ("EmailSender", "", False),
        ("EmailRecipient", "bob@example.com", True),
        ("EmailRecipient", "bob@example.com, carol@example.com", True),
        ("EmailRecipient", "bob@example.com;carol@example.com", False),
        ("EmailRecipient", "bob@example.com,", False),
        ("EmailRecipient", "@example.com", False),
        ("EmailRecipient", "bob@example.com,carol@example..com", False),
        ("AuthorizedRecipients", "", True),
        ("AuthorizedRecipients", "@example.com", True),
        ("AuthorizedRecipients", "bob@example.com,@example.org", True),
        ("AuthorizedRecipients", "example.com", False),
        ("AuthorizedRecipients", "@example..com", False),
        ("AuthorizedRecipients", "*@example.com", False),
        ("AuthorizedSenders", "", True),
        ("AuthorizedSenders", "ann@example.com,@example.org", True),
        ("AuthorizedSenders", "Ann <ann@example.com>", False),
        ("AuthorizedSenders", "*@example.com", False),
        ("FileExchangeBucketName", "", True),
        ("FileExchangeBucketName", "example-com-files", True),
        ("FileExchangeBucketName", "ab", False),
        ("FileExchangeBucketName", "Example", False),
        ("FileExchangeBucketName", "example.com", False),
        ("FileExchangeBucketName", "-files", False),
        ("FileExchangeBucketName", "f" * 64, False),
        ("FileExchangeBucketName", "sthreefiles", True),
        ("FileExchangeBucketName", "my-xn--files", True),
        ("FileExchangeBucketName", "files-s3", True),
        ("FileExchangeBucketName", "xn--files", False),
        ("FileExchangeBucketName", "sthree-files", False),
        ("FileExchangeBucketName", "sthree-configurator-files", False),
        ("FileExchangeBucketName", "amzn-s3-demo-files", False),
        ("FileExchangeBucketName", "files-s3alias", False),
        ("FileExchangeBucketName", "files--ol-s3", False),
        ("FileExchangeBucketName", "files.mrap", False),
        ("FileExchangeBucketName", "files--x-s3", False),
        ("FileExchangeBucketName", "files--table-s3", False),
        ("ExchangableObjectsTTL", "1", True),
        ("ExchangableObjectsTTL", "0", False),
        ("ExchangableObjectsTTL", "a day", False),
        ("LinkExpirationPeriod", "21600", True),
        ("LinkExpirationPeriod", "21601", False),
        ("LinkExpirationPeriod", "-1", False),
        ("LogsTTL", "90", True),
        ("LogsTTL", "91", False),
        ("Dashboard", "true", True),
        ("Dashboard", "yes", False),
        ("DeploymentName", "s3link-test", True),
        ("DeploymentName", "s3link-", False),
        ("DeploymentName", "S3link", False),
        ("DeploymentName", "sthreefiles", True),
        ("DeploymentName", "sthree", False),
        ("DeploymentName", "sthree-files", False),
        ("DeploymentName", "amzn-s3-demo", False),
        ("DeploymentName", "xn--files", False),
    ],
)
def test_what_can_be_typed(name: str, value: str, is_taken: bool) -> None:
    """The bounds take what works on AWS, and answer the rest with the template's sentence."""
    parameter = load_template(GENERATOR.path.name).parameters[name]

    problem = parameter.problem(value)

    sentence = " ".join(GENERATOR.parameters[name]["ConstraintDescription"].split()).rstrip(".")
    assert problem == (None if is_taken else sentence)
