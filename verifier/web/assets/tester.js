// @ts-check
// Drop files into the fields, and explain without leaving the page. Larger documents than a form carries, too.
const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-tester]"));
const told = /** @type {HTMLElement} */ (form.querySelector("[data-told]"));
const place = /** @type {HTMLElement} */ (document.getElementById("explained"));
const MOST = 512 * 1024;

/** @param {File} file */
async function textOf(file) {
  if (file.size > MOST) {
    told.textContent = form.dataset.large ?? "";
    return null;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // COSE is bytes: they travel as hexadecimal digits.
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

for (const field of form.querySelectorAll("textarea[data-drop]")) {
  if (!(field instanceof HTMLTextAreaElement)) continue;
  field.addEventListener("dragover", (event) => { event.preventDefault(); field.classList.add("over"); });
  field.addEventListener("dragleave", () => { field.classList.remove("over"); });
  field.addEventListener("drop", async (event) => {
    field.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    const text = await textOf(file);
    if (text !== null) field.value = text;
  });
}

for (const choose of form.querySelectorAll("[data-choose]")) {
  const input = choose.querySelector("input");
  if (!(choose instanceof HTMLElement) || !input) continue;
  choose.hidden = false;
  input.addEventListener("change", async () => {
    const field = form.elements.namedItem(input.dataset.into ?? "");
    const [file] = input.files ?? [];
    if (!file || !(field instanceof HTMLTextAreaElement)) return;
    const text = await textOf(file);
    if (text !== null) field.value = text;
    input.value = "";
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopPropagation();
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  told.textContent = "";
  const fields = new FormData(form);
  const body = Object.fromEntries(["document", "against", "challenge", "domain", "now"].map((name) => [name, fields.get(name) ?? ""]));
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: JSON.stringify(body),
      headers: { "X-CSRF-Token": String(fields.get("csrf")), "Content-Type": "application/json", Accept: "application/json" },
    });
    if (answer.ok) {
      place.innerHTML = await answer.text();
      place.focus({ preventScroll: true });
      place.scrollIntoView({ block: "start" });
    } else {
      const problem = await answer.json();
      told.textContent = document.documentElement.lang === "en" ? problem.en : problem.zh;
    }
  } catch {
    told.textContent = form.dataset.failed ?? "";
  } finally {
    form.removeAttribute("aria-busy");
  }
});
