// @ts-check
// Reads symbols for wallet and counter: with the camera or out of pictures (in the browser where it can, BarcodeDetector,
// else on the server), or as a hand scanner types them. Collects the parts of a message and delivers it whole.
const PART = /^LZ1:([1-9][0-9]?)\/([1-9][0-9]?):([0-9A-F]{8}):/;
const PICTURES_AT_ONCE = 16;

/**
 * What a page has. ``form`` says where pictures are read (data-pictures) and what people are told: data-parts, -reading,
 * -nothing, -nocamera, -lost, and -other where the parts of two messages meet.
 * @typedef {object} Page
 * @property {HTMLFormElement} form
 * @property {HTMLTextAreaElement} text
 * @property {HTMLElement} told
 * @property {HTMLElement} box around the camera's picture
 * @property {HTMLButtonElement} start
 * @property {HTMLButtonElement | null} stop
 * @property {HTMLInputElement} upload
 */

/**
 * POST to a path of this site; what it answers. Throws an Error with the site's words for a refusal.
 * @param {HTMLFormElement} form
 * @param {string} path
 * @param {Blob | string} body
 */
export async function post(form, path, body) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf")).value;
  const answer = await fetch(path, {
    method: "POST", body, headers: { "X-CSRF-Token": token, Accept: "application/json", "Content-Type": "application/octet-stream" },
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(document.documentElement.lang === "en" ? content.en : content.zh);
  return content;
}

/** The lines of a text that are not empty. @param {string} text */
const linesOf = (text) => text.split("\n").filter((line) => line.trim());

export class Scanner {
  /** @type {Map<number, string>} */
  #parts = new Map();
  #name = "";
  #delivered = false;
  /** @type {MediaStream | undefined} */
  #stream;

  /**
   * @param {Page} page
   * @param {(message: string) => void} deliver takes a message that is whole
   */
  constructor(page, deliver) {
    this.page = page;
    this.deliver = deliver;
    page.text.addEventListener("keydown", (event) => { this.#typed(event); });
    page.upload.addEventListener("change", () => { void this.readFiles([...(page.upload.files ?? [])]); });
    if (!navigator.mediaDevices?.getUserMedia) return;
    page.start.hidden = false;
    page.start.addEventListener("click", () => { void this.#film(); });
    page.stop?.addEventListener("click", () => { this.#close(); });
  }

  /** @param {string} [message] */
  say(message) { this.page.told.textContent = message ?? ""; }

  /** @param {unknown} error */
  sayError(error) {
    const { lost } = this.page.form.dataset;
    this.say(error instanceof TypeError && lost !== undefined ? lost : error instanceof Error ? error.message : "");
  }

  /** Begin anew, when a message was delivered and not taken. */
  reset() {
    this.#parts = new Map();
    this.#delivered = false;
  }

  /**
   * Take the texts of symbols; true when a message is whole and delivered.
   * @param {string[]} texts
   */
  take(texts) {
    for (const found of texts) {
      if (this.#delivered) return true;
      const part = PART.exec(found);
      if (!part) return this.give(found);
      const name = `${part[3]}/${part[2]}`;
      if (this.#name !== name) {
        if (this.#parts.size) this.say(this.page.form.dataset.other);
        this.#parts = new Map();
        this.#name = name;
      }
      this.#parts.set(Number(part[1]), found);
      this.say((this.page.form.dataset.parts ?? "").replace("#", String(this.#parts.size)).replace("%", part[2]));
      if (this.#parts.size === Number(part[2])) return this.give([...this.#parts.values()].join("\n"));
    }
    return this.#delivered;
  }

  /**
   * Take what was pasted: parts, or a message.
   * @param {string} text
   */
  takeText(text) {
    const lines = linesOf(text);
    if (!lines.length) return;
    if (!lines.every((line) => line.startsWith("LZ1:"))) this.give(text);
    else if (!this.take(lines)) this.page.text.value = "";
  }

  /**
   * Deliver a whole message, once.
   * @param {string} message
   */
  give(message) {
    if (!this.#delivered) {
      this.#delivered = true;
      this.deliver(message);
    }
    return true;
  }

  /**
   * Read pictures of symbols, or files (.json, .txt) that hold a message.
   * @param {File[]} files
   */
  async readFiles(files) {
    if (!files.length) return;
    this.say(this.page.form.dataset.reading);
    try {
      for (const file of files.slice(0, PICTURES_AT_ONCE)) {
        if (/\.(json|txt)$/i.test(file.name)) {
          this.give(await file.text());
          return;
        }
        const texts = await this.#readOnServer(file);
        if (!texts.length) this.say(this.page.form.dataset.nothing);
        else if (this.take(texts)) return;
      }
    } catch (error) {
      this.sayError(error);
    } finally {
      this.page.upload.value = "";
    }
  }

  /**
   * A hand scanner types a code and presses Enter.
   * @param {KeyboardEvent} event
   */
  #typed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    const lines = linesOf(this.page.text.value);
    if (!lines.length || !lines.every((line) => line.startsWith("LZ1:"))) return;
    event.preventDefault();
    if (!this.take(lines)) this.page.text.value = "";
  }

  /**
   * @param {Blob} picture
   * @returns {Promise<string[]>}
   */
  async #readOnServer(picture) {
    return (await post(this.page.form, this.page.form.dataset.pictures ?? "", picture)).texts;
  }

  /**
   * What reads the camera's present picture.
   * @param {HTMLVideoElement} video
   * @returns {Promise<(() => Promise<string[]>)>}
   */
  async #reader(video) {
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
      return frame ? this.#readOnServer(frame) : [];
    };
  }

  async #film() {
    const { box, start, stop } = this.page;
    const video = /** @type {HTMLVideoElement} */ (box.querySelector("video"));
    if (this.#stream || start.disabled) return;
    start.disabled = true;
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
      video.srcObject = this.#stream;
      await video.play();
      box.hidden = false;
      start.hidden = true;
      if (stop) stop.hidden = false;
      const read = await this.#reader(video);
      while (this.#stream && !this.#delivered) {
        await new Promise((resolve) => { setTimeout(resolve, 330); });
        if (!document.hidden && this.#stream) this.take(await read().catch(() => []));
      }
    } catch {
      this.say(this.page.form.dataset.nocamera);
    }
    this.#close();
  }

  #close() {
    const { box, start, stop } = this.page;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    box.hidden = true;
    start.hidden = start.disabled = false;
    if (stop) stop.hidden = true;
  }
}
