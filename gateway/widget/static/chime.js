/** Two soft notes when an answer comes, if the customer has asked for them. */

const NOTES = [660, 880];
const APART = 0.12;
const LASTS = 0.35;

let context = null;

/** Browsers let a page sound only after the customer has touched it; before, this is silent. */
export function chime() {
  if (!navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  context.resume().catch(() => {});
  NOTES.forEach((frequency, at) => {
    const start = context.currentTime + at * APART;
    const note = new OscillatorNode(context, { frequency });
    const volume = new GainNode(context, { gain: 0.06 });
    volume.gain.setTargetAtTime(0, start, LASTS / 4);
    note.connect(volume).connect(context.destination);
    note.start(start);
    note.stop(start + LASTS);
  });
}
