// Downloads files one after the other, all or some: each is asked for as its own button would ask,
// and its answer, the page after the click, has the URL to S3. The page with the list stays.

const STATUS_EVERY = 5000; // milliseconds; a screen reader reads out all that it is told
const FRAMES_KEPT = 20;

const form = document.querySelector(".files");
const all = document.querySelector("#all");
const button = all.querySelector("button");
const progress = all.querySelector("#progress");
const status = all.querySelector("[role=status]");
const problems = all.querySelector("ul");

let asked = new Set(); // buttons of files, since nothing was running
const waiting = new Set();
const started = new Set();
const failed = new Map(); // why, by button
let isRunning = false;
let lastUrl = "";
let lastSaid = 0;
let probe = null;
let stop = () => {};

const buttons = () => [...form.querySelectorAll("button")];
const row = (one) => one.closest("li");
const nameOf = (one) => row(one).querySelector("bdi").textContent;
const files = (count) => count === 1 ? "1 file" : `${count} files`;

function framed(url, sandbox) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.sandbox = sandbox;
  frame.src = url;
  document.body.append(frame);
  return frame;
}

// A browser has six connections to S3, and each download keeps one until its end. A file that is
// asked for while there is none would be counted, and its URL run out before it is used. Without
// its signature a URL is refused at once: when that answer comes, there is a connection.
function connection() {
  return new Promise((resolve) => {
    const frame = framed(lastUrl.split("?")[0], "");
    stop = () => {
      // The one before lives until now: with the last of them, Chromium ends their process.
      probe?.remove();
      probe = frame;
      resolve();
    };
    frame.addEventListener("load", stop);
  });
}

// In a frame of its own, for where one frame, or this page, opens several, each ends the one before
// that has not begun. A frame in which something is loaded shows S3's refusal.
function save(one, url) {
  const frame = framed(url, "allow-downloads");
  frame.addEventListener("load", () => {
    started.delete(one);
    failed.set(one, "It did not start.");
    show();
  });
  document.querySelectorAll(`iframe:nth-last-of-type(n + ${FRAMES_KEPT})`).forEach((old) => old.remove());
}

// True if others can be asked for after this one.
async function get(one) {
  const fields = new FormData(form);
  fields.set("file", one.value);
  let page;
  try {
    const answer = await fetch(form.action, {method: "POST", body: new URLSearchParams(fields)});
    // Its own style, which this page's policy does not know, is of no use here.
    const main = (await answer.text()).split("<main>").pop().split("</main>")[0];
    page = new DOMParser().parseFromString(main, "text/html");
  } catch {
    failed.set(one, "There was no answer.");
    return false;
  }
  const link = page.querySelector("#url");
  if (!link) {
    failed.set(one, `${page.body.querySelector("h1")?.textContent || "Something went wrong"}.`);
    return Boolean(page.querySelector("#back"));
  }
  row(one).querySelector(".soft").replaceChildren(...page.querySelector("#about").childNodes);
  started.add(one);
  lastUrl = link.href;
  save(one, link.href);
  return true;
}

async function run(wanted) {
  if (!isRunning) asked = new Set();
  for (const one of wanted) {
    started.delete(one);
    failed.delete(one);
    asked.add(one);
    waiting.add(one);
  }
  show();
  if (isRunning) return;
  isRunning = true;
  for (const one of waiting) {
    show();
    if (lastUrl) await connection();
    if (!waiting.has(one)) break;
    const goesOn = await get(one);
    waiting.delete(one);
    if (!goesOn) waiting.clear();
  }
  isRunning = false;
  show();
}

const of = (set) => [...asked].filter((one) => set.has(one)).length;
const untouched = () => buttons().filter((one) => !started.has(one) && !failed.has(one));

function next() {
  const others = untouched(), count = buttons().length;
  if (others.length === count || !others.length && !failed.size) {
    return [buttons(), `Download all ${files(count)}${others.length ? "" : " again"}`];
  }
  if (others.length) return [others, `Download the other ${files(others.length)}`];
  return [[...failed.keys()], `Try ${files(failed.size)} again`];
}

function said() {
  const [only] = asked, done = of(started), wrong = of(failed);
  if (isRunning) return `${done} of ${files(asked.size)} started`;
  if (asked.size === 1) {
    return `${nameOf(only)} ${done ? "has started" : wrong ? "did not start" : "was not asked for"}`;
  }
  const without = all.parentElement.querySelectorAll(".files li").length - buttons().length;
  const more = without ? `; ${files(without)} had no downloads left` : "";
  const rest = asked.size - done - wrong;
  return `${done} of ${files(asked.size)} started${wrong ? `, ${wrong} did not` : ""}`
    + `${rest ? `, ${rest} not asked for` : ""}${more}`;
}

function show() {
  button.textContent = isRunning ? "Stop" : next()[1];
  if (!asked.size) return;
  progress.textContent = `${said()}.`;
  if (!isRunning || Date.now() - lastSaid > STATUS_EVERY) {
    status.textContent = progress.textContent;
    lastSaid = Date.now();
  }
  problems.replaceChildren(...[...failed].map(([one, why]) => {
    const item = document.createElement("li"), name = document.createElement("bdi");
    name.textContent = nameOf(one);
    item.append(name, `: ${why}`);
    return item;
  }));
}

button.addEventListener("click", () => {
  if (!isRunning) return run(next()[0]);
  waiting.clear();
  stop();
});
form.addEventListener("submit", (event) => {
  if (!event.submitter) return;
  event.preventDefault();
  run([event.submitter]);
});
if (buttons().length) all.hidden = false;
show();
