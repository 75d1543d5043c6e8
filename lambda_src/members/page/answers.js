// What all members have answered, for admins.

const CSV_NAME = "survey-answers.csv";
const CSV_NEXT = "x-s3link-next"; // the header that says how a CSV goes on

async function openAnswers() {
  const page = await ask("survey/answers");
  const questions = await questionTexts(page.answers);
  return () => {
    const content = copyOf("answers");
    const list = slot(content, "list");
    const none = page.answers.length === 0;
    slot(content, "none").hidden = !none;
    slot(content, "how").hidden = none;
    onPress(slot(content, "back"), () => go({ name: "versions" }));
    onPress(slot(content, "csv"), saveCsv);
    list.append(...page.answers.map((answer) => answerPart(answer, questions)));
    pageOn(slot(content, "more"), page.next, list, async (next) => {
      const more = await ask(pathOf("survey/answers", { next }));
      return { parts: more.answers.map((answer) => answerPart(answer, questions)), next: more.next };
    });
    show(content);
  };
}

// Questions by their ids, as they are asked today; without them the ids are shown.
async function questionTexts(answers) {
  if (!answers.length) return new Map();
  try {
    const { questions } = await ask(pathOf("survey", { version: answers[0].version }));
    return new Map(questions.map(({ id, text }) => [id, text]));
  } catch (error) {
    if (error instanceof SessionEnded) throw error;
    return new Map();
  }
}

function answerPart({ version, member, memberId, answeredAt, answers }, questions) {
  const part = copyOf("answer", { member: member || memberId, version });
  putDate(slot(part, "date"), answeredAt);
  for (const [id, value] of Object.entries(answers)) {
    const term = document.createElement("dt");
    const given = document.createElement("dd");
    term.textContent = readable(questions.get(id) ?? id);
    given.textContent = readable(value);
    given.dir = "auto";
    slot(part, "given").append(term, given);
  }
  return part;
}

async function saveCsv() {
  say("Collecting the answers…");
  // Spreadsheets know UTF-8 by the mark at its beginning.
  const file = URL.createObjectURL(new Blob(["\ufeff", ...(await csvPages())], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = file;
  link.download = CSV_NAME;
  link.click();
  setTimeout(() => URL.revokeObjectURL(file), PATIENCE);
  say(`${CSV_NAME} has been saved. Open it in a spreadsheet.`);
}

// All pages with one header; another one, of an older survey, stays above its own lines.
async function csvPages() {
  const pages = [];
  let header = "";
  let next = "";
  do {
    const response = await askFor(pathOf("survey/answers", { format: "csv", next }));
    const text = await read(() => response.text());
    const end = text.indexOf("\n") + 1;
    pages.push(text.slice(0, end) === header ? text.slice(end) : text);
    header = text.slice(0, end);
    next = response.headers.get(CSV_NEXT);
  } while (next);
  return pages;
}
