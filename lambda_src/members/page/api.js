// Questions to the API, with the access token; whatever goes wrong becomes a sentence.

class SessionEnded extends Problem {}

// Signed in, but not for this.
class NotAllowed extends Problem {}

const UNREACHABLE = "The members area cannot be reached. Check your connection and try again.";
const SENTENCES = {
  403: "You do not have access to this. If you should, ask the person who invited you.",
  404: "This is no longer there. Reload the page to see what is.",
  429: "Too many requests right now. Wait a minute and try again.",
};
const UNWELL = "The members area is not responding. Wait a minute and try again.";

// The answer as JSON. A body makes it a POST.
async function ask(path, body) {
  const response = await askFor(path, body);
  return read(() => response.json());
}

async function askFor(path, body) {
  const response = await answered(path, body);
  if (response.ok) return response;
  if (response.status === 401) throw new SessionEnded(SESSION_ENDED);
  const sentence = (await sentenceOf(response)) ?? SENTENCES[response.status] ?? UNWELL;
  throw response.status === 403 ? new NotAllowed(sentence) : new Problem(sentence);
}

async function read(answer) {
  try {
    return await answer();
  } catch {
    throw new Problem(UNWELL);
  }
}

// A refused token is replaced once, unless another question has done so meanwhile.
async function answered(path, body) {
  if (session && Date.now() >= session.freshUntil) await refreshed();
  const token = session?.access;
  const response = await send(path, body);
  if (response.status !== 401) return response;
  if (session?.access === token) await refreshed();
  return send(path, body);
}

async function refreshed() {
  try {
    await refresh();
  } catch (error) {
    throw error instanceof LoginRefused ? new SessionEnded(SESSION_ENDED) : error;
  }
}

async function send(path, body) {
  if (!session) throw new SessionEnded(SESSION_ENDED);
  const headers = { authorization: `Bearer ${session.access}` };
  if (body) headers["content-type"] = "application/json";
  try {
    return await fetch(new URL(path, config.redirect_uri), {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new Problem(UNREACHABLE);
  }
}

// What the function itself says is wrong.
async function sentenceOf(response) {
  try {
    const { error } = await response.json();
    return typeof error === "string" && error ? error : null;
  } catch {
    return null;
  }
}

function pathOf(path, query) {
  const given = Object.entries(query).filter(([, value]) => value);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
