// @ts-check
// A result leaves the screen when the server has forgotten it.
const page = document.querySelector("[data-gone]");
if (page instanceof HTMLElement) {
  const end = performance.now() + Number(page.dataset.gone) * 1000;
  const look = () => {
    if (performance.now() >= end) {
      page.replaceChildren();
      window.location.replace(page.dataset.home ?? "/");
    } else setTimeout(look, 1000);
  };
  look();
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
}
