/* Talking to the city, over networks that break, stall, or answer with somebody else's page. */

const SHORT = 25_000;
const LONG = 90_000; // a photo over a thin line

async function ask(path, options, patience) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const response = await fetch(document.body.dataset.field + path, {
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error", // an inn's sign-in page is not the city
      ...options,
      signal: stop.signal,
    });
    const isOurs = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
    const told = isOurs ? await response.json() : null;
    return { status: response.status, told, wait: Number(response.headers.get("Retry-After")) * 1000 || 0 };
  } catch {
    return { status: 0, told: null, wait: 0 };
  } finally {
    clearTimeout(timer);
  }
}

const from = (office) => (office ? { "X-Field-Office": encodeURIComponent(office) } : {});

export const today = (office) => ask("today", { headers: { Accept: "application/json", ...from(office) } }, SHORT);

const as = (account) => ({ "X-CSRFToken": account.token, "X-Field-Who": account.who });

export function item(account, office, body) {
  const headers = { ...as(account), ...from(office), "Content-Type": "application/json" };
  return ask("send", { method: "POST", headers, body: JSON.stringify(body) }, SHORT);
}

export function photo(account, key, { question, id, bytes }) {
  const form = new FormData();
  form.set("key", key);
  form.set("question", question);
  form.set("id", id);
  form.set("photo", new Blob([bytes], { type: "image/jpeg" }), "photo.jpg");
  return ask("photo", { method: "POST", headers: as(account), body: form }, LONG);
}

export async function signOut(token) {
  try {
    const response = await fetch(document.body.dataset.logout, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      credentials: "same-origin",
    });
    return response.ok;
  } catch {
    return false;
  }
}
