// A section of a draft: saved as one goes. The page works without this. What was typed stays in the page, whatever
// becomes of a save; nothing is kept anywhere else in the browser.
(() => {
  "use strict";

  const PAUSE_MS = 1500; // after the last key, so that a sentence is one save
  const FIRST_RETRY_MS = 2000, LAST_RETRY_MS = 30000;
  const ANSWER_MS = 20000;
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const state = form.querySelector("[data-save-state]");
  const alarm = form.querySelector("[data-save-alert]");
  const field = (name) => form.elements.namedItem(name);

  let saved = typed(); // what the server has, as far as this page knows
  let running = null; // one request at a time; what is typed meanwhile waits for the next
  let timer = 0, retry = 0, leaving = false;

  function typed() {
    const entries = new URLSearchParams(new FormData(form));
    for (const name of ["version", "then", "goto", "add", "reread"]) entries.delete(name);
    return entries.toString();
  }

  const isUnsaved = () => typed() !== saved;

  function say(text, mark) {
    state.textContent = text;
    state.toggleAttribute("data-saving", mark === "saving");
    state.toggleAttribute("data-saved", mark === "saved");
  }

  function shout(...nodes) { // a failed save is never small print
    alarm.replaceChildren(...nodes);
  }

  function line(text, ...more) {
    const made = document.createElement("p");
    made.append(text, ...more);
    return made;
  }

  function button(text, work) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = text;
    made.addEventListener("click", work);
    return made;
  }

  const KEPT = "Ce que vous avez écrit est toujours dans cette page.";
  const again = () => line("", button("Enregistrer de nouveau", () => save()));

  function clock(instant) {
    const parts = new Intl.DateTimeFormat("fr-CA", { timeZone: "America/Toronto", hour: "numeric", minute: "2-digit", hourCycle: "h23" })
      .formatToParts(new Date(instant));
    const part = (type) => parts.find((one) => one.type === type).value;
    return `${Number(part("hour"))}\u00a0h\u00a0${part("minute")} (heure de Montréal)`;
  }

  async function send(body) {
    const timeout = new AbortController();
    const late = setTimeout(() => timeout.abort(), ANSWER_MS);
    try {
      const came = await fetch(form.action, {
        method: "POST", body, signal: timeout.signal, credentials: "same-origin",
        headers: { "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      });
      const text = await came.text();
      let told = null;
      try { told = JSON.parse(text); } catch { /* somebody else's page on the way is no answer */ }
      return { status: told === null ? 0 : came.status, wait: Number(came.headers.get("Retry-After")) || 0, told };
    } catch {
      return { status: 0, wait: 0, told: null };
    } finally {
      clearTimeout(late);
    }
  }

  /* Whether everything that was typed is saved, or told to be wrong, when this is done. */
  function save() {
    clearTimeout(timer);
    running = running || attempt().finally(() => { running = null; });
    return running;
  }

  async function attempt() {
    const sent = typed();
    if (sent === saved && !alarm.hasChildNodes()) return true;
    say("Enregistrement…", "saving");
    const body = new URLSearchParams(new FormData(form));
    body.set("then", "here");
    for (const name of ["add", "reread"]) body.delete(name); // only who presses « Enregistrer » says that it was read
    const answer = await send(body);
    if (answer.status === 200) return done(sent, answer.told);
    failed(answer);
    return false;
  }

  function done(sent, told) {
    retry = 0;
    saved = sent;
    field("version").value = told.version;
    shout();
    const wrong = (told.errors || []).map((one) => labelOf(one.name)).filter(Boolean);
    const except = wrong.length ? `, sauf ce qui est à corriger\u00a0: ${wrong.join(", ")}` : "";
    say(`Enregistré à ${clock(told.saved_at)}${except}`, "saved");
    mark(told.errors || []);
    if (isUnsaved()) later(PAUSE_MS);
    return true;
  }

  function labelOf(path) {
    const at = document.getElementById(path);
    if (!at) return "";
    const name = at.querySelector("legend") || form.querySelector(`label[for="${CSS.escape(path)}"]`);
    return name ? name.firstChild.textContent.trim() : "";
  }

  /* What is wrong stands beside its field, as the server would have put it. */
  function mark(errors) {
    for (const old of form.querySelectorAll("[data-live-error]")) old.remove();
    for (const at of form.querySelectorAll("[data-live-invalid]")) {
      at.removeAttribute("aria-invalid");
      at.removeAttribute("data-live-invalid");
    }
    for (const { name, reason } of errors) {
      const at = document.getElementById(name);
      if (!at || document.getElementById(`${name}-error`)) continue;
      const told = line(reason);
      told.className = "field-error";
      told.dataset.liveError = "";
      if (at.tagName === "FIELDSET") at.append(told);
      else {
        at.before(told);
        at.setAttribute("aria-invalid", "true");
        at.dataset.liveInvalid = "";
      }
    }
  }

  function failed({ status, wait, told }) {
    const code = told && told.code;
    say("Pas enregistré", "");
    if (status === 401) {
      const words = document.querySelector("template[data-sign-in]").content.cloneNode(true);
      if (told.cause === "session_of_another") shout(line(`${told.title}. ${told.detail} ${told.remedy}`), line(KEPT), again());
      else shout(words, again());
    } else if (code === "draft_changed") {
      const compare = button("Comparer les deux textes", () => leave());
      shout(line("Cette section a été enregistrée ailleurs depuis que vous l’avez ouverte ici. Rien n’est perdu\u00a0: vous choisissez entre les deux textes."), line(KEPT), line("", compare));
    } else if (status === 0 || status === 429 || status >= 500) {
      retry = retry ? Math.min(retry * 2, LAST_RETRY_MS) : FIRST_RETRY_MS;
      const pause = Math.max(wait * 1000, retry) * (0.75 + Math.random() / 2);
      shout(line("Pas enregistré\u00a0: le service ne répond pas en ce moment. Nous essayons de nouveau tout seuls."), line(KEPT), again());
      later(pause);
    } else {
      shout(line(told ? `${told.title}. ${told.detail || ""} ${told.remedy || ""}` : "Pas enregistré."), line(KEPT), again());
    }
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  }

  function leave(pressed) { // the page's own way: the server shows what became of it
    setTimeout(() => { // while the browser still tells of the press, it takes no other
      leaving = true;
      if (form.requestSubmit) form.requestSubmit(pressed || undefined);
      else form.submit();
    });
  }

  form.addEventListener("input", (event) => {
    if (event.target.name !== "goto") later(PAUSE_MS);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "goto") later(0);
  });

  form.addEventListener("submit", (event) => {
    if (leaving) return;
    event.preventDefault();
    const pressed = event.submitter;
    (async () => {
      while (running) await running;
      if (await save()) leave(pressed); // the server goes on from here, or shows what is to be corrected
      else alarm.scrollIntoView({ block: "center" });
    })();
  });

  addEventListener("beforeunload", (event) => {
    if (!leaving && isUnsaved()) event.preventDefault();
  });
  // Back from the sign-in in another tab, or with the network again: what is not saved yet is.
  for (const name of ["focus", "online"]) addEventListener(name, () => alarm.hasChildNodes() && isUnsaved() && save());
  addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });
  document.getElementById("erreurs")?.focus();
})();
