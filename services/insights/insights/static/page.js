// Keeps the page as the server has it: takes regions as they change, comes back by itself, says when it cannot.
"use strict";
const main = document.getElementById("main");
const connection = document.getElementById("connection");
const SILENT_MS = 10000;
const AGAIN_MS = 2000;
let heard = Date.now();

function become(state) {
  if (connection.dataset.state !== state) connection.dataset.state = state;
}

function take(message) {
  heard = Date.now();
  become("live");
  for (const [name, html] of Object.entries(JSON.parse(message.data))) {
    const region = document.querySelector(`[data-region="${name}"]`);
    if (region) Idiomorph.morph(region, html, { morphStyle: "innerHTML", callbacks: { beforeAttributeUpdated: keepOpen } });
  }
  const known = document.querySelector('[data-region="status"] [data-programmes]');
  if (known && known.dataset.programmes !== main.dataset.programmes) location.reload();
}

// What a reader has opened stays open.
function keepOpen(name, element) {
  return !(name === "open" && element.tagName === "DETAILS");
}

function listen() {
  const source = new EventSource(main.dataset.live);
  source.addEventListener("regions", take);
  source.onerror = () => {
    become("reconnecting");
    if (source.readyState === EventSource.CLOSED) setTimeout(again, AGAIN_MS);
  };
}

// The browser gives up when the answer is no stream: find out whether we were signed out or a server is away.
async function again() {
  const asked = new AbortController();
  try {
    const answer = await fetch(main.dataset.live, { signal: asked.signal });
    asked.abort();
    if (answer.status === 401 || answer.status === 403) return location.reload();
    if (answer.ok) return listen();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  setTimeout(again, AGAIN_MS);
}

setInterval(() => {
  if (connection.dataset.state === "live" && Date.now() - heard > SILENT_MS) become("stale");
}, 1000);
listen();
