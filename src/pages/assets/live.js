// Times in the viewer's zone, and an inbox that follows what happens. Everything works without this, in UTC and by reloading.
"use strict";

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const agoFormat = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });

function ago(seconds) {
  const past = Math.abs(seconds);
  if (past < 60) return agoFormat.format(Math.round(-seconds), "second");
  if (past < 3600) return agoFormat.format(Math.round(-seconds / 60), "minute");
  if (past < 2 * 86400) return agoFormat.format(Math.round(-seconds / 3600), "hour");
  return agoFormat.format(Math.round(-seconds / 86400), "day");
}

function showTimes(root) {
  const now = new Date();
  for (const element of root.querySelectorAll("time")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const sameDay = at.toDateString() === now.toDateString();
    const absolute = sameDay ? timeFormat.format(at) : `${dayFormat.format(at)}, ${timeFormat.format(at)}`;
    const text = `${absolute} (${ago((now - at) / 1000)})`;
    if (!element.title) element.title = element.textContent;
    if (element.textContent !== text) element.textContent = text;
  }
}

// A picture that retention has deleted leaves its words.
function showGone(image) {
  const words = document.createElement("p");
  words.className = "gone";
  words.textContent = `This picture is no longer here. It showed: ${image.alt}`;
  (image.closest("figure a") ?? image).replaceWith(words);
}

document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLImageElement) showGone(event.target);
}, true);
for (const image of document.querySelectorAll("figure img")) {
  if (image.complete && image.naturalWidth === 0 && image.src) showGone(image);
}

const POLL = 2000;
const SLOWEST_POLL = 30000;
const KEPT = 200;

// Pictures that are shown already are kept as they are, so that nothing flickers.
function replaceArticle(old, fresh) {
  for (const figure of fresh.querySelectorAll("figure[data-picture]")) {
    const shown = old.querySelector(`figure[data-picture="${CSS.escape(figure.dataset.picture)}"]`);
    if (shown) figure.replaceWith(shown);
  }
  const wasOpen = old.querySelector("details")?.open;
  const details = fresh.querySelector("details");
  if (wasOpen && details) details.open = true;
  old.replaceWith(fresh);
}

function apply(feed, fragment) {
  const parsed = new DOMParser().parseFromString(fragment, "text/html").getElementById("updates");
  if (!parsed) throw new Error("no updates in the answer");
  for (const article of [...parsed.children]) {
    const fresh = document.adoptNode(article);
    showTimes(fresh);
    const old = document.getElementById(fresh.id);
    const isNewer = !feed.firstElementChild || Number(fresh.id.slice(1)) > Number(feed.firstElementChild.id.slice(1));
    if (old) {
      if (old.dataset.revision !== fresh.dataset.revision) replaceArticle(old, fresh);
    } else if (isNewer) {
      fresh.classList.add("arrived");
      feed.prepend(fresh);
    }
  }
  while (feed.children.length > KEPT) feed.lastElementChild.remove();
  if (feed.firstElementChild) document.getElementById("empty")?.remove();
  feed.dataset.revision = parsed.dataset.revision;
}

function watch(feed) {
  const state = document.querySelector(".live");
  let wait = POLL;
  let timer;

  function show(lost) {
    state.hidden = false;
    state.classList.toggle("lost", lost);
    const text = lost ? "Connection lost, trying again" : "Live";
    if (state.textContent !== text) state.textContent = text;
  }

  async function poll() {
    let more = false;
    try {
      const url = `${feed.dataset.updates}?after=${feed.dataset.revision}`;
      const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(15000) });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      if (answer.status === 200) {
        apply(feed, await answer.text());
        more = true;
      }
      wait = POLL;
      show(false);
    } catch {
      wait = Math.min(wait * 2, SLOWEST_POLL);
      show(true);
    }
    schedule(more ? 50 : wait);
  }

  function schedule(delay) {
    clearTimeout(timer);
    timer = document.hidden ? undefined : setTimeout(poll, delay);
  }

  document.addEventListener("visibilitychange", () => schedule(0));
  show(false);
  schedule(POLL);
}

showTimes(document);
setInterval(() => showTimes(document), 15000);
const feed = document.querySelector(".feed[data-updates]");
if (feed) watch(feed);
