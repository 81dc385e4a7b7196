/** The conversation as a text file. Raises for whatever kept it from coming. */

import { h } from "./dom.js";

export async function downloadTranscript({ server, session, language, name }) {
  const url = new URL("v1/transcript", server);
  url.searchParams.set("language", language);
  const response = await fetch(url, { headers: { Authorization: `Bearer ${session}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status}, expected the transcript`);
  const blob = URL.createObjectURL(await response.blob());
  h("a", { href: blob, download: name }).click();
  // The browser reads it after the click; let go of at once, it is gone.
  setTimeout(() => URL.revokeObjectURL(blob), 60_000);
}
