// What this tab keeps while the login page is shown or the page is loaded again. No token is ever
// among it.

const PENDING = "members.pending"; // the secrets of a sign-in that is under way
const SIGNED_IN = "members.signed-in"; // so that a reload signs in again without a press
const DRAFT = "members.draft."; // answers that were not sent; each is its member's own

function keep(key, value) {
  sessionStorage.setItem(key, JSON.stringify(value));
}

function look(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function take(key) {
  const value = look(key);
  sessionStorage.removeItem(key);
  return value;
}

function draftKey(version) {
  return `${DRAFT}${session.person.id}.${version}`;
}

function forgetDrafts() {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(DRAFT)) sessionStorage.removeItem(key);
  }
}
