// @ts-check
// Forms that this device's key signs before they go, and the page before the PIN.
import { bytesOf, deviceKey, forgetDeviceKey, makeDeviceKey, publicPoint, sign, supported } from "./device_key.js";

/**
 * What may follow the header of a JWS in what is signed: its payload in base64url, and no further part.
 * @param {number} byte
 */
function isBase64url(byte) {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 45 || byte === 95;
}

/**
 * Whether bytes are a thing that shows cards, in one of the formats that there are: of such a length, or a JWS with such
 * a header. No text that opens the wallet is.
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {(number | string)[]} forms
 */
function showsCards(data, forms) {
  return forms.some((form) => {
    if (typeof form === "number") return data.length === form;
    const start = bytesOf(form);
    const begins = start.length > 0 && data.length > start.length && start.every((byte, at) => data[at] === byte);
    return begins && data.subarray(start.length).every(isBase64url);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function input(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const purpose = form.dataset.device ?? "";
  const pair = purpose === "start" ? await makeDeviceKey() : await deviceKey();
  if (!pair) {
    complain(form);
    return;
  }
  if (purpose === "sign") {
    const data = bytesOf(form.dataset.signs ?? "");
    if (!showsCards(data, JSON.parse(form.dataset.forms ?? "[]"))) throw new Error("nothing that shows cards");
    input(form, "signature").value = await sign(pair, data);
  } else {
    const text = `liangzheng wallet\n${purpose}\n${window.location.origin}\n${input(form, "csrf").value}\n`;
    input(form, "signature").value = await sign(pair, new TextEncoder().encode(text));
    input(form, "key").value = await publicPoint(pair);
  }
  form.submit();
}

/** @param {HTMLFormElement} form */
function complain(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
  for (const part of document.querySelectorAll("[data-no-key]")) part.removeAttribute("hidden");
}

/** @param {HTMLFormElement} form */
function sendOnce(form) {
  if (form.dataset.sent === "yes") return;
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  send(form).catch(() => complain(form));
}

for (const form of document.querySelectorAll("form[data-device]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = form.dataset.ask;
    if (question && !window.confirm(question)) return;
    sendOnce(form);
  });
  if (form.dataset.device === "sign" && supported) sendOnce(form);
}

const again = document.querySelector("input[name=again]");
if (again instanceof HTMLInputElement && again.form) {
  const first = input(again.form, "pin");
  const compare = () => again.setCustomValidity(again.value && again.value !== first.value ? again.dataset.differs ?? "≠" : "");
  again.addEventListener("input", compare);
  first.addEventListener("input", compare);
}

const gate = document.querySelector("[data-gate]");
if (gate) {
  const state = !supported ? "unsupported" : await deviceKey().then((pair) => (pair ? "key" : "no-key"), () => "unsupported");
  for (const part of gate.querySelectorAll("[data-when]")) {
    if (part instanceof HTMLElement) part.hidden = part.dataset.when !== state;
  }
  const pin = gate.querySelector("[data-when=key] input[name=pin]");
  if (state === "key" && pin instanceof HTMLInputElement) pin.focus();
}

if (document.querySelector("[data-forget-key]")) void forgetDeviceKey();

const worker = document.querySelector("[data-service-worker]");
if (worker instanceof HTMLElement && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(worker.dataset.serviceWorker ?? "").catch(() => {});
}
