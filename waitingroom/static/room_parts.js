/* What the states of the room page share: showing, saying, words, the favicon, asking for a number, coming back. */

const { serverClock, inTime, ask, onReturn, number, counted, two, durationWords, clockWords, put, later, between } = self.livePage;
const room = document.getElementById("room");
const page = room ? room.dataset : {};
const SOON_SECONDS = Number(page.soonSeconds); // the page has the rule's number
const address = "/periodes/" + page.period;
const api = "/api/v1/periods/" + page.period;
const came = (performance.getEntriesByType("navigation")[0] || {}).responseStart; // its first byte; some do not say
const time = serverClock(Date.parse(page.serverTime) + (came ? performance.now() - came : 0)); // never ahead of the server

function show(name, on) {
  for (const part of document.querySelectorAll(`[data-show="${name}"]`)) part.hidden = !on;
}
function say(text, holds = null, within = document) { // role=status: milestones only, while they hold and 20 s at most
  put("status", text, within);
  say.holds = holds;
  clearTimeout(say.timer);
  say.timer = later(20, unsay);
}
function unsay() {
  put("status", "");
  say.holds = null;
}
const cry = (text) => put("alert", text); // role=alert: the call, 2 minutes, 1 minute

/* The favicons that a page changes to, the same shapes as in `server/templates/icons.html`: they come with the script, so
   that the one for a lost connection needs none. */

const plate = (inner, colour = "#124e78") => `<rect width='32' height='32' rx='7' fill='${colour}'/>${inner}`;
const ICONS = {
  open: plate("<path d='M9 6h14v20H9z' fill='#fff'/><circle cx='19' cy='16' r='2' fill='#124e78'/>"),
  waiting: plate("<g fill='#fff'><circle cx='8' cy='16' r='3'/><circle cx='16' cy='16' r='3'/><circle cx='24' cy='16' r='3'/></g>"),
  soon: plate("<path d='M8 5h16l-6 11 6 11H8l6-11z' fill='#fff'/>"),
  paused: plate("<path d='M9 7h5v18H9zM18 7h5v18h-5z' fill='#fff'/>", "#7a4b00"),
  called: "<circle cx='16' cy='16' r='16' fill='#a01d16'/><path d='M13 5h6l-1 14h-4z' fill='#fff'/><circle cx='16' cy='25' r='3' fill='#fff'/>",
  lost: "<path d='M16 2l14 27H2z' fill='#7a4b00'/><path d='M14 11h4v9h-4zM14 22h4v4h-4z' fill='#fff'/>",
  over: plate("<path d='M8 14h16v4H8z' fill='#fff'/>"),
};

function face(icon, title) {
  document.title = `${title} – ${document.querySelector("meta[name=application-name]").content}`;
  const link = document.querySelector("link[rel=icon]");
  if (link.dataset.icon === icon) return;
  link.dataset.icon = icon;
  link.href = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>${ICONS[icon]}</svg>`.replace(/#/g, "%23");
}

let keep; // sessionStorage, where the browser lets us have it
try { keep = sessionStorage; keep.getItem("x"); } catch (_) { keep = { getItem() {}, setItem() {} }; }

function reload(least = 0, most = 1) { // only ever after an answer: a page is not given up for one that does not come
  if (reload.going) return;
  reload.going = true;
  const since = Math.abs(Date.now() - Number(keep.getItem("reloaded"))); // never in a tight circle
  later(between(least, most) + (since < 10000 ? 10 : 0), () => {
    keep.setItem("reloaded", Date.now());
    location.replace(address);
  });
}

/* Words, the same as the server's (waitingroom/states.py). */

const span = (m) => (m < 60 ? `${m} min` : `${Math.floor(m / 60)} h${m % 60 ? " " + two(m % 60) : ""}`);

function waitWords(range) {
  if (!range) return "pas encore connue";
  let low = Math.floor(range[0] / 60), high = Math.ceil(range[1] / 60);
  if (high > 60) { low -= low % 5; high = Math.ceil(high / 5) * 5; }
  if (high <= 1) return "moins d’une minute";
  if (low < 1) return `moins de ${span(high)}`;
  if (low === high) return `environ ${span(low)}`;
  return high < 60 ? `entre ${low} et ${high} minutes` : `entre ${span(low)} et ${span(high)}`;
}
const people = (n) => counted(n, "personne");

/* Asking for a number. Repeating is safe: the visitor cookie makes it the same one. */

for (const form of document.querySelectorAll("form[data-join]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.asking) join(form, 0);
  });
}
async function join(form, tries) {
  const near = form.querySelector("[role=status]") ? form : document; // the first page may have several forms
  form.asking = true;
  if (!tries) say("Nous demandons votre numéro…", null, near);
  let wait = Math.min(16, 2 ** tries);
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await inTime(10, (signal) => fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin", signal }));
    if (answer.type === "opaqueredirect") return location.assign(form.action.replace("/joindre", "?entree=1"));
    if (answer.status !== 429 && answer.status < 500) return form.submit(); // a refusal has a page of its own
    wait = Number(answer.headers.get("Retry-After")) || wait;
    say("Il y a beaucoup de monde. Nous redemandons votre numéro dans un instant; vous n’en aurez qu’un.", null, near);
  } catch (_) {
    say("La réponse n’est pas arrivée. Nous redemandons votre numéro\u00a0: répéter est sans danger, vous n’en aurez qu’un.", null, near);
  }
  later(wait * between(0.8, 1.3), () => join(form, tries + 1));
}

async function again() { // this page is out of date: fetched again once the server answers
  const answer = await ask(api).catch(() => null);
  if (answer && (answer.ok || answer.status === 404)) reload();
  else later(between(2, 6), again);
}
