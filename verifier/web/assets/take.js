// @ts-check
// Takes an answer: from the camera, a hand scanner, pictures, a file or a paste; sends the whole and turns to the result.
import { post, Scanner } from "./scanner.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-take]"));
const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
const file = /** @type {HTMLElement} */ (form.querySelector("[data-file]"));
const scanner = new Scanner({
  form,
  text,
  told: /** @type {HTMLElement} */ (form.querySelector("[data-told]")),
  box: /** @type {HTMLElement} */ (form.querySelector(".camera")),
  start: /** @type {HTMLButtonElement} */ (form.querySelector("[data-camera]")),
  stop: /** @type {HTMLButtonElement} */ (form.querySelector("[data-stop]")),
  upload: /** @type {HTMLInputElement} */ (file.querySelector("input")),
}, (message) => { void send(message); });

/** @param {string} message */
async function send(message) {
  form.setAttribute("aria-busy", "true");
  scanner.say(form.dataset.judging);
  try {
    const { path } = await post(form, form.action, message);
    window.location.assign(path);
  } catch (error) {
    scanner.sayError(error);
    scanner.reset();
    form.removeAttribute("aria-busy");
    text.value = "";
    text.focus();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  scanner.takeText(text.value);
});

file.hidden = false;
form.addEventListener("dragover", (event) => { event.preventDefault(); });
form.addEventListener("drop", (event) => {
  const dropped = [...(event.dataTransfer?.files ?? [])];
  if (!dropped.length) return;
  event.preventDefault();
  void scanner.readFiles(dropped);
});
