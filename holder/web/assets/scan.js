// @ts-check
// The wallet's scan page: what was read fills the form, and sends it.
import { Scanner } from "./scanner.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-scan]"));
const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));

new Scanner({
  form,
  text,
  told: /** @type {HTMLElement} */ (document.querySelector("[data-told]")),
  box: /** @type {HTMLElement} */ (document.querySelector(".camera")),
  start: /** @type {HTMLButtonElement} */ (document.querySelector("[data-camera]")),
  stop: null,
  upload: /** @type {HTMLInputElement} */ (document.querySelector("input[type=file]")),
}, (message) => {
  text.value = message;
  form.requestSubmit();
});
