// @ts-check
// What every page does beyond its links and forms. Pages work without it.

/** Press a button once: a form that is on its way is not sent again until the page comes back. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  const question = form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    form.removeAttribute("data-sent");
    form.removeAttribute("aria-busy");
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-copy], button[data-print]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  if (button.dataset.print !== undefined) {
    window.print();
    return;
  }
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  const text = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement ? source.value : source.textContent ?? "";
  await navigator.clipboard.writeText(text.trim());
  const before = button.textContent;
  button.textContent = button.dataset.copied ?? "✓";
  setTimeout(() => { button.textContent = before; }, 1600);
});

/**
 * <p data-watch="/path" data-value="x">: reload when what the path answers ({"state": "y"}) is no longer x.
 * @param {HTMLElement} element
 */
async function watch(element) {
  const path = element.dataset.watch ?? "";
  for (let tries = 0; tries < 400; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 3000); });
    if (document.hidden) continue;
    try {
      const answer = await fetch(path, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.ok && (await answer.json()).state !== element.dataset.value) {
        window.location.reload();
        return;
      }
      if (answer.status === 401 || answer.status === 403 || answer.status === 404) return;
    } catch {
      // The network is away for a moment: ask again.
    }
  }
}

for (const element of document.querySelectorAll("[data-watch]")) {
  if (element instanceof HTMLElement) void watch(element);
}
