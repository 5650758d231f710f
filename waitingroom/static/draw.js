/* The pages before a draw, alive: the countdown moves, and the page is fetched again when something is new.
   The wait before each question is drawn by lot too, so that a crowd does not come back in one second. */

const { serverClock, ask, onReturn, durationWords, put, later, between } = self.livePage;
const room = document.getElementById("room"), page = room.dataset, api = "/api/v1/periods/" + page.period;
const served = Date.parse(page.serverTime), turns = Date.parse(page.turnsAt);
const time = serverClock(served); // never ahead of the server: the page took its time to come
const entered = page.state === "entered";
const HESITATION_MS = 3000;

let going = false, question = null, asked = 0, due = 0, crowd = 0, said = false;

function again(least, most, query = "") { // only ever after an answer: what is shown is worth more than an error
  if (going) return;
  going = true;
  later(between(least, most), () => location.replace("/periodes/" + page.period + query));
}
async function look() {
  const mine = question = {};
  asked = performance.now();
  const answer = await ask(entered ? api + "/tickets/me" : api).catch(() => null);
  if (question !== mine) return; // a later question is under way
  question = null;
  if (answer && answer.ok) {
    time.answered(Date.parse(answer.body.server_time), answer.took);
    hear(answer.body);
  } else if (answer && (answer.status === 401 || answer.status === 404)) return again(1, 5, "?retour=1");
  next(answer ? answer.wait : 5);
}
function hear(seen) {
  put("notice", seen.notice || "");
  for (const part of document.querySelectorAll("[data-show=notice]")) part.hidden = !seen.notice;
  if (!entered) {
    if (seen.state === "closed" || time.now() >= turns) again(0, 1);
    return;
  }
  crowd = seen.entries / 2000; // seconds over which so many may ask
  // Turned, or still waited for some time after it: either way this page no longer says how things stand.
  if (seen.state !== "entered" || (served < turns && time.now() > turns + 10000)) again(0, 1);
}
function next(least) {
  const left = (turns - time.now()) / 1000;
  // Far from it a few minutes apart; then once within the last minute, to be there when it is drawn; then until it is.
  const wait = left > 55 ? Math.min(left - between(10, 50), between(120, 240)) : left > 0 ? left + between(1, 6 + crowd) : between(3, 8 + crowd);
  due = time.now() + Math.max(entered || left > 0 ? wait : between(15, 30), least) * 1000;
  clearTimeout(next.timer);
  next.timer = later((due - time.now()) / 1000, tick); // a tab that nobody sees has slow ticks
}
function tick() {
  const left = turns - time.now();
  put("countdown", durationWords(left));
  if (!going && !question && (time.doubtful() ? performance.now() - asked > HESITATION_MS : time.now() >= due)) look();
  if (left > 0 || said || time.doubtful()) return;
  said = true;
  if (entered && served < turns) put("status", "C’est l’heure du tirage\u00a0: votre numéro s’affichera ici dans un instant.");
  if (!entered && served < turns) due = Math.min(due, time.now() + between(0.5, 3) * 1000);
}

next(0);
if (entered) look();
tick();
setInterval(tick, 250);
onReturn((event) => {
  if (document.hidden || (!event.persisted && performance.now() - asked < HESITATION_MS)) return;
  look();
});
