/** The bar at the foot: what the recorder says of itself, and the way to watch it. It is no part of the recording. */

/** After this long without a recorder, the script did not come. */
const GIVE_UP_MS = 8_000;

export function showRecording() {
  const bar = document.querySelector("#recording-bar");
  const text = document.querySelector("#recording-state");
  const link = document.querySelector("#watch-yourself");

  function show(status) {
    if (!status) return;
    const { recording, session_id, acknowledged, pending, dropped, retry_at } = status;
    const parts = [`session ${session_id.slice(0, 4)}`, `${count(acknowledged, "batch", "batches")} acknowledged`];
    if (pending > 0) parts.push(`${pending} ${retry_at ? "waiting for the edge" : "on the way"}`);
    if (dropped > 0) parts.push(`${dropped} given up`);
    bar.dataset.state = !recording ? "stopped" : retry_at ? "waiting" : "recording";
    text.textContent = [recording ? "recording" : "not recording", ...parts].join(" · ");
    link.href = window.rrhog.getSessionUrl();
    // A session is listed once a batch of it has arrived.
    link.hidden = acknowledged === 0;
  }

  window.addEventListener("rrhog:status", ({ detail }) => show(detail));
  show(window.rrhog?.status());
  setTimeout(() => {
    if (window.rrhog) return;
    bar.dataset.state = "stopped";
    text.textContent = "not recording: the recorder could not be loaded from the edge";
  }, GIVE_UP_MS);
}

function count(n, one, many) {
  return `${n} ${n === 1 ? one : many}`;
}
