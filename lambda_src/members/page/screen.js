// What is on the screen: views from the page's templates, and messages. Whatever comes from outside
// is put in as text, never as markup.

const view = document.getElementById("view");
const bar = document.getElementById("bar");
const problem = document.getElementById("problem");
const statusLine = document.getElementById("status");

// Control characters but tab and line feed, and those that change the direction of the text around
// them: "annexe" + U+202E + "fdp.exe" reads "annexeexe.pdf".
const UNREADABLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const AREA = "Members area";
const SIZE_UNITS = ["kB", "MB", "GB", "TB"];
const DATE = {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
};

function readable(text) {
  return String(text).replaceAll("\r\n", "\n").replace(UNREADABLE, "");
}

function slot(root, name) {
  return root.querySelector(`[data-slot="${name}"]`);
}

function copyOf(template, texts = {}) {
  const copy = document.importNode(document.getElementById(template).content, true);
  for (const [name, text] of Object.entries(texts)) slot(copy, name).textContent = readable(text);
  return copy;
}

// Show a view, and put the reader at its heading; but not when the page has just been opened.
function show(content, { focus = true } = {}) {
  view.replaceChildren(content);
  const heading = view.querySelector("h1");
  document.title = heading.textContent === AREA ? AREA : `${heading.textContent} – ${AREA}`;
  if (!focus) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function say(text) {
  problem.textContent = "";
  statusLine.textContent = readable(text);
}

function warn(text) {
  statusLine.textContent = "";
  problem.textContent = readable(text);
}

// A button does one thing at a time. It keeps the focus, which `disabled` would take from it.
function onPress(button, task) {
  button.addEventListener("click", () => onlyOnce(button, task));
}

async function onlyOnce(button, task) {
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  try {
    await attempt(task);
  } finally {
    button.ariaDisabled = null;
  }
}

function fileSize(size) {
  if (size < 1000) return size === 1 ? "1 byte" : `${size} bytes`;
  let unit = -1;
  do {
    size /= 1000;
    unit += 1;
  } while (Number(size.toFixed(1)) >= 1000 && unit < SIZE_UNITS.length - 1);
  return `${size.toFixed(1)} ${SIZE_UNITS[unit]}`;
}

function dateText(when) {
  return new Date(when).toLocaleString("en-GB", DATE);
}

function putDate(time, when) {
  time.dateTime = when;
  time.textContent = dateText(when);
}
