// @ts-check
// The request's time, its two symbols, and the phone's answer. The server refuses what is late whatever this page does.
const page = document.querySelector("[data-waiting]");
if (page instanceof HTMLElement) {
  const end = performance.now() + Number(page.dataset.left) * 1000;
  const time = /** @type {HTMLElement} */ (page.querySelector("[data-time]"));
  const bar = /** @type {HTMLProgressElement} */ (page.querySelector("progress"));

  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    time.classList.toggle("soon", left <= 30);
    bar.value = left;
    if (left === 0) window.location.reload();
    else setTimeout(tick, 250);
  };
  tick();

  const ask = async () => {
    try {
      const answer = await fetch(page.dataset.waiting ?? "", { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.ok) {
        const { state, path } = await answer.json();
        if (path) {
          window.location.assign(path);
          return;
        }
        if (state !== "open") {
          window.location.reload();
          return;
        }
      } else if (answer.status === 403 || answer.status === 404) {
        window.location.reload();
        return;
      }
    } catch {
      // The server restarts or the network is away for a moment: ask again.
    }
    setTimeout(ask, document.hidden ? 3000 : 1000);
  };
  setTimeout(ask, 1000);

  const symbols = [...page.querySelectorAll("[data-symbol]")].filter((found) => found instanceof HTMLElement);
  const swap = page.querySelector("[data-swap]");
  if (swap instanceof HTMLButtonElement) {
    swap.hidden = false;
    let offline = false;
    let turn = 0;
    const others = symbols.filter((found) => found.dataset.symbol === "offline");
    const show = () => {
      for (const found of symbols) found.hidden = (found.dataset.symbol === "offline") !== offline;
      if (offline) others.forEach((found, index) => { found.hidden = index !== turn % others.length; });
    };
    swap.addEventListener("click", () => {
      offline = !offline;
      const before = swap.textContent;
      swap.textContent = swap.dataset.other ?? "";
      swap.dataset.other = before ?? "";
      show();
    });
    if (others.length > 1) setInterval(() => { turn += 1; if (offline) show(); }, 1500);
  }
}
