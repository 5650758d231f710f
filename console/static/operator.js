/* The operators' page: fetches the parts that change every second, and exchanges those that did: what a colleague does
   is seen within two.
   A part in which somebody is (focus) stays as it is until they leave it. Without this file a meta refresh does. */
(function () {
  "use strict";
  var day = document.getElementById("jour");
  var lost = document.getElementById("perdu");
  var errors = document.getElementById("erreurs");
  var done = document.getElementById("fait");
  if (errors) errors.focus();
  // What was done is said once: not again after a reload, and not once something else has changed the state.
  if (done && window.history.replaceState) {
    history.replaceState(null, "", location.pathname + location.search.replace(/&?fait=[a-z_]*/, ""));
  }
  if (!day || !window.fetch || !window.DOMParser) return;

  var EVERY = 1000, HIDDEN = 15000, SLOWEST = 15000;
  var failures = 0, timer = 0, presence = false;

  // A desk at which somebody moves is not idle, though they only watch: the next refresh says so, once.
  ["pointermove", "pointerdown", "keydown", "wheel"].forEach(function (kind) {
    document.addEventListener(kind, function () { presence = true; }, { passive: true });
  });

  function exchange(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html");
    fresh.querySelectorAll("[data-part]").forEach(function (part) {
      var old = day.querySelector('[data-part="' + part.dataset.part + '"]');
      if (!old) return;
      if (part.dataset.title) document.title = part.dataset.title + " – " + document.querySelector("meta[name=application-name]").content;
      old.querySelectorAll("details[open]").forEach(function (opened) {
        var same = part.querySelector("#" + opened.id);
        if (same) same.open = true;
      });
      if (old.outerHTML !== part.outerHTML && !old.contains(document.activeElement)) {
        if (done && part.dataset.part === "etat") done.remove();
        old.replaceWith(document.adoptNode(part));
      }
    });
  }

  function say(text) {
    if (lost.textContent !== text) lost.textContent = text;
  }

  function refresh() {
    clearTimeout(timer);
    var source = day.dataset.source + (presence ? "&presence=1" : "");
    presence = false;
    fetch(source, { credentials: "same-origin", cache: "no-store", headers: { Accept: "text/html" } })
      .then(function (answer) {
        if (answer.status === 401 || answer.status === 403) {
          location.assign("/operateur?note=session");
          return null;
        }
        if (!answer.ok) throw answer.status;
        return answer.text().then(function (text) {
          failures = 0;
          say("");
          exchange(text);
        });
      })
      .catch(function (cause) {
        failures += 1;
        if (failures < 2) return;
        say(cause === 503
          ? "La base de données ne répond pas\u00a0: ces chiffres ne sont plus rafraîchis. L’arrêt d’urgence reste possible. La page réessaie d’elle-même."
          : "Connexion perdue\u00a0: ces chiffres ne sont plus rafraîchis. La page réessaie d’elle-même.");
      })
      .then(function () {
        timer = setTimeout(refresh, document.hidden ? HIDDEN : Math.min(EVERY * (1 + failures), SLOWEST));
      });
  }

  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) refresh();
  });
  timer = setTimeout(refresh, EVERY);
})();
