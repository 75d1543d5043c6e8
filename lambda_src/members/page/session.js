// The session of this tab: its tokens are in this variable and nowhere else.

let session = null;
let signingIn = false; // while the login is asked for the tokens of a new session
let refreshing = null;
let timer = null;

const EARLY = 30; // seconds; so long before its end an access token is replaced
const USUAL_LIFETIME = 300; // seconds
const SESSION_ENDED =
  "Your session has ended. Sign in again to continue; what you wrote has been kept.";

function beginSession(tokens, claims) {
  session = { person: personOf(claims) };
  keepTokens(tokens);
  keep(SIGNED_IN, true);
}

// The groups decide only what is shown; the API decides what is given.
function personOf(claims) {
  const groups = claims["cognito:groups"];
  return {
    id: claims.sub,
    address: claims.email ?? "",
    isAdmin: Array.isArray(groups) && groups.includes("admins"),
  };
}

function keepTokens(tokens) {
  const lifetime = Number(tokens.expires_in) || USUAL_LIFETIME;
  session.access = tokens.access_token;
  session.refresh = tokens.refresh_token ?? session.refresh;
  session.freshUntil = Date.now() + 1000 * Math.max(lifetime - EARLY, lifetime / 2);
  clearTimeout(timer);
  timer = setTimeout(() => attempt(refreshQuietly), session.freshUntil - Date.now());
}

// One refresh at a time: each replaces the refresh token, and an old one ends the session.
function refresh() {
  refreshing ??= replaceTokens().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function replaceTokens() {
  const before = session;
  const fields = { grant_type: "refresh_token", refresh_token: before.refresh };
  const tokens = await askLogin(config.token_endpoint, fields);
  if (session === before) keepTokens(tokens);
  else if (tokens.refresh_token) revoke(tokens.refresh_token); // they came after the session's end
}

// Done, or tried.
async function revoke(token) {
  try {
    await askLogin(config.revocation_endpoint, { token });
  } catch {
    // The API refuses whatever this token could still get.
  }
}

// Nobody waits for it: when the login cannot be reached, the next thing that is asked for says so.
async function refreshQuietly() {
  try {
    await refresh();
  } catch (error) {
    if (error instanceof LoginRefused) throw error;
  }
}

// Forget all that only a member may see.
function forget() {
  clearTimeout(timer);
  session = null;
  signingIn = false;
  view.replaceChildren();
  bar.hidden = true;
  document.getElementById("who").textContent = "";
  say("");
}

// The other tabs hear of a sign-out. Each has tokens of its own, and ends them itself.
const otherTabs = new BroadcastChannel("members");
otherTabs.addEventListener("message", () => {
  if (session || signingIn) signedOutElsewhere();
});

function signedOutElsewhere() {
  // Nobody waits for these, and the API refuses the tokens of this sign-in already.
  if (session) {
    ask("sign-out", {}).catch(() => {});
    revoke(session.refresh);
  }
  forgetSession();
  showSignIn();
  say("You signed out in another tab.");
}

function forgetSession() {
  take(SIGNED_IN);
  forgetDrafts();
  forget();
}

// The API has to refuse the tokens first; only then may the page say that it is over.
async function signOut() {
  say("Signing out…");
  try {
    await ask("sign-out", {});
  } catch (error) {
    // Whom the API lets do nothing has nothing there to end.
    if (!(error instanceof SessionEnded || error instanceof NotAllowed)) {
      throw new Problem(`You are still signed in. ${error.message}`);
    }
  }
  await refreshing?.catch(() => {}); // it may be just replacing the token that is to be revoked
  if (!session) return;
  const token = session.refresh;
  forgetSession();
  otherTabs.postMessage("signed out");
  say("Signing out…");
  await revoke(token);
  location.replace(loginsSignOut());
}
