/* What pages that live share: the server's clock, numbers and spans of time in words, a question with a deadline, and
   coming back. One name, `livePage`, for modules and plain scripts alike. Syntax of 2017, for old computers. */

self.livePage = (() => {
  "use strict";

  const DOUBT_MS = 1000; // the computer's two clocks may differ by so much: more is a sleep, or a clock that was set
  const LATE_MS = 3000; // what was pushed and took longer on its way is no news
  const SLEW_MS = 10; // by so much a push may put the clock back: more may be its own way
  const ANSWER_SECONDS = 8; // a question that has no answer by then is asked again

  /* The server's clock, from what it said last. `performance.now` never jumps, but stands still while the computer
     sleeps; `Date.now` goes on, but jumps when somebody sets it. While they agree, so do we; when they no longer do,
     only the server knows: until it answers the later of the two is shown, so that nobody believes to have more time
     than there is, and nothing is done that cannot be taken back. */
  function serverClock(servedMs) {
    let served, steady, wall;
    function set(ms) {
      served = ms;
      steady = performance.now();
      wall = Date.now();
    }
    const steadily = () => performance.now() - steady, walled = () => Date.now() - wall;
    const doubtful = () => Math.abs(walled() - steadily()) > DOUBT_MS;
    const now = () => served + (doubtful() ? Math.max(walled(), steadily()) : steadily());
    set(servedMs);
    return {
      now, // the server's instant, in milliseconds
      doubtful,
      answered(ms, tookMs) { // the answer to a question: written between its sending and its arrival
        set(doubtful() ? ms : Math.min(Math.max(now(), ms), ms + tookMs));
      },
      pushed(ms) { // what came by itself, at least so late; whether it is fresh
        const late = now() - ms;
        if (late <= DOUBT_MS) set(Math.max(ms, now() - SLEW_MS));
        return late <= LATE_MS;
      },
    };
  }

  /* What work brings, given a signal to stop by. Rejects when it is not there in time: it is given up then, so that no
     server goes on with what nobody waits for. */
  async function inTime(seconds, work) {
    const stop = "AbortController" in self ? new AbortController() : null;
    let timer;
    const late = new Promise((_, no) => {
      timer = setTimeout(() => {
        no(new Error("late"));
        if (stop) stop.abort();
      }, seconds * 1000);
    });
    try {
      return await Promise.race([work(stop ? stop.signal : undefined), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /* A GET whose answer is JSON. Rejects when there is none in time, body included, or one from before a sleep. */
  async function ask(address, seconds = ANSWER_SECONDS) {
    const steady = performance.now(), wall = Date.now();
    const answer = await inTime(seconds, async (signal) => {
      const came = await fetch(address, { credentials: "same-origin", cache: "no-store", signal });
      const text = await came.text();
      const body = came.ok ? JSON.parse(text) : null; // somebody else's page, before us on the way, is no answer
      return { ok: came.ok, status: came.status, wait: Number(came.headers.get("Retry-After")) || 0, body };
    });
    answer.took = Math.max(performance.now() - steady, Date.now() - wall);
    if (answer.took > (seconds + 2) * 1000) throw new Error("slept");
    return answer;
  }

  /* Whenever a tab is seen again, a frozen page runs again, or the network is back. */
  function onReturn(work) {
    for (const name of ["visibilitychange", "resume"]) document.addEventListener(name, (event) => document.hidden || work(event));
    for (const name of ["pageshow", "online", "focus"]) addEventListener(name, work);
  }

  /* Words, the same as the server's (server/rendering/durations.py and counted.py). */

  const grouping = new Intl.NumberFormat("fr-CA");
  const number = (value) => grouping.format(value).replace(/\s/g, "\u00a0");
  const counted = (value, noun) => `${number(value)}\u00a0${noun}${Math.abs(value) < 2 ? "" : "s"}`;
  const two = (value) => String(value).padStart(2, "0");

  function durationWords(ms) {
    const s = Math.max(0, Math.floor(ms / 1000)), days = Math.floor(s / 86400), hours = Math.floor(s / 3600) % 24;
    const minutes = Math.floor(s / 60) % 60;
    if (days) return `${counted(days, "jour")} ${hours} h`;
    if (hours) return `${hours} h ${two(minutes)} min`;
    return minutes ? `${minutes} min ${two(s % 60)} s` : `${s} s`;
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

  function put(name, text, within = document) { // text into each [data-text=name]
    for (const part of within.querySelectorAll(`[data-text="${name}"]`)) {
      if (part.textContent !== text) part.textContent = text;
    }
  }
  const later = (seconds, work) => setTimeout(work, seconds * 1000);
  const between = (low, high) => low + Math.random() * (high - low);

  return { serverClock, inTime, ask, onReturn, number, counted, two, durationWords, clockWords, put, later, between };
})();
