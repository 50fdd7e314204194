// @ts-check
// Reads symbols with the camera or out of a picture: in the browser where it can (BarcodeDetector), else on the server.
const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-scan]"));
const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
const told = /** @type {HTMLElement} */ (document.querySelector("[data-told]"));
const box = /** @type {HTMLElement} */ (document.querySelector(".camera"));
const video = /** @type {HTMLVideoElement} */ (box.querySelector("video"));
const start = /** @type {HTMLButtonElement} */ (document.querySelector("[data-camera]"));
const upload = /** @type {HTMLInputElement} */ (document.querySelector("input[type=file]"));
const PART = /^LZ1:([1-9][0-9]?)\/([1-9][0-9]?):([0-9A-F]{8}):/;

/** @type {Map<string, Map<number, string>>} */
const parts = new Map();
let done = false;

/** @param {string} [message] */
function say(message) { told.textContent = message ?? ""; }

/**
 * Take what was read; true when it is complete and on its way.
 * @param {string[]} texts
 */
function take(texts) {
  for (const found of texts) {
    if (done) return true;
    const part = PART.exec(found);
    if (!part) {
      done = true;
      text.value = found;
    } else {
      const name = `${part[3]}/${part[2]}`;
      const kept = parts.get(name) ?? new Map();
      parts.set(name, kept.set(Number(part[1]), found));
      say((form.dataset.parts ?? "").replace("#", String(kept.size)).replace("%", part[2]));
      if (kept.size === Number(part[2])) {
        done = true;
        text.value = [...kept.values()].join("\n");
      }
    }
  }
  if (done) form.requestSubmit();
  return done;
}

/**
 * @param {Blob} picture
 * @returns {Promise<string[]>}
 */
async function readOnServer(picture) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf")).value;
  const answer = await fetch(form.dataset.pictures ?? "", {
    method: "POST", body: picture, headers: { "X-CSRF-Token": token, Accept: "application/json", "Content-Type": "application/octet-stream" },
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(document.documentElement.lang === "en" ? body.en : body.zh);
  return body.texts;
}

upload.addEventListener("change", async () => {
  const [file] = upload.files ?? [];
  if (!file) return;
  say(form.dataset.reading);
  try {
    const texts = await readOnServer(file);
    if (!texts.length) say(form.dataset.nothing);
    else take(texts);
  } catch (error) {
    say(error instanceof Error ? error.message : "");
  } finally {
    upload.value = "";
  }
});

/** @returns {Promise<(() => Promise<string[]>)>} */
async function reader() {
  const Detector = /** @type {any} */ (window).BarcodeDetector;
  if (Detector && (await Detector.getSupportedFormats()).includes("qr_code")) {
    const detector = new Detector({ formats: ["qr_code"] });
    return async () => (await detector.detect(video)).map((/** @type {any} */ found) => found.rawValue);
  }
  const canvas = document.createElement("canvas");
  return async () => {
    const scale = Math.min(1, 1280 / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.85); });
    return picture ? readOnServer(picture) : [];
  };
}

if (navigator.mediaDevices?.getUserMedia) {
  start.hidden = false;
  start.addEventListener("click", async () => {
    start.disabled = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
      video.srcObject = stream;
      await video.play();
      box.hidden = false;
      start.hidden = true;
      const read = await reader();
      while (!done) {
        await new Promise((resolve) => { setTimeout(resolve, 300); });
        if (!document.hidden) take(await read().catch(() => []));
      }
      for (const track of stream.getTracks()) track.stop();
    } catch {
      start.disabled = false;
      say(form.dataset.nocamera);
    }
  });
}
