/** Products side by side: one card, or a row of them to leaf through. */

import { h, icon, set } from "./dom.js";
import { link, webAddress } from "./format.js";

export function cardRow(cards, context) {
  const illustrated = cards.some(({ image }) => webAddress(image));
  const items = cards.map((card) => h("li", { class: "card" }, ...parts(card, illustrated, context)));
  return items.length > 1 ? carousel(items, context) : h("ul", { class: "cards", role: "list" }, ...items);
}

function parts({ title, subtitle, image, url, quick_replies: replies = [] }, illustrated, { t, act }) {
  const heading = url && link(url, title, h("span", { class: "unseen" }, ` (${t("new_tab")})`));
  const buttons = replies.map((reply) =>
    h("button", { type: "button", dir: "auto", onclick: () => act.send(reply.title, reply.payload) }, reply.title),
  );
  return [
    illustrated ? cover(webAddress(image)) : null,
    h(
      "div",
      { class: "card-text" },
      h("p", { class: "card-title", dir: "auto" }, heading || title),
      subtitle ? h("p", { class: "card-subtitle", dir: "auto" }, subtitle) : null,
    ),
    buttons.length ? h("div", { class: "card-buttons" }, ...buttons) : null,
  ];
}

/** The picture; where there is none, or it does not come, a plain tile of the same size. */
function cover(address) {
  const tile = h("div", { class: "cover" }, icon("picture"));
  if (!address) return tile;
  // What it shows is what the title says.
  const image = h("img", { alt: "", loading: "lazy", onerror: () => image.remove() });
  image.src = address;
  tile.append(image);
  return tile;
}

function carousel(items, { t }) {
  const row = h("ul", { class: "cards", role: "list", tabindex: 0, "aria-label": t("cards", { n: items.length }) }, ...items);
  const sign = () => (getComputedStyle(row).direction === "rtl" ? -1 : 1);
  const turn = (name, way) =>
    h(
      "button",
      {
        type: "button",
        class: `turn ${name}`,
        "aria-label": t(name),
        title: t(name),
        onclick: () => row.scrollBy({ left: way * sign() * (items[0].offsetWidth + 10), behavior: "auto" }),
      },
      icon(name),
    );
  const previous = turn("previous", -1);
  const next = turn("next", 1);
  const update = () => {
    const left = row.scrollLeft * sign();
    // Not `disabled`: the button that was just pressed must keep the focus.
    set(previous, "aria-disabled", String(left < 8));
    set(next, "aria-disabled", String(left > row.scrollWidth - row.clientWidth - 8));
  };
  row.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(row);
  return h("div", { class: "carousel", role: "group", "aria-label": t("cards", { n: items.length }) }, previous, row, next);
}
