// Times in the viewer's zone, pages that follow what happens, Alertmanager's links, and forms that answer while one types.
// Everything but the links works without this, in UTC and by reloading.
"use strict";

// Alertmanager's page keeps its place behind a # (`/#/alerts?filter=..`), which no server gets to see.
function linkBehindHash(hash) {
  const [path, query = ""] = hash.replace(/^#!?/, "").split(/\?(.*)/s);
  const places = [
    [/^\/alerts\/?$/, () => "/alerts"],
    [/^\/silences\/?$/, () => "/silences"],
    [/^\/silences\/new(?:\/.*)?$/, () => "/silences/new"],
    [/^\/silences\/([^/]+)(\/edit)?\/?$/, (match) => `/silences/${match[1]}${match[2] ?? ""}`],
    [/^\/(?:status|settings)\/?$/, () => "/status"],
  ];
  for (const [pattern, place] of places) {
    const match = path.match(pattern);
    if (match) return query ? `${place(match)}?${query}` : place(match);
  }
  return undefined;
}

function followHash() {
  const place = document.querySelector("[data-hash-links]") && linkBehindHash(location.hash);
  const root = document.querySelector(".brand").getAttribute("href").replace(/\/$/, "");
  if (place) location.replace(root + place);
}
addEventListener("hashchange", followHash);
followHash();

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

// Calls `look` again and again while the page is seen, less often while it fails, and says whether it works. `look` answers
// whether there is more at once.
function keepLooking(look, every) {
  const state = document.querySelector(".live");
  let wait = every;
  let timer;

  function show(lost) {
    if (!state) return;
    state.hidden = false;
    state.classList.toggle("lost", lost);
    const text = lost ? "Connection lost, trying again" : "Live";
    if (state.textContent !== text) state.textContent = text;
  }

  async function poll() {
    let more = false;
    const began = performance.now();
    try {
      more = await look();
      // who watches a hundred thousand alerts costs the server at most a twentieth of a core
      wait = Math.max(every, 20 * (performance.now() - began));
      show(false);
    } catch {
      wait = Math.max(wait, Math.min(wait * 2, SLOWEST_POLL));
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
  schedule(every);
}

async function ask(url) {
  const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(15000) });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer;
}

function parsed(text) {
  return new DOMParser().parseFromString(text, "text/html");
}

// What the viewer did to the old one is done to the fresh one; pictures that are shown already are kept, so that nothing
// flickers.
function keepWhatWasDone(old, fresh) {
  for (const figure of fresh.querySelectorAll("figure[data-picture]")) {
    const shown = old.querySelector(`figure[data-picture="${CSS.escape(figure.dataset.picture)}"]`);
    if (shown) figure.replaceWith(shown);
  }
  const before = [...old.querySelectorAll("details")];
  [...fresh.querySelectorAll("details")].forEach((details, at) => {
    const same = details.id ? before.find((one) => one.id === details.id) : before[at];
    if (same) details.open = same.open;
  });
}

// -- the inbox: new and changed messages

function apply(feed, fragment) {
  const updates = parsed(fragment).getElementById("updates");
  if (!updates) throw new Error("no updates in the answer");
  for (const article of [...updates.children]) {
    const fresh = document.adoptNode(article);
    showTimes(fresh);
    const old = document.getElementById(fresh.id);
    const isNewer = !feed.firstElementChild || Number(fresh.id.slice(1)) > Number(feed.firstElementChild.id.slice(1));
    if (old) {
      if (old.dataset.revision !== fresh.dataset.revision) {
        keepWhatWasDone(old, fresh);
        old.replaceWith(fresh);
      }
    } else if (isNewer) {
      fresh.classList.add("arrived");
      feed.prepend(fresh);
    }
  }
  while (feed.children.length > KEPT) feed.lastElementChild.remove();
  if (feed.firstElementChild) document.getElementById("empty")?.remove();
  feed.dataset.revision = updates.dataset.revision;
}

function watchInbox(feed) {
  keepLooking(async () => {
    const answer = await ask(`${feed.dataset.updates}?after=${feed.dataset.revision}`);
    if (answer.status !== 200) return false;
    apply(feed, await answer.text());
    return true;
  }, POLL);
}

// -- other pages: fetched again; of each part only the children that differ are replaced

const REFRESH = 10000;
const served = new WeakMap();

// As the server wrote it, but for how long ago things were.
function asServed(element) {
  return element.outerHTML.replace(/(<time [^>]*>)[^<]*/g, "$1");
}

function remember(region) {
  for (const child of region.children) served.set(child, asServed(child));
}

function refresh(region, fresh) {
  const known = new Map([...region.children].filter((child) => child.id).map((child) => [child.id, child]));
  const wanted = [...fresh.children].map((child, at) => {
    const old = child.id ? known.get(child.id) : region.children[at];
    const html = asServed(child);
    if (old && (served.get(old) === html || old.contains(document.activeElement))) return old;
    const next = document.adoptNode(child);
    served.set(next, html);
    if (old) keepWhatWasDone(old, next);
    showTimes(next);
    return next;
  });
  for (const child of [...region.children]) if (!wanted.includes(child)) child.remove();
  let at = region.firstElementChild;
  for (const child of wanted) {
    if (child === at) at = at.nextElementSibling;
    else region.insertBefore(child, at);
  }
}

function watchPage(regions) {
  keepLooking(async () => {
    const page = parsed(await (await ask(location.href)).text());
    for (const region of regions) {
      const fresh = page.getElementById(region.id);
      if (fresh) refresh(region, fresh);
    }
    for (const count of document.querySelectorAll("[data-count]")) {
      const fresh = page.getElementById(count.id);
      if (fresh && fresh.textContent !== count.textContent) count.textContent = fresh.textContent;
    }
    return false;
  }, REFRESH);
}

// -- filters

function submitOnChange(form) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
  });
}

addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select");
  const filter = document.getElementById("filter");
  if (event.key !== "/" || isTyping || !filter || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  filter.focus();
});

// -- the form of a silence

const UNITS = [["y", 31536000], ["w", 604800], ["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];

function parseDuration(text) {
  const match = text.replaceAll(" ", "").match(/^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/);
  if (!match?.[0]) return undefined;
  return UNITS.reduce((sum, [, size], at) => sum + size * (parseInt(match[at + 1], 10) || 0), 0);
}

function printDuration(seconds) {
  let text = "";
  for (const [unit, size] of UNITS) {
    const skip = (unit === "y" || unit === "w") && seconds % size !== 0;
    const count = skip ? 0 : Math.floor(seconds / size);
    if (count > 0) text += `${count}${unit}`;
    seconds -= count * size;
  }
  return text || "0s";
}

function parseTime(text) {
  const at = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text.replace(" ", "T").replace(/ ?UTC$/, "")}Z`);
  return Number.isNaN(at) ? undefined : at;
}

const printTime = (at) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
const printLocal = (at) => new Date(at - new Date(at).getTimezoneOffset() * 60000).toISOString().slice(0, 19);

// A field in UTC gets the browser's own for date and time beside it, in the viewer's zone.
function localField(field) {
  if (field.value && parseTime(field.value) === undefined) return undefined;
  const local = document.createElement("input");
  local.type = "datetime-local";
  local.step = 1;
  const label = document.querySelector(`label[for="${field.id}"]`);
  local.id = `local_${field.id}`;
  label.htmlFor = local.id;
  label.textContent = label.textContent.replace(" (UTC)", "");
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (field.hasAttribute(name)) local.setAttribute(name, field.getAttribute(name));
  }
  field.type = "hidden";
  field.before(local);
  const show = () => { local.value = field.value ? printLocal(parseTime(field.value)) : ""; };
  local.addEventListener("input", () => {
    field.value = local.value ? printTime(new Date(local.value).getTime()) : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  show();
  return show;
}

// Start, duration and end agree. What follows from another field counts as unchanged for the server.
function linkTimes(form) {
  const { starts_at: start, duration, ends_at: end, was_duration: wasDuration, was_ends_at: wasEnd } = form.elements;
  const shows = [start, end].map(localField).filter(Boolean);
  const from = () => (start.value ? parseTime(start.value) : Date.now());
  const moveEnd = () => {
    const length = parseDuration(duration.value);
    if (length === undefined || from() === undefined) return;
    end.value = wasEnd.value = printTime(from() + length * 1000);
    for (const show of shows) show();
  };
  start.addEventListener("input", moveEnd);
  duration.addEventListener("input", moveEnd);
  end.addEventListener("input", () => {
    const length = (parseTime(end.value) - from()) / 1000;
    if (length > 0) duration.value = wasDuration.value = printDuration(Math.round(length));
  });
  form.addEventListener("click", (event) => {
    if (event.target.name !== "preset") return;
    event.preventDefault();
    duration.value = event.target.value;
    moveEnd();
  });
}

function previewWhileTyping(form) {
  const matchers = form.elements.matchers;
  const preview = document.getElementById("preview");
  let timer;
  let asked = 0;
  async function look() {
    const mine = ++asked;
    try {
      const text = await (await ask(`${form.dataset.preview}?${new URLSearchParams({ matchers: matchers.value })}`)).text();
      if (mine !== asked) return;
      const fresh = parsed(text).body;
      showTimes(fresh);
      preview.replaceChildren(...fresh.childNodes);
    } catch {
      // what is shown is of before; "Preview" tells
    }
  }
  matchers.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 300);
  });
}

// on a phone the navigation is wider than the screen
document.querySelector(".bar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

const regions = [...document.querySelectorAll("[data-live]")];
regions.forEach(remember);
showTimes(document);
setInterval(() => showTimes(document), 15000);
const feed = document.querySelector(".feed[data-updates]");
if (feed) watchInbox(feed);
if (regions.length > 0) watchPage(regions);
document.querySelectorAll("form.toolbar").forEach(submitOnChange);
for (const form of document.querySelectorAll("form.silence-form")) {
  linkTimes(form);
  previewWhileTyping(form);
}
