// @ts-check
// Takes an answer: from the camera, a hand scanner, pictures, a file or a paste; collects the parts; sends the whole.
const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-take]"));
const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
const told = /** @type {HTMLElement} */ (form.querySelector("[data-told]"));
const box = /** @type {HTMLElement} */ (form.querySelector(".camera"));
const video = /** @type {HTMLVideoElement} */ (form.querySelector("video"));
const open = /** @type {HTMLButtonElement} */ (form.querySelector("[data-camera]"));
const stop = /** @type {HTMLButtonElement} */ (form.querySelector("[data-stop]"));
const file = /** @type {HTMLElement} */ (form.querySelector("[data-file]"));
const upload = /** @type {HTMLInputElement} */ (file.querySelector("input"));
const PART = /^LZ1:([1-9][0-9]?)\/([1-9][0-9]?):([0-9A-F]{8}):/;

/** @type {Map<number, string>} */
let parts = new Map();
let name = "";
let sending = false;

/** @param {string} [message] */
const say = (message) => { told.textContent = message ?? ""; };
const english = document.documentElement.lang === "en";
const token = () => /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf")).value;

/**
 * @param {string} path
 * @param {Blob | string} body
 */
async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", body, headers: { "X-CSRF-Token": token(), Accept: "application/json", "Content-Type": "application/octet-stream" },
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(english ? content.en : content.zh);
  return content;
}

/** @param {string} message */
async function send(message) {
  if (sending) return;
  sending = true;
  form.setAttribute("aria-busy", "true");
  say(form.dataset.judging);
  try {
    const { path } = await post(form.action, message);
    window.location.assign(path);
  } catch (error) {
    say(error instanceof TypeError ? form.dataset.lost : /** @type {Error} */ (error).message);
    sending = false;
    form.removeAttribute("aria-busy");
    parts = new Map();
    text.value = "";
    text.focus();
  }
}

/**
 * Take the texts of symbols; true when the message is whole and on its way.
 * @param {string[]} texts
 */
function take(texts) {
  for (const found of texts) {
    if (sending) return true;
    const part = PART.exec(found);
    if (!part) {
      void send(found);
      return true;
    }
    const mine = `${part[3]}/${part[2]}`;
    if (name !== mine) {
      if (parts.size) say(form.dataset.other);
      parts = new Map();
      name = mine;
    }
    parts.set(Number(part[1]), found);
    say((form.dataset.parts ?? "").replace("#", String(parts.size)).replace("%", part[2]));
    if (parts.size === Number(part[2])) {
      void send([...parts.values()].join("\n"));
      return true;
    }
  }
  return false;
}

// A hand scanner types a code and presses Enter.
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  const lines = text.value.split("\n").filter((line) => line.trim());
  if (!lines.length || !lines.every((line) => line.startsWith("LZ1:"))) return;
  event.preventDefault();
  if (!take(lines)) text.value = "";
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  const lines = text.value.split("\n").filter((line) => line.trim());
  if (!lines.length) return;
  if (lines.every((line) => line.startsWith("LZ1:"))) {
    if (!take(lines)) text.value = "";
  } else void send(text.value);
});

/** @param {File[]} files */
async function readFiles(files) {
  say(form.dataset.reading);
  try {
    for (const one of files.slice(0, 16)) {
      if (/\.(json|txt)$/i.test(one.name)) {
        void send(await one.text());
        return;
      }
      const { texts } = await post(form.dataset.pictures ?? "", one);
      if (!texts.length) say(form.dataset.nothing);
      else if (take(texts)) return;
    }
  } catch (error) {
    say(error instanceof TypeError ? form.dataset.lost : /** @type {Error} */ (error).message);
  } finally {
    upload.value = "";
  }
}

file.hidden = false;
upload.addEventListener("change", () => { void readFiles([...(upload.files ?? [])]); });
form.addEventListener("dragover", (event) => { event.preventDefault(); });
form.addEventListener("drop", (event) => {
  const dropped = [...(event.dataTransfer?.files ?? [])];
  if (!dropped.length) return;
  event.preventDefault();
  void readFiles(dropped);
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
    /** @type {Blob | null} */
    const frame = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.85); });
    return frame ? (await post(form.dataset.pictures ?? "", frame)).texts : [];
  };
}

/** @type {MediaStream | undefined} */
let stream;
function close() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  box.hidden = stop.hidden = true;
  open.hidden = false;
}

if (navigator.mediaDevices?.getUserMedia) {
  open.hidden = false;
  stop.addEventListener("click", close);
  open.addEventListener("click", async () => {
    if (stream) return;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
      video.srcObject = stream;
      await video.play();
      box.hidden = stop.hidden = false;
      open.hidden = true;
      const read = await reader();
      while (stream && !sending) {
        await new Promise((resolve) => { setTimeout(resolve, 330); });
        if (!document.hidden && stream) take(await read().catch(() => []));
      }
      close();
    } catch {
      close();
      say(form.dataset.nocamera);
    }
  });
}
