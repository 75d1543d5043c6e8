"""`s3link doctor` as its user sees it, and the checks that are not about SES."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.stub import Stubber

from deploy.aws.clients import Clients
from deploy.deployment import Deployment
from deploy.doctor.checks import require_no_errors, run_checks
from deploy.doctor.findings import Finding
from deploy.errors import CheckError
from tests.deploy.operator import Operator
from tests.deploy.scripted import Clock, ScriptedCloudFormation

GIVEN = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
}
DENIED = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ses:GetSendQuota"
BUCKET = "s3link-123456789012-eu-west-1"


@pytest.fixture
def clients(embedded_clients: Clients) -> Clients:
    return embedded_clients


@pytest.fixture
def operator(embedded_operator: Operator) -> Operator:
    return embedded_operator


def deployment(**parameters: str) -> Deployment:
    return Deployment("s3link", "123456789012", "eu-west-1", {**GIVEN, **parameters})


def found(clients: Clients, check: str, **parameters: str) -> list[Finding]:
    findings = run_checks(clients, deployment(**parameters))
    return [finding for finding in findings if finding.check == check]


def ses_answers(clients: Clients, code: str, message: str, status: int) -> None:
    """Whatever it is asked, and however many ask it at once."""
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    clients.ses.meta.events.register(
        "before-call.ses", lambda **_: (SimpleNamespace(status_code=status), answer)
    )


def test_all_is_well(operator: Operator) -> None:
    """Each check says in a sentence what it saw; exit code 0 lets a script go on."""
    ran = operator.s3link("doctor")

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines()[:5] == [
        "RESULT\tCHECK\tFINDING",
        "ok\tcredentials\tWorking as arn:aws:sts::123456789012:user/moto in account "
        "123456789012, region eu-west-1.",
        "ok\tparameters\tEvery parameter has a value.",
        "ok\trecipients\tEmailRecipient may get links.",
        "ok\tregion\tSES answers in eu-west-1.",
    ]
    assert f"The bucket name {BUCKET} is free." in ran.stdout
    assert "Stack s3link-generator is not deployed yet." in ran.stdout


def test_what_stands_in_the_way_comes_with_its_fix(operator: Operator) -> None:
    """The fix is a line to type, and the exit code stops a script."""
    ran = operator.s3link("doctor --set EmailSender=links@example.org")

    assert ran.exit_code == 1
    assert (
        "FIX\tsender\tlinks@example.org is not verified in eu-west-1: SES sends no mail from "
        "it. → Run `s3link doctor --verify links@example.org` and click the link it gets.\n"
    ) in ran.stdout
    assert ran.error == (
        "Doctor found what stands in the way of a deployment (1); put right what is marked FIX "
        "and run it again."
    )


@pytest.mark.parametrize("options", ["--verify links@example.org", "--yes"])
def test_doctor_starts_the_verification(operator: Operator, clients: Clients, options: str) -> None:
    """With --verify, or with consent to the question; SES then mails a link to the address."""
    ran = operator.s3link(f"doctor --set EmailSender=links@example.org {options}")

    assert "SES sends a mail to links@example.org: click its link.\n" in ran.stderr
    assert "links@example.org" in clients.ses.list_identities()["Identities"]


def test_off_a_terminal_nothing_is_asked(operator: Operator, clients: Clients) -> None:
    """A script that waits for an answer would wait for ever."""
    ran = operator.s3link("doctor --set EmailSender=links@example.org", answers="y\n")

    assert "now?" not in ran.stderr
    assert clients.ses.list_identities()["Identities"] == ["example.com"]


def test_doctor_speaks_json(operator: Operator) -> None:
    """Also when it fails: a program wants the findings most then."""
    ran = operator.s3link("doctor --output json --set EmailSender=links@example.org")

    [sender] = [finding for finding in ran.document["findings"] if finding["check"] == "sender"]
    assert ran.exit_code == 1
    assert sender == {
        "check": "sender",
        "level": "error",
        "sentence": "links@example.org is not verified in eu-west-1: SES sends no mail from it.",
        "fix": "Run `s3link doctor --verify links@example.org` and click the link it gets.",
    }


def test_a_missing_parameter_is_named(clients: Clients) -> None:
    """The ones without a default must come from somewhere."""
    nothing = Deployment("s3link-test", "123456789012", "eu-west-1", {})

    findings = [
        finding for finding in run_checks(clients, nothing) if finding.check == "parameters"
    ]

    assert findings == [
        Finding(
            "parameters",
            "error",
            f"{name} has no value.",
            f"Run `s3link init --name s3link-test`, or add --set {name}=…",
        )
        for name in ("AdminAlarmEMail", "EmailSender", "EmailRecipient")
    ]


def test_a_deployed_value_counts(clients: Clients) -> None:
    """An update keeps what is not given, so nothing is missing then."""
    clients.cloudformation.create_stack(
        StackName="s3link-sender",
        TemplateBody='{"Parameters": {"AdminAlarmEMail": {"Type": "String"}}, '
        '"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}',
        Parameters=[{"ParameterKey": "AdminAlarmEMail", "ParameterValue": "admin@example.com"}],
    )
    given = {name: value for name, value in GIVEN.items() if name != "AdminAlarmEMail"}

    findings = run_checks(clients, Deployment("s3link", "123456789012", "eu-west-1", given))

    assert Finding("parameters", "ok", "Every parameter has a value.") in findings


def test_the_usual_recipients_must_be_authorized(clients: Clients) -> None:
    """Otherwise every upload without metadata would be refused as a whole."""
    findings = found(
        clients,
        "recipients",
        EmailRecipient="bob@example.com, eve@example.com",
        AuthorizedRecipients="Bob@Example.com,@example.org",
    )

    assert findings == [
        Finding(
            "recipients",
            "error",
            "eve@example.com is in EmailRecipient but not on AuthorizedRecipients, so no file "
            "would be announced to it.",
            "Add the address, or its @domain, to AuthorizedRecipients.",
        )
    ]


def test_an_address_that_link_generator_refuses_is_found(clients: Clients) -> None:
    """The template's pattern is short and lets some through; the function would not start."""
    [finding] = found(clients, "recipients", EmailRecipient="bob..smith@example.com")

    assert finding.level == "error"
    assert '"bob..smith@example.com", which is not an address' in finding.sentence


def test_so_is_a_sender_that_it_refuses(clients: Clients) -> None:
    """Of those who may be named; LinkGenerator would not start, nor would the portal."""
    [finding] = found(clients, "recipients", AuthorizedSenders="@example.com,ann..x@example.com")

    assert finding.level == "error"
    assert finding.sentence.startswith('AuthorizedSenders has "ann..x@example.com", which is not')


@pytest.mark.parametrize(
    ("days", "seconds", "sentence"),
    [
        (1, 18_000, "Links work for 18,000 seconds; files stay for 86,400 or longer."),
        (
            1,
            90_000,
            "Links would work for 90,000 seconds, but files are removed after 86,400.",
        ),
        (
            7,
            21_601,
            "Links would have to work for 21,601 seconds, and direct ones do so for at most "
            "21,600 (6 hours).",
        ),
    ],
)
def test_links_end_before_files_and_sessions_do(
    clients: Clients, days: int, seconds: int, sentence: str
) -> None:
    """A link never outlives its file, nor the session that signed it."""
    [finding] = found(
        clients,
        "expiry",
        ExchangableObjectsTTL=str(days),
        LinkExpirationPeriod=str(seconds),
    )

    assert finding.sentence == sentence
    assert (finding.level == "ok") == (seconds == 18_000)


PORTAL = frozenset({"portal"})


def found_with_portal(clients: Clients, check: str, **parameters: str) -> list[Finding]:
    findings = run_checks(clients, replace(deployment(**parameters), optional_kinds=PORTAL))
    return [finding for finding in findings if finding.check == check]


def test_links_of_the_portal_work_for_as_long_as_their_file(clients: Clients) -> None:
    """So a period of direct links concerns nobody, and whoever sets one is told."""
    assert found_with_portal(clients, "expiry", ExchangableObjectsTTL="7") == [
        Finding("expiry", "ok", "Links of the portal work for as long as their file: 7 days.")
    ]
    assert found_with_portal(clients, "expiry", LinkExpirationPeriod="3600") == [
        Finding(
            "expiry",
            "warning",
            "LinkExpirationPeriod concerns direct links only: those of the portal work for as long "
            "as their file stays, which is 1 day.",
            "Leave LinkExpirationPeriod out; ExchangableObjectsTTL says how long files stay.",
        )
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Europe/Berlin", None),
        (
            "Europe/Berlim",
            'There is no time zone "Europe/Berlim", so mails would tell times in UTC only. Did you '
            "mean Europe/Berlin?",
        ),
    ],
)
def test_a_time_zone_that_is_none(clients: Clients, name: str, said: str | None) -> None:
    """Lambda would say nothing of it."""
    found = run_checks(clients, deployment(TimeZone=name))

    assert [one.sentence for one in found if one.check == "time zone"] == ([said] if said else [])


def test_where_links_to_s3_end(clients: Clients) -> None:
    """Whoever has long keys learns of the way out before the first mail; with it, there is
    nothing to say."""
    [finding] = found(clients, "links")

    assert (finding.level, finding.sentence) == (
        "ok",
        "Links to S3 have 1,300 to 1,900 characters, and some mail programs cut links after 2,048: "
        "long names are shortened in them, long keys cannot be. Those of a portal (--with portal) "
        "have about 100.",
    )
    assert found_with_portal(clients, "links") == []


def test_what_is_said_of_a_portal_needs_one(clients: Clients) -> None:
    """Whoever limits downloads would believe them limited; with the portal, they are."""
    assert found(clients, "parameters", MaxDownloads="1") == [
        Finding(
            "parameters",
            "error",
            "MaxDownloads is a parameter of the portal, and the deployment has none: it needs "
            "--with portal.",
            'Add that, or with = ["portal"] to s3link.toml, or remove MaxDownloads.',
        )
    ]
    assert found_with_portal(clients, "parameters", MaxDownloads="1") == [
        Finding("parameters", "ok", "Every parameter has a value.")
    ]


@pytest.mark.parametrize(
    ("given", "level", "sentence"),
    [
        ({}, "ok", "A link may be used any number of times."),
        (
            {"MaxDownloads": "1"},
            "ok",
            "A link may be used for 1 download, each of which may be tried again for 600 seconds.",
        ),
        (
            {"MaxDownloads": "2", "DownloadGracePeriod": "1"},
            "ok",
            "A link may be used for 2 downloads, each of which may be tried again for 1 second.",
        ),
        (
            {"DownloadGracePeriod": "0"},
            "warning",
            "A download that breaks off is counted, and cannot be tried again where none is left.",
        ),
    ],
)
def test_a_line_that_breaks_must_not_cost_the_file(
    clients: Clients, given: dict[str, str], level: str, sentence: str
) -> None:
    """One-time and no second try is a lost file; where nothing is counted, nothing is said."""
    [finding] = found_with_portal(clients, "downloads", **given)

    assert (finding.level, finding.sentence) == (level, sentence)
    assert found(clients, "downloads") == []


def test_a_portal_is_checked_like_the_others(clients: Clients) -> None:
    """Its stack is named before it exists."""
    assert [finding.sentence for finding in found_with_portal(clients, "stacks")] == [
        "Stack s3link-sender is not deployed yet.",
        "Stack s3link-portal is not deployed yet.",
        "Stack s3link-generator is not deployed yet.",
    ]


def test_a_bucket_of_the_same_name_outside_the_stack_stands_in_the_way(clients: Clients) -> None:
    """CloudFormation could not create it."""
    clients.s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )

    assert found(clients, "bucket") == [
        Finding(
            "bucket",
            "error",
            f"Bucket {BUCKET} exists in this account, but stack s3link-generator does not own it.",
            "Choose another name with --set FileExchangeBucketName=…, or if nobody needs it, "
            "empty it with all its versions (S3 console, button Empty) and then run "
            f"`aws s3 rb s3://{BUCKET}`.",
        )
    ]


def test_the_bucket_of_the_deployed_stack_is_ours(clients: Clients) -> None:
    """A second deploy meets the bucket of the first, also when it may not look into it."""
    clients.cloudformation.create_stack(
        StackName="s3link-generator",
        TemplateBody='{"Resources": {"FileExchangeBucket": {"Type": "AWS::S3::Bucket", '
        f'"Properties": {{"BucketName": "{BUCKET}"}}}}}}}}',
    )

    with Stubber(clients.s3):
        assert found(clients, "bucket") == [
            Finding("bucket", "ok", f"Bucket {BUCKET} is this deployment's own.")
        ]


def test_a_bucket_of_somebody_else_stands_in_the_way(clients: Clients) -> None:
    """Bucket names are the world's; S3 answers 403 for what is not ours."""
    with Stubber(clients.s3) as s3:
        s3.add_client_error("head_bucket", "403", "Forbidden", http_status_code=403)

        assert found(clients, "bucket", FileExchangeBucketName="files") == [
            Finding(
                "bucket",
                "error",
                "Bucket files belongs to somebody else, or you may not see it.",
                "Choose another name with --set FileExchangeBucketName=…",
            )
        ]


def test_a_name_of_the_accounts_own_namespace_stands_in_the_way(clients: Clients) -> None:
    """S3 makes such a bucket in that namespace only, and the template does not ask for it."""
    with Stubber(clients.s3):
        assert found(clients, "bucket", FileExchangeBucketName="files-an") == [
            Finding(
                "bucket",
                "error",
                "S3 keeps names such as files-an, ending in -an, for itself.",
                "Choose another name with --set FileExchangeBucketName=…",
            )
        ]


def test_a_bucket_that_was_called_so_before_goes_on(clients: Clients) -> None:
    """S3 took such names until it had a use for them."""
    clients.cloudformation.create_stack(
        StackName="s3link-generator",
        TemplateBody='{"Resources": {"FileExchangeBucket": {"Type": "AWS::S3::Bucket", '
        '"Properties": {"BucketName": "files-an"}}}}',
    )

    assert found(clients, "bucket", FileExchangeBucketName="files-an") == [
        Finding("bucket", "ok", "Bucket files-an is this deployment's own.")
    ]


def test_what_may_not_be_looked_at_is_said_and_the_rest_is_checked(clients: Clients) -> None:
    """A deployer without rights in SES still learns about everything else."""
    ses_answers(clients, "AccessDenied", DENIED, 403)

    findings = run_checks(clients, deployment())

    [region] = [finding for finding in findings if finding.check == "region"]
    assert region.level == "warning"
    assert region.sentence.startswith(
        '"region" could not be checked: AWS denied ses:GetSendQuota for arn:aws:iam::123456789012:'
    )
    assert findings[-1].check == "stacks"


def test_ses_out_of_order_is_one_finding_and_stands_in_the_way(clients: Clients) -> None:
    """Four notes would say the same, and a deploy would fail in the middle."""
    ses_answers(clients, "InternalFailure", "Try later.", 500)

    findings = run_checks(clients, deployment())

    assert [finding for finding in findings if finding.level != "ok"] == [
        Finding(
            "region",
            "error",
            '"region" could not be checked: AWS could not answer GetSendQuota (InternalFailure: '
            "Try later); repeat the command in a few minutes, and see https://health.aws.amazon.com/.",
        )
    ]
    assert findings[-1].check == "stacks"


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        ([Finding("quota", "warning", "Little is left.", "Wait.")], None),
        (
            [Finding("sender", "error", "It is not verified.", "Verify it.")],
            "It is not verified. Verify it.",
        ),
        (
            [
                Finding("sender", "error", "It is not verified.", "Verify it."),
                Finding("bucket", "error", "It is taken.", "Choose another."),
            ],
            "It is not verified. Verify it. (1 more: see `s3link doctor`)",
        ),
    ],
)
def test_a_deploy_starts_only_without_errors(findings: list[Finding], sentence: str | None) -> None:
    """Warnings do not stop it; of several errors the first is told, with its fix."""
    if sentence is None:
        require_no_errors(findings, deployment())
        return
    with pytest.raises(CheckError) as refused:
        require_no_errors(findings, deployment())

    assert str(refused.value) == sentence


class ScriptedAccount:
    """An account as the embedded AWS has it, but for stacks in states that are hard to reach."""

    def __init__(self, aws: Clients, status: str) -> None:
        self._aws = aws
        self.cloudformation = ScriptedCloudFormation(Clock())
        self.cloudformation.has_stack("s3link-generator", status)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._aws, name)


@pytest.mark.parametrize(
    ("status", "level", "sentence", "fix"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", "ok", "is UPDATE_ROLLBACK_COMPLETE.", ""),
        (
            "ROLLBACK_COMPLETE",
            "warning",
            "is ROLLBACK_COMPLETE and can only be deleted and created again.",
            "`s3link deploy` does so after asking.",
        ),
        (
            "UPDATE_IN_PROGRESS",
            "warning",
            "is UPDATE_IN_PROGRESS: somebody is working on it.",
            "Wait, or follow it with `s3link deploy`.",
        ),
        (
            "UPDATE_ROLLBACK_FAILED",
            "error",
            "is UPDATE_ROLLBACK_FAILED: an update failed and could not be undone.",
            "Put the cause right, then run `aws cloudformation continue-update-rollback "
            "--stack-name s3link-generator`.",
        ),
    ],
)
def test_the_state_of_a_stack_decides_what_a_deploy_can_do(
    clients: Clients, status: str, level: str, sentence: str, fix: str
) -> None:
    """Only a stack that is stuck stands in the way; deploy itself copes with the others."""
    [_, finding] = found(ScriptedAccount(clients, status), "stacks")

    assert finding == Finding("stacks", level, f"Stack s3link-generator {sentence}", fix)
