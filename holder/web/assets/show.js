// @ts-check
// The symbols' time and turns. The server refuses them after their time whatever this page does.
const showing = document.querySelector("[data-left]");
if (showing instanceof HTMLElement) {
  const total = Number(showing.dataset.total);
  const end = performance.now() + Number(showing.dataset.left) * 1000;
  const time = /** @type {HTMLElement} */ (showing.querySelector(".time"));
  const bar = /** @type {HTMLProgressElement} */ (showing.querySelector("progress"));
  const said = /** @type {HTMLElement} */ (showing.querySelector("[data-said]"));
  let spoken = -1;

  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    time.classList.toggle("soon", left <= 30);
    bar.value = left;
    bar.max = total;
    if ((left === 60 || left === 30 || left === 10) && left !== spoken) {
      spoken = left;
      said.textContent = (showing.dataset.say ?? "").replace("#", String(left));
    }
    if (left === 0) {
      clearInterval(clock);
      showing.classList.add("over");
      for (const picture of showing.querySelectorAll(".symbols img")) picture.removeAttribute("src");
      window.location.reload();
    }
  };
  const clock = setInterval(tick, 250);
  tick();
  // A page that comes out of the browser's store asks the server again.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

  const list = showing.querySelector(".symbols");
  const symbols = list ? [...list.children] : [];
  const turns = showing.querySelector(".turns");
  if (list && symbols.length > 1 && turns instanceof HTMLElement) {
    const where = /** @type {HTMLElement} */ (turns.querySelector("[data-where]"));
    const stop = /** @type {HTMLButtonElement} */ (turns.querySelector("[data-stop]"));
    let now = 0;
    let turning = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const turn = (/** @type {number} */ to) => {
      now = (to + symbols.length) % symbols.length;
      symbols.forEach((symbol, index) => symbol.classList.toggle("now", index === now));
      where.textContent = `${now + 1} / ${symbols.length}`;
    };
    const mark = () => { stop.textContent = (turning ? stop.dataset.pause : stop.dataset.go) ?? ""; };
    list.classList.add("turning");
    turns.hidden = false;
    turn(0);
    mark();
    setInterval(() => { if (turning) turn(now + 1); }, 1500);
    stop.addEventListener("click", () => { turning = !turning; mark(); });
    turns.querySelector("[data-next]")?.addEventListener("click", () => { turning = false; mark(); turn(now + 1); });
  }

  const awake = /** @type {any} */ (navigator).wakeLock;
  if (awake) awake.request("screen").catch(() => {});
}
