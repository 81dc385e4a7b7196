/** Files as they are seen: in a message, and beside the composer before they are sent. */

import { h, icon, set, write } from "./dom.js";
import { webAddress } from "./format.js";

const WIDEST = 240;
const HIGHEST = 220;
const THUMBNAIL = 96;

const isPicture = (type) => type.startsWith("image/");
const extension = (type) => (type.split("/")[1] ?? "").toUpperCase().replace("JPEG", "JPG");

/** 1.4 MB, as the customer's language writes it. */
export function size(bytes, locale) {
  const [unit, value] = bytes < 1_000_000 ? ["kilobyte", Math.max(1, Math.round(bytes / 1_000))] : ["megabyte", bytes / 1_000_000];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

/** The files of a message, a FileView each: pictures as such, all others by name. */
export function fileList(files, { t, locale, act }) {
  const items = files.map((file) => {
    const url = webAddress(new URL(file.url, act.server).href);
    const drawn = isPicture(file.media_type) && url && file.width > 0 && file.height > 0;
    return h("li", {}, drawn ? picture(file, url, { t, locale }) : chip(file, url, { t, locale }));
  });
  return h("ul", { class: "files", role: "list", "aria-label": t("files") }, ...items);
}

function picture(file, url, context) {
  const { name, width, height } = file;
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  const image = h("img", {
    alt: name,
    loading: "lazy",
    // Known before it is there: what is read does not move when it comes.
    width: Math.max(24, Math.round(width * scale)),
    height: Math.max(24, Math.round(height * scale)),
    onerror: () => element.replaceWith(chip(file, url, context)),
  });
  image.src = url;
  const element = opened("picture", url, context, image);
  return element;
}

function chip({ name, media_type: type, size: bytes }, url, { t, locale }) {
  const parts = [
    h("span", { class: "file-icon" }, icon(isPicture(type) ? "picture" : "file")),
    h(
      "span",
      { class: "file-text" },
      h("bdi", { class: "file-name" }, name),
      h("span", { class: "file-size" }, `${extension(type)} · ${size(bytes, locale)}`),
    ),
  ];
  return url ? opened("chip", url, { t }, ...parts) : h("span", { class: "chip" }, ...parts);
}

function opened(name, url, { t }, ...children) {
  return h(
    "a",
    { class: name, href: url, target: "_blank", rel: "noopener noreferrer nofollow" },
    ...children,
    h("span", { class: "unseen" }, ` (${t("new_tab")})`),
  );
}

/** What goes with the next message, with its progress. */
export class Tray {
  #context;
  #uploads;
  #rows = new Map();
  #changed = () => this.#show();

  constructor(context) {
    this.#context = context;
    this.#uploads = context.act.uploads;
    this.#uploads.addEventListener("change", this.#changed);
    this.element = h("ul", { class: "tray", role: "list", "aria-label": context.t("files") });
    this.#show();
  }

  discard() {
    this.#uploads.removeEventListener("change", this.#changed);
  }

  #show() {
    const { items } = this.#uploads;
    const rows = new Map(items.map((item) => [item.id, this.#rows.get(item.id) ?? this.#row(item)]));
    for (const [id, row] of this.#rows) if (!rows.has(id)) row.element.remove();
    for (const [id, row] of rows) if (!this.#rows.has(id)) this.element.append(row.element);
    this.#rows = rows;
    for (const item of items) this.#update(rows.get(item.id), item);
    this.element.hidden = !items.length;
  }

  #row(item) {
    const { t } = this.#context;
    const { id, name } = item;
    const state = h("span", { class: "file-size", role: "status" });
    const bar = h("progress", { max: 1, "aria-label": t("uploading", { name }) });
    const retry = h(
      "button",
      { type: "button", class: "small", "aria-label": t("retry_file", { name }), title: t("retry") },
      icon("retry"),
    );
    const remove = h(
      "button",
      { type: "button", class: "small", "aria-label": t("remove_file", { name }), title: t("remove") },
      icon("close"),
    );
    retry.addEventListener("click", () => {
      remove.focus(); // the button that was pressed goes
      this.#uploads.retry(id);
    });
    remove.addEventListener("click", () => this.#remove(id));
    const element = h(
      "li",
      { class: "attachment" },
      thumbnail(item, this.#context.act.server),
      h("span", { class: "file-text" }, h("bdi", { class: "file-name" }, name), state),
      retry,
      remove,
      bar,
    );
    return { element, state, bar, retry, remove };
  }

  #update({ element, state, bar, retry }, item) {
    const { t, locale } = this.#context;
    set(element, "data-state", item.state);
    const failure = item.error && (t(item.error) ?? t("file_failed"));
    const words = { waiting: t("file_waiting"), failed: failure };
    write(state, words[item.state] ?? size(item.size, locale));
    bar.hidden = item.state !== "uploading";
    bar.value = item.progress ?? 0;
    retry.hidden = !(item.state === "failed" && this.#uploads.mayRetry(item));
  }

  /** The keyboard's place goes to the next file, or back to where one writes. */
  #remove(id) {
    const ids = [...this.#rows.keys()];
    const next = ids[ids.indexOf(id) + 1] ?? ids[ids.indexOf(id) - 1];
    if (next) this.#rows.get(next).remove.focus();
    else this.#context.focus();
    this.#uploads.remove(id);
  }
}

function thumbnail({ file, type, view }, server) {
  const place = h("span", { class: "file-icon" }, icon(isPicture(type) ? "picture" : "file"));
  if (!isPicture(type)) return place;
  if (file) {
    // Drawn, not linked to: the page's policy need not allow `blob:` pictures.
    draw(file).then(
      (canvas) => place.replaceChildren(canvas),
      () => {}, // not a picture that this browser can read: the icon stays
    );
  } else if (view) {
    const image = h("img", { alt: "", onerror: () => image.replaceWith(icon("picture")) });
    image.src = new URL(view.url, server).href;
    place.replaceChildren(image);
  }
  return place;
}

async function draw(file) {
  const bitmap = await createImageBitmap(file, { resizeHeight: THUMBNAIL, resizeQuality: "medium" });
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = h("canvas", { width: THUMBNAIL, height: THUMBNAIL });
  canvas
    .getContext("2d")
    .drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, THUMBNAIL, THUMBNAIL);
  bitmap.close();
  return canvas;
}
