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
  const line = ahead ? `${people(ahead)} avant vous` : "Personne n’est avant vous";
  if (before === me) say(`Vous avez le numéro ${number(me.number)}. ${line}.`, still);
  else if (away > 60000) {
    say(`Vous êtes de retour après ${durationWords(away)}. ${same()} Vous reprenez votre rang dans la file.`);
    told = ""; // that says it all
  } else if (me.paused !== before.paused) say(me.paused ? "La file est en pause. Votre numéro est gardé." : "Les appels ont repris.");
  else if (me.notice && me.notice !== before.notice) say("Nouveau message du Ministère, en haut de cette page.");
  else if (!ahead && spoken) say("Personne n’est avant vous\u00a0: votre numéro est le prochain.", still);
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
  put("lost", `${text} Dernière position connue\u00a0: il y a ${durationWords(age())}.`);
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
    put("lost", `Votre place vous reste réservée jusqu’à la fin de votre temps. Dernière nouvelle du service\u00a0: il y a ${durationWords(silence())}. Nous réessayons sans arrêt; vous pouvez aussi essayer de vous connecter.`);
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
  room.insertAdjacentHTML("beforeend", forgotten());
  face("lost", "Numéro introuvable");
  cry(`Ce navigateur ne retrouve plus votre numéro. Le numéro ${number(me.number)} était gardé dans un témoin qui n’y est plus.`);
}
function found() { // the cookies were only blocked
  lost = false;
  told = ""; // what is said below says it all
  room.lastElementChild.remove(); // what `lose` put there
  show(state === "waiting" ? "queue" : "called", true);
  cry("");
  say(`Votre numéro est retrouvé. ${same()}`);
  connect();
}

/* What stands in place of the line when a cookie went while the page was open; the page that it leads to says more. */

const WAITED = "Le numéro garde son rang, mais il n’est pas appelé tant que ce navigateur ne le présente pas.";
const CALLED = "<strong>C’était votre tour :</strong> la place est retenue pour ce numéro jusqu’à la fin de son temps, puis va à la personne suivante.";
const forgotten = () => `<div data-show="forgotten" class="stack">
<h1>Ce navigateur ne retrouve plus votre numéro</h1>
<section class="panel panel--warning">
<h2>Le témoin qui gardait le numéro n’est plus là</h2>
<p>Ce témoin («\u00a0cookie\u00a0») a été effacé ou bloqué pendant que cette page était ouverte. Sans lui, nous ne vous reconnaissons pas.</p>
<p>${state === "waiting" ? WAITED : CALLED}</p>
<p><strong>Ce que vous pouvez faire\u00a0:</strong> si les témoins sont bloqués, permettez-les pour ce site; cette page retrouvera votre numéro. S’ils ont été effacés, demandez un numéro\u00a0: ce sera le même si nous reconnaissons encore ce navigateur.</p>
<div class="actions"><a class="button" href="${address}?retour=1">Demander un numéro</a></div>
</section>
<section class="ticket" aria-label="Votre dernier numéro">
<div class="ticket__stub"><p class="ticket__label">Dernier numéro connu ici</p><p class="ticket__number">${number(me.number)}</p></div>
<div class="ticket__line"><p class="ticket__label">Votre compte et votre formulaire</p><p>Ils sont intacts.</p></div>
</section>
</div>`;

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

