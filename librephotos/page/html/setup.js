// Creates the first account and shows what the server says to it. Without scripts the form itself is sent.
const form = document.getElementById("setup");
const problem = document.getElementById("problem");
const button = form.querySelector("button");

async function send(path, body) {
  const headers = { "Content-Type": "application/json" };
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
  const done = document.getElementById("done");
  document.getElementById("welcome").hidden = true;
  form.hidden = true;
  done.hidden = false;
  done.focus();
});
