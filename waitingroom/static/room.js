/* The room page, alive. Everything here is on the page already without scripts; this only moves it.
   It presses no button by itself: the one thing it does alone is the redirect that the call announces (WR-10).

   Markup: [data-show=x] is shown or hidden, [data-text=x] gets text, [data-do=x] is a tool's button,
   form[data-join] asks for a number. Syntax of 2017, for old computers. */

const { serverClock, ask, onReturn, number, counted, durationWords, clockWords, put, later, between } = self.livePage;
const room = document.getElementById("room");
const page = room ? room.dataset : {};
const SOON_SECONDS = Number(page.soonSeconds); // the page has the rule's number
const address = "/periodes/" + page.period;
const api = "/api/v1/periods/" + page.period;
const icons = JSON.parse(page.icons || "{}");
const time = serverClock(Date.parse(page.serverTime)); // never ahead of the server: the page took its time to come

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

function face(icon, title) {
  document.title = `${title} – ${document.querySelector("meta[name=application-name]").content}`;
  const link = document.querySelector("link[rel=icon]");
  if (icons[icon] && link.getAttribute("href") !== icons[icon]) link.href = icons[icon];
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

const two = (value) => String(value).padStart(2, "0");
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
    const answer = await Promise.race([
      fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" }),
      new Promise((_, no) => later(10, no)),
    ]);
    if (answer.type === "opaqueredirect") return location.assign(form.action.replace("/joindre", "?entree=1"));
    if (answer.status !== 429 && answer.status < 500) return form.submit(); // a refusal has a page of its own
    wait = Number(answer.headers.get("Retry-After")) || wait;
    say("Il y a beaucoup de monde. Nous redemandons votre numéro dans un instant; vous n’en aurez qu’un.", null, near);
  } catch (_) {
    say("La réponse n’est pas arrivée. Nous redemandons votre numéro : répéter est sans danger, vous n’en aurez qu’un.", null, near);
  }
  later(wait * between(0.8, 1.3), () => join(form, tries + 1));
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
  for (const button of document.querySelectorAll("[data-do=stay]")) button.addEventListener("pointerdown", hesitate);
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, prepare, { once: true });
}

/* The line: one object `me` from the socket or from a poll, drawn in place. */

const WARNED = 3; // minutes: so many are left when nobody has been warned yet
let state = page.state, me, spoken, trouble = "", told = "", redirectAt = 0, warned = WARNED, grewUntil = 0, drawn = 0, lost = false;
const others = new Set(); // other tabs with this place
const clock = () => performance.now(); // for what this page does by itself: never in the past, whoever sets a clock
const heard = () => Date.parse(me.server_time);
const silence = () => time.now() - heard();
const age = () => time.now() - Date.parse(me.as_of);
const stale = () => heard() - Date.parse(me.as_of); // when we heard it: the server itself sees nothing new
const left = () => Date.parse(me.expires_at) - (me.paused ? heard() : time.now());

function take(next) {
  const old = next.state === "waiting" && (state === "called" || state === "redeemed") && (!me || me.number === next.number);
  if (old) return; // nobody waits again after a call: this process looked at the line before it
  const before = me, served = !trouble || trouble === "lost";
  me = next;
  const away = before && served ? heard() - Date.parse(before.server_time) : 0; // by one clock, the server's
  trouble = "";
  if (lost) found();
  if (me.state !== state) return change();
  if (state === "waiting") milestones(before || me, away);
  draw();
}
const same = () => `Votre numéro est toujours le ${number(me.number)}.`;

function milestones(before, away) {
  const ahead = me.ahead, still = () => me.ahead === ahead;
  if (before === me) say(`Vous avez le numéro ${number(me.number)}. ${ahead ? `${people(ahead)} avant vous` : "Personne n’est avant vous"}.`, still);
  else if (away > 60000) {
    say(`Vous êtes de retour après ${durationWords(away)}. ${same()} Vous reprenez votre rang dans la file.`);
    told = ""; // that says it all
  } else if (me.paused !== before.paused) say(me.paused ? "La file est en pause. Votre numéro est gardé." : "Les appels ont repris.");
  else if (me.notice && me.notice !== before.notice) say("Nouveau message du Ministère, en haut de cette page.");
  else if (!ahead && spoken) say("Personne n’est avant vous : votre numéro est le prochain.", still);
  else if (ahead <= 10 && spoken > 10 || ahead && ahead * 2 <= spoken) say(`${people(ahead)} avant vous.`, still);
  else {
    grew(ahead - before.ahead);
    if (spoken && ahead < spoken * 2) return;
    if (ahead && !spoken) say(`${people(ahead)} avant vous.`, still);
  }
  spoken = ahead;
}
function grew(more) {
  if (more <= 0) return;
  grewUntil = clock() + 30000;
  put("grew", more > 1 ? `${number(more)} personnes dont le numéro est plus petit que le vôtre sont revenues.` :
    "Une personne dont le numéro est plus petit que le vôtre est revenue.");
}
function change() {
  if (state === "waiting" && me.state === "called") return called(true);
  const annulled = me.state === "annulled";
  if (me.state !== "drained" && !(annulled && state === "waiting")) return reload();
  show("over", true);
  for (const part of ["lost", "paused", "soon"]) show(part, false);
  unsay();
  face("over", annulled ? "Période annulée" : "Réception terminée");
  cry(`${annulled ? "La période est annulée" : "La réception des demandes est terminée"}. Plus personne n’est appelé.`);
  state = "drained";
  reload(5, 60); // everybody hears it in the same second; they do not all come back in it
}
function called(live) {
  state = "called";
  show("queue", false);
  show("called", true);
  const mark = `sent-${page.period}-${me.number}`;
  if (!keep.getItem(mark) && !/\/(connexion|demande)$/.test(document.referrer)) {
    keep.setItem(mark, "yes"); // once: whoever comes back here stays here
    redirectAt = clock() + 5000;
    show("redirect", true);
    later(5.1, draw); // a tab that nobody sees has slow ticks
  }
  if (live) {
    warned = Math.min(WARNED, Math.ceil((left() - 3000) / 60000)); // the call itself says how much there is
    cry(`C’est votre tour. Vous avez ${durationWords(left())} pour vous connecter et soumettre votre demande.${redirectAt ? " La page de connexion s’ouvre dans 5 secondes." : ""}`);
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
  if (me.state !== state || state === "drained" || lost) return; // what is shown is another page's from here on
  put("notice", me.notice || "");
  show("notice", !!me.notice);
  if (state !== "waiting") return drawToken();
  if (document.hidden && clock() - drawn < 10000) return; // the title of a tab that nobody sees can wait; a call cannot
  drawn = clock();
  drawPlace();
}
const cut = () => (silence() > 5000 && trouble) || (stale() > 8000 ? "down" : "");

function drawPlace() {
  const soon = !me.paused && (me.estimated_wait_seconds ? me.estimated_wait_seconds[1] <= SOON_SECONDS : !me.ahead);
  put("ahead", number(me.ahead));
  put("wait", me.paused && !me.estimated_wait_seconds ? "arrêtée avec la pause" : waitWords(me.estimated_wait_seconds));
  put("as-of", clockWords(Date.parse(me.as_of)));
  put("age", age() >= 5000 ? `, il y a ${durationWords(age())}` : "");
  show("paused", me.paused);
  show("soon", soon);
  show("grew", clock() < grewUntil);
  if (say.holds && !say.holds()) unsay();
  const kind = cut();
  show("lost", !!kind);
  if (told && !kind) say(told === "down" ? `Le service est rétabli. ${same()}` : `La connexion est rétablie. ${same()}`);
  else if (kind && !told) unsay();
  told = kind;
  if (kind) drawTrouble(kind);
  else if (me.paused) face("paused", "File en pause");
  else if (soon) face("soon", "Bientôt votre tour");
  else face("waiting", `${number(me.ahead)} avant vous`);
}
function drawTrouble(kind) {
  const kept = `Votre numéro ${number(me.number)} est conservé`;
  const [title, text] = {
    down: ["Le service est interrompu", `C’est notre faute, pas la vôtre. ${kept}, personne n’est appelé, et le temps perdu est rendu à chacun.`],
    many: ["Trop de demandes en peu de temps", `${kept}. Nous réessayons dans un instant; il n’y a rien à faire.`],
    lost: ["La connexion est coupée", silence() < 60000 ? `${kept}. Nous essayons de la rétablir.` :
      `${kept}, mais vous n’êtes pas appelé tant que la connexion n’est pas revenue. Vous reprendrez alors votre rang. Vérifiez votre accès à Internet.`],
  }[kind];
  put("lost-title", title);
  put("lost", `${text} Dernière position connue : il y a ${durationWords(age())}.`);
  face("lost", title);
}
function drawToken() {
  put("left", durationWords(left()));
  put("ends", clockWords(Date.parse(me.expires_at)));
  show("running", !me.paused);
  show("stopped", me.paused);
  const kind = cut();
  show("lost", !!kind);
  if (kind) {
    put("lost-title", kind === "down" ? "Le service ne répond pas" : kind === "many" ? "Trop de demandes en peu de temps" : "La connexion est coupée");
    put("lost", `Votre place vous reste réservée jusqu’à la fin de votre temps. Dernière nouvelle du service : il y a ${durationWords(silence())}. Nous réessayons sans arrêt; vous pouvez aussi essayer de vous connecter.`);
  }
  face("called", left() > 0 ? `C’est votre tour : ${durationWords(left())}` : "Votre temps s’achève");
  if (time.doubtful()) return; // what follows cannot be taken back
  const minutes = Math.ceil(left() / 60000);
  if (!me.paused && left() > 0 && minutes < warned && minutes < 3) cry(`Il reste moins de ${counted(minutes, "minute")} pour soumettre votre demande.`);
  warned = minutes > 2 ? WARNED : Math.min(warned, minutes); // time that was given back is warned of again
  if (redirectAt) drawRedirect();
}
function drawRedirect() {
  const seconds = Math.ceil((redirectAt - clock()) / 1000);
  put("redirect", `${Math.max(0, seconds)} s`);
  if (seconds > 0) return;
  if (document.hidden && others.size) hesitate(); // the tab that is seen goes
  else leave();
}
function hesitate() {
  if (redirectAt) redirectAt = Math.max(redirectAt, clock() + 5000);
}
async function leave() { // not from a call to a page that knows nothing of it: the server is asked first
  if (leave.asking) return;
  leave.asking = true;
  const answer = await ask(api + "/tickets/me", 5).catch(() => null);
  leave.asking = false;
  if (answer) hear(answer);
  if (!redirectAt || lost || state !== "called") return;
  if (!answer || !answer.ok) return hesitate(); // what is on this page is worth more than an error of the browser
  redirectAt = 0;
  location.assign(`${address}/connexion`);
}
function lose() { // 401: this browser shows no ticket any more
  if (lost) return;
  lost = true;
  hangUp();
  redirectAt = 0;
  for (const part of ["queue", "called", "redirect"]) show(part, false);
  if (!document.querySelector("[data-show=forgotten]")) room.append(document.getElementById("forgotten").content.cloneNode(true));
  show("forgotten", true);
  show("forgotten-called", state !== "waiting");
  show("forgotten-waiting", state === "waiting");
  face("lost", "Numéro introuvable");
  cry(`Ce navigateur ne retrouve plus votre numéro. Le numéro ${number(me.number)} était gardé dans un témoin qui n’y est plus.`);
}
function found() { // the cookies were only blocked
  lost = false;
  told = ""; // what is said below says it all
  show("forgotten", false);
  show(state === "waiting" ? "queue" : "called", true);
  cry("");
  say(`Votre numéro est retrouvé. ${same()}`);
  connect();
}

/* How `me` comes: from a socket, and from polls whenever the socket does not speak, whatever it claims. A proxy or an
   antivirus may swallow what it carries, or keep it and deliver it late; a laptop that slept may hold one that is none. */

const SILENT_SECONDS = 12; // longer than from one frame to the next, and far less than the minute of presence
const HESITATION_MS = 3000; // news that is younger needs no question; a question that is older may never be answered

let socket = null, tries = 0, speaks = false, unseen = false, question = null, asked = 0;
const quiet = () => SILENT_SECONDS * between(1, 1.25); // a process that stalls is not asked by everybody at once

function wait(seconds) { // then ask, unless a frame comes first
  clearTimeout(wait.timer);
  wait.timer = later(seconds, () => {
    if (socket && clock() - socket.since > SILENT_SECONDS * 1000) hangUp();
    poll();
  });
}
function connect() {
  if (socket || lost || state === "drained" || !("WebSocket" in window)) return;
  let mine;
  try {
    mine = socket = new WebSocket(location.origin.replace("http", "ws") + api + "/live");
  } catch (_) { // whoever forbids it: polls do without
    return reconnect();
  }
  mine.since = clock();
  unseen = false;
  mine.onmessage = ({ data }) => { if (socket === mine) frame(JSON.parse(data)); };
  mine.onclose = ({ code }) => { if (socket === mine) closed(code); };
}
function frame(next) {
  const at = Date.parse(next.server_time);
  if (time.pushed(at)) {
    if (speaks) tries = 0; // it spoke twice
    speaks = true;
    socket.since = clock();
    wait(quiet());
  } else if (speaks) { // it brings what is past, or our clock is wrong: either way only an answer tells
    speaks = false;
    poll();
  }
  if (at >= heard()) take(next);
}
function closed(code) {
  socket = null;
  speaks = false;
  if (code === 4404) return reload();
  if (state === "drained") return;
  if (code !== 4401) trouble = trouble || "lost";
  if (code === 4429) { tries = 5; show("tabs", true); }
  if (tries || code === 1000 || code === 4401) poll();
  reconnect();
}
function hangUp() {
  const mine = socket;
  socket = null;
  speaks = false;
  if (!mine) return;
  mine.onmessage = mine.onclose = null;
  mine.close();
  reconnect();
}
function reconnect() {
  clearTimeout(reconnect.timer);
  reconnect.timer = later(between(0, Math.min(30, Math.max(me.next_poll_seconds, 2 ** tries++))), connect); // no second stampede
}
async function poll(anew = false) {
  if (state === "drained" || question && !(anew && clock() - asked > HESITATION_MS)) return;
  const mine = question = {};
  asked = clock();
  const answer = await ask(api + "/tickets/me").catch(() => null);
  if (question !== mine) return; // a later question is under way
  question = null;
  try {
    hear(answer);
  } finally { // whatever came: one answer, or none, never ends the asking
    wait(answer && answer.ok ? (speaks ? quiet() : me.next_poll_seconds * between(0.8, 1)) : (answer && answer.wait || 5) * between(1, 2));
  }
}
function hear(answer) {
  if (!answer) trouble = "lost";
  else if (answer.ok) {
    time.answered(Date.parse(answer.body.server_time), answer.took);
    return take(answer.body);
  } else if (answer.status === 401) return lose();
  else if (answer.status === 404) return reload();
  else trouble = answer.status === 429 ? "many" : "down";
  draw();
}
function back() { // asks at once, also where the socket speaks: it alone would not notice that the cookies are gone
  const fresh = silence() < HESITATION_MS && clock() - asked < 10000 && !time.doubtful();
  if (!document.hidden && !fresh) poll(true);
}
function watch() {
  const ended = state !== "waiting" && me.expires_at && left() <= 0; // what has become of it?
  if ((time.doubtful() || ended) && clock() - asked > HESITATION_MS) poll();
  if (socket && socket.readyState === 1 && unseen !== document.hidden) socket.send((unseen = document.hidden) ? "hidden" : "visible"); // told less often
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
  addEventListener("pageshow", (event) => { if (event.persisted) channel.postMessage({ from: self, hello: true }); });
  addEventListener("pagehide", () => channel.postMessage({ from: self, bye: true }));
}
function line() {
  if (location.search) history.replaceState(null, "", address);
  take(JSON.parse(page.me));
  if (state === "called") called(false);
  wait(quiet());
  connect();
  tabs();
  setInterval(watch, 1000);
  onReturn((event) => {
    if (event.persisted) hangUp(); // out of the browser's cache: that socket is none
    back();
    watch();
    if (tools.lit && !document.hidden) navigator.wakeLock.request("screen").catch(() => 0);
  });
}

/* The door: before the opening by the server's clock, and while it is open. */

function door() {
  const opens = Date.parse(page.opensAt);
  let known = page.periodState, opened = !["announced", "delayed"].includes(state), looked = 0;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && clockWords(opens) !== clockWords(opens, zone)) {
    const day = new Intl.DateTimeFormat("fr-CA", { timeZone: zone, weekday: "long", day: "numeric", month: "long" }).format(opens);
    put("local", `, soit ${day} à ${clockWords(opens, zone, true)} à l’heure de votre appareil`);
  }
  function open() {
    opened = true;
    const refused = [...document.querySelectorAll("[data-show=device-no]")].some((part) => !part.hidden);
    show("door-closed", false);
    show("door-open", !refused);
    put("heading", "La salle d’attente est ouverte");
    say(refused ? "La salle d’attente est ouverte, mais cet appareil ne peut pas y entrer." :
      "La salle d’attente est ouverte : appuyez sur «\u00a0Se connecter\u00a0».");
    face("open", "Ouvert : se connecter");
  }
  async function look() {
    clearTimeout(look.timer);
    const mine = look.latest = {};
    looked = clock();
    const answer = await ask(api).catch(() => null); // without one the countdown goes on; the next look may find the way
    if (look.latest !== mine) return;
    look.timer = later(between(0.7, 1.3) * (!answer && time.doubtful() ? 1 : state === "delayed" ? 5 : 15), look);
    if (answer && answer.ok) seen(answer.body, answer.took);
  }
  function seen(period, took) {
    time.answered(Date.parse(period.server_time), took);
    known = period.state;
    put("waiting", number(period.waiting));
    put("notice", period.notice || "");
    show("notice", !!period.notice);
    if (["closed", "cap_reached", "annulled"].includes(known)) return reload(0, 10);
    if (known === "open" && !opened) open();
    if (known === "announced" && state === "announced" && time.now() > opens) return reload(0, 5);
  }
  function tick() {
    put("countdown", durationWords(opens - time.now()));
    put("clock", clockWords(time.now()));
    if (time.doubtful()) return clock() - looked > HESITATION_MS && look();
    if (!opened && known === "armed" && time.now() >= opens) open();
  }
  setInterval(tick, 250);
  onReturn((event) => {
    if (event.persisted) return again(); // there may be a number by now
    if (!document.hidden && clock() - looked > HESITATION_MS) look();
  });
  look();
}

async function again() { // this page is out of date: fetched again once the server answers
  const answer = await ask(api).catch(() => null);
  if (answer && (answer.ok || answer.status === 404)) reload();
  else later(between(2, 6), again);
}

if (room) {
  setUpTools();
  if (page.me && ["waiting", "called", "redeemed"].includes(state)) line();
  else if (["announced", "delayed", "open", "unrecognised", "forgotten"].includes(state)) door();
  else {
    if (state === "down") later(between(2, 6), again);
    addEventListener("pageshow", (event) => { if (event.persisted) again(); });
  }
}
