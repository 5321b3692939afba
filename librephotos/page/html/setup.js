// Creates the first account, then asks for stronger passwords from now on. Without scripts the form itself is sent.
const form = document.getElementById("setup");
const problem = document.getElementById("problem");
const button = form.querySelector("button");

async function send(path, body, access) {
  const headers = { "Content-Type": "application/json" };
  if (access) headers.Authorization = `Bearer ${access}`;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error(`The server answered ${answer.status}.`);
    error.entries = content.errors ?? [];
    throw error;
  }
  return content;
}

function label(field) {
  const text = document.querySelector(`label[for="${CSS.escape(field)}"]`)?.firstChild.textContent.trim();
  return text ? `${text}: ` : "";
}

function show(error) {
  const entries = error.entries ?? [];
  problem.textContent = entries.length
    ? entries.filter(({ field }) => field !== "auth").map(({ field, message }) => label(field) + message).join(" ")
    : error.message;
  problem.hidden = false;
  if (problem.textContent.includes("token")) document.getElementById("token").open = true;
}

async function demandStrongPasswords({ username, password }) {
  const { access, refresh } = await send("/api/auth/token/obtain/", { username, password });
  await send("/api/sitesettings", { password_policy: "strict" }, access);
  await send("/api/auth/token/blacklist/", { refresh });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  problem.hidden = true;
  button.disabled = true;
  try {
    await send("/api/user/", fields);
  } catch (error) {
    show(error);
    button.disabled = false;
    return;
  }
  // The account exists: whatever happens now must not look as if it did not.
  await demandStrongPasswords(fields).catch(() => {});
  const done = document.getElementById("done");
  document.getElementById("welcome").hidden = true;
  form.hidden = true;
  done.hidden = false;
  done.focus();
});
