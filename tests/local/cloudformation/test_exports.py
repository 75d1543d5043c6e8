"""Stacks depend on each other through exports, and cannot pull them away."""

from __future__ import annotations

import pytest

from tests.local.stacks import Stacks, Template, queue, template

pytestmark = pytest.mark.slow


def _exporting(value: str = "value", name: str = "shared") -> Template:
    return template(
        {"Queue": queue()}, Outputs={"Shared": {"Value": value, "Export": {"Name": name}}}
    )


_IMPORTING = template(
    {"Queue": queue()}, Outputs={"Imported": {"Value": {"Fn::ImportValue": "shared"}}}
)


def test_import(stacks: Stacks) -> None:
    """A stack sees what another exports, and CloudFormation knows who imports what."""
    stacks.apply("exporter", _exporting())

    stacks.apply("importer", _IMPORTING)

    assert stacks.outputs("importer") == {"Imported": "value"}
    assert stacks.client.list_imports(ExportName="shared")["Imports"] == ["importer"]


def test_a_missing_export_fails_the_change_set(stacks: Stacks) -> None:
    """Without the export, the change set says which one is missing."""
    plan = stacks.plan("importer", _IMPORTING)

    assert (plan["Status"], plan["StatusReason"]) == ("FAILED", "No export named shared found")


def test_an_export_that_vanishes_before_the_execution(stacks: Stacks) -> None:
    """The stack is rolled back with the same reason."""
    stacks.apply("exporter", _exporting())
    stacks.plan("importer", _IMPORTING)
    stacks.client.delete_stack(StackName="exporter")

    stacks.client.execute_change_set(StackName="importer", ChangeSetName="plan")

    assert stacks.status("importer") == "ROLLBACK_COMPLETE"
    assert stacks.reason("importer", "importer", "ROLLBACK_IN_PROGRESS") == (
        "No export named shared found. Rollback requested by user."
    )


def test_an_export_in_use_keeps_its_stack(stacks: Stacks) -> None:
    """A stack whose export is imported cannot be deleted until the importer is gone."""
    stacks.apply("exporter", _exporting())
    stacks.apply("importer", _IMPORTING)

    with pytest.raises(stacks.client.exceptions.ClientError) as refused:
        stacks.client.delete_stack(StackName="exporter")
    stacks.client.delete_stack(StackName="importer")
    stacks.client.delete_stack(StackName="exporter")

    assert "Export shared cannot be deleted as it is in use by importer" in str(refused.value)
    assert stacks.status("exporter") == ""


@pytest.mark.parametrize(
    ("changed", "verb"), [(_exporting("other"), "updated"), (_exporting(name="new"), "deleted")]
)
def test_an_export_in_use_cannot_change(stacks: Stacks, changed: Template, verb: str) -> None:
    """An update that changes or drops an imported value is rolled back."""
    stacks.apply("exporter", _exporting())
    stacks.apply("importer", _IMPORTING)

    status = stacks.apply("exporter", changed)

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.reason("exporter", "exporter", "UPDATE_ROLLBACK_IN_PROGRESS") == (
        f"Export shared cannot be {verb} as it is in use by importer."
    )
    assert stacks.outputs("exporter") == {"Shared": "value"}


def test_two_stacks_cannot_export_one_name(stacks: Stacks) -> None:
    """An export's name is taken for the account and region."""
    stacks.apply("first", _exporting())

    status = stacks.apply("second", _exporting())

    assert status == "ROLLBACK_COMPLETE"
    assert "Export with name shared is already exported by stack first" in stacks.reason(
        "second", "second", "ROLLBACK_IN_PROGRESS"
    )


def test_deleting_a_stack_whose_export_came_with_an_update(stacks: Stacks) -> None:
    """moto's own delete_stack crashes here."""
    stacks.apply("a", template({"Queue": queue()}))
    stacks.apply("a", _exporting())

    stacks.client.delete_stack(StackName="a")

    assert stacks.client.list_exports()["Exports"] == []
