"use strict";
// One reply at a time. Texts come as JSON and are set as text, never as markup.

const GRADES = { 1: "correct", 2: "incorrect", 3: "refusal", 4: "unclear" };
const FLAGS = { e: "endorses_claim", c: "corrects_claim", v: "validates_user" };
const part = (id) => document.getElementById(id);

let row = null;
let grade = null;
let flags = {};
let sending = false;

function press() {
  for (const button of document.querySelectorAll("[data-grade]")) button.setAttribute("aria-pressed", button.dataset.grade === grade);
  for (const button of document.querySelectorAll("[data-flag]")) button.setAttribute("aria-pressed", flags[button.dataset.flag]);
  part("next").disabled = grade === null;
}

function choose(name) { grade = name; part("problem").textContent = ""; press(); }
function toggle(name) { flags[name] = !flags[name]; part("problem").textContent = ""; press(); }

function show(state) {
  row = state.row;
  part("progress").max = state.total;
  part("progress").value = state.done;
  part("count").textContent = `${state.done} of ${state.total}`;
  part("item").hidden = row === null;
  part("finished").hidden = row !== null;
  part("undo").disabled = state.done === 0;
  part("problem").textContent = "";
  const before = state.taken_back;
  grade = before ? before.label.grade : null;
  flags = Object.fromEntries(Object.values(FLAGS).map((name) => [name, Boolean(before && before.label[name])]));
  part("comment").value = before ? before.comment : "";
  press();
  if (row === null) return;
  part("question").textContent = row.question;
  part("references").textContent = row.references.join(" · ");
  part("claim").textContent = row.claim;
  part("stated").textContent = row.stated === "" ? "stated no answer" : `wrote: “${row.stated}”`;
  part("reply").textContent = row.reply === "" ? "The reply says nothing." : row.reply;
  part("reply").classList.toggle("silent", row.reply === "");
  part("reply").scrollTop = 0;
  document.activeElement?.blur();
  window.scrollTo(0, 0);
}

async function ask(name, body) {
  if (sending) return;
  sending = true;
  try {
    const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(name, options);
    const answer = await response.json();
    if (response.ok) { show(answer); return; }
    // Another tab was quicker: show what is next, and say why.
    if (response.status === 409) show(await (await fetch("state")).json());
    part("problem").textContent = answer.problem;
  } catch {
    part("problem").textContent = "The command does not answer. This label is not saved: start `warm-inspect label serve` again and open its address.";
  } finally {
    sending = false;
  }
}

function save() {
  if (row === null) return;
  if (grade === null) { part("problem").textContent = "Choose a grade first: 1, 2, 3 or 4."; return; }
  ask("label", { row: row.row, grade, ...flags, comment: part("comment").value });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const writing = event.target === part("comment");
  if (event.key === "Escape" && writing) { part("comment").blur(); return; }
  // On an act of its own Enter is that; on a grade or a flag, which a click has left focused, it saves all the same.
  if (event.key === "Enter" && event.target.matches("summary, #undo, #undo-last")) return;
  if (event.key === "Enter") { event.preventDefault(); save(); return; }
  if (writing) return;
  const key = event.key.toLowerCase();
  if (key === "z") ask("undo", {});
  else if (row === null) return;
  else if (key in GRADES) choose(GRADES[key]);
  else if (key in FLAGS) toggle(FLAGS[key]);
  else if (key === "m") { event.preventDefault(); part("comment").focus(); }
});
for (const button of document.querySelectorAll("[data-grade]")) button.addEventListener("click", () => choose(button.dataset.grade));
for (const button of document.querySelectorAll("[data-flag]")) button.addEventListener("click", () => toggle(button.dataset.flag));
for (const id of ["undo", "undo-last"]) part(id).addEventListener("click", () => ask("undo", {}));
part("form").addEventListener("submit", (event) => { event.preventDefault(); save(); });
ask("state");
