/* The pages before a draw, alive: the countdown moves, and the page is fetched again when something is new.
   The wait before each question is drawn by lot too, so that a crowd does not come back in one second. */
const room = document.getElementById("room"), page = room.dataset, api = "/api/v1/periods/" + page.period;
const start = performance.now(), served = Date.parse(page.serverTime), turns = Date.parse(page.turnsAt);
const now = () => served + performance.now() - start; // never ahead of the server: the page took its time to come
const between = (low, high) => low + Math.random() * (high - low);
const later = (seconds, work) => setTimeout(work, seconds * 1000);
const again = (least, most) => later(between(least, most), () => location.replace("/periodes/" + page.period));
const two = (value) => String(value).padStart(2, "0");

function put(name, text) {
  for (const part of document.querySelectorAll(`[data-text="${name}"]`)) {
    if (part.textContent !== text) part.textContent = text;
  }
}
function words(ms) { // the same as waitingroom/states.py
  const s = Math.max(0, Math.floor(ms / 1000)), days = Math.floor(s / 86400), hours = Math.floor(s / 3600) % 24;
  const minutes = Math.floor(s / 60) % 60;
  if (days) return `${days} jour${days > 1 ? "s" : ""} ${hours} h`;
  if (hours) return `${hours} h ${two(minutes)} min`;
  return minutes ? `${minutes} min ${two(s % 60)} s` : `${s} s`;
}
function ask() {
  fetch(api + "/tickets/me", { credentials: "same-origin", cache: "no-store" }).then(async (answer) => {
    if (answer.status === 401 || answer.status === 404) return again(1, 5);
    const me = answer.ok ? await answer.json() : null;
    // Turned, or still waited for some time after it: either way this page no longer says how things stand.
    if (me && (me.state !== "entered" || (served < turns && now() > turns + 10000))) return again(0, 1);
    if (me && me.notice) { put("notice", me.notice); document.querySelector("[data-show=notice]").hidden = false; }
    if (me) crowd = me.entries / 2000; // seconds over which so many may ask
    next(answer.ok ? 0 : Number(answer.headers.get("Retry-After")));
  }).catch(() => next(5));
}
let crowd = 0;
function next(least) {
  const left = (turns - now()) / 1000;
  // Far from it a few minutes apart; then once within the last minute, to be there when it is drawn; then until it is.
  const wait = left > 55 ? Math.min(left - between(10, 50), between(120, 240)) : left > 0 ? left + between(1, 6 + crowd) : between(3, 8 + crowd);
  later(Math.max(wait, least || 0), ask);
}
let said = false;
function tick() {
  const left = turns - now();
  put("countdown", words(left));
  if (left > 0 || said) return;
  said = true;
  if (page.state !== "entered") return turns > served ? again(0.5, 3) : again(15, 30); // late: it has not turned yet
  if (served < turns) put("status", "C’est l’heure du tirage : votre numéro s’affichera ici dans un instant.");
}
tick();
setInterval(tick, 250);
if (page.state === "entered") ask();
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
