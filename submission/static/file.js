// The sign-in, review and receipt pages. All of them work without this: it keeps the time left true, warns at two
// minutes and at one, and sends forms once, so that a lost answer loses nothing.
(() => {
  "use strict";

  const { serverClock, ask: question, onReturn, durationWords, clockWords } = self.livePage;
  const ASK_MS = 5000; // how often the server is asked for the end of the token, which moves in pauses
  const PAUSED_MS = 2000; // while the service stands still: nobody reads that it does when it goes on
  const AGAIN_MS = 1000; // a question is not asked twice within this time
  const ANSWER_MS = 20000; // an answer that takes longer is asked for again; repeating is safe
  const TWICE_MS = 1000; // the same form again within this time is one press too many
  const WARNINGS = [[60000, "1 minute"], [120000, "2 minutes"]];
  const FORGOTTEN = "Ce navigateur ne retrouve plus votre numéro d’attente\u00a0: le témoin («\u00a0cookie\u00a0») qui le gardait a été effacé ou bloqué. "
    + "Ce que vous avez saisi reste à l’écran. Si les témoins sont seulement bloqués, permettez-les pour ce site avant de continuer\u00a0: "
    + "sans numéro, la demande ne peut pas être soumise.";
  const one = (selector) => document.querySelector(selector);
  const later = (ms) => new Promise((done) => setTimeout(done, ms));

  // --- The time left -----------------------------------------------------------------------------------------------

  let clock = null; // { time, ends, paused, warned, over }: `ends` by the server's clock, as far as it is known
  let lastAsked = 0;
  let asking = null;

  const left = () => (clock.paused ? clock.left : clock.ends - clock.time.now());

  function say(selector, text, link) {
    const place = one(selector);
    if (!place || (!link && place.textContent === text)) return;
    const line = document.createElement("p");
    line.textContent = text;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      line.append(text ? " " : "", anchor);
    }
    place.replaceChildren(...(text || link ? [line] : []));
  }

  function over(title, text, link) {
    one("[data-left]").textContent = title;
    one("[data-end]").textContent = "";
    one("[data-time-left]").classList.add("time-left--over");
    say("[data-warning]", text, link);
    clock.over = true;
  }

  function show() {
    if (!clock || clock.over) return;
    const ms = left();
    const bar = one("[data-time-left]");
    one("[data-countdown]").textContent = durationWords(ms);
    bar.classList.toggle("time-left--short", ms <= 120000);
    if (ms > 120000 && clock.warned) { // time was given back
      clock.warned = 0;
      say("[data-warning]", "");
    }
    if (ms <= 0 || clock.time.doubtful()) return ask(); // only the server knows, and it is asked before anybody is warned
    const due = WARNINGS.find(([limit]) => ms <= limit);
    if (due && !clock.paused && !(clock.warned && clock.warned <= due[0])) {
      clock.warned = due[0];
      say("[data-warning]", `Il vous reste moins de ${due[1]}.`);
    }
    if (performance.now() - lastAsked > (clock.paused ? PAUSED_MS : ASK_MS)) ask();
  }

  async function ask(anew = false) {
    if (performance.now() - lastAsked < AGAIN_MS || (asking && !anew)) return;
    lastAsked = performance.now();
    const mine = (asking = {});
    const { period } = one("[data-time-left]").dataset;
    const answer = await question(`/api/v1/periods/${period}/tickets/me`).catch(() => null);
    if (asking !== mine) return; // a later question is under way
    asking = null;
    if (!clock || clock.over) return;
    if (!answer) say("[data-connection]", "Connexion interrompue. Votre délai continue; ce que vous avez saisi reste à l’écran.");
    else if (answer.status === 401) say("[data-connection]", FORGOTTEN);
    else if (answer.ok) {
      say("[data-connection]", "");
      const me = answer.body, notice = one("[data-notice]");
      if (notice.textContent !== (me.notice ?? "")) notice.textContent = me.notice ?? "";
      notice.hidden = !me.notice;
      clock.time.answered(Date.parse(me.server_time), answer.took);
      hear(me, period);
    }
  }

  function hear(me, period) {
    const back = { href: `/periodes/${period}`, text: "Retourner à la page d’attente" };
    if (me.state === "called" || me.state === "redeemed") {
      const ends = Date.parse(me.expires_at);
      Object.assign(clock, { ends, left: ends - Date.parse(me.server_time), paused: me.paused });
      one("[data-end]").textContent = me.paused
        ? " – le service est en pause\u00a0: votre délai ne s’écoule pas"
        : `, jusqu’à ${clockWords(ends)} (heure de Montréal)`;
      show();
    } else if (me.state === "submitted") {
      over("Votre demande est soumise.", "", { href: `/recus/${me.receipt}`, text: "Voir l’accusé de réception" });
    } else if (me.state === "lapsed") {
      over("Votre délai est terminé.", "Votre place n’est plus retenue. Votre brouillon est conservé.", back);
    } else if (me.state === "left") {
      over("Vous avez rendu votre place.", "Votre brouillon est conservé.", back);
    }
  }

  // --- Sending: the answer may be lost, what was typed may not ------------------------------------------------------

  let sending = null; // the AbortController of the attempt under way; pressing again starts a fresh one at once

  async function attempt(form, cancelled) {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), ANSWER_MS);
    cancelled.addEventListener("abort", () => timer.abort());
    try {
      return await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: timer.signal, headers: { Accept: "text/html" },
      });
    } catch {
      return null;
    } finally {
      clearTimeout(timeout);
    }
  }

  // Of a form that is sent twice only the second answer is seen, and it may refuse what the first one did.
  const sentAt = new WeakMap();

  function isTwice(form) {
    const now = performance.now();
    if (now - (sentAt.get(form) ?? -TWICE_MS) < TWICE_MS) return true;
    sentAt.set(form, now);
    return false;
  }

  async function send(form) {
    sending?.abort();
    const mine = (sending = new AbortController());
    const status = form.querySelector("[data-status]");
    status.textContent = form.dataset.sending;
    for (let pause = 1000; !mine.signal.aborted; pause = Math.min(pause * 2, 15000)) {
      const answer = await attempt(form, mine.signal);
      if (mine.signal.aborted) return;
      if (answer?.redirected) return location.assign(answer.url);
      if (answer && answer.status < 500) return replace(await answer.text());
      status.textContent = "Pas encore de réponse\u00a0: nous envoyons de nouveau. Ne fermez pas cette page; répéter est sans danger.";
      const asked = Number(answer?.headers.get("Retry-After")) * 1000;
      await later(asked > 0 ? Math.min(asked, 15000) : pause * (0.75 + Math.random() / 2));
    }
  }

  function replace(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    one("main").replaceWith(document.adoptNode(page.querySelector("main")));
    document.title = page.title;
    start();
    (one(".errors") ?? one("main")).focus();
  }

  // --- The page ----------------------------------------------------------------------------------------------------

  function reveal(button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.reveal);
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    });
  }

  function start() {
    const bar = one("[data-time-left]");
    const warned = clock?.warned;
    const ms = bar && Number(bar.dataset.timeLeft); // from the instant of the page, which took its time to come
    clock = bar && { time: serverClock(0), ends: ms, left: ms, paused: "paused" in bar.dataset, warned };
    if (clock) {
      lastAsked = performance.now();
      clock.over = !one("[data-countdown]"); // the server has said so already
    }
    for (const button of document.querySelectorAll("[data-reveal]")) reveal(button);
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => print());
    }
    for (const form of document.querySelectorAll("form[data-send]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (!isTwice(form)) send(form);
      });
    }
    show();
  }

  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && isTwice(event.target)) event.preventDefault();
  });
  start();
  one(".errors")?.focus();
  setInterval(show, 1000);
  // A machine that slept, or a page taken back from the browser's cache, asks at once: its own clock may have stood still.
  onReturn(() => clock && !document.hidden && ask(true));
})();
