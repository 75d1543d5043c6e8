// The way to the login page and back: authorisation code with PKCE (RFC 7636), state and nonce.

const config = JSON.parse(document.getElementById("config").textContent);
const HOME = new URL(config.redirect_uri).pathname;
const PATIENCE = 30_000; // milliseconds; the API itself waits no longer

// What stops a task; its message is for the reader, and says what to do.
class Problem extends Error {}

// The login said no: the code or the refresh token is worth nothing any more.
class LoginRefused extends Problem {}

const NOT_BEGUN_HERE =
  "This sign-in was started somewhere else, or has been used before. " +
  "Press Sign in to start again.";
const NOT_SIGNED_IN =
  "You could not be signed in. Press Sign in to try again. " +
  "If that does not help, ask the person who invited you.";
const LOGIN_UNREACHABLE =
  "The sign-in service cannot be reached. Check your connection, wait a minute and try again.";

const CANNOT_WORK =
  "Your browser does not let this page sign you in. Allow the page to store data, leave private " +
  "mode, or try another browser. The address must begin with https.";

// Browsers have the means only where nobody listens, and may be told to keep nothing.
function canWork() {
  try {
    return Boolean(sessionStorage && crypto.subtle);
  } catch {
    return false;
  }
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function secret() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

// Leave for the login page; it comes back to `place`.
async function goToLogin(place) {
  if (!canWork()) throw new Problem(CANNOT_WORK);
  const pending = { verifier: secret(), state: secret(), nonce: secret(), place };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier));
  keep(PENDING, pending);
  const address = new URL(config.authorization_endpoint);
  const query = {
    response_type: "code",
    client_id: config.client_id,
    redirect_uri: config.redirect_uri,
    scope: config.scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  };
  for (const [key, value] of Object.entries(query)) address.searchParams.set(key, value);
  location.replace(address);
}

// With what the login page sent the browser back; null if it did not. The address is cleaned before
// anything in it is used, and the secrets of the sign-in work once.
function loginsAnswer() {
  const query = new URLSearchParams(location.search);
  const pending = take(PENDING);
  if (!query.has("code") && !query.has("error")) return null;
  history.replaceState(pending?.place ?? null, "", HOME);
  if (!pending || query.get("state") !== pending.state) return { refused: NOT_BEGUN_HERE };
  if (!query.has("code")) return { refused: NOT_SIGNED_IN };
  return { code: query.get("code"), pending };
}

// The tokens for a code, with the person whom the ID token names.
async function tokensFor(code, pending) {
  const tokens = await askLogin(config.token_endpoint, {
    grant_type: "authorization_code",
    code,
    redirect_uri: config.redirect_uri,
    code_verifier: pending.verifier,
  });
  const claims = claimsOf(tokens.id_token);
  const isOurs =
    claims.nonce === pending.nonce &&
    claims.iss === config.issuer &&
    claims.aud === config.client_id &&
    claims.token_use === "id";
  if (!isOurs) throw new LoginRefused(NOT_BEGUN_HERE);
  return { tokens, claims };
}

// The ID token came from the token endpoint itself over TLS, so its signature need not be checked
// (OpenID Connect Core 1.0, 3.1.3.7). Nothing but what is shown depends on it.
function claimsOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new LoginRefused(NOT_SIGNED_IN);
  }
}

async function askLogin(endpoint, fields) {
  let response, answer;
  try {
    response = await fetch(endpoint, {
      method: "POST",
      body: new URLSearchParams({ client_id: config.client_id, ...fields }),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    answer = await response.text();
  } catch {
    throw new Problem(LOGIN_UNREACHABLE);
  }
  if (response.status === 400 || response.status === 401) throw new LoginRefused(NOT_SIGNED_IN);
  if (!response.ok) throw new Problem(LOGIN_UNREACHABLE);
  try {
    return answer ? JSON.parse(answer) : null;
  } catch {
    throw new Problem(LOGIN_UNREACHABLE);
  }
}

function loginsSignOut() {
  const address = new URL(config.logout_endpoint);
  address.searchParams.set("client_id", config.client_id);
  address.searchParams.set("logout_uri", config.redirect_uri);
  return address;
}
