// The versions, newest first, with their files.

const SHORT_NOTES = 600; // characters; longer ones are folded but for the newest version's

async function openVersions() {
  const page = await ask("artifacts");
  return () => {
    const content = copyOf("versions");
    const list = slot(content, "list");
    const none = page.versions.length === 0;
    slot(content, "none").hidden = !none;
    slot(content, "how").hidden = none;
    slot(content, "admin").hidden = !session.person.isAdmin;
    onPress(slot(content, "answers"), () => go({ name: "answers" }));
    list.append(...page.versions.map((version, index) => versionPart(version, index === 0)));
    pageOn(slot(content, "more"), page.next, list, async (next) => {
      const more = await ask(pathOf("artifacts", { next }));
      return { parts: more.versions.map((version) => versionPart(version, false)), next: more.next };
    });
    show(content);
  };
}

function versionPart({ version, publishedAt, files, filesNotListed, notes }, isNewest) {
  const part = copyOf("version", { name: version, notes });
  putDate(slot(part, "date"), publishedAt);
  const details = slot(part, "notes-part");
  details.hidden = !notes;
  details.open = isNewest || notes.length <= SHORT_NOTES;
  slot(part, "files").append(...files.map((file) => filePart(version, file)));
  const rest = slot(part, "rest");
  rest.hidden = !filesNotListed;
  rest.textContent = `${filesNotListed === 1 ? "1 more file does" : `${filesNotListed} more files do`} not fit on this page. Ask the person who published this version for a single archive.`;
  const survey = slot(part, "survey");
  survey.ariaLabel = `Answer the survey for ${readable(version)}`;
  onPress(survey, () => go({ name: "survey", version }));
  return part;
}

function filePart(version, { name, size }) {
  const part = copyOf("file", { name, size: fileSize(size) });
  const button = slot(part, "download");
  button.ariaLabel = `Download ${readable(name)}`;
  onPress(button, () => download(version, name));
  return part;
}

async function download(version, file) {
  say(`Preparing the link to ${file}…`);
  const path = `artifacts/${encodeURIComponent(version)}`;
  const { url } = await ask(pathOf(path, { file }));
  if (!/^https?:/.test(url)) throw new Problem(UNWELL);
  say(`The download of ${file} is starting. If it does not, press Download again: the link works for one minute.`);
  // The file comes as an attachment, so the page stays.
  location.assign(url);
}

// A button that appends the next page to a list, and puts the reader at the first new entry.
function pageOn(button, first, list, load) {
  let next = first;
  button.hidden = !next;
  onPress(button, async () => {
    say("Loading more…");
    const page = await load(next);
    const before = list.childElementCount;
    list.append(...page.parts);
    next = page.next;
    const added = list.childElementCount - before;
    say(`${added} more, ${list.childElementCount} in all${next ? "" : "; that is the end of the list"}.`);
    list.children[before]?.querySelector("h2").focus();
    button.hidden = !next;
  });
}
