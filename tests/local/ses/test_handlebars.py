"""How SES fills its templates."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.ses.rendering import TemplateError, fill


@pytest.mark.parametrize(
    ("template", "data", "expected"),
    [
        ("{{a}} {{ a }} {{{a}}}", {"a": "<&>"}, "<&> <&> <&>"),
        ("{{a}}{{b}}{{c}}", {"a": 5, "b": True, "c": [1, "x"]}, "5true1,x"),
        ("{{a.b.c}} {{this.a.b.c}}", {"a": {"b": {"c": "x"}}}, "x x"),
        ("{{#if a}}yes{{else}}no{{/if}}", {"a": ""}, "no"),
        ("{{#if a}}yes{{else}}no{{/if}}", {"a": "x"}, "yes"),
        ("{{#if a}}yes{{else}}no{{/if}}", {"a": 0}, "no"),
        ("{{#if a}}yes{{else}}no{{/if}}", {"a": []}, "no"),
        ("{{#if a}}yes{{else}}no{{/if}}", {"a": {}}, "yes"),
        ("{{#if a}}{{b}}{{/if}}", {}, ""),
        ("{{#if a}}{{#if b}}1{{/if}}2{{/if}}3", {"b": True}, "3"),
        ("{{#unless a}}yes{{else}}no{{/unless}}", {}, "yes"),
        ("{{#with a}}{{b}}{{../c}}{{/with}}", {"a": {"b": 1}, "c": 2}, "12"),
        ("{{#each l}}{{name}};{{/each}}", {"l": [{"name": "a"}, {"name": "b"}]}, "a;b;"),
        ("{{#each l}}{{this}}{{#unless @last}}, {{/unless}}{{/each}}", {"l": [1, 2, 3]}, "1, 2, 3"),
        ("{{#each l}}{{@index}}{{@first}} {{/each}}", {"l": ["a", "b"]}, "0true 1false "),
        ("{{#each o}}{{@key}}={{this}};{{/each}}", {"o": {"a": 1, "b": 2}}, "a=1;b=2;"),
        ("{{#each l}}x{{else}}none{{/each}}", {"l": []}, "none"),
        ("{{#each l}}{{missing}}{{/each}}!", {"l": []}, "!"),
        (
            "{{#each l}}{{#each m}}{{this}}{{../../n}}{{/each}}{{/each}}",
            {"l": [{"m": [1, 2]}], "n": "x"},
            "1x2x",
        ),
        (
            "{{#each l}}{{#if x}}{{x.y}}{{else}}-{{/if}}{{/each}}",
            {"l": [{"x": {"y": "z"}}, {}]},
            "z-",
        ),
        ("a{{! not shown }}b{{!-- {{nor}} this --}}c", {}, "abc"),
        ("a {{~b~}} c", {"b": "-"}, "a-c"),
        ("{ {a} } {{a}}", {"a": "x"}, "{ {a} } x"),
    ],
)
def test_templates(template: str, data: dict[str, Any], expected: str) -> None:
    """What SES documents of Handlebars, and what follows from it."""
    assert fill(template, data) == expected


@pytest.mark.parametrize(
    ("template", "data", "expected"),
    [
        ("one\n{{#if a}}\ntwo\n{{/if}}\nthree", {"a": "x"}, "one\ntwo\nthree"),
        ("one\n{{#if a}}\ntwo\n{{/if}}\nthree", {"a": ""}, "one\nthree"),
        ("one\n  {{#if a}}  \ntwo\n{{else}}\n2\n{{/if}}", {"a": ""}, "one\n2\n"),
        ("one{{#if a}}\n\ntwo{{/if}}\n", {"a": "x"}, "one\n\ntwo\n"),
        ("{{a}}\n", {"a": "x"}, "x\n"),
    ],
)
def test_lines(template: str, data: dict[str, Any], expected: str) -> None:
    """A block's tag that stands alone takes its line away."""
    assert fill(template, data) == expected


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{a}}", "Attribute 'a' is not present in the rendering data."),
        ("{{b.c}}", "Attribute 'b.c' is not present in the rendering data."),
        ("{{none}}", "Attribute 'none' is not present in the rendering data."),
        ("{{../b}}", "Attribute '../b' is not present in the rendering data."),
        ("{{#each l}}{{b}}{{/each}}", "Attribute 'b' is not present in the rendering data."),
        ("{{#if b}}", "{{#if}} does not end."),
        ("{{/if}}", "{{/if}} ends nothing."),
        ("{{#if b}}{{/each}}", "{{/each}} ends nothing."),
        ("{{#eq a b}}{{/eq}}", "The embedded AWS does not know {{#eq a b}}."),
        ("{{upper b}}", "The embedded AWS does not know {{upper b}}."),
    ],
)
def test_templates_that_cannot_be_filled(template: str, reason: str) -> None:
    """SES does not send such a mail; a list's elements do not see what is around them."""
    with pytest.raises(TemplateError) as failed:
        fill(template, {"b": "x", "l": [{}], "none": None})

    assert str(failed.value) == reason
