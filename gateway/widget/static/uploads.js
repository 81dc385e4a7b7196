/** The files that go with the next message: checked, sent to the gateway at once, kept over a reload. */

import { uuid } from "./storage.js";

export const MOST_FILES = 5;
export const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf"];
const LARGEST = 10_000_000;
const KEPT = "attached";
const GIVE_UP_AFTER = 300_000;
/** What another try with the same file would not change. */
const FINAL = ["file_type", "file_too_large", "file_infected", "file_limit", "file_broken", "file_lost"];

/*
 * An item is {id, name, size, type, state, error, progress, file, view}. State: waiting (for the connection), uploading,
 * done (`view` is what the gateway says of it) or failed (`error` is why, a key of the texts). `file` is gone after a
 * reload.
 */
export class Uploads extends EventTarget {
  #server;
  #session;
  #storage;
  #items = [];
  #request = null;

  /** `session` gives the token of the conversation, or null while there is none. */
  constructor({ server, session, storage }) {
    super();
    this.#server = server;
    this.#session = session;
    this.#storage = storage;
    this.#items = (storage.get(KEPT) ?? []).map((kept) => ({
      ...kept,
      ...(kept.view ? { state: "done" } : { state: "failed", error: "file_lost" }),
    }));
  }

  get items() {
    return this.#items;
  }

  get busy() {
    return this.#items.some(({ state }) => state === "waiting" || state === "uploading");
  }

  get failed() {
    return this.#items.some(({ state }) => state === "failed");
  }

  /** Returns whether there was room for all of them. */
  add(files) {
    const room = MOST_FILES - this.#items.length;
    for (const file of [...files].slice(0, room)) {
      const { name, size, type } = file;
      const item = { id: uuid(), name, size, type, file, state: "waiting", progress: 0, view: null, error: null };
      // Only to spare a vain upload: the gateway looks at what the file holds.
      if (!TYPES.includes(type)) Object.assign(item, { state: "failed", error: "file_type" });
      else if (size > LARGEST) Object.assign(item, { state: "failed", error: "file_too_large" });
      else if (!size) Object.assign(item, { state: "failed", error: "file_broken" });
      this.#items.push(item);
    }
    this.#changed();
    this.#next();
    return files.length <= room;
  }

  /** Sends what waits, one after another; called again when there is a connection. */
  resume() {
    if (!this.#session()) return;
    for (const item of this.#items) if (item.error === "file_offline") Object.assign(item, { state: "waiting", error: null });
    this.#next();
  }

  mayRetry(item) {
    return Boolean(item.file) && !FINAL.includes(item.error);
  }

  retry(id) {
    const item = this.#items.find((one) => one.id === id);
    Object.assign(item, { state: "waiting", error: null });
    this.#changed();
    this.#next();
  }

  /** Also cancels it, if it is on its way. */
  remove(id) {
    this.#cancel(id);
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#changed();
    this.#next();
  }

  /** What the gateway says of the files, which belong to a message from here on. */
  take() {
    const views = this.#items.map(({ view }) => view);
    this.clear();
    return views;
  }

  clear() {
    for (const { id } of this.#items) this.#cancel(id);
    this.#items = [];
    this.#changed();
  }

  /** There is another conversation: files of the old one are not known in it. */
  renew() {
    for (const item of this.#items) {
      this.#cancel(item.id);
      if (item.state === "failed") continue;
      Object.assign(item, { view: null, ...(item.file ? { state: "waiting" } : { state: "failed", error: "file_lost" }) });
    }
    this.#changed();
  }

  #next() {
    const next = this.#items.find(({ state }) => state === "waiting");
    if (next && !this.#request && this.#session()) this.#upload(next);
  }

  #upload(item) {
    // Not `fetch`: it does not tell how far an upload has come.
    const request = new XMLHttpRequest();
    this.#request = { id: item.id, request };
    const url = new URL("v1/files", this.#server);
    url.searchParams.set("name", item.name.slice(-255));
    request.open("POST", url);
    request.setRequestHeader("Authorization", `Bearer ${this.#session()}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.timeout = GIVE_UP_AFTER;
    request.upload.onprogress = ({ loaded, total }) => {
      item.progress = total && loaded / total;
      this.dispatchEvent(new Event("change"));
    };
    request.onload = () => this.#answered(item, request);
    request.onerror = request.ontimeout = () => this.#end(item, { state: "failed", error: "file_offline" });
    Object.assign(item, { state: "uploading", progress: 0, error: null });
    this.#changed();
    request.send(item.file);
  }

  #answered(item, { status, responseText }) {
    let answer = {};
    try {
      answer = JSON.parse(responseText);
    } catch {
      // Not the gateway's own words: something between here and there has answered.
    }
    if (status === 201) this.#end(item, { state: "done", view: answer });
    else this.#end(item, { state: "failed", error: answer.code ?? (status === 413 ? "file_too_large" : "file_failed") });
  }

  #end(item, outcome) {
    this.#request = null;
    Object.assign(item, outcome);
    this.#changed();
    this.#next();
  }

  #cancel(id) {
    if (this.#request?.id !== id) return;
    const { request } = this.#request;
    this.#request = null;
    request.onload = request.onerror = request.ontimeout = request.upload.onprogress = null;
    request.abort();
  }

  #changed() {
    const kept = this.#items
      .filter(({ error }) => !FINAL.includes(error))
      .map(({ id, name, size, type, view }) => ({ id, name, size, type, view }));
    if (kept.length) this.#storage.set(KEPT, kept);
    else this.#storage.remove(KEPT);
    this.dispatchEvent(new Event("change"));
  }
}
