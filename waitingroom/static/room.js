/* The room page, alive. Everything here is on the page already without scripts; this only moves it.
   It presses no button by itself: the one thing it does alone is the redirect that the call announces (WR-10).

   Markup: [data-show=x] is shown or hidden, [data-text=x] gets text, [data-do=x] is a tool's button,
   form[data-join] asks for a number. Syntax of 2017, for old computers. */

const room = document.getElementById("room");
const page = room ? room.dataset : {};
const SOON_SECONDS = Number(page.soonSeconds); // the page has the rule's number
const address = "/periodes/" + page.period;
const api = "/api/v1/periods/" + page.period;
const icons = JSON.parse(page.icons || "{}");
const clock = () => performance.now();
const later = (seconds, work) => setTimeout(work, seconds * 1000);
const between = (low, high) => low + Math.random() * (high - low);

function put(name, text, within = document) {
  for (const part of within.querySelectorAll(`[data-text="${name}"]`)) {
    if (part.textContent !== text) part.textContent = text;
  }
}
function show(name, on) {
  for (const part of document.querySelectorAll(`[data-show="${name}"]`)) part.hidden = !on;
}
function say(text, within) { // role=status: milestones only; gone from sight before it is out of date
  put("status", text, within);
  clearTimeout(say.timer);
  say.timer = later(20, () => put("status", ""));
}
const cry = (text) => put("alert", text); // role=alert: the call, 2 minutes, 1 minute

function face(icon, title) {
  document.title = `${title} – ${document.querySelector("meta[name=application-name]").content}`;
  const link = document.querySelector("link[rel=icon]");
  if (icons[icon] && link.getAttribute("href") !== icons[icon]) link.href = icons[icon];
}

let keep; // sessionStorage, where the browser lets us have it
try { keep = sessionStorage; keep.getItem("x"); } catch (_) { keep = { getItem() {}, setItem() {} }; }

function reload(least = 0, most = 1) {
  const just = Date.now() - Number(keep.getItem("reloaded")) < 10000; // never in a tight circle
  later(between(least, most) + (just ? 10 : 0), () => {
    keep.setItem("reloaded", Date.now());
    location.replace(address);
  });
}

/* Words, the same as the server's (waitingroom/states.py and the filters of its templates). */

const grouping = new Intl.NumberFormat("fr-CA");
const number = (value) => grouping.format(value).replace(/\s/g, "\u00a0");
const two = (value) => String(value).padStart(2, "0");

export function durationWords(ms) {
  const s = Math.max(0, Math.floor(ms / 1000)), days = Math.floor(s / 86400), hours = Math.floor(s / 3600) % 24;
  const minutes = Math.floor(s / 60) % 60;
  if (days) return `${days} jour${days > 1 ? "s" : ""} ${hours} h`;
  if (hours) return `${hours} h ${two(minutes)} min`;
  return minutes ? `${minutes} min ${two(s % 60)} s` : `${s} s`;
}
const span = (m) => (m < 60 ? `${m} min` : `${Math.floor(m / 60)} h${m % 60 ? " " + two(m % 60) : ""}`);

export function waitWords(range) {
  if (!range) return "pas encore connue";
  let low = Math.floor(range[0] / 60), high = Math.ceil(range[1] / 60);
  if (high > 60) { low -= low % 5; high = Math.ceil(high / 5) * 5; }
  if (high <= 1) return "moins d’une minute";
  if (low < 1) return `moins de ${span(high)}`;
  if (low === high) return `environ ${span(low)}`;
  return high < 60 ? `entre ${low} et ${high} minutes` : `entre ${span(low)} et ${span(high)}`;
}
function clockWords(ms, zone = "America/Toronto", short = false) {
  const format = new Intl.DateTimeFormat("fr-CA", {
    timeZone: zone, hour: "numeric", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  const part = {};
  for (const { type, value } of format.formatToParts(ms)) part[type] = value;
  const minutes = `${Number(part.hour)}\u00a0h\u00a0${part.minute}`;
  return short ? minutes : `${minutes}\u00a0min\u00a0${part.second}\u00a0s`;
}
const people = (n) => `${number(n)} personne${n > 1 ? "s" : ""}`;

/* Asking for a number. Repeating is safe: the visitor cookie makes it the same one. */

const touch = navigator.maxTouchPoints || 0;
const pointer = ["fine", "coarse", "none"].find((kind) => matchMedia(`(pointer: ${kind})`).matches) || "";

for (const form of document.querySelectorAll("form[data-join]")) {
  form.elements.touch_points.value = touch;
  form.elements.pointer.value = pointer;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.asking) ask(form, 0);
  });
}
if (touch > 1 && /Macintosh/.test(navigator.userAgent)) {
  show("device-yes", false); // iPadOS says it is a Macintosh; no Macintosh has a touch screen
  show("device-no", true);
}
async function ask(form, tries) {
  const near = form.querySelector("[role=status]") ? form : document; // the first page may have several forms
  form.asking = true;
  if (!tries) say("Nous demandons votre numéro…", near);
  let wait = Math.min(16, 2 ** tries);
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await Promise.race([
      fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" }),
      new Promise((_, no) => later(10, no)),
    ]);
    if (answer.type === "opaqueredirect") return location.assign(form.action.replace("/joindre", "?entree=1"));
    if (answer.status !== 429 && answer.status < 500) return form.submit(); // a refusal has a page of its own
    wait = Number(answer.headers.get("Retry-After")) || wait;
    say("Il y a beaucoup de monde. Nous redemandons votre numéro dans un instant; vous n’en aurez qu’un.", near);
  } catch (_) {
    say("La réponse n’est pas arrivée. Nous redemandons votre numéro : répéter est sans danger, vous n’en aurez qu’un.", near);
  }
  later(wait * between(0.8, 1.3), () => ask(form, tries + 1));
}

/* The sound, the notification, the screen. */

let audio, muted = keep.getItem("muted") === "yes";

function prepare() {
  if (!audio) { audio = new Audio(page.sound); audio.preload = "auto"; audio.load(); }
}
async function ring(times) {
  prepare();
  audio.onended = () => { if (--times > 0) audio.play(); };
  audio.currentTime = 0;
  await audio.play();
}
function sounds(on) {
  muted = !on;
  keep.setItem("muted", on ? "" : "yes");
  put("sound", on ? "Le son est activé. Si vous n’avez rien entendu, montez le volume." :
    "Le son est coupé : le message et le titre de l’onglet vous avertiront.");
  show("mute", on);
}
const tools = {
  sound: () => ring(1).then(() => sounds(true), () =>
    put("sound", "Votre navigateur n’a pas permis le son. Vérifiez ses réglages; le message vous avertira de toute façon.")),
  mute: () => sounds(false),
  async notify() {
    const answer = await Notification.requestPermission();
    show("notify", answer === "default");
    put("sound", `Les notifications ${answer === "granted" ? "sont activées" : "ne sont pas permises dans ce navigateur"}.`);
  },
  async awake() {
    try {
      await navigator.wakeLock.request("screen");
      tools.lit = true;
      show("awake", false);
      put("sound", "L’écran restera allumé tant que cette page est affichée.");
    } catch (_) {
      put("sound", "Votre appareil n’a pas permis de garder l’écran allumé.");
    }
  },
  stay() { redirectAt = 0; show("redirect", false); },
};
function setUpTools() {
  show("tools", true);
  show("notify", "Notification" in window && Notification.permission === "default");
  show("awake", "wakeLock" in navigator);
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", tools[button.dataset.do]);
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, prepare, { once: true });
}

/* The line: one object `me` from the socket or from a poll, drawn in place. */

let state = page.state, me, heard, spoken, end, trouble = "", told = "", redirectAt = 0, warned = 3, grewUntil = 0, drawn = 0;
const others = new Set(); // other tabs with this place
const stale = () => Date.parse(me.server_time) - Date.parse(me.as_of); // when we heard it: the server itself sees nothing new
const age = () => clock() - heard + stale();

function take(next) {
  const old = next.state === "waiting" && (state === "called" || state === "redeemed") && (!me || me.number === next.number);
  if (old) return; // nobody waits again after a call: this process looked at the line before it
  const before = me, away = before ? clock() - heard : 0;
  me = next;
  heard = clock();
  if (me.expires_at) end = heard + Date.parse(me.expires_at) - Date.parse(me.server_time);
  if (me.state !== state) return change();
  if (state === "waiting") milestones(before || me, away);
  trouble = "";
  draw();
}
const same = () => `Votre numéro est toujours le ${number(me.number)}.`;

function milestones(before, away) {
  if (before === me) say(`Vous avez le numéro ${number(me.number)}. ${people(me.ahead)} avant vous.`);
  else if (away > 60000) say(`Vous êtes de retour après ${durationWords(away)}. ${same()} Vous reprenez votre rang dans la file.`, told = "");
  else if (me.paused !== before.paused) say(me.paused ? "La file est en pause. Votre numéro est gardé." : "Les appels ont repris.");
  else if (me.notice && me.notice !== before.notice) say("Nouveau message du Ministère, en haut de cette page.");
  else if (!me.ahead && spoken) say("Personne n’est avant vous : votre numéro est le prochain.");
  else if (me.ahead <= 10 && spoken > 10 || me.ahead && me.ahead * 2 <= spoken) say(`${people(me.ahead)} avant vous.`);
  else {
    grew(me.ahead - before.ahead);
    if (spoken && me.ahead < spoken * 2) return;
    if (me.ahead && !spoken) say(`${people(me.ahead)} avant vous.`);
  }
  spoken = me.ahead;
}
function grew(more) {
  if (more <= 0) return;
  grewUntil = clock() + 30000;
  put("grew", more > 1 ? `${number(more)} personnes dont le numéro est plus petit que le vôtre sont revenues.` :
    "Une personne dont le numéro est plus petit que le vôtre est revenue.");
}
function change() {
  if (state === "waiting" && me.state === "called") return called(true);
  if (me.state !== "drained") return reload();
  show("over", true);
  for (const part of ["lost", "paused", "soon"]) show(part, false);
  face("over", "Réception terminée");
  cry("La réception des demandes est terminée. Plus personne n’est appelé.");
  state = "drained";
  reload(5, 60); // everybody hears it in the same second; they do not all come back in it
}
function called(live) {
  state = "called";
  show("queue", false);
  show("called", true);
  const mark = `sent-${page.period}-${me.number}`;
  if (!keep.getItem(mark)) {
    keep.setItem(mark, "yes"); // once: whoever comes back here stays here
    redirectAt = clock() + 5000;
    show("redirect", true);
  }
  if (live) {
    cry(`C’est votre tour. Vous avez ${durationWords(end - clock())} pour vous connecter et soumettre votre demande. La page de connexion s’ouvre dans 5 secondes.`);
    scrollTo(0, 0);
    document.getElementById("contenu").focus();
    if (!muted) ring(3).catch(() => addEventListener("pointerdown", () => ring(3).catch(() => 0), { once: true }));
    try {
      if (Notification.permission === "granted") {
        const note = new Notification("C’est votre tour", { body: "Connectez-vous maintenant.", tag: page.period, requireInteraction: true });
        note.onclick = () => { focus(); note.close(); };
      }
    } catch (_) { /* not offered here */ }
  }
  draw();
}
function draw() {
  if (!me || state === "drained") return;
  if (state !== "waiting") return drawToken();
  if (document.hidden && clock() - drawn < 10000) return; // the title of a tab that nobody sees can wait; a call cannot
  drawn = clock();
  drawPlace();
}
function drawPlace() {
  const old = age();
  const soon = !me.paused && (me.estimated_wait_seconds ? me.estimated_wait_seconds[1] <= SOON_SECONDS : !me.ahead);
  put("ahead", number(me.ahead));
  put("wait", me.paused && !me.estimated_wait_seconds ? "arrêtée avec la pause" : waitWords(me.estimated_wait_seconds));
  put("as-of", clockWords(Date.parse(me.as_of)));
  put("age", old >= 5000 ? `, il y a ${durationWords(old)}` : "");
  put("notice", me.notice || "");
  show("notice", !!me.notice);
  show("paused", me.paused);
  show("soon", soon);
  show("grew", clock() < grewUntil);
  const lost = clock() - heard > 5000 && trouble || stale() > 8000 && "down";
  show("lost", !!lost);
  if (told && !lost) say(told === "down" ? `Le service est rétabli. ${same()}` : `La connexion est rétablie. ${same()}`);
  told = lost;
  if (lost) drawTrouble(lost, old);
  else if (me.paused) face("paused", "File en pause");
  else if (soon) face("soon", "Bientôt votre tour");
  else face("waiting", `${number(me.ahead)} avant vous`);
}
function drawTrouble(kind, old) {
  const kept = `Votre numéro ${number(me.number)} est conservé`;
  const [title, text] = {
    down: ["Le service est interrompu", `C’est notre faute, pas la vôtre. ${kept}, personne n’est appelé, et le temps perdu est rendu à chacun.`],
    many: ["Trop de demandes en peu de temps", `${kept}. Nous réessayons dans un instant; il n’y a rien à faire.`],
    lost: ["La connexion est coupée", clock() - heard < 60000 ? `${kept}. Nous essayons de la rétablir.` :
      `${kept}, mais vous n’êtes pas appelé tant que la connexion n’est pas revenue. Vous reprendrez alors votre rang. Vérifiez votre accès à Internet.`],
  }[kind];
  put("lost-title", title);
  put("lost", `${text} Dernière position connue : il y a ${durationWords(old)}.`);
  face("lost", title);
}
function drawToken() {
  const left = me.paused ? Date.parse(me.expires_at) - Date.parse(me.server_time) : end - clock();
  put("left", durationWords(left));
  put("ends", clockWords(Date.parse(me.expires_at)));
  show("running", !me.paused);
  show("stopped", me.paused);
  face("called", `C’est votre tour : ${durationWords(left)}`);
  const minutes = Math.ceil(left / 60000);
  if (!me.paused && left > 0 && minutes < warned) {
    if (minutes < 3) cry(`Il reste ${minutes === 1 ? "1 minute" : "2 minutes"} pour soumettre votre demande.`);
    warned = minutes;
  }
  if (!redirectAt) return;
  const seconds = Math.ceil((redirectAt - clock()) / 1000);
  put("redirect", `${Math.max(0, seconds)} s`);
  if (seconds <= 0 && !(document.hidden && others.size)) {
    redirectAt = 0;
    location.assign(`${address}/connexion`);
  }
}

/* How `me` comes: a socket; a poll while there is none. */

let socket, tries = 0, polling = false, alive = false, unseen = false;

function connect() {
  if (!("WebSocket" in window)) return poll();
  socket = new WebSocket(location.origin.replace("http", "ws") + api + "/live");
  unseen = false;
  socket.onmessage = (event) => {
    alive = true;
    tries = 0;
    take(JSON.parse(event.data));
  };
  socket.onclose = (event) => {
    alive = false;
    if (event.code === 4401 || event.code === 4404) return reload();
    if (state === "drained") return;
    trouble = trouble || "lost";
    if (event.code === 4429) { tries = 5; show("tabs", true); }
    if (tries || event.code === 1000) poll();
    later(between(0, Math.min(30, Math.max(me.next_poll_seconds, 2 ** tries++))), connect); // no second stampede
  };
}
async function poll() {
  if (polling || state === "drained") return;
  polling = true;
  let wait = 5 * between(1, 2);
  try {
    const answer = await fetch(api + "/tickets/me", { credentials: "same-origin", cache: "no-store" });
    if (answer.status === 401 || answer.status === 404) return reload();
    if (answer.ok) {
      take(await answer.json());
      wait = me.next_poll_seconds * between(0.8, 1);
    } else {
      trouble = answer.status === 429 ? "many" : "down";
      wait = (Number(answer.headers.get("Retry-After")) || 5) * between(1, 2);
    }
  } catch (_) {
    trouble = "lost";
  }
  later(wait, () => { polling = false; if (!alive) poll(); });
}
function watch() {
  if (alive && clock() - heard > 15000) { // a laptop that slept may hold a socket that is none
    alive = false;
    socket.close();
    poll();
  }
  if (alive && unseen !== document.hidden) socket.send((unseen = document.hidden) ? "hidden" : "visible"); // told less often
  draw();
}
function tabs() {
  if (!("BroadcastChannel" in window)) return;
  const self = Math.random(), channel = new BroadcastChannel("room-" + page.period);
  channel.onmessage = ({ data }) => {
    if (data.bye) others.delete(data.from);
    else others.add(data.from);
    if (data.hello) channel.postMessage({ from: self });
    show("tabs", others.size > 0);
  };
  channel.postMessage({ from: self, hello: true });
  addEventListener("pagehide", () => channel.postMessage({ from: self, bye: true }));
}
function line() {
  if (location.search) history.replaceState(null, "", address);
  take(JSON.parse(page.me));
  if (state === "called") called(false);
  connect();
  tabs();
  setInterval(watch, 1000);
  addEventListener("online", poll);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    watch();
    if (tools.lit) navigator.wakeLock.request("screen").catch(() => 0);
  });
}

/* The door: before the opening by the server's clock, and while it is open. */

function door() {
  const start = clock(), served = Date.parse(page.serverTime), opens = Date.parse(page.opensAt);
  const now = () => served + clock() - start; // never ahead of the server: the page took its time to come
  let known = page.periodState, opened = state === "open" || state === "unrecognised";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && clockWords(opens) !== clockWords(opens, zone)) {
    const day = new Intl.DateTimeFormat("fr-CA", { timeZone: zone, weekday: "long", day: "numeric", month: "long" }).format(opens);
    put("local", `, soit ${day} à ${clockWords(opens, zone, true)} à l’heure de votre appareil`);
  }
  function open() {
    opened = true;
    show("door-closed", false);
    show("door-open", true);
    put("heading", "La salle d’attente est ouverte");
    say("La salle d’attente est ouverte : appuyez sur «\u00a0Se connecter\u00a0».");
    face("open", "Ouvert : se connecter");
  }
  async function look() {
    try {
      const answer = await fetch(api, { cache: "no-store" });
      if (answer.ok) {
        const seen = await answer.json();
        known = seen.state;
        put("waiting", number(seen.waiting));
        put("notice", seen.notice || "");
        show("notice", !!seen.notice);
        if (known === "closed" || known === "cap_reached") return reload(0, 10);
        if (known === "open" && !opened) open();
        if (known === "announced" && state === "announced" && now() > opens) return reload(0, 5);
      }
    } catch (_) { /* the countdown goes on; the next look may find the way */ }
    later(between(0.7, 1.3) * (state === "delayed" ? 5 : 15), look);
  }
  setInterval(() => {
    put("countdown", durationWords(opens - now()));
    put("clock", clockWords(now()));
    if (!opened && known === "armed" && now() >= opens) open();
  }, 250);
  look();
}

if (room) {
  setUpTools();
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  if (page.me && ["waiting", "called", "redeemed"].includes(state)) line();
  else if (["announced", "delayed", "open", "unrecognised"].includes(state)) door();
  else if (state === "down") later(between(2, 6), () => reload());
}
