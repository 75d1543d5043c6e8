// What is shown when: the sign-in, or one of the places of a member.

const PLACES = { versions: openVersions, survey: openSurvey, answers: openAnswers };
const HEADINGS = { versions: "Versions", survey: "Survey", answers: "All answers" };
const DEFECT =
  "Something went wrong on this page. Reload it; if that does not help, tell " +
  "the person who invited you.";

let opening = 0;

// Do something, and show what stopped it.
async function attempt(task) {
  try {
    await task();
  } catch (error) {
    if (error instanceof SessionEnded || error instanceof LoginRefused) endSession(error);
    else if (error instanceof Problem) warn(error.message);
    else {
      warn(DEFECT);
      throw error;
    }
  }
}

function go(place) {
  history.pushState(place, "", HOME);
  return open(place);
}

// Open a place; only the last one that was asked for is shown.
async function open(place) {
  const ours = ++opening;
  const name = Object.hasOwn(PLACES, place?.name) ? place.name : "versions";
  say("Loading…");
  try {
    const showIt = await PLACES[name](place);
    if (ours !== opening || !session) return;
    say("");
    showIt();
  } catch (error) {
    if (ours !== opening || !session) return;
    if (error instanceof Problem && !(error instanceof SessionEnded)) showFailure(name, place);
    throw error;
  }
}

function showFailure(name, place) {
  const content = copyOf("failed", { heading: HEADINGS[name] });
  onPress(slot(content, "again"), () => open(place));
  show(content);
}

function showSignIn(message, options) {
  const content = copyOf("sign-in");
  onPress(slot(content, "go"), () => goToLogin(history.state));
  say("");
  show(content, options);
  if (message) warn(message);
}

function endSession(error) {
  if (!session) return;
  revoke(session.refresh); // what the API refuses may still be worth new tokens to the login
  take(SIGNED_IN);
  forget();
  showSignIn(error instanceof LoginRefused ? SESSION_ENDED : error.message);
}

async function signInWith({ code, pending }) {
  say("Signing you in…");
  signingIn = true;
  try {
    const { tokens, claims } = await tokensFor(code, pending);
    if (!signingIn) return revoke(tokens.refresh_token); // it was given up meanwhile
    beginSession(tokens, claims);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (signingIn) showSignIn(error.message);
    return;
  } finally {
    signingIn = false;
  }
  document.getElementById("who").textContent = readable(session.person.address);
  bar.hidden = false;
  return open(history.state);
}

async function start() {
  if (!canWork()) return showSignIn(CANNOT_WORK, { focus: false });
  const answer = loginsAnswer();
  const wasSignedIn = take(SIGNED_IN);
  if (answer?.refused) return showSignIn(answer.refused);
  if (answer) return signInWith(answer);
  if (wasSignedIn) return goToLogin(history.state);
  return showSignIn("", { focus: false });
}

onPress(document.getElementById("sign-out"), signOut);
addEventListener("popstate", (event) => {
  if (session) attempt(() => open(event.state));
});
// A page that the browser sets aside and may bring back (back/forward cache) keeps nothing.
addEventListener("pagehide", forget);
addEventListener("pageshow", (event) => {
  if (event.persisted) attempt(start);
});
attempt(start);
