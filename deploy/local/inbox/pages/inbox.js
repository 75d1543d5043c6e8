// The inbox of the embedded AWS. It asks for the mails again and again, and only adds what is new,
// so that selection, focus and scrolling stay where they are. Mails are text here, never markup;
// their HTML is shown by the frame alone, from a document with a policy of its own.

"use strict";

const INBOX = "/_s3link/inbox";
const POLL_INTERVAL = 1500; // milliseconds
const READ_KEY = "s3link-read-mails";
const LINK = /https?:\/\/[^\s<>"]+/g;

const element = (id) => document.getElementById(id);
const entries = element("entries");
const wide = window.matchMedia("(min-width: 761px)");

let mails = []; // newest first
let selected = idInAddress();
let preferred = "html";
let facts = null; // what /_s3link/health says once everything is deployed
const read = new Set(JSON.parse(localStorage.getItem(READ_KEY) || "[]"));

function idInAddress() {
  return decodeURIComponent(location.pathname.slice(INBOX.length + 1)) || null;
}

// Asking

async function poll() {
  try {
    if (!facts) await askWhereThingsAre();
    const answer = await fetch("/_s3link/mails", { cache: "no-cache" });
    if (!answer.ok) throw new Error(answer.statusText);
    element("connection").textContent = "";
    show((await answer.json()).reverse());
  } catch {
    element("connection").textContent = "Not running any more. Start it again with: s3link local";
    facts = null;
  }
  setTimeout(poll, POLL_INTERVAL);
}

async function askWhereThingsAre() {
  const answer = await fetch("/_s3link/health");
  if (!answer.ok) return;
  facts = await answer.json();
  for (const place of document.querySelectorAll("[data-fact]")) {
    place.textContent = facts[place.dataset.fact];
  }
  element("deployment").title = `Deployment ${facts.deployment} in ${facts.region}`;
  element("deployment").hidden = false;
}

// The list

function show(newest) {
  const known = new Map([...entries.children].map((item) => [item.dataset.id, item]));
  mails = newest;
  const here = new Set(mails.map((mail) => mail.id));
  for (const [id, item] of known) if (!here.has(id)) item.remove();
  for (const mail of [...mails].reverse()) {
    if (!known.has(mail.id)) entries.prepend(newEntry(mail));
  }
  if (selected && !here.has(selected)) selected = null;
  update();
}

function newEntry(mail) {
  const item = document.createElement("li");
  item.dataset.id = mail.id;
  const link = document.createElement("a");
  link.className = "entry";
  link.href = `${INBOX}/${mail.id}`;
  const more = mail.to.length > 1 ? ` +${mail.to.length - 1}` : "";
  for (const [name, text] of [
    ["dot", ""],
    ["who", (mail.to[0] || "nobody") + more],
    ["when", ""],
    ["what", mail.subject || "(no subject)"],
    ["words", mail.text.replace(/\s+/g, " ").slice(0, 160)],
  ]) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    link.append(part);
  }
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(mail.id);
  });
  item.append(link);
  return item;
}

function update() {
  for (const item of entries.children) {
    const mail = mails.find((one) => one.id === item.dataset.id);
    const link = item.firstChild;
    const unread = !read.has(mail.id);
    link.classList.toggle("unread", unread);
    link.querySelector(".dot").textContent = "";
    link.setAttribute("aria-label", `${unread ? "Unread: " : ""}${mail.subject}, to ${mail.to.join(", ")}`);
    if (mail.id === selected) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.querySelector(".when").textContent = shortTime(mail.time);
  }
  const unread = mails.filter((mail) => !read.has(mail.id)).length;
  document.title = unread ? `(${unread}) s3link inbox` : "s3link inbox";
  const mail = mails.find((one) => one.id === selected);
  element("list").hidden = mails.length === 0;
  element("mail").hidden = !mail;
  element("empty").hidden = Boolean(mail) || !facts;
  element("empty-title").textContent = mails.length ? "Choose a mail, or make one" : "No mail yet";
  element("starting").hidden = Boolean(mail) || Boolean(facts);
  element("columns").classList.toggle("reading", Boolean(mail));
  element("columns").classList.toggle("choosing", mails.length > 0 && !mail);
  if (mail) open(mail);
}

function shortTime(time) {
  const sent = new Date(time);
  const minutes = Math.floor((Date.now() - sent) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  const sameDay = sent.toDateString() === new Date().toDateString();
  return sameDay
    ? sent.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : sent.toLocaleDateString([], { day: "numeric", month: "short" });
}

// One mail

function choose(id, focus = !wide.matches) {
  const address = `${INBOX}/${id}`;
  // From the list, "back" leads to the list again; from mail to mail there is one step only.
  if (selected) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  selected = id;
  update();
  if (focus) element("subject").focus();
}

function leave() {
  selected = null;
  history.replaceState(null, "", INBOX);
  update();
}

function open(mail) {
  const article = element("mail");
  if (article.dataset.id !== mail.id) {
    article.dataset.id = mail.id;
    element("subject").textContent = mail.subject || "(no subject)";
    element("from").textContent = mail.from;
    element("reply-to").textContent = mail.reply_to.join(", ");
    for (const id of ["answers", "reply-to"]) element(id).hidden = !mail.reply_to.length;
    element("to").replaceChildren(...mail.to.map(listItem));
    element("time").textContent = new Date(mail.time).toLocaleString([], { dateStyle: "full", timeStyle: "medium" });
    element("time").dateTime = mail.time;
    element("text").replaceChildren(...withLinks(mail.text));
    element("text").scrollTop = 0;
    element("view-html").disabled = !mail.html;
    element("view-text").disabled = !mail.text;
    if (mail.html) element("frame").src = `${INBOX}/${mail.id}/html`;
    else element("frame").removeAttribute("src");
    showAs(mail.html && (preferred === "html" || !mail.text) ? "html" : "text");
  }
  if (!read.has(mail.id)) {
    read.add(mail.id);
    localStorage.setItem(READ_KEY, JSON.stringify(mails.map((one) => one.id).filter((id) => read.has(id))));
    update();
  }
}

function showAs(view) {
  element("view-html").checked = view === "html";
  element("view-text").checked = view === "text";
  element("frame").hidden = view !== "html";
  element("text").hidden = view !== "text";
}

function listItem(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function withLinks(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    nodes.push(text.slice(end, match.index));
    const link = document.createElement("a");
    link.href = link.textContent = match[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    nodes.push(link);
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

// Hands on it

for (const view of ["html", "text"]) {
  element(`view-${view}`).addEventListener("change", () => {
    preferred = view;
    showAs(view);
  });
}

element("back").addEventListener("click", () => {
  const left = selected;
  leave();
  entries.querySelector(`[data-id="${left}"] a`)?.focus();
});

element("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(element("command").textContent);
  element("copy").textContent = "Copied";
  setTimeout(() => { element("copy").textContent = "Copy"; }, 1500);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  const inText = document.activeElement === element("text") && event.key.startsWith("Arrow");
  if (step && mails.length && !inText) {
    event.preventDefault();
    const now = mails.findIndex((mail) => mail.id === selected);
    const next = Math.min(Math.max(now + step, 0), mails.length - 1);
    choose(mails[next].id, false);
    entries.children[next].firstChild.focus();
  } else if (event.key === "t" && selected) {
    const other = element("view-html").checked ? "text" : "html";
    if (!element(`view-${other}`).disabled) {
      preferred = other;
      showAs(other);
    }
  } else if (event.key === "Escape" && selected) {
    leave();
  }
});

window.addEventListener("popstate", () => {
  selected = idInAddress();
  update();
});

poll();
