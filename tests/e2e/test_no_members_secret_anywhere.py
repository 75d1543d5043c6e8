"""No token, code, password, signed URL, note or opinion is found in anything that a run leaves.

As tests/e2e/test_no_secret_anywhere.py looks for what direct links could leave.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.e2e.members_run import NOTES, OPINION, Given, everything_happens
from tests.e2e.places import (
    SIGNED,
    Places,
    as_written,
    listening,
    places_of,
    search,
    session_secrets,
)
from tests.waiting import until

pytestmark = pytest.mark.slow

# Words of the mails to members that stand nowhere else.
MAIL_TEXT = ("If you do not expect an invitation", "invites you to its members area")
PLANTED = "eyJhbGciOiJSUzI1NiJ9.e30." + "5eed" * 12
# What members think is in this table, and in no other place.
ANSWERS = "answers"


@dataclass(frozen=True)
class Run:
    """A deployment after everything has happened to its members area."""

    deployed: Deployed
    given: Given
    said: str

    def places(self) -> Places:
        """All that can be read, by where it stands."""
        return {
            **places_of(self.deployed, self.said),
            ANSWERS: json.dumps(self.rows("SurveyTable")),
            "sign-outs": json.dumps(self.rows("SignedOutTable")),
            "access log": "\n".join(self.access_log()),
        }

    def rows(self, table: str) -> list[dict[str, Any]]:
        client = self.deployed.account.client("dynamodb")
        return list(client.scan(TableName=self.deployed.names[table])["Items"])

    def access_log(self) -> list[str]:
        return self.deployed.account.log_messages(self.deployed.names["MembersApiLogGroup"])

    def secrets(self) -> set[str]:
        """What must be nowhere. The template has the mails' words, so they are no secret there."""
        return as_written({*SIGNED, NOTES, *session_secrets(), *self.given.secrets})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with listening() as said, EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        home = tmp_path_factory.mktemp("operator")
        deployed = Deployed(aws, home, ("members",))
        given = everything_happens(deployed, home)
        yield Run(deployed, given, "\n".join(said))


def test_everything_happened(run: Run) -> None:
    """The run has sign-ins, downloads, answers, refusals, faults, resets and removals."""
    places, log = run.places(), run.places()["logs"]

    assert len(run.given.tokens) == 6
    assert len(run.given.urls) == 1
    for words in (
        "Signed a download of",
        "Answered the survey about",
        "Signed out",
        "Refused a request: the session was signed out",
        "Refused a request: the member was removed or reset",
        "Refused a request: they are no admin",
        "S3 does not do it at present",
        "DynamoDB does not do it at present",
        "the answers are kept without it",
    ):
        assert words in log, words
    assert {json.loads(line)["route"] for line in run.access_log()} >= {
        "GET /",
        "GET /artifacts",
        "GET /artifacts/{version}",
        "GET /survey",
        "POST /survey",
        "GET /survey/answers",
        "POST /sign-out",
    }
    assert OPINION in places[ANSWERS]
    assert "MembersApiErrorsTooHighAlarm" in places["mails to the admin"]
    silent = {place for place, text in places.items() if not text}
    assert silent <= {"this process's log"}


def test_no_secret_of_the_members_area_is_found_anywhere(run: Run) -> None:
    """Neither tokens, whole or their signatures, codes and passwords, nor URLs, nor notes."""
    secrets = run.secrets()

    assert len(secrets) > 24
    assert search(run.places(), secrets) == set()


def test_what_members_think_is_in_its_table_only(run: Run) -> None:
    """An answer, also one that was refused, is in no log, alarm or mail."""
    assert search(run.places(), as_written({OPINION})) == {(ANSWERS, OPINION)}


def test_what_members_are_mailed_is_found_nowhere_else(run: Run) -> None:
    """The admin, the logs and the terminal have no invitation."""
    places = {place: text for place, text in run.places().items() if place != "stacks"}

    assert search(places, as_written(set(MAIL_TEXT))) == set()


def _in_the_log(run: Run) -> None:
    _write_line(run, "MembersLogGroup")


def _in_the_access_log(run: Run) -> None:
    _write_line(run, "MembersApiLogGroup")


def _write_line(run: Run, group: str) -> None:
    logs, name = run.deployed.account.client("logs"), run.deployed.names[group]
    logs.create_log_stream(logGroupName=name, logStreamName="planted")
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps({"route": PLANTED})}
    logs.put_log_events(logGroupName=name, logStreamName="planted", logEvents=[event])


def _in_a_table(run: Run, table: str, *key: str) -> None:
    item = {name: {"S": "planted"} for name in key} | {"Member": {"S": PLANTED}}
    run.deployed.account.client("dynamodb").put_item(TableName=run.deployed.names[table], Item=item)


def _in_a_metric(run: Run) -> None:
    dimensions = [{"Name": "Member", "Value": PLANTED}]
    run.deployed.account.client("cloudwatch").put_metric_data(
        Namespace="s3link",
        MetricData=[{"MetricName": "Members", "Dimensions": dimensions, "Value": 1}],
    )


def _in_an_alarm(run: Run) -> None:
    run.deployed.account.client("cloudwatch").put_metric_alarm(
        AlarmName="planted",
        AlarmDescription=PLANTED,
        Namespace="s3link",
        MetricName="Members",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _in_a_mail_to_the_admin(run: Run) -> None:
    before = len(run.deployed.admins_mails)
    run.deployed.account.client("sns").publish(
        TopicArn=run.deployed.names["CommonAlarmTopic"], Subject="x", Message=PLANTED
    )
    until(lambda: len(run.deployed.admins_mails) > before)


@pytest.mark.parametrize(
    ("place", "plant"),
    [
        ("logs", _in_the_log),
        ("access log", _in_the_access_log),
        (ANSWERS, lambda run: _in_a_table(run, "SurveyTable", "Version", "MemberId")),
        ("sign-outs", lambda run: _in_a_table(run, "SignedOutTable", "Id")),
        ("metrics", _in_a_metric),
        ("alarms", _in_an_alarm),
        ("mails to the admin", _in_a_mail_to_the_admin),
        ("terminal", lambda run: run.deployed.printed.append(PLANTED)),
    ],
)
def test_a_planted_secret_is_found(run: Run, place: str, plant: Callable[[Run], None]) -> None:
    """The search reads each place: a token's signature that is put there is found there."""
    signature = PLANTED.rpartition(".")[2]
    assert (place, signature) not in search({place: run.places()[place]}, {signature})

    plant(run)

    assert search({place: run.places()[place]}, {signature}) == {(place, signature)}
