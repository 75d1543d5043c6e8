// A member's own answers about one version. What is typed is kept as a draft until it has been sent.

const RATINGS = [1, 2, 3, 4, 5];
const DRAFT_FOUND = "Your unsent answers have been filled in. Press the button below to send them.";
const NO_ANSWER = "No answer";

async function openSurvey({ version }) {
  const survey = await ask(pathOf("survey", { version }));
  return () => {
    const content = copyOf("survey", { version, state: stateOf(survey.answeredAt) });
    const form = slot(content, "form");
    const draft = look(draftKey(version));
    const answers = draft ?? survey.answers;
    const fields = survey.questions.map((question, index) =>
      fieldOf(question, `question-${index}`, answers[question.id]),
    );
    slot(content, "questions").append(...fields.map((field) => field.part));
    onPress(slot(content, "back"), () => go({ name: "versions" }));
    form.addEventListener("input", () => keepDraft(version, fields));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      onlyOnce(slot(form, "send"), () => sendAnswers(version, fields));
    });
    show(content);
    if (draft) say(DRAFT_FOUND);
  };
}

function stateOf(answeredAt) {
  if (!answeredAt) return "You have not answered yet.";
  return `You answered on ${dateText(answeredAt)}. You can change your answers and send them again.`;
}

function valuesOf(fields) {
  const given = fields.map(({ id, value }) => [id, value()]).filter(([, value]) => value !== null);
  return Object.fromEntries(given);
}

function keepDraft(version, fields) {
  for (const field of fields) field.clear();
  try {
    keep(draftKey(version), valuesOf(fields));
  } catch {
    warn("Your browser cannot keep a draft. Send your answers before you leave the page.");
  }
}

async function sendAnswers(version, fields) {
  const missing = fields.filter(({ required, value }) => required && value() === null);
  for (const field of missing) field.complain("Please answer this question.");
  if (missing.length) {
    missing[0].focus();
    const which = missing.length === 1 ? "One question needs" : `${missing.length} questions need`;
    throw new Problem(`${which} an answer. Nothing has been sent yet.`);
  }
  say("Sending your answers…");
  const { answeredAt } = await ask("survey", { version, answers: valuesOf(fields) });
  take(draftKey(version));
  slot(view, "state").textContent = stateOf(answeredAt);
  say("Thank you, your answers are saved. You can change them at any time.");
}

// One question: its part of the form, its value (null: not answered), and how it complains.
function fieldOf(question, name, answer) {
  const make = question.kind === "text" ? textField : radioField;
  return make(question, name, answer);
}

function questionPart(template, question, hint, name) {
  const required = Boolean(question.required);
  const hints = [hint, required ? "" : "optional"].filter(Boolean).join("; ");
  const copy = copyOf(template, { text: question.text, hint: hints ? `(${hints})` : "" });
  const part = copy.querySelector(".question");
  const wrong = slot(part, "wrong");
  wrong.id = `${name}-wrong`;
  const group = part.matches("fieldset") ? part : slot(part, "field");
  group.ariaRequired = required ? "true" : null;
  group.setAttribute("aria-describedby", wrong.id);
  const mark = (text) => {
    wrong.textContent = text;
    group.ariaInvalid = text ? "true" : null;
  };
  return {
    id: question.id,
    required,
    part,
    complain: mark,
    clear: () => mark(""),
    focus: () => part.querySelector("textarea, input").focus(),
  };
}

function textField(question, name, answer) {
  const field = questionPart("text-question", question, "", name);
  const area = slot(field.part, "field");
  area.id = name;
  area.value = typeof answer === "string" ? answer : "";
  slot(field.part, "label").htmlFor = name;
  return { ...field, value: () => (area.value.trim() ? area.value : null) };
}

function radioField(question, name, answer) {
  const isRating = question.kind === "rating";
  const hint = isRating ? "1 is the worst, 5 the best" : "";
  const field = questionPart("choice-question", question, hint, name);
  const values = isRating ? RATINGS : question.choices;
  const choices = field.required ? values : [...values, null];
  const radios = choices.map((value) => {
    const choice = copyOf("choice", { text: value ?? NO_ANSWER });
    const radio = slot(choice, "field");
    radio.name = name;
    radio.checked = value === (answer ?? null);
    slot(field.part, "choices").append(choice);
    return radio;
  });
  const value = () => choices[radios.findIndex((radio) => radio.checked)] ?? null;
  return { ...field, value };
}
