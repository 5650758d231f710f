/* The door: before the opening by the server's clock, and while it is open. */

const NEAR_MS = 20000;

function door() {
  const opens = Date.parse(page.opensAt);
  let known = page.periodState, opened = !["announced", "delayed"].includes(state), looked = clock();
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
      "La salle d’attente est ouverte\u00a0: appuyez sur «\u00a0Se connecter\u00a0».");
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
  // The page has just said it all; only its clock may be late by its way here, which counts when the opening is near:
  // one that knows when its first byte came is as right as an answer would make it.
  if (opened || opens - time.now() > NEAR_MS || came && known === "armed") look.timer = later(between(10, 20), look);
  else look();
}

