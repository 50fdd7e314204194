// @ts-check
// The device key: ECDSA over P-256, made in this browser, not extractable, kept in IndexedDB.

const NAME = "device";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("liangzheng-wallet", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore, give: (value: any) => void) => void} work
 * @returns {Promise<any>}
 */
async function withKeys(mode, work) {
  const base = await database();
  try {
    return await new Promise((resolve, reject) => {
      let result;
      const transaction = base.transaction("keys", mode, { durability: "strict" });
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error);
      work(transaction.objectStore("keys"), (value) => { result = value; });
    });
  } finally {
    base.close();
  }
}

/** Whether this browser can hold a device key at all. */
export const supported = window.isSecureContext && "indexedDB" in window && "crypto" in window && "subtle" in window.crypto;

/** @returns {Promise<CryptoKeyPair | undefined>} the key of this browser, if it has one */
export function deviceKey() {
  return withKeys("readonly", (store, give) => {
    const reading = store.get(NAME);
    reading.onsuccess = () => give(reading.result);
  });
}

/** @returns {Promise<CryptoKeyPair>} the key of this browser, made now if it has none (one, also in two tabs) */
export async function makeDeviceKey() {
  const fresh = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  void navigator.storage?.persist?.();
  return withKeys("readwrite", (store, give) => {
    const reading = store.get(NAME);
    reading.onsuccess = () => {
      if (reading.result === undefined) store.put(fresh, NAME);
      give(reading.result ?? fresh);
    };
  });
}

/** Forget the key for good. */
export function forgetDeviceKey() {
  return withKeys("readwrite", (store) => { store.delete(NAME); });
}

/**
 * @param {CryptoKeyPair} pair
 * @returns {Promise<string>} the public point, x.y in base64url
 */
export async function publicPoint(pair) {
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return `${jwk.x}.${jwk.y}`;
}

/**
 * @param {CryptoKeyPair} pair
 * @param {Uint8Array<ArrayBuffer>} data
 * @returns {Promise<string>} r || s in base64url
 */
export async function sign(pair, data) {
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, data);
  return btoa(String.fromCharCode(...new Uint8Array(signature))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text base64url */
export function bytesOf(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
