// When the session ends: warns five and two minutes before, and lengthens it without leaving the page. A form in the
// page keeps what was typed, also past the end. Without this script the time of the end stands in the page, and the
// button opens a tab of its own.
(() => {
  "use strict";

  const bar = document.querySelector("[data-session]");
  if (!bar) return;
  const { serverClock, ask, onReturn, clockWords, durationWords } = self.livePage;
  const WARNINGS = [[120000, "2 minutes"], [300000, "5 minutes"]];
  const part = (name) => bar.querySelector(`[data-session-${name}]`);
  let ends = Number(bar.dataset.ends), clock = null, warned = 0, over = false, asking = false;

  bar.removeAttribute("target");
  part("tab").textContent = "";

  function tell(place, text, link) {
    const line = document.createElement("p");
    line.textContent = text;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = `/connexion?suite=${bar.dataset.suite}&note=fin`;
      anchor.target = "_blank";
      anchor.rel = "noopener";
      anchor.textContent = link;
      line.append(" ", anchor);
    }
    place.replaceChildren(...(text ? [line] : []));
  }

  function lasts(until) {
    ends = until;
    warned = 0;
    over = false;
    bar.classList.remove("session-bar--over");
    tell(part("warning"), "");
    part("end").textContent = `${clockWords(ends, "America/Toronto", true)} (heure de Montréal)`;
  }

  function ended() {
    if (over) return;
    over = true;
    bar.classList.add("session-bar--over");
    tell(part("warning"), "Votre session a pris fin. Ce que vous avez saisi reste dans cette page, mais ne peut pas être enregistré sans vous connecter.", "Se connecter dans un autre onglet");
  }

  // Another tab may have lengthened it, or ended it: only the server knows.
  async function look() {
    if (asking) return;
    asking = true;
    try {
      const answer = await ask("/api/v1/session");
      if (answer.status === 401) return ended();
      if (answer.ok) {
        const until = Date.parse(answer.body.expires_at);
        if (until !== ends || over) lasts(until);
        warn();
      }
    } catch (_) {
      warn(); // no answer: what is known is said
    } finally {
      asking = false;
    }
  }

  function warn() {
    const left = ends - clock.now();
    if (left <= 0) return ended();
    const due = WARNINGS.find(([limit]) => left <= limit);
    if (!due || (warned && warned <= due[0])) return;
    warned = due[0];
    tell(part("warning"), `Votre session prend fin dans moins de ${due[1]} (il reste ${durationWords(left)}). Prolongez-la, ou enregistrez ce que vous avez saisi.`);
  }

  function tick() {
    const left = ends - clock.now();
    const due = WARNINGS.find(([limit]) => left <= limit);
    if (!over && (left <= 0 || (due && !(warned && warned <= due[0])))) look();
  }

  bar.addEventListener("submit", async (event) => {
    event.preventDefault();
    tell(part("status"), "");
    try {
      const answer = await fetch("/api/v1/session/renew", { method: "POST", credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.status === 401) return ended();
      if (!answer.ok) throw new Error("refused");
      lasts(Date.parse((await answer.json()).expires_at));
      tell(part("status"), `Votre session est prolongée jusqu’à ${clockWords(ends, "America/Toronto", true)}.`);
    } catch (_) {
      tell(part("status"), "La session n’a pas pu être prolongée\u00a0: vérifiez votre connexion, puis appuyez de nouveau.");
    }
  });

  clock = serverClock(Number(bar.dataset.now) || Date.now());
  setInterval(tick, 1000);
  onReturn(look);
})();
