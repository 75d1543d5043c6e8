"""A change of permissions in words that an operator can judge, whole and line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.stacks.permissions.changes import UNKNOWN, PartChange, PermissionChange

_SIGNS = {"add": "+", "modify": "~", "remove": "-"}
# The parts of a statement in the order they are said.
_SAID = {
    "Effect": "{}",
    "Action": "{}",
    "NotAction": "everything but {}",
    "Resource": "on {}",
    "NotResource": "on everything but {}",
    "Principal": "for {}",
    "NotPrincipal": "for everybody but {}",
}
_CONDITION = "Condition/"
_NOT_TOLD = "what it permits, which CloudFormation does not tell"


def permission_lines(change: PermissionChange) -> Iterator[str]:
    """The statement as it will be, or was; then each value that comes or goes."""
    place = ", ".join(filter(None, (change.policy, change.statement)))
    is_removed = change.action == "remove"
    parts = {part.name: part.before if is_removed else part.after for part in change.parts}
    said = _sentence(parts) or _NOT_TOLD
    yield f"{_SIGNS[change.action]} {place}: {said}" if place else f"{_SIGNS[change.action]} {said}"
    if change.action == "modify":
        for part in change.parts:
            yield from _part_lines(part)


def _part_lines(part: PartChange) -> Iterator[str]:
    for sign, texts, others in (("+", part.after, part.before), ("-", part.before, part.after)):
        new = [text for text in texts if text not in others]
        if new:
            yield f"    {sign} {_name(part.name)}: {_shown(new)}"


def _sentence(parts: Mapping[str, tuple[str, ...]]) -> str:
    said = [form.format(_shown(parts[name])) for name, form in _SAID.items() if parts.get(name)]
    conditions = [
        f"{_name(name)} = {_shown(texts)}"
        for name, texts in parts.items()
        if texts and name.startswith(_CONDITION)
    ]
    others = [
        _shown(texts)
        for name, texts in parts.items()
        if texts and name not in _SAID and not name.startswith(_CONDITION)
    ]
    sentence = " ".join([*said, *others])
    return f"{sentence} if {' and '.join(conditions)}" if conditions else sentence


def _name(part: str) -> str:
    """Of a condition its operator and key."""
    is_condition = part.startswith(_CONDITION)
    return part.removeprefix(_CONDITION).replace("/", " ", 1) if is_condition else part


def _shown(texts: tuple[str, ...] | list[str]) -> str:
    return ", ".join(text.replace(UNKNOWN, "(known afterwards)") for text in texts)
