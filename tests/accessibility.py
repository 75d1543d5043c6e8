"""What makes a page hard to read or to use, as far as a browser can tell; as sentences.

From the Web Content Accessibility Guidelines 2.2, level AA: names, language and landmarks (1.3.1,
2.4.2, 3.1.1), contrast of text and of fields (1.4.3, 1.4.11), reflow and zoom (1.4.4, 1.4.10).
"""

from __future__ import annotations

from tests.browser import Browser

_SMALLEST_SCREEN = (320, 640)  # CSS pixels; 1.4.10 counts on no wider one

_AUDIT = r"""
const problems = [];
const expect = (holds, problem) => { if (!holds) problems.push(problem); };
const all = (selector) => [...document.querySelectorAll(selector)];
const rgba = (color) => {
  const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
  return {r, g, b, a};
};
const luminance = ({r, g, b}) => {
  const [x, y, z] = [r, g, b].map((one) => one / 255).map(
    (one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const contrast = (one, other) => {
  const [low, high] = [luminance(rgba(one)), luminance(rgba(other))].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const {backgroundColor} = getComputedStyle(one);
    if (rgba(backgroundColor).a === 1) return backgroundColor;
  }
  return "rgb(255, 255, 255)";
};
const named = (element) => `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`;

expect(document.documentElement.lang, "The page does not say its language.");
expect(document.title.trim(), "The page has no title.");
expect(all("h1").length === 1 && all("h1")[0].textContent.trim(), "There is not one heading.");
expect(all("main").length === 1, "There is not one main part.");
expect(!/maximum-scale|user-scalable/.test(document.querySelector("meta[name=viewport]").content),
  "The page cannot be zoomed.");
expect(new Set(all("[id]").map((one) => one.id)).size === all("[id]").length,
  "Two elements have one id.");
for (const field of all("input:not([type=hidden]), textarea")) {
  expect(field.labels.length && field.labels[0].textContent.trim(), "A field has no label.");
  expect(field.autocomplete, "A field does not say what may be filled in for the person.");
  for (const id of (field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean))
    expect(document.getElementById(id), `Nothing has the id ${id}, which describes a field.`);
  expect(contrast(getComputedStyle(field).borderTopColor, behind(field.parentElement)) >= 3,
    "A field's border can hardly be seen.");
}
for (const control of all("button, a")) {
  expect(control.textContent.trim(), "A control has no name.");
  expect(control.localName === "a" || !control.checkVisibility() || control.offsetHeight >= 44,
    "A button is hard to hit.");
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
  expect(element.closest("main"), `${named(element)} is outside of the main part.`);
  const ratio = contrast(getComputedStyle(element).color, behind(element));
  expect(ratio >= 4.5, `${named(element)} has a contrast of ${ratio.toFixed(2)} only.`);
}
expect(document.documentElement.scrollWidth <= document.documentElement.clientWidth,
  `The page is ${document.documentElement.scrollWidth} pixels wide.`);
return problems;
"""


def problems_of(browser: Browser) -> list[str]:
    """Those of the page that the browser shows: in light and in dark, on the smallest screen."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        browser.see_as(scheme, phone=True, size=_SMALLEST_SCREEN)
        problems: list[str] = browser.run(_AUDIT)
        found += [f"{scheme}: {problem}" for problem in problems]
    browser.see_as("light")
    return found
