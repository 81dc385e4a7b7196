/** What a shop's own script might do with the chat; and the demo's stand-in for pages that a real shop would have. */

/** Opens the chat, with a question in it if there is one: the customer sends it, not the page. */
function ask(question) {
  (window.shopdesk ??= []).push((chat) => {
    chat.open();
    if (question) chat.write(question);
  });
}

addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-ask]");
  if (button) ask(button.dataset.ask);
});

/**
 * Sources lead to /help/…, /policies/… (/zh/… in Chinese) and /shop/…. This demo has one page a language for all of them:
 * go to the part that was meant. A product's address says no language; there it is the one that was read last.
 */
const [, chinese, kind, name] = /^(\/zh)?\/(help|policies|shop)(?:\/([\w-]+))?/.exec(location.pathname) ?? [];
if (kind) {
  const home = chinese || (kind === "shop" && localStorage.getItem("language") === "zh") ? "/zh" : "/";
  const part = kind === "shop" ? name : `help-${name}`;
  const rest = kind === "shop" ? "products" : "help";
  location.replace(`${home}#${document.getElementById(part) ? part : rest}`);
} else {
  localStorage.setItem("language", document.documentElement.lang.slice(0, 2));
}
