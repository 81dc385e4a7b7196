/** The number of unread messages before the page's own title, for a shop that wants it. */

const OURS = /^\(\d+\) /;

export function badgeTitle(unread) {
  const own = document.title.replace(OURS, "");
  const title = unread ? `(${unread}) ${own}` : own;
  if (document.title !== title) document.title = title;
}
